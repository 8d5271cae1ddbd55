//! The model card: what the bundle is, what it was measured to do, and where it fails.

use std::fmt::Write;

use domain::Estimate;
use engine::Bundle;
use learn::Evaluation;
use learn::evaluate::GateFigures;
use learn::operating_point::Certificate;

use super::recipe::Recipe;

mod mode;
mod stability;
mod unseen;

/// The figures of the card, in its order.
pub fn figures(e: &Evaluation) -> Vec<(&'static str, Option<Estimate>)> {
    let core = &e.core.figures;
    vec![
        ("image_auc", e.figures.image_auc),
        ("core.image_auc", core.image_auc),
        ("sensitivity", e.figures.sensitivity),
        ("specificity", e.figures.specificity),
        ("specificity_with_unknown", e.figures.specificity_with_unknown),
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
        ("probe.ece_if_calibrated", e.probe.ece_if_calibrated),
    ]
}

pub fn card(recipe: &Recipe, bundle: &Bundle, e: &Evaluation) -> String {
    let mut text = String::new();
    // Writing into a String cannot fail.
    let _ = write_card(&mut text, recipe, bundle, e);
    text
}

fn write_card(text: &mut String, recipe: &Recipe, bundle: &Bundle, e: &Evaluation) -> std::fmt::Result {
    head(text, recipe, bundle)?;
    unseen::section(text, recipe, bundle, e)?;
    writeln!(text, "## Figures of the validation images\n")?;
    writeln!(
        text,
        "Set: {}, {} images of {} {}; 95 % intervals by bootstrap over these. Gate, calibration and operating \
         points were chosen on this same split, so sensitivity, specificity, ECE, Brier and the share refused are \
         optimistic here; what holds of new patients stands above.\n",
        e.set, e.n_images, e.n_patients, recipe.unit.plural
    )?;
    writeln!(text, "| figure | value | 95 % interval |\n|---|---|---|")?;
    for (name, estimate) in figures(e) {
        match estimate {
            Some(estimate) => writeln!(text, "| {name} | {} |", cells(estimate))?,
            None => writeln!(text, "| {name} | – | – |")?,
        }
    }
    writeln!(
        text,
        "\nThe probes are what a logistic regression reaches on an 8 x 8 thumbnail and on the border ring, and a guess \
         at the centre: what can be had without anatomy; and the ECE that these scores would show on these images were \
         they calibrated perfectly.\n"
    )?;
    stability::section(text, e)?;
    gate(text, e)?;
    writeln!(text, "## Where it fails\n\n{}\n", failures(recipe, bundle))?;
    operating_points(text, recipe, e)?;
    made(text, bundle)
}

fn gate(text: &mut String, e: &Evaluation) -> std::fmt::Result {
    let Some(gate) = &e.gate else { return Ok(()) };
    writeln!(
        text,
        "## Input gate\n\nThe set against {} others: images of other packs' validation splits, and its own ones spoilt.\n",
        gate.n_others
    )?;
    writeln!(text, "| others | share refused | 95 % interval |\n|---|---|---|")?;
    for (kind, share) in &gate.refused_by_kind {
        writeln!(text, "| {kind} | {} |", cells(*share))?;
    }
    if let Some(share) = gate.others_refused {
        writeln!(text, "| all | {} |", cells(share))?;
    }
    if let Some(auc) = gate.auc {
        writeln!(text, "\nAUROC of its score {:.3}.", auc.value)?;
    }
    never_shown(text, gate)?;
    if let Some(refused) = gate.elsewhere_refused {
        let accepted = Estimate {
            value: 1.0 - refused.value,
            low: refused.high.map(|high| 1.0 - high),
            high: refused.low.map(|low| 1.0 - low),
        };
        writeln!(
            text,
            "\n| its own kind from places that taught it nothing | share accepted | 95 % interval |\n|---|---|---|\n| {} \
             images | {} |",
            gate.n_elsewhere,
            cells(accepted)
        )?;
    }
    writeln!(text)
}

/// Kinds of which no greater share is let in are told in one line.
const LET_IN: f64 = 0.05;

/// How kinds are refused by a gate that was not shown them, the worst first.
fn never_shown(text: &mut String, gate: &GateFigures) -> std::fmt::Result {
    let Some(all) = gate.never_shown_refused else {
        return Ok(());
    };
    writeln!(
        text,
        "\n{} images of {} kinds that nobody trains on. Each kind was left out of the gate that judged it, as if nobody \
         had thought of it; by pixels alone, without what header or person say.\n",
        gate.n_never_shown,
        gate.never_shown_by_kind.len()
    )?;
    writeln!(
        text,
        "| kind never shown | share refused | 95 % interval |\n|---|---|---|"
    )?;
    let mut kinds: Vec<(&String, &Estimate)> = gate.never_shown_by_kind.iter().collect();
    kinds.sort_by(|a, b| a.1.value.total_cmp(&b.1.value));
    let missed = kinds.iter().filter(|(_, share)| share.value < 1.0 - LET_IN);
    for (kind, share) in missed {
        writeln!(text, "| {kind} | {} |", cells(**share))?;
    }
    writeln!(text, "| all | {} |", cells(all))?;
    let whole = kinds.iter().filter(|(_, share)| share.value >= 1.0 - LET_IN);
    let whole: Vec<&str> = whole.map(|(kind, _)| kind.as_str()).collect();
    if !whole.is_empty() {
        writeln!(text, "\nRefused at .95 or more: {}.", whole.join(", "))?;
    }
    Ok(())
}

