//! Voxels of every type as pixels.

use decode::{DecodeError, limits::in_memory};
use domain::{PixelData, SampleType};

use super::{Volume, text::bad};
use crate::opacity::Beside;

/// Type of a stored number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    U8,
    I8,
    U16,
    I16,
    U32,
    I32,
    U64,
    I64,
    F32,
    F64,
}

impl Kind {
    pub(super) fn bytes(self) -> u16 {
        match self {
            Self::U8 | Self::I8 => 1,
            Self::U16 | Self::I16 => 2,
            Self::U32 | Self::I32 | Self::F32 => 4,
            Self::U64 | Self::I64 | Self::F64 => 8,
        }
    }

    /// A written number, little endian; `None` when it is none of this type.
    pub(super) fn of_text(self, text: &str) -> Option<Vec<u8>> {
        Some(match self {
            Self::U8 => text.parse::<u8>().ok()?.to_le_bytes().to_vec(),
            Self::I8 => text.parse::<i8>().ok()?.to_le_bytes().to_vec(),
            Self::U16 => text.parse::<u16>().ok()?.to_le_bytes().to_vec(),
            Self::I16 => text.parse::<i16>().ok()?.to_le_bytes().to_vec(),
            Self::U32 => text.parse::<u32>().ok()?.to_le_bytes().to_vec(),
            Self::I32 => text.parse::<i32>().ok()?.to_le_bytes().to_vec(),
            Self::U64 => text.parse::<u64>().ok()?.to_le_bytes().to_vec(),
            Self::I64 => text.parse::<i64>().ok()?.to_le_bytes().to_vec(),
            Self::F32 => text.parse::<f32>().ok()?.to_le_bytes().to_vec(),
            Self::F64 => text.parse::<f64>().ok()?.to_le_bytes().to_vec(),
        })
    }
}

impl Volume {
    /// Numbers that are written out, in the order of bytes that the header says.
    pub(super) fn written(&self, piece: &[u8]) -> Result<Vec<u8>, DecodeError> {
        let text =
            std::str::from_utf8(piece).map_err(|_| DecodeError::corrupt("the numbers are not written as text"))?;
        let mut bytes = vec![];
        for number in text
            .split(|c: char| c.is_whitespace() || c == ',')
            .filter(|word| !word.is_empty())
        {
            let one = self.sample.of_text(number).ok_or_else(|| bad("a number", number))?;
            if self.big_endian {
                bytes.extend(one.iter().rev());
            } else {
                bytes.extend(one);
            }
        }
        Ok(bytes)
    }
}

/// Bytes of a slice and of each of its pixels.
pub(super) struct Frame {
    pub bytes: usize,
    pub pixel_bytes: usize,
}

pub(super) fn frame_of(volume: &Volume, rows: u32, cols: u32) -> Result<Frame, DecodeError> {
    let pixel = u64::from(volume.components) * u64::from(volume.sample.bytes());
    Ok(Frame {
        bytes: in_memory(u64::from(rows) * u64::from(cols) * pixel)?,
        pixel_bytes: in_memory(pixel)?,
    })
}

/// Whether each pixel of a frame is opaque, where the last of four numbers says that.
pub(super) fn is_opaque(volume: &Volume, frame: &[u8]) -> bool {
    let kind = match (volume.components, volume.sample) {
        (4, Kind::U8) => SampleType::U8,
        (4, Kind::U16) => SampleType::U16,
        (4, Kind::F32) => SampleType::F32,
        (4, Kind::F64) => SampleType::F64,
        // Signed numbers, and those of 32 bits and more, have no one opacity that is full.
        (components, _) => return components != 4,
    };
    let mut bytes = frame.to_vec();
    let size = usize::from(volume.sample.bytes());
    if volume.big_endian && size > 1 {
        bytes.chunks_exact_mut(size).for_each(<[u8]>::reverse);
    }
    let samples = PixelData::from_le_bytes(kind, &bytes);
    samples.is_none_or(|samples| Beside::is_opaque(&samples, 4, volume.sample.bytes() * 8))
}

/// Whole numbers of 64 bits become ones of 32 where they all fit, otherwise floats, which hold 53 bits of them.
pub(super) fn pixels_of(volume: &mut Volume, mut bytes: Vec<u8>) -> Result<PixelData, DecodeError> {
    let size = usize::from(volume.sample.bytes());
    if volume.big_endian && size > 1 {
        bytes.chunks_exact_mut(size).for_each(<[u8]>::reverse);
    }
    let kind = match volume.sample {
        Kind::U8 => SampleType::U8,
        Kind::I8 => SampleType::I8,
        Kind::U16 => SampleType::U16,
        Kind::I16 => SampleType::I16,
        Kind::U32 => SampleType::U32,
        Kind::I32 => SampleType::I32,
        Kind::F32 => SampleType::F32,
        Kind::F64 => SampleType::F64,
        Kind::I64 => return wide(volume, &bytes, |eight| i128::from(i64::from_le_bytes(eight))),
        Kind::U64 => return wide(volume, &bytes, |eight| i128::from(u64::from_le_bytes(eight))),
    };
    PixelData::from_le_bytes(kind, &bytes).ok_or_else(|| DecodeError::corrupt("the voxels are incomplete"))
}

fn wide(volume: &mut Volume, bytes: &[u8], read: impl Fn([u8; 8]) -> i128) -> Result<PixelData, DecodeError> {
    let values = || bytes.as_chunks::<8>().0.iter().map(|eight| read(*eight));
    let small: Option<Vec<i32>> = values().map(|value| i32::try_from(value).ok()).collect();
    if let Some(small) = small {
        volume.sample = Kind::I32;
        return Ok(PixelData::I32(small));
    }
    if values().any(|value| value.unsigned_abs() > 1 << 53) {
        return Err(DecodeError::unsupported(
            "the file holds whole numbers above 9,007,199,254,740,992, which are not shown without loss",
        ));
    }
    volume.sample = Kind::F64;
    Ok(PixelData::F64(values().map(|value| value as f64).collect()))
}
