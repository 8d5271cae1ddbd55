//! Images that no one would like to display. Each must be on the screen as what it is.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use overread_tests::{Area, DicomFile, Done, Outcome, Window, data, need};
use serde_json::json;

use crate::steps::{create_vault, desk};

/// What must be seen of an image.
struct Odd {
    name: &'static str,
    file: DicomFile,
    /// Brightness (0 black, 255 white) at places given as parts of the width and the height of the image.
    seen: Vec<((f64, f64), std::ops::RangeInclusive<u8>)>,
}

const BLACK: std::ops::RangeInclusive<u8> = 0..=40;
const WHITE: std::ops::RangeInclusive<u8> = 200..=255;

/// Dark on the left, bright on the right, in steps of `step`.
fn ramp(columns: u32, rows: u32, step: u16) -> DicomFile {
    DicomFile::grey(columns, rows, move |x, _| x as u16 * step)
}

fn odd_pictures() -> Vec<Odd> {
    let ramp_seen = || vec![((0.03, 0.3), BLACK), ((0.97, 0.3), WHITE)];
    let mut all = Vec::new();
    let mut add = |name: &'static str, file: DicomFile, seen| all.push(Odd { name, file, seen });

    add("One pixel", DicomFile::grey(1, 1, |_, _| 1000), vec![]);
    add("Tall line", DicomFile::grey(1, 20_000, |_, y| (y / 10) as u16), vec![]);
    add("Wide line", DicomFile::grey(20_000, 1, |x, _| (x / 10) as u16), vec![]);
    add("Unsigned", ramp(64, 64, 1000), ramp_seen());

    let mut signed = ramp(64, 64, 0);
    signed.signed = true;
    let values = (0..64 * 64).map(|at: i32| ((at % 64 - 32) * 60) as i16);
    signed.pixels = values.flat_map(i16::to_le_bytes).collect();
    add("Signed", signed, ramp_seen());

    let mut float = ramp(64, 64, 0);
    (float.float, float.bits) = (true, 32);
    let values = (0..64 * 64).map(|at: u32| (at % 64) as f32 * 0.001 - 0.03);
    float.pixels = values.flat_map(f32::to_le_bytes).collect();
    add("Float", float, ramp_seen());

    let mut inverted = ramp(64, 64, 1000);
    inverted.photometric_interpretation = "MONOCHROME1".into();
    add("Inverted", inverted, vec![((0.03, 0.3), WHITE), ((0.97, 0.3), BLACK)]);

    let mut colour = ramp(64, 64, 0);
    (colour.samples, colour.bits) = (3, 8);
    colour.photometric_interpretation = "RGB".into();
    // Red on the left, white on the right.
    let pixel = |at: u32| if at % 64 < 32 { [255, 0, 0] } else { [255; 3] };
    colour.pixels = (0..64 * 64).flat_map(pixel).collect();
    add("Colour", colour, vec![((0.25, 0.3), 60..=95), ((0.75, 0.3), WHITE)]);

    let mut frames = ramp(64, 64, 0);
    frames.frames = 3;
    let value = |frame: u16| (0..64 * 64_u16).map(move |at| at % 64 * (300 * (frame + 1)));
    frames.pixels = (0..3).flat_map(value).flat_map(u16::to_le_bytes).collect();
    add("Frames", frames, ramp_seen());

    for (number, odd) in all.iter_mut().enumerate() {
        odd.file.patient_name = format!("{}^Odd", odd.name.replace(' ', "_"));
        odd.file.patient_id = format!("ODD-{number}");
        odd.file.uid_root = format!("2.25.{}", 500 + number);
    }
    all
}

/// Where the image must lie in its tile: as large as fits, in the middle, in its own proportions.
fn picture_area(window: &Window, file: &DicomFile) -> Outcome<Area> {
    let tile = window.area("[data-tile=\"0\"]")?;
    let spacing = file.pixel_spacing_mm.unwrap_or([1.0, 1.0]);
    Ok(tile.fitted(f64::from(file.columns), f64::from(file.rows), spacing))
}

