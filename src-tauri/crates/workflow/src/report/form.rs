//! The report form: saved at every pause of typing, fixed by the signature.

use domain::{Failure, FailureCode, FormText, FrameRef, Permission, ReportForm, Uid};
use records::Op;

use crate::find::{find, parse_uid};
use crate::permit::permit;
use crate::time::now;
use crate::vault::OpenVault;

const LONGEST_SECTION: usize = 20_000;
/// Images beyond this make a report longer, not clearer.
const MOST_KEY_IMAGES: usize = 24;

/// Saves the form and gives it back as it stands; what has not changed is not written again.
pub fn save_form(open: &mut OpenVault, study: &str, form: &FormText) -> Result<ReportForm, Failure> {
    permit(&open.session, Permission::Review)?;
    let record = find(open, &parse_uid(study)?)?;
    let uid = &record.study.study_instance_uid;
    let text = checked(form)?;
    for key in &text.key_images {
        let holds = record.instances.iter().any(|one| {
            one.header.instance.sop_instance_uid == key.sop_instance_uid && key.frame < one.header.image.frames
        });
        if !holds {
            return Err(Failure::new(
                FailureCode::NotFound,
                format!(
                    "study {uid} has no frame {} of instance {} for a key image",
                    key.frame, key.sop_instance_uid
                ),
            ));
        }
    }
    if record.sign_off.is_some() {
        return Err(records::Error::StudySigned(uid.clone()).into());
    }
    if let Some(saved) = record.form.filter(|saved| saved.text == text) {
        return Ok(saved);
    }
    let at = now();
    let op = Op::ReportForm { study: uid.clone() };
    open.vault
        .transact(&open.session, op, at, |tx| tx.save_form(uid, &text))?;
    Ok(ReportForm {
        text,
        updated_at: at,
        updated_by: open.session.user.clone(),
    })
}

fn checked(form: &FormText) -> Result<FormText, Failure> {
    let key_images = form.key_images.iter().map(|key| {
        Ok(FrameRef {
            sop_instance_uid: Uid::as_written(key.sop_instance_uid.as_str())
                .map_err(|error| Failure::usage(error.to_string()))?,
            frame: key.frame,
        })
    });
    let text = FormText {
        key_images: key_images.collect::<Result<_, Failure>>()?,
        ..form.clone()
    };
    for (name, section) in text.sections() {
        let length = section.chars().count();
        if length > LONGEST_SECTION {
            return Err(Failure::usage(format!(
                "the section {name} has {length} characters and may have {LONGEST_SECTION}; shorten it"
            )));
        }
    }
    if text.key_images.len() > MOST_KEY_IMAGES {
        return Err(Failure::usage(format!(
            "a report takes at most {MOST_KEY_IMAGES} key images, and {} are chosen; leave some out",
            text.key_images.len()
        )));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_or_a_choice_of_pictures_beyond_reason_is_refused() {
        let mut form = FormText {
            conclusion: "x".repeat(LONGEST_SECTION),
            ..FormText::default()
        };
        assert!(checked(&form).is_ok());
        form.conclusion.push('x');
        let message = checked(&form).err().map(|failure| failure.message).unwrap_or_default();
        assert!(message.contains("Conclusion has 20001 characters"), "{message}");
        let key = FrameRef {
            sop_instance_uid: Uid::from_bits([1; 16]),
            frame: 0,
        };
        let form = FormText {
            key_images: vec![key; MOST_KEY_IMAGES + 1],
            ..FormText::default()
        };
        assert!(checked(&form).is_err());
    }
}
