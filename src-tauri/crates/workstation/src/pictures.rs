//! Pictures of the open vault for the window. Looking at a study was permitted and audited when it
//! was opened; every picture asks for the permission again.

use domain::{Failure, Permission};
use std::sync::Arc;

use super::session::View;
use super::{Workstation, locked};
use workflow::permit::permit;
use workflow::pixels::{frame_bytes, instance_of_study, map_bytes};

impl Workstation {
    /// One frame in the window's own format.
    pub fn frame(&self, sop_instance_uid: &str, frame: u32) -> Result<Vec<u8>, Failure> {
        let decoded = self.permitted_view()?.store.get(sop_instance_uid)?;
        frame_bytes(&decoded, frame)
    }

    /// Decodes these instances soon, in this order; replaces the hint before.
    pub fn prefetch(&self, sop_instance_uids: Vec<String>) -> Result<(), Failure> {
        self.permitted_view()?.store.prefetch(sop_instance_uids);
        Ok(())
    }

    pub fn anomaly_map(&self, sop_instance_uid: &str, frame: u32) -> Result<Vec<u8>, Failure> {
        self.with_vault(|open| map_bytes(open, sop_instance_uid, frame))
    }

    pub fn instance_thumbnail(&self, sop_instance_uid: &str) -> Result<Vec<u8>, Failure> {
        let view = self.permitted_view()?;
        view.thumbnails.of_instance(&view.store, sop_instance_uid)
    }

    pub fn study_thumbnail(&self, study_instance_uid: &str) -> Result<Vec<u8>, Failure> {
        let sop = self.with_vault(|open| instance_of_study(open, study_instance_uid))?;
        self.instance_thumbnail(&sop)
    }

    fn permitted_view(&self) -> Result<Arc<View>, Failure> {
        let view = self.view()?;
        let session = locked(&self.session);
        let asked = session
            .as_ref()
            .map(|session| permit(session.who(), Permission::ViewRecords));
        asked.unwrap_or(Ok(())).map(|()| view)
    }
}
