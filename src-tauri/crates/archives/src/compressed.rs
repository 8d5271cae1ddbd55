//! One file that is compressed by itself (gzip, bzip2, Zstandard, xz): a file, a TAR archive, or a NIfTI file in gzip that is
//! read as it is.

use std::io::{self, Read, Seek, SeekFrom};

use bzip2::read::MultiBzDecoder;
use decode::{
    DecodeError,
    sniff::{Kind, SNIFF_BYTES, sniff},
};

use super::{
    Opened, tar,
    told::{Stop, Told},
    unread,
};
use crate::gunzip::{Gunzip, is_other_data};
use crate::xz::Xz;

/// What the file is called within; the parent knows it by the archive's own name.
pub(super) const WITHOUT_NAME: &str = "content";

/// What comes out of it, of all its parts.
fn stream<'s, S: Read>(kind: Kind, source: &'s mut S) -> io::Result<Box<dyn Read + 's>> {
    Ok(match kind {
        Kind::Bzip2 => Box::new(MultiBzDecoder::new(source)),
        Kind::Zstd => Box::new(zstd::stream::read::Decoder::new(source)?),
        Kind::Xz => Box::new(Xz::new(source)),
        _ => Box::new(Gunzip::new(source)),
    })
}

/// A stream that keeps why it ended early, which its reader may not pass on.
struct Checked<R> {
    inner: R,
    failed: Option<io::Error>,
}

impl<R: Read> Checked<R> {
    fn new(inner: R) -> Self {
        Self { inner, failed: None }
    }

    /// Reads on to the end, where the checksum stands (RFC 1952 2.3.1 of gzip, RFC 8878 3.1.1 of Zstandard). Whether it is
    /// cut before that; damage is an error, for nobody knows which bytes are wrong.
    fn cut_before_its_end(mut self) -> Result<bool, DecodeError> {
        if self.failed.is_none() {
            // Its error is kept.
            let _ = io::copy(&mut self, &mut io::sink());
        }
        match self.failed {
            None => Ok(false),
            Some(error) if is_other_data(&error) => Ok(false),
            Some(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(true),
            Some(error) => Err(unread(&error)),
        }
    }
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.inner.read(buffer) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                let told = io::Error::new(error.kind(), error.to_string());
                self.failed = Some(error);
                Err(told)
            }
            other => other,
        }
    }
}

pub(super) fn members<S: Read + Seek>(kind: Kind, source: &mut S, told: &mut Told<'_>) -> Result<Opened, Stop> {
    let not_read = |error: io::Error| Stop::Bad(unread(&error));
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
            let mut checked = Checked::new(stream(kind, source).map_err(not_read)?);
            let names = tar::names_of(&mut checked)?;
            // The checksum stands behind the last member, and none is handed out before it is known.
            let cut = checked.cut_before_its_end()?;
            source.seek(SeekFrom::Start(0)).map_err(not_read)?;
            tar::stream(&names, stream(kind, source).map_err(not_read)?, told)?;
            if cut {
                let message = "the archive is cut at its end: its checksum is not there, and damage would not be \
                               noticed; copy it again from its source";
                return Err(DecodeError::truncated(message).into());
            }
        }
        _ => {
            told.list(&[WITHOUT_NAME.to_owned()])?;
            told.member(WITHOUT_NAME, None, &mut stream(kind, source).map_err(not_read)?)?;
        }
    }
    Ok(Opened::Members)
}
