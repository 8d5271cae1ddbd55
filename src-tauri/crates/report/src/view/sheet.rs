//! The PNG sheet: key images under each other with their captions.

use domain::ReportSnapshot;
use serde::Serialize;

use super::key_image::key_images;
use super::{FrameNames, KeyImageView, NOT_SIGNED, models_note, named};
use crate::ReportError;
use crate::typeset::VirtualFile;
use crate::words::{count, dicom_date, person_name, short_uid, utc};

/// More key images than this make an image that no viewer opens gladly.
const PANELS: usize = 12;

#[derive(Serialize)]
pub struct SheetView {
    /// Empty for a key image alone.
    head: Vec<String>,
    badge: &'static str,
    panels: Vec<KeyImageView>,
    /// What stands in place of images, or what was left out.
    remark: Option<String>,
    models_note: Option<&'static str>,
}

impl SheetView {
    /// A key image alone.
    pub fn single(panel: KeyImageView) -> Self {
        Self {
            head: Vec::new(),
            badge: "",
            panels: vec![panel],
            remark: None,
            models_note: None,
        }
    }

    /// The key images of a study, as far as they fit; a sheet that says why when there are none.
    pub fn of(snapshot: &ReportSnapshot) -> Result<(Self, Vec<VirtualFile>), ReportError> {
        let (panels, files) = key_images(snapshot, &FrameNames::of(snapshot), PANELS)?;
        let (patient, study) = (&snapshot.patient, &snapshot.study);
        let left_out = snapshot.key_images.len() - panels.len();
        let remark = if panels.is_empty() {
            Some("This study has no key images: no image has a finding and none was chosen.".to_owned())
        } else if left_out > 0 {
            Some(format!("{} more are in the PDF report.", count(left_out, "key image")))
        } else {
            None
        };
        let name = named(&person_name(&patient.patient_name), "no name in the file");
        let date = study.date.as_deref().map_or_else(|| "no date".into(), dicom_date);
        let head = vec![
            format!("{name} · Patient ID {}", named(&patient.patient_id, "not given")),
            format!(
                "Study {} of {date} · prepared {}",
                short_uid(study.study_instance_uid.as_str()),
                utc(snapshot.prepared_at)
            ),
        ];
        let badge = if snapshot.sign_off.is_some() {
            "SIGNED"
        } else {
            NOT_SIGNED
        };
        Ok((
            Self {
                head,
                badge,
                panels,
                remark,
                models_note: models_note(snapshot),
            },
            files,
        ))
    }
}
