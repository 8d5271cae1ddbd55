//! `report`: a study's report to a file. The export is audited with the file's hash.

mod form;

pub use form::save_form;

use std::collections::BTreeMap;
use std::path::Path;

use decode::{Source, Urgency, Wanted};
use domain::grey::{Marks, Shown};
use domain::{
    Decoded, Failure, FailureCode, FormText, FrameRef, KeyImage, Permission, ReportFormat, ReportSnapshot,
    ReportedAnalysis, ReportedFinding, Ruler, Score,
};
use engine::bundle::sha256_hex;
use records::{AnalysisRecord, InstanceRecord, Op, StudyRecord};

use crate::decoders::decoders;
use crate::files::{keep_out_of_vaults, stage};
use crate::find::{find, parse_uid};
use crate::permit::permit;
use crate::pixels::read_map;
use crate::read_first::require_opinion;
use crate::time::{day, now};
use crate::vault::OpenVault;
use contract::terminal::ReportWire;
use contract::window::OfferedFormat;

/// Images beyond this make a report longer, not clearer.
const MOST_KEY_IMAGES: usize = 6;

pub fn report(open: &mut OpenVault, study: &str, format: ReportFormat, out: &Path) -> Result<ReportWire, Failure> {
    permit(&open.session, Permission::Export)?;
    keep_out_of_vaults(out)?;
    let uid = parse_uid(study)?;
    require_opinion(open, &uid)?;
    let record = find(open, &uid)?;
    let snapshot = snapshot(open, &record, Urgency::Work)?;
    let bytes = report::render(&snapshot, format)?;
    let sha256 = sha256_hex(&bytes);
    // On the disk before its audit row, under its name after it: neither stands without the other.
    let staged = stage(out, &bytes)?;
    open.vault
        .transact(&open.session, Op::DataExport { study: uid.clone() }, now(), |tx| {
            tx.record_export(&uid, format, &sha256)
        })?;
    staged.publish()?;
    Ok(ReportWire {
        study_instance_uid: uid.to_string(),
        format,
        file: out.to_owned(),
        bytes: bytes.len() as u64,
        sha256,
    })
}

/// The formats with the words that a person chooses by.
pub fn report_formats() -> Vec<OfferedFormat> {
    let title = |format: ReportFormat| match format {
        ReportFormat::Pdf => "Report (PDF/A)",
        ReportFormat::Csv => "Findings as a table (CSV)",
        ReportFormat::Png => "Key images (PNG)",
    };
    ReportFormat::ALL
        .iter()
        .map(|&format| OfferedFormat {
            id: format,
            extension: format.as_str().to_owned(),
            title: title(format).to_owned(),
        })
        .collect()
}

/// The PDF as it would be exported at this moment; nothing leaves the vault, so that it is audited
/// as a look at the study.
pub fn report_preview(open: &mut OpenVault, study: &str) -> Result<Vec<u8>, Failure> {
    permit(&open.session, Permission::ViewRecords)?;
    let uid = parse_uid(study)?;
    require_opinion(open, &uid)?;
    let record = find(open, &uid)?;
    let bytes = report::render(&snapshot(open, &record, Urgency::Screen)?, ReportFormat::Pdf)?;
    open.vault.note_access(&open.session, &uid, now())?;
    Ok(bytes)
}

pub(crate) fn snapshot(open: &OpenVault, record: &StudyRecord, urgency: Urgency) -> Result<ReportSnapshot, Failure> {
    let instances: BTreeMap<_, _> = record
        .instances
        .iter()
        .map(|stored| (&stored.header.instance.sop_instance_uid, stored))
        .collect();
    // In the record's order: a series after the other.
    let newest = record.analyses.iter().filter(|stored| stored.newest);
    let analyses = newest.filter_map(|stored| {
        let InstanceRecord { header, facts, .. } = instances.get(&stored.analysis.sop_instance_uid)?;
        Some(ReportedAnalysis {
            analysis: stored.analysis.clone(),
            series_instance_uid: header.series.series_instance_uid.clone(),
            instance_number: header.instance.number,
            ruler: Ruler::of_frame(header, facts, stored.analysis.frame),
            analysed_at: stored.analysed_at,
            findings: findings(stored),
        })
    });
    let form = record.form.as_ref().map(|form| form.text.clone()).unwrap_or_default();
    Ok(ReportSnapshot {
        patient: record.patient.clone(),
        study: record.study.clone(),
        state: record.state,
        series: record.series.clone(),
        instance_count: record.instances.len() as u32,
        picture_count: record.instances.iter().filter(|i| i.header.holds_picture()).count() as u32,
        analyses: analyses.collect(),
        lesions: record.lesions(),
        notes: record.notes(),
        doubts: record.doubts(day),
        measurements: record.measurements(),
        pictures_not_analysed: record.images_not_analysed(),
        key_images: key_images(open, record, &form, urgency)?,
        key_images_chosen: !form.key_images.is_empty(),
        form,
        sign_off: record.sign_off.clone(),
        prepared_by: open.session.user.clone(),
        prepared_at: now(),
        app_version: env!("CARGO_PKG_VERSION").to_owned(),
    })
}

