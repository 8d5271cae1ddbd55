//! What is trained for each bundle: the data, the network and the words of its metadata.

mod brain;
mod breast;
mod chest;
mod failures;
mod router;

use engine::bundle::{DataSource, InputSpec, MapKind, NetworkSpec, RegionSpec};
use learn::manifest::Case;

/// The bundle that chooses among the others.
pub const ROUTER: &str = "router";

pub struct Recipe {
    pub bundle: &'static str,
    pub version: &'static str,
    pub title: &'static str,
    pub intended_use: &'static str,
    /// Pictures and questions that it was not made for.
    pub not_for: &'static str,
    /// What the input gate was seen to refuse and to let pass, for the card.
    pub gate_limits: &'static str,
    /// For the card.
    pub failures: Failures,
    /// What the pictures are split by.
    pub unit: Unit,
    pub label: &'static str,
    /// Of a finding of the unknown-anomaly head.
    pub unknown_label: &'static str,
    /// Kinds of anomaly told apart by the class head: the manifest's label, and its name in results.
    pub kinds: &'static [Kind],
    /// The manifest's subset that is trained on.
    pub subset: Option<&'static str>,
    pub set_name: &'static str,
    pub network: NetworkSpec,
    pub input: InputSpec,
    pub region: RegionSpec,
    pub data: Vec<DataSource>,
    /// Licence that the weights take from their data.
    pub licence: &'static str,
    pub epochs: u32,
    /// On a GPU, which is faster.
    pub gpu_epochs: u32,
    /// Share of the epochs that run on pictures of two thirds the side.
    pub small_share: f64,
    pub batch: usize,
    pub learning_rate: f64,
    pub class_weight: f64,
    /// Share of the pictures that get a foreign patch.
    pub paste: f64,
    pub variation: Variation,
    /// Synthetic phantoms added to the training pictures, half of them with a lesion.
    pub synthetic: u32,
}

/// What the worst validation pictures have in common, as a person saw it on the picture sheet of
/// `evaluate --out`; true of these weights only.
pub struct Failures {
    pub weights_sha256: &'static str,
    pub words: &'static str,
}

/// As words for the card; the manifests call all of them patients.
pub struct Unit {
    pub singular: &'static str,
    pub plural: &'static str,
}

const PATIENT: Unit = Unit {
    singular: "patient",
    plural: "patients",
};

pub struct Kind {
    pub label: &'static str,
    pub name: &'static str,
}

/// As `overread-worker` reads it from its configuration.
#[derive(Clone, Copy, serde::Serialize)]
pub struct Variation {
    pub mirror: bool,
    /// Degrees either way.
    pub rotation: f32,
    /// Smallest and largest factor of size.
    pub zoom: [f32; 2],
    pub bias_field: bool,
    pub speckle: bool,
    pub cover: bool,
}

/// What a picture is, as far as its manifest says; the order is that of the network's class outputs.
pub struct Labels {
    pub classes: Vec<Option<bool>>,
    /// Pictures are drawn evenly from the groups.
    pub group: u8,
    /// It is known where lesion is and where not.
    pub outlined: bool,
}

impl Recipe {
    /// `one_sided`: every picture of the data is an anomaly, so nothing can be learned of their absence.
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

    /// Side of the small pictures of the first epochs: two thirds, and the network can halve it.
    pub fn small_size(&self) -> u32 {
        let halvings = self.network.widths.len().saturating_sub(1);
        (self.input.size * 2 / 3) >> halvings << halvings
    }

    /// Whether lesions are outlined in the training data.
    pub fn outlines(&self) -> bool {
        self.network.map(MapKind::Lesion).is_some()
    }
}

/// The network that all bundles share, in two members; with an autoencoder where there are normal
/// pictures enough for it.
fn network(maps: &[MapKind], kinds: usize, autoencoder: bool) -> NetworkSpec {
    NetworkSpec {
        family: "res-unet-pcam".into(),
        widths: vec![16, 24, 48, 96, 192],
        maps: maps.to_vec(),
        classes: 1 + kinds as u32,
        autoencoder,
        members: 2,
    }
}

impl Recipe {
    /// Folder of the pack, below that of all packs.
    pub fn pack(&self) -> &'static str {
        self.set_name.split('/').next().unwrap_or_default()
    }
}

pub fn find(bundle: &str) -> Option<Recipe> {
    all().into_iter().find(|recipe| recipe.bundle == bundle)
}

pub fn all() -> Vec<Recipe> {
    readers().into_iter().chain([router::router()]).collect()
}

/// Those that read pictures, in the order of the router's routes.
pub fn readers() -> Vec<Recipe> {
    vec![brain::flair(), brain::t1c(), breast::ultrasound(), chest::child()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_pictures_can_be_halved_at_any_size() {
        let mut recipe = breast::ultrasound();
        for (size, small) in [(192, 128), (160, 96), (256, 160)] {
            recipe.input.size = size;
            assert_eq!(recipe.small_size(), small);
        }
    }
}
