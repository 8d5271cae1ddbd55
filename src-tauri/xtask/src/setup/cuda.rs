//! The optional CUDA libraries: `cuda/`, apart from `lib/`, for the worker loads them late and only on demand.

use std::fs;

use super::fetch::{self, disk};
use super::libtorch::{fresh_folder, lock, swap};
use super::wheels::CUDA;
use super::{manifest, stamp};
use crate::failure::Failure;
use crate::place::Place;

/// # Errors
/// When they cannot be downloaded, checked or written.
pub fn fetch(place: &Place) -> Result<(), Failure> {
    let home = place.libtorch();
    if stamp::is_current(&home.join("cuda"), ".", &CUDA) {
        return Ok(());
    }
    let _lock = lock(&home)?;
    if stamp::is_current(&home.join("cuda"), ".", &CUDA) {
        return Ok(());
    }
    eprintln!("fetching the CUDA libraries (2.5 GB, once)");
    let fresh = fresh_folder(&home, "cuda")?;
    let cuda = fresh.join("cuda");
    fetch::fetch(&CUDA, &fresh.join("wheels"), &cuda)?;
    manifest::write(&cuda)?;
    // The stamp travels inside the folder: one rename finishes it.
    let moved = stamp::write(&cuda, ".", &CUDA)
        .and_then(|()| swap(&fresh, &home, "cuda"))
        .and_then(|()| fs::remove_dir_all(&fresh));
    moved.map_err(|e| disk(&home, &e))
}
