//! Vaults and scans to measure with.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use overread_tests::{Desk, DicomFile, Done, Outcome, Window, programs};
use serde_json::json;

const READER: &str = "reader";
pub const SLICES: u32 = 500;
/// What the records' own example of a large vault chose.
pub const LARGE_PASSPHRASE: &str = "a passphrase for measuring";
const LARGE_USER: &str = "admin";
const STUDIES: &str = "100000";

pub struct Place {
    folder: PathBuf,
    programs: PathBuf,
}

impl Place {
    /// The folder is the first argument, otherwise one in the target folder.
    pub fn from_arguments() -> Outcome<Self> {
        let programs = programs()?;
        let named = std::env::args_os().nth(1).map(PathBuf::from);
        let folder = named.unwrap_or_else(|| programs.join("../bench_ui"));
        fs::create_dir_all(&folder)?;
        let folder = folder.canonicalize()?;
        Ok(Self { folder, programs })
    }

    pub fn desk(&self, name: &str) -> Outcome<Desk> {
        let desk = Desk::laid_out(&self.folder.display().to_string(), name)?;
        let desk = desk.map_err(|lack| lack.to_string())?;
        desk.settings(&json!({ "analyze_after_import": false }))?;
        Ok(desk)
    }

    /// A vault of 100,000 studies, made when it is not there yet.
    pub fn large_vault(&self) -> Outcome<PathBuf> {
        let vault = self.folder.join("large_vault");
        if vault.join("vault.json").is_file() {
            return Ok(vault);
        }
        eprintln!("making a vault of {STUDIES} studies (once)");
        let making = self.folder.join("large_vault.partial");
        let _ = fs::remove_dir_all(&making);
        let status = Command::new(self.programs.join("examples/scale"))
            .args([STUDIES, "0"])
            .arg(&making)
            .status()?;
        if !status.success() {
            return Err("the large vault could not be made".into());
        }
        fs::rename(making, &vault)?;
        Ok(vault)
    }

    /// Makes the large vault the one that the window offers first.
    pub fn open_once(&self, desk: &Desk, vault: &Path) -> Done {
        let window = desk.open()?;
        // A first start offers no other vault to open: one is made, then the other is chosen beside it.
        window.create_vault(&desk.folder.join("vault"), READER)?;
        window.press("Ctrl+l")?;
        desk.answer(&[vault])?;
        window.click("button", "Open another vault or a backup…")?;
        window.write("Name", LARGE_USER)?;
        window.write("Passphrase", LARGE_PASSPHRASE)?;
        window.press("Enter")?;
        window.see("100,000 studies")?;
        window.close()
    }

    /// Makes the workplace's vault and brings `scans` into it.
    pub fn import(&self, desk: &Desk, scans: &Path) -> Done {
        let window = desk.open()?;
        window.create_vault(&desk.folder.join("vault"), READER)?;
        window.import_folder(scans)?;
        window.see("imported, 1 study")?;
        window.close()
    }

    pub fn unlocked<'a>(&self, desk: &'a Desk) -> Outcome<Window<'a>> {
        let window = desk.open()?;
        window.unlock()?;
        window.see("1 study")?;
        Ok(window)
    }

    fn scans(&self, name: &str, files: impl Iterator<Item = DicomFile>) -> Outcome<PathBuf> {
        let folder = self.folder.join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder)?;
        for file in files {
            file.write(&folder.join(format!("{:04}.dcm", file.instance_number)))?;
        }
        Ok(folder)
    }

    pub fn large_scan(&self) -> Outcome<PathBuf> {
        self.scans("large_scan", std::iter::once(rings(2048, 0)))
    }

    pub fn square_scan(&self) -> Outcome<PathBuf> {
        self.scans("square_scan", std::iter::once(rings(1024, 0)))
    }

    pub fn series_of_slices(&self) -> Outcome<PathBuf> {
        self.scans("series", (0..SLICES).map(|number| rings(512, number)))
    }
}

/// Rings with grain, of 16 bits; another centre for each slice.
fn rings(side: u32, slice: u32) -> DicomFile {
    let (centre, mut grain) = (f64::from(side) / 2.0 + f64::from(slice % 50), u64::from(slice) + 1);
    let mut file = DicomFile::grey(side, side, |x, y| {
        let from_centre = (f64::from(x) - centre).hypot(f64::from(y) - centre);
        grain = grain
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((from_centre / 12.0).sin() * 12_000.0 + 30_000.0) as u16 + (grain >> 54) as u16
    });
    file.instance_number = slice + 1;
    file.position_mm = f64::from(slice);
    file
}
