//! The window's size and whether it filled the screen, kept from one start to the next.

use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

const FILE: &str = "window.json";
pub const SMALLEST: (f64, f64) = (900.0, 600.0);
/// More than any screen; a file that says so is damaged.
const LARGEST: f64 = 32_768.0;

/// In logical pixels, without the frame.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Placement {
    pub width: f64,
    pub height: f64,
    pub maximized: bool,
}

impl Default for Placement {
    fn default() -> Self {
        Self {
            width: 1280.0,
            height: 800.0,
            maximized: false,
        }
    }
}

impl Placement {
    /// What was kept; the usual size where that is missing or makes no sense.
    pub fn read(folder: &Path) -> Self {
        let kept = fs::read(folder.join(FILE)).ok();
        let kept = kept.and_then(|text| serde_json::from_slice::<Self>(&text).ok());
        kept.filter(Self::makes_sense).unwrap_or_default()
    }

    /// # Errors
    /// When the folder cannot be written.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        let fresh = folder.join(format!("{FILE}.new"));
        fs::write(&fresh, serde_json::to_vec(self)?)?;
        fs::rename(fresh, folder.join(FILE))
    }

    fn makes_sense(&self) -> bool {
        (SMALLEST.0..LARGEST).contains(&self.width) && (SMALLEST.1..LARGEST).contains(&self.height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_and_nonsense_is_not() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        assert_eq!(Placement::read(folder.path()), Placement::default());
        let wide = Placement {
            width: 1900.5,
            height: 700.0,
            maximized: true,
        };
        wide.write(folder.path())?;
        assert_eq!(Placement::read(folder.path()), wide);
        for nonsense in [
            &br#"{"width": 3, "height": 700, "maximized": false}"#[..],
            br#"{"width": 1e9, "height": 700, "maximized": false}"#,
            br#"{"width": "#,
        ] {
            fs::write(folder.path().join(FILE), nonsense)?;
            assert_eq!(Placement::read(folder.path()), Placement::default());
        }
        Ok(())
    }
}
