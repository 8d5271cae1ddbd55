//! TIFF and BigTIFF: grey of 1 to 64 bits, signed or float, and RGB, as stored. Pages of equal shape
//! become frames; otherwise the first page is the image.

use std::io::Cursor;

use domain::{Decoded, PixelArray, PixelData, SourceFormat};
use tiff::{
    ColorType, TiffError, TiffFormatError,
    decoder::{Decoder, DecodingResult},
    tags::Tag,
};

use super::{
    header::{Samples, header},
    sub_byte::unpack,
};
use crate::frames::Frames;
use decode::{
    DecodeError, Limits,
    limits::{Declared, OnDeclared},
    protocol::Wanted,
};

type File<'a> = Decoder<Cursor<&'a [u8]>>;

#[derive(Debug, Clone, Copy, PartialEq)]
struct Page {
    rows: u32,
    cols: u32,
    samples: u32,
    bits: u8,
    photometric: &'static str,
    planar: bool,
    /// JPEG within the TIFF.
    lossy: bool,
}

pub(crate) fn decode(
    bytes: &[u8],
    limits: &Limits,
    wanted: &Wanted,
    on_declared: OnDeclared<'_>,
) -> Result<Decoded, DecodeError> {
    let largest = usize::try_from(limits.max_pixels_bytes).unwrap_or(usize::MAX);
    let mut bounds = tiff::decoder::Limits::default();
    bounds.decoding_buffer_size = largest;
    bounds.intermediate_buffer_size = largest;
    bounds.ifd_value_size = 64 << 20;
    let mut file = Decoder::new(Cursor::new(bytes))
        .map_err(|e| damaged(&e))?
        .with_limits(bounds);
    let first = page(&mut file)?;
    let bounds = Bounds {
        limits,
        file_bytes: bytes.len() as u64,
    };
    let of_file = count_pages(&mut file, &first, &bounds)?;
    let frames = Frames::of(wanted, of_file)?;
    let mut data = None;
    if !frames.is_none() {
        on_declared(bounds.check(&first, frames.decode.end - frames.decode.start)?);
    }
    for page in frames.decode.clone() {
        file.seek_to_image(page as usize).map_err(|e| damaged(&e))?;
        let samples = samples(&mut file, &first)?;
        if !frames.keep.contains(&page) {
            continue;
        }
        match &mut data {
            None => data = Some(samples),
            Some(data) => append(data, samples)?,
        }
    }
    let bits_allocated = u16::from(first.bits).max(8);
    let said = Samples {
        photometric: first.photometric,
        bits_allocated,
        bits_stored: u16::from(first.bits),
        lossy: first.lossy,
        palette: None,
    };
    let header = header(bytes, SourceFormat::Tiff, said, of_file);
    let Page {
        rows, cols, samples, ..
    } = first;
    Ok(Decoded::new(
        header,
        PixelArray {
            frames: frames.keep.end - frames.keep.start,
            rows,
            cols,
            samples,
            data: data.unwrap_or(PixelData::U8(vec![])),
        },
    ))
}

/// The pages of the first one's shape, all of them or none but the first, without decoding any; a page that lies beyond
/// the end of the file or holds samples of another type is an error.
fn count_pages(file: &mut File<'_>, first: &Page, bounds: &Bounds<'_>) -> Result<u32, DecodeError> {
    let mut frames = 1_u32;
    bounds.check(first, frames)?;
    ends_within(file, bounds.file_bytes)?;
    let format = sample_format(file);
    while next_page(file)? {
        // A preview or an overview: another shape, or one not read at all.
        if page(file).ok() != Some(*first) {
            return Ok(1);
        }
        frames += 1;
        bounds.check(first, frames)?;
        ends_within(file, bounds.file_bytes)?;
        if sample_format(file) != format {
            return Err(different_types());
        }
    }
    Ok(frames)
}

fn next_page(file: &mut File<'_>) -> Result<bool, DecodeError> {
    if !file.more_images() {
        return Ok(false);
    }
    match file.next_image() {
        Ok(()) => Ok(true),
        // A chain of pages that bites its tail has no further page.
        Err(TiffError::FormatError(TiffFormatError::CycleInOffsets)) => Ok(false),
        Err(error) => Err(damaged(&error)),
    }
}

fn sample_format(file: &mut File<'_>) -> Option<Vec<u16>> {
    file.get_tag_u16_vec(Tag::SampleFormat).ok()
}

