//! One table of what stands behind each bundle, from its own `evaluation.json`, with the time of an image beside.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use domain::Estimate;
use engine::bundle::CARD_FILE;
use engine::{Bundle, Worker};
use learn::Evaluation;
use learn::evaluate::{Figures, Subset};

use super::{Outcome, single_times};

const EVALUATION: &str = "evaluation.json";

pub fn models(models: &Path, names: &[String], worker: &mut Worker, pictures: &[PathBuf]) -> Outcome<()> {
    println!(
        "| bundle | figures of unseen patients | worst of shifted copies | kinds shown, refused | kinds never shown, refused \
         | own kind from elsewhere, accepted | own refused | an image |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for name in names {
        let bundle = Bundle::find(models, name)?;
        let times = single_times(&bundle, worker, pictures)?;
        let version = &bundle.metadata.version;
        if bundle.metadata.route().is_some() {
            let (right, unshown, elsewhere) = routed(&bundle);
            println!("| {name} {version} | {right} | – | – | {unshown} | {elsewhere} | – | {times:.0} ms |");
            continue;
        }
        let bytes = std::fs::read(models.join(name).join(EVALUATION))?;
        let e: Evaluation = serde_json::from_slice(&bytes)?;
        println!(
            "| {name} {version} | {} | {} | {} | {} | {} | {} | {times:.0} ms |",
            unseen(&e),
            shifted(&e),
            shown(&e),
            never_shown(&e),
            elsewhere(&e),
            value(e.figures.refused)
        );
    }
    println!("\n'–': not measured; kinds that are let in, by name: as the cards say ({CARD_FILE})");
    Ok(())
}

fn value(estimate: Option<Estimate>) -> String {
    estimate.map_or_else(|| "–".to_owned(), |e| format!("{:.3}", e.value))
}

/// By the protocol, with the spread of its folds.
fn unseen(e: &Evaluation) -> String {
    let Some(report) = &e.protocol else {
        return "– (made before the protocol)".to_owned();
    };
    let figures = &report.figures;
    let folds: Vec<f64> = figures.image_auc_of_folds.iter().flatten().copied().collect();
    let least = folds.iter().copied().reduce(f64::min);
    let trained = match report.networks {
        Some(_) => "a network for each fold",
        None => "the networks not trained again",
    };
    format!(
        "{} patients, {} folds, {trained}: AUC {}{}, Dice {}, peak inside {}",
        report.patients,
        report.folds,
        value(figures.image_auc),
        least.map_or_else(String::new, |least| format!(" (worst fold {least:.3})")),
        value(figures.slice_dice),
        value(figures.pointing)
    )
}

/// The copy that costs most: of the overlap where lesions are outlined, else of the area under the ROC curve.
fn shifted(e: &Evaluation) -> String {
    let what = |f: &Figures| f.slice_dice.or(f.image_auc);
    let told = |one: &Subset| {
        let name = if one.figures.slice_dice.is_some() {
            "Dice"
        } else {
            "AUC"
        };
        format!(
            "{}: {name} {} (as they are {}), refused {}",
            one.name,
            value(what(&one.figures)),
            value(what(&e.figures)),
            value(one.figures.refused)
        )
    };
    let measured = e.shifted.iter().filter(|one| what(&one.figures).is_some());
    let worst = measured.min_by(|a, b| {
        let of = |one: &Subset| what(&one.figures).map_or(1.0, |e| e.value);
        of(a).total_cmp(&of(b))
    });
    worst.map_or_else(|| "–".to_owned(), told)
}

/// Of others' validation images, whose kinds the gate was shown.
fn shown(e: &Evaluation) -> String {
    let Some(gate) = &e.gate else { return "–".to_owned() };
    let worst = worst(&gate.refused_by_kind);
    format!("{} of {} images{worst}", value(gate.others_refused), gate.n_others)
}

/// Each kind by a gate that was fitted without it.
fn never_shown(e: &Evaluation) -> String {
    let measured = e.gate.as_ref().filter(|gate| gate.n_never_shown > 0);
    let Some(gate) = measured else { return "–".to_owned() };
    let worst = worst(&gate.never_shown_by_kind);
    format!(
        "{} of {} images{worst}",
        value(gate.never_shown_refused),
        gate.n_never_shown
    )
}

fn worst(by_kind: &BTreeMap<String, Estimate>) -> String {
    let worst = by_kind.iter().min_by(|a, b| a.1.value.total_cmp(&b.1.value));
    worst.map_or_else(String::new, |(kind, share)| {
        format!(", worst {kind} {:.3}", share.value)
    })
}

fn elsewhere(e: &Evaluation) -> String {
    let measured = e.gate.as_ref().filter(|gate| gate.n_elsewhere > 0);
    let refused = measured.and_then(|gate| Some((gate.elsewhere_refused?.value, gate.n_elsewhere)));
    refused.map_or_else(
        || "–".to_owned(),
        |(refused, of)| format!("{:.3} of {of} images", 1.0 - refused),
    )
}

/// Where a router sends what each bundle is for, what becomes of kinds that it was never shown, and where bundles' own
/// kinds from elsewhere go: from its metadata, which alone holds all of it.
fn routed(bundle: &Bundle) -> (String, String, String) {
    let metrics = &bundle.metadata.metrics;
    let best_by_set = |from_elsewhere: bool| {
        let mut best: BTreeMap<&str, (&str, f64)> = BTreeMap::new();
        for metric in metrics {
            let Some(to) = metric.name.strip_prefix("routed.") else {
                continue;
            };
            if metric.set.contains("from elsewhere") == from_elsewhere {
                let entry = best.entry(&metric.set).or_insert((to, metric.value));
                if metric.value > entry.1 {
                    *entry = (to, metric.value);
                }
            }
        }
        let told = best.into_values().map(|(to, share)| format!("{to} {share:.3}"));
        told.collect::<Vec<_>>().join(", ")
    };
    let unshown = metrics.iter().find(|metric| metric.name == "refused.unshown");
    let unshown = unshown.map_or_else(
        || "–".to_owned(),
        |metric| format!("{:.3} of {}", metric.value, metric.set),
    );
    (
        format!("sent to the right one: {}", best_by_set(false)),
        unshown,
        best_by_set(true),
    )
}
