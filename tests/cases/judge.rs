//! What each kind of check of the manifest asks of an opened file (`cases/README.md` describes them).

use std::path::Path;

use overread_tests::Outcome;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::Case;
use super::imported::{Imported, has_one};
use super::opened::Opened;
use super::volumes;

/// `None` where the check holds, else what is not right.
type Verdict = Outcome<Option<String>>;

/// What of a case is not right, in words.
///
/// # Errors
/// Where its file is not opened.
pub fn judge(pack: &Path, case: &Case) -> Outcome<Vec<String>> {
    let (files, right) = (&case.files, &case.right);
    let first = files.first().ok_or("a case without a file")?;
    if right
        .iter()
        .all(|check| check["what"] == "import" || check["what"] == "identity")
    {
        return judge_import(pack, case, first);
    }
    let opened = match Opened::of(&pack.join(first)) {
        // A refusal that says what is asked for tells it too.
        Err(error)
            if right
                .iter()
                .all(|check| check["what"] == "told" && has_one(&error.to_string(), &check["words"])) =>
        {
            return Ok(vec![]);
        }
        opened => opened?,
    };
    let mut found = Vec::new();
    for check in right {
        let what = check["what"].as_str().unwrap_or_default();
        let verdict = match what {
            "stored" => stored(&opened, check),
            "modality" => modality(&opened, check),
            "unit" => unit(&opened, check),
            "display" => display(&opened, check),
            "rgb" => rgb(&opened, check),
            "windows" => windows(&opened, check),
            "statistics" => statistics(&opened, check),
            "spacing" => spacing(&opened, check),
            "aspect" => aspect(&opened, check),
            "regions" => regions(&opened, check),
            "length" => length(&opened, check),
            "length_in_file" => {
                let end = format!("/{}", check["file"].as_str().unwrap_or_default());
                let file = files.iter().find(|file| file.ends_with(&end)).ok_or("no such file")?;
                length(&Opened::of(&pack.join(file))?, check)
            }
            "frame_position" => by_frame(&opened, "position_mm", &check["positions"], 1e-6),
            "frame_spacing" => by_frame(&opened, "pixel_spacing_mm", &check["mm"], 1e-6),
            "frame_times_ms" => by_frame(&opened, "time_ms", &check["times"], 0.01),
            "frame_order" => frame_order(&opened, check),
            "overlay" => overlay(&opened, check),
            "shutter" => shutter(&opened, check),
            "laterality" => same(&opened.image()["laterality"], &check["value"]),
            "field" => field(&opened, check),
            "told" => told(&opened, check),
            "pages" => volumes::pages(&opened, check),
            "frames" => volumes::frames(&opened, check),
            "date" => volumes::date(&opened, check),
            "volume_geometry" => volumes::geometry(&opened, check),
            "patient_point" => volumes::patient_point(&opened, check),
            other => Ok(Some(format!("this test does not know how to check '{other}'"))),
        };
        match verdict {
            Ok(None) => {}
            Ok(Some(why)) => found.push(format!("{what}: {why}")),
            Err(error) => found.push(format!("{what}: {error}")),
        }
    }
    Ok(found)
}

fn judge_import(pack: &Path, case: &Case, first: &str) -> Outcome<Vec<String>> {
    let path = if case.is_folder {
        pack.join("files").join(&case.id)
    } else {
        pack.join(first)
    };
    let imported = Imported::of(&path)?;
    let mut found = Vec::new();
    for check in &case.right {
        let verdict = match check["what"].as_str() {
            Some("import") => imported.accounts(check),
            _ => imported.identity(check),
        };
        found.extend(verdict?);
    }
    Ok(found)
}

