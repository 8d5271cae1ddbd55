//! Files that were read and wait for their rows, which are written together: every commit waits for the disk.

use std::borrow::Cow;
use std::collections::BTreeSet;

use contract::terminal::{ImportWire, NoImageWire, NoteWire};
use domain::{FailedInput, Failure, Header, ImageFacts, Patient};
use records::{Inserted, Op, StoredFile};

use super::{apart::kept_apart, stops_all};
use crate::pixels::Thumbnails;
use crate::time::now;
use crate::vault::OpenVault;

const MOST_TOGETHER: usize = 16;

/// A file that lies in the vault and waits for its row.
pub(super) struct ReadFile {
    /// As the result names it: a path, or an archive and the member in it.
    pub shown: String,
    pub header: Header,
    pub content_sha256: String,
    pub stored: StoredFile,
    pub name: Option<String>,
    pub thumbnail: Option<Vec<u8>>,
    /// What the file says of its images beyond the header, and the decoder of how it was read.
    pub facts: ImageFacts,
}

pub(super) struct Batch<'a> {
    instances: Vec<ReadFile>,
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

    pub(super) fn push(&mut self, open: &mut OpenVault, one: ReadFile, result: &mut ImportWire) -> Result<(), Failure> {
        self.instances.push(one);
        if self.instances.len() >= self.together {
            self.together = (2 * self.together).min(MOST_TOGETHER);
            return self.commit(open, result);
        }
        Ok(())
    }

    pub(super) fn commit(&mut self, open: &mut OpenVault, result: &mut ImportWire) -> Result<(), Failure> {
        let instances = std::mem::take(&mut self.instances);
        if instances.is_empty() {
            return Ok(());
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
        written
    }

    fn one_by_one(
        &mut self,
        open: &mut OpenVault,
        instances: Vec<ReadFile>,
        result: &mut ImportWire,
    ) -> Result<(), Failure> {
        for one in instances {
            match insert(open, std::slice::from_ref(&one)) {
                Ok(inserted) => self.count(vec![one], inserted, result),
                Err(failure) if stops_all(&failure) => return Err(failure),
                Err(failure) => result.failed.push(FailedInput::new(one.shown, failure)),
            }
        }
        Ok(())
    }

    fn count(&mut self, instances: Vec<ReadFile>, inserted: Vec<Filed>, result: &mut ImportWire) {
        for (one, (inserted, told)) in instances.into_iter().zip(inserted) {
            if !inserted.new {
                result.already_there += 1;
                continue;
            }
            self.studies.insert(inserted.study_instance_uid.to_string());
            for message in one.facts.notes.iter().map(ToString::to_string).chain(told) {
                result.notes.push(NoteWire {
                    file: one.shown.clone(),
                    message,
                });
            }
            let Patient {
                patient_id,
                patient_name,
                ..
            } = &one.header.patient;
            if patient_id.trim().is_empty() && patient_name.trim().is_empty() {
                result.nameless += 1;
            }
            match one.header.no_picture() {
                None => result.imported += 1,
                Some(what) => result.no_image.push(NoImageWire {
                    file: one.shown.clone(),
                    what: what.to_string(),
                }),
            }
            if let (Some(thumbnails), Some(png)) = (self.thumbnails, one.thumbnail) {
                thumbnails.keep(one.header.instance.sop_instance_uid.as_str(), png);
            }
        }
    }
}

/// Where an instance lies, and what a person should know of it.
type Filed = (Inserted, Option<String>);

fn insert(open: &mut OpenVault, instances: &[ReadFile]) -> Result<Vec<Filed>, Failure> {
    let (inserted, _) = open.vault.transact(&open.session, Op::DataImport, now(), |tx| {
        let insert = |one: &ReadFile| {
            let (header, told) = match tx.other_person(&one.header)? {
                None => (Cow::Borrowed(&one.header), None),
                Some(field) => {
                    let (apart, told) = kept_apart(&one.header, field);
                    (Cow::Owned(apart), Some(told))
                }
            };
            let inserted = tx.insert_instance(&header, &one.content_sha256, &one.stored, one.name.as_deref())?;
            if inserted.new {
                tx.note_planes(&inserted, &one.facts)?;
            }
            Ok((inserted, told))
        };
        instances.iter().map(insert).collect()
    })?;
    Ok(inserted)
}
