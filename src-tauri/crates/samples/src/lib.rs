//! Synthetic scans: axial FLAIR-like slices of a head phantom, with and without a lesion.
//!
//! Everything follows from a seed, on every machine the same: no clock, no global state, no
//! transcendental functions. Nothing is taken from a patient's image. Files written by
//! [`write_set`] say that they are synthetic in the header and in the image; a [`Slice`] in
//! memory carries no text, so that it can serve as training material.
//!
//! ```
//! use samples::{CaseSpec, slice};
//! let image = slice(CaseSpec { seed: 7, lesion: true, size: 64 }, 24.0);
//! assert_eq!((image.rows, image.cols, image.values.len()), (64, 64, 4096));
//! ```
//!
//! What this deliberately is not: a simulator of MR physics.

mod error;
mod file;
pub mod label;
mod phantom;
mod set;
mod slice;
mod uid;

pub use error::SamplesError;
pub use set::{Manifest, SampleEntry, SampleSet, read_manifest, write_set};
pub use slice::{CaseSpec, MAX_VALUE, Slice, THICKNESS_MM, lesion_height_mm, slice, volume};
