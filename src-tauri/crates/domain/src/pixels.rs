//! Stored pixel values, and the one way from them to grey values for analysis. What a person sees is `domain::grey`.

use crate::closed_set::closed_set;
use crate::room::{NoRoom, gathered, room_for};
use crate::value::is_value;
use crate::{Colour, Decoded, Polarity, Sentence, SentenceCode};

closed_set! {
    /// What a sample is, by numpy's names.
    pub enum SampleType {
        /// 8 bits without a sign; also samples of 1, 2 and 4 bits, a byte each.
        U8 = "uint8",
        /// 8 bits with a sign.
        I8 = "int8",
        /// 16 bits without a sign.
        U16 = "uint16",
        /// 16 bits with a sign.
        I16 = "int16",
        /// 32 bits without a sign.
        U32 = "uint32",
        /// 32 bits with a sign.
        I32 = "int32",
        /// 32-bit floats.
        F32 = "float32",
        /// 64-bit floats.
        F64 = "float64",
    }
}

impl SampleType {
    /// Of one sample.
    pub const fn bytes(self) -> usize {
        match self {
            SampleType::U8 | SampleType::I8 => 1,
            SampleType::U16 | SampleType::I16 => 2,
            SampleType::U32 | SampleType::I32 | SampleType::F32 => 4,
            SampleType::F64 => 8,
        }
    }
}

/// Stored values in file order: frames, rows, columns, samples (always interleaved).
#[derive(Debug, Clone, PartialEq)]
pub enum PixelData {
    /// 8 bits without a sign; also samples of 1, 2 and 4 bits, a byte each.
    U8(Vec<u8>),
    /// 8 bits with a sign.
    I8(Vec<i8>),
    /// 16 bits without a sign.
    U16(Vec<u16>),
    /// 16 bits with a sign.
    I16(Vec<i16>),
    /// 32 bits without a sign.
    U32(Vec<u32>),
    /// 32 bits with a sign.
    I32(Vec<i32>),
    /// 32-bit floats.
    F32(Vec<f32>),
    /// 64-bit floats.
    F64(Vec<f64>),
}

macro_rules! each_kind {
    ($data:expr, $values:ident => $body:expr) => {
        match $data {
            PixelData::U8($values) => $body,
            PixelData::I8($values) => $body,
            PixelData::U16($values) => $body,
            PixelData::I16($values) => $body,
            PixelData::U32($values) => $body,
            PixelData::I32($values) => $body,
            PixelData::F32($values) => $body,
            PixelData::F64($values) => $body,
        }
    };
}

impl PixelData {
    /// Number of samples.
    pub fn len(&self) -> usize {
        each_kind!(self, values => values.len())
    }

    /// Whether there is no sample.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes that the samples take in memory.
    pub fn size_in_bytes(&self) -> usize {
        each_kind!(self, values => size_of_val(values.as_slice()))
    }

    /// What each sample is.
    pub fn sample_type(&self) -> SampleType {
        match self {
            PixelData::U8(_) => SampleType::U8,
            PixelData::I8(_) => SampleType::I8,
            PixelData::U16(_) => SampleType::U16,
            PixelData::I16(_) => SampleType::I16,
            PixelData::U32(_) => SampleType::U32,
            PixelData::I32(_) => SampleType::I32,
            PixelData::F32(_) => SampleType::F32,
            PixelData::F64(_) => SampleType::F64,
        }
    }

    /// All samples, little endian.
    ///
    /// # Errors
    /// [`NoRoom`] for the copy.
    pub fn to_le_bytes(&self) -> Result<Vec<u8>, NoRoom> {
        each_kind!(self, values => {
            let mut bytes = room_for(size_of_val(values.as_slice()))?;
            values.iter().for_each(|v| bytes.extend_from_slice(&v.to_le_bytes()));
            Ok(bytes)
        })
    }