/// `[frame, row, column, value]`.
fn points(check: &Value) -> Outcome<Vec<([usize; 3], Value)>> {
    let mut all = Vec::new();
    for point in check["points"].as_array().into_iter().flatten() {
        let at = |number: usize| {
            point[number]
                .as_u64()
                .map(|at| at as usize)
                .ok_or("a point without a place")
        };
        all.push(([at(0)?, at(1)?, at(2)?], point[3].clone()));
    }
    Ok(all)
}

/// A number, or any of a range.
fn near(got: f64, want: &Value, tolerance: f64) -> bool {
    let (low, high) = match want {
        Value::Array(both) => (both[0].as_f64(), both[1].as_f64()),
        one => (one.as_f64(), one.as_f64()),
    };
    low.zip(high)
        .is_some_and(|(low, high)| got >= low - tolerance && got <= high + tolerance)
}

fn same(got: &Value, want: &Value) -> Verdict {
    Ok((got != want).then(|| format!("{got}, not {want}")))
}

fn stored(opened: &Opened, check: &Value) -> Verdict {
    let [frames, rows, cols, samples] = opened.shape;
    let shape = if frames > 1 {
        format!("{frames}x{rows}x{cols}")
    } else {
        format!("{rows}x{cols}")
    };
    if check["shape"] != shape.as_str() || samples != 1 {
        return Ok(Some(format!("shape {shape} of {samples}, not {}", check["shape"])));
    }
    let tolerance = check["tolerance"].as_f64().unwrap_or(0.0);
    for (at, want) in points(check)? {
        let got = opened
            .place(at)
            .and_then(|place| opened.values.get(place))
            .ok_or("no such pixel")?;
        if !near(*got, &want, tolerance) {
            return Ok(Some(format!("{got} at {at:?}, not {want}")));
        }
    }
    if let Some(mean) = check["mean"].as_f64() {
        let got = opened.values.iter().sum::<f64>() / opened.values.len() as f64;
        if (got - mean).abs() > tolerance {
            return Ok(Some(format!("mean {got}, not {mean}")));
        }
    }
    let Some(sha256) = check["sha256_i32"].as_str() else {
        return Ok(None);
    };
    let bytes: Vec<u8> = opened
        .values
        .iter()
        .flat_map(|v| (*v as i64 as i32).to_le_bytes())
        .collect();
    let got = format!("{:x}", Sha256::digest(&bytes));
    Ok((got != sha256).then(|| "some stored values differ".to_owned()))
}

fn modality(opened: &Opened, check: &Value) -> Verdict {
    let part = check["tolerance_relative"].as_f64().unwrap_or(0.0);
    for (at, want) in points(check)? {
        let got = opened
            .place(at)
            .and_then(|place| opened.modality.get(place))
            .ok_or("no such pixel")?;
        let value = want.as_f64().ok_or("a value that is no number")?;
        let least = if value.abs() < 1e-3 { 1e-12 } else { 1e-6 };
        if !near(*got, &want, (value.abs() * part).max(least)) {
            return Ok(Some(format!("{got} at {at:?}, not {want}")));
        }
    }
    Ok(None)
}

fn unit(opened: &Opened, check: &Value) -> Verdict {
    let unit = opened.image()["unit"].as_str().ok_or("no unit is told")?;
    let bad = check["not"]
        .as_array()
        .is_some_and(|not| not.iter().any(|not| not == unit));
    let hounsfield = check["unit"] == "HU" && unit != "HU";
    Ok((bad || hounsfield).then(|| format!("{unit}, not {}", check["unit"])))
}

