//! What a model offers: one analysis of one frame, its findings and the conditions it ran under.

use serde::{Deserialize, Serialize};

use crate::closed_set::closed_set;
use crate::sentence::{Sentence, SentenceCode, words_only};
use crate::{ModelSigner, OperatingPoint, PixelBox, PixelPoint, Prevalence, Says, Uid};

/// A calibrated score, 0..=1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(try_from = "f32", into = "f32")]
pub struct Score(f32);

/// A number that is no score.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("a score lies between 0 and 1, not {0}")]
pub struct InvalidScore(pub f32);

impl TryFrom<f32> for Score {
    type Error = InvalidScore;

    fn try_from(value: f32) -> Result<Self, InvalidScore> {
        if (0.0..=1.0).contains(&value) {
            Ok(Self(value))
        } else {
            Err(InvalidScore(value))
        }
    }
}

impl From<Score> for f32 {
    fn from(score: Score) -> f32 {
        score.0
    }
}

impl Score {
    /// The nearest score; NaN becomes 0.
    pub fn clamped(value: f32) -> Self {
        Self(if value.is_nan() { 0.0 } else { value.clamp(0.0, 1.0) })
    }

    /// The number, 0..=1.
    pub fn value(self) -> f32 {
        self.0
    }
}

/// A score or threshold as a person reads it: three decimals, cut and not rounded up, so that a
/// score below its threshold never reads as equal to it.
pub fn score_text(value: f32) -> String {
    if !value.is_finite() {
        return "unknown".into();
    }
    // The nudge keeps 0.9 (0.8999999762 in f32) from reading 0.899.
    format!("{:.3}", ((f64::from(value) + 5e-7) * 1000.0).floor() / 1000.0)
}

/// Which weights spoke: a bundle by name, version and the sha256 (hex) of its weights file.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ModelVersion {
    /// Name of the bundle, such as `brain-mri`.
    pub bundle: String,
    /// Version of the bundle, such as `0.2.0`.
    pub version: String,
    /// 64 hex digits.
    pub weights_sha256: String,
}

closed_set! {
    /// Whether a frame is of the kind that a model was trained on.
    pub enum InputVerdict {
        /// It is, and gets a score.
        InRange = "in_range",
        /// It is not: there is no score, no map and no finding.
        OutOfRange = "out_of_range",
        /// The bundle cannot tell, for it carries no gate statistics.
        Unknown = "unknown",
    }
}

closed_set! {
    /// Why a frame got no score.
    pub enum Refusal {
        /// It is another kind of image than the model was made for.
        OtherKind = "other_kind",
        /// The model needs a fact that neither the file nor a person states.
        NotStated = "not_stated",
        /// It is of too poor a quality, or holds nothing to look at.
        TooPoor = "too_poor",
    }
}

impl Refusal {
    /// By the code of the gate's reason. Words alone, as versions before kept them, tell of another kind of image.
    pub fn of(reason: &Sentence) -> Self {
        use SentenceCode as Code;
        match reason.code() {
            Some(
                Code::GateAskAge
                | Code::GateAskAgeOfTwo
                | Code::GateAskAgent
                | Code::GateAskContradiction
                | Code::GateAskSequence
                | Code::GateAskSequenceAndAge,
            ) => Self::NotStated,
            Some(
                Code::GateBlank | Code::GateNoise | Code::GateNotFinite | Code::GateNoSuchFrame | Code::GateSamples,
            ) => Self::TooPoor,
            _ => Self::OtherKind,
        }
    }
}

impl InputCheck {
    /// Whether this check of the analysis `analysis` is void: it refused the image for what may be otherwise by what a
    /// person stated after the analysis with the number `stated_after`. `refresh_worklist.sql` and
    /// `list_studies_without_analysis.sql` of `records` have the same rule.
    pub fn is_void(&self, analysis: i64, stated_after: Option<i64>) -> bool {
        let refused = self.verdict == InputVerdict::OutOfRange && self.refusal() != Some(Refusal::TooPoor);
        refused && stated_after.is_some_and(|after| analysis <= after)
    }

