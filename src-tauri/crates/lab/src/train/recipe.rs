//! What is trained for each bundle: the data, the network and the words of its metadata, from a JSON
//! file of `recipes` or any other.

mod fields;
mod read;

use std::path::Path;

use engine::bundle::{DataSource, InputSpec, MapKind, NetworkSpec, Task};
use engine::training::Variation;
use learn::manifest::Case;

use super::RecipeOf;
use domain::{CommercialUse, Failure, SetRef, Split};
use workflow::files::io_failure;

/// The recipes of the shipped bundles, by their names.
const BUILT_IN: [(&str, &str); 5] = [
    ("brain-mri-flair", include_str!("../../recipes/brain-mri-flair.json")),
    ("brain-mri-t1c", include_str!("../../recipes/brain-mri-t1c.json")),
    ("breast-us", include_str!("../../recipes/breast-us.json")),
    ("chest-xray-child", include_str!("../../recipes/chest-xray-child.json")),
    ("router", include_str!("../../recipes/router.json")),
];

#[derive(Debug, Clone, PartialEq)]
pub struct Recipe {
    pub bundle: String,
    pub version: String,
    pub title: String,
    pub intended_use: String,
    /// Images and questions that it was not made for.
    pub not_for: String,
    /// What the input gate was seen to refuse and to let pass, for the card.
    pub gate_limits: String,
    /// Which kinds of the pack of kinds are its own, and which the header keeps away.
    pub gate: GateKinds,
    /// For the card.
    pub failures: Failures,
    /// What the images are split by.
    pub unit: Unit,
    /// Kinds of anomaly told apart by the class head: the manifest's label, and its name in results.
    pub kinds: Vec<Kind>,
    /// Of a router: those whose images it tells apart, in the order of its class outputs.
    pub routes: Vec<Recipe>,
    /// Folder of the pack, below that of all packs. `None`: the packs of all routes.
    pub pack: Option<String>,
    /// The manifest's subset that is trained on.
    pub subset: Option<String>,
    /// Further subsets that teach and are never judged: their images say nothing of the question that the bundle answers.
    pub also: Vec<String>,
    pub network: NetworkSpec,
    pub input: InputSpec,
    /// Average over the image and its mirror image.
    pub mirror: bool,
    /// What the bundle does.
    pub tasks: Vec<Task>,
    pub data: Vec<DataSource>,
    /// Licence that the weights take from their data.
    pub licence: String,
    /// Whether that licence and those of the data allow paid work.
    pub commercial_use: CommercialUse,
    pub epochs: u32,
    /// On a GPU, which is faster.
    pub gpu_epochs: u32,
    /// Share of the epochs that run on images of two thirds the side.
    pub small_share: f64,
    pub batch: usize,
    pub learning_rate: f64,
    pub class_weight: f64,
    /// Anomalies without an outline teach by their label alone; else each needs one.
    pub unoutlined: bool,
    /// Share of the images that get a foreign patch.
    pub paste: f64,
    pub variation: Variation,
    /// Synthetic phantoms added to the training images, half of them with a lesion.
    pub synthetic: u32,
    /// Of all that changes a training: the file without `failures`, whatever its order and spaces.
    pub sha256: String,
}

/// What the worst validation images have in common, as a person saw it on the sheet of cases of
/// `evaluate --out`; true of these weights only, and written after their training.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failures {
    pub weights_sha256: String,
    pub words: String,
}

/// How the input gate takes kinds of a pack without labels.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GateKinds {
    /// Images that the model was made for, from elsewhere: to be accepted.
    pub own: Vec<String>,
    /// To be refused, but by header or person: the gate is not fitted on them, for by their pixels alone they lie too near.
    pub left_to_header: Vec<String>,
}

/// As words for the card; the manifests call all of them patients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    pub singular: String,
    pub plural: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kind {
    pub label: String,
    pub name: String,
}

/// What an image is, as far as its manifest says; the order is that of the network's class outputs.
pub struct Labels {
    pub classes: Vec<Option<bool>>,
    /// Images are drawn evenly from the groups.
    pub group: u8,
    /// It is known where lesion is and where not.
    pub outlined: bool,
}

impl Recipe {
    /// The recipe that a request names.
    ///
    /// # Errors
    /// As [`Self::named`] and [`Self::of_file`].
    pub fn of(which: &RecipeOf) -> Result<Self, Failure> {
        match which {
            RecipeOf::Bundle(name) => Self::named(name),
            RecipeOf::File(path) => Self::of_file(path),
        }
    }

    /// The recipe of a shipped bundle.
    ///
    /// # Errors
    /// `wrong_usage` when there is none of that name.
    pub fn named(bundle: &str) -> Result<Self, Failure> {
        let Some((name, text)) = BUILT_IN.iter().find(|(name, _)| *name == bundle) else {
            let known = BUILT_IN.map(|(name, _)| name).join(", ");
            return Err(Failure::usage(format!(
                "there is no recipe for '{bundle}'; there is: {known}; --recipe takes a file"
            )));
        };
        read::recipe(text, &format!("the recipe '{name}'"), None)
    }

    /// The recipe in a file. The routes of a router are files beside it, else those of shipped bundles.
    ///
    /// # Errors
    /// `bad_data` with everything that is wrong with it, `io`.
    pub fn of_file(path: &Path) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(path).map_err(|error| io_failure(path, "read", &error))?;
        read::recipe(&text, &path.display().to_string(), path.parent())
    }

    pub fn is_router(&self) -> bool {
        !self.routes.is_empty()
    }

    /// The set that is trained on and judged, or a split of it.
    pub fn set(&self, split: Option<Split>) -> SetRef {
        SetRef::new(
            self.pack.as_deref().unwrap_or("all packs"),
            self.subset.as_deref(),
            split,
        )
    }

    /// `one_sided`: every image of the data is an anomaly, so nothing can be learned of their absence.
    pub fn labels(&self, case: &Case, one_sided: bool) -> Labels {
        let kind = self
            .kinds
            .iter()
            .position(|kind| kind.label.eq_ignore_ascii_case(&case.label));
        let of_kind = |place: usize| case.anomaly.then_some(kind == Some(place));
        Labels {
            classes: std::iter::once((!one_sided).then_some(case.anomaly))
                .chain((0..self.kinds.len()).map(of_kind))
                .collect(),
            group: match kind {
                Some(place) => 2 + place as u8,
                None => u8::from(case.anomaly),
            },
            outlined: !case.anomaly || case.mask.is_some(),
        }
    }

    /// Whether the bundle answers for such images, and is judged by them.
    pub fn judges(&self, case: &Case) -> bool {
        self.also.is_empty() || case.subset == self.subset
    }

    /// Side of the small images of the first epochs: two thirds, and the network can halve it.
    pub fn small_size(&self) -> u32 {
        let halvings = self.network.widths.len().saturating_sub(1);
        (self.input.size * 2 / 3) >> halvings << halvings
    }

    /// Whether lesions are outlined in the training data.
    pub fn outlines(&self) -> bool {
        self.network.map(MapKind::Lesion).is_some()
    }
}

#[cfg(test)]
mod tests;
