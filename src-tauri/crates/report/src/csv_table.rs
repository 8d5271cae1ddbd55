//! The CSV: one row for each finding, and one for each analysis without findings.

use domain::{Analysis, Decision, InputVerdict, ReportSnapshot, ReportedAnalysis, ReportedFinding};

use crate::ReportError;
use crate::words::rfc3339;

/// Column names, in order; they stay stable, for scripts read them. Coordinates are pixels of the
/// original frame; `frame` counts from 0 and `frame_number` from 1, as people and DICOM do; times are RFC 3339 in UTC.
const COLUMNS: [&str; 58] = [
    "patient_id",
    "patient_name",
    "patient_birth_date",
    "patient_sex",
    "study_instance_uid",
    "study_date",
    "accession_number",
    "study_state",
    "sop_instance_uid",
    "instance_number",
    "frame",
    "input_verdict",
    "input_reason",
    "image_score",
    "flagged",
    "finding_number",
    "finding_id",
    "label",
    "score",
    "box_x",
    "box_y",
    "box_width",
    "box_height",
    "peak_x",
    "peak_y",
    "area_px",
    "area_mm2",
    "decision",
    "changed_label",
    "reader",
    "decided_at",
    "note",
    "bundle",
    "model_version",
    "weights_sha256",
    "operating_point",
    "threshold",
    "sensitivity",
    "specificity",
    "operating_point_set",
    "device",
    "precision",
    "analysed_at",
    "analysis_app_version",
    "signed_by",
    "signed_at",
    "content_sha256",
    "prepared_by",
    "prepared_at",
    "app_version",
    "model_signing_key",
    "says",
    "outlined",
    "width_mm",
    "height_mm",
    "size_rests_on",
    "images_not_analysed",
    "frame_number",
];

/// The report as CSV (RFC 4180: CRLF, quotes where needed), UTF-8 without a byte order mark.
pub fn csv_table(snapshot: &ReportSnapshot) -> Result<Vec<u8>, ReportError> {
    let mut bytes = Vec::new();
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(&mut bytes);
    writer.write_record(COLUMNS)?;
    let mut number = 0;
    for reported in &snapshot.analyses {
        if reported.findings.is_empty() {
            writer.write_record(row(snapshot, reported, None))?;
        }
        for finding in &reported.findings {
            number += 1;
            writer.write_record(row(snapshot, reported, Some((number, finding))))?;
        }
    }
    writer.flush().map_err(csv::Error::from)?;
    drop(writer);
    Ok(bytes)
}

fn row(
    snapshot: &ReportSnapshot,
    reported: &ReportedAnalysis,
    finding: Option<(usize, &ReportedFinding)>,
) -> Vec<String> {
    let mut cells = study_cells(snapshot).to_vec();
    cells.extend(frame_cells(reported));
    cells.extend(finding.map_or_else(
        || vec![String::new(); 17],
        |(number, reported)| finding_cells(number, reported),
    ));
    cells.extend(model_cells(&reported.analysis));
    cells.push(rfc3339(reported.analysed_at));
    cells.push(text(&reported.analysis.app_version));
    let signed = snapshot.sign_off.as_ref();
    cells.push(signed.map_or_else(String::new, |s| text(&s.reader)));
    cells.push(signed.map_or_else(String::new, |s| rfc3339(s.signed_at)));
    cells.push(signed.map_or_else(String::new, |s| text(&s.content_sha256)));
    cells.extend([
        text(&snapshot.prepared_by),
        rfc3339(snapshot.prepared_at),
        text(&snapshot.app_version),
        reported
            .analysis
            .signer
            .map_or_else(String::new, |signer| signer.as_str().into()),
        reported.analysis.says().as_str().into(),
        reported.analysis.outlined().to_string(),
    ]);
    let bounds = finding.map(|(_, finding)| finding.finding.region.bounds);
    let scale = bounds.and_then(|bounds| Some((bounds, reported.ruler.at(&bounds)?)));
    let [width, height] = scale
        .map(|(bounds, scale)| scale.extent_mm(&bounds))
        .map_or([None; 2], |both| both.map(Some));
    cells.extend([number(width), number(height)]);
    let basis = scale.and_then(|(_, scale)| scale.basis);
    cells.push(basis.map_or_else(String::new, |basis| basis.as_str().into()));
    cells.push(snapshot.pictures_not_analysed.to_string());
    cells.push((u64::from(reported.analysis.frame) + 1).to_string());
    cells
}

