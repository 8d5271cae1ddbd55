//! Manifest text to cases, with every problem that the text alone can show.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use csv::StringRecord;
use domain::kind::{age_of, view_of};
use domain::{Stated, StatedSequence};

use super::{Case, Problem, Problems};
use crate::LearnError;

const REQUIRED: [&str; 4] = ["file", "label", "anomaly", "split"];
const SUBGROUPS: [&str; 4] = ["institution", "subtype", "source", "modality"];
/// A manifest of a million rows stays below this.
const BYTES_MAX: u64 = 512 << 20;

/// The manifest's folder, absolute and free of links.
pub(super) fn folder(manifest: &Path) -> Result<PathBuf, LearnError> {
    let parent = match manifest.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    parent.canonicalize().map_err(|e| unreadable(manifest, &e.to_string()))
}

pub(super) fn parse(manifest: &Path) -> Result<(Vec<Case>, Problems), LearnError> {
    let folder = folder(manifest)?;
    let text = text(manifest)?;
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let headers = reader
        .headers()
        .map_err(|e| unreadable(manifest, &e.to_string()))?
        .clone();
    let mut problems = Problems::default();
    let Some(columns) = Columns::find(&headers, &mut problems) else {
        return Ok((Vec::new(), problems));
    };
    let mut cases = Vec::new();
    let mut groups = Vec::new();
    for record in reader.records() {
        match record {
            Ok(record) => {
                if let Some(case) = row(&folder, &columns, &record, headers.len(), &mut problems) {
                    groups.push(columns.text(&record, "group_id").map(str::to_owned));
                    cases.push(case);
                }
            }
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                problems.push(Problem::Row {
                    line,
                    reason: error.to_string(),
                });
            }
        }
    }
    if cases.is_empty() && problems.is_empty() {
        problems.push(Problem::NoRows);
    }
    find_duplicates(&cases, &mut problems);
    find_leakage(&cases, &groups, &mut problems);
    Ok((cases, problems))
}

fn unreadable(manifest: &Path, reason: &str) -> LearnError {
    LearnError::ManifestUnreadable {
        path: manifest.to_owned(),
        reason: reason.to_owned(),
    }
}

fn text(manifest: &Path) -> Result<String, LearnError> {
    let file = std::fs::File::open(manifest).map_err(|e| unreadable(manifest, &e.to_string()))?;
    let mut bytes = Vec::new();
    file.take(BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| unreadable(manifest, &e.to_string()))?;
    if bytes.len() as u64 > BYTES_MAX {
        return Err(unreadable(manifest, "it is larger than 512 MiB"));
    }
    let text = String::from_utf8(bytes).map_err(|_| unreadable(manifest, "it is not UTF-8 text"))?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// Where each known column stands.
struct Columns(BTreeMap<String, usize>);

impl Columns {
    fn find(headers: &StringRecord, problems: &mut Problems) -> Option<Self> {
        let mut at = BTreeMap::new();
        for (index, name) in headers.iter().enumerate() {
            at.entry(name.to_owned()).or_insert(index);
        }
        for name in REQUIRED.into_iter().filter(|name| !at.contains_key(*name)) {
            problems.push(Problem::MissingColumn(name.to_owned()));
        }
        if !at.contains_key("patient_id") && !at.contains_key("group_id") {
            problems.push(Problem::MissingColumn("patient_id' or 'group_id".to_owned()));
        }
        problems.is_empty().then_some(Self(at))
    }

    /// The cell, or `None` when the column does not exist or the cell is empty.
    fn text<'a>(&self, record: &'a StringRecord, column: &str) -> Option<&'a str> {
        record.get(*self.0.get(column)?).filter(|cell| !cell.is_empty())
    }
}

fn row(folder: &Path, columns: &Columns, record: &StringRecord, width: usize, problems: &mut Problems) -> Option<Case> {
    let line = record.position().map_or(0, csv::Position::line);
    if record.len() != width {
        problems.push(Problem::CellCount {
            line,
            got: record.len(),
            expected: width,
        });
        return None;
    }
    let before = problems.count();
    for column in REQUIRED
        .into_iter()
        .filter(|column| columns.text(record, column).is_none())
    {
        problems.push(Problem::EmptyCell { line, column });
    }
    let anomaly = flag(columns, record, "anomaly", line, problems);
    let core = flag(columns, record, "core", line, problems);
    let adjacent = flag(columns, record, "adjacent_to_lesion", line, problems);
    let lesion_px = columns.text(record, "lesion_px").and_then(|cell| {
        let count = cell.parse().ok();
        if count.is_none() {
            problems.push(cell_problem(line, "lesion_px", cell, "a count"));
        }
        count
    });
    let stated = stated(columns, record, line, problems);
    let sha256 = columns.text(record, "sha256").map(str::to_ascii_lowercase);
    if let Some(text) = sha256.as_ref().filter(|text| !is_sha256(text)) {
        problems.push(cell_problem(line, "sha256", text, "64 hex digits"));
    }
    let name = columns.text(record, "file")?;
    let file = inside(folder, name, line, problems);
    let mask = columns
        .text(record, "mask")
        .map(|mask| inside(folder, mask, line, problems));
    if problems.count() > before {
        return None;
    }
    let patient = columns
        .text(record, "patient_id")
        .or(columns.text(record, "group_id"))
        .unwrap_or(name);
    let groups = SUBGROUPS
        .iter()
        .filter_map(|column| columns.text(record, column).map(|value| format!("{column}={value}")))
        .collect();
    Some(Case {
        line,
        name: name.to_owned(),
        file: file?,
        mask: mask.flatten(),
        label: columns.text(record, "label")?.to_owned(),
        anomaly: anomaly?,
        split: columns.text(record, "split")?.into(),
        patient: patient.to_owned(),
        subset: columns.text(record, "subset").map(str::to_owned),
        core,
        adjacent_to_lesion: adjacent.unwrap_or(false),
        sha256,
        lesion_px,
        stated,
        groups,
    })
}

