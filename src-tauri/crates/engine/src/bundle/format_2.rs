//! `metadata.json` of format 2, read as format 3. The files themselves are never rewritten: their
//! signature is over every byte.

use domain::{CommercialUse, Estimate, OperatingPoint, Sequence, SetRef, SlicePlane};
use serde::Deserialize;

use super::metadata::{
    BUNDLE_FORMAT, Calibration, DataSource, GateSpec, InputSpec, Metadata, Metric, Runtime, Training,
};
use super::network::NetworkSpec;
use super::tasks::{RegionSpec, of_reader, of_router, outputs_of};

/// As it was written from 2 on. Format 1 is format 2 without photometric interpretations.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Format2 {
    /// Looked at before.
    #[serde(rename = "format")]
    _format: u32,
    name: String,
    version: String,
    title: String,
    intended_use: String,
    network: NetworkSpec,
    input: InputSpec,
    /// Label of a finding, then of one of the unknown-anomaly head, where there is one.
    labels: Vec<String>,
    /// Kinds that the class head tells apart, in the order of its outputs after the first.
    #[serde(default)]
    kinds: Vec<String>,
    /// Of a router: the bundle that each class output stands for.
    #[serde(default)]
    routes: Vec<String>,
    region: Region,
    calibration: Calibration,
    operating_points: Vec<Point>,
    gate: Option<GateSpec>,
    data: Vec<DataSource>,
    metrics: Vec<Metric>,
    training: Training,
}

/// The region rule of format 2, with the mirror in it; of a router it means nothing.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Region {
    top_pixels: u32,
    map_threshold: f32,
    min_pixels: u32,
    mirror: bool,
    #[serde(default)]
    class_share: f32,
}

/// An operating point of format 2, which says its set, and whether it was chosen there, in a sentence.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Point {
    name: String,
    threshold: f32,
    sensitivity: f64,
    specificity: Option<f64>,
    set: String,
}

impl From<Point> for OperatingPoint {
    fn from(old: Point) -> Self {
        let (set, chosen_on_it) = set_of(&old.set);
        Self {
            name: old.name,
            threshold: old.threshold,
            sensitivity: Estimate::bare(old.sensitivity),
            specificity: old.specificity.map(Estimate::bare),
            set,
            chosen_on_it,
            patients: None,
        }
    }
}

/// `brain-mri/lgg-flair val, 367 pictures of 12 patients, chosen there` as its parts. A sentence of
/// another kind is taken whole as the name of a set.
fn set_of(sentence: &str) -> (SetRef, bool) {
    parts(sentence).unwrap_or_else(|| (SetRef::new(sentence, None, None), false))
}

fn parts(sentence: &str) -> Option<(SetRef, bool)> {
    let mut parts = sentence.split(", ");
    let (name, split) = parts.next()?.rsplit_once(' ')?;
    let (pack, subset) = match name.split_once('/') {
        Some((pack, subset)) => (pack, Some(subset)),
        None => (name, None),
    };
    if pack.is_empty() || split.is_empty() {
        return None;
    }
    let mut set = SetRef::new(pack, subset, Some(split.into()));
    let mut chosen = false;
    for part in parts {
        match part {
            "chosen there" => chosen = true,
            // Told by the specificity that is missing.
            "each with a lesion" => {}
            counted => {
                let (images, patients) = match counted.split_once(" pictures of ") {
                    Some((images, patients)) => (images, Some(patients.strip_suffix(" patients")?)),
                    None => (counted.strip_suffix(" pictures")?, None),
                };
                set.images = Some(images.parse().ok()?);
                set.patients = patients.map(str::parse).transpose().ok()?;
            }
        }
    }
    Some((set, chosen))
}

impl From<Format2> for Metadata {
    fn from(old: Format2) -> Self {
        let region = RegionSpec {
            top_pixels: old.region.top_pixels,
            map_threshold: old.region.map_threshold,
            min_pixels: old.region.min_pixels,
            class_share: old.region.class_share,
        };
        let label = old.labels.first().map_or("", String::as_str);
        let unusual = old.labels.get(1).map_or(label, String::as_str);
        let tasks = match old.routes.is_empty() {
            true => of_reader(&old.network, region, [label, unusual], &old.kinds),
            false => of_router(&old.routes),
        };
        let input = with_kind(&old.name, old.input);
        Self {
            format: BUNDLE_FORMAT,
            name: old.name,
            version: old.version,
            title: old.title,
            intended_use: old.intended_use,
            inputs: NetworkSpec::inputs(input.size),
            outputs: outputs_of(&old.network, input.size, &tasks),
            tasks,
            runtime: Runtime::Torch {
                network: old.network,
                mirror: old.region.mirror,
            },
            input,
            calibration: old.calibration,
            operating_points: old.operating_points.into_iter().map(OperatingPoint::from).collect(),
            gate: old.gate,
            data: old.data,
            // Told by the licences of the data, as of every format before 5.
            commercial_use: CommercialUse::NotStated,
            metrics: old.metrics,
            training: old.training,
        }
    }
}

/// Format 2 says the sequence and the plane that a model was made for in words alone.
fn with_kind(name: &str, input: InputSpec) -> InputSpec {
    let (sequence, plane) = match name {
        "brain-mri-flair" => (Some(Sequence::Flair), Some(SlicePlane::Axial)),
        "brain-mri-t1c" => (Some(Sequence::T1Contrast), None),
        _ => (None, None),
    };
    InputSpec {
        sequence: input.sequence.or(sequence),
        plane: input.plane.or(plane),
        ..input
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentences_of_format_2_become_facts() {
        let of = |sentence: &str| {
            let (set, chosen) = set_of(sentence);
            (
                set.pack,
                set.subset,
                set.split.map(String::from),
                set.images,
                set.patients,
                chosen,
            )
        };
        let some = |text: &str| Some(text.to_owned());
        let brain = |subset: &str| ("brain-mri".to_owned(), some(subset), some("val"));
        let (pack, subset, split) = brain("lgg-flair");
        assert_eq!(
            of("brain-mri/lgg-flair val, 367 pictures of 12 patients, chosen there"),
            (pack, subset, split, Some(367), Some(12), true)
        );
        let (pack, subset, split) = brain("cheng-t1c");
        assert_eq!(
            of("brain-mri/cheng-t1c val, 250 pictures, each with a lesion"),
            (pack, subset, split, Some(250), None, false)
        );
        assert_eq!(
            of("all packs val"),
            ("all packs".into(), None, some("val"), None, None, false)
        );
        for other in [
            "",
            "toys",
            "our own set, 12 patients",
            "a val, 3 pictures of them",
            "a val, -3 pictures",
            "a val, 4294967296 pictures",
            "a ",
        ] {
            assert_eq!(
                of(other),
                (other.to_owned(), None, None, None, None, false),
                "{other:?}"
            );
        }
    }
}
