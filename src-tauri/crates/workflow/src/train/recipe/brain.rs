//! MR slices of the head.

use engine::bundle::{DataSource, InputSpec, MapKind, RegionSpec};

use super::{PATIENT, Recipe, Unit, Variation, failures, network};

const UNKNOWN: &str = "unusual region of unknown kind";

const HEAD: Variation = Variation {
    mirror: true,
    rotation: 15.0,
    zoom: [0.85, 1.18],
    bias_field: true,
    speckle: false,
    cover: false,
};

const LESION: RegionSpec = RegionSpec {
    top_pixels: 60,
    map_threshold: 0.5,
    min_pixels: 12,
    mirror: true,
    class_share: 0.0,
};

fn head(description: &str) -> InputSpec {
    InputSpec {
        size: 192,
        percentiles: [0.5, 99.5],
        body_threshold: 0.08,
        modalities: vec!["MR".into()],
        photometric: vec!["MONOCHROME1".into(), "MONOCHROME2".into()],
        body_parts: vec!["HEAD".into(), "BRAIN".into(), "SKULL".into()],
        ages: Some([18, 120]),
        views: vec![],
        description: description.into(),
    }
}

pub fn flair() -> Recipe {
    Recipe {
        bundle: "brain-mri-flair",
        version: "0.3.0",
        title: "Bright lesions on axial FLAIR slices of the head",
        intended_use: "A second look at axial FLAIR MR slices of adult heads for lesions of the kind of lower-grade \
                       gliomas. Research use only; not for diagnosis.",
        not_for: "other MR sequences and planes, other body parts, children",
        gate_limits: "Its gate was shown heads of one other MR sequence, T1 with contrast; other sequences and planes are the \
                      reader's to keep away.",
        failures: failures::FLAIR,
        unit: PATIENT,
        label: "FLAIR-bright lesion",
        unknown_label: UNKNOWN,
        kinds: &[],
        subset: Some("lgg-flair"),
        set_name: "brain-mri/lgg-flair",
        network: network(&[MapKind::Lesion, MapKind::Foreign], 0, true),
        input: head("axial FLAIR MR slices of the head"),
        region: LESION,
        data: vec![DataSource {
            name: "TCGA-LGG with FLAIR lesion masks (Buda et al.)".into(),
            licence: "images CC BY 3.0; masks CC BY-NC-SA 4.0: non-commercial".into(),
            citation: "Buda M, Saha A, Mazurowski MA. Computers in Biology and Medicine 2019;109:218-225. \
                       Images: TCIA TCGA-LGG collection."
                .into(),
        }],
        licence: "CC BY-NC-SA 4.0",
        epochs: 26,
        gpu_epochs: 100,
        small_share: 0.6,
        batch: 16,
        learning_rate: 1.5e-3,
        class_weight: 0.3,
        paste: 0.25,
        variation: HEAD,
        synthetic: 600,
    }
}

pub fn t1c() -> Recipe {
    Recipe {
        bundle: "brain-mri-t1c",
        version: "0.3.0",
        title: "Tumours on contrast-enhanced T1 slices of the head",
        intended_use: "Outlines tumours of the kind of glioma, meningioma and pituitary tumour on contrast-enhanced T1 \
                       MR slices of adult heads. It was trained on slices with a tumour only: it says where, not \
                       whether. Research use only; not for diagnosis.",
        not_for: "saying that a slice is free of tumour, other MR sequences, other body parts, children",
        gate_limits: "Its gate was shown heads of one other MR sequence, FLAIR; other sequences are the reader's to keep \
                      away.",
        failures: failures::T1C,
        // Its pack names no patients.
        unit: Unit {
            singular: "block of 48 slices",
            plural: "blocks of 48 slices",
        },
        label: "contrast-enhancing tumour",
        unknown_label: UNKNOWN,
        kinds: &[],
        subset: Some("cheng-t1c"),
        set_name: "brain-mri/cheng-t1c",
        network: network(&[MapKind::Lesion, MapKind::Foreign], 0, false),
        input: head("contrast-enhanced T1 MR slices of the head"),
        region: LESION,
        data: vec![DataSource {
            name: "Brain tumour dataset of J. Cheng (figshare 1512427)".into(),
            licence: "CC BY 4.0".into(),
            citation: "Cheng J et al. PLoS ONE 2015;10(10):e0140381. Data: figshare 1512427.".into(),
        }],
        licence: "CC BY 4.0",
        epochs: 40,
        gpu_epochs: 120,
        small_share: 0.6,
        batch: 16,
        learning_rate: 1.5e-3,
        class_weight: 0.0,
        paste: 0.2,
        variation: Variation {
            rotation: 20.0,
            zoom: [0.8, 1.25],
            ..HEAD
        },
        synthetic: 0,
    }
}