#[test]
fn every_odd_picture_is_shown_as_what_it_is() -> Done {
    let desk = need!(desk("odd_pictures")?);
    desk.settings(&json!({ "analyze_after_import": false, "overlay_text": 2 }))?;
    let scans = desk.folder.join("scans");
    std::fs::create_dir(&scans)?;
    let all = odd_pictures();
    for (number, odd) in all.iter().enumerate() {
        odd.file.write(&scans.join(format!("{number}.dcm")))?;
    }
    let window = desk.open()?;
    create_vault(&window)?;
    window.import_folder(&scans)?;
    window.see(&format!("{} images imported", all.len()))?;
    for odd in &all {
        window.open_study(&odd.file.patient_id)?;
        assert_eq!(window.picture_shows()?, odd.file.sop_instance_uid(), "{}", odd.name);
        window.see(&format!("{} × {} px", odd.file.columns, odd.file.rows))?;
        looks_right(&window, odd)?;
        if odd.file.frames > 1 {
            window.press("End")?;
            window.see("Slice 3 / 3")?;
            looks_right(&window, odd)?;
        }
    }
    window.close()
}

fn looks_right(window: &Window, odd: &Odd) -> Done {
    // Without the words that lie on it.
    for _ in 0..2 {
        window.press("Space")?;
    }
    let picture = window.picture()?;
    let area = picture_area(window, &odd.file)?;
    let (_, _, brightest) = picture.brightness_of(Area {
        width: area.width.max(2.0),
        height: area.height.max(2.0),
        ..area
    });
    let kept = window.desk.folder.join(format!("{}.png", odd.name.replace(' ', "_")));
    picture.save(&kept)?;
    assert!(brightest > 30.0, "{} is black; see {}", odd.name, kept.display());
    for ((x, y), expected) in &odd.seen {
        let seen = picture.brightness(area.left + area.width * x, area.top + area.height * y);
        let (low, high) = (f64::from(*expected.start()), f64::from(*expected.end()));
        assert!(
            (low..=high).contains(&seen),
            "{} at {x}, {y}: brightness {seen}, not {expected:?}; see {}",
            odd.name,
            kept.display()
        );
    }
    window.press("Space")
}

/// Files of real machines and other people's test sets, each with its own way of writing an image.
#[test]
fn real_files_of_every_kind_are_shown() -> Done {
    let (dicom, formats) = (need!(data("dicom/files")), need!(data("formats/files")));
    let desk = need!(desk("real_files")?);
    desk.settings(&json!({ "analyze_after_import": false, "overlay_text": 2 }))?;
    let kinds: [(&Path, &str, &str); 12] = [
        (&dicom, "dx_image.dcm", "211 × 169 px"),
        (&dicom, "parametric_map_float.dcm", "128 × 128 px"),
        (&dicom, "GH184.dcm", "128 × 128 px"),
        (&dicom, "examples_palette.dcm", "800 × 350 px"),
        (&dicom, "examples_ybr_color.dcm", "320 × 240 px"),
        (&dicom, "US-YBR_FULL_422-EVRLE.dcm", "800 × 555 px"),
        (&dicom, "rtdose.dcm", "10 × 10 px"),
        (&dicom, "SC_rgb_expb_16bit.dcm", "100 × 100 px"),
        (&formats, "ct_f32.tif", "512 × 512 px"),
        (&formats, "ct_i16_signed.tif", "512 × 512 px"),
        (&formats, "ct_u8_miniswhite_packbits.tif", "512 × 512 px"),
        (&formats, "ct_palette.png", "512 × 512 px"),
    ];
    let window = desk.open()?;
    create_vault(&window)?;
    let mut before = String::new();
    for (folder, name, size) in kinds {
        let file: PathBuf = folder.join(name);
        // Files named on a command line are imported and shown.
        assert!(desk.start_again_with(&[&file])?.success());
        window.see(name)?;
        window.see(size)?;
        // The image before may have had the same size and still be there, or its tile just be gone.
        let until = Instant::now() + Duration::from_secs(120);
        loop {
            let seen = drawn(&window);
            match &seen {
                Ok((shown, mean, brightest)) if *shown != before && *brightest > 100.0 && *mean > 1.0 => {
                    before.clone_from(shown);
                    break;
                }
                _ => assert!(Instant::now() < until, "{name}: {seen:?}"),
            }
        }
    }
    window.close()
}

/// What the first tile shows, its mean and its greatest brightness.
fn drawn(window: &Window) -> Outcome<(String, f64, f64)> {
    let shown = window.picture_shows()?;
    let tile = window.area("[data-tile=\"0\"] canvas")?;
    let (_, mean, brightest) = window.picture()?.brightness_of(tile);
    Ok((shown, mean, brightest))
}