fn study_cells(snapshot: &ReportSnapshot) -> [String; 8] {
    let (patient, study) = (&snapshot.patient, &snapshot.study);
    [
        text(&patient.patient_id),
        text(&patient.patient_name),
        optional_text(&patient.birth_date),
        optional_text(&patient.sex),
        text(study.study_instance_uid.as_str()),
        optional_text(&study.date),
        optional_text(&study.accession_number),
        snapshot.state.as_str().into(),
    ]
}

fn frame_cells(reported: &ReportedAnalysis) -> [String; 7] {
    let analysis = &reported.analysis;
    let verdict = match analysis.input.verdict {
        InputVerdict::InRange => "in_range",
        InputVerdict::OutOfRange => "out_of_range",
        InputVerdict::Unknown => "unknown",
    };
    [
        text(analysis.sop_instance_uid.as_str()),
        number(reported.instance_number),
        analysis.frame.to_string(),
        verdict.into(),
        optional_text(&analysis.input.reason.as_ref().map(ToString::to_string)),
        number(analysis.score.map(|score| score.value())),
        analysis.flagged().to_string(),
    ]
}

fn finding_cells(finding_number: usize, reported: &ReportedFinding) -> Vec<String> {
    let (finding, region) = (&reported.finding, &reported.finding.region);
    let review = reported.review.as_ref();
    let changed_label = match review.map(|review| &review.decision) {
        Some(Decision::Changed { label }) => text(label),
        _ => String::new(),
    };
    let mut cells = vec![finding_number.to_string(), text(&finding.id), text(&finding.label)];
    cells.push(finding.score.value().to_string());
    let (bounds, peak) = (region.bounds, region.peak);
    let places = [
        bounds.x,
        bounds.y,
        bounds.width,
        bounds.height,
        peak.x,
        peak.y,
        region.area_px,
    ];
    cells.extend(places.iter().map(u32::to_string));
    cells.push(number(region.area_mm2));
    cells.push(review.map_or("not_reviewed", |review| review.decision.as_str()).into());
    cells.push(changed_label);
    cells.push(review.map_or_else(String::new, |review| text(&review.reader)));
    cells.push(review.map_or_else(String::new, |review| rfc3339(review.decided_at)));
    cells.push(review.map_or_else(String::new, |review| optional_text(&review.note)));
    cells
}

fn model_cells(analysis: &Analysis) -> [String; 10] {
    let (model, point) = (&analysis.model, &analysis.operating_point);
    [
        text(&model.bundle),
        text(&model.version),
        text(&model.weights_sha256),
        text(&point.name),
        point.threshold.to_string(),
        point.sensitivity.value.to_string(),
        number(point.specificity.map(|estimate| estimate.value)),
        text(&point.set_sentence()),
        analysis.device.to_string(),
        analysis.precision.as_str().into(),
    ]
}

fn number<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

fn optional_text(value: &Option<String>) -> String {
    value.as_deref().map_or_else(String::new, text)
}

/// A text cell that no spreadsheet takes for a formula (OWASP, "CSV Injection"): an apostrophe stands
/// before = + - @ (also in full width), TAB, CR and LF. NUL, which ends the file for many readers,
/// becomes its symbol U+2400; CRLF and CR within a cell become LF.
fn text(value: &str) -> String {
    let value = value
        .replace("\r\n", "\n")
        .replace('\r', "\n")
        .replace('\0', "\u{2400}");
    let acts = |c: char| matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '\t' | '\n');
    let first_seen = value.trim_start_matches([' ', '\u{a0}', '\u{feff}', '\u{200b}']);
    if first_seen.starts_with(acts) {
        format!("'{value}")
    } else {
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_a_spreadsheet_would_run_is_defused() {
        for bad in [
            "=1+1",
            "+1",
            "-1",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "\n=1",
            "  =1",
            "＝1",
            "=cmd|' /C calc'!A0",
        ] {
            assert!(text(bad).starts_with('\''), "{bad:?} was left as {:?}", text(bad));
        }
        for good in ["Doe^Jane", "1.2.3", "a=b", "a-b", "", "'quoted'"] {
            assert_eq!(text(good), good);
        }
    }

    #[test]
    fn nul_and_line_ends_are_tamed() {
        assert_eq!(text("a\0b\r\nc\rd"), "a\u{2400}b\nc\nd");
    }
}