fn display(opened: &Opened, check: &Value) -> Verdict {
    let window = match &check["window"] {
        Value::Number(number) => Some(number.to_string()),
        Value::String(name) => Some(name.strip_prefix("VOI LUT ").unwrap_or(name).to_owned()),
        _ => None,
    };
    // A image file and a file without windows come as they are first shown.
    let brings_some = opened.image()["windows"].as_array().is_some_and(|all| !all.is_empty())
        || opened.image()["voi_luts"].is_array()
        || opened.json["header"]["frames"][0]["windows"].is_array();
    let window = window.filter(|name| brings_some || name == "auto");
    let tolerance = check["tolerance"].as_f64().unwrap_or(0.0);
    let [_, _, cols, _] = opened.shape;
    let points = points(check)?;
    let mut frames: Vec<usize> = points.iter().map(|([frame, ..], _)| *frame).collect();
    frames.dedup();
    for frame in frames {
        let greys = opened.greys(frame as u64, window.as_deref(), false)?;
        for ([of, row, col], want) in &points {
            if *of != frame {
                continue;
            }
            let grey = greys.get(row * cols + col).ok_or("no such pixel")?;
            if !near(f64::from(*grey), want, tolerance) {
                return Ok(Some(format!(
                    "{grey} at frame {frame}, row {row}, column {col}, not {want}"
                )));
            }
        }
    }
    Ok(None)
}

fn rgb(opened: &Opened, check: &Value) -> Verdict {
    let tolerance = check["tolerance"].as_f64().unwrap_or(0.0);
    let palette = &opened.image()["palette"];
    let ybr = opened.image()["photometric_interpretation"]
        .as_str()
        .is_some_and(|name| name.starts_with("YBR"));
    let full = if opened.json["dtype"] == "uint16" {
        255.0 / 65535.0
    } else {
        1.0
    };
    for (at, want) in points(check)? {
        let place = opened.place(at).ok_or("no such pixel")?;
        let samples = opened
            .values
            .get(place..place + opened.shape[3])
            .ok_or("no such pixel")?;
        let got: Vec<f64> = match samples {
            [stored] => {
                let colours = palette["colours"].as_array().ok_or("grey where colours are")?;
                let first = palette["first"].as_f64().unwrap_or(0.0);
                let index = (stored - first).clamp(0.0, colours.len() as f64 - 1.0) as usize;
                let colour = colours[index].as_array().cloned().unwrap_or_default();
                colour.iter().filter_map(Value::as_f64).map(|v| v / 257.0).collect()
            }
            [y, b, r, ..] if ybr => {
                let (b, r) = (b - 128.0, r - 128.0);
                let mixed = [y + 1.402 * r, y - 0.344136 * b - 0.714136 * r, y + 1.772 * b];
                mixed.map(|v| v.clamp(0.0, 255.0)).to_vec()
            }
            [r, g, b, ..] => vec![r * full, g * full, b * full],
            _ => return Err("two samples a pixel".into()),
        };
        let alike = |(number, got): (usize, &f64)| near(*got, &want[number], tolerance);
        if !got.iter().enumerate().all(alike) {
            return Ok(Some(format!("{got:?} at {at:?}, not {want}")));
        }
    }
    Ok(None)
}

fn windows(opened: &Opened, check: &Value) -> Verdict {
    let told = |of: &Value| -> Vec<(Option<f64>, Option<f64>, Value)> {
        let all = of.as_array().cloned().unwrap_or_default();
        let one = |w: &Value| (w["center"].as_f64(), w["width"].as_f64(), w["name"].clone());
        all.iter().map(one).collect()
    };
    let (got, want) = (told(&opened.image()["windows"]), told(&check["list"]));
    Ok((got != want).then(|| format!("{got:?}, not {want:?}")))
}

fn statistics(opened: &Opened, check: &Value) -> Verdict {
    let frame = check["frame"].as_u64().unwrap_or(0) as usize;
    let got = &opened.json["statistics"][frame];
    if check["count"] == 0 {
        return Ok((got["count"] != 0).then(|| format!("statistics of nothing: {got}")));
    }
    let part = check["tolerance_relative"].as_f64().unwrap_or(0.0);
    for name in ["min", "max", "mean"] {
        let want = check[name].as_f64().ok_or("no value to compare with")?;
        let seen = got[name].as_f64().ok_or("no statistics")?;
        if (seen - want).abs() > want.abs().max(1.0) * part {
            return Ok(Some(format!("{name} {seen}, not {want}")));
        }
    }
    Ok(None)
}

