//! The vault, its audit and the machine.

use domain::{AuditRow, Device, Failure, Precision, Sentence, Session, VaultNumbers};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct VaultStatus {
    pub vault: String,
    /// Who asks.
    #[serde(flatten)]
    pub session: Session,
    #[serde(flatten)]
    pub numbers: VaultNumbers,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct AuditPage {
    pub rows: Vec<AuditRow>,
    /// To be passed as `before` for the next page.
    pub next: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct AuditCheck {
    pub intact: bool,
    pub rows: u64,
    /// A sentence when it is not.
    pub problem: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct DeviceInfo {
    /// Plain words: what analyses run on, and why.
    pub words: Vec<Sentence>,
    /// `None` where nothing can be analysed.
    pub device: Option<Device>,
    pub precision: Option<Precision>,
    pub memory_mb: Option<u64>,
    pub libtorch: Option<String>,
    /// Why nothing can be analysed.
    pub problem: Option<Failure>,
}
