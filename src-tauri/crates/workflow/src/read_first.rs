//! The policy "read first": whether the model's answer on a study is hidden from a reader (decision record 27).

use domain::{Failure, FailureCode, StudyState, Uid};
use records::Op;

use crate::time::now;
use crate::vault::OpenVault;

/// Refuses what would tell the model's answer before the reader has given an own opinion.
pub fn require_opinion(open: &OpenVault, study: &Uid) -> Result<(), Failure> {
    if hides(open, study)? {
        return Err(Failure::new(
            FailureCode::Unread,
            format!(
                "the model's answer on study {study} is hidden by the vault's policy; give your own opinion first \
                 ('overread opinion {study} --normal', --suspicious or --unsure)"
            ),
        ));
    }
    Ok(())
}

/// Whether the vault's policy hides the model's answer on a study from the person who is signed in.
pub(crate) fn hides(open: &OpenVault, study: &Uid) -> Result<bool, Failure> {
    Ok(open.vault.state_for(study, &open.session.user)? == StudyState::Unread)
}

/// Audits that a study is looked at; whether the model's answer is hidden from this reader.
pub(crate) fn look_at(open: &mut OpenVault, uid: &Uid) -> Result<bool, Failure> {
    let hidden = hides(open, uid)?;
    if hidden && open.vault.read_only()?.is_none() {
        let op = Op::InstancesAccessed { study: uid.clone() };
        open.vault
            .transact(&open.session, op, now(), |tx| tx.open_reading(uid))?;
    } else {
        open.vault.note_access(&open.session, uid, now())?;
    }
    Ok(hidden)
}
