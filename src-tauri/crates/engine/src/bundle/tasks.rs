//! What a bundle does, and which of its tensors each task reads. `engine::task` holds their interpreters.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::network::{CLASS, CLASS_MAP, FOREIGN, LESION, MapKind, NetworkSpec, RECONSTRUCTION, RECONSTRUCTION_SIDE};
use super::normals::Head;
use crate::tensors::{FEATURES, TensorSpec};

/// One thing that a bundle does. Exactly one of the tasks of a bundle that reads images gives the score;
/// a bundle that routes does nothing else.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case")]
pub enum Task {
    /// Outlines what it was taught to outline, and scores the image by it.
    Segment(Scored),
    /// Says of which class an image is.
    Classify(Classify),
    /// Says which bundle an image is for.
    Route(Route),
    /// Finds what nobody outlined.
    Unusual(UnusualHeads),
}

/// The names of the tasks, as metadata writes them.
pub(super) const NAMES: [&str; 4] = ["segment", "classify", "route", "unusual"];

/// From a map to a score and to regions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scored {
    /// Of its findings.
    pub label: String,
    /// The output that is the map, 0..=1.
    pub map: String,
    /// The output whose first value, a logit, has a share in the score.
    pub logits: Option<String>,
    /// How the map becomes a score and regions.
    pub region: RegionSpec,
}

/// How a map becomes a score and regions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegionSpec {
    /// The score of an image or region is the mean of this many highest map values (input pixels).
    pub top_pixels: u32,
    /// A region is where the map is at or above this, 0..=1.
    pub map_threshold: f32,
    /// Smaller regions are dropped (input pixels).
    pub min_pixels: u32,
    /// Share of the logit in the score, 0..=1; the rest is that of the highest map values.
    pub class_share: f32,
}

/// What the class head says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Classify {
    /// The output that holds the logits: of the image being abnormal, then of each kind.
    pub logits: String,
    /// Kinds of anomaly that are told apart.
    pub kinds: Vec<String>,
    /// Where no task segments: the score, and where the class was seen.
    pub scored: Option<Scored>,
}

/// Which bundle an image is for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// The output that holds a logit for each route.
    pub logits: String,
    /// The bundle that each logit stands for.
    pub routes: Vec<String>,
}

/// Heads that look for what nobody outlined. How rare their scores are stands in `normals.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnusualHeads {
    /// Of its findings.
    pub label: String,
    /// The output with the map that was learned from pasted patches, 0..=1.
    pub foreign: Option<String>,
    /// The score of that map is the mean of this many highest values (input pixels).
    pub top_pixels: u32,
    /// The output with the errors of the autoencoder.
    pub reconstruction: Option<String>,
}

impl Task {
    /// As metadata writes it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Segment(_) => NAMES[0],
            Self::Classify(_) => NAMES[1],
            Self::Route(_) => NAMES[2],
            Self::Unusual(_) => NAMES[3],
        }
    }

    /// What gives the score, where this task does.
    pub fn scored(&self) -> Option<&Scored> {
        match self {
            Self::Segment(scored) => Some(scored),
            Self::Classify(classify) => classify.scored.as_ref(),
            Self::Route(_) | Self::Unusual(_) => None,
        }
    }

    /// Each output that it reads, and the shape that it needs; 0 stands for any length.
    fn reads(&self, side: u32) -> Vec<(&str, Vec<u32>)> {
        let scored = self.scored().into_iter().flat_map(|scored| {
            let logits = scored.logits.as_deref().map(|name| (name, vec![0]));
            [Some((scored.map.as_str(), vec![1, side, side])), logits]
        });
        let own = match self {
            Self::Segment(_) => vec![],
            Self::Classify(classify) => vec![(classify.logits.as_str(), vec![count(1, &classify.kinds)])],
            Self::Route(route) => vec![(route.logits.as_str(), vec![count(0, &route.routes)])],
            Self::Unusual(unusual) => {
                let foreign = unusual.foreign.as_deref().map(|name| (name, vec![1, side, side]));
                let errors = unusual.reconstruction.as_deref();
                let errors = errors.map(|name| (name, vec![1, RECONSTRUCTION_SIDE, RECONSTRUCTION_SIDE]));
                foreign.into_iter().chain(errors).collect()
            }
        };
        scored.flatten().chain(own).collect()
    }

    fn check(&self, side: u32, outputs: &BTreeMap<String, TensorSpec>) -> Result<(), String> {
        let task = self.name();
        for (name, needed) in self.reads(side) {
            let Some(spec) = outputs.get(name) else {
                let known: Vec<&str> = outputs.keys().map(String::as_str).collect();
                return Err(format!(
                    "the task {task} reads the tensor '{name}', and the outputs are {}",
                    known.join(", ")
                ));
            };
            let found = spec.shape();
            let fits = found.len() == needed.len() && found.iter().zip(&needed).all(|(f, n)| f == n || *n == 0);
            if !fits {
                return Err(format!(
                    "the task {task} reads the tensor '{name}' with the shape {found:?}, and needs {needed:?}"
                ));
            }
        }
        match self {
            Self::Unusual(heads) if heads.top_pixels == 0 => Err("top_pixels must be at least 1".into()),
            Self::Unusual(heads) if heads.label.is_empty() => Err("the task unusual has no label".into()),
            Self::Route(route) if route.routes.is_empty() => Err("the task route has no routes".into()),
            _ => self.scored().map_or(Ok(()), Scored::check),
        }
    }
}

