//! An evaluation as lines: figures, subgroups, attack, notes.

use domain::Estimate;
use domain::numbers::counted;
use learn::Evaluation;
use learn::attack::{AttackFigures, AttackReport};
use learn::evaluate::Subset;
use learn::operating_point::Certificate;

use super::line;
use crate::text::{cut, one_line, plain};

pub fn figures(e: &Evaluation) {
    line(format!(
        "{}: {} in {} (patients, where the manifest names them), {} refused",
        one_line(&e.set),
        counted(e.n_images, "image"),
        counted(e.n_patients, "group"),
        e.n_refused
    ));
    for (name, estimate) in lab::evaluation_figures(e) {
        line(format!("  {name:<28} {}", in_words(estimate)));
    }
    for (bundle, share) in e.routed.iter().flatten() {
        line(format!(
            "  {:<28} {}",
            format!("sent to {}", plain(bundle)),
            in_words(Some(*share))
        ));
    }
    if let Some(gate) = &e.gate {
        line(format!(
            "  {:<28} {} against {} others",
            "gate_auc",
            in_words(gate.auc),
            gate.n_others
        ));
        line(format!(
            "  {:<28} {}",
            "gate_others_refused",
            in_words(gate.others_refused)
        ));
        for (kind, share) in &gate.refused_by_kind {
            line(format!("    {:<26} {}", cut(&plain(kind), 26), in_words(Some(*share))));
        }
    }
    for point in &e.operating_points {
        line(format!(
            "  at '{}' (threshold {:.3}): sensitivity {}, specificity {}{}",
            plain(&point.name),
            point.threshold,
            in_words(point.sensitivity),
            in_words(point.specificity),
            if point.chosen_here {
                ", of the patients who chose it"
            } else {
                ""
            }
        ));
        if let Some(Certificate::Refused { reason, .. }) = &point.certificate {
            line(format!("    {reason}"));
        }
    }
    table("subgroup", &e.subgroups);
    table("shifted copies", &e.shifted);
    if let Some(report) = &e.attack {
        attack(report);
    }
    for note in &e.notes {
        line(format!("note: {}", one_line(note)));
    }
}

fn table(what: &str, parts: &[Subset]) {
    if parts.is_empty() {
        return;
    }
    line(format!(
        "  {:<32} {:>8} {:>8} {:>7} {:>7} {:>7} {:>7} {:>7} {:>7}",
        what, "images", "groups", "auc", "sens", "spec", "Dice", "point", "refused"
    ));
    for group in parts {
        let f = &group.figures;
        let cells = [
            f.image_auc,
            f.sensitivity,
            f.specificity,
            f.slice_dice,
            f.pointing,
            f.refused,
        ]
        .map(|estimate| format!(" {:>7}", value(estimate)));
        line(format!(
            "  {:<32} {:>8} {:>8}{}",
            cut(&plain(&group.name), 32),
            group.n_images,
            group.n_patients,
            cells.concat()
        ));
    }
}

fn attack(report: &AttackReport) {
    line(format!(
        "attack: {}, {} steps, {} of {} images drawn by seed {}",
        one_line(&report.method),
        report.steps,
        report.n_images,
        report.n_available,
        report.seed
    ));
    line(format!(
        "  {:<20} {:>7} {:>7} {:>7} {:>8} {:>15}",
        "", "auc", "sens", "spec", "refused", "seen by gate"
    ));
    row("no attack", &report.clean, None);
    for run in &report.runs {
        let name = format!("{} {}/255", run.kind.as_str(), run.epsilon_255);
        row(&name, &run.figures, run.detected_auc);
    }
    line("  seen by gate: area under the ROC curve of the gate's score, attacked against clean");
}

fn row(name: &str, f: &AttackFigures, detected: Option<Estimate>) {
    line(format!(
        "  {name:<20} {:>7} {:>7} {:>7} {:>8} {:>15}",
        value(f.image_auc),
        value(f.sensitivity),
        value(f.specificity),
        value(f.refused),
        value(detected)
    ));
}

fn value(estimate: Option<Estimate>) -> String {
    estimate.map_or("–".into(), |e| format!("{:.3}", e.value))
}

/// `.912 (.880 to .940)`.
fn in_words(estimate: Option<Estimate>) -> String {
    let range = match estimate.and_then(|e| e.low.zip(e.high)) {
        Some((low, high)) => format!("  ({low:.3} to {high:.3})"),
        None => String::new(),
    };
    value(estimate) + &range
}
