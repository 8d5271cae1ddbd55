//! Why a frame cannot be shown to a person.

use crate::Sentence;
use crate::room::NoRoom;

/// Why a frame cannot be shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotShown {
    /// The object holds no image; the sentence says what it is.
    #[error("This is {0}.")]
    NoImage(Sentence),
    /// The file has fewer frames.
    #[error("frame {frame} was asked for, but the file has {frames}")]
    NoSuchFrame {
        /// The one that was asked for; 0 is the first.
        frame: u32,
        /// As many as there are.
        frames: u32,
    },
    /// Not with this many samples a pixel.
    #[error("images with {0} samples per pixel cannot be shown; 1 to 4 can")]
    Samples(u32),
    /// A palette has colours for whole numbers only.
    #[error("the image has a palette and fractional pixel values, which cannot be shown")]
    PaletteOfFractions,
    /// There is not enough free memory.
    #[error(transparent)]
    NoRoom(#[from] NoRoom),
}
