//! `vault policy`: what holds for everybody who works in a vault, on whatever machine.

use domain::{Failure, Permission, Policy};
use records::Op;

use crate::permit::permit;
use crate::time::now;
use crate::vault::OpenVault;
use contract::rfc3339;
use contract::terminal::PolicyWire;

pub fn policy(open: &OpenVault) -> Result<PolicyWire, Failure> {
    permit(&open.session, Permission::ViewRecords)?;
    let record = open.vault.policy_record()?;
    Ok(PolicyWire {
        read_first: record.as_ref().is_some_and(|record| record.policy.read_first),
        changed_at: record.as_ref().map(|record| rfc3339(record.changed_at)),
        changed_by: record.map(|record| record.changed_by),
    })
}

/// Decides on the policy; it holds at once, for every handle and program.
pub fn set_policy(open: &mut OpenVault, policy: Policy) -> Result<PolicyWire, Failure> {
    permit(&open.session, Permission::ManageVault)?;
    open.vault
        .transact(&open.session, Op::PolicyChange, now(), |tx| tx.set_policy(policy))?;
    self::policy(open)
}
