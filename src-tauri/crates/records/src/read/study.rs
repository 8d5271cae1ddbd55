//! Everything the vault holds of one study, as it stood at one moment.

use std::collections::{BTreeMap, BTreeSet};

use domain::doubt::number_of_another;
use domain::identity::{Differs, differs};
use domain::measured::rests_on;
use domain::study::StudyFacts;
use domain::{
    Analysis, Annotation, Counterparts, Doubt, Finding, FrameRef, Header, ImageFacts, InputCheck, InputVerdict, Lesion,
    Noted, Patient, Placed, Reading, Refusal, ReportForm, ReportedMeasurement, Review, Ruler, Sentence, SentenceCode,
    Series, SignOff, Stack, Stated, Study, StudyState, Timestamp, Uid, noted,
};
use rusqlite::{Connection, OptionalExtension, Row};

use super::{order, rows};
use crate::database::sql;
use crate::error::{Error, Result};
use crate::files::FileId;
use crate::kept;
use crate::transact::AnalysisId;
use crate::vault::Vault;
use crate::words;

#[derive(Debug, Clone, PartialEq)]
pub struct StudyRecord {
    pub patient: Patient,
    pub study: Study,
    /// By number, then UID.
    pub series: Vec<Series>,
    /// One for each series.
    pub stacks: Vec<Stack>,
    /// In the order of the stacks; after the images of a series what holds none.
    pub instances: Vec<InstanceRecord>,
    /// In the order of the stacks, the newest of a frame last.
    pub analyses: Vec<AnalysisRecord>,
    pub sign_off: Option<SignOff>,
    pub state: StudyState,
    /// `None` before anything was written.
    pub form: Option<ReportForm>,
    /// Those that stand on the images, oldest first.
    pub annotations: Vec<Annotation>,
    /// By the time of opening.
    pub readings: Vec<Reading>,
    /// In which field another study with the same patient ID is of another person.
    pub number_of_another: Option<Differs>,
}

impl StudyRecord {
    /// What is to be told of its images, each sentence once, in the order of the images; at last of how many nothing
    /// was kept.
    pub fn notes(&self) -> Vec<Noted> {
        let of = |one: &InstanceRecord| one.header.series.series_instance_uid.clone();
        let before: Vec<_> = (self.instances.iter()).filter(|one| !one.facts_kept).map(of).collect();
        let words = "an earlier version of the program imported it and did not keep what it noted of the file";
        let not_kept = [Sentence::new(SentenceCode::NotedNotKept, [], words)];
        let kept =
            (self.instances.iter()).map(|one| (&one.header.series.series_instance_uid, one.facts.notes.as_slice()));
        noted::gathered(kept.chain(before.iter().map(|series| (series, not_kept.as_slice()))))
    }

    /// Frames that hold an image.
    pub fn images(&self) -> u64 {
        let frames = self.instances.iter().map(|one| u64::from(one.header.image.frames));
        frames.sum()
    }

    /// Of [`Self::images`] those that no model has seen.
    pub fn images_not_analysed(&self) -> u64 {
        let newest: Vec<&Analysis> = (self.analyses.iter())
            .filter(|stored| stored.newest)
            .map(|stored| &stored.analysis)
            .collect();
        let seen: BTreeSet<(&Uid, u32)> = newest.iter().map(|one| (&one.sop_instance_uid, one.frame)).collect();
        let of = |wanted: &dyn Fn(&InputCheck) -> bool| count(newest.iter().filter(|one| wanted(&one.input)).count());
        let facts = StudyFacts {
            frames: u32::try_from(self.images()).unwrap_or(u32::MAX),
            analyses: count(seen.len()),
            refused: of(&|input| input.verdict == InputVerdict::OutOfRange),
            waiting: of(&|input| input.refusal() == Some(Refusal::NotStated)),
            ..StudyFacts::default()
        };
        facts.unseen().into()
    }

    /// What can hardly be so of patient and study; `day` writes a point in time as `YYYYMMDD`.
    pub fn doubts(&self, day: impl Fn(Timestamp) -> String) -> Vec<Doubt> {
        let imported = self.instances.iter().map(|one| one.imported_at).min();
        let of_dates = imported.map_or_else(Vec::new, |at| domain::doubts(&self.patient, &self.study, &day(at)));
        of_dates
            .into_iter()
            .chain(self.number_of_another.and_then(number_of_another))
            .collect()
    }

