//! libtorch for the processor: `lib/` (what programs load), `include/`, `build-version`.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::fetch::{self, disk};
use super::wheels::{CPU, TORCH_VERSION};
use super::{manifest, stamp};
use crate::call;
use crate::failure::Failure;
use crate::place::Place;

/// # Errors
/// When it cannot be downloaded, checked or written.
pub fn fetch(place: &Place) -> Result<(), Failure> {
    let home = place.libtorch();
    if stamp::is_current(&home, "lib", &CPU) {
        return Ok(());
    }
    let _lock = lock(&home)?;
    if stamp::is_current(&home, "lib", &CPU) {
        return Ok(());
    }
    eprintln!("fetching libtorch {TORCH_VERSION} for the processor (530 MB, once)");
    let fresh = fresh_folder(&home, "cpu")?;
    fetch::fetch(&CPU, &fresh.join("wheels"), &fresh)?;
    let lib = fresh.join("lib");
    lay_out(&fresh).map_err(|e| disk(&lib, &e))?;
    strip(&lib.join("libtorch_cpu.so"))?;
    manifest::write(&lib)?;
    let moved = stamp::remove(&home)
        .and_then(|()| {
            ["lib", "include", "build-version"]
                .iter()
                .try_for_each(|name| swap(&fresh, &home, name))
        })
        .and_then(|()| stamp::write(&home, "lib", &CPU))
        .and_then(|()| fs::remove_dir_all(&fresh));
    moved.map_err(|e| disk(&home, &e))
}

/// Two set-ups at once would tread on each other's folder; the second waits and then finds all done.
pub fn lock(home: &Path) -> Result<fs::File, Failure> {
    let path = home.join(".lock");
    fs::create_dir_all(home)
        .and_then(|()| fs::File::create(&path))
        .and_then(|file| file.lock().map(|()| file))
        .map_err(|e| disk(&path, &e))
}

/// An empty folder inside the ignored one, so that moving out of it is a rename on the same disk.
pub fn fresh_folder(home: &Path, name: &str) -> Result<PathBuf, Failure> {
    let fresh = home.join(format!(".new-{name}"));
    let made = match fs::remove_dir_all(&fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => fs::create_dir_all(&fresh),
    };
    made.map(|()| fresh.clone()).map_err(|e| disk(&fresh, &e))
}

/// Puts `fresh/name` in the place of `home/name`.
pub fn swap(fresh: &Path, home: &Path, name: &str) -> io::Result<()> {
    let to = home.join(name);
    match fs::symlink_metadata(&to) {
        Ok(old) if old.is_dir() => fs::remove_dir_all(&to)?,
        Ok(_) => fs::remove_file(&to)?,
        Err(_) => {}
    }
    fs::rename(fresh.join(name), to)
}

fn lay_out(fresh: &Path) -> io::Result<()> {
    // The wheel's libtorch.so is empty and would drag CUDA in; to the linker this text is the same.
    fs::write(fresh.join("lib/libtorch.so"), "INPUT(-ltorch_cpu)\n")?;
    symlink("libgomp.so.1", fresh.join("lib/libgomp.so"))?;
    fs::write(fresh.join("build-version"), format!("{TORCH_VERSION}\n"))
}

/// Takes 92 MB of symbols away that nothing reads.
pub fn strip(library: &Path) -> Result<(), Failure> {
    if call::probe(Command::new("strip").arg("--version")).is_none() {
        eprintln!("not stripped, for there is no 'strip': {}", library.display());
        return Ok(());
    }
    let mut strip = Command::new("strip");
    strip.arg("--strip-unneeded").arg(library);
    call::run(&mut strip, "see that the disk has room, then run it again")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stub_names_the_real_library_and_the_version_is_the_pinned_one() -> io::Result<()> {
        let dir = std::env::temp_dir().join(format!("xtask-layout-{}", std::process::id()));
        fs::create_dir_all(dir.join("lib"))?;
        lay_out(&dir)?;
        assert_eq!(fs::read_to_string(dir.join("lib/libtorch.so"))?, "INPUT(-ltorch_cpu)\n");
        assert_eq!(fs::read_link(dir.join("lib/libgomp.so"))?, Path::new("libgomp.so.1"));
        assert_eq!(fs::read_to_string(dir.join("build-version"))?.trim(), "2.11.0");
        fs::remove_dir_all(&dir)
    }

    #[test]
    fn a_swap_replaces_a_folder_and_a_file() -> io::Result<()> {
        let dir = std::env::temp_dir().join(format!("xtask-swap-{}", std::process::id()));
        for (path, text) in [("old/lib/a", "1"), ("old/v", "1"), ("new/lib/b", "2"), ("new/v", "2")] {
            let path = dir.join(path);
            fs::create_dir_all(path.parent().unwrap_or(&dir))?;
            fs::write(path, text)?;
        }
        for name in ["lib", "v"] {
            swap(&dir.join("new"), &dir.join("old"), name)?;
        }
        assert!(!dir.join("old/lib/a").exists() && dir.join("old/lib/b").exists());
        assert_eq!(fs::read_to_string(dir.join("old/v"))?, "2");
        fs::remove_dir_all(&dir)
    }
}
