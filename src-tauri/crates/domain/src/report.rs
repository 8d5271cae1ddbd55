//! Everything a report says, gathered at one moment, so that every format tells the same story.

use crate::{
    Analysis, Annotation, AnomalyMap, Doubt, Finding, FormText, Lesion, Noted, Patient, Review, Ruler, Series, SignOff,
    SpacingBasis, Study, StudyState, Timestamp, Uid,
};

/// All that a report says.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportSnapshot {
    /// Who was examined.
    pub patient: Patient,
    /// The examination.
    pub study: Study,
    /// Where the study stands.
    pub state: StudyState,
    /// Its series, in the order of the study.
    pub series: Vec<Series>,
    /// Instances stored for the study.
    pub instance_count: u32,
    /// Of these the ones that hold a picture.
    pub picture_count: u32,
    /// Newest analysis of each frame, a series after the other, each in its order.
    pub analyses: Vec<ReportedAnalysis>,
    /// Which of the findings are one lesion, the highest score first.
    pub lesions: Vec<Lesion>,
    /// What readers measured, in the order of the images.
    pub measurements: Vec<ReportedMeasurement>,
    /// Pictures that no model has seen; a signed study has none.
    pub pictures_not_analysed: u64,
    /// What is to be told of its images, each sentence once.
    pub notes: Vec<Noted>,
    /// What can hardly be so of patient and study.
    pub doubts: Vec<Doubt>,
    /// What the reader wrote; empty sections are left out.
    pub form: FormText,
    /// The images that are printed.
    pub key_images: Vec<KeyImage>,
    /// Whether the reader chose the key images; their order then stays.
    pub key_images_chosen: bool,
    /// `None` while the study is not signed.
    pub sign_off: Option<SignOff>,
    /// Name of the account that asked for the report.
    pub prepared_by: String,
    /// When it was asked for.
    pub prepared_at: Timestamp,
    /// Version of the program.
    pub app_version: String,
}

/// An analysis with the decisions on its findings.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportedAnalysis {
    /// What the model offered.
    pub analysis: Analysis,
    /// The series of its frame.
    pub series_instance_uid: Uid,
    /// Instance Number of its frame.
    pub instance_number: Option<i32>,
    /// What lengths on its frame are measured by.
    pub ruler: Ruler,
    /// When it was stored.
    pub analysed_at: Timestamp,
    /// Its findings, highest score first.
    pub findings: Vec<ReportedFinding>,
}

/// A finding with the decision that stands, if any.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportedFinding {
    /// What the model offered.
    pub finding: Finding,
    /// The decision that stands.
    pub review: Option<Review>,
}

/// What a reader measured on a frame.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportedMeasurement {
    /// With its figures, who drew it and when.
    pub annotation: Annotation,
    /// The series of its frame.
    pub series_instance_uid: Uid,
    /// Instance Number of its frame.
    pub instance_number: Option<i32>,
    /// What its lengths rest on; `None` where it has none, or nothing is known of it.
    pub rests_on: Option<SpacingBasis>,
}

/// One image of the report, rows x cols, with what was found on it.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyImage {
    /// The series of the image.
    pub series_instance_uid: Uid,
    /// The instance of the image.
    pub sop_instance_uid: Uid,
    /// 0 is the first.
    pub frame: u32,
    /// Instance Number.
    pub instance_number: Option<i32>,
    /// Rows of the frame.
    pub rows: u32,
    /// Columns of the frame.
    pub cols: u32,
    /// Greys 0..=255 as the window first shows them (`grey::Shown`).
    pub grey: Vec<u8>,
    /// Red, green and blue 0..=255 of each pixel, where the image has colours; `grey` is their brightness.
    pub colours: Option<Vec<u8>>,
    /// What was found on it.
    pub findings: Vec<ReportedFinding>,
    /// The model's map of it, if there is one.
    pub map: Option<AnomalyMap>,
    /// Height of a pixel over its width; 1 where it is square or nothing is known of it.
    pub pixel_aspect: f64,
}
