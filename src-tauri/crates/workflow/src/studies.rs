//! `list` and `show`: what the vault holds. Looking at a study is audited.

use domain::{Permission, Uid};
use records::{StudyRecord, StudySort};

use crate::error::Failure;
use crate::permit::permit;
use crate::time::now;
use crate::vault::OpenVault;
use crate::wire::{
    AnalysisWire, InstanceWire, ReviewWire, SignOffWire, StoredAnalysisWire, StudyListWire, StudyRowWire, StudyWire,
    instant,
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

pub fn list_studies(open: &mut OpenVault, request: &ListRequest) -> Result<StudyListWire, Failure> {
    permit(&open.session, Permission::ViewRecords)?;
    let sort = match request.order {
        StudyOrder::Suspicion => StudySort::Suspicion,
        StudyOrder::Date => StudySort::Date,
        StudyOrder::Name => StudySort::Name,
    };
    let rows = open.vault.list_studies(sort, request.find.as_deref())?;
    let studies = rows
        .into_iter()
        .map(|row| StudyRowWire {
            study_instance_uid: row.study_instance_uid.to_string(),
            patient_id: row.patient_id,
            patient_name: row.patient_name,
            date: row.date,
            modality: row.modality,
            state: row.state.as_str().to_owned(),
            score: row.score,
            flagged: row.flagged,
        })
        .collect();
    Ok(StudyListWire { studies })
}

pub fn show_study(open: &mut OpenVault, uid: &str) -> Result<StudyWire, Failure> {
    permit(&open.session, Permission::ViewRecords)?;
    let record = find(open, uid)?;
    open.vault
        .note_access(&open.session, &record.study.study_instance_uid, now())?;
    Ok(wire(&record))
}

/// The study's record; the error names the UID that was asked for.
pub fn find(open: &OpenVault, uid: &str) -> Result<StudyRecord, Failure> {
    let uid = Uid::parse(uid).map_err(|error| Failure::usage(error.to_string()))?;
    open.vault.study(&uid)?.ok_or_else(|| {
        Failure::new(
            "not_found",
            format!("there is no study {uid} in the vault; 'overread list' shows them"),
        )
    })
}

fn wire(record: &StudyRecord) -> StudyWire {
    let uid = &record.study.study_instance_uid;
    let newest = record.analyses.iter().filter(|analysis| analysis.newest);
    StudyWire {
        study_instance_uid: uid.to_string(),
        state: record.state.as_str().to_owned(),
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
                imported_at: instant(instance.imported_at),
                imported_by: instance.imported_by.clone(),
            })
            .collect(),
        analyses: newest
            .map(|stored| StoredAnalysisWire {
                analysis: AnalysisWire::of(stored.analysis.sop_instance_uid.to_string(), &stored.analysis, None),
                analysed_at: instant(stored.analysed_at),
                analysed_by: stored.analysed_by.clone(),
                reviews: stored
                    .findings
                    .iter()
                    .filter_map(|f| f.standing())
                    .map(ReviewWire::from)
                    .collect(),
            })
            .collect(),
        sign_off: record.sign_off.as_ref().map(|sign_off| SignOffWire::of(uid, sign_off)),
    }
}
