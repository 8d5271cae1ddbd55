//! What can go wrong between a frame and its analysis.

use domain::{Failure, FailureCode};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct EngineError {
    pub code: FailureCode,
    pub message: String,
}

impl EngineError {
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
