//! 7z. One thread: the process may start no other.

use std::io::{Read, Seek};

use decode::{DecodeError, unpack::MOST_MEMBERS};
use sevenz_rust2::{Archive, ArchiveEntry, BlockDecoder, Error, Password};

use super::{
    damaged, protected,
    told::{Stop, Told, too_many},
};

/// For headers and dictionaries each, in KiB: below what the process may use.
const MEMORY_KB: usize = 384 << 10;

pub(super) fn members<S: Read + Seek>(source: &mut S, told: &mut Told<'_>) -> Result<(), Stop> {
    let no_password = Password::empty();
    let archive = Archive::read_with_memory_limit(source, &no_password, MEMORY_KB).map_err(|error| not_read(&error))?;
    if archive.files.len() > MOST_MEMBERS {
        return Err(too_many().into());
    }
    let files = || archive.files.iter().filter(|file| !file.is_directory());
    let locked = (0..archive.files.len()).any(|index| archive.is_file_encrypted(index));
    if locked {
        return Err(protected("the archive").into());
    }
    told.list(&files().map(|file| file.name().to_owned()).collect::<Vec<_>>())?;
    for file in files().filter(|file| !file.has_stream()) {
        told.member(file.name(), Some(0), &mut std::io::empty())?;
    }
    for block in 0..archive.blocks.len() {
        let decoder = BlockDecoder::new_with_memory_limit(1, MEMORY_KB, block, &archive, &no_password, &mut *source);
        let mut stopped = None;
        let read = decoder.for_each_entries(&mut |file: &ArchiveEntry, content: &mut dyn Read| {
            if file.is_directory() || !file.has_stream() {
                return Ok(true);
            }
            match told.member(file.name(), Some(file.size()), content) {
                Ok(()) => Ok(true),
                Err(stop) => {
                    stopped = Some(stop);
                    Err(Error::FileNotFound)
                }
            }
        });
        if let Some(stop) = stopped {
            return Err(stop);
        }
        read.map_err(|error| not_read(&error))?;
    }
    Ok(())
}

fn not_read(error: &Error) -> DecodeError {
    match error {
        Error::PasswordRequired | Error::MaybeBadPassword(_) => protected("the archive"),
        Error::UnsupportedCompressionMethod(method) if method.contains("AES") => protected("the archive"),
        Error::UnsupportedCompressionMethod(method) => DecodeError::unsupported(format!(
            "the 7z archive is compressed by {}, which is not read; pack it as ZIP",
            method.chars().take(60).collect::<String>()
        )),
        Error::MaxMemLimited { .. } => {
            DecodeError::limit("the 7z archive needs more memory to unpack than it may use; pack it as ZIP")
        }
        other => damaged(&other.to_string()),
    }
}
