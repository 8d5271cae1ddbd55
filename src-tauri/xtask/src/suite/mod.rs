//! The test programs: run side by side, counted together, and what they did not check named.

mod programs;
mod report;
mod run;
mod tally;

use std::io;
use std::num::NonZero;
use std::path::PathBuf;
use std::thread::available_parallelism;

use crate::failure::Failure;
use crate::place::Place;
pub use programs::built;
pub use run::run_all;
pub use tally::Tally;

/// Where tests of all languages write down what they lack and how they ended.
pub struct Notes {
    folder: PathBuf,
}

/// The tests write each lack to the file that this names (`tests/needs`, `ui/tests/needs.ts`).
const LACKS: &str = "OVERREAD_LACKS";
/// The interface's tests write how each ended to the file that this names (`ui/tests/tally.ts`).
const TALLY: &str = "OVERREAD_TALLY";
/// Tests write figures that they hold against a bound to the file that this names.
const MEASURES: &str = "OVERREAD_MEASURES";

impl Notes {
    /// Empty ones; those of an earlier run are gone.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn begin(place: &Place) -> Result<Self, Failure> {
        let folder = place.target.join("tmp/notes-of-tests");
        let refused = |e: io::Error| {
            Failure::new(
                format!("{} cannot be written: {e}", folder.display()),
                "see whose folder it is, and whether the disk is full",
            )
        };
        std::fs::create_dir_all(&folder).map_err(refused)?;
        for name in [LACKS, TALLY, MEASURES] {
            std::fs::write(folder.join(name), "").map_err(refused)?;
        }
        Ok(Self { folder })
    }

    /// What a program that runs tests is told.
    pub fn environment(&self) -> [(&'static str, PathBuf); 3] {
        [LACKS, TALLY, MEASURES].map(|name| (name, self.folder.join(name)))
    }

    pub fn lacks(&self) -> String {
        self.read(LACKS)
    }

    pub fn tally(&self) -> String {
        self.read(TALLY)
    }

    pub fn measures(&self) -> String {
        self.read(MEASURES)
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.join(name)).unwrap_or_default()
    }
}

/// As many programs at once as there are cores, and no more than memory holds: some load libtorch.
fn at_once() -> usize {
    available_parallelism().map_or(1, NonZero::get).min(4)
}
