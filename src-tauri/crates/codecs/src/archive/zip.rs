//! ZIP (APPNOTE 6.3).

use std::io::{Read, Seek};

use ::zip::{ZipArchive, result::ZipError};
use decode::{DecodeError, discover::is_index};
use domain::FailureCode;

use super::{
    damaged, protected,
    told::{Stop, Told, link, too_many},
};
use decode::unpack::MOST_MEMBERS;

pub(super) fn members<S: Read + Seek>(source: &mut S, told: &mut Told<'_>) -> Result<(), Stop> {
    let mut zip = ZipArchive::new(source).map_err(|error| not_read(&error))?;
    if zip.len() > MOST_MEMBERS {
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
    let names: Vec<String> = files.iter().map(|(_, name)| name.clone()).collect();
    if names.iter().any(|name| name == "[Content_Types].xml") || names.first().is_some_and(|name| name == "mimetype") {
        let message = "it is a document of Office, no scan";
        return Err(DecodeError::new(FailureCode::NotAnImage, message).into());
    }
    if all_locked && !files.is_empty() {
        return Err(protected("the archive").into());
    }
    told.list(&names)?;
    // The index of a disc says what the other files are.
    files.sort_by_key(|(index, name)| {
        (
            !name.rsplit('/').next().is_some_and(|last| is_index(last.as_ref())),
            *index,
        )
    });
    for (index, name) in files {
        one(&mut zip, index, &name, told)?;
    }
    Ok(())
}

fn one<S: Read + Seek>(zip: &mut ZipArchive<S>, index: usize, name: &str, told: &mut Told<'_>) -> Result<(), Stop> {
    let (is_link, locked) = match zip.by_index_raw(index) {
        Ok(entry) => (entry.is_symlink(), entry.encrypted()),
        Err(error) => return told.refused(&format!("{name} (entry {index})"), not_read(&error)),
    };
    if is_link {
        return told.refused(name, link());
    }
    if locked {
        return told.refused(name, protected("it"));
    }
    match zip.by_index(index) {
        Ok(mut entry) => {
            let length = entry.size();
            told.member(name, Some(length), &mut entry)
        }
        Err(error) => told.refused(name, not_read(&error)),
    }
}

fn not_read(error: &ZipError) -> DecodeError {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword => protected("it"),
        ZipError::UnsupportedArchive(what) => {
            DecodeError::unsupported(format!("the ZIP archive is not opened: {what}"))
        }
        ZipError::CompressionMethodNotSupported(method) => DecodeError::unsupported(format!(
            "it is compressed by method {method} of ZIP, which is not read; pack it again by deflate"
        )),
        other => damaged(&other.to_string()),
    }
}
