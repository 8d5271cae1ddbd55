//! `import`: files into the vault. The original bytes are kept, encrypted; a file already there is
//! recognised by its content.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use decode::{Decoders, Source, Urgency, Wanted, discover};
use domain::{Decoded, FailedInput, Failure, FailureCode, Header, ImageFacts, Permission, SourceFormat};
use records::{Inserted, Op, StoredFile};
use sha2::{Digest, Sha256};

use crate::decoders::decoders;
use crate::files::io_failure;
use crate::frames::Watch;
use crate::permit::permit;
use crate::pixels::{Thumbnails, thumbnail};
use crate::time::now;
use crate::vault::{OpenVault, clear_loose_files};
use contract::terminal::ImportWire;

const TOGETHER: usize = 16;

pub fn import(open: &mut OpenVault, paths: &[PathBuf], watch: &mut Watch<'_>) -> Result<ImportWire, Failure> {
    let mut result = ImportWire::default();
    import_into(open, paths, watch, &mut |_: &Path| {}, None, &mut result).map(|()| result)
}

/// What was done before a stop or an error stands in `result` all the same. `at_file` is told of each file before it
/// is opened. Each file is decoded once: every frame, so that damage is told now, and `thumbnails` is given a small
/// image of the middle one.
pub fn import_into(
    open: &mut OpenVault,
    paths: &[PathBuf],
    watch: &mut Watch<'_>,
    at_file: &mut dyn FnMut(&Path),
    thumbnails: Option<&Thumbnails>,
    result: &mut ImportWire,
) -> Result<(), Failure> {
    permit(&open.session, Permission::Import)?;
    clear_loose_files(open)?;
    let found = discover(paths)?;
    result.failed.extend(
        found
            .failed
            .into_iter()
            .map(|(path, error)| FailedInput::new(path.display().to_string(), error.into())),
    );
    let decoders = decoders()?;
    let mut studies = BTreeSet::new();
    let mut batch = Batch {
        instances: vec![],
        thumbnails,
    };
    let total = found.files.len() as u64;
    for (done, path) in found.files.iter().enumerate() {
        if !watch("importing", done as u64, total) {
            batch.commit(open, result, &mut studies)?;
            result.studies = studies.into_iter().collect();
            return Err(Failure::new(
                FailureCode::Canceled,
                format!("the import was stopped after {done} of {total} files"),
            ));
        }
        at_file(path);
        match read_file(open, &decoders, path, thumbnails.is_some()) {
            Ok(Some(instance)) => {
                batch.instances.push(instance);
                if batch.instances.len() >= TOGETHER {
                    batch.commit(open, result, &mut studies)?;
                }
            }
            Ok(None) => result.already_there += 1,
            Err(failure) if stops_all(&failure) => {
                // What was read before it is kept where it can be; the first error is the one to tell.
                let _ = batch.commit(open, result, &mut studies);
                return Err(failure);
            }
            Err(failure) => result
                .failed
                .push(FailedInput::new(path.display().to_string(), failure)),
        }
    }
    batch.commit(open, result, &mut studies)?;
    result.studies = studies.into_iter().collect();
    watch("importing", total, total);
    Ok(())
}

/// A file that lies in the vault and waits for its row.
struct ReadFile {
    path: PathBuf,
    header: Header,
    facts: ImageFacts,
    content_sha256: String,
    stored: StoredFile,
    name: Option<String>,
    thumbnail: Option<Vec<u8>>,
}

/// Rows that are written together: every commit waits for the disk.
struct Batch<'a> {
    instances: Vec<ReadFile>,
    thumbnails: Option<&'a Thumbnails>,
}

impl Batch<'_> {
    fn commit(
        &mut self,
        open: &mut OpenVault,
        result: &mut ImportWire,
        studies: &mut BTreeSet<String>,
    ) -> Result<(), Failure> {
        let instances = std::mem::take(&mut self.instances);
        if instances.is_empty() {
            return Ok(());
        }
        if let Ok(inserted) = insert(open, &instances) {
            self.count(instances, &inserted, result, studies);
            return Ok(());
        }
        // One of them cannot be stored: each by itself tells which.
        for one in instances {
            match insert(open, std::slice::from_ref(&one)) {
                Ok(inserted) => self.count(vec![one], &inserted, result, studies),
                Err(failure) if stops_all(&failure) => return Err(failure),
                Err(failure) => result
                    .failed
                    .push(FailedInput::new(one.path.display().to_string(), failure)),
            }
        }
        Ok(())
    }

    fn count(
        &self,
        instances: Vec<ReadFile>,
        inserted: &[Inserted],
        result: &mut ImportWire,
        studies: &mut BTreeSet<String>,
    ) {
        for (one, inserted) in instances.into_iter().zip(inserted) {
            if !inserted.new {
                result.already_there += 1;
                continue;
            }
            result.imported += 1;
            studies.insert(inserted.study_instance_uid.to_string());
            if let (Some(thumbnails), Some(png)) = (self.thumbnails, one.thumbnail) {
                thumbnails.keep(one.header.instance.sop_instance_uid.as_str(), png);
            }
        }
    }
}

