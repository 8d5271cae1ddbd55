//! The shipped bundles: their cards say what their evaluations say, and what a model was not made for
//! gets no score.

use std::fs;
use std::path::Path;

use image::{GrayImage, Luma};
use overread_tests::{BUNDLE, DicomFile, Done, Outcome, each, field, number, overread, repository, text};
use serde_json::Value;

const READERS: [&str; 4] = ["brain-mri-flair", "brain-mri-t1c", "breast-us", "chest-xray-child"];

fn card(bundle: &str) -> Outcome<String> {
    Ok(fs::read_to_string(
        repository().join("models").join(bundle).join("MODEL_CARD.md"),
    )?)
}

fn evaluation(bundle: &str) -> Outcome<Value> {
    let path = repository().join("models").join(bundle).join("evaluation.json");
    Ok(serde_json::from_slice(&fs::read(path)?)?)
}

/// A figure as the cards print it: `0.912 | 0.880 to 0.940`.
fn cells(estimate: &Value) -> String {
    let Some(value) = estimate["value"].as_f64() else {
        return "– | –".into();
    };
    match (estimate["low"].as_f64(), estimate["high"].as_f64()) {
        (Some(low), Some(high)) => format!("{value:.3} | {low:.3} to {high:.3}"),
        _ => format!("{value:.3} | –"),
    }
}

#[test]
fn every_card_says_what_its_evaluation_says() -> Done {
    for bundle in READERS {
        let (card, evaluation) = (card(bundle)?, evaluation(bundle)?);
        let says = |line: String| assert!(card.contains(&line), "the card of {bundle} does not say: {line}");
        let figures = [
            "image_auc",
            "core.image_auc",
            "sensitivity",
            "specificity",
            "specificity_with_unknown",
            "patient_dice",
            "slice_dice",
            "pointing",
            "false_positives_per_image",
            "ece",
            "brier",
            "malignant_auc",
            "refused",
            "probe.thumbnail_auc",
            "probe.border_auc",
            "probe.centre_pointing",
            "probe.ece_if_calibrated",
        ];
        for figure in figures {
            says(format!(
                "| {figure} | {} |",
                cells(field(&evaluation, &figure.replace('.', "/")))
            ));
        }
        let kinds = evaluation["gate"]["refused_by_kind"]
            .as_object()
            .ok_or("a gate that was shown nothing")?;
        assert!(kinds.len() > 5, "{bundle}: {kinds:?}");
        for (kind, share) in kinds {
            says(format!("| {kind} | {} |", cells(share)));
        }
        for point in each(&evaluation, "operating_points") {
            let threshold = number(point, "threshold");
            let sensitivity = number(point, "sensitivity/value");
            says(format!(
                "{}: threshold {threshold:.3}, sensitivity {sensitivity:.3}",
                text(point, "name")
            ));
            let paragraph = card
                .split(&format!("- {}: threshold", text(point, "name")))
                .nth(1)
                .unwrap_or_default();
            let paragraph = paragraph.split("\n- ").next().unwrap_or_default();
            let certified = point["certificate"].get("held").is_some();
            assert_eq!(paragraph.contains("no certificate"), !certified, "{bundle}");
        }
    }
    let router = card("router")?;
    let sets = evaluation("router")?;
    assert_eq!(sets.as_array().map(Vec::len), Some(READERS.len()));
    for set in sets.as_array().into_iter().flatten() {
        for (to, share) in set["routed"].as_object().into_iter().flatten() {
            let line = format!("| {} | {to} | {} |", text(set, "set"), cells(share));
            assert!(router.contains(&line), "the router's card does not say: {line}");
        }
    }
    Ok(())
}

