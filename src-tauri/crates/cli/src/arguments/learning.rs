//! The words of training and evaluation.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use domain::DeviceChoice;
use lab::RecipeOf;

use super::{StatedWords, device, minutes};

#[derive(Args)]
pub struct Train {
    #[command(flatten)]
    pub recipe: Followed,
    /// Folder with manifest.csv
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// New folder for the bundle
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// auto, cpu, cuda or cuda:N
    #[arg(long, default_value = "auto", value_parser = device)]
    pub device: DeviceChoice,
    /// Where chance begins: with the same number a training comes out the same
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How often the images are gone through; that of the recipe if left out
    #[arg(long, value_parser = clap::value_parser!(u32).range(0..=10_000))]
    pub epochs: Option<u32>,
    /// Start from the weights of a bundle (name or path) instead of random ones; with --epochs 0 they
    /// stay as they are, and gate, calibration, figures and card are made again
    #[arg(long, value_name = "BUNDLE")]
    pub from: Option<String>,
    /// Train fewer epochs if this machine would need longer
    #[arg(long, value_name = "N", value_parser = minutes)]
    pub minutes: Option<f64>,
    /// Leave images with this label out of the training, to see whether they are found as unknown
    #[arg(long, value_name = "LABEL")]
    pub without: Option<String>,
    /// Folder of packs whose images the input gate learns to refuse
    #[arg(long, value_name = "DIR")]
    pub others: Option<PathBuf>,
    /// Leave out the figures on shifted copies of the validation images; the card says so
    #[arg(long)]
    pub no_shifted: bool,
    /// Choose calibration and thresholds by the predictions of --folds in this folder, not on the validation images
    #[arg(long, value_name = "DIR")]
    pub predictions: Option<PathBuf>,
    /// Instead of a bundle: a network for each of N folds of the patients, which judges the fold that it never saw.
    /// Goes on where it was; --out gets folds.csv and the predictions of each fold
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=20),
          conflicts_with_all = ["from", "minutes", "without", "others", "predictions"])]
    pub folds: Option<u32>,
    /// Threads of one training process
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=256))]
    pub threads: u32,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct Followed {
    /// Follow the recipe of this shipped bundle
    #[arg(long, value_name = "NAME")]
    pub bundle: Option<String>,
    /// Follow the recipe in this JSON file
    #[arg(long, value_name = "FILE")]
    pub recipe: Option<PathBuf>,
}

impl From<Followed> for RecipeOf {
    /// clap made sure that exactly one was given.
    fn from(words: Followed) -> Self {
        match words.recipe {
            Some(file) => Self::File(file),
            None => Self::Bundle(words.bundle.unwrap_or_default()),
        }
    }
}

#[derive(Args)]
pub struct Evaluate {
    /// Name of a bundle, or path of one that is not installed
    #[arg(long, value_name = "NAME")]
    pub bundle: String,
    /// Table of the labelled images
    #[arg(long, value_name = "CSV")]
    pub manifest: PathBuf,
    /// Rows of this split only, such as val; all if left out
    #[arg(long)]
    pub split: Option<String>,
    /// Rows of this subset only; all if left out
    #[arg(long, value_name = "NAME")]
    pub subset: Option<String>,
    /// Write evaluation.json, plots (SVG and PNG) and a sheet of cases into this folder
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Also change images so that the model errs, and report whether the input gate notices
    #[arg(long, value_enum, value_name = "METHOD")]
    pub attack: Option<Attack>,
    /// Number of images to attack, drawn by seed
    #[arg(long, value_name = "N", default_value_t = 200, requires = "attack",
          value_parser = clap::value_parser!(u32).range(2..=100_000))]
    pub attack_images: u32,
    /// Also judge shifted copies of the images: brighter, darker, noisier, blurred, of half the resolution
    #[arg(long)]
    pub shifted: bool,
    #[command(flatten)]
    pub stated: StatedWords,
    /// Folder of packs: also report how well the input gate refuses their images, and spoilt ones of its own
    #[arg(long, value_name = "DIR")]
    pub others: Option<PathBuf>,
    /// auto, cpu, cuda or cuda:N
    #[arg(long, default_value = "auto", value_parser = device)]
    pub device: DeviceChoice,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Attack {
    /// Projected gradient descent, ten steps, at 1, 2 and 4 of 255 grey levels
    Pgd,
}