/// Whether the strips or tiles of the page lie in the file.
fn ends_within(file: &mut File<'_>, length: u64) -> Result<(), DecodeError> {
    let mut places = |offsets, counts| -> Option<Vec<(u64, u64)>> {
        let offsets = file.get_tag_u64_vec(offsets).ok()?;
        Some(offsets.into_iter().zip(file.get_tag_u64_vec(counts).ok()?).collect())
    };
    let strips = places(Tag::StripOffsets, Tag::StripByteCounts);
    let parts = strips.or_else(|| places(Tag::TileOffsets, Tag::TileByteCounts));
    match parts {
        Some(parts)
            if parts
                .iter()
                .any(|(offset, count)| offset.saturating_add(*count) > length) =>
        {
            Err(ends_early())
        }
        _ => Ok(()),
    }
}

fn different_types() -> DecodeError {
    DecodeError::corrupt("the pages of the TIFF file hold samples of different types")
}

fn ends_early() -> DecodeError {
    DecodeError::truncated("the TIFF file ends early: it is truncated; copy it again from its source")
}

/// What one file may hold.
struct Bounds<'a> {
    limits: &'a Limits,
    file_bytes: u64,
}

impl Bounds<'_> {
    /// Bytes of so many frames, if they are allowed.
    fn check(&self, page: &Page, frames: u32) -> Result<u64, DecodeError> {
        let declared = Declared {
            frames: u64::from(frames),
            bits: u64::from(page.bits),
            ..Declared::frame(page.rows, page.cols, page.samples)
        };
        self.limits.check(&declared, self.file_bytes)
    }
}

fn page(file: &mut File<'_>) -> Result<Page, DecodeError> {
    let (cols, rows) = file.dimensions().map_err(|e| damaged(&e))?;
    let number = |file: &mut File<'_>, tag| file.find_tag_unsigned::<u32>(tag).map_err(|e| damaged(&e));
    let white_is_zero = number(file, Tag::PhotometricInterpretation)? == Some(0);
    let grey = if white_is_zero { "MONOCHROME1" } else { "MONOCHROME2" };
    let (photometric, samples, bits) = match file.colortype().map_err(|e| damaged(&e))? {
        ColorType::Gray(bits) => (grey, 1, bits),
        // Grey with transparency.
        ColorType::Multiband {
            bit_depth,
            num_samples: 2,
        } if !white_is_zero => (grey, 2, bit_depth),
        ColorType::RGB(bits) => ("RGB", 3, bits),
        ColorType::RGBA(bits) => ("RGB", 4, bits),
        // Within JPEG; the codec has turned it into RGB.
        ColorType::YCbCr(8) if number(file, Tag::Compression)? == Some(7) => ("RGB", 3, 8),
        other => {
            return Err(DecodeError::unsupported(format!(
                "TIFF images of type {other:?} are not read; grey and RGB are"
            )));
        }
    };
    if !matches!((bits, samples), (8 | 16 | 32 | 64, _) | (1 | 2 | 4, 1)) {
        return Err(DecodeError::unsupported(format!(
            "TIFF images of {bits} bits a sample are not read"
        )));
    }
    let planar = samples > 1 && number(file, Tag::PlanarConfiguration)? == Some(2);
    let lossy = matches!(number(file, Tag::Compression)?, Some(6 | 7));
    Ok(Page {
        rows,
        cols,
        samples,
        bits,
        photometric,
        planar,
        lossy,
    })
}

