//! What an administrator looks at: the vault in numbers, the audit, how models and readers did.

mod backup;
mod device;
mod policy;

pub use backup::backup;
pub use device::device_info;
pub use policy::{policy, set_policy};

use domain::{Failure, Permission, Timestamp, VaultNumbers};
use records::{AuditFault, AuditVerdict, Op};

use crate::permit::permit;
use crate::time::now;
use crate::vault::OpenVault;
use contract::window::{AuditCheck, AuditPage, Quality, VaultStatus};

const MOST_ROWS: usize = 1000;
const DAY_MS: i64 = 86_400_000;

/// Counts and versions, without reading the whole audit.
pub fn vault_numbers(open: &OpenVault) -> Result<VaultStatus, Failure> {
    permit(&open.session, Permission::ViewRecords)?;
    Ok(VaultStatus {
        vault: open.vault.folder().display().to_string(),
        session: open.session.clone(),
        numbers: numbers_told(open)?,
    })
}

/// The vault in numbers. Findings are not counted while "read first" hides those of a study from the person who is
/// signed in: the sum of all would tell them, and one of the others would be a false number.
pub(crate) fn numbers_told(open: &OpenVault) -> Result<VaultNumbers, Failure> {
    let mut numbers = open.vault.status()?;
    if open.vault.studies_hidden_from(&open.session.user)? > 0 {
        numbers.counts.findings = None;
    }
    Ok(numbers)
}

/// Audit rows with all words of `find`, newest first, from before the row `before`. That the audit
/// was looked at is audited once while the vault is open.
pub fn audit_rows(open: &mut OpenVault, find: &str, before: Option<u64>, limit: u32) -> Result<AuditPage, Failure> {
    permit(&open.session, Permission::ViewAudit)?;
    note_audit_used(open)?;
    let limit = (limit as usize).clamp(1, MOST_ROWS);
    let rows = open.vault.find_audit_rows(find, before, limit)?;
    let next = rows
        .last()
        .map(|row| row.seq)
        .filter(|seq| rows.len() == limit && *seq > 1);
    Ok(AuditPage { rows, next })
}

/// Walks the whole chain.
pub fn verify_audit(open: &mut OpenVault) -> Result<AuditCheck, Failure> {
    permit(&open.session, Permission::ViewAudit)?;
    note_audit_used(open)?;
    let (rows, problem) = match open.vault.verify_audit()? {
        AuditVerdict::Intact { rows, .. } => (rows, None),
        AuditVerdict::Broken { seq, fault } => {
            let what = match fault {
                AuditFault::Missing => "is missing",
                AuditFault::Edited => "was changed after it was written",
                AuditFault::Unlinked => "does not follow the row before it",
                AuditFault::Unreadable => "cannot be read",
            };
            (seq.saturating_sub(1), Some(format!("Row {seq} of the audit {what}.")))
        }
        AuditVerdict::TailCut { rows, anchored } => (
            rows,
            Some(format!(
                "The audit once reached row {anchored} and the database does not hold that row: newer rows were \
                 removed, or an older copy was put back."
            )),
        ),
        AuditVerdict::AnchorMissing { rows } => (
            rows,
            Some("The file audit.anchor is missing: nothing vouches for the end of the audit.".to_owned()),
        ),
    };
    Ok(AuditCheck {
        intact: problem.is_none(),
        rows,
        problem,
    })
}

fn note_audit_used(open: &mut OpenVault) -> Result<(), Failure> {
    if !open.audit_seen {
        open.vault.note(&open.session, Op::AuditLogUsed, now())?;
        open.audit_seen = true;
    }
    Ok(())
}

/// Models and readers over the last `days` days, without the studies that "read first" hides from the person who asks.
pub fn quality(open: &OpenVault, days: u32) -> Result<Quality, Failure> {
    permit(&open.session, Permission::ViewRecords)?;
    let at = now();
    let since = Timestamp(at.0 - i64::from(days.max(1)) * DAY_MS);
    let (bundles, by_day) = open.vault.quality(since, &open.session.user)?;
    let told = domain::quality::told(&bundles, &by_day, days, at.day());
    Ok(Quality {
        bundles,
        told,
        studies_hidden: open.vault.studies_hidden_from(&open.session.user)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::create_vault;
    use crate::vault::Passphrase;

    #[test]
    fn looking_at_the_audit_is_audited_once_and_pages_join() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let mut open = create_vault(&folder.path().join("v"), "admin", &Passphrase::new("a passphrase"))?;
        for _ in 0..5 {
            open.vault.transact(&open.session, Op::FilterChange, now(), |tx| {
                tx.note("saved", true);
                Ok(())
            })?;
        }
        let mut seen = Vec::new();
        let mut before = None;
        loop {
            let page = audit_rows(&mut open, "", before, 3)?;
            seen.extend(page.rows.iter().map(|row| row.seq));
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        assert_eq!(seen, [7, 6, 5, 4, 3, 2, 1]);
        let found = audit_rows(&mut open, "FILTER saved admin", None, 100)?;
        assert_eq!(found.rows.len(), 5);
        assert_eq!(audit_rows(&mut open, "audit log", None, 100)?.rows.len(), 1);
        let check = verify_audit(&mut open)?;
        assert_eq!((check.intact, check.rows, check.problem), (true, 7, None));
        Ok(())
    }
}
