//! What `evaluate --out` writes: the document, the plots, and a sheet of cases.

use crate::phase::{Phase, Watch};
use std::path::Path;

use domain::{Failure, FailureCode, GreyFrame, PixelPoint, Region, grey::of_signal, room::NoRoom};
use engine::regions::components;
use learn::evaluate::{choose, curves};
use learn::metrics::{pointing_hit, reliability, roc_points};
use learn::{Evaluation, Mask, ScoredCase};
use report::evaluation::{Axis, CasePicture, CaseSection, Plot, Series, SeriesKind, cases_png, plot};

use super::stopped_unless;
use crate::images;
use crate::judged::Judged;
use workflow::decoders::decoders;
use workflow::files::write_whole;

const SHOWN: usize = 12;
/// A curve with more false regions per image than this is cut.
const MOST_FALSE: f64 = 5.0;

/// Writes into the folder, which exists; what was there under the same names is replaced.
pub fn write(
    folder: &Path,
    judged: &Judged<'_>,
    scored: &[ScoredCase],
    evaluation: &Evaluation,
    watch: &mut Watch<'_>,
) -> Result<(), Failure> {
    write_document(folder, evaluation)?;
    for (name, drawn) in plots(scored, evaluation) {
        let files = plot(&drawn)?;
        write_whole(&folder.join(format!("{name}.svg")), files.svg.as_bytes())?;
        write_whole(&folder.join(format!("{name}.png")), &files.png)?;
    }
    let sections = sections(judged, scored, evaluation, watch)?;
    let title = format!("{} on {}", judged.bundle.metadata.name, evaluation.set);
    write_whole(&folder.join("cases.png"), &cases_png(&title, &sections)?)
}

pub fn write_document(folder: &Path, evaluation: &Evaluation) -> Result<(), Failure> {
    let document = serde_json::to_vec_pretty(evaluation).map_err(|error| {
        Failure::new(
            FailureCode::Internal,
            format!("the evaluation cannot be written: {error}"),
        )
    })?;
    write_whole(&folder.join("evaluation.json"), &document)
}

/// Those that apply to the set, by the name of their files.
fn plots(scored: &[ScoredCase], evaluation: &Evaluation) -> Vec<(&'static str, Plot)> {
    let found = curves(scored);
    let set = format!(
        "{}, {} images in {} groups",
        evaluation.set, evaluation.n_images, evaluation.n_patients
    );
    let axis = |label: &str, max: f64| Axis {
        label: label.into(),
        max,
    };
    let mut plots = Vec::new();
    if !found.roc.is_empty() {
        let name = |text: &str, area: Option<domain::Estimate>| match area {
            Some(area) => format!("{text}, area {:.3}", area.value),
            None => text.to_owned(),
        };
        let points =
            |roc: &[learn::metrics::RocPoint]| roc.iter().map(|p| (p.false_positive_rate, p.sensitivity)).collect();
        let mut series = vec![
            line(name("the bundle", evaluation.figures.image_auc), 0, points(&found.roc)),
            Series {
                kind: SeriesKind::Dashed,
                ..line("chance".into(), 3, vec![(0.0, 0.0), (1.0, 1.0)])
            },
        ];
        let probed: Option<(Vec<f32>, Vec<bool>)> = scored
            .iter()
            .filter(|case| case.prediction.is_some() && !case.adjacent_to_lesion)
            .map(|case| Some((case.probe?.thumbnail, case.anomaly)))
            .collect();
        if let Some((scores, positive)) = probed {
            let text = name("leakage probe on an 8 x 8 thumbnail", evaluation.probe.thumbnail_auc);
            series.push(line(text, 1, points(&roc_points(&scores, &positive))));
        }
        let rate = |estimate: Option<domain::Estimate>| estimate.map(|e| e.value);
        let operating = evaluation
            .operating_points
            .iter()
            .filter_map(|p| Some((1.0 - rate(p.specificity)?, rate(p.sensitivity)?)));
        series.push(Series {
            kind: SeriesKind::Dots,
            ..line("operating points".into(), 2, operating.collect())
        });
        plots.push((
            "roc",
            Plot {
                title: "ROC: is the image abnormal?".into(),
                set: set.clone(),
                x: axis("1 − specificity", 1.0),
                y: axis("sensitivity", 1.0),
                series,
            },
        ));
    }
    if !found.reliability.is_empty() {
        plots.push(("reliability", reliability_plot(scored, evaluation, &found, &set)));
    }
    if !found.froc.is_empty() {
        let most = found.froc.last().map_or(1.0, |p| p.false_positives_per_image);
        let points = found.froc.iter().map(|p| (p.false_positives_per_image, p.sensitivity));
        plots.push((
            "froc",
            Plot {
                title: "FROC: lesions found against false regions".into(),
                set,
                x: axis("false regions per image", most.clamp(0.1, MOST_FALSE)),
                y: axis("share of lesions found", 1.0),
                series: vec![line("the bundle".into(), 0, points.collect())],
            },
        ));
    }
    plots
}

