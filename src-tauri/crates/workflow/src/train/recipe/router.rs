//! The router: which bundle an image is for.

use engine::bundle::{InputSpec, NetworkSpec, RegionSpec};

use super::{ROUTER, Recipe, Unit, Variation, failures, network, readers};

pub fn router() -> Recipe {
    let readers = readers();
    let descriptions: Vec<&str> = readers.iter().map(|reader| reader.input.description.as_str()).collect();
    Recipe {
        bundle: ROUTER,
        version: "0.1.1",
        title: "Which model a picture is for",
        intended_use: "Gives each series to the model that was made for such pictures, or to none. It says nothing of \
                       disease. Research use only; not for diagnosis.",
        not_for: "telling health from disease",
        gate_limits: "It knows the kinds of pictures that it was trained on and spoilt ones; a kind that nobody showed \
                      it is left to its gate and to the gate of the model that it chose.",
        failures: failures::ROUTER,
        unit: Unit {
            singular: "what each pack is split by",
            plural: "patients, blocks or groups",
        },
        label: "route",
        unknown_label: "none",
        kinds: &[],
        subset: None,
        set_name: "all packs",
        network: NetworkSpec {
            widths: vec![8, 16, 32, 64, 96],
            classes: readers.len() as u32,
            members: 1,
            ..network(&[], 0, false)
        },
        input: InputSpec {
            size: 96,
            percentiles: [0.5, 99.5],
            body_threshold: 0.08,
            modalities: vec![],
            photometric: vec![],
            body_parts: vec![],
            ages: None,
            views: vec![],
            description: descriptions.join("; "),
        },
        region: RegionSpec {
            top_pixels: 1,
            map_threshold: 0.5,
            min_pixels: 1,
            mirror: false,
            class_share: 1.0,
        },
        data: readers.iter().flat_map(|reader| reader.data.clone()).collect(),
        licence: "CC BY-NC-SA 4.0, the strictest of its data",
        epochs: 14,
        gpu_epochs: 40,
        small_share: 0.5,
        batch: 32,
        learning_rate: 2e-3,
        class_weight: 1.0,
        paste: 0.0,
        variation: Variation {
            mirror: true,
            rotation: 12.0,
            zoom: [0.85, 1.18],
            bias_field: true,
            speckle: true,
            cover: true,
        },
        synthetic: 0,
    }
}
