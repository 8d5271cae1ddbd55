//! From the network's raw output to what the clinician is shown.

pub mod route;
pub mod unusual;

use domain::{
    Analysis, AnomalyMap, Device, Finding, InputCheck, InputVerdict, OperatingPoint, Precision, Region, Score,
    StageMilliseconds, Uid,
    room::{NoRoom, gathered},
};

use crate::backend::RawOutput;
use crate::bundle::{Bundle, Calibration, RegionSpec, sha256_hex};
use crate::gate::{self, HeaderFacts};
use crate::input::{ModelInput, crop, resize};
use crate::regions::{Component, components};
use unusual::{Unusual, head_map};

/// What the analysis must know of the frame beside its pixels.
#[derive(Debug, Clone, PartialEq)]
pub struct FrameFacts {
    pub sop_instance_uid: Uid,
    /// 0 is the first.
    pub frame: u32,
    pub rows: u32,
    pub cols: u32,
    /// Row spacing, column spacing.
    pub pixel_spacing_mm: Option<[f64; 2]>,
    pub header: HeaderFacts,
}

/// The gate's answer, the score and the findings, with the map at the frame's own size.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    pub input: InputCheck,
    /// Before calibration; kept for evaluation even when refused.
    pub raw_score: f32,
    pub score: Option<Score>,
    pub flagged: bool,
    /// What the unknown-anomaly heads say, where the bundle can tell how rare that is.
    pub unusual: Option<Unusual>,
    pub findings: Vec<Finding>,
    pub map: Option<AnomalyMap>,
}

impl Outcome {
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
            input: self.input,
            score: self.score,
            flagged: self.flagged,
            operating_point: operating_point.clone(),
            findings: self.findings,
            device,
            precision,
            milliseconds,
            app_version: app_version.to_owned(),
        };
        (analysis, self.map)
    }
}

/// Gate first, then score, map and regions. A refused image has neither score nor map.
///
/// # Errors
/// [`NoRoom`] for the map at the frame's own size.
pub fn analyze_output(
    bundle: &Bundle,
    operating_point: &OperatingPoint,
    facts: &FrameFacts,
    input: &ModelInput,
    raw: &RawOutput,
) -> Result<Outcome, NoRoom> {
    let spec = &bundle.metadata.region;
    let inner = crop(&raw.map, input.letterbox);
    let raw_score = picture_score(bundle, input, raw);
    let check = if input.blank {
        gate::blank_verdict()
    } else if bundle.metadata.is_router() {
        gate::no_model_verdict(&bundle.metadata.input)
    } else {
        gate::header_verdict(&facts.header, &bundle.metadata.input)
            .unwrap_or_else(|| gate::feature_verdict(bundle, &raw.features))
    };
    if check.verdict == InputVerdict::OutOfRange {
        return Ok(Outcome {
            input: check,
            raw_score,
            score: None,
            flagged: false,
            unusual: None,
            findings: vec![],
            map: None,
        });
    }
    let score = calibrate(bundle.metadata.calibration, raw_score);
    let flagged = score.value() >= operating_point.threshold;

    let map = resize(
        &inner,
        input.letterbox.height,
        input.letterbox.width,
        facts.rows,
        facts.cols,
    )?;
    let enlarged = f64::from(facts.rows) * f64::from(facts.cols)
        / (f64::from(input.letterbox.width) * f64::from(input.letterbox.height));
    let scaled = |pixels: u32| ((f64::from(pixels) * enlarged).round() as u32).max(1);
    let found = |threshold, least| components(&map, facts.rows, facts.cols, threshold, least, facts.pixel_spacing_mm);
    let mut findings: Vec<Finding> = if flagged {
        let mut regions = found(spec.map_threshold, scaled(spec.min_pixels))?;
        if regions.is_empty() {
            // A flagged image always says where: around its peak, at half its height, however small.
            let peak = map.iter().copied().fold(0.0, f32::max);
            regions = found(peak / 2.0, 1)?;
            regions.truncate(1);
        }
        let strongest = regions.first().map(|c| c.region.peak);
        regions
            .into_iter()
            .map(|c| {
                // A region of fewer pixels than the image's score is made of could outdo it; no part is more
                // suspicious than the whole.
                let own = top_mean(&c.values, scaled(spec.top_pixels) as usize);
                let own = calibrate(
                    bundle.metadata.calibration,
                    self::raw_score(spec, own, &raw.class_logits),
                );
                finding(bundle, facts, c, Kind::Known, if own > score { score } else { own })
            })
            .filter(|f| f.score.value() >= operating_point.threshold || Some(f.region.peak) == strongest)
            .collect()
    } else {
        vec![]
    };
    let unusual = bundle
        .normals
        .as_ref()
        .and_then(|normals| unusual::judge(normals, spec, input, raw));
    if let Some(found) = unusual_finding(bundle, facts, input, raw, unusual)? {
        // What lies in a finding was told already.
        if !findings
            .iter()
            .any(|known| known.region.bounds.contains(found.region.peak))
        {
            findings.push(found);
        }
    }
    findings.sort_by(|a, b| b.score.value().total_cmp(&a.score.value()));
    let values = gathered(map.iter().map(|v| (v.clamp(0.0, 1.0) * 65_535.0).round() as u16))?;
    Ok(Outcome {
        input: check,
        raw_score,
        score: Some(score),
        flagged: flagged || !findings.is_empty(),
        unusual,
        findings,
        map: Some(AnomalyMap {
            rows: facts.rows,
            cols: facts.cols,
            values,
        }),
    })
}

