//! `import`: files into the vault. The original bytes are kept, encrypted; a file already there is
//! recognised by its content. Every file that was met is counted in one list of the result (record 33).

mod apart;
mod archive;
mod batch;
mod disc;
pub(crate) mod read;
mod sealer;
mod sets;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use contract::terminal::{AlsoReadWire, ImportWire};
use decode::discover::is_compressed_volume;
use decode::other::by_name;
use decode::sniff::{Kind, sniff_file};
use decode::{Decoders, Discovered, discover};
use domain::{FailedInput, Failure, FailureCode, Permission, Phase, Sentence, SentenceCode, Stated};

use crate::decoders::decoders;
use crate::frames::Watch;
use crate::permit::permit;
use crate::pixels::Thumbnails;
use crate::vault::{OpenVault, clear_loose_files};
use batch::{Batch, ReadFile};
use sealer::{Sealed, Sealer};

fn data_of_a_header() -> Sentence {
    Sentence::new(SentenceCode::ImportDataOfHeader, [], "the data of a header beside it")
}

/// Whose images those are that name nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenPatient {
    /// Patient ID.
    pub id: String,
    /// `Family^Given`, or empty.
    pub name: String,
}

pub struct ImportRequest {
    pub paths: Vec<PathBuf>,
    pub patient: Option<GivenPatient>,
    /// What a person says of images whose files do not say it.
    pub stated: Stated,
}

impl ImportRequest {
    /// Of files that say themselves whose they are.
    pub fn of(paths: Vec<PathBuf>) -> Self {
        Self {
            paths,
            patient: None,
            stated: Stated::default(),
        }
    }
}

pub fn import(open: &mut OpenVault, request: &ImportRequest, watch: &mut Watch<'_>) -> Result<ImportWire, Failure> {
    if request
        .patient
        .as_ref()
        .is_some_and(|patient| patient.id.trim().is_empty())
    {
        return Err(Failure::usage(
            "the patient ID is empty; give the number of the patient",
        ));
    }
    let mut result = ImportWire::default();
    import_into(open, request, watch, &mut |_: &Path| {}, None, &mut result).map(|()| result)
}

/// What was done before a stop or an error stands in `result` all the same. `at_file` is told of each file before it
/// is opened. Each file is decoded once: every frame, so that damage is told now, and `thumbnails` is given a small
/// image of the middle one.
pub fn import_into(
    open: &mut OpenVault,
    request: &ImportRequest,
    watch: &mut Watch<'_>,
    at_file: &mut dyn FnMut(&Path),
    thumbnails: Option<&Thumbnails>,
    result: &mut ImportWire,
) -> Result<(), Failure> {
    permit(&open.session, Permission::Import)?;
    clear_loose_files(open)?;
    let found = discover(&request.paths)?;
    let decoders = decoders()?;
    let sealer = Sealer::start(&open.vault)?;
    let mut import = Import {
        total: (found.files.len() + found.archives.len() + found.indexes.len()) as u64,
        done: 0,
        open,
        sealer,
        decoders,
        watch,
        at_file,
        batch: Batch::new(thumbnails),
        with_thumbnails: thumbnails.is_some(),
        patient: request.patient.as_ref(),
        stated: &request.stated,
        result,
        more: vec![],
        belongs: BTreeSet::new(),
        indexes: vec![],
        awaited: vec![],
        met: BTreeSet::new(),
    };
    let outcome = import.all(found);
    // What was read before an error is kept where it can be; the first error is the one to tell.
    let committed = import.batch.commit(import.open, import.result);
    outcome.and(committed)?;
    (import.watch)(Phase::Importing, import.total, import.total);
    Ok(())
}