    /// What readers measured, in the order of the images and then of their age.
    pub fn measurements(&self) -> Vec<ReportedMeasurement> {
        let slices = self.stacks.iter().flat_map(|stack| &stack.slices);
        let places: BTreeMap<_, usize> = slices.map(|slice| &slice.at).zip(0..).collect();
        let measured = self.annotations.iter().filter(|one| !one.measured.is_empty());
        let mut measured: Vec<_> = measured
            .filter_map(|annotation| {
                let of = |one: &&InstanceRecord| one.header.instance.sop_instance_uid == annotation.sop_instance_uid;
                let InstanceRecord { header, facts, .. } = self.instances.iter().find(of)?;
                let at = FrameRef {
                    sop_instance_uid: annotation.sop_instance_uid.clone(),
                    frame: annotation.frame,
                };
                let ruler = Ruler::of_frame(header, facts, annotation.frame);
                let reported = ReportedMeasurement {
                    annotation: annotation.clone(),
                    series_instance_uid: header.series.series_instance_uid.clone(),
                    instance_number: header.instance.number,
                    rests_on: rests_on(annotation, &ruler),
                };
                Some((places.get(&at).copied(), reported))
            })
            .collect();
        measured.sort_by_key(|(place, _)| *place);
        measured.into_iter().map(|(_, reported)| reported).collect()
    }

    /// The lesions of the newest analyses, the highest score first.
    pub fn lesions(&self) -> Vec<Lesion> {
        let newest = self.analyses.iter().filter(|stored| stored.newest);
        let placed = newest.flat_map(|stored| {
            let analysis = &stored.analysis;
            stored.findings.iter().map(|found| Placed {
                sop_instance_uid: &analysis.sop_instance_uid,
                frame: analysis.frame,
                finding: &found.finding,
                review: found.standing(),
                threshold: analysis.operating_point.threshold,
            })
        });
        domain::lesions(&self.stacks, &placed.collect::<Vec<_>>())
    }
}

fn count(frames: usize) -> u32 {
    u32::try_from(frames).unwrap_or(u32::MAX)
}

#[derive(Debug, Clone, PartialEq)]
pub struct InstanceRecord {
    pub header: Header,
    /// Without entries of tables and bitmaps; nothing in rows from before they were kept.
    pub facts: ImageFacts,
    /// Whether they were kept.
    pub facts_kept: bool,
    pub file_id: FileId,
    pub content_sha256: String,
    pub bytes: u64,
    pub imported_at: Timestamp,
    pub imported_by: String,
    pub original_file_name: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct AnalysisRecord {
    pub id: AnalysisId,
    pub analysis: Analysis,
    /// The set of its operating point in the words of its time, which signatures hold.
    pub set_sentence: String,
    /// Vault file of the anomaly map.
    pub map_file: Option<FileId>,
    pub analysed_at: Timestamp,
    pub analysed_by: String,
    /// Whether it is the newest of its frame, and no statement since then makes it void; only these count.
    pub newest: bool,
    /// In the order of `analysis.findings`.
    pub findings: Vec<FindingRecord>,
}

/// A finding with every decision on its id, also those made on an earlier run of the same analysis.
#[derive(Debug, Clone, PartialEq)]
pub struct FindingRecord {
    pub finding: Finding,
    /// Oldest first.
    pub reviews: Vec<Review>,
}

impl FindingRecord {
    /// The decision that stands: the latest.
    pub fn standing(&self) -> Option<&Review> {
        self.reviews.last()
    }
}

impl Vault {
    /// `None` when the vault has no such study.
    pub fn study(&self, study_instance_uid: &Uid) -> Result<Option<StudyRecord>> {
        self.studies_read.set(self.studies_read.get() + 1);
        // One read transaction: all parts are of the same moment.
        let connection = self.connection.unchecked_transaction()?;
        let mut statement = connection.prepare_cached(sql!("select_study"))?;
        let found = statement.query_row([study_instance_uid.as_str()], |row| Ok(head(row, study_instance_uid)));
        let Some(head) = found.optional()? else { return Ok(None) };
        let (patient, study, state, row) = head?;
        let series = all(&connection, sql!("list_series_of_study"), row, rows::series)?;
        let mut instances = all(&connection, sql!("list_instances_of_study"), row, instance)?;
        let mut analyses = analyses(&connection, row)?;
        leave_out_outdated(&instances, &mut analyses);
        let stacks = order::stacks(&series, &instances);
        order::put_in_order(&stacks, &mut instances, &mut analyses);
        let sign_off = sign_off(&connection, row)?;
        let form = all(&connection, sql!("select_report_form"), row, rows::form)?.pop();
        let annotations = all(&connection, sql!("list_annotations_of_study"), row, rows::annotation)?;
        let readings = all(&connection, sql!("list_readings_of_study"), row, rows::reading)?;
        let number_of_another = number_of_another_person(&connection, row, &patient)?;
        Ok(Some(StudyRecord {
            patient,
            study,
            series,
            stacks,
            instances,
            analyses,
            sign_off,
            state,
            form,
            annotations,
            readings,
            number_of_another,
        }))
    }

