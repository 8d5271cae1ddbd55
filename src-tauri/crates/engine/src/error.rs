//! What can go wrong between a frame and its analysis.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EngineCode {
    BundleNotFound,
    BundleDamaged,
    BundleTooNew,
    LibtorchMissing,
    LibtorchDamaged,
    WorkerMissing,
    WorkerDied,
    WorkerTimedOut,
    WorkerRefused,
    DeviceUnavailable,
    BadInput,
    OutOfMemory,
    Canceled,
    Io,
}

impl EngineCode {
    pub fn as_str(self) -> &'static str {
        match self {
            EngineCode::BundleNotFound => "bundle_not_found",
            EngineCode::BundleDamaged => "bundle_damaged",
            EngineCode::BundleTooNew => "bundle_too_new",
            EngineCode::LibtorchMissing => "libtorch_missing",
            EngineCode::LibtorchDamaged => "libtorch_damaged",
            EngineCode::WorkerMissing => "worker_missing",
            EngineCode::WorkerDied => "worker_died",
            EngineCode::WorkerTimedOut => "worker_timed_out",
            EngineCode::WorkerRefused => "worker_refused",
            EngineCode::DeviceUnavailable => "device_unavailable",
            EngineCode::BadInput => "bad_input",
            EngineCode::OutOfMemory => "out_of_memory",
            EngineCode::Canceled => "canceled",
            EngineCode::Io => "io",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct EngineError {
    pub code: EngineCode,
    pub message: String,
}

impl EngineError {
    pub fn new(code: EngineCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }
}

impl From<domain::room::NoRoom> for EngineError {
    fn from(error: domain::room::NoRoom) -> Self {
        Self::new(EngineCode::OutOfMemory, error.to_string())
    }
}
