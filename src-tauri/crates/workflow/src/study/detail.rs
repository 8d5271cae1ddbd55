//! A study's record in the window's words.

use std::collections::BTreeMap;

use domain::geometry::diameter_mm;
use domain::{FrameRef, Header, InputVerdict as Verdict, Plane, Reading as Stored, Series, Sides, SourceFormat, Stack};
use records::{AnalysisRecord, FindingRecord, InstanceRecord, StudyRecord};

use contract::rfc3339;
use contract::window::{
    AnalysisWire, Annotation, FindingWire, InputVerdict, InputWire, InstanceWire, MillisecondsWire, PatientWire,
    Reading, ReportForm, ReviewWire, Sentence, SeriesWire, SignOffWire, SliceWire, StudyDetail, StudyHead, StudyState,
    WindowWire, WorklistRow,
};

pub fn detail(
    record: StudyRecord,
    hidden: bool,
    reading: Option<Stored>,
    priors: Vec<WorklistRow>,
    drafts: &BTreeMap<String, String>,
) -> StudyDetail {
    let uid = record.study.study_instance_uid.clone();
    let slices = record.stacks.iter().flat_map(|stack| &stack.slices);
    let planes: BTreeMap<&FrameRef, &Plane> = slices.map(|slice| (&slice.at, &slice.plane)).collect();
    let spacing = |stored: &AnalysisRecord| {
        let at = FrameRef {
            sop_instance_uid: stored.analysis.sop_instance_uid.clone(),
            frame: stored.analysis.frame,
        };
        planes.get(&at).and_then(|plane| plane.pixel_spacing_mm)
    };
    let newest = record.analyses.iter().filter(|stored| stored.newest && !hidden);
    StudyDetail {
        study_instance_uid: uid.to_string(),
        state: StudyState::of((!hidden).then_some(record.state)),
        analyses: newest.map(|stored| analysis(stored, spacing(stored), drafts)).collect(),
        lesions: if hidden { Vec::new() } else { record.lesions() },
        hidden,
        series: all_series(&record),
        patient: PatientWire {
            patient_id: record.patient.patient_id,
            patient_name: record.patient.patient_name,
            birth_date: record.patient.birth_date,
            sex: record.patient.sex,
        },
        study: StudyHead {
            date: record.study.date,
            time: record.study.time,
            accession_number: record.study.accession_number,
            description: record.study.description,
            referring_physician: record.study.referring_physician,
            patient_age: record.study.patient_age,
        },
        annotations: record.annotations.iter().map(Annotation::from).collect(),
        form: record.form.as_ref().map(ReportForm::from).unwrap_or_default(),
        reading: reading.map(Reading::from),
        sign_off: record.sign_off.as_ref().map(|sign_off| SignOffWire {
            study_instance_uid: uid.to_string(),
            reader: sign_off.reader.clone(),
            signed_at: rfc3339(sign_off.signed_at),
            content_sha256: sign_off.content_sha256.clone(),
        }),
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
        series_instance_uid: series.series_instance_uid.to_string(),
        modality: series.modality.clone(),
        number: series.number,
        description: series.description.clone(),
        protocol_name: series.protocol_name.clone(),
        body_part_examined: series.body_part_examined.clone(),
        view_position: series.view_position.clone(),
        manufacturer: series.manufacturer.clone(),
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
    let window = |window: &domain::Window| WindowWire {
        center: window.center,
        width: window.width,
    };
    Some(SliceWire {
        sop_instance_uid: slice.at.sop_instance_uid.to_string(),
        frame: slice.at.frame,
        name: stack.name(place),
        unit: plane.unit.clone(),
        windows: plane.windows.iter().map(window).collect(),
        pixel_spacing_mm: plane.pixel_spacing_mm,
        position_mm: plane.position_mm,
        orientation: plane.orientation,
        sides: plane.orientation.as_ref().map(Sides::of),
        slice_thickness_mm: plane.slice_thickness_mm,
    })
}

fn instance(stored: &InstanceRecord) -> InstanceWire {
    let Header { instance, image, .. } = &stored.header;
    InstanceWire {
        sop_instance_uid: instance.sop_instance_uid.to_string(),
        number: instance.number,
        file_name: stored.original_file_name.clone(),
        format: format_word(instance.format).to_owned(),
        bytes: stored.bytes,
        content_sha256: stored.content_sha256.clone(),
        imported_at: rfc3339(stored.imported_at),
        imported_by: stored.imported_by.clone(),
        frames: image.frames,
        no_picture: stored.header.no_picture().as_ref().map(Sentence::from),
        rows: image.rows,
        cols: image.cols,
        samples: image.samples,
        photometric_interpretation: image.photometric_interpretation.clone(),
        bits_stored: image.bits_stored.into(),
        lossy: image.lossy,
        sop_class_uid: instance.sop_class_uid.as_ref().map(ToString::to_string),
    }
}

fn format_word(format: SourceFormat) -> &'static str {
    match format {
        SourceFormat::Dicom => "dicom",
        SourceFormat::Png => "png",
        SourceFormat::Jpeg => "jpeg",
        SourceFormat::Tiff => "tiff",
        SourceFormat::Bmp => "bmp",
    }
}

fn analysis(stored: &AnalysisRecord, spacing_mm: Option<[f64; 2]>, drafts: &BTreeMap<String, String>) -> AnalysisWire {
    let analysis = &stored.analysis;
    let ms = analysis.milliseconds;
    AnalysisWire {
        sop_instance_uid: analysis.sop_instance_uid.to_string(),
        frame: analysis.frame,
        bundle: analysis.model.bundle.clone(),
        version: analysis.model.version.clone(),
        weights_sha256: analysis.model.weights_sha256.clone(),
        input: InputWire {
            verdict: match analysis.input.verdict {
                Verdict::InRange => InputVerdict::InRange,
                Verdict::OutOfRange => InputVerdict::OutOfRange,
                Verdict::Unknown => InputVerdict::Unknown,
            },
            reason: analysis.input.reason.as_ref().map(Sentence::from),
            score: analysis.input.score,
        },
        score: analysis.score.map(domain::Score::value),
        flagged: analysis.flagged,
        operating_point: (&analysis.operating_point).into(),
        findings: stored
            .findings
            .iter()
            .map(|one| finding(one, spacing_mm, drafts))
            .collect(),
        has_map: stored.map_file.is_some(),
        device: analysis.device.to_string(),
        precision: analysis.precision.as_str().to_owned(),
        milliseconds: MillisecondsWire {
            decode: ms.decode,
            preprocess: ms.preprocess,
            infer: ms.infer,
            post: ms.post,
            total: ms.total,
        },
        analysed_at: rfc3339(stored.analysed_at),
        analysed_by: stored.analysed_by.clone(),
    }
}

fn finding(stored: &FindingRecord, spacing_mm: Option<[f64; 2]>, drafts: &BTreeMap<String, String>) -> FindingWire {
    let finding = &stored.finding;
    let region = &finding.region;
    let bounds = region.bounds;
    FindingWire {
        id: finding.id.clone(),
        label: finding.label.clone(),
        score: finding.score.value(),
        bounds: [bounds.x, bounds.y, bounds.width, bounds.height],
        peak: [region.peak.x, region.peak.y],
        area_px: region.area_px,
        area_mm2: region.area_mm2,
        diameter_mm: spacing_mm.map(|spacing| diameter_mm(&region.outlines, spacing)),
        outlines: region.outlines.clone(),
        review: stored.standing().map(ReviewWire::from),
        note_draft: drafts.get(&finding.id).cloned(),
    }
}
