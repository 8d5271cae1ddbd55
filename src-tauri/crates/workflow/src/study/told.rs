//! `list` and `show`: what the vault holds. Looking at a study is audited.

use std::collections::BTreeMap;

use domain::{
    Analysis, Failure, FrameRef, Permission, Ruler, Slab, Slice, StudyState, Uid, WorklistColumn, WorklistRow,
};
use records::{InstanceRecord, StudyRecord, WorklistQuery};

use crate::find::{find, parse_uid};
use crate::permit::permit;
use crate::read_first::look_at;
use crate::time::day;
use crate::vault::OpenVault;
use contract::measurements::MeasurementWire;
use contract::rfc3339;
use contract::stacks::{StackSliceWire, StackWire};
use contract::terminal::{
    AnalysisWire, InstanceWire, ReviewWire, SignOffWire, StandingWire, StoredAnalysisWire, StudyListWire, StudyRowWire,
    StudyWire,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StudyOrder {
    Suspicion,
    Date,
    Name,
}

pub struct ListRequest {
    pub order: StudyOrder,
    pub find: Option<String>,
}

/// What the vault's policy hides from the reader stands in no row and decides no order.
pub fn list_studies(open: &mut OpenVault, request: &ListRequest) -> Result<StudyListWire, Failure> {
    permit(&open.session, Permission::ViewRecords)?;
    let (by, descending) = match request.order {
        StudyOrder::Suspicion => (WorklistColumn::Suspicion, true),
        StudyOrder::Date => (WorklistColumn::Date, true),
        StudyOrder::Name => (WorklistColumn::Name, false),
    };
    let list = open.vault.worklist(&WorklistQuery {
        by,
        descending,
        find: request.find.as_deref().unwrap_or_default(),
        states: &[],
        modalities: &[],
        date_from: None,
        date_to: None,
        reader: &open.session.user,
    })?;
    let unsigned = open.vault.studies_by_unsigned_models()?;
    let rows = open.vault.worklist_rows(&list.rows, &open.session.user)?;
    // What is hidden is not said to be otherwise either.
    let told = |row: &WorklistRow| row.state != StudyState::Unread;
    let studies = rows
        .into_iter()
        .map(|row| StudyRowWire {
            unsigned: told(&row) && unsigned.contains(&row.study_instance_uid),
            standing: StandingWire {
                state: row.state,
                score: row.score,
                flagged: told(&row).then_some(row.flagged),
                outlined: told(&row).then_some(row.outlined),
                images_not_analysed: told(&row).then_some(row.images_not_analysed),
            },
            study_instance_uid: row.study_instance_uid.to_string(),
            patient_id: row.patient.patient_id,
            patient_name: row.patient.patient_name,
            date: row.date,
            modality: row.modality,
        })
        .collect();
    Ok(StudyListWire { studies })
}

pub fn show_study(open: &mut OpenVault, study: &str) -> Result<StudyWire, Failure> {
    permit(&open.session, Permission::ViewRecords)?;
    let uid = parse_uid(study)?;
    let hidden = look_at(open, &uid)?;
    Ok(wire(&find(open, &uid)?, hidden))
}

fn analysis(record: &StudyRecord, stored: &Analysis) -> AnalysisWire {
    let of = |one: &&InstanceRecord| one.header.instance.sop_instance_uid == stored.sop_instance_uid;
    let ruler = record
        .instances
        .iter()
        .find(of)
        .map(|one| Ruler::of_frame(&one.header, &one.facts, stored.frame));
    AnalysisWire::of(
        stored.sop_instance_uid.to_string(),
        stored,
        &ruler.unwrap_or_default(),
        None,
    )
}

/// What of each series lies together.
fn stacks(record: &StudyRecord) -> Vec<StackWire> {
    let by_uid: BTreeMap<&Uid, &InstanceRecord> = record
        .instances
        .iter()
        .map(|one| (&one.header.instance.sop_instance_uid, one))
        .collect();
    let made = |at: &FrameRef| {
        let of = by_uid.get(&at.sop_instance_uid);
        of.map(|one| one.facts.acquisition_of(at.frame)).unwrap_or_default()
    };
    let name = |uid: &Uid| {
        let of = by_uid.get(uid).and_then(|one| one.original_file_name.clone());
        of.unwrap_or_else(|| uid.to_string())
    };
    let wire = |series: &Uid, slab: Slab| {
        let mut files: Vec<&Uid> = slab.slices.iter().map(|slice| &slice.at.sop_instance_uid).collect();
        files.dedup();
        let depths = slab.along_normal_mm.iter().copied().map(Some);
        let depths = depths.chain(std::iter::repeat(None));
        StackWire {
            series_instance_uid: series.to_string(),
            files: files.into_iter().map(name).collect(),
            slices: slab.slices.iter().zip(depths).map(slice).collect(),
            laid: slab.laid,
            volume: slab.no_volume.is_none(),
            not_a_volume: slab.no_volume,
        }
    };
    let stacks = record.stacks.iter().flat_map(|stack| {
        let slabs = stack.slabs(made).into_iter();
        slabs.map(move |slab| (&stack.series_instance_uid, slab))
    });
    stacks.map(|(series, slab)| wire(series, slab)).collect()
}

fn slice((slice, along_normal_mm): (&Slice, Option<f64>)) -> StackSliceWire {
    StackSliceWire {
        at: slice.at.clone(),
        along_normal_mm,
    }
}

fn wire(record: &StudyRecord, hidden: bool) -> StudyWire {
    let uid = &record.study.study_instance_uid;
    let newest = record.analyses.iter().filter(|analysis| analysis.newest && !hidden);
    StudyWire {
        study_instance_uid: uid.to_string(),
        state: if hidden { StudyState::Unread } else { record.state },
        hidden,
        images: record.images(),
        images_not_analysed: (!hidden).then(|| record.images_not_analysed()),
        patient: record.patient.clone(),
        study: record.study.clone(),
        series: record.series.clone(),
        instances: record
            .instances
            .iter()
            .map(|instance| InstanceWire {
                sop_instance_uid: instance.header.instance.sop_instance_uid.to_string(),
                series_instance_uid: instance.header.series.series_instance_uid.to_string(),
                number: instance.header.instance.number,
                file_name: instance.original_file_name.clone(),
                content_sha256: instance.content_sha256.clone(),
                bytes: instance.bytes,
                imported_at: rfc3339(instance.imported_at),
                imported_by: instance.imported_by.clone(),
            })
            .collect(),
        stacks: stacks(record),
        analyses: newest
            .map(|stored| StoredAnalysisWire {
                analysis: analysis(record, &stored.analysis),
                analysed_at: rfc3339(stored.analysed_at),
                analysed_by: stored.analysed_by.clone(),
                reviews: stored
                    .findings
                    .iter()
                    .filter_map(|f| f.standing())
                    .map(ReviewWire::from)
                    .collect(),
            })
            .collect(),
        lesions: if hidden { Vec::new() } else { record.lesions() },
        measurements: record.measurements().iter().map(MeasurementWire::from).collect(),
        notes: record.notes(),
        doubts: record.doubts(day),
        sign_off: record.sign_off.as_ref().map(|sign_off| SignOffWire::of(uid, sign_off)),
    }
}
