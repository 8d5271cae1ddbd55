//! PNG (ISO/IEC 15948), its samples as stored: 1, 2 and 4 bits one to a byte, a palette beside its indices.

use std::io::Cursor;

use domain::{Decoded, Palette, PixelData, Sentence, SourceFormat, kind::PHANTOM_COMMENT};
use png::{BitDepth, ColorType, Decoder, DecodingError, Info, Transformations};

use super::{
    header::{Asked, Samples, Single},
    sub_byte::unpack,
};
use crate::note;
use decode::DecodeError;

pub(crate) fn decode(asked: &Asked<'_>) -> Result<Decoded, DecodeError> {
    let working = usize::try_from(asked.limits.memory_bytes).unwrap_or(usize::MAX);
    let mut decoder = Decoder::new_with_limits(Cursor::new(asked.bytes), png::Limits { bytes: working });
    decoder.set_transformations(Transformations::IDENTITY);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let mut reader = decoder.read_info().map_err(|e| damaged(&e))?;
    let info = reader.info();
    let (cols, depth, colour) = (info.width, info.bit_depth, info.color_type);
    #[allow(clippy::cast_possible_truncation, reason = "1 to 4")]
    let samples = colour.samples() as u32;
    let bits = depth as u8;
    let image = Single {
        format: SourceFormat::Png,
        rows: info.height,
        cols,
        samples,
        stored_samples: samples,
        notes: notes(info),
    };
    let palette = (colour == ColorType::Indexed).then(|| palette(info.palette.as_deref().unwrap_or_default()));
    let stored = u16::from(bits);
    let said = Samples {
        photometric: match colour {
            ColorType::Grayscale | ColorType::GrayscaleAlpha => "MONOCHROME2",
            ColorType::Indexed => "PALETTE COLOR",
            ColorType::Rgb | ColorType::Rgba => "RGB",
        },
        bits_allocated: stored.max(8),
        bits_stored: stored,
        lossy: false,
        palette,
    };
    let mut decoded = asked.single(image, said, |_| {
        let size = reader
            .output_buffer_size()
            .ok_or_else(|| DecodeError::limit("the PNG image does not fit into memory"))?;
        let mut raw = vec![0; size];
        reader.next_frame(&mut raw).map_err(|e| damaged(&e))?;
        // Reads to the end, so that a cut behind the pixels is noticed too.
        reader.finish().map_err(|e| damaged(&e))?;
        Ok(match depth {
            BitDepth::Eight => PixelData::U8(raw),
            BitDepth::Sixteen => {
                PixelData::U16(raw.as_chunks::<2>().0.iter().map(|b| u16::from_be_bytes(*b)).collect())
            }
            _ => PixelData::U8(unpack(&raw, bits, cols as usize * samples as usize)),
        })
    })?;
    decoded.facts.acquisition.phantom = is_phantom(asked.bytes);
    Ok(decoded)
}

/// Whether the first chunk after the header is the comment of the program's own generator.
fn is_phantom(file: &[u8]) -> bool {
    const AFTER_HEADER: usize = 8 + 25;
    let comment = || {
        let chunk = file.get(AFTER_HEADER..)?;
        let (length, rest) = chunk.split_first_chunk::<4>()?;
        let text = rest.strip_prefix(b"tEXtComment\0")?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        text.get(..length.checked_sub(b"Comment\0".len())?)
    };
    comment() == Some(PHANTOM_COMMENT.as_bytes())
}

/// What the file says of its samples and is not acted on. Colour profiles are not: greys stay as they are stored.
fn notes(info: &Info<'_>) -> Vec<Sentence> {
    let mut notes = vec![];
    if info.animation_control.is_some_and(|animation| animation.num_frames > 1) {
        notes.push(note::animation());
    }
    let bits = info.bit_depth as u8;
    if let Some(fewer) = info.sbit.as_deref().filter(|sbit| sbit.iter().any(|one| *one != bits)) {
        notes.push(note::field_left_out("significant bits (sBIT)", &format!("{fewer:?}")));
    }
    // Of a palette the opacity of each colour, otherwise one colour that is transparent.
    let seen = |opacity: &[u8]| info.color_type == ColorType::Indexed && opacity.iter().all(|one| *one == 255);
    if let Some(opacity) = info.trns.as_deref().filter(|opacity| !seen(opacity)) {
        notes.push(note::field_left_out(
            "transparent colours (tRNS)",
            &format!("{opacity:?}"),
        ));
    }
    // 1 / 2.2 is that of every screen.
    let gamma = info.gama_chunk.map(|gamma| gamma.into_value());
    if let Some(gamma) = gamma.filter(|gamma| info.srgb.is_none() && (gamma - 0.45455).abs() > 0.01) {
        notes.push(note::field_left_out("gamma (gAMA)", &gamma.to_string()));
    }
    notes
}

