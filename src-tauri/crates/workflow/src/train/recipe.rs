//! What is trained for each bundle: the data, the network and the words of its metadata.

use engine::bundle::{DataSource, InputSpec, NetworkSpec, RegionSpec};

pub struct Recipe {
    pub bundle: &'static str,
    pub version: &'static str,
    pub title: &'static str,
    pub intended_use: &'static str,
    /// What the input gate was seen to refuse and to let pass, for the card.
    pub gate_limits: &'static str,
    pub label: &'static str,
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
    /// Of these, on pictures of two thirds the side.
    pub small_epochs: u32,
    pub batch: usize,
    pub learning_rate: f64,
    /// Synthetic phantoms added to the training pictures, half of them with a lesion.
    pub synthetic: u32,
}

pub fn find(bundle: &str) -> Option<Recipe> {
    all().into_iter().find(|recipe| recipe.bundle == bundle)
}

pub fn all() -> Vec<Recipe> {
    vec![brain_mri_flair()]
}

fn brain_mri_flair() -> Recipe {
    Recipe {
        bundle: "brain-mri-flair",
        version: "0.1.0",
        title: "Bright lesions on axial FLAIR slices of the head",
        intended_use: "A second look at axial FLAIR MR slices of adult heads for lesions of the kind of lower-grade \
                       gliomas. Research use only; not for diagnosis.",
        gate_limits: "The input gate refuses other body parts and modalities, but not other MR sequences or planes of \
                      the head: those are the reader's to keep away.",
        label: "FLAIR-bright lesion",
        subset: Some("lgg-flair"),
        set_name: "brain-mri/lgg-flair",
        network: NetworkSpec {
            family: "res-unet-pcam".into(),
            widths: vec![16, 24, 48, 96, 192],
        },
        input: InputSpec {
            size: 192,
            percentiles: [0.5, 99.5],
            body_threshold: 0.08,
            modalities: vec!["MR".into()],
            body_parts: vec!["HEAD".into(), "BRAIN".into(), "SKULL".into()],
            description: "axial FLAIR MR slices of the head".into(),
        },
        region: RegionSpec {
            top_pixels: 60,
            map_threshold: 0.5,
            min_pixels: 12,
            mirror: false,
        },
        data: vec![DataSource {
            name: "TCGA-LGG with FLAIR lesion masks (Buda et al.)".into(),
            licence: "images CC BY 3.0; masks CC BY-NC-SA 4.0: non-commercial".into(),
            citation: "Buda M, Saha A, Mazurowski MA. Computers in Biology and Medicine 2019;109:218-225. \
                       Images: TCIA TCGA-LGG collection."
                .into(),
        }],
        licence: "CC BY-NC-SA 4.0",
        epochs: 16,
        small_epochs: 10,
        batch: 16,
        learning_rate: 1.5e-3,
        synthetic: 400,
    }
}
