//! From the network's answers to what the clinician is shown: one interpreter for each task of a bundle.

mod classify;
mod finding;
pub mod route;
pub mod score;
mod segment;
pub mod unusual;

use domain::{
    Analysis, AnomalyMap, Device, Finding, Flag, InputCheck, InputVerdict, OperatingPoint, Precision, Refusal, Ruler,
    Score, StageMilliseconds, Uid,
};

use crate::bundle::{Bundle, Task};
use crate::error::EngineError;
use crate::gate::{self, HeaderFacts};
use crate::input::ModelInput;
use crate::tensors::Answers;
use unusual::Unusual;

/// What the analysis must know of the frame beside its pixels.
#[derive(Debug, Clone, PartialEq)]
pub struct FrameFacts {
    /// Of the instance.
    pub sop_instance_uid: Uid,
    /// 0 is the first.
    pub frame: u32,
    /// Of the instance.
    pub frames: u32,
    /// Of the frame, pixels.
    pub rows: u32,
    /// Of the frame, pixels.
    pub cols: u32,
    /// What lengths on it are measured by.
    pub ruler: Ruler,
    /// What the gate asks of the file's header, or of those of the stack that it is of.
    pub header: HeaderFacts,
    /// It is a slice of a stack, on which the learned gate speaks as a whole ([`Outcome::judged`]).
    pub in_stack: bool,
}

/// A frame on its way through a bundle, with all that is known of it beside the network's answers.
#[derive(Clone, Copy)]
pub struct Image<'a> {
    /// The bundle that reads it.
    pub bundle: &'a Bundle,
    /// The threshold that flags or outlines.
    pub operating_point: &'a OperatingPoint,
    /// What is known of it beside its pixels.
    pub facts: &'a FrameFacts,
    /// What the network was given.
    pub input: &'a ModelInput,
}

/// The gate's answer, the score and the findings, with the map at the frame's own size.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The gate's answer.
    pub input: InputCheck,
    /// Before calibration; kept for evaluation even when refused.
    pub raw_score: f32,
    /// Of the whole frame; `None` where it was refused.
    pub score: Option<Score>,
    /// The heads that reached their limit: the score is at or above the threshold, or a head found something unusual.
    pub heads: Vec<Flag>,
    /// Logits of the kinds that the bundle tells apart.
    pub kinds: Vec<(String, f32)>,
    /// What the unknown-anomaly heads say, where the bundle can tell how rare that is.
    pub unusual: Option<Unusual>,
    /// The highest score first.
    pub findings: Vec<Finding>,
    /// Of the task that scores, at the frame's own size; `None` where it was refused.
    pub map: Option<AnomalyMap>,
}

impl Outcome {
    /// No task has said anything: all that there is of a frame that was refused.
    pub fn silent(input: InputCheck, raw_score: f32) -> Self {
        Self {
            input,
            raw_score,
            score: None,
            heads: vec![],
            kinds: vec![],
            unusual: None,
            findings: vec![],
            map: None,
        }
    }

    /// Whether a head reached its limit.
    pub fn reached(&self) -> bool {
        !self.heads.is_empty()
    }

    /// With the verdict on the stack that the frame is of in place of its own.
    pub fn judged(self, check: InputCheck) -> Self {
        match check.verdict {
            InputVerdict::OutOfRange => Self::silent(check, self.raw_score),
            InputVerdict::InRange | InputVerdict::Unknown => Self { input: check, ..self },
        }
    }

    /// The record of this run.
    pub fn into_analysis(
        self,
        bundle: &Bundle,
        facts: &FrameFacts,
        operating_point: &OperatingPoint,
        (device, precision): (Device, Precision),
        milliseconds: StageMilliseconds,
        app_version: &str,
    ) -> (Analysis, Option<AnomalyMap>) {
        let analysis = Analysis {
            sop_instance_uid: facts.sop_instance_uid.clone(),
            frame: facts.frame,
            model: bundle.model.clone(),
            signer: Some(bundle.signer()),
            input: self.input,
            score: self.score,
            reached: !self.heads.is_empty(),
            heads: self.heads,
            operating_point: OperatingPoint {
                threshold: told(bundle, operating_point.threshold),
                ..operating_point.clone()
            },
            prevalence: bundle.told_at(),
            findings: self.findings,
            device,
            precision,
            milliseconds,
            app_version: app_version.to_owned(),
        };
        (analysis, self.map)
    }
}