/// One run of the verb.
struct Import<'a, 'w> {
    open: &'a mut OpenVault,
    sealer: Sealer,
    decoders: Decoders,
    watch: &'a mut Watch<'w>,
    at_file: &'a mut dyn FnMut(&Path),
    batch: Batch<'a>,
    with_thumbnails: bool,
    patient: Option<&'a GivenPatient>,
    stated: &'a Stated,
    result: &'a mut ImportWire,
    done: u64,
    total: u64,
    /// Files that only an index names.
    more: Vec<PathBuf>,
    /// Files that were read as the data of a header.
    belongs: BTreeSet<PathBuf>,
    /// Indexes of discs that were read.
    indexes: Vec<disc::Index>,
    /// What they name that lies at no such path.
    awaited: Vec<disc::Awaited>,
    /// SOP Instance UIDs of all files that could be read.
    met: BTreeSet<String>,
}

impl Import<'_, '_> {
    fn all(&mut self, found: Discovered) -> Result<(), Failure> {
        for (path, error) in &found.failed {
            // Of a folder whose files are all named one by one, there is nothing more to say.
            let named = || found.other.iter().any(|(file, _)| file.starts_with(path));
            if error.code != FailureCode::NoScans || !named() {
                self.failed(path.display().to_string(), error.clone().into());
            }
        }
        for index in &found.indexes {
            self.begin(index)?;
            self.index(index, &found)?;
        }
        let more = std::mem::take(&mut self.more);
        self.total += more.len() as u64;
        for path in more.iter().chain(&found.files) {
            self.begin(path)?;
            // By its name alone it is a volume; what it holds is asked where archives are opened.
            if is_compressed_volume(path) && path.is_file() && matches!(sniff_file(path), Ok((Some(Kind::Gzip), _))) {
                self.archive(path, false)?;
                continue;
            }
            let read = self.read_file(path).map_err(|failure| by_its_name(path, failure));
            self.take(path.display().to_string(), read)?;
        }
        for path in &found.archives {
            self.begin(path)?;
            if self.belongs.contains(path) {
                self.also_read(path.display().to_string(), data_of_a_header());
            } else {
                self.archive(path, found.of_a_disc.contains(path))?;
            }
        }
        for (path, error) in found.other {
            let shown = path.display().to_string();
            if self.belongs.contains(&path) {
                self.also_read(shown, data_of_a_header());
            } else {
                self.failed(shown, error.into());
            }
        }
        self.still_awaited();
        Ok(())
    }

    /// Tells that a file is begun, and asks whether to go on.
    fn begin(&mut self, path: &Path) -> Result<(), Failure> {
        if !(self.watch)(Phase::Importing, self.done, self.total) {
            return Err(Failure::new(
                FailureCode::Canceled,
                format!("the import was stopped after {} of {} files", self.done, self.total),
            ));
        }
        self.done += 1;
        (self.at_file)(path);
        Ok(())
    }

    fn failed(&mut self, shown: String, failure: Failure) {
        self.result.failed.push(FailedInput::new(shown, failure));
    }

    fn also_read(&mut self, shown: String, what: Sentence) {
        self.result.also_read.push(AlsoReadWire {
            file: shown,
            what: what.words,
            coded: what.coded,
        });
    }

    fn take(&mut self, shown: String, read: Result<Option<(ReadFile, Sealed)>, Failure>) -> Result<(), Failure> {
        match read {
            Ok(Some(one)) => self.batch.push(self.open, one, self.result)?,
            Ok(None) => self.result.already_there += 1,
            Err(failure) if stops_all(&failure) => return Err(failure),
            Err(failure) => self.failed(shown, failure),
        }
        Ok(())
    }
}

/// What a file is of which only its name says it.
fn by_its_name(path: &Path, failure: Failure) -> Failure {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    match by_name(&name).filter(|_| failure.code == FailureCode::UnknownFormat) {
        Some(other) => {
            let message = format!("the file '{name}' is not taken: {}", other.said_of("it"));
            Failure::new(FailureCode::NotAnImage, message)
        }
        None => failure,
    }
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
        let request = ImportRequest::of(vec![scan]);
        import_into(
            &mut open,
            &request,
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
