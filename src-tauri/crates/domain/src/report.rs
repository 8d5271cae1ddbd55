//! Everything a report says, gathered at one moment, so that every format tells the same story.

use crate::{
    Analysis, AnomalyMap, Finding, FormText, Lesion, Patient, Review, Series, SignOff, SigningKey, Study, StudyState,
    Timestamp, Uid,
};

#[derive(Debug, Clone, PartialEq)]
pub struct ReportSnapshot {
    pub patient: Patient,
    pub study: Study,
    pub state: StudyState,
    pub series: Vec<Series>,
    /// Instances stored for the study.
    pub instance_count: u32,
    /// Of these the ones that hold a picture.
    pub picture_count: u32,
    /// Newest analysis of each frame, a series after the other, each in its order.
    pub analyses: Vec<ReportedAnalysis>,
    /// Which of the findings are one lesion, the highest score first.
    pub lesions: Vec<Lesion>,
    /// Pictures that no model has seen; a signed study has none.
    pub pictures_not_analysed: u32,
    /// What the reader wrote; empty sections are left out.
    pub form: FormText,
    pub key_images: Vec<KeyImage>,
    /// Whether the reader chose the key images; their order then stays.
    pub key_images_chosen: bool,
    pub sign_off: Option<SignOff>,
    pub prepared_by: String,
    pub prepared_at: Timestamp,
    pub app_version: String,
    /// The key that the program trusts to sign models.
    pub trusted_key: SigningKey,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ReportedAnalysis {
    pub analysis: Analysis,
    pub series_instance_uid: Uid,
    pub instance_number: Option<i32>,
    pub analysed_at: Timestamp,
    pub findings: Vec<ReportedFinding>,
}

/// A finding with the decision that stands, if any.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportedFinding {
    pub finding: Finding,
    pub review: Option<Review>,
}

/// One image of the report, rows x cols, with what was found on it.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyImage {
    pub series_instance_uid: Uid,
    pub sop_instance_uid: Uid,
    pub frame: u32,
    pub instance_number: Option<i32>,
    pub rows: u32,
    pub cols: u32,
    /// Greys 0..=255 as the window first shows them (`grey::Shown`).
    pub grey: Vec<u8>,
    pub findings: Vec<ReportedFinding>,
    pub map: Option<AnomalyMap>,
    /// Row spacing, column spacing.
    pub pixel_spacing_mm: Option<[f64; 2]>,
}
