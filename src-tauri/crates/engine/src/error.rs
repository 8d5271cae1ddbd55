//! What can go wrong between a frame and its analysis.

use domain::{Failure, FailureCode};

/// What failed, the offending value and what to do; never a patient's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct EngineError {
    /// For whoever acts on it.
    pub code: FailureCode,
    /// For a person.
    pub message: String,
}

impl EngineError {
    /// An error with its message.
    pub fn new(code: FailureCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }
}

impl From<domain::room::NoRoom> for EngineError {
    fn from(error: domain::room::NoRoom) -> Self {
        Self::new(FailureCode::OutOfMemory, error.to_string())
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        Self::new(error.code, error.message)
    }
}
