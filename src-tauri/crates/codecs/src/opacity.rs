//! What a pixel holds beside its grey or its colour, which is not shown.

use domain::{PixelData, Sentence};

use crate::note;

/// What the last of two or four samples of a pixel is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Beside {
    /// How opaque it is.
    Opacity,
    /// That too, and the colours were multiplied by it.
    Premultiplied,
    /// The file does not say.
    Unknown,
}

impl Beside {
    /// What is told where not every pixel is opaque. `samples` of a pixel, of so many bits.
    pub(crate) fn told(self, data: &PixelData, samples: u32, bits: u16) -> Option<Sentence> {
        (!Self::is_opaque(data, samples, bits)).then(|| self.note())
    }

    pub(crate) fn note(self) -> Sentence {
        match self {
            Self::Opacity => note::transparency(),
            Self::Premultiplied => note::premultiplied(),
            Self::Unknown => note::extra_sample(),
        }
    }

    /// Whether the last sample of each pixel is the greatest that so many bits hold, or 1 of fractions. One and three samples
    /// have none that says how opaque they are.
    pub(crate) fn is_opaque(data: &PixelData, samples: u32, bits: u16) -> bool {
        fn all<T: Copy>(data: &[T], samples: usize, full: impl Fn(T) -> bool) -> bool {
            data.iter().skip(samples - 1).step_by(samples).all(|last| full(*last))
        }
        if !matches!(samples, 2 | 4) {
            return true;
        }
        let samples = samples as usize;
        let full = 1_u64.checked_shl(u32::from(bits)).map_or(u64::MAX, |more| more - 1);
        let signed = i64::try_from(full / 2).unwrap_or(i64::MAX);
        match data {
            PixelData::U8(data) => all(data, samples, |last| u64::from(last) == full),
            PixelData::U16(data) => all(data, samples, |last| u64::from(last) == full),
            PixelData::U32(data) => all(data, samples, |last| u64::from(last) == full),
            PixelData::I8(data) => all(data, samples, |last| i64::from(last) == signed),
            PixelData::I16(data) => all(data, samples, |last| i64::from(last) == signed),
            PixelData::I32(data) => all(data, samples, |last| i64::from(last) == signed),
            PixelData::F32(data) => all(data, samples, |last| last >= 1.0),
            PixelData::F64(data) => all(data, samples, |last| last >= 1.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_not_opaque_is_told() {
        for (data, samples, bits, opaque) in [
            (PixelData::U8(vec![1, 255, 3, 255]), 2, 8, true),
            (PixelData::U8(vec![1, 255, 3, 254]), 2, 8, false),
            (PixelData::U8(vec![255, 1, 255, 3]), 2, 8, false),
            (PixelData::U8(vec![0, 0, 0, 15]), 4, 4, true),
            (PixelData::U16(vec![0, 0, 0, 255]), 4, 16, false),
            (PixelData::U16(vec![0, 0, 0, 65535]), 4, 16, true),
            (PixelData::I16(vec![0, 0, 0, 32767]), 4, 16, true),
            (PixelData::F32(vec![7.0, 1.0]), 2, 32, true),
            (PixelData::F32(vec![7.0, 0.99]), 2, 32, false),
            (PixelData::U8(vec![1, 2, 3]), 3, 8, true),
            (PixelData::U8(vec![1, 2]), 1, 8, true),
            (PixelData::U8(vec![]), 4, 8, true),
        ] {
            let told = Beside::Opacity.told(&data, samples, bits);
            assert_eq!(told.is_none(), opaque, "{data:?}");
        }
    }
}
