//! At the door to a shell every room's error becomes a code and a sentence.

use domain::Permission;
use serde::Serialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    Failed,
    WrongUsage,
    NotPermitted,
}

/// What failed, the offending value and what to do; never a patient's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    #[serde(skip)]
    pub kind: FailureKind,
    pub code: String,
    pub message: String,
}

impl Failure {
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self {
            kind: FailureKind::Failed,
            code: code.to_owned(),
            message: message.into(),
        }
    }

    pub fn usage(message: impl Into<String>) -> Self {
        Self {
            kind: FailureKind::WrongUsage,
            code: "wrong_usage".into(),
            message: message.into(),
        }
    }

    pub fn not_permitted(user: &str, role: &str, permission: Permission) -> Self {
        Self {
            kind: FailureKind::NotPermitted,
            code: "not_permitted".into(),
            message: format!(
                "the user '{user}' ({role}) may not {}; ask an administrator of this vault",
                permission.in_words()
            ),
        }
    }
}

impl From<decode::DecodeError> for Failure {
    fn from(error: decode::DecodeError) -> Self {
        Self::new(error.code.as_str(), error.message)
    }
}

impl From<engine::EngineError> for Failure {
    fn from(error: engine::EngineError) -> Self {
        Self::new(error.code.as_str(), error.message)
    }
}

impl From<records::Error> for Failure {
    fn from(error: records::Error) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

impl From<learn::LearnError> for Failure {
    fn from(error: learn::LearnError) -> Self {
        Self::new("bad_data", error.to_string())
    }
}

impl From<report::ReportError> for Failure {
    fn from(error: report::ReportError) -> Self {
        match error {
            report::ReportError::NoRoom(no_room) => no_room.into(),
            other => Self::new("report_failed", other.to_string()),
        }
    }
}

impl From<samples::SamplesError> for Failure {
    fn from(error: samples::SamplesError) -> Self {
        Self::new("samples_failed", error.to_string())
    }
}

impl From<domain::GreyError> for Failure {
    fn from(error: domain::GreyError) -> Self {
        match error {
            domain::GreyError::NoRoom(no_room) => no_room.into(),
            other => Self::new("bad_input", other.to_string()),
        }
    }
}

impl From<domain::room::NoRoom> for Failure {
    fn from(error: domain::room::NoRoom) -> Self {
        Self::new("out_of_memory", error.to_string())
    }
}
