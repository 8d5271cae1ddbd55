//! One frame as the window takes it: a header of 64 bytes and the samples, little endian.
//!
//! `OVF1` · type of the samples (1 uint8, 2 int8, 3 uint16, 4 int16, 5 float32) · samples of a pixel
//! (1 grey, 3 RGB) · 1 when low values are bright · 0 · rows u32 · columns u32 · slope, intercept,
//! least and greatest stored value, window centre, window width, each f64.

use domain::room::{NoRoom, gathered, room_for};
use domain::{Decoded, Failure, FailureCode, PixelData};

use super::colour;
use super::range::{self, Grey, Range};

pub const HEADER_BYTES: usize = 64;

/// All conversions are done here, so that the interface knows two kinds of pictures only.
pub fn frame_bytes(decoded: &Decoded, frame: u32) -> Result<Vec<u8>, Failure> {
    let pixels = &decoded.pixels;
    check(decoded, frame)?;
    let length = pixels.frame_len();
    let start = frame as usize * length;
    let one = start..start + length;
    let image = &decoded.header.image;
    if pixels.samples >= 3 || image.palette.is_some() {
        let rgb = colour::rgb(decoded, one)?;
        let (least, greatest) = rgb.iter().fold((u8::MAX, 0), |(l, g), v| (l.min(*v), g.max(*v)));
        let head = Head {
            kind: 1,
            samples: 3,
            range: Range {
                least: f64::from(least),
                greatest: f64::from(greatest),
                center: 127.5,
                width: 255.0,
            },
            slope: 1.0,
            intercept: 0.0,
        };
        let mut bytes = head.write(decoded, rgb.len())?;
        bytes.extend_from_slice(&rgb);
        return Ok(bytes);
    }
    let stride = pixels.samples as usize;
    let (slope, intercept) = (image.rescale.slope, image.rescale.intercept);
    let own = image.windows.first().copied();
    macro_rules! as_stored {
        ($kind:literal, $width:literal, $values:expr) => {{
            let stored = Grey::of(&$values[one], stride)?;
            let head = Head {
                kind: $kind,
                samples: 1,
                range: range::of_integers(&stored, slope, intercept, own),
                slope,
                intercept,
            };
            let mut bytes = head.write(decoded, $width * stored.values.len())?;
            bytes.resize(HEADER_BYTES + $width * stored.values.len(), 0);
            let places = bytes[HEADER_BYTES..].as_chunks_mut::<$width>().0.iter_mut();
            places
                .zip(stored.values.iter())
                .for_each(|(place, v)| *place = v.to_le_bytes());
            Ok(bytes)
        }};
    }
    // Types that the window cannot hold become modality values in float32.
    macro_rules! as_float {
        ($values:expr, $slope:expr, $intercept:expr, $folded:expr) => {{
            let stored = Grey::of(&$values[one], stride)?;
            let floats: Vec<f32> = gathered(stored.values.iter().map($folded))?;
            let head = Head {
                kind: 5,
                samples: 1,
                range: range::of_floats(&floats, $slope, $intercept, own),
                slope: $slope,
                intercept: $intercept,
            };
            let mut bytes = head.write(decoded, 4 * floats.len())?;
            floats.iter().for_each(|v| bytes.extend_from_slice(&v.to_le_bytes()));
            Ok(bytes)
        }};
    }
    match &pixels.data {
        PixelData::U8(values) => as_stored!(1, 1, values),
        PixelData::I8(values) => as_stored!(2, 1, values),
        PixelData::U16(values) => as_stored!(3, 2, values),
        PixelData::I16(values) => as_stored!(4, 2, values),
        PixelData::F32(values) => as_float!(values, slope, intercept, |v| *v),
        PixelData::U32(values) => as_float!(values, 1.0, 0.0, |v| (f64::from(*v) * slope + intercept) as f32),
        PixelData::I32(values) => as_float!(values, 1.0, 0.0, |v| (f64::from(*v) * slope + intercept) as f32),
        PixelData::F64(values) => as_float!(values, 1.0, 0.0, |v| (*v * slope + intercept) as f32),
    }
}

/// The frame is there and its samples can be shown.
pub fn check(decoded: &Decoded, frame: u32) -> Result<(), Failure> {
    let pixels = &decoded.pixels;
    if let Some(what) = decoded.header.no_picture() {
        return Err(Failure::new(FailureCode::NoPicture, format!("This is {what}.")));
    }
    if frame >= pixels.frames {
        let message = format!("frame {frame} was asked for, but the file has {}", pixels.frames);
        return Err(Failure::new(FailureCode::NoSuchFrame, message));
    }
    if !(1..=4).contains(&pixels.samples) || (frame as usize + 1) * pixels.frame_len() > pixels.data.len() {
        let message = format!(
            "pictures with {} samples per pixel cannot be shown; 1 to 4 can",
            pixels.samples
        );
        return Err(Failure::new(FailureCode::Unsupported, message));
    }
    Ok(())
}

struct Head {
    kind: u8,
    samples: u8,
    range: Range,
    slope: f64,
    intercept: f64,
}

impl Head {
    fn write(&self, decoded: &Decoded, samples_bytes: usize) -> Result<Vec<u8>, NoRoom> {
        let inverted = self.samples == 1 && decoded.header.image.photometric_interpretation == "MONOCHROME1";
        let mut bytes = room_for(HEADER_BYTES + samples_bytes)?;
        bytes.extend_from_slice(b"OVF1");
        bytes.extend_from_slice(&[self.kind, self.samples, u8::from(inverted), 0]);
        bytes.extend_from_slice(&decoded.pixels.rows.to_le_bytes());
        bytes.extend_from_slice(&decoded.pixels.cols.to_le_bytes());
        let Range {
            least,
            greatest,
            center,
            width,
        } = self.range;
        for number in [self.slope, self.intercept, least, greatest, center, width] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        Ok(bytes)
    }
}
