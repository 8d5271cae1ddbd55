//! A small bundle without weights, for tests of everything around the network.

use domain::{Estimate, ModelVersion, OperatingPoint, SetRef, Uid};

use crate::bundle::{
    BUNDLE_FORMAT, Bundle, Calibration, DataSource, InputSpec, MapKind, Metadata, NetworkSpec, RegionSpec, Runtime,
    Task, Training, of_reader, of_router, outputs_of,
};
use crate::gate::HeaderFacts;
use crate::task::FrameFacts;
use crate::tensors::{Answers, Tensor};

pub fn network() -> NetworkSpec {
    NetworkSpec {
        family: "res-unet-pcam".into(),
        widths: vec![4, 8, 8],
        maps: vec![MapKind::Lesion, MapKind::Foreign],
        classes: 1,
        autoencoder: true,
        members: 1,
    }
}

/// Of a reader with every head.
pub fn metadata() -> Metadata {
    let region = RegionSpec {
        top_pixels: 4,
        map_threshold: 0.5,
        min_pixels: 2,
        class_share: 0.0,
    };
    let tasks = of_reader(&network(), region, ["bright spot", "unknown"], &[]);
    of(network(), tasks)
}

fn of(network: NetworkSpec, tasks: Vec<Task>) -> Metadata {
    Metadata {
        format: BUNDLE_FORMAT,
        name: "toy".into(),
        version: "1.0.0".into(),
        title: "A toy".into(),
        intended_use: "tests".into(),
        inputs: NetworkSpec::inputs(64),
        outputs: outputs_of(&network, 64, &tasks),
        tasks,
        runtime: Runtime::Torch { network, mirror: false },
        input: InputSpec {
            size: 64,
            percentiles: [0.0, 100.0],
            body_threshold: 0.05,
            modalities: vec!["MR".into()],
            photometric: vec![],
            body_parts: vec!["HEAD".into()],
            ages: None,
            views: vec![],
            sequence: None,
            plane: None,
            window: None,
            quality: None,
            description: "toy heads".into(),
        },
        calibration: Calibration {
            slope: 1.0,
            intercept: 0.0,
            made_on: None,
        },
        operating_points: vec![OperatingPoint {
            name: "balanced".into(),
            threshold: 0.5,
            sensitivity: Estimate::bare(0.9),
            specificity: Some(Estimate::bare(0.9)),
            set: SetRef::new("toys", None, None),
            chosen_on_it: false,
            patients: None,
        }],
        gate: None,
        data: vec![DataSource {
            name: "toys".into(),
            licence: "none".into(),
            citation: "none".into(),
        }],
        commercial_use: domain::CommercialUse::NotStated,
        metrics: vec![],
        training: Training {
            command: "none".into(),
            seed: 0,
            epochs: 0,
            manifest_sha256: String::new(),
            code_version: "0".into(),
            images: 0,
            synthetic_images: 0,
            from: None,
        },
    }
}

pub fn bundle() -> Bundle {
    whole(metadata())
}

/// A bundle that routes, with these routes.
pub fn router(routes: &[&str]) -> Bundle {
    let network = NetworkSpec {
        classes: routes.len() as u32,
        ..network()
    };
    let routes: Vec<String> = routes.iter().map(|route| (*route).to_owned()).collect();
    whole(of(network, of_router(&routes)))
}

fn whole(metadata: Metadata) -> Bundle {
    Bundle {
        folder: "toy".into(),
        metadata,
        model: ModelVersion {
            bundle: "toy".into(),
            version: "1.0.0".into(),
            weights_sha256: "00".into(),
        },
        weights: vec![].into(),
        signed: false,
        manifest_sha256: "00".into(),
        gate: None,
        normals: None,
        site_prevalence: None,
    }
}

pub fn facts(rows: u32, cols: u32) -> FrameFacts {
    FrameFacts {
        sop_instance_uid: Uid::from_bits([7; 16]),
        frame: 0,
        frames: 1,
        rows,
        cols,
        ruler: domain::Ruler::of_spacing(Some([0.5, 0.5])),
        header: HeaderFacts::default(),
        in_stack: false,
    }
}

/// Every output that the bundle asks for: these, and zeros for the others.
pub fn tensors(bundle: &Bundle, given: &[(&str, &[f32])]) -> Vec<Tensor> {
    let of = |name: &str, count: usize| {
        let found = given.iter().find(|(other, _)| *other == name);
        found.map_or_else(|| vec![0.0; count], |(_, values)| values.to_vec())
    };
    let outputs = bundle.metadata.outputs.iter();
    outputs
        .map(|(name, spec)| {
            let count = spec.shape().iter().product::<u32>() as usize;
            Tensor::new(name, spec.shape(), of(name, count))
        })
        .collect()
}

pub fn answers(bundle: &Bundle, given: &[(&str, &[f32])]) -> Answers {
    bundle
        .answers(tensors(bundle, given))
        .expect("the answers of a test fit its bundle")
}

/// The values with nearly normal noise of this deviation, the same for a seed.
pub fn noisy(values: &[f32], deviation: f32, seed: u32) -> Vec<f32> {
    let mut state = seed;
    let mut uniform = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1u32 << 24) as f32 - 0.5
    };
    values
        .iter()
        .map(|v| v + deviation * (0..12).map(|_| uniform()).sum::<f32>())
        .collect()
}
