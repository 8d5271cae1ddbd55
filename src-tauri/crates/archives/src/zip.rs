//! ZIP (APPNOTE 6.3).

use std::io::{self, Read, Seek, SeekFrom};

use ::zip::{CompressionMethod, ZipArchive, result::ZipError};
use decode::{DecodeError, discover::is_index_name};
use domain::FailureCode;

use super::{
    damaged, doubled, protected,
    told::{Stop, Told, link, too_many},
};
use decode::unpack::MOST_MEMBERS;

/// Why an archive is none that is whole by itself: a part of one that was split (APPNOTE 8.5). The first part begins with
/// a mark, the last one says its number where the archive ends.
fn split<S: Read + Seek>(source: &mut S) -> io::Result<Option<DecodeError>> {
    const TAIL: u64 = 22 + 65_535;
    let mut mark = [0; 4];
    source.seek(SeekFrom::Start(0))?;
    let marked = source.read_exact(&mut mark).is_ok() && mark == *b"PK\x07\x08";
    let length = source.seek(SeekFrom::End(0))?;
    source.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let mut tail = vec![];
    source.take(TAIL).read_to_end(&mut tail)?;
    source.seek(SeekFrom::Start(0))?;
    let end = tail.windows(4).rposition(|four| four == b"PK\x05\x06");
    let end = end.and_then(|at| tail.get(at..)?.get(4..6)?.first_chunk());
    let which = match end.map(|number| u16::from_le_bytes(*number)) {
        // ZIP64 says it elsewhere.
        Some(0 | u16::MAX) => return Ok(None),
        Some(number) => format!("the last of {} parts", u32::from(number) + 1),
        None if marked => "the first part".to_owned(),
        None => return Ok(None),
    };
    let message = format!(
        "it is {which} of a split ZIP archive (.z01, .z02 and so on, the last one .zip), which is not opened: put the \
         parts together ('zip -s 0 PARTS.zip --out WHOLE.zip'), and import that"
    );
    Ok(Some(DecodeError::unsupported(message)))
}

pub(super) fn members<S: Read + Seek>(source: &mut S, told: &mut Told<'_>) -> Result<(), Stop> {
    if let Some(error) = split(source).map_err(|error| damaged(&error.to_string()))? {
        return Err(error.into());
    }
    let (mut zip, doubled) = doubled::opened(source)?;
    if zip.len() + doubled.len() > MOST_MEMBERS {
        return Err(too_many().into());
    }
    let mut files = vec![];
    let mut all_locked = true;
    for index in 0..zip.len() {
        let entry = match zip.by_index_raw(index) {
            Ok(entry) => entry,
            Err(_) => {
                // What it is called is said where it is opened.
                files.push((index, String::new()));
                all_locked = false;
                continue;
            }
        };
        if entry.is_dir() {
            continue;
        }
        all_locked &= entry.encrypted();
        let name = entry.name().map(|name| name.into_owned());
        files.push((index, name.unwrap_or_else(|_| format!("entry {index}"))));
    }
    let mut names: Vec<String> = files.iter().map(|(_, name)| name.clone()).collect();
    if names.iter().any(|name| name == "[Content_Types].xml") || names.first().is_some_and(|name| name == "mimetype") {
        let message = "it is an Office document, not an image";
        return Err(DecodeError::new(FailureCode::NotAnImage, message).into());
    }
    if all_locked && !files.is_empty() {
        return Err(protected("the archive").into());
    }
    names.extend(doubled.iter().map(|member| member.name.clone()));
    told.list(&names)?;
    // The index of a disc says what the other files are.
    files.sort_by_key(|(index, name)| {
        (
            !name.rsplit('/').next().is_some_and(|last| is_index_name(last.as_ref())),
            *index,
        )
    });
    for (index, name) in files {
        one(&mut zip, index, &name, told)?;
    }
    let source = zip.into_inner();
    doubled.iter().try_for_each(|member| member.hand_out(source, told))
}

fn one<S: Read + Seek>(zip: &mut ZipArchive<S>, index: usize, name: &str, told: &mut Told<'_>) -> Result<(), Stop> {
    let (is_link, locked, method) = match zip.by_index_raw(index) {
        Ok(entry) => (entry.is_symlink(), entry.encrypted(), entry.compression()),
        Err(error) => return told.refused(&format!("{name} (entry {index})"), not_read(&error)),
    };
    if is_link {
        return told.refused(name, link());
    }
    if locked {
        return told.refused(name, protected("it"));
    }
    use CompressionMethod as Method;
    if !matches!(
        method,
        Method::Stored | Method::Deflated | Method::Deflate64 | Method::Bzip2
    ) {
        #[allow(deprecated, reason = "the number of the method, which is all that a file says")]
        return told.refused(name, not_by_this_method(method.to_u16()));
    }
    match zip.by_index(index) {
        Ok(mut entry) => {
            let length = entry.size();
            told.member(name, Some(length), &mut entry)
        }
        Err(error) => told.refused(name, not_read(&error)),
    }
}

/// Methods of APPNOTE 4.4.5 that are not unpacked.
pub(super) fn not_by_this_method(method: u16) -> DecodeError {
    let name = match method {
        1 => "Shrink",
        2..=5 => "Reduce",
        6 | 10 => "Implode",
        9 => "Deflate64",
        12 => "bzip2",
        14 => "LZMA",
        18 => "TERSE",
        19 => "LZ77",
        20 | 93 => "Zstandard",
        94 => "MP3",
        95 => "XZ",
        96 => "JPEG",
        97 => "WavPack",
        98 => "PPMd",
        99 => return protected("it"),
        _ => "one that is not known",
    };
    DecodeError::unsupported(format!(
        "it is compressed by a method that is not read ({name}, number {method}): unpack the archive, or pack it again \
         by deflate"
    ))
}

pub(super) fn not_read(error: &ZipError) -> DecodeError {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword => protected("it"),
        ZipError::UnsupportedArchive(what) => {
            DecodeError::unsupported(format!("the ZIP archive is not opened: {what}"))
        }
        ZipError::CompressionMethodNotSupported(method) => not_by_this_method(*method),
        other => damaged(&other.to_string()),
    }
}
