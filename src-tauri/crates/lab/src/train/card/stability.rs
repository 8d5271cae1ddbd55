//! The card's lines on how the figures hold on images that are not like those of the set.

use std::fmt::Write;

use domain::Estimate;
use learn::Evaluation;
use learn::evaluate::Subset;

/// Of the validation images as they are, and of shifted copies of them.
pub fn section(text: &mut String, e: &Evaluation) -> std::fmt::Result {
    writeln!(text, "## Stability\n")?;
    if e.shifted.is_empty() {
        return writeln!(text, "Not measured on shifted copies of the images.\n");
    }
    writeln!(
        text,
        "The validation images as they are, and copies of them: with another exposure, noise, blur, or half the rows and \
         columns. Figures are of the images that were not refused. A copy is no stand-in for another hospital.\n"
    )?;
    writeln!(
        text,
        "| images | refused | image AUC | slice Dice | peak inside | sensitivity | specificity |\n|---|---|---|---|---|---|---|"
    )?;
    let whole = Subset {
        name: "as they are".to_owned(),
        figures: e.figures.clone(),
        ..Subset::default()
    };
    for Subset { name, figures: f, .. } in std::iter::once(&whole).chain(&e.shifted) {
        let cells = [
            f.refused,
            f.image_auc,
            f.slice_dice,
            f.pointing,
            f.sensitivity,
            f.specificity,
        ];
        writeln!(text, "| {name} | {} |", cells.map(cell).join(" | "))?;
    }
    writeln!(text)
}

fn cell(estimate: Option<Estimate>) -> String {
    estimate.map_or_else(|| "–".to_owned(), |estimate| format!("{:.3}", estimate.value))
}
