//! What can go wrong while a set is written.

use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum SamplesError {
    #[error("'{path}' exists and is not a sample of ours; choose another folder or move the file away")]
    Foreign { path: PathBuf },
    #[error("cannot {action} '{path}': {source}; check the folder's permissions and the free space")]
    Io {
        action: &'static str,
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("cannot encode the sample '{file}': {reason}; report this with the version of the program")]
    Encode { file: String, reason: String },
    #[error("'{path}' is not a manifest of samples: {source}; write the set again")]
    Manifest { path: PathBuf, source: serde_json::Error },
}

impl From<SamplesError> for domain::Failure {
    fn from(error: SamplesError) -> Self {
        Self::new(domain::FailureCode::SamplesFailed, error.to_string())
    }
}