    /// Rebuilds samples from [`Self::to_le_bytes`]; `None` when the length does not fit the type.
    pub fn from_le_bytes(of: SampleType, bytes: &[u8]) -> Option<Self> {
        macro_rules! read {
            ($kind:ident, $t:ty) => {{
                let (chunks, rest) = bytes.as_chunks::<{ size_of::<$t>() }>();
                if !rest.is_empty() {
                    return None;
                }
                PixelData::$kind(chunks.iter().map(|c| <$t>::from_le_bytes(*c)).collect())
            }};
        }
        Some(match of {
            SampleType::U8 => PixelData::U8(bytes.to_vec()),
            SampleType::I8 => read!(I8, i8),
            SampleType::U16 => read!(U16, u16),
            SampleType::I16 => read!(I16, i16),
            SampleType::U32 => read!(U32, u32),
            SampleType::I32 => read!(I32, i32),
            SampleType::F32 => read!(F32, f32),
            SampleType::F64 => read!(F64, f64),
        })
    }

    /// Smallest, largest and mean value over all samples; zeros when there are none.
    #[allow(clippy::unnecessary_cast, reason = "the macro also covers f64")]
    pub fn range_and_mean(&self) -> (f64, f64, f64) {
        fn of(values: impl ExactSizeIterator<Item = f64>) -> (f64, f64, f64) {
            let count = values.len();
            if count == 0 {
                return (0.0, 0.0, 0.0);
            }
            let (low, high, sum) = values.fold((f64::INFINITY, f64::NEG_INFINITY, 0.0), |(low, high, sum), v| {
                (low.min(v), high.max(v), sum + v)
            });
            (low, high, sum / count as f64)
        }
        each_kind!(self, values => of(values.iter().map(|v| *v as f64)))
    }
}

/// The stored values of every frame with their shape.
#[derive(Debug, Clone, PartialEq)]
pub struct PixelArray {
    /// 0 where the object holds no image.
    pub frames: u32,
    /// Of each frame.
    pub rows: u32,
    /// Of each frame.
    pub cols: u32,
    /// Of each pixel.
    pub samples: u32,
    /// `frames * rows * cols * samples` values.
    pub data: PixelData,
}

impl PixelArray {
    /// Samples of one frame.
    pub fn frame_len(&self) -> usize {
        self.rows as usize * self.cols as usize * self.samples as usize
    }

    /// The stored samples of a frame, from 0; none where there is no such frame.
    #[allow(clippy::unnecessary_cast, reason = "the macro also covers f64")]
    pub fn stored(&self, frame: u32) -> Box<dyn Iterator<Item = f64> + '_> {
        let length = self.frame_len();
        let start = frame as usize * length;
        each_kind!(&self.data, values => {
            Box::new(values.get(start..start + length).unwrap_or_default().iter().map(|v| *v as f64))
        })
    }

    /// numpy-like shape: frames are left out when there is one, samples when there is one.
    pub fn shape(&self) -> String {
        let mut parts = Vec::new();
        if self.frames > 1 {
            parts.push(self.frames);
        }
        parts.extend([self.rows, self.cols]);
        if self.samples > 1 {
            parts.push(self.samples);
        }
        parts.iter().map(u32::to_string).collect::<Vec<_>>().join("x")
    }
}

/// One frame as grey values for analysis: modality values where the file defines them, luma for
/// colour, bright always meaning more signal (MONOCHROME1 is inverted). Shape: rows x cols.
#[derive(Debug, Clone, PartialEq)]
pub struct GreyFrame {
    /// Rows of the frame.
    pub rows: u32,
    /// Columns of the frame.
    pub cols: u32,
    /// `rows * cols` values, row by row.
    pub values: Vec<f32>,
}

/// Why a frame has no grey values for analysis.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GreyError {
    /// The file has fewer frames.
    #[error("frame {frame} was asked for, but the file has {frames}")]
    NoSuchFrame {
        /// The one that was asked for; 0 is the first.
        frame: u32,
        /// As many as there are.
        frames: u32,
    },
    /// Not with this many samples a pixel.
    #[error("images with {0} samples per pixel cannot be analysed; 1 or 3 (or 2 or 4 with transparency) can")]
    Samples(u32),
    /// Every value is padding, infinite, no number, or too large to compute with.
    #[error("the image has no pixel value that can be shown: all are padding or no finite numbers")]
    NotFinite,
    /// There is not enough free memory.
    #[error(transparent)]
    NoRoom(#[from] NoRoom),
}

