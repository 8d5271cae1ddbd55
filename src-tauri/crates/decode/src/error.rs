use serde::{Deserialize, Serialize};

/// What a caller can act on. Written in snake case (`limit_exceeded`) wherever it leaves the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecodeCode {
    FileNotFound,
    PermissionDenied,
    NoScans,
    EmptyFile,
    UnknownFormat,
    Truncated,
    LimitExceeded,
    OutOfMemory,
    Unsupported,
    Corrupt,
    DecoderDied,
    TimedOut,
    DecoderMissing,
    Io,
}

impl DecodeCode {
    pub fn as_str(self) -> &'static str {
        match self {
            DecodeCode::FileNotFound => "file_not_found",
            DecodeCode::PermissionDenied => "permission_denied",
            DecodeCode::NoScans => "no_scans",
            DecodeCode::EmptyFile => "empty_file",
            DecodeCode::UnknownFormat => "unknown_format",
            DecodeCode::Truncated => "truncated",
            DecodeCode::LimitExceeded => "limit_exceeded",
            DecodeCode::OutOfMemory => "out_of_memory",
            DecodeCode::Unsupported => "unsupported",
            DecodeCode::Corrupt => "corrupt",
            DecodeCode::DecoderDied => "decoder_died",
            DecodeCode::TimedOut => "timed_out",
            DecodeCode::DecoderMissing => "decoder_missing",
            DecodeCode::Io => "io",
        }
    }
}

/// Why a file did not become a picture: a code, and one sentence for a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{message}")]
pub struct DecodeError {
    pub code: DecodeCode,
    pub message: String,
}

impl DecodeError {
    pub fn new(code: DecodeCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    pub(crate) fn corrupt(message: impl Into<String>) -> Self {
        Self::new(DecodeCode::Corrupt, message)
    }

    pub(crate) fn truncated(message: impl Into<String>) -> Self {
        Self::new(DecodeCode::Truncated, message)
    }

    pub(crate) fn unsupported(message: impl Into<String>) -> Self {
        Self::new(DecodeCode::Unsupported, message)
    }

    pub(crate) fn limit(message: impl Into<String>) -> Self {
        Self::new(DecodeCode::LimitExceeded, message)
    }

    /// The operating system's refusal for `what`, such as "the file scan.dcm".
    pub(crate) fn io(what: &str, error: &std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::NotFound => Self::new(
                DecodeCode::FileNotFound,
                format!("{what} does not exist; check the path"),
            ),
            std::io::ErrorKind::PermissionDenied => Self::new(
                DecodeCode::PermissionDenied,
                format!("{what} may not be read by this user; change its permissions or copy it"),
            ),
            _ => Self::new(DecodeCode::Io, format!("{what} could not be read: {error}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_written_the_same_way_by_serde_and_by_as_str() -> Result<(), serde_json::Error> {
        for code in [
            DecodeCode::FileNotFound,
            DecodeCode::NoScans,
            DecodeCode::DecoderDied,
            DecodeCode::Io,
        ] {
            assert_eq!(serde_json::to_string(&code)?, format!("\"{}\"", code.as_str()));
        }
        Ok(())
    }
}
