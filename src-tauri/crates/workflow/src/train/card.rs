//! The model card: what the bundle is, what it was measured to do, and where it fails.

use std::fmt::Write;

use engine::Bundle;
use learn::{Estimate, Evaluation};

use super::recipe::Recipe;

/// The figures of the card, in its order.
pub fn figures(e: &Evaluation) -> Vec<(&'static str, Option<Estimate>)> {
    let core = e.core.as_ref().map(|core| &core.figures);
    vec![
        ("image_auc", e.figures.image_auc),
        ("core.image_auc", core.and_then(|f| f.image_auc)),
        ("sensitivity", e.figures.sensitivity),
        ("specificity", e.figures.specificity),
        ("patient_dice", e.figures.patient_dice),
        ("slice_dice", e.figures.slice_dice),
        ("pointing", e.figures.pointing),
        ("false_positives_per_image", e.figures.false_positives_per_image),
        ("ece", e.figures.ece),
        ("ece_before", e.figures.ece_before),
        ("brier", e.figures.brier),
        ("malignant_auc", e.figures.malignant_auc),
        ("unknown_auc", e.figures.unknown_auc),
        ("refused", e.figures.refused),
        ("probe.thumbnail_auc", e.probe.thumbnail_auc),
        ("probe.border_auc", e.probe.border_auc),
        ("probe.centre_pointing", e.probe.centre_pointing),
    ]
}

pub fn card(recipe: &Recipe, bundle: &Bundle, e: &Evaluation) -> String {
    let mut text = String::new();
    let m = &bundle.metadata;
    // Writing into a String cannot fail.
    let _ = write_card(&mut text, recipe, bundle, e, m);
    text
}

fn write_card(
    text: &mut String,
    recipe: &Recipe,
    bundle: &Bundle,
    e: &Evaluation,
    m: &engine::bundle::Metadata,
) -> std::fmt::Result {
    head(text, recipe, bundle)?;
    writeln!(text, "## Figures\n")?;
    writeln!(
        text,
        "Set: {}, {} pictures of {} patients; 95 % intervals by patient-level bootstrap. Gate, calibration and operating \
         points were chosen on this same split, so sensitivity, specificity, ECE, Brier and the share refused are \
         optimistic.\n",
        e.set, e.n_images, e.n_patients
    )?;
    writeln!(text, "| figure | value | 95 % interval |\n|---|---|---|")?;
    for (name, estimate) in figures(e) {
        match estimate {
            Some(Estimate {
                value,
                low: Some(low),
                high: Some(high),
            }) => {
                writeln!(text, "| {name} | {value:.3} | {low:.3} to {high:.3} |")?;
            }
            Some(x) => writeln!(text, "| {name} | {:.3} | – |", x.value)?,
            None => writeln!(text, "| {name} | – | – |")?,
        }
    }
    writeln!(
        text,
        "\nThe probes are what a logistic regression reaches on an 8 x 8 thumbnail and on the border ring, and a guess \
         at the centre: what can be had without anatomy.\n"
    )?;
    for metric in m.metrics.iter().filter(|metric| metric.name.starts_with("gate_")) {
        let what = match metric.name.as_str() {
            "gate_auc" => "Input gate: AUROC",
            _ => "Input gate: share of the others refused",
        };
        writeln!(text, "- {what} {:.3} ({})", metric.value, metric.set)?;
    }
    writeln!(text, "\n## Where it fails\n\n{}\n", recipe.failures)?;
    writeln!(text, "## Operating points\n\nAs measured on the set above:\n")?;
    for point in &m.operating_points {
        writeln!(
            text,
            "- {}: threshold {:.3}, sensitivity {:.3}, specificity {} ({})",
            point.name,
            point.threshold,
            point.sensitivity,
            point
                .specificity
                .map_or_else(|| "not measured".into(), |s| format!("{s:.3}")),
            point.set
        )?;
    }
    made(text, bundle)
}