fn samples(file: &mut File<'_>, page: &Page) -> Result<PixelData, DecodeError> {
    let mut result = DecodingResult::U8(Vec::new());
    let layout = file.read_image_to_buffer(&mut result).map_err(|e| damaged(&e))?;
    if result.as_buffer(0).as_bytes().len() < layout.complete_len {
        return Err(DecodeError::limit(
            "the planes of the TIFF image do not fit into memory",
        ));
    }
    let inverted = page.photometric == "MONOCHROME1";
    // The codec has turned white-is-zero images into black-is-zero; the stored values are wanted.
    macro_rules! stored {
        ($kind:ident, $values:expr, $invert:expr) => {{
            let mut values = $values;
            if inverted {
                values.iter_mut().for_each(|v| *v = $invert(*v));
            }
            PixelData::$kind(if page.planar {
                interleaved(&values, page.samples as usize)
            } else {
                values
            })
        }};
    }
    let data = match result {
        DecodingResult::U8(values) if page.bits < 8 => {
            let packed: Vec<u8> = if inverted {
                values.iter().map(|v| !v).collect()
            } else {
                values
            };
            PixelData::U8(unpack(&packed, page.bits, page.cols as usize))
        }
        DecodingResult::U8(values) => stored!(U8, values, |v: u8| !v),
        DecodingResult::U16(values) => stored!(U16, values, |v: u16| !v),
        DecodingResult::U32(values) => stored!(U32, values, |v: u32| !v),
        DecodingResult::I8(values) => stored!(I8, values, |v: i8| v),
        DecodingResult::I16(values) => stored!(I16, values, |v: i16| v),
        DecodingResult::I32(values) => stored!(I32, values, |v: i32| v),
        DecodingResult::F16(values) => {
            stored!(
                F32,
                values.into_iter().map(|v| v.to_f32()).collect::<Vec<_>>(),
                |v: f32| 1.0 - v
            )
        }
        DecodingResult::F32(values) => stored!(F32, values, |v: f32| 1.0 - v),
        DecodingResult::F64(values) => stored!(F64, values, |v: f64| 1.0 - v),
        DecodingResult::U64(_) | DecodingResult::I64(_) => {
            return Err(DecodeError::unsupported("TIFF images of 64-bit integers are not read"));
        }
    };
    let expected = page.rows as usize * page.cols as usize * page.samples as usize;
    if data.len() != expected {
        let message = format!(
            "the TIFF page holds {} samples where {expected} belong: it is damaged",
            data.len()
        );
        return Err(DecodeError::corrupt(message));
    }
    Ok(data)
}

fn interleaved<T: Copy>(planar: &[T], samples: usize) -> Vec<T> {
    let plane = planar.len() / samples;
    (0..plane * samples)
        .map(|i| planar[i % samples * plane + i / samples])
        .collect()
}

macro_rules! same_kind {
    ($left:expr, $right:expr, $($kind:ident),*) => {
        match ($left, $right) {
            $((PixelData::$kind(all), PixelData::$kind(more)) => { all.extend(more); true })*
            _ => false,
        }
    };
}

/// Adds the samples of a page to those before it.
fn append(data: &mut PixelData, more: PixelData) -> Result<(), DecodeError> {
    let alike = same_kind!(data, more, U8, I8, U16, I16, U32, I32, F32, F64);
    alike.then_some(()).ok_or_else(different_types)
}

fn damaged(error: &TiffError) -> DecodeError {
    match error {
        TiffError::UnsupportedError(what) => {
            DecodeError::unsupported(format!("this kind of TIFF file is not read: {what}"))
        }
        TiffError::LimitsExceeded => DecodeError::limit("the TIFF file needs more memory than it may use"),
        TiffError::IoError(io) if io.kind() == std::io::ErrorKind::UnexpectedEof => ends_early(),
        other => DecodeError::corrupt(format!("the TIFF file is damaged: {other}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode_bytes::decode_in_process;
    use tiff::encoder::{TiffEncoder, colortype};

    type Done = Result<(), Box<dyn std::error::Error>>;

    #[test]
    fn pages_of_equal_shape_are_frames_and_others_are_not() -> Done {
        let mut file = Cursor::new(Vec::new());
        let mut encoder = TiffEncoder::new(&mut file)?;
        encoder.write_image::<colortype::GrayI16>(2, 2, &[-1, 2, -3, 4])?;
        encoder.write_image::<colortype::GrayI16>(2, 2, &[5, -6, 7, i16::MIN])?;
        let decoded = decode_in_process(file.get_ref(), &Limits::default())?;
        assert_eq!(decoded.pixels.frames, 2);
        assert_eq!(
            decoded.pixels.data,
            PixelData::I16(vec![-1, 2, -3, 4, 5, -6, 7, i16::MIN])
        );
        let mut file = Cursor::new(Vec::new());
        let mut encoder = TiffEncoder::new(&mut file)?;
        encoder.write_image::<colortype::Gray32Float>(2, 1, &[0.5, 1e9])?;
        encoder.write_image::<colortype::Gray32Float>(2, 1, &[0.0, 0.0])?;
        encoder.write_image::<colortype::Gray32Float>(1, 1, &[0.5])?;
        let decoded = decode_in_process(file.get_ref(), &Limits::default())?;
        assert_eq!(
            (decoded.pixels.frames, decoded.pixels.data),
            (1, PixelData::F32(vec![0.5, 1e9]))
        );
        Ok(())
    }

    #[test]
    fn planes_are_interleaved() {
        assert_eq!(interleaved(b"rstRSTabc", 3), b"rRasSbtTc");
    }
}