/// A score or a limit of one, as it holds at the site.
fn told(bundle: &Bundle, score: f32) -> f32 {
    bundle.prior_shift().map_or(score, |shift| shift.of(score))
}

/// What one task makes of the answers.
pub trait Interpreter {
    /// Why no frame at all is for this task.
    fn refuse(&self, _: &Bundle) -> Option<InputCheck> {
        None
    }

    /// Adds what the task says of a frame that was not refused to what those before it said.
    ///
    /// # Errors
    /// Where the answers lack a tensor that the task reads.
    fn read(&self, image: Image<'_>, answers: &Answers, outcome: &mut Outcome) -> Result<(), EngineError>;
}

impl Task {
    fn interpreter(&self) -> &dyn Interpreter {
        match self {
            Self::Segment(scored) => scored,
            Self::Classify(classify) => classify,
            Self::Route(route) => route,
            Self::Unusual(heads) => heads,
        }
    }
}

/// Gate first, then the tasks. A refused frame has neither score nor map, but for a slice that waits for the verdict
/// on its stack.
///
/// # Errors
/// Where the answers lack a tensor that the gate or a task reads, or there is no room for the map.
pub fn read(image: Image<'_>, answers: &Answers) -> Result<Outcome, EngineError> {
    let metadata = &image.bundle.metadata;
    let raw_score = match metadata.scored() {
        Some(scored) => score::of_image(scored, image.input, answers)?,
        None => 0.0,
    };
    let mut outcome = Outcome::silent(check(image, answers)?, raw_score);
    let waits = image.facts.in_stack && outcome.input.score.is_some();
    if outcome.input.verdict == InputVerdict::OutOfRange && !waits {
        return Ok(outcome);
    }
    for task in &metadata.tasks {
        task.interpreter().read(image, answers, &mut outcome)?;
    }
    outcome
        .findings
        .sort_by(|a, b| b.score.value().total_cmp(&a.score.value()));
    Ok(outcome)
}

fn check(image: Image<'_>, answers: &Answers) -> Result<InputCheck, EngineError> {
    let (bundle, tasks) = (image.bundle, &image.bundle.metadata.tasks);
    if image.input.blank {
        return Ok(gate::blank_verdict());
    }
    // Of a stack the median of its slices counts, as for the features.
    let poor = gate::noise_verdict(image.input.noise, &bundle.metadata.input).filter(|_| !image.facts.in_stack);
    let by_header = || gate::header_verdict(&image.facts.header, &bundle.metadata.input);
    let of_task = || tasks.iter().find_map(|task| task.interpreter().refuse(bundle));
    // Why the stack has no reader is more than that a router reads nothing.
    let decided = image.facts.header.refused.as_ref().and_then(|_| by_header());
    let by_looks = || gate::feature_verdict(bundle, answers);
    match decided.or_else(of_task).or_else(by_header).or(poor) {
        // Nobody is asked for a fact of an image that is none of the bundle's by its looks. A stack's looks are known later.
        Some(asked) if !image.facts.in_stack && is_question(&asked) => {
            let looks = by_looks()?;
            Ok(if looks.verdict == InputVerdict::OutOfRange {
                looks
            } else {
                asked
            })
        }
        Some(check) => Ok(check),
        None => by_looks(),
    }
}

fn is_question(check: &InputCheck) -> bool {
    check.reason.as_ref().map(Refusal::of) == Some(Refusal::NotStated)
}

#[cfg(test)]
mod tests;
