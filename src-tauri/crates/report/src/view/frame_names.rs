//! What a frame is called on paper.

use std::collections::BTreeSet;

use domain::{ReportSnapshot, Uid};

/// Knows which instances hold more than one frame: only there a frame's number says something.
#[derive(Default)]
pub struct FrameNames {
    multiframe: BTreeSet<Uid>,
}

impl FrameNames {
    pub fn of(snapshot: &ReportSnapshot) -> Self {
        let analysed = snapshot.analyses.iter().map(|reported| &reported.analysis);
        let later = analysed
            .filter(|analysis| analysis.frame > 0)
            .map(|analysis| analysis.sop_instance_uid.clone());
        let shown = snapshot.key_images.iter().filter(|image| image.frame > 0);
        Self {
            multiframe: later.chain(shown.map(|image| image.sop_instance_uid.clone())).collect(),
        }
    }

    /// `instance 12` or `instance 12, frame 3`; frames count from 1 as in DICOM. An instance
    /// without a number goes by the end of its UID.
    pub fn name(&self, sop_instance_uid: &Uid, instance_number: Option<i32>, frame: u32) -> String {
        let instance = match instance_number {
            Some(number) => format!("instance {number}"),
            None => {
                let uid = sop_instance_uid.as_str();
                let tail = uid.get(uid.len().saturating_sub(12)..).unwrap_or(uid);
                format!("instance {}{tail}", if tail.len() < uid.len() { "…" } else { "" })
            }
        };
        if frame > 0 || self.multiframe.contains(sop_instance_uid) {
            format!("{instance}, frame {}", u64::from(frame) + 1)
        } else {
            instance
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_number_shows_only_where_there_are_several() -> Result<(), domain::InvalidUid> {
        let (single, multi) = (Uid::parse("1.2.3")?, Uid::parse("1.2.840.10008.5.1.4.1.1.4.99")?);
        let names = FrameNames {
            multiframe: BTreeSet::from([multi.clone()]),
        };
        assert_eq!(names.name(&single, Some(7), 0), "instance 7");
        assert_eq!(names.name(&multi, Some(7), 0), "instance 7, frame 1");
        assert_eq!(names.name(&multi, None, 4), "instance …1.4.1.1.4.99, frame 5");
        assert_eq!(names.name(&single, None, 0), "instance 1.2.3");
        Ok(())
    }
}