    /// Which slices of two series belong together; `None` when one of them is not in the vault.
    pub fn counterparts(&self, from: &Uid, to: &Uid) -> Result<Option<Counterparts>> {
        let connection = self.connection.unchecked_transaction()?;
        let both = stack_of(&connection, from)?.zip(stack_of(&connection, to)?);
        Ok(both.map(|((study, from), (other, to))| domain::counterparts(&from, &to, study == other)))
    }

    /// The instance of the slice in the middle of a study's stacks; `None` where the study holds no image.
    pub fn middle_instance(&self, study_instance_uid: &Uid) -> Result<Option<Uid>> {
        let connection = self.connection.unchecked_transaction()?;
        let mut statement = connection.prepare_cached(sql!("find_study"))?;
        let row = statement.query_row([study_instance_uid.as_str()], |row| row.get(0));
        let Some(row) = row.optional()? else { return Ok(None) };
        let series = all(&connection, sql!("list_series_of_study"), row, rows::series)?;
        let instances = all(&connection, sql!("list_instances_of_study"), row, instance)?;
        let stacks = order::stacks(&series, &instances);
        let slices: Vec<_> = stacks.iter().flat_map(|stack| &stack.slices).collect();
        let middle = slices.get(slices.len() / 2);
        Ok(middle.map(|slice| slice.at.sop_instance_uid.clone()))
    }
}

/// One series in its order, with the row of its study.
fn stack_of(connection: &Connection, series_instance_uid: &Uid) -> Result<Option<(i64, Stack)>> {
    let mut statement = connection.prepare_cached(sql!("find_series"))?;
    let found = statement.query_row([series_instance_uid.as_str()], |row| Ok((row.get(0)?, row.get(1)?)));
    let Some((series, study)) = found.optional()? else {
        return Ok(None);
    };
    let both = |row: &Row<'_>| Ok((header(row)?, facts(row, 2)?));
    let headers = all(connection, sql!("list_headers_of_series"), series, both)?;
    let headers = headers.iter().map(|(header, facts)| (header, facts));
    Ok(Some((study, Stack::of(series_instance_uid, headers))))
}

fn number_of_another_person(connection: &Connection, study: i64, patient: &Patient) -> Result<Option<Differs>> {
    let mut list = connection.prepare_cached(sql!("list_patients_of_number"))?;
    let mut rows = list.query((&patient.patient_id, study))?;
    while let Some(row) = rows.next()? {
        if let Some(field) = differs(&words::patient(row, 1)?, patient) {
            return Ok(Some(field));
        }
    }
    Ok(None)
}

fn head(row: &Row<'_>, uid: &Uid) -> Result<(Patient, Study, StudyState, i64)> {
    let patient = Patient {
        patient_id: row.get(0)?,
        patient_name: row.get(1)?,
        birth_date: row.get(2)?,
        sex: row.get(3)?,
        issuer: row.get(23)?,
        issuer_id: row.get(24)?,
    };
    let study = Study {
        study_instance_uid: uid.clone(),
        date: row.get(4)?,
        time: row.get(5)?,
        accession_number: row.get(6)?,
        description: row.get(7)?,
        referring_physician: row.get(8)?,
        patient_age: row.get(9)?,
    };
    Ok((patient, study, StudyState::of(kept::facts(row, 10, 18)?), row.get(17)?))
}

/// `list_headers_of_series.sql`, the first two columns of `list_instances_of_study.sql`.
fn header(row: &Row<'_>) -> Result<Header> {
    serde_json::from_str(&row.get::<_, String>(1)?).map_err(|_| {
        let uid = row.get::<_, String>(0).unwrap_or_default();
        Error::VaultDamaged(format!("the header of instance {uid} is malformed"))
    })
}

/// Of the column `planes`, which is empty in older rows.
fn facts(row: &Row<'_>, column: usize) -> Result<ImageFacts> {
    let Some(text) = row.get::<_, Option<String>>(column)? else {
        return Ok(ImageFacts::default());
    };
    serde_json::from_str(&text).map_err(|_| {
        let uid = row.get::<_, String>(0).unwrap_or_default();
        Error::VaultDamaged(format!("the facts of the images of instance {uid} are malformed"))
    })
}

fn instance(row: &Row<'_>) -> Result<InstanceRecord> {
    Ok(InstanceRecord {
        header: header(row)?,
        facts: facts(row, 8)?,
        facts_kept: row.get::<_, Option<String>>(8)?.is_some(),
        file_id: stored_file_id(&row.get::<_, String>(2)?)?,
        content_sha256: row.get(3)?,
        bytes: words::unsigned(row.get(4)?)?,
        imported_at: words::time(row.get(5)?),
        imported_by: row.get(6)?,
        original_file_name: row.get(7)?,
    })
}

fn analyses(connection: &Connection, study: i64) -> Result<Vec<AnalysisRecord>> {
    let mut reviews: BTreeMap<String, Vec<Review>> = BTreeMap::new();
    for review in all(connection, sql!("list_reviews_of_study"), study, rows::review)? {
        reviews.entry(review.finding_id.clone()).or_default().push(review);
    }
    let mut findings: BTreeMap<i64, Vec<Finding>> = BTreeMap::new();
    let of_analysis = |row: &Row<'_>| Ok((row.get(0)?, rows::finding(row)?));
    for (analysis, finding) in all(connection, sql!("list_findings_of_study"), study, of_analysis)? {
        findings.entry(analysis).or_default().push(finding);
    }
    all(connection, sql!("list_analyses_of_study"), study, |row| {
        let id = AnalysisId(row.get(0)?);
        let analysis = rows::analysis(row, findings.remove(&id.0).unwrap_or_default())?;
        let with_reviews = |finding: &Finding| FindingRecord {
            finding: finding.clone(),
            reviews: reviews.get(&finding.id).cloned().unwrap_or_default(),
        };
        let map_file: Option<String> = row.get(24)?;
        Ok(AnalysisRecord {
            id,
            findings: analysis.findings.iter().map(with_reviews).collect(),
            analysis,
            set_sentence: row.get(15)?,
            map_file: map_file.as_deref().map(stored_file_id).transpose()?,
            analysed_at: words::time(row.get(25)?),
            analysed_by: row.get(26)?,
            newest: row.get(27)?,
        })
    })
}

/// A refusal does not stand once a person has stated what may make it otherwise.
fn leave_out_outdated(instances: &[InstanceRecord], analyses: &mut [AnalysisRecord]) {
    let stated = |one: &InstanceRecord| (one.header.instance.sop_instance_uid.clone(), one.facts.stated.clone());
    let stated: BTreeMap<Uid, Stated> = (instances.iter())
        .filter(|one| one.facts.stated.after.is_some())
        .map(stated)
        .collect();
    for stored in analyses.iter_mut().filter(|stored| stored.newest) {
        let of = stated.get(&stored.analysis.sop_instance_uid);
        stored.newest = !stored.analysis.input.is_void(stored.id.0, of.and_then(|of| of.after));
    }
}

fn sign_off(connection: &Connection, study: i64) -> Result<Option<SignOff>> {
    let mut statement = connection.prepare_cached(sql!("select_sign_off"))?;
    let read = |row: &Row<'_>| {
        Ok(SignOff {
            reader: row.get(0)?,
            signed_at: words::time(row.get(1)?),
            content_sha256: row.get(2)?,
        })
    };
    Ok(statement.query_row([study], read).optional()?)
}

/// Rows of the study or series with this number.
fn all<T>(connection: &Connection, sql: &str, of: i64, mut read: impl FnMut(&Row<'_>) -> Result<T>) -> Result<Vec<T>> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([of])?;
    let mut values = Vec::new();
    while let Some(row) = rows.next()? {
        values.push(read(row)?);
    }
    Ok(values)
}

fn stored_file_id(text: &str) -> Result<FileId> {
    FileId::parse(text).map_err(|_| Error::VaultDamaged("a stored vault file id is malformed".to_owned()))
}