    /// Why there is no score, where there is none.
    pub fn refusal(&self) -> Option<Refusal> {
        let reason = self
            .reason
            .as_ref()
            .filter(|_| self.verdict == InputVerdict::OutOfRange)?;
        Some(Refusal::of(reason))
    }
}

/// The input gate's answer, given before any score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct InputCheck {
    /// Whether the frame is of the kind that the model was trained on.
    pub verdict: InputVerdict,
    /// A sentence for the clinician when the verdict is not `InRange`; else what a person stated of the image that its
    /// file does not say, with who and when.
    #[serde(with = "words_only")]
    #[cfg_attr(feature = "typescript", ts(type = "string | null"))]
    pub reason: Option<Sentence>,
    /// Distance from the training images, of a stack the median of its slices; 1 is the limit. `None` when a header
    /// rule spoke first.
    pub score: Option<f32>,
}

/// A connected area of the anomaly map above the region threshold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Region {
    /// The smallest box that holds it, in pixels of the frame.
    pub bounds: PixelBox,
    /// The pixel of the highest map value.
    pub peak: PixelPoint,
    /// Number of pixels.
    pub area_px: u32,
    /// `None` when the file has no pixel spacing.
    pub area_mm2: Option<f64>,
    /// Closed outlines along pixel edges as `[x, y]` corners; more than one when the region has holes.
    pub outlines: Vec<Vec<[u32; 2]>>,
}

/// One place of a frame that a model offers for a decision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Finding {
    /// 32 hex digits; the same analysis of the same pixels by the same weights gives the same id.
    pub id: String,
    /// Name of what was found, one of the bundle's labels.
    pub label: String,
    /// Score of this place alone.
    pub score: Score,
    /// Where it is.
    pub region: Region,
}

/// The model's pixel output at the frame's own size, row by row: 0..=65535 stands for 0..=1,
/// the same scale for every image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnomalyMap {
    /// Of the frame.
    pub rows: u32,
    /// Of the frame.
    pub cols: u32,
    /// `rows * cols` values, row by row.
    pub values: Vec<u16>,
}

/// What computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Device {
    /// The processor.
    Cpu,
    /// The CUDA device with this number; 0 is the first.
    Cuda(u32),
}

impl std::fmt::Display for Device {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Device::Cpu => f.write_str("cpu"),
            Device::Cuda(index) => write!(f, "cuda:{index}"),
        }
    }
}

closed_set! {
    /// What of a model speaks.
    pub enum Head {
        /// Its score: what it was trained to find.
        Lesion = "lesion",
        /// What looks for anomalies of unknown kind.
        Unusual = "unusual",
    }
}

/// Why an image is flagged or outlined: one head, with its own score at or above its own limit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Flag {
    /// That spoke.
    pub head: Head,
    /// 0..=1. Of [`Head::Unusual`] the share of images without an anomaly that look less unusual.
    pub score: f32,
    /// At which the head speaks; `None` in analyses of before it was kept.
    pub limit: Option<f32>,
}

closed_set! {
    /// Number format of the network's arithmetic.
    pub enum Precision {
        /// 32-bit floats.
        Fp32 = "fp32",
        /// bfloat16, where the device has it.
        Bf16 = "bf16",
    }
}

/// Where the time went, in milliseconds. `total` is from opening the file to the finished analysis.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct StageMilliseconds {
    /// Reading and decoding the file, divided by its frames.
    pub decode: f64,
    /// From the decoded frame to the network's input.
    pub preprocess: f64,
    /// The network, with the way to its process and back.
    pub infer: f64,
    /// From the network's output to findings and map.
    pub post: f64,
    /// From opening the file to the finished analysis.
    pub total: f64,
}