fn insert(open: &mut OpenVault, instances: &[ReadFile]) -> Result<Vec<Inserted>, Failure> {
    let (inserted, _) = open.vault.transact(&open.session, Op::DataImport, now(), |tx| {
        let insert = |one: &ReadFile| {
            let added = tx.insert_instance(&one.header, &one.content_sha256, &one.stored, one.name.as_deref())?;
            if added.new {
                tx.note_planes(&added, &one.facts)?;
            }
            Ok(added)
        };
        instances.iter().map(insert).collect()
    })?;
    Ok(inserted)
}

/// Decodes a file and stores its bytes; `None` when its content is there already.
fn read_file(
    open: &mut OpenVault,
    decoders: &Decoders,
    path: &Path,
    with_thumbnail: bool,
) -> Result<Option<ReadFile>, Failure> {
    let unreadable = |error: std::io::Error| io_failure(path, "read", &error);
    // Decoding first says what is wrong with the file in the best words.
    let mut hash = Sha256::new();
    let decoded = decoders.ask(
        Source::Watched(path, &mut |bytes| hash.update(bytes)),
        &Wanted::Checked,
        Urgency::Work,
    )?;
    let content_sha256 = format!("{:x}", hash.finalize());
    if open.vault.instance_by_content(&content_sha256)?.is_some() {
        return Ok(None);
    }
    let mut file = std::fs::File::open(path).map_err(unreadable)?;
    let stored = open.vault.put_file(&mut file)?;
    if stored.sha256 != content_sha256 {
        return Err(Failure::new(
            FailureCode::ChangedWhileRead,
            format!("{} changed while it was read; import it again", path.display()),
        ));
    }
    // What cannot be shown has none, and is told where it would be.
    let thumbnail = with_thumbnail.then(|| thumbnail(&decoded, 0).ok()).flatten();
    let Decoded { mut header, facts, .. } = decoded;
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
    if header.instance.format != SourceFormat::Dicom {
        // A picture file has no words of its own; its name is what the person knows it by.
        header.study.description.clone_from(&name);
    }
    Ok(Some(ReadFile {
        path: path.to_owned(),
        header,
        facts,
        content_sha256,
        stored,
        name,
        thumbnail,
    }))
}

/// Going on would only repeat it for every file.
fn stops_all(failure: &Failure) -> bool {
    matches!(
        failure.code,
        FailureCode::DiskFull
            | FailureCode::VaultDamaged
            | FailureCode::VaultBusy
            | FailureCode::DecoderMissing
            | FailureCode::Database
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::opening::create_vault;
    use crate::pixels::Store;
    use crate::vault::Passphrase;

    #[test]
    fn what_an_import_decoded_has_its_small_image_already() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let scan = folder.path().join("image.png");
        image::GrayImage::from_fn(300, 200, |x, y| image::Luma([(x * y % 251) as u8])).save(&scan)?;
        let mut open = create_vault(&folder.path().join("vault"), "admin", &Passphrase::new("a passphrase"))?;
        let thumbnails = Thumbnails::default();
        let mut result = ImportWire::default();
        let paths = [scan];
        import_into(
            &mut open,
            &paths,
            &mut |_, _, _| true,
            &mut |_| {},
            Some(&thumbnails),
            &mut result,
        )?;
        assert_eq!((result.imported, result.failed), (1, vec![]));
        let uid = crate::find::parse_uid(result.studies.first().ok_or("no study")?)?;
        let sop = open.vault.study(&uid)?.ok_or("no study")?.instances[0]
            .header
            .instance
            .sop_instance_uid
            .clone();
        // Nothing can be decoded any more.
        let store = Store::start(&open)?;
        store.close();
        let png = thumbnails.of_instance(&store, sop.as_str())?;
        let small = image::load_from_memory_with_format(&png, image::ImageFormat::Png)?;
        assert_eq!((small.width(), small.height()), (128, 86));
        assert!(
            thumbnails
                .of_instance(&store, "1.2.3")
                .is_err_and(|e| e.code == FailureCode::Locked)
        );
        Ok(())
    }
}
