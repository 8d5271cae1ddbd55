//! `metadata.json` of format 2, read as format 3. The files themselves are never rewritten: their
//! signature is over every byte.

use domain::OperatingPoint;
use serde::Deserialize;

use super::metadata::{
    BUNDLE_FORMAT, Calibration, DataSource, GateSpec, InputSpec, Metadata, Metric, Runtime, Training,
};
use super::network::NetworkSpec;
use super::tasks::{RegionSpec, of_reader, of_router, outputs_of};

/// As it was written from 2 on. Format 1 is format 2 without photometric interpretations.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Format2 {
    /// Looked at before.
    #[serde(rename = "format")]
    _format: u32,
    name: String,
    version: String,
    title: String,
    intended_use: String,
    network: NetworkSpec,
    input: InputSpec,
    /// Label of a finding, then of one of the unknown-anomaly head, where there is one.
    labels: Vec<String>,
    /// Kinds that the class head tells apart, in the order of its outputs after the first.
    #[serde(default)]
    kinds: Vec<String>,
    /// Of a router: the bundle that each class output stands for.
    #[serde(default)]
    routes: Vec<String>,
    region: Region,
    calibration: Calibration,
    operating_points: Vec<OperatingPoint>,
    gate: Option<GateSpec>,
    data: Vec<DataSource>,
    metrics: Vec<Metric>,
    training: Training,
}

/// The region rule of format 2, with the mirror in it; of a router it means nothing.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Region {
    top_pixels: u32,
    map_threshold: f32,
    min_pixels: u32,
    mirror: bool,
    #[serde(default)]
    class_share: f32,
}

impl From<Format2> for Metadata {
    fn from(old: Format2) -> Self {
        let region = RegionSpec {
            top_pixels: old.region.top_pixels,
            map_threshold: old.region.map_threshold,
            min_pixels: old.region.min_pixels,
            class_share: old.region.class_share,
        };
        let label = old.labels.first().map_or("", String::as_str);
        let unusual = old.labels.get(1).map_or(label, String::as_str);
        let tasks = match old.routes.is_empty() {
            true => of_reader(&old.network, region, [label, unusual], &old.kinds),
            false => of_router(&old.routes),
        };
        Self {
            format: BUNDLE_FORMAT,
            name: old.name,
            version: old.version,
            title: old.title,
            intended_use: old.intended_use,
            inputs: NetworkSpec::inputs(old.input.size),
            outputs: outputs_of(&old.network, old.input.size, &tasks),
            tasks,
            runtime: Runtime::Torch {
                network: old.network,
                mirror: old.region.mirror,
            },
            input: old.input,
            calibration: old.calibration,
            operating_points: old.operating_points,
            gate: old.gate,
            data: old.data,
            metrics: old.metrics,
            training: old.training,
        }
    }
}
