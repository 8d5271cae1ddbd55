//! The words of the field: types and pure rules.
//!
//! No I/O, no clock and no threads live here; times, ids and randomness are passed in. Names follow the DICOM keywords
//! (PS3.6) and the IHE AI Results profile.
//! `Serialize` is derived because these values cross the borders between our own processes, are kept in the records and
//! are what the window is told (feature `typescript`).

#![warn(missing_docs)]

pub mod access;
mod age;
pub mod analysis;
pub mod annotation;
pub mod audit;
mod closed_set;
mod colour;
pub mod doubt;
pub mod facts;
pub mod failure;
pub mod form;
pub mod geometry;
pub mod grey;
mod header_codes;
pub mod identity;
mod instance;
pub mod job;
pub mod kind;
pub mod lesion;
mod licence;
pub mod listing;
pub mod map_scale;
pub mod marks;
pub mod measure;
pub mod measured;
pub mod model;
pub mod not_shown;
pub mod noted;
pub mod numbers;
pub mod pixels;
pub mod plane;
pub mod presets;
pub mod prevalence;
pub mod quality;
pub mod reading;
pub mod report;
pub mod review;
pub mod room;
pub mod sentence;
pub mod settings;
pub mod signing;
pub mod slab;
pub mod sop_class;
pub mod stack;
pub mod study;
mod summary;
pub mod testing;
pub mod time;
pub mod uid;
pub mod value;
mod version;
pub mod voi;

pub use access::{Permission, Policy, ReadOnly, Role, Session};
pub use age::Age;
pub use analysis::{
    Analysis, AnomalyMap, Device, Finding, Flag, Head, InputCheck, InputVerdict, ModelVersion, Precision, Refusal,
    Region, Score, StageMilliseconds,
};
pub use annotation::{Annotation, AnnotationKind, Measured};
pub use audit::{AuditChain, AuditDeed, AuditRow, Outcome};
pub use doubt::{Doubt, DoubtedField, doubts};
pub use facts::{Decoded, ImageFacts, PlaneFacts};
pub use failure::{FailedInput, Failure, FailureCode, FailureKind};
pub use form::{FormText, FrameRef, ReportForm};
pub use geometry::{PixelBox, PixelPoint, Sides};
pub use header_codes::{Photometric, Sex};
pub use instance::{Header, ImageAttributes, Instance, Palette, Patient, Rescale, Series, SourceFormat, Study, Window};
pub use job::{JobId, JobKind, JobRow, JobState, Phase};
pub use kind::{
    Acquisition, BodyPart, Part, SaidKind, SaidSequence, Sequence, SlicePlane, Stated, StatedSequence, StatedView,
};
pub use lesion::{Lesion, Placed, lesions};
pub use licence::CommercialUse;
pub use listing::{WorklistColumn, WorklistRow};
pub use marks::{Bitmap, OverlayPlane, Shutter, ShutterShape};
pub use measure::{AxisUnit, MeasuredRegion, Ruler, Scale, SpacingBasis};
pub use model::{
    Bounded, BundleDeed, BundleOrigin, BundleState, ByPatient, Estimate, OperatingPoint, SAYS_WHERE, SPECIFICITY_FLOOR,
    Says, SetRef, Split,
};
pub use noted::Noted;
pub use numbers::{LostFiles, RecordCounts, VaultNumbers, VaultVersions};
pub use pixels::{GreyError, GreyFrame, PixelArray, PixelData, SampleType};
pub use plane::{Colour, Orientation, Plane, Polarity};
pub use prevalence::{InvalidPrevalence, Prevalence, PriorShift};
pub use reading::{Opinion, Reading};
pub use report::{KeyImage, ReportSnapshot, ReportedAnalysis, ReportedFinding, ReportedMeasurement};
pub use review::{Decision, DecisionKind, Review, SignOff};
pub use sentence::{Coded, Sentence, SentenceCode, SentenceValue};
pub use settings::{DeviceChoice, DeviceSetting, Language, ReportFormat, ShortcutProfile, Theme};
pub use signing::{ModelSigner, SigningKey};
pub use slab::{Apart, Laid, NoVolume, Slab, ToldApart};
pub use stack::{Counterparts, NotAlongNormal, Order, OrderRule, Slice, Stack, counterparts};
pub use study::StudyState;
pub use summary::{SaidOfStudy, StudySummary, summary};
pub use time::Timestamp;
pub use uid::{InvalidUid, Uid};
pub use version::Version;
pub use voi::{LookupTable, VoiChoice, VoiFunction};
