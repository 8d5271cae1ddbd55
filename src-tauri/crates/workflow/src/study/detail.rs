//! A study's record in the window's words.

use std::collections::BTreeMap;

use domain::geometry::diameter_mm;
use domain::{
    FrameRef, Header, ImageAttributes, Reading, Ruler, Series, Sides, Slice, Stack, StudyState, WorklistRow, summary,
};
use records::{AnalysisRecord, FindingRecord, InstanceRecord, StudyRecord};

use super::patient::patient_open;
use crate::time::day;
use contract::window::{AnalysisWire, FindingWire, InstanceWire, SeriesWire, SliceWire, StudyDetail};

pub fn detail(
    record: StudyRecord,
    hidden: bool,
    reading: Option<Reading>,
    priors: Vec<WorklistRow>,
    drafts: &BTreeMap<String, String>,
) -> StudyDetail {
    let slices = record.stacks.iter().flat_map(|stack| &stack.slices);
    let places: BTreeMap<&FrameRef, &Slice> = slices.map(|slice| (&slice.at, slice)).collect();
    let ruler = |stored: &AnalysisRecord| {
        let at = FrameRef {
            sop_instance_uid: stored.analysis.sop_instance_uid.clone(),
            frame: stored.analysis.frame,
        };
        places.get(&at).map(|slice| slice.ruler()).unwrap_or_default()
    };
    let newest = record.analyses.iter().filter(|stored| stored.newest && !hidden);
    let analyses: Vec<AnalysisWire> = newest.map(|stored| analysis(stored, &ruler(stored), drafts)).collect();
    StudyDetail {
        summary: summary(&analyses.iter().map(|one| &one.analysis).collect::<Vec<_>>()),
        notes: record.notes(),
        doubts: record.doubts(day),
        patient_open: patient_open(&record),
        study_instance_uid: record.study.study_instance_uid.clone(),
        state: if hidden { StudyState::Unread } else { record.state },
        analyses,
        lesions: if hidden { Vec::new() } else { record.lesions() },
        hidden,
        images: record.images(),
        images_not_analysed: if hidden { 0 } else { record.images_not_analysed() },
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
    let both = record.series.iter().zip(&record.stacks);
    both.map(|(one, stack)| series(one, stack, &record.instances)).collect()
}

fn series(series: &Series, stack: &Stack, instances: &[InstanceRecord]) -> SeriesWire {
    SeriesWire {
        series: series.clone(),
        instances: instances
            .iter()
            .filter(|one| one.header.series.series_instance_uid == series.series_instance_uid)
            .map(instance)
            .collect(),
        slices: (0..stack.slices.len())
            .filter_map(|place| slice(stack, place))
            .collect(),
    }
}

fn slice(stack: &Stack, place: usize) -> Option<SliceWire> {
    let slice = stack.slices.get(place)?;
    let plane = &slice.plane;
    Some(SliceWire {
        sop_instance_uid: slice.at.sop_instance_uid.clone(),
        frame: slice.at.frame,
        name: stack.name(place),
        unit: plane.unit.clone(),
        windows: plane.windows.clone(),
        pixel_spacing_mm: plane.pixel_spacing_mm,
        pixel_spacing_basis: plane.pixel_spacing_basis,
        pixel_aspect: plane.pixel_aspect,
        regions: slice.regions.clone(),
        laterality: plane.laterality.clone(),
        position_mm: plane.position_mm,
        orientation: plane.orientation,
        sides: plane.orientation.as_ref().map(Sides::of),
        slice_thickness_mm: plane.slice_thickness_mm,
    })
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
        notes: stored.facts.notes.clone(),
    }
}

fn analysis(stored: &AnalysisRecord, ruler: &Ruler, drafts: &BTreeMap<String, String>) -> AnalysisWire {
    let analysis = &stored.analysis;
    let findings = stored.findings.iter().map(|one| finding(one, ruler, drafts)).collect();
    AnalysisWire {
        reason: analysis.input.reason.clone(),
        says: analysis.says(),
        flagged: analysis.flagged(),
        outlined: analysis.outlined(),
        analysis: analysis.clone().with_findings(findings),
        has_map: stored.map_file.is_some(),
        analysed_at: stored.analysed_at,
        analysed_by: stored.analysed_by.clone(),
    }
}

fn finding(stored: &FindingRecord, ruler: &Ruler, drafts: &BTreeMap<String, String>) -> FindingWire {
    let finding = &stored.finding;
    FindingWire {
        diameter_mm: ruler
            .at(&finding.region.bounds)
            .map(|scale| diameter_mm(&finding.region.outlines, scale.spacing_mm)),
        review: stored.standing().cloned(),
        note_draft: drafts.get(&finding.id).cloned(),
        finding: finding.clone(),
    }
}
