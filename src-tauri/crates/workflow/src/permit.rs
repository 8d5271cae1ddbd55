//! The one question before every verb.

use domain::{Failure, Permission, Session};

pub fn permit(session: &Session, permission: Permission) -> Result<(), Failure> {
    if session.role.permits(permission) {
        return Ok(());
    }
    Err(Failure::not_permitted(&session.user, session.role, permission))
}

#[cfg(test)]
mod tests {
    use domain::Role;

    use super::*;
    use domain::FailureKind;

    #[test]
    fn a_refusal_says_who_may_not_do_what() {
        let auditor = Session {
            user: "eve".into(),
            role: Role::Auditor,
        };
        let refusal = permit(&auditor, Permission::Sign).err();
        assert!(refusal.is_some_and(
            |f| f.code.kind() == FailureKind::NotPermitted && f.message.contains("'eve' (auditor) may not sign")
        ));
        assert_eq!(permit(&auditor, Permission::ViewAudit), Ok(()));
    }
}
