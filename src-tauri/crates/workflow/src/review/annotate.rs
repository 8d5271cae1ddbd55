//! Measurements and words on images: saved at each edit, fixed by the signature.

use domain::{Annotation, Failure, FailureCode, Permission, Uid};
use records::Op;

use crate::find::{find, parse_uid};
use crate::permit::permit;
use crate::time::now;
use crate::vault::OpenVault;

const LONGEST_TEXT: usize = 2000;
const MOST_POINTS: usize = 4;
const MOST_VALUES: usize = 16;

/// Writes an annotation, new or in place of the one with its id.
pub fn save_annotation(open: &mut OpenVault, study: &str, annotation: &Annotation) -> Result<Annotation, Failure> {
    permit(&open.session, Permission::Review)?;
    let record = find(open, &parse_uid(study)?)?;
    let uid = &record.study.study_instance_uid;
    let at = now();
    let mut stored = checked(annotation)?;
    let instance = record
        .instances
        .iter()
        .find(|one| one.header.instance.sop_instance_uid == stored.sop_instance_uid);
    match instance {
        Some(instance) if stored.frame < instance.header.image.frames => {}
        _ => {
            return Err(Failure::new(
                FailureCode::NotFound,
                format!(
                    "study {uid} has no frame {} of instance {} to annotate",
                    stored.frame, stored.sop_instance_uid
                ),
            ));
        }
    }
    let earlier = record.annotations.iter().find(|other| other.id == stored.id);
    stored.created_by = earlier.map_or(&open.session.user, |other| &other.created_by).clone();
    stored.updated_at = at;
    let op = Op::Annotate { study: uid.clone() };
    open.vault
        .transact(&open.session, op, at, |tx| tx.save_annotation(uid, &stored))?;
    Ok(stored)
}

pub fn remove_annotation(open: &mut OpenVault, study: &str, id: &str) -> Result<(), Failure> {
    permit(&open.session, Permission::Review)?;
    let uid = parse_uid(study)?;
    let op = Op::Annotate { study: uid.clone() };
    open.vault
        .transact(&open.session, op, now(), |tx| tx.remove_annotation(&uid, id))?;
    Ok(())
}

fn checked(annotation: &Annotation) -> Result<Annotation, Failure> {
    let wrong = |what: String| Err(Failure::usage(format!("the annotation was not saved: {what}")));
    let id = &annotation.id;
    if id.len() != 32 || !id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        return wrong(format!("its id '{}' is not 32 hex digits", start(id)));
    }
    if annotation.points.is_empty() || annotation.points.len() > MOST_POINTS {
        let points = annotation.points.len();
        return wrong(format!("it has {points} points, not 1 to {MOST_POINTS}"));
    }
    let numbers = annotation.points.iter().flatten().copied();
    let mut numbers = numbers.chain(annotation.measured.iter().map(|value| value.value));
    if annotation.measured.len() > MOST_VALUES || !numbers.all(f64::is_finite) {
        return wrong("a number of it is not finite, or there are too many".into());
    }
    let mut texts = annotation
        .measured
        .iter()
        .flat_map(|value| [&value.name, &value.unit])
        .chain(&annotation.text);
    if texts.any(|text| text.chars().count() > LONGEST_TEXT) {
        return wrong(format!("its text has more than {LONGEST_TEXT} characters"));
    }
    Ok(Annotation {
        sop_instance_uid: Uid::as_written(annotation.sop_instance_uid.as_str())
            .map_err(|error| Failure::usage(error.to_string()))?,
        ..annotation.clone()
    })
}

fn start(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use domain::{AnnotationKind, Measured, Timestamp};

    use super::*;

    /// As a window could send it: what is no UID too.
    fn any(text: &str) -> Uid {
        serde_json::from_value(text.into()).unwrap_or_else(|_| Uid::from_bits([0; 16]))
    }

    fn sound() -> Annotation {
        Annotation {
            id: "ab".repeat(16),
            sop_instance_uid: any("1.2.3"),
            frame: 0,
            kind: AnnotationKind::Length,
            points: vec![[0.5, -0.5], [9.0, 9.0]],
            text: None,
            measured: vec![Measured {
                name: "length".into(),
                value: 12.5,
                unit: "mm".into(),
            }],
            created_by: "somebody".into(),
            updated_at: Timestamp(0),
        }
    }

    #[test]
    fn what_no_window_of_ours_sends_is_refused_with_the_reason() {
        assert!(checked(&sound()).is_ok());
        type Spoil = (fn(&mut Annotation), &'static str);
        let cases: [Spoil; 5] = [
            (|a| a.id = "xyz".into(), "'xyz' is not 32 hex digits"),
            (|a| a.points.clear(), "0 points"),
            (|a| a.points[0][1] = f64::NAN, "not finite"),
            (|a| a.text = Some("x".repeat(2001)), "2000 characters"),
            (|a| a.sop_instance_uid = any("../x"), "is not a DICOM UID"),
        ];
        for (spoil, said) in cases {
            let mut annotation = sound();
            spoil(&mut annotation);
            let message = checked(&annotation)
                .err()
                .map(|failure| failure.message)
                .unwrap_or_default();
            assert!(message.contains(said), "{message}");
        }
    }
}
