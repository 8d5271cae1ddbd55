//! pydicom with its plug-ins, tifffile and Pillow: what `check files` holds our decoder against. Only that check runs them.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::fetch::disk;
use crate::call;
use crate::failure::Failure;
use crate::place::Place;

const PACKAGES: [&str; 11] = [
    "imagecodecs==2026.3.6",
    "numpy==2.4.6",
    "pillow==13.0.0",
    "pydicom==3.0.2",
    "pyjpegls==1.5.1",
    "pylibjpeg==2.0.1",
    "pylibjpeg-libjpeg==2.5.0",
    "pylibjpeg-openjpeg==2.6.0",
    "pylibjpeg-rle==2.2.0",
    "python-gdcm==3.2.6",
    "tifffile==2026.3.3",
];

/// The folder that holds them; they are installed into it once.
///
/// # Errors
/// When pip cannot install them.
pub fn install(place: &Place) -> Result<PathBuf, Failure> {
    let folder = place.target.join("tools/reference");
    let stamp = folder.join(".complete");
    let wanted = PACKAGES.join("\n");
    if fs::read_to_string(&stamp).is_ok_and(|made| made == wanted) {
        return Ok(folder);
    }
    eprintln!("installing pydicom and its plug-ins (once)");
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| disk(&folder, &error))?;
    }
    let mut pip = Command::new("python3");
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--only-binary=:all:",
    ]);
    pip.arg("--target")
        .arg(&folder)
        .args(PACKAGES)
        .stdout(std::io::stderr());
    call::run(
        &mut pip,
        "see that the network is there and Python is 3.11 or newer, then run it again",
    )?;
    fs::write(&stamp, wanted).map_err(|error| disk(&stamp, &error))?;
    Ok(folder)
}
