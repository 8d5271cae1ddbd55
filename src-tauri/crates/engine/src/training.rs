//! What a training and whoever started it say to each other: parts of its configuration file, and the
//! line that `overread-worker train` prints after each epoch.

use serde::{Deserialize, Serialize};

/// Which variations keep a training image of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Variation {
    /// Left and right may be exchanged.
    pub mirror: bool,
    /// At most so many degrees either way.
    pub rotation: f32,
    /// Smallest and largest factor of size.
    pub zoom: [f32; 2],
    /// A smooth gain, as receive coils give it.
    pub bias_field: bool,
    /// Multiplicative grain, as ultrasound has it.
    pub speckle: bool,
    /// Corners and borders are covered at times, so that burnt-in marks there tell nothing.
    pub cover: bool,
}

/// One line of progress on stdout, and one point of the curve.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// From 1 on.
    pub epoch: u32,
    /// All that there will be.
    pub epochs: u32,
    /// Mean over the epoch.
    pub loss: f64,
    /// Of this epoch alone.
    pub seconds: f64,
    /// Until the last epoch ends, as it looks now.
    pub seconds_left: f64,
    /// `None` where no validation images were packed.
    pub validation: Option<ValidationFigures>,
}

/// Figures of the averaged weights. `None` where the data gives no such figure.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ValidationFigures {
    /// Mean Dice overlap at 0.5 over the outlined images with a lesion.
    pub slice_dice: Option<f64>,
    /// Share of those images whose map peaks in the lesion.
    pub pointing: Option<f64>,
    /// Mean area under the ROC curve of the classes that have both kinds of images.
    pub class_auc: Option<f64>,
}
