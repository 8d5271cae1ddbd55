//! A small bundle without weights, for tests of everything around the network.

use domain::{ModelVersion, OperatingPoint, Uid};

use crate::bundle::{
    BUNDLE_FORMAT, Bundle, Calibration, DataSource, InputSpec, MapKind, Metadata, NetworkSpec, RegionSpec, Training,
};
use crate::gate::HeaderFacts;
use crate::task::FrameFacts;

pub fn metadata() -> Metadata {
    Metadata {
        format: BUNDLE_FORMAT,
        name: "toy".into(),
        version: "1.0.0".into(),
        title: "A toy".into(),
        intended_use: "tests".into(),
        network: NetworkSpec {
            family: "res-unet-pcam".into(),
            widths: vec![4, 8, 8],
            maps: vec![MapKind::Lesion],
            classes: 1,
            autoencoder: false,
            members: 1,
        },
        input: InputSpec {
            size: 64,
            percentiles: [0.0, 100.0],
            body_threshold: 0.05,
            modalities: vec!["MR".into()],
            photometric: vec![],
            body_parts: vec!["HEAD".into()],
            ages: None,
            views: vec![],
            description: "toy heads".into(),
        },
        labels: vec!["bright spot".into()],
        kinds: vec![],
        routes: vec![],
        region: RegionSpec {
            top_pixels: 4,
            map_threshold: 0.5,
            min_pixels: 2,
            mirror: false,
            class_share: 0.0,
        },
        calibration: Calibration {
            slope: 1.0,
            intercept: 0.0,
        },
        operating_points: vec![OperatingPoint {
            name: "balanced".into(),
            threshold: 0.5,
            sensitivity: 0.9,
            specificity: Some(0.9),
            set: "toys".into(),
        }],
        gate: None,
        data: vec![DataSource {
            name: "toys".into(),
            licence: "none".into(),
            citation: "none".into(),
        }],
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
    Bundle {
        folder: "toy".into(),
        metadata: metadata(),
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
    }
}

pub fn facts(rows: u32, cols: u32) -> FrameFacts {
    FrameFacts {
        sop_instance_uid: Uid::from_bits([7; 16]),
        frame: 0,
        rows,
        cols,
        pixel_spacing_mm: Some([0.5, 0.5]),
        header: HeaderFacts::default(),
    }
}
