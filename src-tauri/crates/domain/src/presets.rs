//! Windows that a reader chooses by a key: nine for each modality, in the order of the keys 1 to 9.

use crate::Window;

/// A window of a fixed unit, such as HU.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Preset {
    /// Its name; words for it are the interface's.
    pub id: &'static str,
    /// Centre and width, in modality values.
    pub window: Window,
}

/// A part of a frame's own window, for modalities whose values have no fixed unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Relative {
    /// Its name.
    pub id: &'static str,
    /// Where its centre lies in the frame's window, 0 its lower and 1 its upper end.
    pub center: f64,
    /// Its width as a share of the frame's; 0 for every value of the frame between black and white.
    pub width: f64,
}

const fn preset(id: &'static str, center: f64, width: f64) -> Preset {
    Preset {
        id,
        window: Window { center, width },
    }
}

const fn relative(id: &'static str, center: f64, width: f64) -> Relative {
    Relative { id, center, width }
}

/// Of CT, in HU.
pub const CT: [Preset; 9] = [
    preset("brain", 40.0, 80.0),
    preset("subdural", 75.0, 215.0),
    preset("stroke", 32.0, 8.0),
    preset("bone", 500.0, 2000.0),
    preset("lung", -600.0, 1500.0),
    preset("mediastinum", 40.0, 400.0),
    preset("abdomen", 60.0, 400.0),
    preset("liver", 90.0, 150.0),
    preset("angiography", 300.0, 600.0),
];

/// Of all other modalities.
pub const OTHERS: [Relative; 9] = [
    relative("full", 0.5, 0.0),
    relative("narrow", 0.5, 0.5),
    relative("narrower", 0.5, 0.25),
    relative("wide", 0.5, 1.5),
    relative("wider", 0.5, 2.0),
    relative("dark", 0.75, 1.0),
    relative("bright", 0.25, 1.0),
    relative("shadows", 0.25, 0.5),
    relative("lights", 0.75, 0.5),
];
