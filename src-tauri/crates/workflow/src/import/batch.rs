//! Files that were read and wait for their rows, which are written together: every commit waits for the disk.

use std::collections::BTreeSet;

use contract::terminal::{ImportWire, NoImageWire, NoteWire};
use domain::{FailedInput, Failure, Header, ImageFacts, Sentence, SentenceCode, Uid, doubts};
use records::{Inserted, Op, StoredFile};

use super::{apart::apart, sealer::Sealed, stops_all};
use crate::pixels::Thumbnails;
use crate::time::{day, now};
use crate::vault::OpenVault;

const MOST_TOGETHER: usize = 16;

/// What is known of a file that was read.
pub(super) struct ReadFile {
    /// As the result names it: a path, or an archive and the member in it.
    pub shown: String,
    pub header: Header,
    pub content_sha256: String,
    pub name: Option<String>,
    pub thumbnail: Option<Vec<u8>>,
    /// What the file says of its images beyond the header, and the decoder of how it was read.
    pub facts: ImageFacts,
    /// A patient was given for files that name nobody, and this one names its own.
    pub patient_not_used: bool,
}

pub(super) struct Batch<'a> {
    instances: Vec<(ReadFile, Sealed)>,
    thumbnails: Option<&'a Thumbnails>,
    studies: BTreeSet<String>,
    /// So many rows are written next: the first image is seen at once, and a full disk leaves little behind.
    together: usize,
}

impl<'a> Batch<'a> {
    pub(super) fn new(thumbnails: Option<&'a Thumbnails>) -> Self {
        Self {
            instances: vec![],
            thumbnails,
            studies: BTreeSet::new(),
            together: 1,
        }
    }

    /// Whether an instance of this UID waits for its row.
    pub(super) fn holds(&self, sop_instance_uid: &Uid) -> bool {
        let mut waiting = self.instances.iter();
        waiting.any(|(one, _)| one.header.instance.sop_instance_uid == *sop_instance_uid)
    }

    pub(super) fn push(
        &mut self,
        open: &mut OpenVault,
        one: (ReadFile, Sealed),
        result: &mut ImportWire,
    ) -> Result<(), Failure> {
        self.instances.push(one);
        if self.instances.len() >= self.together {
            self.together = (2 * self.together).min(MOST_TOGETHER);
            return self.commit(open, result);
        }
        Ok(())
    }

    pub(super) fn commit(&mut self, open: &mut OpenVault, result: &mut ImportWire) -> Result<(), Failure> {
        let (instances, sealed) = on_the_disk(std::mem::take(&mut self.instances), result);
        if instances.is_empty() {
            return sealed;
        }
        let written = match insert(open, &instances) {
            Ok(inserted) => {
                self.count(instances, inserted, result);
                Ok(())
            }
            // One of them cannot be stored: each by itself tells which.
            Err(_) => self.one_by_one(open, instances, result),
        };
        result.studies = self.studies.iter().cloned().collect();
        sealed.and(written)
    }

    fn one_by_one(
        &mut self,
        open: &mut OpenVault,
        instances: Vec<Lying>,
        result: &mut ImportWire,
    ) -> Result<(), Failure> {
        for one in instances {
            match insert(open, std::slice::from_ref(&one)) {
                Ok(inserted) => self.count(vec![one], inserted, result),
                Err(failure) if stops_all(&failure) => return Err(failure),
                Err(failure) => result.failed.push(FailedInput::new(one.0.shown, failure)),
            }
        }
        Ok(())
    }

    fn count(&mut self, instances: Vec<Lying>, inserted: Vec<Filed>, result: &mut ImportWire) {
        for ((one, _), (inserted, told)) in instances.into_iter().zip(inserted) {
            if !inserted.new {
                result.already_there += 1;
                continue;
            }
            self.studies.insert(inserted.study_instance_uid.to_string());
            // Who gave the patient, or stated what it is, knows it.
            let own = |told: &&Sentence| {
                !matches!(
                    told.code(),
                    Some(SentenceCode::ImportPatientGiven | SentenceCode::ImportStated)
                )
            };
            for told in told.iter().filter(own) {
                result.notes.push(NoteWire {
                    file: one.shown.clone(),
                    message: told.to_string(),
                    coded: told.coded.clone(),
                });
            }
            result.nameless += u64::from(one.header.patient.is_nameless());
            result.patient_not_used += u64::from(one.patient_not_used);
            match one.header.no_picture() {
                None => result.imported += 1,
                Some(what) => result.no_image.push(NoImageWire {
                    file: one.shown.clone(),
                    what: what.to_string(),
                    coded: what.coded,
                }),
            }
            if let (Some(thumbnails), Some(png)) = (self.thumbnails, one.thumbnail) {
                thumbnails.keep(inserted.sop_instance_uid.as_str(), png);
            }
        }
    }
}

/// A file that waits for its row, and where it lies in the vault.
type Lying = (ReadFile, StoredFile);

/// Waits until all files lie in the vault. One that cannot be stored is told; what would meet every file is the error.
fn on_the_disk(read: Vec<(ReadFile, Sealed)>, result: &mut ImportWire) -> (Vec<Lying>, Result<(), Failure>) {
    let (mut lying, mut outcome) = (vec![], Ok(()));
    for (one, sealed) in read {
        match sealed.wait() {
            Ok(stored) => lying.push((one, stored)),
            Err(failure) if stops_all(&failure) => outcome = outcome.and(Err(failure)),
            Err(failure) => result.failed.push(FailedInput::new(one.shown, failure)),
        }
    }
    (lying, outcome)
}

/// Where an instance lies, and what a person should know of the file.
type Filed = (Inserted, Vec<Sentence>);

fn insert(open: &mut OpenVault, instances: &[Lying]) -> Result<Vec<Filed>, Failure> {
    let at = now();
    let today = day(at);
    let (inserted, _) = open.vault.transact(&open.session, Op::DataImport, at, |tx| {
        let insert = |(one, stored): &Lying| {
            let (header, told) = apart(tx, &one.header)?;
            let inserted = tx.insert_instance(&header, &one.content_sha256, stored, one.name.as_deref())?;
            let mut facts = one.facts.without_bulk();
            facts.notes.extend(told);
            if inserted.new {
                tx.note_planes(&inserted, &facts)?;
            }
            // These follow from the rows, and are told of them whenever they are looked at.
            let doubts = doubts(&one.header.patient, &one.header.study, &today);
            facts.notes.extend(doubts.into_iter().map(|doubt| doubt.told));
            Ok((inserted, facts.notes))
        };
        instances.iter().map(insert).collect()
    })?;
    Ok(inserted)
}
