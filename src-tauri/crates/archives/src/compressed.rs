//! One file that is compressed by itself (gzip, bzip2, Zstandard): a file, a TAR archive, or a NIfTI file in gzip that is
//! read as it is.

use std::io::{self, Read, Seek, SeekFrom};

use bzip2::read::MultiBzDecoder;
use decode::sniff::{Kind, SNIFF_BYTES, sniff};

use super::{
    Opened, damaged, tar,
    told::{Stop, Told},
};
use crate::gunzip::Gunzip;

/// What the file is called within; the parent knows it by the archive's own name.
pub(super) const WITHOUT_NAME: &str = "content";

/// What comes out of it, of all its parts.
fn stream<'s, S: Read>(kind: Kind, source: &'s mut S) -> io::Result<Box<dyn Read + 's>> {
    Ok(match kind {
        Kind::Bzip2 => Box::new(MultiBzDecoder::new(source)),
        Kind::Zstd => Box::new(zstd::stream::read::Decoder::new(source)?),
        _ => Box::new(Gunzip::new(source)),
    })
}

pub(super) fn members<S: Read + Seek>(kind: Kind, source: &mut S, told: &mut Told<'_>) -> Result<Opened, Stop> {
    let not_read = |error: io::Error| Stop::Bad(damaged(&error.to_string()));
    let mut head = Vec::with_capacity(SNIFF_BYTES);
    // What is damaged later is told where it is read.
    let begun = stream(kind, source)
        .map_err(not_read)?
        .take(SNIFF_BYTES as u64)
        .read_to_end(&mut head);
    if let (Err(error), true) = (begun, head.is_empty()) {
        return Err(not_read(error));
    }
    source.seek(SeekFrom::Start(0)).map_err(not_read)?;
    match (sniff(&head), kind) {
        (Some(Kind::Nifti), Kind::Gzip) => return Ok(Opened::Whole),
        (Some(Kind::Tar), _) => {
            let names = tar::names_of(stream(kind, source).map_err(not_read)?)?;
            source.seek(SeekFrom::Start(0)).map_err(not_read)?;
            tar::stream(&names, stream(kind, source).map_err(not_read)?, told)?;
        }
        _ => {
            told.list(&[WITHOUT_NAME.to_owned()])?;
            told.member(WITHOUT_NAME, None, &mut stream(kind, source).map_err(not_read)?)?;
        }
    }
    Ok(Opened::Members)
}