impl UnusualHeads {
    /// The output that a head's score is made of.
    pub fn tensor(&self, head: Head) -> Option<&str> {
        match head {
            Head::Foreign => self.foreign.as_deref(),
            Head::Reconstruction => self.reconstruction.as_deref(),
        }
    }
}

impl Scored {
    fn check(&self) -> Result<(), String> {
        let region = self.region;
        if self.label.is_empty() {
            return Err("the findings have no label".into());
        }
        if !(0.0..=1.0).contains(&region.map_threshold) {
            return Err(format!("the threshold {} is not within 0 and 1", region.map_threshold));
        }
        if !(0.0..=1.0).contains(&region.class_share) || (region.class_share > 0.0 && self.logits.is_none()) {
            return Err(format!(
                "the class head's share {} is not within 0 and 1, or there are no logits for it",
                region.class_share
            ));
        }
        if region.top_pixels == 0 {
            return Err("top_pixels must be at least 1".into());
        }
        Ok(())
    }
}

fn count(more: u32, names: &[String]) -> u32 {
    u32::try_from(names.len()).unwrap_or(u32::MAX).saturating_add(more)
}

/// Whether the tasks make a bundle together, on these outputs.
pub(super) fn check(tasks: &[Task], side: u32, outputs: &BTreeMap<String, TensorSpec>) -> Result<(), String> {
    let scores = tasks.iter().filter(|task| task.scored().is_some()).count();
    let routes = tasks.iter().any(|task| matches!(task, Task::Route(_)));
    if (routes && tasks.len() > 1) || (!routes && scores != 1) {
        let names: Vec<&str> = tasks.iter().map(Task::name).collect();
        return Err(format!(
            "the tasks [{}] make no bundle: one task alone routes, or exactly one of them gives the score, and {scores} do",
            names.join(", ")
        ));
    }
    tasks.iter().try_for_each(|task| task.check(side, outputs))
}

/// What a reader of the family does: it scores by its lesion map, or where it has none by its class map;
/// it tells `kinds` apart, and where it has heads for it looks for what nobody outlined.
pub fn of_reader(network: &NetworkSpec, region: RegionSpec, labels: [&str; 2], kinds: &[String]) -> Vec<Task> {
    let [label, unusual_label] = labels.map(str::to_owned);
    let segments = network.map(MapKind::Lesion).is_some();
    let scored = Scored {
        label,
        map: if segments { LESION } else { CLASS_MAP }.to_owned(),
        logits: (region.class_share > 0.0).then(|| CLASS.to_owned()),
        region,
    };
    let classify = |scored| {
        Task::Classify(Classify {
            logits: CLASS.to_owned(),
            kinds: kinds.to_vec(),
            scored,
        })
    };
    let mut tasks = match segments {
        true => vec![Task::Segment(scored)],
        false => vec![classify(Some(scored))],
    };
    if segments && !kinds.is_empty() {
        tasks.push(classify(None));
    }
    let foreign = network.map(MapKind::Foreign).map(|_| FOREIGN.to_owned());
    let reconstruction = network.autoencoder.then(|| RECONSTRUCTION.to_owned());
    if foreign.is_some() || reconstruction.is_some() {
        tasks.push(Task::Unusual(UnusualHeads {
            label: unusual_label,
            foreign,
            top_pixels: region.top_pixels,
            reconstruction,
        }));
    }
    tasks
}

/// What a router of the family does.
pub fn of_router(routes: &[String]) -> Vec<Task> {
    vec![Task::Route(Route {
        logits: CLASS.to_owned(),
        routes: routes.to_vec(),
    })]
}

/// The outputs that the tasks and the gate ask of the network: a router has no map.
pub fn outputs_of(network: &NetworkSpec, side: u32, tasks: &[Task]) -> BTreeMap<String, TensorSpec> {
    let (mut classes, mut routes) = (vec!["abnormal"], false);
    for task in tasks {
        match task {
            Task::Classify(classify) => classes.extend(classify.kinds.iter().map(String::as_str)),
            Task::Route(route) => {
                classes = route.routes.iter().map(String::as_str).collect();
                routes = true;
            }
            Task::Segment(_) | Task::Unusual(_) => {}
        }
    }
    let mut outputs = network.outputs(side, &classes);
    let scored = tasks.iter().find_map(Task::scored).map(|scored| scored.map.clone());
    outputs.retain(|name, _| name != CLASS_MAP || scored.as_deref() == Some(CLASS_MAP));
    if routes {
        outputs.retain(|name, _| name == CLASS || name == FEATURES);
    }
    outputs
}
