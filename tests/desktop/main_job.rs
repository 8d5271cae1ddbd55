//! The main job with the mouse: scans in, analysed, looked at, decided, reported, signed, on the disk.

use std::fs;
use std::path::Path;
use std::process::Command;

use overread_tests::{Area, Done, Outcome, Picture, Window, data, each, field, need, number, overread, text};
use serde_json::Value;

use crate::steps::{READER, create_vault, desk, samples};

const NOTE: &str = "Szürkület <b>&</b> \"árnyék\" a bal oldalon";
const CONCLUSION: &str = "A lesion of the right hemisphere; follow-up in three months.";
const LESION_PATIENT: &str = "SYN-0001";

#[test]
fn a_lesion_is_outlined_where_the_engine_found_it_and_the_signed_report_says_so() -> Done {
    let desk = need!(desk("main_job")?);
    let window = desk.open()?;
    let vault = create_vault(&window)?;
    window.import_folder(&samples().join("dicom/lesion-1"))?;
    window.see("9 images analysed")?;
    window.see("Outlined")?;

    // Look: the first finding, the whole image, nothing but the overlay on it.
    window.open_study(LESION_PATIENT)?;
    window.press("n")?;
    let finding = selected_finding(&window)?;
    window.press("=")?;
    window.picture_shows()?;
    let tile = window.area("[data-tile=\"0\"]")?;
    let with_overlay = window.picture()?;
    with_overlay.save(&desk.folder.join("with_overlay.png"))?;
    let sop = window.picture_shows()?;
    window.press("g")?;
    let without = window.picture()?;
    without.save(&desk.folder.join("without_overlay.png"))?;
    window.press("g")?;

    // Decide on every finding, with a note on the first.
    window.click("button", "Accept")?;
    window.write("Note", NOTE)?;
    let count = each(&story_of_page(&window)?, "cards").len();
    for _ in 1..count {
        window.press("Tab")?;
        window.run("document.querySelector('[data-tile]').focus()", &[])?;
        window.press("n")?;
        window.press("Enter")?;
    }
    window.see(&format!("0 of {count} to decide"))?;

    // Report, sign, export.
    window.press("Ctrl+3")?;
    window.write("Conclusion", CONCLUSION)?;
    window.see("Saved at")?;
    window.click("button", "Sign…")?;
    window.click("button", "Sign")?;
    window.see(&format!("Signed by {READER}"))?;
    let pdf = desk.folder.join("report.pdf");
    desk.answer(&[&pdf])?;
    window.click("button", "Export")?;
    window.click("menuitem", &menu_entry(&window, "pdf")?)?;
    window.see("report.pdf")?;
    window.wait_until("the end of the export", "return page.says('Written')")?;
    window.keep_picture("signed")?;
    window.close()?;

    // What the engine had said, by another way into the same vault.
    let shown = overread("--json --vault")
        .arg(&vault)
        .args(["--user", READER, "show"])
        .arg(study_of(&vault)?)
        .run()?
        .ended(0)
        .json()?;
    let (analysis, engine) = finding_of(&shown, &finding)?;
    assert_eq!(text(analysis, "sop_instance_uid"), sop, "N went to another picture");
    let raw = fs::read(samples().join("dicom/lesion-1").join(file_of(&sop)?))?;
    outline_lies_there(tile, engine, &raw, &with_overlay, &without)?;
    let last = each(analysis, "reviews")
        .iter()
        .rfind(|one| text(one, "finding_id") == finding);
    let last = last.ok_or("the decision is not in the vault")?;
    assert_eq!((text(last, "decision"), text(last, "note")), ("accepted", NOTE));
    report_says(&pdf, &[READER, CONCLUSION, "right hemisphere"])
}

/// The finding whose outline is drawn as the chosen one.
fn selected_finding(window: &Window) -> Outcome<String> {
    let script = "const line = document.querySelector('path.line.selected[data-finding]');
        return line !== null && line.getBoundingClientRect().width > 0 ? line.dataset.finding : null";
    let id = window.wait_until("a chosen finding on the picture", script)?;
    // The map comes after the outline.
    window.wait_until(
        "the anomaly map",
        "return document.querySelector('[data-map=shown]') !== null",
    )?;
    Ok(id.as_str().unwrap_or_default().to_owned())
}

fn story_of_page(window: &Window) -> Outcome<Value> {
    window.run(
        "return { cards: [...document.querySelectorAll('[data-finding-card]')].map((card) => card.dataset.findingCard) }",
        &[],
    )
}

