//! The bundle that a training begins with, instead of random weights.

use std::path::Path;

use domain::Failure;
use engine::Bundle;
use engine::bundle::{CURVE_FILE, Training, WEIGHTS_FILE};

use super::recipe::Recipe;
use super::{TrainRequest, members};
use workflow::bundles;
use workflow::files::{create_folder, io_failure, write_whole};

/// A network that has learned needs smaller steps, and no epochs on small images.
pub const RATE: f64 = 0.5;

/// The bundle of `--from`; its network must be that of the recipe.
pub fn read(request: &TrainRequest, recipe: &Recipe) -> Result<Option<Bundle>, Failure> {
    let Some(name) = &request.from else {
        if request.epochs == Some(0) {
            return Err(Failure::usage(
                "--epochs 0 trains nothing: it is for the weights of --from as they are",
            ));
        }
        return Ok(None);
    };
    let bundle = bundles::bundle_to_learn_from(name)?;
    let model = &bundle.model;
    if *bundle.metadata.network() != recipe.network {
        return Err(Failure::usage(format!(
            "{} {} has another network than the recipe of {}; train without --from",
            model.bundle, model.version, recipe.bundle
        )));
    }
    if request.epochs == Some(0) && (model.bundle != recipe.bundle || request.without.is_some()) {
        return Err(Failure::usage(format!(
            "with --epochs 0 the weights and their record stay as they are: give --from a {}, and no --without",
            recipe.bundle
        )));
    }
    Ok(Some(bundle))
}

/// Puts the weights of `bundle` and their curve where a training would have; gives their record.
pub fn take_over(bundle: &Bundle, work: &Path) -> Result<Training, Failure> {
    create_folder(work)?;
    write_whole(&work.join(WEIGHTS_FILE), &bundle.weights)?;
    let curve = bundle.folder.join(CURVE_FILE);
    let bytes = std::fs::read(&curve).map_err(|error| io_failure(&curve, "read", &error))?;
    write_whole(&work.join(members::CURVE_FILE), &bytes)?;
    Ok(bundle.metadata.training.clone())
}