/// What the manifest says of the image where its file is silent.
fn stated(columns: &Columns, record: &StringRecord, line: u64, problems: &mut Problems) -> Stated {
    let age_years = columns.text(record, "age").and_then(|cell| {
        let age = age_of(cell).ok();
        if age.is_none() {
            problems.push(cell_problem(line, "age", cell, "an age in years above 0 and up to 120"));
        }
        age
    });
    let view = columns.text(record, "view").and_then(|cell| {
        let view = view_of(cell).ok();
        if view.is_none() {
            problems.push(cell_problem(line, "view", cell, "a view, such as PA, AP or LL"));
        }
        view
    });
    Stated {
        sequence: columns.text(record, "sequence").map(StatedSequence::of_words),
        age_years,
        view,
        ..Stated::default()
    }
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn cell_problem(line: u64, column: &'static str, value: &str, expected: &'static str) -> Problem {
    Problem::Cell {
        line,
        column,
        value: value.chars().take(80).collect(),
        expected,
    }
}

fn flag(
    columns: &Columns,
    record: &StringRecord,
    column: &'static str,
    line: u64,
    problems: &mut Problems,
) -> Option<bool> {
    let cell = columns.text(record, column)?;
    match cell.to_ascii_lowercase().as_str() {
        "1" | "true" => Some(true),
        "0" | "false" => Some(false),
        _ => {
            problems.push(cell_problem(line, column, cell, "0 or 1"));
            None
        }
    }
}

/// The absolute path of a cell; only plain downward paths are taken.
fn inside(folder: &Path, cell: &str, line: u64, problems: &mut Problems) -> Option<PathBuf> {
    let relative = Path::new(cell);
    let downward = relative
        .components()
        .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if !downward || cell.contains('\0') {
        problems.push(Problem::PathLeavesFolder {
            line,
            path: cell.chars().take(200).collect(),
        });
        return None;
    }
    // Components drop `./`, so that two spellings of one file are seen as one.
    let plain: PathBuf = relative
        .components()
        .filter(|part| matches!(part, Component::Normal(_)))
        .collect();
    Some(folder.join(plain))
}

fn find_duplicates(cases: &[Case], problems: &mut Problems) {
    let mut seen: BTreeMap<&Path, u64> = BTreeMap::new();
    let mut contents: BTreeMap<&str, &Case> = BTreeMap::new();
    for case in cases {
        if let Some(first) = seen.get(case.file.as_path()) {
            problems.push(Problem::DuplicateFile {
                first: *first,
                second: case.line,
                file: case.name.clone(),
            });
            continue;
        }
        seen.insert(&case.file, case.line);
        let Some(sha256) = &case.sha256 else { continue };
        let first = *contents.entry(sha256).or_insert(case);
        if first.split != case.split {
            problems.push(Problem::SameContent {
                first: first.line,
                second: case.line,
                first_split: first.split.to_string(),
                second_split: case.split.to_string(),
            });
        }
    }
}

/// A patient, or a group of near-duplicates, lies in one split only. Told once per patient and pair of splits.
fn find_leakage(cases: &[Case], groups: &[Option<String>], problems: &mut Problems) {
    let mut patients: BTreeMap<&str, BTreeMap<&str, u64>> = BTreeMap::new();
    let mut near_duplicates: BTreeMap<&str, BTreeMap<&str, u64>> = BTreeMap::new();
    for (case, group) in cases.iter().zip(groups) {
        patients
            .entry(&case.patient)
            .or_default()
            .entry(case.split.as_str())
            .or_insert(case.line);
        if let Some(group) = group.as_deref().filter(|group| *group != case.patient) {
            near_duplicates
                .entry(group)
                .or_default()
                .entry(case.split.as_str())
                .or_insert(case.line);
        }
    }
    for splits in patients.values().chain(near_duplicates.values()) {
        let mut by_line: Vec<(u64, &str)> = splits.iter().map(|(split, line)| (*line, *split)).collect();
        by_line.sort_unstable();
        for pair in by_line.windows(2) {
            problems.push(Problem::PatientInTwoSplits {
                first: pair[0].0,
                second: pair[1].0,
                first_split: pair[0].1.to_owned(),
                second_split: pair[1].1.to_owned(),
            });
        }
    }
}
