//! `import`: files into the vault. The original bytes are kept, encrypted; a file already there is
//! recognised by its content.

use std::collections::BTreeSet;
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};

use decode::{Decoder, Limits, Source, discover};
use domain::{Permission, SourceFormat};
use records::Op;
use sha2::{Digest, Sha256};

use crate::error::Failure;
use crate::files::io_failure;
use crate::frames::Watch;
use crate::permit::permit;
use crate::time::now;
use crate::vault::{OpenVault, clear_loose_files};
use crate::wire::{ImportWire, failed};

pub fn import(open: &mut OpenVault, paths: &[PathBuf], watch: &mut Watch<'_>) -> Result<ImportWire, Failure> {
    let mut result = ImportWire::default();
    import_into(open, paths, watch, &mut result).map(|()| result)
}

/// What was done before a stop or an error stands in `result` all the same.
pub(crate) fn import_into(
    open: &mut OpenVault,
    paths: &[PathBuf],
    watch: &mut Watch<'_>,
    result: &mut ImportWire,
) -> Result<(), Failure> {
    permit(&open.session, Permission::Import)?;
    clear_loose_files(open)?;
    let found = discover(paths)?;
    result.failed.extend(
        found
            .failed
            .into_iter()
            .map(|(path, error)| failed(path.display().to_string(), error.into())),
    );
    let mut decoder = Decoder::beside_executable(Limits::default())?;
    let mut studies = BTreeSet::new();
    let total = found.files.len() as u64;
    for (done, path) in found.files.iter().enumerate() {
        if !watch("importing", done as u64, total) {
            return Err(Failure::new(
                "canceled",
                format!("the import was stopped after {done} of {total} files"),
            ));
        }
        match import_file(open, &mut decoder, path) {
            Ok(Imported::New(study)) => {
                result.imported += 1;
                if studies.insert(study.clone()) {
                    result.studies.push(study);
                }
            }
            Ok(Imported::Known) => result.already_there += 1,
            Err(failure) if stops_all(&failure) => return Err(failure),
            Err(failure) => result.failed.push(failed(path.display().to_string(), failure)),
        }
    }
    watch("importing", total, total);
    result.studies = studies.into_iter().collect();
    Ok(())
}

enum Imported {
    New(String),
    Known,
}

fn import_file(open: &mut OpenVault, decoder: &mut Decoder, path: &Path) -> Result<Imported, Failure> {
    let unreadable = |error: std::io::Error| io_failure(path, "read", &error);
    // Decoding first says what is wrong with the file in the best words.
    let mut decoded = decoder.decode(Source::File(path))?;
    let mut file = std::fs::File::open(path).map_err(unreadable)?;
    let content_sha256 = sha256_of(&mut file).map_err(unreadable)?;
    if open.vault.instance_by_content(&content_sha256)?.is_some() {
        return Ok(Imported::Known);
    }
    file.rewind().map_err(unreadable)?;
    let stored = open.vault.put_file(&mut file)?;
    if stored.sha256 != content_sha256 {
        return Err(Failure::new(
            "changed_while_read",
            format!("{} changed while it was read; import it again", path.display()),
        ));
    }
    let study = decoded.header.study.study_instance_uid.to_string();
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
    if decoded.header.instance.format != SourceFormat::Dicom {
        // A picture file has no words of its own; its name is what the person knows it by.
        decoded.header.study.description.clone_from(&name);
    }
    let (inserted, _) = open.vault.transact(&open.session, Op::DataImport, now(), |tx| {
        tx.insert_instance(&decoded.header, &content_sha256, &stored, name.as_deref())
    })?;
    Ok(if inserted.new {
        Imported::New(study)
    } else {
        Imported::Known
    })
}

fn sha256_of(file: &mut std::fs::File) -> std::io::Result<String> {
    let mut hash = Sha256::new();
    let mut chunk = vec![0; 1 << 16];
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok(format!("{:x}", hash.finalize())),
            n => hash.update(&chunk[..n]),
        }
    }
}

/// Going on would only repeat it for every file.
fn stops_all(failure: &Failure) -> bool {
    matches!(
        failure.code.as_str(),
        "disk_full" | "vault_damaged" | "vault_busy" | "decoder_missing" | "database"
    )
}
