//! gzip (RFC 1952): one file, a TAR archive, or a NIfTI file that is read as it is.

use std::io::{Read, Seek, SeekFrom};

use decode::sniff::{Kind, SNIFF_BYTES, sniff};
use flate2::read::MultiGzDecoder;

use super::{
    Opened, damaged, tar,
    told::{Stop, Told},
};

/// What the file is called within; the parent knows it by the archive's own name.
pub(super) const WITHOUT_NAME: &str = "content";

pub(super) fn members<S: Read + Seek>(source: &mut S, told: &mut Told<'_>) -> Result<Opened, Stop> {
    let mut head = Vec::with_capacity(SNIFF_BYTES);
    // What is damaged later is told where it is read.
    let begun = MultiGzDecoder::new(&mut *source)
        .take(SNIFF_BYTES as u64)
        .read_to_end(&mut head);
    if let (Err(error), true) = (begun, head.is_empty()) {
        return Err(damaged(&error.to_string()).into());
    }
    let restart = |source: &mut S| {
        let restarted = source.seek(SeekFrom::Start(0));
        restarted.map(|_| ()).map_err(|error| damaged(&error.to_string()))
    };
    restart(source)?;
    match sniff(&head) {
        Some(Kind::Nifti) => return Ok(Opened::Whole),
        Some(Kind::Tar) => {
            let names = tar::names_of(MultiGzDecoder::new(&mut *source))?;
            restart(source)?;
            tar::stream(&names, MultiGzDecoder::new(source), told)?;
        }
        _ => {
            told.list(&[WITHOUT_NAME.to_owned()])?;
            told.member(WITHOUT_NAME, None, &mut MultiGzDecoder::new(source))?;
        }
    }
    Ok(Opened::Members)
}
