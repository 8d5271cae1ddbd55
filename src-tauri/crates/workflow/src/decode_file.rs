//! `decode`: what a file holds, without a vault.

use std::path::PathBuf;
use std::time::Instant;

use decode::Wanted;
use domain::grey::Shown;
use domain::{Failure, FailureCode, Permission, Session};
use engine::bundle::sha256_hex;

use crate::decoders::decoders;
use crate::files::{keep_apart, write_whole};
use crate::frames::{decode_path, milliseconds_since};
use crate::permit::permit;
use contract::decoded::{DecodedHeader, DecodedWire};

pub struct DecodeRequest {
    pub file: PathBuf,
    /// Where the stored pixel values go, little endian, all frames.
    pub raw: Option<PathBuf>,
    /// Where the first frame goes as an 8-bit grey image, as the window first shows it.
    pub png: Option<PathBuf>,
}

pub fn decode_file(session: &Session, request: &DecodeRequest) -> Result<DecodedWire, Failure> {
    permit(session, Permission::ViewRecords)?;
    for output in request.raw.iter().chain(&request.png) {
        keep_apart(&request.file, output)?;
    }
    let started = Instant::now();
    let decoded = decode_path(&request.file, &Wanted::All, &decoders()?).map_err(|error| {
        // The decoder is handed bytes and does not know the file's name.
        Failure::new(error.code, format!("{}: {}", request.file.display(), error.message))
    })?;
    if let Some(what) = decoded.header.no_picture() {
        return Err(Failure::new(
            FailureCode::NoPicture,
            format!("{} is {what}", request.file.display()),
        ));
    }
    let milliseconds = milliseconds_since(started);
    let bytes = decoded.pixels.data.to_le_bytes()?;
    if let Some(path) = &request.raw {
        write_whole(path, &bytes)?;
    }
    if let Some(path) = &request.png {
        let greys = Shown::of(&decoded, 0)?.greys()?;
        write_whole(
            path,
            &report::grey_png(decoded.pixels.rows, decoded.pixels.cols, &greys)?,
        )?;
    }
    let (min, max, mean) = decoded.pixels.data.range_and_mean();
    Ok(DecodedWire {
        file: request.file.clone(),
        shape: decoded.pixels.shape(),
        dtype: decoded.pixels.data.dtype().to_owned(),
        sha256_raw: sha256_hex(&bytes),
        min,
        max,
        mean,
        milliseconds,
        notes: decoded.facts.notes.iter().map(|note| note.words.clone()).collect(),
        header: DecodedHeader::new(decoded.header, &decoded.facts),
    })
}