fn findings(stored: &AnalysisRecord) -> Vec<ReportedFinding> {
    stored
        .findings
        .iter()
        .map(|f| ReportedFinding {
            finding: f.finding.clone(),
            review: f.standing().cloned(),
        })
        .collect()
}

/// A frame without a score stands below each that has one, be it 0.
fn by_score(a: Option<Score>, b: Option<Score>) -> std::cmp::Ordering {
    let (a, b) = (a.map(Score::value), b.map(Score::value));
    match (a, b) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        _ => a.is_some().cmp(&b.is_some()),
    }
}

/// The reader's choice; else the frames with findings, highest score first; without any, the frame
/// with the highest score.
fn key_images(
    open: &OpenVault,
    record: &StudyRecord,
    form: &FormText,
    urgency: Urgency,
) -> Result<Vec<KeyImage>, Failure> {
    let mut newest: Vec<&AnalysisRecord> = record.analyses.iter().filter(|stored| stored.newest).collect();
    let place = |stored: &&AnalysisRecord| FrameRef {
        sop_instance_uid: stored.analysis.sop_instance_uid.clone(),
        frame: stored.analysis.frame,
    };
    let chosen: Vec<(FrameRef, Option<&AnalysisRecord>)> = if form.key_images.is_empty() {
        newest.sort_by(|a, b| by_score(b.analysis.score, a.analysis.score));
        let with_findings = newest.iter().filter(|stored| !stored.findings.is_empty()).count();
        newest.truncate(with_findings.clamp(1, MOST_KEY_IMAGES));
        newest.iter().map(|stored| (place(stored), Some(*stored))).collect()
    } else {
        let of = |key: &FrameRef| newest.iter().find(|stored| place(stored) == *key).copied();
        form.key_images.iter().map(|key| (key.clone(), of(key))).collect()
    };
    chosen
        .into_iter()
        .map(|(frame, stored)| key_image(open, record, &frame, stored, urgency))
        .collect()
}

fn key_image(
    open: &OpenVault,
    record: &StudyRecord,
    chosen: &FrameRef,
    stored: Option<&AnalysisRecord>,
    urgency: Urgency,
) -> Result<KeyImage, Failure> {
    let uid = &chosen.sop_instance_uid;
    let instance = record
        .instances
        .iter()
        .find(|instance| instance.header.instance.sop_instance_uid == *uid)
        .ok_or_else(|| {
            Failure::new(
                FailureCode::VaultDamaged,
                format!("the key image's instance {uid} is not in the vault"),
            )
        })?;
    let content = open.vault.read_file(&instance.file_id)?;
    let one = Wanted::Frames(chosen.frame..chosen.frame.saturating_add(1));
    let decoded: Decoded = decoders()?.ask(Source::Bytes(&content), &one, urgency)?;
    let shown = Shown::of(&decoded, 0)?;
    let mut greys = shown.greys()?;
    domain::grey::put_marks_on(&mut greys, &decoded, 0, Marks::Both);
    let colours = match shown {
        Shown::Grey(_) => None,
        Shown::Colour(mut rgb) => {
            domain::grey::put_marks_on(&mut rgb, &decoded, 0, Marks::Both);
            Some(rgb)
        }
    };
    let size = (decoded.pixels.rows, decoded.pixels.cols);
    let map = match stored.and_then(|stored| stored.map_file.as_ref()) {
        Some(file) => Some(read_map(&open.vault.read_file(file)?, size, urgency)?),
        None => None,
    };
    Ok(KeyImage {
        series_instance_uid: instance.header.series.series_instance_uid.clone(),
        sop_instance_uid: uid.clone(),
        frame: chosen.frame,
        instance_number: instance.header.instance.number,
        rows: decoded.pixels.rows,
        cols: decoded.pixels.cols,
        grey: greys,
        colours,
        findings: stored.map(findings).unwrap_or_default(),
        map,
        pixel_aspect: decoded.plane(0).aspect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_without_a_score_stands_below_one_with_a_score_of_0() -> Result<(), Box<dyn std::error::Error>> {
        let score = |value: f32| Score::try_from(value).map(Some);
        let mut all = vec![None, score(0.0)?, score(0.9)?, None, score(0.1)?];
        all.sort_by(|a, b| by_score(*b, *a));
        assert_eq!(all, [score(0.9)?, score(0.1)?, score(0.0)?, None, None]);
        Ok(())
    }
}
