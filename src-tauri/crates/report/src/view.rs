//! What the templates print: the snapshot as words, in the order of the page.

mod fields;
mod findings;
mod frame_names;
mod key_image;
mod limits;
mod measurements;
mod models;
mod result;
mod sheet;

pub use frame_names::FrameNames;
pub use key_image::KeyImageView;
pub use sheet::SheetView;

use domain::{ModelSigner, ReportSnapshot};
use serde::Serialize;

use crate::ReportError;
use crate::legible::{Repertoire, make_legible};
use crate::typeset::{VirtualFile, is_covered};
use crate::words::{person_name, short_uid, shortened, state, utc};
use fields::Field;
use findings::FindingView;
use measurements::MeasurementView;
use result::ResultView;

pub const NOT_SIGNED: &str = "NOT SIGNED — preliminary";

#[derive(Serialize)]
pub struct View {
    pub application: String,
    signed: bool,
    /// `SIGNED` or `NOT SIGNED — preliminary`.
    badge: &'static str,
    state: &'static str,
    prepared: String,
    patient: Vec<Field>,
    study: Vec<Field>,
    study_uid: Vec<Field>,
    /// Patient's name and ID, at the head of every page but the first.
    running_head: String,
    /// Patient ID and study, at the foot of every page.
    foot: String,
    /// At the foot too, where nobody vouches for the models.
    models_note: Option<&'static str>,
    result: ResultView,
    /// What is to be known of the files.
    limits: Vec<String>,
    /// What the reader wrote.
    form: Vec<Field>,
    findings: Vec<FindingView>,
    measurements: Vec<MeasurementView>,
    /// A model gave a score for an image.
    looked_at: bool,
    key_images: Vec<KeyImageView>,
    /// One block for each model version, operating point and device.
    models: Vec<Vec<Field>>,
    sign_off: Vec<Field>,
}

impl View {
    /// The view with the images that the template reads.
    pub fn of(snapshot: &ReportSnapshot) -> Result<(Self, Vec<VirtualFile>), ReportError> {
        let names = FrameNames::of(snapshot);
        let (key_images, pictures) = key_image::key_images(snapshot, &names, usize::MAX)?;
        let (patient, study) = (&snapshot.patient, &snapshot.study);
        let view = Self {
            application: format!("Overread {}", snapshot.app_version),
            signed: snapshot.sign_off.is_some(),
            badge: if snapshot.sign_off.is_some() {
                "SIGNED"
            } else {
                NOT_SIGNED
            },
            state: state(snapshot.state),
            prepared: format!("{} by {}", utc(snapshot.prepared_at), snapshot.prepared_by),
            patient: fields::patient(patient, study, &snapshot.doubts),
            study: fields::study(snapshot),
            study_uid: vec![fields::field("Study UID", study.study_instance_uid.as_str())],
            running_head: format!(
                "{} · {}",
                shortened(&named(&person_name(&patient.patient_name), "no name in the file"), 60),
                shortened(&named(&patient.patient_id, "no patient ID"), 40)
            ),
            foot: format!(
                "Patient ID {} · Study {}",
                shortened(&named(&patient.patient_id, "not given"), 40),
                short_uid(study.study_instance_uid.as_str())
            ),
            models_note: models_note(snapshot),
            result: ResultView::of(snapshot, &names),
            limits: limits::limits(snapshot),
            form: fields::form(&snapshot.form),
            findings: findings::findings(snapshot, &names),
            measurements: measurements::measurements(snapshot, &names),
            looked_at: snapshot.analyses.iter().any(|one| one.analysis.score.is_some()),
            key_images,
            models: models::models(snapshot),
            sign_off: fields::sign_off(snapshot),
        };
        Ok((view, pictures))
    }
}

/// The view as the file that the template reads, with the number of characters that no font has.
pub fn data_file<T: Serialize>(view: &T, repertoire: Repertoire) -> Result<VirtualFile, ReportError> {
    let mut data = serde_json::to_value(view)?;
    let replaced = make_legible(&mut data, repertoire, &is_covered);
    if let Some(fields) = data.as_object_mut() {
        fields.insert("replaced".into(), replaced.into());
    }
    Ok(VirtualFile::new("/snapshot.json", serde_json::to_vec(&data)?))
}

/// What stands at the foot: the least that vouches for a model whose answer is reported.
pub fn models_note(snapshot: &ReportSnapshot) -> Option<&'static str> {
    let signers = || snapshot.analyses.iter().map(|reported| reported.analysis.signer);
    match signers().flatten().min() {
        Some(ModelSigner::Nobody) => Some("An answer comes from a model that nobody signed."),
        _ if signers().any(|signer| signer.is_none()) => Some("It was not kept who signed the models."),
        Some(ModelSigner::Development) => Some("Models signed with the published development key only."),
        Some(ModelSigner::Release) | None => None,
    }
}

fn named(text: &str, otherwise: &str) -> String {
    if text.trim().is_empty() {
        otherwise.to_owned()
    } else {
        text.to_owned()
    }
}