/// The menu's entry for files with this extension.
fn menu_entry(window: &Window, extension: &str) -> Outcome<String> {
    window.find("menu", "Export")?;
    let entries = window.names("menuitem")?;
    let wanted = format!("(.{extension})");
    let found = entries.iter().find(|name| name.contains(&wanted));
    found
        .cloned()
        .ok_or_else(|| format!("no {wanted} among {entries:?}").into())
}

fn study_of(vault: &Path) -> Outcome<String> {
    let list = overread("--json --vault")
        .arg(vault)
        .args(["--user", READER, "list"])
        .run()?
        .ended(0)
        .json()?;
    let studies = each(&list, "studies");
    assert_eq!(studies.len(), 1);
    Ok(text(&studies[0], "study_instance_uid").to_owned())
}

fn finding_of<'a>(shown: &'a Value, id: &str) -> Outcome<(&'a Value, &'a Value)> {
    let analyses = each(shown, "analyses").iter();
    let mut found = analyses.flat_map(|analysis| each(analysis, "findings").iter().map(move |one| (analysis, one)));
    found
        .find(|(_, finding)| text(finding, "id") == id)
        .ok_or_else(|| format!("the engine knows no finding {id}").into())
}

/// The sample's file of this instance.
fn file_of(sop_instance_uid: &str) -> Outcome<String> {
    let manifest: Value = serde_json::from_slice(&fs::read(samples().join("manifest.json"))?)?;
    let mut all = each(&manifest, "samples").iter();
    let sample = all.find(|sample| sample["sop_instance_uid"] == sop_instance_uid);
    let file = text(sample.ok_or("no sample has this instance")?, "file");
    Ok(file.rsplit('/').next().unwrap_or_default().to_owned())
}

/// Compares the screen with the file's own pixels and the engine's box. Nothing of the page's own geometry is asked.
fn outline_lies_there(tile: Area, engine: &Value, file: &[u8], with: &Picture, without: &Picture) -> Done {
    let (rows, cols, spacing) = shape_of(file)?;
    let area = tile.fitted(cols as f64, rows as f64, spacing);
    let scale = (area.width / cols as f64, area.height / rows as f64);
    let likeness = likeness(&file[file.len() - rows * cols * 2..], rows, cols, area, without);
    assert!(
        likeness > 0.97,
        "the picture does not lie where it should: likeness {likeness}"
    );

    let [x, y, width, height] = [0, 1, 2, 3].map(|part| number(engine, &format!("box/{part}")));
    let expected = Area {
        left: area.left + x * scale.0,
        top: area.top + y * scale.1,
        width: width * scale.0,
        height: height * scale.1,
    };
    let near = Area {
        left: expected.left - 4.0,
        top: expected.top - 4.0,
        width: expected.width + 8.0,
        height: expected.height + 8.0,
    };
    let contour: Vec<(f64, f64)> = near
        .pixels()
        .filter(|(x, y)| is_contour(with, without, *x, *y))
        .collect();
    assert!(
        contour.len() > 30,
        "only {} pixels of an outline in {expected:?}",
        contour.len()
    );
    let edge = |values: &mut dyn Iterator<Item = f64>, greatest: bool| {
        values.fold(if greatest { f64::MIN } else { f64::MAX }, |a, b| {
            if greatest { a.max(b) } else { a.min(b) }
        })
    };
    let (left, right) = (
        edge(&mut contour.iter().map(|at| at.0), false),
        edge(&mut contour.iter().map(|at| at.0), true),
    );
    let (top, bottom) = (
        edge(&mut contour.iter().map(|at| at.1), false),
        edge(&mut contour.iter().map(|at| at.1), true),
    );
    for (name, seen, wanted) in [
        ("left", left, expected.left),
        ("right", right, expected.left + expected.width),
        ("top", top, expected.top),
        ("bottom", bottom, expected.top + expected.height),
    ] {
        assert!(
            (seen - wanted).abs() <= 3.0,
            "the outline's {name} edge is at {seen}, the engine's at {wanted}"
        );
    }
    glow_is_inside(engine, area, scale, with, without);
    Ok(())
}

/// The map shines at the engine's peak and leaves the healthy half of the image as it is.
fn glow_is_inside(engine: &Value, area: Area, scale: (f64, f64), with: &Picture, without: &Picture) {
    let change = |x: f64, y: f64| {
        let (a, b) = (with.at(x, y).unwrap_or_default(), without.at(x, y).unwrap_or_default());
        a.iter().zip(b).map(|(a, b)| f64::from(a.abs_diff(b))).sum::<f64>()
    };
    let (x, y) = (number(engine, "peak/0"), number(engine, "peak/1"));
    let at_peak = change(area.left + (x + 0.5) * scale.0, area.top + (y + 0.5) * scale.1);
    assert!(at_peak > 25.0, "no glow at the peak: the colour changes by {at_peak}");
    // The place mirrored at the image's middle lies in the other half of the head.
    let mirrored = area.left + area.width - (x + 0.5) * scale.0;
    let far = change(mirrored, area.top + (y + 0.5) * scale.1);
    assert!(far < 6.0, "the other half glows too: the colour changes by {far}");
}