/// Row and column spacing in millimetres.
fn millimetres(opened: &Opened) -> Option<[f64; 2]> {
    let both = &opened.image()["pixel_spacing_mm"];
    Some([both[0].as_f64()?, both[1].as_f64()?])
}

fn rests_on(opened: &Opened, check: &Value) -> Option<String> {
    let words = check["words"].as_array()?;
    let basis = opened.image()["pixel_spacing_basis"].as_str().unwrap_or_default();
    let said = words.iter().filter_map(Value::as_str).any(|word| basis.contains(word));
    (!said).then(|| format!("rests on '{basis}', not on one of {words:?}"))
}

fn spacing(opened: &Opened, check: &Value) -> Verdict {
    let got = millimetres(opened);
    let want = &check["mm"];
    match got {
        None if want.is_null() || check["or_none"] == true => Ok(None),
        Some([down, across]) if near(down, &want[0], 1e-6) && near(across, &want[1], 1e-6) => {
            Ok(rests_on(opened, check))
        }
        other => Ok(Some(format!("{other:?}, not {want}"))),
    }
}

fn aspect(opened: &Opened, check: &Value) -> Verdict {
    let told = opened.image()["pixel_aspect"].as_f64();
    let got = told
        .or_else(|| millimetres(opened).map(|[down, across]| down / across))
        .ok_or("no shape is told")?;
    Ok((!near(got, &check["height_over_width"], 1e-6)).then(|| format!("height over width {got}")))
}

fn regions(opened: &Opened, check: &Value) -> Verdict {
    same(&opened.image()["regions"], &check["list"])
}

fn length(opened: &Opened, check: &Value) -> Verdict {
    let end = |name: &str| {
        let end = &check[name];
        end[0].as_f64().zip(end[1].as_f64()).ok_or("a length without an end")
    };
    let ((y0, x0), (y1, x1)) = (end("from")?, end("to")?);
    let pixels = ((y1 - y0).hypot(x1 - x0), "px".to_owned());
    let regions = opened.image()["regions"].as_array().cloned().unwrap_or_default();
    let holds = |region: &&Value| {
        let edge = |name: &str| region[name].as_f64().unwrap_or(-1.0);
        [(y0, x0), (y1, x1)]
            .iter()
            .all(|(y, x)| *x >= edge("x0") && *x <= edge("x1") && *y >= edge("y0") && *y <= edge("y1"))
    };
    let (got, unit) = match (regions.iter().find(holds), millimetres(opened)) {
        (Some(region), _) => {
            let delta = |name: &str| region[name].as_f64().unwrap_or(f64::NAN);
            let (dx, dy) = ((x1 - x0) * delta("delta_x"), (y1 - y0) * delta("delta_y"));
            let unit = if dy == 0.0 {
                &region["unit_x"]
            } else {
                &region["unit_y"]
            };
            match unit.as_str().unwrap_or_default() {
                "cm" => (dx.hypot(dy) * 10.0, "mm".to_owned()),
                other => (dx.hypot(dy), other.to_owned()),
            }
        }
        (None, Some([down, across])) if regions.is_empty() => {
            (((y1 - y0) * down).hypot((x1 - x0) * across), "mm".to_owned())
        }
        _ => pixels,
    };
    let part = check["tolerance_relative"].as_f64().unwrap_or(0.0);
    let want = check["value"].as_f64().ok_or("a length without a value")?;
    if check["unit"] != unit.as_str() || (got - want).abs() > want.max(1.0) * part {
        return Ok(Some(format!("{got} {unit}, not {want} {}", check["unit"])));
    }
    Ok(rests_on(opened, check))
}

fn flat(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(parts) => parts.iter().flat_map(flat).collect(),
        one => one.as_f64().into_iter().collect(),
    }
}

