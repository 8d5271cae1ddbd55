//! What a person does to the vault, each with the audit event of DICOM PS3.15 A.5.3 that it is.

use domain::{AuditDeed, Outcome, Session, Timestamp, Uid};

use crate::audit::Entry;

/// One user action. The audit row takes its name, subject and outcome from here; what was changed
/// is added by the changes themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Op {
    VaultCreate,
    UserAuthentication,
    /// Written by [`crate::Vault::open`] for attempts that failed before.
    AuthenticationFailure,
    /// The subject is the study when all instances belong to one.
    DataImport,
    Analyze {
        study: Uid,
    },
    Review {
        finding_id: String,
    },
    /// Words on a finding were saved before the decision on it.
    NoteDraft {
        finding_id: String,
    },
    SignOff {
        study: Uid,
    },
    /// The report form was saved.
    ReportForm {
        study: Uid,
    },
    /// A person said whose a study is.
    PatientChange {
        study: Uid,
    },
    /// A person said what the images of a study are.
    Statement {
        study: Uid,
    },
    Annotate {
        study: Uid,
    },
    /// A reader gave an own opinion before the model's answer was shown.
    Opinion {
        study: Uid,
    },
    DataExport {
        study: Uid,
    },
    InstancesAccessed {
        study: Uid,
    },
    ModelChange {
        bundle: String,
    },
    JobChange,
    FilterChange,
    /// What holds for everybody in the vault was decided on.
    PolicyChange,
    AuditLogUsed,
    /// The whole vault was copied, encrypted as it is.
    Backup,
    /// An administrator took the records as they are although the anchor does not vouch for them.
    RestoredAccepted,
}

impl Op {
    /// (event, own name, EventActionCode).
    pub(crate) fn words(&self) -> (&'static str, &'static str, &'static str) {
        match self {
            Op::VaultCreate => ("Application Activity", "vault_create", "C"),
            Op::UserAuthentication => ("User Authentication", "user_authentication", "E"),
            Op::AuthenticationFailure => ("User Authentication", "authentication_failure", "E"),
            Op::DataImport => ("Data Import", "data_import", "C"),
            Op::Analyze { .. } => ("Procedure Record", "analyze", "C"),
            Op::Review { .. } => ("Procedure Record", "review", "U"),
            Op::NoteDraft { .. } => ("Procedure Record", "note_draft", "U"),
            Op::SignOff { .. } => ("Procedure Record", "sign_off", "U"),
            Op::ReportForm { .. } => ("Procedure Record", "report_form", "U"),
            Op::PatientChange { .. } => ("Patient Record", "patient_change", "U"),
            Op::Statement { .. } => ("Procedure Record", "statement", "U"),
            Op::Annotate { .. } => ("Procedure Record", "annotate", "U"),
            Op::Opinion { .. } => ("Procedure Record", "opinion", "C"),
            Op::DataExport { .. } => ("Data Export", "data_export", "R"),
            Op::InstancesAccessed { .. } => ("DICOM Instances Accessed", "instances_accessed", "R"),
            Op::ModelChange { .. } => ("Security Alert", "model_change", "U"),
            Op::JobChange => ("Application Activity", "job_change", "E"),
            Op::FilterChange => ("Application Activity", "filter_change", "U"),
            Op::PolicyChange => ("Security Alert", "policy_change", "U"),
            Op::Backup => ("Data Export", "backup", "R"),
            Op::AuditLogUsed => ("Audit Log Used", "audit_log_used", "R"),
            Op::RestoredAccepted => ("Security Alert", "restored_accepted", "E"),
        }
    }

    pub(crate) fn subject(&self) -> Option<&str> {
        match self {
            Op::Analyze { study }
            | Op::SignOff { study }
            | Op::ReportForm { study }
            | Op::PatientChange { study }
            | Op::Statement { study }
            | Op::Annotate { study }
            | Op::Opinion { study }
            | Op::DataExport { study }
            | Op::InstancesAccessed { study } => Some(study.as_str()),
            Op::Review { finding_id } | Op::NoteDraft { finding_id } => Some(finding_id),
            Op::ModelChange { bundle } => Some(bundle),
            Op::VaultCreate
            | Op::UserAuthentication
            | Op::AuthenticationFailure
            | Op::DataImport
            | Op::JobChange
            | Op::FilterChange
            | Op::PolicyChange
            | Op::Backup
            | Op::RestoredAccepted
            | Op::AuditLogUsed => None,
        }
    }

    pub(crate) fn outcome(&self) -> Outcome {
        match self {
            Op::AuthenticationFailure => Outcome::MinorFailure,
            _ => Outcome::Success,
        }
    }

    /// The audit row of it, before its place in the chain; `detail` is JSON.
    pub(crate) fn entry<'a>(
        &self,
        actor: &'a Session,
        at: Timestamp,
        subject: Option<&'a str>,
        detail: &'a str,
    ) -> Entry<'a> {
        let (event, op, action) = self.words();
        Entry {
            deed: AuditDeed {
                at,
                user: &actor.user,
                role: actor.role.as_str(),
                event,
                op,
                action,
                subject,
            },
            outcome: self.outcome(),
            detail,
        }
    }
}
