//! Ultrasound of the breast.

use engine::bundle::{DataSource, InputSpec, MapKind, RegionSpec};

use super::{Kind, Recipe, Unit, Variation, failures, network};

pub fn ultrasound() -> Recipe {
    const KINDS: &[Kind] = &[Kind {
        label: "MALIGNANT",
        name: "malignant",
    }];
    Recipe {
        bundle: "breast-us",
        version: "0.2.0",
        title: "Masses on ultrasound pictures of the breast",
        intended_use: "A second look at B-mode ultrasound pictures of the adult female breast for masses, with a hint \
                       whether a mass looks malignant. Research use only; not for diagnosis.",
        not_for: "other organs, Doppler or elastography pictures, pictures of men or children",
        gate_limits: "Among 89 validation pictures 14 are normal: too few for the unknown-anomaly head to call any picture \
                      unusual, so it stays silent. Trained without malignant masses its map told these from normal \
                      pictures with an AUC of 0.906, without benign ones 0.726.",
        failures: failures::BREAST,
        // Its pack names no patients.
        unit: Unit {
            singular: "group of near-duplicates",
            plural: "groups of near-duplicates",
        },
        label: "breast mass",
        unknown_label: "unusual region of unknown kind",
        kinds: KINDS,
        subset: None,
        set_name: "breast-us",
        network: network(&[MapKind::Lesion, MapKind::Foreign], KINDS.len(), false),
        input: InputSpec {
            size: 192,
            percentiles: [0.5, 99.5],
            body_threshold: 0.04,
            modalities: vec!["US".into()],
            photometric: vec![],
            body_parts: vec!["BREAST".into()],
            ages: Some([18, 120]),
            views: vec![],
            description: "B-mode ultrasound pictures of the breast".into(),
        },
        region: RegionSpec {
            top_pixels: 120,
            map_threshold: 0.5,
            min_pixels: 40,
            mirror: true,
            class_share: 0.5,
        },
        data: vec![DataSource {
            name: "BUSI, breast ultrasound images (Al-Dhabyani et al.)".into(),
            licence:
                "unclear: the article is CC BY 4.0, mirrors name CC0 and others; ask the authors before commercial \
                      use"
                .into(),
            citation: "Al-Dhabyani W, Gomaa M, Khaled H, Fahmy A. Data in Brief 2020;28:104863.".into(),
        }],
        licence: "unclear, as that of the data: for research, with credit to its authors",
        epochs: 60,
        gpu_epochs: 200,
        small_share: 0.6,
        batch: 16,
        learning_rate: 1.5e-3,
        class_weight: 0.6,
        paste: 0.2,
        variation: Variation {
            mirror: true,
            rotation: 20.0,
            zoom: [0.75, 1.35],
            bias_field: true,
            speckle: true,
            cover: true,
        },
        synthetic: 0,
    }
}