/// A whole phantom and what becomes of it on the way: each with a name.
fn spoilt(own: &GrayImage) -> Vec<(&'static str, GrayImage)> {
    let (width, height) = own.dimensions();
    let crop = image::imageops::crop_imm(own, width * 3 / 10, height * 3 / 10, width * 2 / 5, height * 2 / 5);
    let photograph = GrayImage::from_fn(width, height, |x, y| {
        let (across, down) = (x as f32 - width as f32 / 2.0, y as f32 - height as f32 / 2.0);
        let depth = 1.25 * (1.0 + 0.25 * across / width as f32);
        let u = (across - 0.08 * down) * depth + width as f32 / 2.0;
        let v = (down + 0.08 * across) * depth + height as f32 / 2.0;
        let on_screen = u >= 0.0 && v >= 0.0 && u < width as f32 && v < height as f32;
        let shown = if on_screen {
            f32::from(own.get_pixel(u as u32, v as u32)[0])
        } else {
            90.0
        };
        let grid = 0.88 + 0.06 * (u * 2.3).sin() + 0.06 * (v * 2.3).sin();
        Luma([(0.75 * shown * grid + 30.0 + 60.0 * x as f32 / width as f32).min(255.0) as u8])
    });
    let mut inverted = own.clone();
    image::imageops::invert(&mut inverted);
    vec![
        ("whole", own.clone()),
        ("inverted", inverted),
        ("cropped", crop.to_image()),
        ("photographed", photograph),
        ("blank", GrayImage::from_pixel(width, height, Luma([90]))),
    ]
}

fn analyze(folder: &Path) -> Outcome<Value> {
    let call = overread("analyze --json --bundle").arg(BUNDLE).arg(folder);
    call.run()?.ended(0).json()
}

#[test]
fn a_spoilt_scan_gets_no_score_and_is_told_why() -> Done {
    let folder = tempfile::tempdir()?;
    for name in ["clean-02", "lesion-02"] {
        let own = image::open(repository().join(format!("sample-data/png/{name}.png")))?.to_luma8();
        for (how, picture) in spoilt(&own) {
            picture.save(folder.path().join(format!("{name}_{how}.png")))?;
        }
    }
    let analyzed = analyze(folder.path())?;
    let analyses = each(&analyzed, "analyses");
    assert_eq!(analyses.len(), 10);
    for analysis in analyses {
        let file = text(analysis, "file");
        if file.ends_with("_whole.png") {
            assert_eq!(text(analysis, "input/verdict"), "in_range", "{file}");
            continue;
        }
        assert_eq!(text(analysis, "input/verdict"), "out_of_range", "{file}");
        assert!(
            field(analysis, "score").is_null() && each(analysis, "findings").is_empty(),
            "{analysis}"
        );
        let why = text(analysis, "input/reason");
        let expected = if file.ends_with("_blank.png") {
            "the image is blank"
        } else {
            "unlike those it was trained on"
        };
        assert!(why.contains(expected), "{file}: {why}");
    }
    Ok(())
}

/// The same head as grey values and in colours: the header alone tells them apart.
#[test]
fn a_head_in_colours_is_refused_by_its_header() -> Done {
    let folder = tempfile::tempdir()?;
    let own = image::open(repository().join("sample-data/png/clean-02.png"))?.to_luma8();
    let (columns, rows) = own.dimensions();
    let grey = DicomFile {
        modality: "MR".into(),
        ..DicomFile::grey(columns, rows, |x, y| u16::from(own.get_pixel(x, y)[0]))
    };
    grey.write(&folder.path().join("grey.dcm"))?;
    let colours = DicomFile {
        samples: 3,
        bits: 8,
        photometric_interpretation: "RGB".into(),
        pixels: own.pixels().flat_map(|pixel| [pixel[0]; 3]).collect(),
        ..grey
    };
    colours.write(&folder.path().join("colours.dcm"))?;
    let analyzed = analyze(folder.path())?;
    let analyses = each(&analyzed, "analyses");
    assert_eq!(analyses.len(), 2, "{analyzed}");
    for analysis in analyses {
        if text(analysis, "file").ends_with("grey.dcm") {
            assert_eq!(text(analysis, "input/verdict"), "in_range", "{analysis}");
            continue;
        }
        assert_eq!(text(analysis, "input/verdict"), "out_of_range", "{analysis}");
        assert!(field(analysis, "score").is_null(), "{analysis}");
        let why = text(analysis, "input/reason");
        assert!(
            why.contains("the file's pixels are RGB, not MONOCHROME1 or MONOCHROME2"),
            "{why}"
        );
    }
    Ok(())
}