fn head(text: &mut String, recipe: &Recipe, bundle: &Bundle) -> std::fmt::Result {
    let m = &bundle.metadata;
    writeln!(text, "# {} {}\n\n{}\n", m.name, m.version, m.title)?;
    writeln!(
        text,
        "**Intended use.** {} Made for {}.\n",
        m.intended_use, m.input.description
    )?;
    writeln!(
        text,
        "**Not for** {}, or any primary diagnosis. {}\n",
        recipe.not_for, recipe.gate_limits
    )?;
    writeln!(
        text,
        "**Weights** sha256 `{}`, {} bytes.\n",
        bundle.model.weights_sha256,
        bundle.weights.len()
    )?;
    writeln!(text, "## Data\n")?;
    for source in &m.data {
        writeln!(
            text,
            "- {}. Licence: {}. {}",
            source.name, source.licence, source.citation
        )?;
    }
    writeln!(
        text,
        "- {} pictures trained on, split by patient{}.",
        m.training.images,
        match m.network.members {
            1 => String::new(),
            members => format!(", by {members} networks of different seeds whose answers are averaged"),
        }
    )?;
    if m.training.synthetic_images > 0 {
        writeln!(
            text,
            "- {} more are synthetic phantoms of our own generator, never counted in an evaluation; the input gate lets \
             such phantoms pass, so that the sample scans can be tried.",
            m.training.synthetic_images
        )?;
    }
    writeln!(text, "- Licence of these weights: {}.\n", recipe.licence)
}

fn made(text: &mut String, bundle: &Bundle) -> std::fmt::Result {
    let m = &bundle.metadata;
    writeln!(text, "\n## How it was made\n\n```\n{}\n```\n", m.training.command)?;
    writeln!(
        text,
        "Manifest sha256 `{}`, code {}. The loss by epoch is in `training_curve.json`, every figure in \
         `evaluation.json`, which `overread evaluate --bundle {} --manifest <manifest.csv> --split val --json` (with `--subset` where a manifest holds several sets) makes \
         again; those of the gate with `--others <folder of all packs>`.",
        m.training.manifest_sha256, m.training.code_version, m.name
    )
}

/// The card of a router, whose figures are where it sends the pictures of each pack.
pub fn router_card(recipe: &Recipe, bundle: &Bundle) -> String {
    let mut text = String::new();
    // Writing into a String cannot fail.
    let _ = write_router_card(&mut text, recipe, bundle);
    text
}

fn write_router_card(text: &mut String, recipe: &Recipe, bundle: &Bundle) -> std::fmt::Result {
    let m = &bundle.metadata;
    head(text, recipe, bundle)?;
    writeln!(
        text,
        "## Figures\n\nEach picture by itself; in use up to five pictures of a series vote. Threshold {:.2}; 95 % \
         intervals by patient-level bootstrap.\n\n| set | sent to | share | 95 % interval |\n|---|---|---|---|",
        m.operating_points[0].threshold
    )?;
    for metric in &m.metrics {
        let to = metric.name.strip_prefix("routed.").unwrap_or("none");
        match (metric.low, metric.high) {
            (Some(low), Some(high)) => {
                writeln!(
                    text,
                    "| {} | {to} | {:.3} | {low:.3} to {high:.3} |",
                    metric.set, metric.value
                )?;
            }
            _ => writeln!(text, "| {} | {to} | {:.3} | – |", metric.set, metric.value)?,
        }
    }
    writeln!(text, "\n## Where it fails\n\n{}", recipe.failures)?;
    made(text, bundle)
}

pub fn data_licence(recipe: &Recipe) -> String {
    let mut text = format!(
        "The weights of this bundle are under {}.\n\nThey were trained on:\n",
        recipe.licence
    );
    for source in &recipe.data {
        let _ = writeln!(
            text,
            "\n{}\nLicence: {}\nCite: {}",
            source.name, source.licence, source.citation
        );
    }
    text
}
