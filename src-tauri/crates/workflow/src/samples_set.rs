//! `samples`: synthetic scans for trying the application.

use std::path::Path;

use domain::{Failure, Permission, Session};
use samples::SampleSet;

use crate::files::keep_out_of_vaults;
use crate::permit::permit;
use contract::terminal::SamplesWire;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SampleSize {
    Small,
    Full,
}

pub fn write_samples(session: &Session, folder: &Path, size: SampleSize) -> Result<SamplesWire, Failure> {
    permit(session, Permission::Import)?;
    keep_out_of_vaults(folder)?;
    let set = match size {
        SampleSize::Small => SampleSet::Small,
        SampleSize::Full => SampleSet::Full,
    };
    let manifest = samples::write_set(folder, set)?;
    Ok(SamplesWire {
        folder: folder.to_owned(),
        files: manifest.samples.len(),
        with_lesion: manifest.samples.iter().filter(|sample| sample.lesion).count(),
        manifest: folder.join("manifest.json"),
    })
}
