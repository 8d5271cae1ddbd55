//! The part of a card that holds of new patients.

use std::fmt::Write;

use domain::{Estimate, SPECIFICITY_FLOOR};
use engine::Bundle;
use learn::Evaluation;
use learn::protocol::{Counted, FoldFigures, HALF_WIDTH, NestedPoint, Report};

use super::{Recipe, cells};

pub fn section(text: &mut String, recipe: &Recipe, bundle: &Bundle, e: &Evaluation) -> std::fmt::Result {
    let Some(report) = &e.protocol else { return Ok(()) };
    writeln!(text, "## Figures on images that were not used to choose anything\n")?;
    let (unit, units) = (&recipe.unit.singular, &recipe.unit.plural);
    let Report {
        folds,
        images,
        patients,
        ..
    } = report;
    match report.networks {
        Some(networks) => writeln!(
            text,
            "{images} images of {patients} {units} (train and val) in {folds} folds, none of a {unit} in two: each fold \
             was judged by a network (seed {}, {} epochs, decided before) that was trained on the others, with \
             calibration and thresholds of the others. The weights of this bundle are of further trainings of the \
             same recipe.",
            networks.seed, networks.epochs
        )?,
        None => writeln!(
            text,
            "{images} images of {patients} {units} (val), which the networks of this bundle never saw, in {folds} folds: \
             calibration and thresholds that judged a fold are of the other folds. The networks were not trained \
             again, so the spread of trainings is not in these figures, and the epochs were chosen on the same images."
        )?,
    }
    writeln!(text, "Folds sha256 `{}`.\n", report.folds_sha256)?;
    table(text, &report.figures)?;
    if let Some(made_on) = bundle.metadata.calibration.made_on {
        writeln!(
            text,
            "\nScores are probabilities where {:.0} of 100 images have an anomaly, as among the {} that calibrated them.",
            made_on.prevalence().share() * 100.0,
            made_on.with + made_on.without
        )?;
    }
    if report.points.is_empty() {
        writeln!(
            text,
            "\nThe set holds no image without an anomaly: no score is calibrated and no specificity known. It says where, \
             not whether.\n"
        )?;
        return Ok(());
    }
    writeln!(
        text,
        "\nThresholds by {unit}, with the exact bound that is certain at 95 %:\n"
    )?;
    for point in &report.points {
        writeln!(
            text,
            "- sensitivity-{:.0}: {}",
            point.target * 100.0,
            words(point, units)
        )?;
    }
    writeln!(text)
}

fn table(text: &mut String, figures: &FoldFigures) -> std::fmt::Result {
    writeln!(
        text,
        "| figure | value | 95 % interval | fold by fold |\n|---|---|---|---|"
    )?;
    type Row<'a> = (&'a str, Option<Estimate>, &'a [Option<f64>]);
    let rows: [Row<'_>; 7] = [
        ("image_auc", figures.image_auc, &figures.image_auc_of_folds),
        ("slice_dice", figures.slice_dice, &figures.slice_dice_of_folds),
        ("pointing", figures.pointing, &[]),
        ("malignant_auc", figures.malignant_auc, &[]),
        ("ece", figures.ece, &[]),
        ("ece of perfect scores", figures.ece_if_calibrated, &[]),
        ("brier", figures.brier, &[]),
    ];
    for (name, estimate, folds) in rows {
        let Some(estimate) = estimate else { continue };
        let folds: Vec<String> = folds
            .iter()
            .map(|value| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.3}")))
            .collect();
        writeln!(text, "| {name} | {} | {} |", cells(estimate), folds.join(" "))?;
    }
    Ok(())
}

fn words(point: &NestedPoint, units: &str) -> String {
    let counted = |of: &Counted| {
        let share = of.share().unwrap_or_default();
        format!(
            "{} of {} {units}, {share:.3}, at least {:.3}",
            of.hits, of.of, of.at_least
        )
    };
    let certified = match point.is_certified() {
        true => format!(" (certified at {})", point.target),
        false => String::new(),
    };
    let specificity = match (point.specificity.of, point.is_established()) {
        (0, _) => format!("specificity not established: no {units} without an anomaly"),
        (_, true) => format!("specificity {}", counted(&point.specificity)),
        (_, false) => format!(
            "specificity not established to {HALF_WIDTH} either way: {}",
            counted(&point.specificity)
        ),
    };
    let whether = match point.may_flag() {
        true => String::new(),
        false => format!(" Below the floor of {SPECIFICITY_FLOOR:.2}: it says where, not whether."),
    };
    format!(
        "sensitivity {}{certified}; {specificity}.{whether}",
        counted(&point.sensitivity)
    )
}
