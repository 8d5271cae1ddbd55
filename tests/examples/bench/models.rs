//! One table of what stands behind each bundle, from its own `evaluation.json`, with the time of an image beside.

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
        "| bundle | figures of unseen patients | worst of shifted copies | kinds refused | own refused | an image |"
    );
    println!("|---|---|---|---|---|---|");
    for name in names {
        let bundle = Bundle::find(models, name)?;
        if bundle.metadata.route().is_some() {
            continue;
        }
        let bytes = std::fs::read(models.join(name).join(EVALUATION))?;
        let e: Evaluation = serde_json::from_slice(&bytes)?;
        let times = single_times(&bundle, worker, pictures)?;
        println!(
            "| {name} {} | {} | {} | {} | {} | {times:.0} ms |",
            bundle.metadata.version,
            unseen(&e),
            shifted(&e),
            kinds(&e),
            value(e.figures.refused)
        );
    }
    println!("\nother hospitals and kinds that no gate was shown: as the cards say ({CARD_FILE}); '–': not measured");
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

/// Of the kinds that the gate was shown, all and the worst.
fn kinds(e: &Evaluation) -> String {
    let Some(gate) = &e.gate else { return "–".to_owned() };
    let worst = gate
        .refused_by_kind
        .iter()
        .min_by(|a, b| a.1.value.total_cmp(&b.1.value));
    let worst = worst.map_or_else(String::new, |(kind, share)| {
        format!(", worst {kind} {:.3}", share.value)
    });
    format!("shown: {}{worst}", value(gate.others_refused))
}
