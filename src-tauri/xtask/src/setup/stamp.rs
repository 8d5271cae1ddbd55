//! The mark of a finished folder: what it was made from and the sizes of its libraries.
//! Without it, or when it disagrees with the folder, the folder is made again.

use std::fs;
use std::io;
use std::path::Path;

use super::wheels::{Wheel, requirements};

/// Raised when the same wheels are to be unpacked in another way.
const RECIPE: u32 = 1;
const NAME: &str = ".complete";

pub fn is_current(folder: &Path, libraries: &str, wheels: &[Wheel]) -> bool {
    let Ok(stamp) = fs::read_to_string(folder.join(NAME)) else {
        return false;
    };
    sizes(&folder.join(libraries)).is_ok_and(|sizes| stamp == text(wheels, &sizes))
}

pub fn write(folder: &Path, libraries: &str, wheels: &[Wheel]) -> io::Result<()> {
    fs::write(folder.join(NAME), text(wheels, &sizes(&folder.join(libraries))?))
}

pub fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_file(folder.join(NAME)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn text(wheels: &[Wheel], sizes: &str) -> String {
    format!("recipe {RECIPE}\n{}{sizes}", requirements(wheels))
}

/// "BYTES NAME" of every entry, links followed, sorted by name; the stamp itself is left out.
fn sizes(libraries: &Path) -> io::Result<String> {
    let mut lines = Vec::new();
    for entry in fs::read_dir(libraries)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name != NAME {
            lines.push((name, fs::metadata(entry.path())?.len()));
        }
    }
    lines.sort();
    Ok(lines
        .into_iter()
        .map(|(name, bytes)| format!("{bytes} {name}\n"))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::super::wheels::{CPU, CUDA};
    use super::*;

    #[test]
    fn only_an_untouched_folder_of_the_same_recipe_is_current() -> io::Result<()> {
        let dir = std::env::temp_dir().join(format!("xtask-stamp-{}", std::process::id()));
        fs::create_dir_all(dir.join("lib"))?;
        fs::write(dir.join("lib/libc10.so"), b"whole")?;
        assert!(!is_current(&dir, "lib", &CPU), "no stamp yet");
        write(&dir, "lib", &CPU)?;
        assert!(is_current(&dir, "lib", &CPU));
        assert!(!is_current(&dir, "lib", &CUDA), "other wheels");
        fs::write(dir.join("lib/libc10.so"), b"cut")?;
        assert!(!is_current(&dir, "lib", &CPU), "a library was cut short");
        write(&dir, "lib", &CPU)?;
        fs::remove_file(dir.join("lib/libc10.so"))?;
        assert!(!is_current(&dir, "lib", &CPU), "a library is gone");
        remove(&dir)?;
        remove(&dir)?;
        assert!(!dir.join(NAME).exists());
        fs::remove_dir_all(&dir)
    }
}
