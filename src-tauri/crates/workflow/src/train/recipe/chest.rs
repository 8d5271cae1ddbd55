//! Radiographs of children's chests.

use engine::bundle::{DataSource, InputSpec, MapKind, RegionSpec};

use super::{PATIENT, Recipe, Variation, failures, network};

pub fn child() -> Recipe {
    Recipe {
        bundle: "chest-xray-child",
        version: "0.1.1",
        title: "Pneumonia on frontal chest radiographs of small children",
        intended_use: "A second look at frontal chest radiographs of children of one to five years for pneumonia. It \
                       was trained on labels of whole pictures: where it points was never compared with an outline. \
                       Research use only; not for diagnosis.",
        not_for: "adults, lateral films, other diseases than pneumonia, other body parts",
        gate_limits: "No adult's film was there to show to its gate: an adult is refused by the age in a DICOM header, \
                      and of a picture file no age is known.",
        failures: failures::CHEST,
        unit: PATIENT,
        label: "opacity as in pneumonia",
        unknown_label: "unusual region of unknown kind",
        kinds: &[],
        subset: None,
        set_name: "chest-xray",
        network: network(&[MapKind::Foreign], 0, true),
        input: InputSpec {
            size: 192,
            percentiles: [0.5, 99.5],
            body_threshold: 0.08,
            modalities: vec!["DX".into(), "CR".into(), "DR".into(), "RG".into()],
            photometric: vec!["MONOCHROME1".into(), "MONOCHROME2".into()],
            body_parts: vec!["CHEST".into(), "THORAX".into()],
            ages: Some([1, 5]),
            views: vec!["PA".into(), "AP".into()],
            description: "frontal chest radiographs of children of one to five years".into(),
        },
        region: RegionSpec {
            top_pixels: 300,
            map_threshold: 0.5,
            min_pixels: 60,
            mirror: false,
            class_share: 1.0,
        },
        data: vec![DataSource {
            name: "Chest X-ray images of children, Guangzhou (Kermany et al.)".into(),
            licence: "CC BY 4.0".into(),
            citation: "Kermany DS, Zhang K, Goldbaum M. Cell 2018;172:1122-1131. Data: Mendeley rscbjbr9sj.".into(),
        }],
        licence: "CC BY 4.0",
        epochs: 5,
        gpu_epochs: 40,
        small_share: 0.6,
        batch: 16,
        learning_rate: 1e-3,
        class_weight: 1.0,
        paste: 0.3,
        variation: Variation {
            mirror: false,
            rotation: 8.0,
            zoom: [0.85, 1.18],
            bias_field: false,
            speckle: false,
            cover: true,
        },
        synthetic: 0,
    }
}
