//! Pages, frames, dates, and where a volume lies in the patient.

use overread_tests::Outcome;
use serde_json::Value;

use super::imported::has_one;
use super::opened::Opened;

type Verdict = Outcome<Option<String>>;

fn notes(opened: &Opened) -> String {
    opened.json["notes"].to_string()
}

/// All pages are frames, or the rest is told.
pub fn pages(opened: &Opened, check: &Value) -> Verdict {
    let [frames, ..] = opened.shape;
    let all = check["count"].as_u64() == Some(frames as u64);
    let told = notes(opened).contains("page");
    Ok((!all && !told).then(|| format!("{frames} of {} pages, and nothing is said", check["count"])))
}

/// What is whole is shown, and where it is not what is declared, that is said.
pub fn frames(opened: &Opened, check: &Value) -> Verdict {
    let [frames, ..] = opened.shape;
    let shown = check["shown"].as_u64() == Some(frames as u64);
    let told = has_one(&notes(opened), &check["words"]);
    let as_declared = check["declared"] == check["shown"];
    Ok((!(told || shown && as_declared)).then(|| format!("{frames} frames; {}", notes(opened))))
}

/// What is no date is never given as one.
pub fn date(opened: &Opened, check: &Value) -> Verdict {
    let path = check["path"].as_str().ok_or("no path")?;
    let got = path.split('.').fold(&opened.json["header"], |value, name| &value[name]);
    let given = got.is_string() && *got == check["written"];
    Ok((given != (check["valid"] == true)).then(|| format!("{path} is {got}")))
}

struct Place {
    position: Vec<f64>,
    orientation: Vec<f64>,
    spacing: Vec<f64>,
}

fn place(opened: &Opened) -> Outcome<Place> {
    let numbers = |name: &str| -> Vec<f64> {
        let list = opened.image()[name].as_array().into_iter().flatten();
        list.filter_map(Value::as_f64).collect()
    };
    let place = Place {
        position: numbers("position_mm"),
        orientation: numbers("orientation"),
        spacing: numbers("pixel_spacing_mm"),
    };
    let whole = (place.position.len(), place.orientation.len(), place.spacing.len()) == (3, 6, 2);
    if whole {
        Ok(place)
    } else {
        Err("no position, orientation or spacing".into())
    }
}

pub fn geometry(opened: &Opened, check: &Value) -> Verdict {
    let place = place(opened)?;
    let got = [place.position, place.orientation, place.spacing].concat();
    let want: Vec<f64> = ["position_mm_lps", "orientation", "spacing_mm"]
        .iter()
        .flat_map(|name| check[*name].as_array().into_iter().flatten())
        .filter_map(Value::as_f64)
        .collect();
    let alike = got.len() == want.len() && got.iter().zip(&want).all(|(a, b)| (a - b).abs() < 1e-3);
    Ok((!alike).then(|| format!("{got:?}, not {want:?}")))
}

/// The value at a point of the patient (LPS, millimetres), in one of the slices.
pub fn patient_point(opened: &Opened, check: &Value) -> Verdict {
    let place = place(opened)?;
    let point: Vec<f64> = check["lps"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_f64)
        .collect();
    let from: Vec<f64> = point.iter().zip(&place.position).map(|(a, b)| a - b).collect();
    let along = |axis: &[f64], step: f64| (axis.iter().zip(&from).map(|(a, b)| a * b).sum::<f64>() / step).round();
    let (row_axis, column_axis) = place.orientation.split_at(3);
    let (x, y) = (along(row_axis, place.spacing[1]), along(column_axis, place.spacing[0]));
    let [frames, rows, cols, _] = opened.shape;
    if x < 0.0 || y < 0.0 || x >= cols as f64 || y >= rows as f64 {
        return Ok(Some(format!("the point lies outside, at row {y}, column {x}")));
    }
    let seen: Vec<f64> = (0..frames)
        .filter_map(|frame| opened.values.get(opened.place([frame, y as usize, x as usize])?))
        .copied()
        .collect();
    let want = check["value"].as_f64().ok_or("no value")?;
    Ok((!seen.contains(&want)).then(|| format!("{seen:?} there, not {want}")))
}
