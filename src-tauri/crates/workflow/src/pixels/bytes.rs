//! One frame as the window takes it: a header of 64 bytes and the samples, little endian.
//!
//! `OVF1` · type of the samples (1 uint8, 2 int8, 3 uint16, 4 int16, 5 float32) · samples of a pixel
//! (1 grey, 3 RGB) · 1 when low values are bright · 1 when the window is a measure (LINEAR_EXACT), 0 when it counts
//! whole values (LINEAR) · rows u32 · columns u32 · slope, intercept, least and greatest stored value, window centre,
//! window width, each f64.

use domain::grey::{Curve, Samples, Shown, ShownGrey};
use domain::room::{NoRoom, room_for};
use domain::{Decoded, Failure, Polarity};

pub const HEADER_BYTES: usize = 64;

/// All conversions are done in `domain::grey`, so that the interface knows two kinds of images only.
pub fn frame_bytes(decoded: &Decoded, frame: u32) -> Result<Vec<u8>, Failure> {
    Ok(match Shown::of(decoded, frame)? {
        Shown::Colour(rgb) => {
            let (least, greatest) = rgb.iter().fold((u8::MAX, 0), |(l, g), v| (l.min(*v), g.max(*v)));
            let head = Head {
                marks: [1, 3, 0, 1],
                numbers: [1.0, 0.0, f64::from(least), f64::from(greatest), 127.5, 255.0],
            };
            let mut bytes = head.write(decoded, rgb.len())?;
            bytes.extend_from_slice(&rgb);
            bytes
        }
        Shown::Grey(grey) => match &grey.values.samples {
            Samples::U8(samples) => Head::of(&grey, 1).and(decoded, samples, |v| [v])?,
            Samples::I8(samples) => Head::of(&grey, 2).and(decoded, samples, i8::to_le_bytes)?,
            Samples::U16(samples) => Head::of(&grey, 3).and(decoded, samples, u16::to_le_bytes)?,
            Samples::I16(samples) => Head::of(&grey, 4).and(decoded, samples, i16::to_le_bytes)?,
            Samples::F32(samples) => Head::of(&grey, 5).and(decoded, samples, f32::to_le_bytes)?,
        },
    })
}

struct Head {
    /// Type and number of the samples, polarity, curve.
    marks: [u8; 4],
    numbers: [f64; 6],
}

impl Head {
    fn of(grey: &ShownGrey<'_>, kind: u8) -> Self {
        let low_is_bright = grey.polarity == Polarity::BrightIsLow;
        let exact = grey.first.curve == Curve::LinearExact;
        let (values, window) = (&grey.values, grey.first.window);
        Self {
            marks: [kind, 1, u8::from(low_is_bright), u8::from(exact)],
            numbers: [
                values.slope,
                values.intercept,
                grey.least,
                grey.greatest,
                window.center,
                window.width,
            ],
        }
    }

    fn write(&self, decoded: &Decoded, samples_bytes: usize) -> Result<Vec<u8>, NoRoom> {
        let mut bytes = room_for(HEADER_BYTES + samples_bytes)?;
        bytes.extend_from_slice(b"OVF1");
        bytes.extend_from_slice(&self.marks);
        bytes.extend_from_slice(&decoded.pixels.rows.to_le_bytes());
        bytes.extend_from_slice(&decoded.pixels.cols.to_le_bytes());
        for number in self.numbers {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        Ok(bytes)
    }

    /// The header and the samples after it.
    fn and<const N: usize, T: Copy>(
        &self,
        decoded: &Decoded,
        samples: &[T],
        little_endian: fn(T) -> [u8; N],
    ) -> Result<Vec<u8>, NoRoom> {
        let mut bytes = self.write(decoded, N * samples.len())?;
        bytes.resize(HEADER_BYTES + N * samples.len(), 0);
        let places = bytes[HEADER_BYTES..].as_chunks_mut::<N>().0.iter_mut();
        places.zip(samples).for_each(|(place, v)| *place = little_endian(*v));
        Ok(bytes)
    }
}
