use domain::{Failure, FailureCode};
use serde::{Deserialize, Serialize};

/// Why a file did not become a picture: a code, and one sentence for a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{message}")]
pub struct DecodeError {
    pub code: FailureCode,
    pub message: String,
}

impl DecodeError {
    pub fn new(code: FailureCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    pub fn corrupt(message: impl Into<String>) -> Self {
        Self::new(FailureCode::Corrupt, message)
    }

    pub fn truncated(message: impl Into<String>) -> Self {
        Self::new(FailureCode::Truncated, message)
    }

    pub fn unsupported(message: impl Into<String>) -> Self {
        Self::new(FailureCode::Unsupported, message)
    }

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