/// 8-bit colours widened to 16.
fn palette(rgb: &[u8]) -> Palette {
    let colours = rgb
        .as_chunks::<3>()
        .0
        .iter()
        .map(|c| c.map(|channel| u16::from(channel) * 257))
        .collect();
    Palette { first: 0, colours }
}

fn damaged(error: &DecodingError) -> DecodeError {
    match error {
        DecodingError::IoError(io) if io.kind() == std::io::ErrorKind::UnexpectedEof => {
            DecodeError::truncated("the PNG file ends early: it is truncated; copy it again from its source")
        }
        DecodingError::LimitsExceeded => DecodeError::limit("the PNG file needs more memory than it may use"),
        other => DecodeError::corrupt(format!("the PNG file is damaged: {other}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode_bytes::decode_in_process;
    use decode::Limits;

    type Done = Result<(), Box<dyn std::error::Error>>;

    fn encode(colour: ColorType, depth: BitDepth, raw: &[u8]) -> Result<Vec<u8>, png::EncodingError> {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, 2, 2);
        encoder.set_color(colour);
        encoder.set_depth(depth);
        if colour == ColorType::Indexed {
            encoder.set_palette(vec![1, 2, 3, 250, 251, 252]);
        }
        let mut writer = encoder.write_header()?;
        writer.write_image_data(raw)?;
        writer.finish()?;
        Ok(file)
    }

    #[test]
    fn samples_come_as_they_are_stored() -> Done {
        let cases: [(ColorType, BitDepth, &[u8], PixelData); 5] = [
            (
                ColorType::Grayscale,
                BitDepth::One,
                &[0b0100_0000, 0b1100_0000],
                PixelData::U8(vec![0, 1, 1, 1]),
            ),
            (
                ColorType::Grayscale,
                BitDepth::Sixteen,
                &[0, 1, 2, 3, 4, 5, 255, 254],
                PixelData::U16(vec![1, 0x203, 0x405, 0xfffe]),
            ),
            (
                ColorType::GrayscaleAlpha,
                BitDepth::Eight,
                &[1, 2, 3, 4, 5, 6, 7, 8],
                PixelData::U8((1..9).collect()),
            ),
            (ColorType::Rgb, BitDepth::Eight, &[9; 12], PixelData::U8(vec![9; 12])),
            (
                ColorType::Indexed,
                BitDepth::Four,
                &[0x01, 0x10],
                PixelData::U8(vec![0, 1, 1, 0]),
            ),
        ];
        for (colour, depth, raw, expected) in cases {
            let decoded = decode_in_process(&encode(colour, depth, raw)?, &Limits::default())?;
            assert_eq!(decoded.pixels.data, expected, "{colour:?} {depth:?}");
            assert_eq!(decoded.header.image.palette.is_some(), colour == ColorType::Indexed);
        }
        let indexed = decode_in_process(&encode(ColorType::Indexed, BitDepth::One, &[0, 0])?, &Limits::default())?;
        assert_eq!(
            indexed.header.image.palette.map(|p| p.colours),
            Some(vec![[257, 514, 771], [64250, 64507, 64764]])
        );
        Ok(())
    }

    #[test]
    fn what_is_not_opaque_is_told() -> Done {
        for (colour, samples) in [(ColorType::GrayscaleAlpha, 2), (ColorType::Rgba, 4)] {
            for (depth, bytes) in [(BitDepth::Eight, 1), (BitDepth::Sixteen, 2)] {
                let mut raw = vec![255; 4 * samples * bytes];
                let told = |raw: &[u8]| -> Result<Vec<Sentence>, Box<dyn std::error::Error>> {
                    Ok(decode_in_process(&encode(colour, depth, raw)?, &Limits::default())?
                        .facts
                        .notes)
                };
                assert_eq!(told(&raw)?, []);
                let last = raw.len() - 1;
                raw[last] = 254;
                assert_eq!(told(&raw)?, [note::transparency()], "{colour:?} {depth:?}");
            }
        }
        Ok(())
    }

    #[test]
    fn every_cut_is_an_error() -> Done {
        let file = encode(ColorType::Rgb, BitDepth::Eight, &[7; 12])?;
        for cut in 0..file.len() {
            assert!(
                decode_in_process(&file[..cut], &Limits::default()).is_err(),
                "{cut} of {} bytes",
                file.len()
            );
        }
        Ok(())
    }
}
