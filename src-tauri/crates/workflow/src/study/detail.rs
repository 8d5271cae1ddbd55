//! A study's record in the window's words.

use std::collections::BTreeMap;

use domain::geometry::diameter_mm;
use domain::{Header, ImageAttributes, Plane, Reading, Series, StudyState, WorklistRow};
use records::{AnalysisRecord, FindingRecord, InstanceRecord, StudyRecord};

use contract::window::{AnalysisWire, FindingWire, InstanceWire, SeriesWire, StudyDetail};

pub fn detail(
    record: StudyRecord,
    hidden: bool,
    reading: Option<Reading>,
    priors: Vec<WorklistRow>,
    drafts: &BTreeMap<String, String>,
) -> StudyDetail {
    let spacing = |stored: &AnalysisRecord| {
        let of =
            |instance: &&InstanceRecord| instance.header.instance.sop_instance_uid == stored.analysis.sop_instance_uid;
        let instance = record.instances.iter().find(of);
        instance.and_then(|instance| instance.header.image.pixel_spacing_mm)
    };
    let newest = record.analyses.iter().filter(|stored| stored.newest && !hidden);
    StudyDetail {
        study_instance_uid: record.study.study_instance_uid.clone(),
        state: if hidden { StudyState::Unread } else { record.state },
        analyses: newest.map(|stored| analysis(stored, spacing(stored), drafts)).collect(),
        hidden,
        series: all_series(&record),
        patient: record.patient,
        study: record.study,
        annotations: record.annotations,
        form: record.form,
        reading,
        sign_off: record.sign_off,
        priors,
    }
}

/// The images alone: nothing of the patient, the findings or the report.
pub fn all_series(record: &StudyRecord) -> Vec<SeriesWire> {
    record.series.iter().map(|one| series(one, &record.instances)).collect()
}

fn series(series: &Series, instances: &[InstanceRecord]) -> SeriesWire {
    SeriesWire {
        series: series.clone(),
        instances: instances
            .iter()
            .filter(|one| one.header.series.series_instance_uid == series.series_instance_uid)
            .map(instance)
            .collect(),
    }
}

fn instance(stored: &InstanceRecord) -> InstanceWire {
    let Header { instance, image, .. } = &stored.header;
    InstanceWire {
        instance: instance.clone(),
        image: ImageAttributes {
            palette: None,
            ..image.clone()
        },
        file_name: stored.original_file_name.clone(),
        bytes: stored.bytes,
        content_sha256: stored.content_sha256.clone(),
        imported_at: stored.imported_at,
        imported_by: stored.imported_by.clone(),
        no_picture: stored.header.no_picture(),
        unit: Plane::of_header(&stored.header).unit,
    }
}

fn analysis(stored: &AnalysisRecord, spacing_mm: Option<[f64; 2]>, drafts: &BTreeMap<String, String>) -> AnalysisWire {
    let analysis = &stored.analysis;
    let findings = stored
        .findings
        .iter()
        .map(|one| finding(one, spacing_mm, drafts))
        .collect();
    AnalysisWire {
        reason: analysis.input.reason.clone(),
        analysis: analysis.clone().with_findings(findings),
        has_map: stored.map_file.is_some(),
        analysed_at: stored.analysed_at,
        analysed_by: stored.analysed_by.clone(),
    }
}

fn finding(stored: &FindingRecord, spacing_mm: Option<[f64; 2]>, drafts: &BTreeMap<String, String>) -> FindingWire {
    let finding = &stored.finding;
    FindingWire {
        diameter_mm: spacing_mm.map(|spacing| diameter_mm(&finding.region.outlines, spacing)),
        review: stored.standing().cloned(),
        note_draft: drafts.get(&finding.id).cloned(),
        finding: finding.clone(),
    }
}
