use domain::{Failure, FailureCode};
use serde::{Deserialize, Serialize};

/// Why a file did not become a picture: a code, and one sentence for a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{message}")]
pub struct DecodeError {
    /// What a caller acts on.
    pub code: FailureCode,
    /// One English sentence for a person: what is wrong, and what to do.
    pub message: String,
}

impl DecodeError {
    /// An error with a code and its sentence.
    pub fn new(code: FailureCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// What the file says contradicts itself or its format.
    pub fn corrupt(message: impl Into<String>) -> Self {
        Self::new(FailureCode::Corrupt, message)
    }

    /// The file ends before what it declares.
    pub fn truncated(message: impl Into<String>) -> Self {
        Self::new(FailureCode::Truncated, message)
    }

    /// A variant of a known format that is not read.
    pub fn unsupported(message: impl Into<String>) -> Self {
        Self::new(FailureCode::Unsupported, message)
    }

    /// More is declared than [`crate::Limits`] allow.
    pub fn limit(message: impl Into<String>) -> Self {
        Self::new(FailureCode::LimitExceeded, message)
    }

    /// The operating system's refusal for `what`, such as "the file scan.dcm".
    pub fn io(what: &str, error: &std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::NotFound => Self::new(
                FailureCode::FileNotFound,
                format!("{what} does not exist; check the path"),
            ),
            std::io::ErrorKind::PermissionDenied => Self::new(
                FailureCode::PermissionDenied,
                format!("{what} may not be read by this user; change its permissions or copy it"),
            ),
            _ => Self::new(FailureCode::Io, format!("{what} could not be read: {error}")),
        }
    }
}

impl From<DecodeError> for Failure {
    fn from(error: DecodeError) -> Self {
        Self::new(error.code, error.message)
    }
}