/// One run of one model version on one frame. It names everything needed to run it again. `F` is a finding, or one
/// with what a reader said of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Analysis<F = Finding> {
    /// The instance that the frame is of.
    pub sop_instance_uid: Uid,
    /// 0 is the first.
    pub frame: u32,
    /// Which weights spoke.
    pub model: ModelVersion,
    /// Who signed them; `None` of an analysis from before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub signer: Option<ModelSigner>,
    /// What the input gate said before any score.
    pub input: InputCheck,
    /// `None` when the input gate refused.
    pub score: Option<Score>,
    /// Score at or above the operating point's threshold, or an anomaly of unknown kind. Whether that is a flag, the
    /// operating point says.
    pub reached: bool,
    /// The heads that reached their limit, one of each at most.
    #[serde(default)]
    pub heads: Vec<Flag>,
    /// The threshold that was applied.
    pub operating_point: OperatingPoint,
    /// At which score and threshold hold, as a person stated it for this site; `None` where they hold at that of the
    /// images that the model was calibrated on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub prevalence: Option<Prevalence>,
    /// Highest score first.
    pub findings: Vec<F>,
    /// What computed it.
    pub device: Device,
    /// The arithmetic it was computed in.
    pub precision: Precision,
    /// How long each stage took.
    pub milliseconds: StageMilliseconds,
    /// Version of the program.
    pub app_version: String,
}

impl<F> Analysis<F> {
    /// What the model may tell of the image.
    pub fn says(&self) -> Says {
        self.operating_point.says()
    }

    /// The model tells whether, and a limit was reached.
    pub fn flagged(&self) -> bool {
        self.reached && self.says() == Says::Whether
    }

    /// The model tells where and not whether, and a limit was reached: its regions are offered, and it is no flag.
    pub fn outlined(&self) -> bool {
        self.reached && self.says() == Says::Where
    }

    /// The heads that flag the image.
    pub fn flags(&self) -> &[Flag] {
        if self.flagged() { &self.heads } else { &[] }
    }

    /// The same analysis with these findings in place of its own.
    pub fn with_findings<G>(self, findings: Vec<G>) -> Analysis<G> {
        Analysis {
            sop_instance_uid: self.sop_instance_uid,
            frame: self.frame,
            model: self.model,
            signer: self.signer,
            input: self.input,
            score: self.score,
            reached: self.reached,
            heads: self.heads,
            operating_point: self.operating_point,
            prevalence: self.prevalence,
            findings,
            device: self.device,
            precision: self.precision,
            milliseconds: self.milliseconds,
            app_version: self.app_version,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_void_once_something_is_stated_and_one_of_a_poor_image_is_not() {
        let check = |verdict, code: Option<SentenceCode>| InputCheck {
            verdict,
            reason: code.map(|code| Sentence::new(code, [], "why")),
            score: None,
        };
        let refused = |code| check(InputVerdict::OutOfRange, code);
        for (check, void) in [
            (refused(Some(SentenceCode::GateAskAge)), true),
            (refused(Some(SentenceCode::GateAge)), true),
            (refused(None), true),
            (refused(Some(SentenceCode::GateBlank)), false),
            (check(InputVerdict::InRange, None), false),
        ] {
            assert_eq!(check.is_void(7, Some(7)), void, "{check:?}");
            assert!(!check.is_void(8, Some(7)) && !check.is_void(1, None));
        }
    }

    #[test]
    fn a_score_below_its_threshold_never_reads_as_equal_to_it() {
        assert_eq!(
            (score_text(0.9), score_text(0.8996), score_text(1.0)),
            ("0.900".into(), "0.899".into(), "1.000".into())
        );
        assert_eq!(score_text(f32::NAN), "unknown");
    }

    #[test]
    fn a_score_outside_its_range_or_nan_is_refused() {
        for bad in [-0.1, 1.1, f32::NAN, f32::INFINITY] {
            assert!(Score::try_from(bad).is_err(), "{bad} was accepted");
        }
        assert_eq!(Score::try_from(0.25).map(Score::value), Ok(0.25));
        assert!(serde_json::from_str::<Score>("2.0").is_err());
    }
}
