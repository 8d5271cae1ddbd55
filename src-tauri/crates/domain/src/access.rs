//! Who may do what. `workflow` asks before every verb, so that no shell can forget it.

use serde::{Deserialize, Serialize};

use crate::closed_set::closed_set;

closed_set! {
    /// What an account is for.
    pub enum Role {
        /// Reads, decides and signs.
        Reader = "reader",
        /// Brings studies in and has them analysed.
        Operator = "operator",
        /// Chooses which models are in use.
        ModelManager = "model_manager",
        /// May do everything, and alone what concerns the vault itself.
        Administrator = "administrator",
        /// Reads the audit.
        Auditor = "auditor",
    }
}

closed_set! {
    /// What `workflow` asks for before a verb.
    pub enum Permission {
        /// See studies and what is known of them.
        ViewRecords = "view_records",
        /// Bring files in.
        Import = "import",
        /// Have images analysed.
        Analyze = "analyze",
        /// Decide on findings, write forms, annotate.
        Review = "review",
        /// Sign a study.
        Sign = "sign",
        /// Write images, reports and tables outside the vault.
        Export = "export",
        /// Install and activate models.
        ManageModels = "manage_models",
        /// Back up, set the policy, accept records.
        ManageVault = "manage_vault",
        /// Read the audit.
        ViewAudit = "view_audit",
    }
}

/// The person at the workstation, as the vault knows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Session {
    /// Name of the account.
    pub user: String,
    /// What the account is for; it decides what is permitted.
    pub role: Role,
}

/// What holds for everybody who works in a vault, on whatever machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Policy {
    /// The model's answer on an unsigned study stays hidden from a reader who has given no opinion on it.
    pub read_first: bool,
}

closed_set! {
    /// Why a vault opens for reading only: its records are not those that its audit last vouched for.
    pub enum ReadOnly {
        /// The database lacks the audit row that the anchor names: an older copy was put back, or newer
        /// rows were removed.
        RecordsReplaced = "records_replaced",
        /// The anchor is missing, unreadable or another vault's.
        AnchorMissing = "anchor_missing",
    }
}

impl ReadOnly {
    /// What happened.
    pub fn in_words(self) -> &'static str {
        match self {
            ReadOnly::RecordsReplaced => {
                "records.db is not the one that audit.anchor last vouched for, so that an older copy was put back or \
                 newer rows were removed"
            }
            ReadOnly::AnchorMissing => {
                "audit.anchor is missing or belongs to another vault, so that nothing vouches for the newest records"
            }
        }
    }
}

impl Session {
    /// Whoever works on bundles outside any vault: the machine's own accounts guard those files.
    pub fn local_administrator(user: &str) -> Self {
        Self {
            user: user.to_owned(),
            role: Role::Administrator,
        }
    }
}

impl Role {
    /// Least privilege: a role has what its work needs and no more.
    pub fn permits(self, permission: Permission) -> bool {
        use Permission::*;
        match self {
            Role::Administrator => true,
            Role::Reader => matches!(permission, ViewRecords | Import | Analyze | Review | Sign | Export),
            Role::Operator => matches!(permission, ViewRecords | Import | Analyze),
            Role::ModelManager => matches!(permission, ManageModels),
            Role::Auditor => matches!(permission, ViewAudit),
        }
    }
}

impl Permission {
    /// How a refusal names it: "this needs the permission to …".
    pub fn in_words(self) -> &'static str {
        match self {
            Permission::ViewRecords => "see patients and studies",
            Permission::Import => "import scans",
            Permission::Analyze => "run an analysis",
            Permission::Review => "review findings",
            Permission::Sign => "sign a study",
            Permission::Export => "export reports",
            Permission::ManageModels => "manage models",
            Permission::ManageVault => "manage the vault",
            Permission::ViewAudit => "see the audit log",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operator_cannot_sign_and_an_auditor_cannot_read_patients() {
        assert!(Role::Operator.permits(Permission::Import));
        assert!(!Role::Operator.permits(Permission::Sign));
        assert!(!Role::Operator.permits(Permission::Review));
        assert!(!Role::Auditor.permits(Permission::ViewRecords));
        assert!(Role::Administrator.permits(Permission::ManageVault));
    }
}