/// An image's score before calibration.
pub fn picture_score(bundle: &Bundle, input: &ModelInput, raw: &RawOutput) -> f32 {
    let spec = &bundle.metadata.region;
    let highest = top_mean(&crop(&raw.map, input.letterbox), spec.top_pixels as usize);
    raw_score(spec, highest, &raw.class_logits)
}

/// Which of the bundle's labels a finding gets.
#[derive(Clone, Copy)]
enum Kind {
    Known,
    Unknown,
}

/// The strongest region of the head that spoke, where the image is unusual. Its score is the share
/// of normal images that look less so.
fn unusual_finding(
    bundle: &Bundle,
    facts: &FrameFacts,
    input: &ModelInput,
    raw: &RawOutput,
    unusual: Option<Unusual>,
) -> Result<Option<Finding>, NoRoom> {
    let limit = bundle.normals.as_ref().map(|normals| normals.limit);
    let Some(Unusual { p, head }) = unusual.filter(|unusual| limit.is_some_and(|limit| unusual.p <= limit)) else {
        return Ok(None);
    };
    let (height, width) = (input.letterbox.height, input.letterbox.width);
    let map = resize(&head_map(head, input, raw)?, height, width, facts.rows, facts.cols)?;
    let peak = map.iter().copied().fold(0.0, f32::max);
    let regions = components(&map, facts.rows, facts.cols, peak / 2.0, 1, facts.pixel_spacing_mm)?;
    let region = regions.into_iter().next();
    Ok(region.map(|region| finding(bundle, facts, region, Kind::Unknown, Score::clamped(1.0 - p))))
}

fn finding(bundle: &Bundle, facts: &FrameFacts, component: Component, kind: Kind, score: Score) -> Finding {
    let labels = &bundle.metadata.labels;
    let label = match kind {
        Kind::Known => labels.first(),
        Kind::Unknown => labels.get(1).or(labels.first()),
    };
    let label = label.cloned().unwrap_or_default();
    let id = finding_id(bundle, facts, &label, &component.region);
    Finding {
        id,
        label,
        score,
        region: component.region,
    }
}

fn finding_id(bundle: &Bundle, facts: &FrameFacts, label: &str, region: &Region) -> String {
    let (b, p) = (region.bounds, region.peak);
    let text = format!(
        "{}\n{}\n{}\n{label}\n{} {} {} {} {} {} {}",
        facts.sop_instance_uid,
        facts.frame,
        bundle.model.weights_sha256,
        b.x,
        b.y,
        b.width,
        b.height,
        p.x,
        p.y,
        region.area_px
    );
    sha256_hex(text.as_bytes())[..32].to_owned()
}

/// The score before calibration, of an image or a region: the mean of its highest map values and
/// the class head's answer, mixed as logits by the bundle's share.
pub fn raw_score(spec: &RegionSpec, highest: f32, class_logits: &[f32]) -> f32 {
    let Some(class) = class_logits.first().filter(|_| spec.class_share > 0.0) else {
        return highest;
    };
    let logit = (1.0 - spec.class_share) * raw_logit(highest) + spec.class_share * class;
    1.0 / (1.0 + (-logit).exp())
}

/// Platt scaling of the raw score.
pub fn calibrate(calibration: Calibration, raw: f32) -> Score {
    let logit = raw_logit(raw);
    let score = 1.0 / (1.0 + (-(calibration.slope * logit + calibration.intercept)).exp());
    Score::clamped(score)
}

/// Logit of a raw score, kept away from the ends so that it stays finite.
pub fn raw_logit(raw: f32) -> f32 {
    let p = raw.clamp(1e-6, 1.0 - 1e-6);
    (p / (1.0 - p)).ln()
}

/// Mean of the `count` highest values; of all when there are fewer.
pub fn top_mean(values: &[f32], count: usize) -> f32 {
    if values.is_empty() {
        return 0.0;
    }
    let count = count.clamp(1, values.len());
    let mut order = values.to_vec();
    order.select_nth_unstable_by(count - 1, |a, b| b.total_cmp(a));
    order[..count].iter().sum::<f32>() / count as f32
}

#[cfg(test)]
mod tests;
