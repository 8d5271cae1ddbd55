//! Which frames of a file are decoded, and which of these are handed over.

use std::ops::Range;

use decode::{
    DecodeError,
    protocol::{Wanted, middle},
};
use domain::FailureCode;

/// Ranges of the file's frames; 0 is the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frames {
    /// Decoded one after the other; empty when the header alone is wanted.
    pub decode: Range<u32>,
    /// Lies within `decode`.
    pub keep: Range<u32>,
}

impl Frames {
    /// Of a file that has `of` frames, at least one.
    pub(crate) fn of(wanted: &Wanted, of: u32) -> Result<Self, DecodeError> {
        let in_middle = middle(of)..middle(of) + 1;
        Ok(match wanted {
            Wanted::Header => Self {
                decode: 0..0,
                keep: 0..0,
            },
            Wanted::Checked => Self {
                decode: 0..of,
                keep: in_middle,
            },
            Wanted::All => Self::just(0..of),
            Wanted::Middle => Self::just(in_middle),
            Wanted::Frames(frames) if frames.start < of && !frames.is_empty() => {
                Self::just(frames.start..frames.end.min(of))
            }
            Wanted::Frames(frames) => {
                let message = format!("frame {} was asked for, but the file has {of}", frames.start);
                return Err(DecodeError::new(FailureCode::NoSuchFrame, message));
            }
        })
    }

    fn just(frames: Range<u32>) -> Self {
        Self {
            decode: frames.clone(),
            keep: frames,
        }
    }

    /// Whether no frame is decoded.
    pub(crate) fn is_none(&self) -> bool {
        self.decode.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_handed_over_lies_within_what_is_decoded() -> Result<(), DecodeError> {
        let of = |wanted: Wanted, of: u32| Frames::of(&wanted, of).map(|frames| (frames.decode, frames.keep));
        assert_eq!(of(Wanted::All, 5)?, (0..5, 0..5));
        assert_eq!(of(Wanted::Middle, 4)?, (1..2, 1..2));
        assert_eq!(of(Wanted::Checked, 4)?, (0..4, 1..2));
        assert_eq!(of(Wanted::Frames(2..9), 5)?, (2..5, 2..5));
        assert!(Frames::of(&Wanted::Header, 5)?.is_none());
        for frames in [5..6, 7..9, 2..2] {
            let refused = of(Wanted::Frames(frames.clone()), 5).map_err(|error| error.code);
            assert_eq!(refused, Err(FailureCode::NoSuchFrame), "{frames:?}");
        }
        Ok(())
    }
}
