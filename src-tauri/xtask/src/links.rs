//! The programs find libtorch and the models beside themselves: two links in the target folder.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::failure::Failure;
use crate::place::Place;

/// # Errors
/// When a link cannot be made, or something that is not a link stands in its place.
pub fn make(place: &Place) -> Result<(), Failure> {
    let programs = place.programs();
    fs::create_dir_all(&programs).map_err(|e| refused(&programs, &e.to_string()))?;
    for (name, to) in [
        ("lib", place.libtorch().join("lib")),
        ("models", place.root.join("models")),
    ] {
        let link = programs.join(name);
        point(&link, &to).map_err(|e| refused(&link, &e.to_string()))?;
    }
    Ok(())
}

fn refused(link: &Path, why: &str) -> Failure {
    Failure::new(
        format!("{} cannot be linked: {why}", link.display()),
        "move away what is there and run it again",
    )
}

/// Makes `link` point at `to`; a link that points elsewhere is replaced, anything else is left alone.
fn point(link: &Path, to: &Path) -> io::Result<()> {
    match fs::symlink_metadata(link) {
        Ok(found) if found.is_symlink() && fs::read_link(link)? == to => return Ok(()),
        Ok(found) if !found.is_symlink() => {
            return Err(io::Error::other("a file or folder that is not a link has this name"));
        }
        _ => {}
    }
    let fresh = link.with_extension(format!("new-{}", std::process::id()));
    symlink(to, &fresh)?;
    fs::rename(&fresh, link)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_made_kept_and_turned_but_a_folder_is_never_replaced() -> io::Result<()> {
        let dir = std::env::temp_dir().join(format!("xtask-links-{}", std::process::id()));
        fs::create_dir_all(dir.join("lib"))?;
        let link = dir.join("models");
        for to in [Path::new("one"), Path::new("one"), Path::new("two")] {
            point(&link, to)?;
            assert_eq!(fs::read_link(&link)?, to);
        }
        assert!(point(&dir.join("lib"), Path::new("one")).is_err());
        assert!(dir.join("lib").is_dir());
        assert_eq!(fs::read_dir(&dir)?.count(), 2);
        fs::remove_dir_all(&dir)
    }
}