fn by_frame(opened: &Opened, name: &str, want: &Value, tolerance: f64) -> Verdict {
    let frames = opened.json["header"]["frames"]
        .as_array()
        .ok_or("nothing is told by frame")?;
    let got: Vec<f64> = frames.iter().flat_map(|frame| flat(&frame[name])).collect();
    let want = flat(want);
    let alike = got.len() == want.len() && got.iter().zip(&want).all(|(a, b)| (a - b).abs() <= tolerance);
    Ok((!alike).then(|| format!("{got:?}, not {want:?}")))
}

fn frame_order(opened: &Opened, check: &Value) -> Verdict {
    let got = flat(&opened.json["header"]["frame_order"]);
    let want = flat(&check["order"]);
    let turned: Vec<f64> = want.iter().rev().copied().collect();
    Ok((got != want && got != turned).then(|| format!("{got:?}, not {want:?}")))
}

fn overlay(opened: &Opened, check: &Value) -> Verdict {
    let planes = check["planes"].as_array().ok_or("no planes to compare with")?;
    let got = opened.image()["overlays"].as_array().cloned().unwrap_or_default();
    if got.len() != planes.len() {
        return Ok(Some(format!("{} planes, not {}", got.len(), planes.len())));
    }
    let [_, _, cols, _] = opened.shape;
    let (plain, drawn) = (opened.greys(0, None, false)?, opened.greys(0, None, true)?);
    let at = |greys: &[u8], point: &Value| {
        let place = point[0]
            .as_u64()
            .zip(point[1].as_u64())
            .ok_or("a point without a place")?;
        let grey = greys.get(place.0 as usize * cols + place.1 as usize).copied();
        grey.ok_or("no such pixel")
    };
    for (got, want) in got.iter().zip(planes) {
        for name in ["group", "rows", "cols", "origin", "set"] {
            if got[name] != want[name] {
                return Ok(Some(format!("{name} {}, not {}", got[name], want[name])));
            }
        }
        for point in want["on"].as_array().into_iter().flatten() {
            if at(&drawn, point)? != 255 {
                return Ok(Some(format!("{point} is not drawn")));
            }
        }
        // Another plane may cover what this one leaves.
        for point in want["off"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|_| planes.len() == 1)
        {
            if at(&drawn, point)? != at(&plain, point)? {
                return Ok(Some(format!("{point} is drawn")));
            }
        }
    }
    Ok(None)
}

fn shutter(opened: &Opened, check: &Value) -> Verdict {
    let [_, _, cols, _] = opened.shape;
    let greys = opened.greys(0, None, false)?;
    let at = |point: &Value| {
        let place = point[0].as_u64().zip(point[1].as_u64())?;
        greys.get(place.0 as usize * cols + place.1 as usize).copied()
    };
    let outside = check["outside"].as_array().cloned().unwrap_or_default();
    let seen = outside
        .iter()
        .find(|point| at(point).map(u64::from) != check["value_outside"].as_u64());
    if let Some(point) = seen {
        return Ok(Some(format!("{point} is not hidden")));
    }
    let told = opened.image()["shutter"].is_object();
    Ok((told == outside.is_empty()).then(|| format!("a shutter is told: {told}")))
}

fn field(opened: &Opened, check: &Value) -> Verdict {
    let path = check["path"].as_str().ok_or("no path")?;
    let got = path.split('.').fold(&opened.json["header"], |value, name| &value[name]);
    same(got, &check["value"])
}

fn told(opened: &Opened, check: &Value) -> Verdict {
    let notes = opened.json["notes"].to_string().to_lowercase();
    let words = check["words"].as_array().ok_or("no words")?;
    let said = words
        .iter()
        .filter_map(Value::as_str)
        .any(|word| notes.contains(&word.to_lowercase()));
    Ok((!said).then(|| format!("none of {words:?} is said in {notes}")))
}
