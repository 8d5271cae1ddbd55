//! JPEG XL (ISO/IEC 18181), in DICOM and as files.

use domain::room::room_for;
use jxl::api::{
    Endianness, Event, JxlBitDepth, JxlColorType, JxlDataFormat, JxlDecoder, JxlDecoderOptions, JxlExtraChannel,
    JxlOutputBuffer, JxlPixelFormat, ProfileLevel,
};

use decode::DecodeError;

/// What a stream says of its image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    pub rows: u32,
    pub cols: u32,
    /// 1 or 3: transparency and other channels beside the colours are left out.
    pub samples: u32,
    /// Of a sample; `float` ones come as 32 bits.
    pub bits: u8,
    pub float: bool,
    /// Whether the colours went through a lossy transform.
    pub lossy: bool,
    pub animated: bool,
    /// Whether the colours were multiplied by their opacity; `None` where the image has none.
    pub premultiplied: Option<bool>,
    /// Whether it has channels beside colours and opacity.
    pub others: bool,
}

/// Samples, interleaved.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Samples {
    /// Up to 8 bits.
    Bytes(Vec<u8>),
    /// Up to 16 bits.
    Words(Vec<u16>),
    Floats(Vec<f32>),
}

/// Reads a stream to its header; `upright` turns the image as its own orientation says, which DICOM has no use for.
pub(crate) fn head(stream: &[u8], upright: bool) -> Result<Head, DecodeError> {
    let mut decoder = decoder(upright);
    let mut input = stream;
    match decoder.process(&mut input, None, None) {
        Ok(Event::BasicInfo) => of(&decoder),
        Ok(Event::NeedMoreInput { .. }) => Err(ends_early()),
        Ok(_) => Err(damaged("it has no header")),
        Err(error) => Err(damaged(error)),
    }
}

/// Decodes the first image of a stream of which `head` was read.
pub(crate) fn decode(stream: &[u8], head: Head, upright: bool) -> Result<Samples, DecodeError> {
    decode_with_opacity(stream, head, upright).map(|(samples, _)| samples)
}

/// [`decode`], and whether all of it is opaque.
pub(crate) fn decode_with_opacity(stream: &[u8], head: Head, upright: bool) -> Result<(Samples, bool), DecodeError> {
    let mut decoder = decoder(upright);
    let format = match (head.float, head.bits) {
        (true, _) => JxlDataFormat::f32(),
        (false, ..=8) => JxlDataFormat::U8 { bit_depth: head.bits },
        (false, _) => JxlDataFormat::U16 {
            endianness: Endianness::native(),
            bit_depth: head.bits,
        },
    };
    let no_room = || DecodeError::limit("the JPEG XL image does not fit into memory");
    let line = head.cols as usize * head.samples as usize * format.bytes_per_sample();
    let size = line.checked_mul(head.rows as usize).ok_or_else(no_room)?;
    let mut bytes: Vec<u8> = room_for(size).map_err(|_| no_room())?;
    bytes.resize(size, 0);
    let mut input = stream;
    match decoder.process(&mut input, None, None) {
        Ok(Event::BasicInfo) if of(&decoder)? == head => {}
        Ok(_) => return Err(damaged("its header gives two sizes")),
        Err(error) => return Err(damaged(error)),
    }
    let others = decoder.basic_info().map_or(&[][..], |info| &info.extra_channels);
    let (count, opacity) = (others.len(), others.iter().position(is_opacity));
    let mut opacities: Vec<u8> = vec![];
    if opacity.is_some() {
        let pixels = head.cols as usize * head.rows as usize;
        opacities = room_for(pixels).map_err(|_| no_room())?;
        opacities.resize(pixels, 0);
    }
    let of_other = |at| (Some(at) == opacity).then_some(JxlDataFormat::U8 { bit_depth: 8 });
    let wanted = JxlPixelFormat {
        color_type: if head.samples == 1 {
            JxlColorType::Grayscale
        } else {
            JxlColorType::Rgb
        },
        color_data_format: Some(format),
        extra_channel_format: (0..count).map(of_other).collect(),
    };
    decoder.set_pixel_format(wanted).map_err(damaged)?;
    loop {
        let mut lines = vec![JxlOutputBuffer::new(&mut bytes, head.rows as usize, line)];
        if opacity.is_some() {
            lines.push(JxlOutputBuffer::new(
                &mut opacities,
                head.rows as usize,
                head.cols as usize,
            ));
        }
        match decoder.process(&mut input, Some(&mut lines), None) {
            Ok(Event::BasicInfo | Event::FrameHeader) => {}
            Ok(Event::FrameComplete { .. }) => break,
            Ok(Event::NeedMoreInput { .. }) => return Err(ends_early()),
            Ok(Event::Complete) => return Err(damaged("it has no image")),
            Err(error) => return Err(damaged(error)),
        }
    }
    let opaque = opacities.iter().all(|one| *one == u8::MAX);
    let samples = match format {
        JxlDataFormat::U8 { .. } => Samples::Bytes(bytes),
        JxlDataFormat::U16 { .. } => Samples::Words(
            bytes
                .as_chunks::<2>()
                .0
                .iter()
                .map(|b| u16::from_ne_bytes(*b))
                .collect(),
        ),
        _ => Samples::Floats(
            bytes
                .as_chunks::<4>()
                .0
                .iter()
                .map(|b| f32::from_ne_bytes(*b))
                .collect(),
        ),
    };
    Ok((samples, opaque))
}

/// A limit on samples is set by whoever declares them; here the memory that the process may use bounds them too.
fn decoder(upright: bool) -> JxlDecoder {
    let mut options = JxlDecoderOptions::default();
    options.adjust_orientation = upright;
    options.high_precision = true;
    options.max_profile_level = ProfileLevel::Main10;
    options.sample_limit = Some(1 << 30);
    JxlDecoder::new(options)
}

fn of(decoder: &JxlDecoder) -> Result<Head, DecodeError> {
    let info = decoder.basic_info().ok_or_else(|| damaged("it has no header"))?;
    let colours = decoder.embedded_color_profile().map_or(3, |profile| profile.channels());
    let side = |length: usize| u32::try_from(length).map_err(|_| damaged("its size is beyond all bounds"));
    let (bits, float) = match info.bit_depth {
        JxlBitDepth::Int { bits_per_sample } => (bits_per_sample, false),
        JxlBitDepth::Float { .. } => (32, true),
    };
    let bits = u8::try_from(bits).ok().filter(|bits| float || (1..=16).contains(bits));
    let bits = bits.ok_or_else(|| {
        DecodeError::unsupported("JPEG XL with more than 16 bits a sample is not decoded; up to 16 bits are")
    })?;
    Ok(Head {
        rows: side(info.size.1)?,
        cols: side(info.size.0)?,
        samples: if colours == 1 { 1 } else { 3 },
        bits,
        float,
        lossy: !info.uses_original_profile,
        animated: info.animation.is_some(),
        premultiplied: info
            .extra_channels
            .iter()
            .find(|channel| is_opacity(channel))
            .map(|channel| channel.alpha_associated),
        others: info.extra_channels.iter().any(|channel| !is_opacity(channel)),
    })
}

/// The crate does not export the type of the kind.
fn is_opacity(channel: &JxlExtraChannel) -> bool {
    format!("{:?}", channel.ec_type) == "Alpha"
}

fn ends_early() -> DecodeError {
    DecodeError::truncated("the JPEG XL data end early: the file is truncated; copy it again from its source")
}

fn damaged(what: impl std::fmt::Display) -> DecodeError {
    DecodeError::corrupt(format!("the JPEG XL data are damaged: {what}"))
}