/// As `evaluate` measures them, with what is certain of them.
fn operating_points(text: &mut String, recipe: &Recipe, e: &Evaluation) -> std::fmt::Result {
    writeln!(text, "## Operating points\n\nAs measured on the set above:\n")?;
    let value =
        |estimate: Option<Estimate>| estimate.map_or_else(|| "not measured".into(), |e| format!("{:.3}", e.value));
    for point in &e.operating_points {
        writeln!(
            text,
            "- {}: threshold {:.3}, sensitivity {}, specificity {}{}.",
            point.name,
            point.threshold,
            value(point.sensitivity),
            value(point.specificity),
            match point.chosen_here {
                true => ", of the images that chose it",
                false => "",
            }
        )?;
        if let Some(least) = point.sensitivity_at_least {
            writeln!(
                text,
                "  {} of {} images with an anomaly reach it: at 95 % a sensitivity of {least:.3} or more, were the \
                 images independent.",
                point.counts.true_positives,
                point.counts.positives()
            )?;
        }
        match &point.certificate {
            Some(Certificate::Held { target, lower_bound }) => writeln!(
                text,
                "  By {}, found where one image reaches it: at 95 % {lower_bound:.3} or more of them are found, which \
                 certifies {target}.",
                recipe.unit.singular
            )?,
            Some(Certificate::Refused { reason, .. }) => {
                let reason = reason.replace("patients", &recipe.unit.plural);
                writeln!(text, "  By {}: {reason}.", recipe.unit.singular)?;
            }
            None => {}
        }
    }
    Ok(())
}

/// What a person saw of these very weights; of others nobody has looked at the images.
fn failures<'a>(recipe: &'a Recipe, bundle: &Bundle) -> &'a str {
    if recipe.failures.weights_sha256 == bundle.model.weights_sha256 {
        return &recipe.failures.words;
    }
    "Nobody has looked at the images of these weights yet: `overread evaluate --out` makes a sheet of the best, the \
     worst and random cases."
}

/// `0.912 | 0.880 to 0.940`.
fn cells(estimate: Estimate) -> String {
    match (estimate.low, estimate.high) {
        (Some(low), Some(high)) => format!("{:.3} | {low:.3} to {high:.3}", estimate.value),
        _ => format!("{:.3} | –", estimate.value),
    }
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
        "**Not for** {}, or any diagnosis. {}\n",
        recipe.not_for, recipe.gate_limits
    )?;
    writeln!(
        text,
        "**Weights** sha256 `{}`, {} bytes.\n",
        bundle.model.weights_sha256,
        bundle.weights.len()
    )?;
    mode::line(text, &recipe.unit.plural, bundle)?;
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
        "- {} images trained on, split by {}{}.",
        m.training.images,
        recipe.unit.singular,
        match m.network().members {
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
    if let Some(from) = &m.training.from {
        writeln!(
            text,
            "It began with the weights of `{}` {} (sha256 `{}`), whose card tells how those were made, not with random \
             ones.\n",
            from.bundle, from.version, from.weights_sha256
        )?;
    }
    writeln!(
        text,
        "Manifest sha256 `{}`, code {}. The loss by epoch is in \
         `training_curve.json`, every figure in `evaluation.json`, which `overread evaluate --bundle {} --manifest \
         <manifest.csv> --split val --json` (with `--subset` where a manifest holds several sets) makes again{}.",
        m.training.manifest_sha256,
        m.training.code_version,
        m.name,
        match m.route().is_some() {
            true => ", set by set",
            false => "; those of the gate with `--others <folder of all packs>`",
        }
    )
}

/// The card of a router, whose figures are where it sends the images of each pack.
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
        "## Figures\n\nEach image by itself; in use up to five images of a series vote. Threshold {:.2}; 95 % \
         intervals by bootstrap over what each pack is split by.\n\n| set | sent to | share | 95 % interval |\n|---|---|---|---|",
        m.operating_points[0].threshold
    )?;
    for metric in &m.metrics {
        let to = metric.name.strip_prefix("routed.").unwrap_or("none");
        let share = Estimate {
            value: metric.value,
            low: metric.low,
            high: metric.high,
        };
        writeln!(text, "| {} | {to} | {} |", metric.set, cells(share))?;
    }
    writeln!(text, "\n## Where it fails\n\n{}", failures(recipe, bundle))?;
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