impl GreyError {
    /// Why such an image is not analysed, on whatever machine; `None` where the image is not at fault.
    pub fn sentence(&self) -> Option<Sentence> {
        let words = format!("{self}; such an image is not analysed");
        match self {
            GreyError::NoSuchFrame { frame, frames } => {
                let values = [("frame", (*frame).into()), ("count", (*frames).into())];
                Some(Sentence::new(SentenceCode::GateNoSuchFrame, values, words))
            }
            GreyError::Samples(samples) => Some(Sentence::new(
                SentenceCode::GateSamples,
                [("count", (*samples).into())],
                words,
            )),
            GreyError::NotFinite => Some(Sentence::new(SentenceCode::GateNotFinite, [], words)),
            GreyError::NoRoom(_) => None,
        }
    }
}

impl GreyFrame {
    /// Grey values of one frame (0 is the first).
    #[allow(clippy::useless_conversion, reason = "the macro also covers f64")]
    pub fn of(decoded: &Decoded, frame: u32) -> Result<Self, GreyError> {
        let pixels = &decoded.pixels;
        if frame >= pixels.frames {
            return Err(GreyError::NoSuchFrame {
                frame,
                frames: pixels.frames,
            });
        }
        let frame_len = pixels.frame_len();
        let start = frame as usize * frame_len;
        let plane = decoded.plane(frame);
        let image = &decoded.header.image;
        let mut values: Vec<f32> = each_kind!(&pixels.data, all => {
            let samples = all.get(start..start + frame_len).ok_or(GreyError::NoSuchFrame { frame, frames: pixels.frames })?;
            let palette = image.palette.as_ref().filter(|_| plane.colour == Colour::Palette);
            match (pixels.samples, palette) {
                (1, Some(palette)) => gathered(samples.iter().map(|s| {
                    let [r, g, b] = palette.colour(f64::from(*s));
                    luma(f64::from(r), f64::from(g), f64::from(b)) as f32
                }))?,
                // Grey, or grey with transparency.
                (1 | 2, _) => gathered(
                    samples
                        .chunks_exact(pixels.samples as usize)
                        .map(|s| plane.modality(f64::from(s[0])).map_or(f32::NAN, |value| value as f32)),
                )?,
                // The first sample of YBR is luma already (PS3.3 C.7.6.3.1.2).
                (3 | 4, _) if image.photometric_interpretation.starts_with("YBR") => {
                    gathered(samples.chunks_exact(pixels.samples as usize).map(|s| f64::from(s[0]) as f32))?
                }
                (3 | 4, _) => gathered(
                    samples
                        .chunks_exact(pixels.samples as usize)
                        .map(|s| luma(f64::from(s[0]), f64::from(s[1]), f64::from(s[2])) as f32),
                )?,
                (other, _) => return Err(GreyError::Samples(other)),
            }
        });
        let is_part = |v: &f32| is_value(f64::from(*v));
        let (low, high) = min_max(values.iter().copied().filter(is_part));
        if low > high {
            return Err(GreyError::NotFinite);
        }
        // What is no part of the image is as dark as its darkest part.
        if plane.polarity == Polarity::BrightIsLow {
            values
                .iter_mut()
                .for_each(|v| *v = if is_part(v) { high + low - *v } else { low });
        } else {
            values.iter_mut().filter(|v| !is_part(v)).for_each(|v| *v = low);
        }
        Ok(Self {
            rows: pixels.rows,
            cols: pixels.cols,
            values,
        })
    }
}

/// ITU-R BT.601 luma.
pub(crate) fn luma(r: f64, g: f64, b: f64) -> f64 {
    0.299 * r + 0.587 * g + 0.114 * b
}

fn min_max(values: impl Iterator<Item = f32>) -> (f32, f32) {
    values.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), v| {
        (low.min(v), high.max(v))
    })
}

#[cfg(test)]
mod tests;
