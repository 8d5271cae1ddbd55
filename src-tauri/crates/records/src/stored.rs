//! Shapes that are promises: what stands in old signatures stays as it was, whatever becomes of the
//! types that the program works with.

use std::collections::BTreeMap;

use domain::{
    Annotation, Device, Finding, InputCheck, ModelVersion, Precision, ReportForm, Review, Score, StageMilliseconds, Uid,
};
use serde::Serialize;

use crate::error::{Error, Result};
use crate::read::{AnalysisRecord, InstanceRecord, StudyRecord};

/// An analysis as signatures have hashed it since the first version.
#[derive(Serialize)]
struct SignedAnalysis<'a> {
    sop_instance_uid: &'a Uid,
    frame: u32,
    model: &'a ModelVersion,
    input: &'a InputCheck,
    score: Option<Score>,
    /// A limit was reached, whatever the model may say by it.
    flagged: bool,
    operating_point: SignedPoint<'a>,
    findings: &'a [Finding],
    device: Device,
    precision: Precision,
    milliseconds: StageMilliseconds,
    app_version: &'a str,
}

#[derive(Serialize)]
struct SignedPoint<'a> {
    name: &'a str,
    threshold: f32,
    sensitivity: f64,
    specificity: Option<f64>,
    /// As it was worded when the analysis was stored.
    set: &'a str,
}

impl<'a> From<&'a AnalysisRecord> for SignedAnalysis<'a> {
    fn from(stored: &'a AnalysisRecord) -> Self {
        let analysis = &stored.analysis;
        let point = &analysis.operating_point;
        Self {
            sop_instance_uid: &analysis.sop_instance_uid,
            frame: analysis.frame,
            model: &analysis.model,
            input: &analysis.input,
            score: analysis.score,
            flagged: analysis.reached,
            operating_point: SignedPoint {
                name: &point.name,
                threshold: point.threshold,
                sensitivity: point.sensitivity.value,
                specificity: point.specificity.map(|estimate| estimate.value),
                set: &stored.set_sentence,
            },
            findings: &analysis.findings,
            device: analysis.device,
            precision: analysis.precision,
            milliseconds: analysis.milliseconds,
            app_version: &analysis.app_version,
        }
    }
}

/// The bytes that a signature hashes: the study's pictures, newest analyses, standing decisions, and
/// what the reader wrote. Images and analyses have the order in which the first program read them,
/// whatever order the record has.
///
/// # Errors
/// `invalid_record` when they cannot be written as JSON.
pub fn signed_bytes(record: &StudyRecord) -> Result<Vec<u8>> {
    type Decided<'a> = (SignedAnalysis<'a>, Vec<Option<&'a Review>>);
    let uid = &record.study.study_instance_uid;
    let order = SignedOrder::of(record);
    let mut instances: Vec<&InstanceRecord> = record.instances.iter().collect();
    instances.sort_by_key(|instance| order.place(&instance.header.instance.sop_instance_uid));
    let pictures: Vec<&str> = instances
        .iter()
        .map(|instance| instance.content_sha256.as_str())
        .collect();
    let mut newest: Vec<&AnalysisRecord> = record.analyses.iter().filter(|stored| stored.newest).collect();
    newest.sort_by_key(|stored| (order.place(&stored.analysis.sop_instance_uid), stored.analysis.frame));
    let decided: Vec<Decided<'_>> = newest
        .iter()
        .map(|stored| {
            let standing = stored.findings.iter().map(|finding| finding.standing());
            ((*stored).into(), standing.collect())
        })
        .collect();
    // A study without words of the reader hashes as it did before there were any.
    let written: (&Option<ReportForm>, &[Annotation]) = (&record.form, &record.annotations);
    let bytes = match written {
        (None, []) => serde_json::to_vec(&(uid, pictures, decided)),
        (form, annotations) => serde_json::to_vec(&(uid, pictures, decided, form, annotations)),
    };
    bytes.map_err(|error| Error::Invalid(format!("a study that cannot be hashed: {error}")))
}

/// Number and UID of the series, number and UID of the instance; what has no number comes first, and UIDs compare
/// letter by letter.
type SignedPlace<'a> = (Option<i32>, &'a str, Option<i32>, &'a str);

struct SignedOrder<'a>(BTreeMap<&'a Uid, SignedPlace<'a>>);

impl<'a> SignedOrder<'a> {
    fn of(record: &'a StudyRecord) -> Self {
        // A file's own series number may differ from that of its series, which is the first file's.
        let numbers: BTreeMap<&Uid, Option<i32>> = record
            .series
            .iter()
            .map(|series| (&series.series_instance_uid, series.number))
            .collect();
        let places = record.instances.iter().map(|stored| {
            let (series, instance) = (&stored.header.series.series_instance_uid, &stored.header.instance);
            let number = numbers.get(series).copied().flatten();
            let uid = &instance.sop_instance_uid;
            (uid, (number, series.as_str(), instance.number, uid.as_str()))
        });
        Self(places.collect())
    }

    fn place(&self, sop_instance_uid: &Uid) -> Option<SignedPlace<'a>> {
        self.0.get(sop_instance_uid).copied()
    }
}
