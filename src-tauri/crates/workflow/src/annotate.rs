//! Measurements and words on pictures: saved at each edit, fixed by the signature.

use domain::{Annotation as Stored, AnnotationKind, Failure, FailureCode, Measured, Permission, Uid};
use records::Op;

use crate::find::{find, parse_uid};
use crate::permit::permit;
use crate::time::now;
use crate::vault::OpenVault;
use contract::window::Annotation;

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
    Ok(Annotation::from(&stored))
}

pub fn remove_annotation(open: &mut OpenVault, study: &str, id: &str) -> Result<(), Failure> {
    permit(&open.session, Permission::Review)?;
    let uid = parse_uid(study)?;
    let op = Op::Annotate { study: uid.clone() };
    open.vault
        .transact(&open.session, op, now(), |tx| tx.remove_annotation(&uid, id))?;
    Ok(())
}

fn checked(annotation: &Annotation) -> Result<Stored, Failure> {
    let wrong = |what: String| Err(Failure::usage(format!("the annotation was not saved: {what}")));
    let id = &annotation.id;
    if id.len() != 32 || !id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        return wrong(format!("its id '{}' is not 32 hex digits", start(id)));
    }
    let Some(kind) = AnnotationKind::parse(&annotation.kind) else {
        return wrong(format!("'{}' is no kind of annotation", start(&annotation.kind)));
    };
    if annotation.points.is_empty() || annotation.points.len() > MOST_POINTS {
        let points = annotation.points.len();
        return wrong(format!("it has {points} points, not 1 to {MOST_POINTS}"));
    }
    let numbers = annotation.points.iter().flatten().copied();
    let mut numbers = numbers.chain(annotation.values.iter().map(|value| value.value));
    if annotation.values.len() > MOST_VALUES || !numbers.all(f64::is_finite) {
        return wrong("a number of it is not finite, or there are too many".into());
    }
    let mut texts = annotation
        .values
        .iter()
        .flat_map(|value| [&value.name, &value.unit])
        .chain(&annotation.text);
    if texts.any(|text| text.chars().count() > LONGEST_TEXT) {
        return wrong(format!("its text has more than {LONGEST_TEXT} characters"));
    }
    Ok(Stored {
        id: id.clone(),
        sop_instance_uid: Uid::parse(&annotation.sop_instance_uid)
            .map_err(|error| Failure::usage(error.to_string()))?,
        frame: annotation.frame,
        kind,
        points: annotation.points.clone(),
        text: annotation.text.clone(),
        measured: annotation
            .values
            .iter()
            .map(|value| Measured {
                name: value.name.clone(),
                value: value.value,
                unit: value.unit.clone(),
            })
            .collect(),
        created_by: String::new(),
        updated_at: now(),
    })
}

fn start(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use contract::window::AnnotationValue;

    use super::*;

    fn sound() -> Annotation {
        Annotation {
            id: "ab".repeat(16),
            sop_instance_uid: "1.2.3".into(),
            frame: 0,
            kind: "length".into(),
            points: vec![[0.5, -0.5], [9.0, 9.0]],
            text: None,
            values: vec![AnnotationValue {
                name: "length".into(),
                value: 12.5,
                unit: "mm".into(),
            }],
            created_by: "somebody".into(),
            updated_at: String::new(),
        }
    }

    #[test]
    fn what_no_window_of_ours_sends_is_refused_with_the_reason() {
        assert!(checked(&sound()).is_ok());
        type Spoil = (fn(&mut Annotation), &'static str);
        let cases: [Spoil; 6] = [
            (|a| a.id = "xyz".into(), "'xyz' is not 32 hex digits"),
            (|a| a.kind = "circle".into(), "'circle' is no kind"),
            (|a| a.points.clear(), "0 points"),
            (|a| a.points[0][1] = f64::NAN, "not finite"),
            (|a| a.text = Some("x".repeat(2001)), "2000 characters"),
            (|a| a.sop_instance_uid = "../x".into(), "is not a DICOM UID"),
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