/// Amber, and only there while the overlay is on.
fn is_contour(with: &Picture, without: &Picture, x: f64, y: f64) -> bool {
    let (Some([r, g, b]), Some(before)) = (with.at(x, y), without.at(x, y)) else {
        return false;
    };
    let amber = r > 200 && g > 140 && i16::from(r) - i16::from(b) > 50;
    let changed = [r, g, b]
        .iter()
        .zip(before)
        .map(|(a, b)| u16::from(a.abs_diff(b)))
        .sum::<u16>()
        > 60;
    amber && changed
}

/// Rows, columns and pixel spacing, as the file's own elements say.
fn shape_of(file: &[u8]) -> Outcome<(usize, usize, [f64; 2])> {
    let value = |tag: [u8; 4], kind: &[u8; 2]| -> Outcome<&[u8]> {
        let head = [&tag[..], kind].concat();
        let at = file
            .windows(6)
            .position(|six| six == head)
            .ok_or("an element is missing")?;
        let length = usize::from(u16::from_le_bytes([file[at + 6], file[at + 7]]));
        Ok(&file[at + 8..at + 8 + length])
    };
    let short = |bytes: &[u8]| usize::from(u16::from_le_bytes([bytes[0], bytes[1]]));
    let rows = short(value([0x28, 0, 0x10, 0], b"US")?);
    let cols = short(value([0x28, 0, 0x11, 0], b"US")?);
    let spacing = std::str::from_utf8(value([0x28, 0, 0x30, 0], b"DS")?)?;
    let (row, column) = spacing.trim().split_once('\\').ok_or("a spacing of one number")?;
    Ok((rows, cols, [row.trim().parse()?, column.trim().parse()?]))
}

/// Correlation of the file's values with the brightness of the screen where they should be.
fn likeness(pixels: &[u8], rows: usize, cols: usize, area: Area, screen: &Picture) -> f64 {
    let mut pairs = Vec::new();
    for row in (8..rows - 8).step_by(3) {
        for col in (8..cols - 8).step_by(3) {
            let at = (row * cols + col) * 2;
            let value = f64::from(u16::from_le_bytes([pixels[at], pixels[at + 1]]));
            let x = area.left + (col as f64 + 0.5) * area.width / cols as f64;
            let y = area.top + (row as f64 + 0.5) * area.height / rows as f64;
            pairs.push((value, screen.brightness(x, y)));
        }
    }
    let count = pairs.len() as f64;
    let mean = pairs
        .iter()
        .fold((0.0, 0.0), |sum, pair| (sum.0 + pair.0 / count, sum.1 + pair.1 / count));
    let product = |f: fn(f64, f64) -> f64| {
        pairs
            .iter()
            .map(|pair| f(pair.0 - mean.0, pair.1 - mean.1))
            .sum::<f64>()
    };
    product(|a, b| a * b) / (product(|a, _| a * a) * product(|_, b| b * b)).sqrt()
}

fn report_says(pdf: &Path, words: &[&str]) -> Done {
    assert!(fs::read(pdf)?.starts_with(b"%PDF-"), "{} is no PDF", pdf.display());
    let output = Command::new("pdftotext").args(["-layout"]).arg(pdf).arg("-").output()?;
    let report = String::from_utf8(output.stdout)?;
    let flat = report.split_whitespace().collect::<Vec<_>>().join(" ");
    for word in words {
        assert!(flat.contains(word), "the report does not say {word:?}: {report}");
    }
    Ok(())
}

/// Images that are no head scans are refused in words, without a score.
#[test]
fn a_refusal_is_said_in_words_in_place_of_a_score() -> Done {
    let formats = need!(data("formats/files"));
    let desk = need!(desk("refusal")?);
    let window = desk.open()?;
    create_vault(&window)?;
    window.import_files(&[&formats.join("kermany_IM-0117-0001.jpg")])?;
    window.see("1 image analysed, 1 refused")?;
    window.see("Refused")?;
    window.open_study("kermany")?;
    window.see("The model gives no score")?;
    assert!(!window.says("Highest score")?, "a refused picture has a score");
    assert!(
        field(&story_of_page(&window)?, "cards")
            .as_array()
            .is_some_and(Vec::is_empty)
    );
    window.close()
}
