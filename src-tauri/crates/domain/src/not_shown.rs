//! Why a frame cannot be shown to a person.

use crate::Sentence;
use crate::room::NoRoom;

/// Why a frame cannot be shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotShown {
    /// The object holds no image; the sentence says what it is.
    #[error("This is {0}.")]
    NoImage(Sentence),
    #[error("frame {frame} was asked for, but the file has {frames}")]
    NoSuchFrame { frame: u32, frames: u32 },
    #[error("images with {0} samples per pixel cannot be shown; 1 to 4 can")]
    Samples(u32),
    #[error("the image has a palette and fractional pixel values, which cannot be shown")]
    PaletteOfFractions,
    #[error(transparent)]
    NoRoom(#[from] NoRoom),
}
