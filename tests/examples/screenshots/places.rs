//! Where the screenshots go, and the scans that are in them.

use std::cell::Cell;
use std::fs;
use std::path::PathBuf;

use overread_tests::{Desk, DicomFile, Done, Outcome, Window, programs};

/// As long and as far from Latin as names come.
const NAMES: [&str; 7] = [
    "محمد بن عبد الله آل سعود",
    "בן־גוריון^דוד",
    "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh-Cholmondeley^Hubert Blaine Adolph Charles Maximilian",
    "山田^太郎",
    "O'Connor-<Smith> & \"Söhne\"^Zoë",
    "Αντετοκούνμπο^Γιάννης",
    "Szent-Györgyi^Ágnes",
];

pub struct Place {
    pub folder: PathBuf,
    work: PathBuf,
    taken: Cell<usize>,
}

impl Place {
    pub fn from_arguments() -> Outcome<Self> {
        let target = programs()?.join("..");
        let named = std::env::args_os().nth(1).map(PathBuf::from);
        let folder = named.unwrap_or_else(|| target.join("screenshots"));
        fs::create_dir_all(&folder)?;
        Ok(Self {
            folder: folder.canonicalize()?,
            work: target.canonicalize()?.join("tmp"),
            taken: Cell::new(0),
        })
    }

    pub fn desk(&self) -> Outcome<Desk> {
        let desk = Desk::laid_out(&self.work.display().to_string(), "screenshots")?;
        desk.map_err(|lack| lack.to_string().into())
    }

    pub fn take(&self, window: &Window, name: &str) -> Done {
        window.settle()?;
        self.taken.set(self.taken.get() + 1);
        window.picture()?.save(&self.folder.join(format!("{name}.png")))
    }

    pub fn taken(&self) -> usize {
        self.taken.get()
    }

    /// Small studies with hard names, one without any, and one file that cannot be read.
    pub fn hard_names(&self) -> Outcome<PathBuf> {
        let folder = self.work.join("screenshots/hard_names");
        fs::create_dir_all(&folder)?;
        for (number, name) in NAMES.iter().enumerate() {
            let mut file = DicomFile::grey(256, 256, |x, y| {
                let (x, y) = (f64::from(x) - 128.0, f64::from(y) - 128.0);
                let ring = (x.hypot(y * 1.2) / (9.0 + number as f64)).sin();
                (2000.0 + 1500.0 * ring) as u16
            });
            file.patient_name = (*name).to_owned();
            file.patient_id = format!("HN-{:04}", number + 1);
            file.uid_root = format!("2.25.{}", 900 + number);
            file.series_description = "Axial, without contrast".to_owned();
            file.write(&folder.join(format!("{number}.dcm")))?;
        }
        // It names nobody, and its UIDs are not as the standard wants them.
        let mut nobody = DicomFile::grey(256, 256, |x, y| (x * 8 + y * 4) as u16);
        (nobody.patient_name, nobody.patient_id) = ("^".to_owned(), " ".to_owned());
        (nobody.uid_root, nobody.modality) = ("2.25.0950".to_owned(), "PX".to_owned());
        nobody.series_description = "Nobody's".to_owned();
        nobody.write(&folder.join("nobody.dcm"))?;
        fs::write(
            folder.join("cut off.dcm"),
            [&[0; 128][..], b"DICM\x02\0\0\0UL"].concat(),
        )?;
        Ok(folder)
    }
}