fn reliability_plot(
    scored: &[ScoredCase],
    evaluation: &Evaluation,
    found: &learn::evaluate::Curves,
    set: &str,
) -> Plot {
    let points = |bins: &[learn::metrics::ReliabilityBin]| -> Vec<(f64, f64)> {
        bins.iter()
            .filter_map(|bin| bin.mean_score.zip(bin.share_positive))
            .collect()
    };
    let (raw, positive): (Vec<f32>, Vec<bool>) = scored
        .iter()
        .filter(|case| !case.adjacent_to_lesion)
        .filter_map(|case| Some((case.prediction.as_ref()?.raw_score?.value(), case.anomaly)))
        .unzip();
    let name = |text: &str, error: Option<domain::Estimate>| match error {
        Some(error) => format!("{text}, calibration error {:.3}", error.value),
        None => text.to_owned(),
    };
    let after = points(&found.reliability);
    Plot {
        title: "Reliability: does a score of .7 mean 7 of 10?".into(),
        set: set.to_owned(),
        x: Axis {
            label: "score".into(),
            max: 1.0,
        },
        y: Axis {
            label: "share of images with an anomaly".into(),
            max: 1.0,
        },
        series: vec![
            Series {
                kind: SeriesKind::Dashed,
                ..line("as it should be".into(), 3, vec![(0.0, 0.0), (1.0, 1.0)])
            },
            line(
                name("before calibration", evaluation.figures.ece_before),
                1,
                points(&reliability(&raw, &positive)),
            ),
            line(name("as shown", evaluation.figures.ece), 0, after.clone()),
            Series {
                kind: SeriesKind::Dots,
                ..line("bins with images".into(), 0, after)
            },
        ],
    }
}

fn line(name: String, color: usize, points: Vec<(f64, f64)>) -> Series {
    Series {
        name,
        kind: SeriesKind::Line,
        color,
        points,
    }
}

fn sections(
    judged: &Judged<'_>,
    scored: &[ScoredCase],
    evaluation: &Evaluation,
    watch: &mut Watch<'_>,
) -> Result<Vec<CaseSection>, Failure> {
    let choice = choose(scored, SHOWN, 1);
    let kinds = [
        ("Worst", "lowest Dice, else score farthest from the label", choice.worst),
        ("Best", "highest Dice, else score nearest to the label", choice.best),
        ("Random", "drawn by seed 1 from the others", choice.random),
        ("Refused by the input gate", "these have no score", choice.refused),
    ];
    let threshold = evaluation.operating_points.first().map_or(0.5, |point| point.threshold);
    let decoders = decoders()?;
    let all: u64 = kinds.iter().map(|(_, _, chosen)| chosen.len() as u64).sum();
    let mut done = 0;
    let mut sections = Vec::new();
    for (title, note, chosen) in kinds {
        let mut pictures = Vec::new();
        for index in chosen {
            let grey = images::grey(&judged.cases[index].file, &decoders)?;
            pictures.push(picture(&scored[index], &grey, threshold)?);
            done += 1;
            stopped_unless(watch(Phase::Drawing, done, all))?;
        }
        if !pictures.is_empty() {
            sections.push(CaseSection {
                title: title.into(),
                note: note.into(),
                pictures,
            });
        }
    }
    Ok(sections)
}

fn picture(case: &ScoredCase, grey: &GreyFrame, threshold: f32) -> Result<CasePicture, NoRoom> {
    let name = case.name.rsplit('/').next().unwrap_or(&case.name);
    let mut lines = vec![name.to_owned()];
    let adjacent = if case.adjacent_to_lesion {
        " (beside a lesion)"
    } else {
        ""
    };
    let (mut predicted, mut peak) = (vec![], None);
    match &case.prediction {
        None => lines.push(format!("{}{adjacent} · refused", case.label)),
        Some(prediction) => {
            let score = prediction.score.value();
            let verdict = if score >= threshold {
                "at or above the threshold"
            } else {
                "below it"
            };
            lines.push(format!("{}{adjacent} · score {score:.3} {verdict}", case.label));
            if let Some(found) = &prediction.localisation {
                predicted = outlines(&found.predicted)?;
                peak = Some(found.peak);
                if let Some(lesion) = case.reference.as_ref().filter(|mask| !mask.is_empty()) {
                    let hit = if pointing_hit(lesion, found.peak) {
                        "hit"
                    } else {
                        "missed"
                    };
                    let overlap = learn::metrics::dice(lesion, &found.predicted).unwrap_or_default();
                    lines.push(format!("Dice {overlap:.2} · pointing {hit}"));
                }
            }
        }
    }
    Ok(CasePicture {
        rows: grey.rows,
        cols: grey.cols,
        grey: of_signal(grey)?,
        reference: case.reference.as_ref().map(outlines).transpose()?.unwrap_or_default(),
        predicted,
        peak,
        lines,
    })
}

fn outlines(mask: &Mask) -> Result<Vec<Region>, NoRoom> {
    let (rows, cols) = (mask.rows(), mask.cols());
    let point = |at: u32| PixelPoint {
        x: at % cols,
        y: at / cols,
    };
    let map: Vec<f32> = (0..rows * cols)
        .map(|at| f32::from(u8::from(mask.contains(point(at)))))
        .collect();
    let found = components(&map, rows, cols, 0.5, 1, &domain::Ruler::default())?;
    Ok(found.into_iter().map(|component| component.region).collect())
}
