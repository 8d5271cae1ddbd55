//! Measurements and words on images: saved at each edit, fixed by the signature.

use domain::grey::Shown;
use domain::measured::{FrameValues, measured};
use domain::{Annotation, AnnotationKind, Decoded, Failure, FailureCode, Measured, Permission, Plane, Ruler, Uid};
use records::{InstanceRecord, Op};

use crate::find::{find, parse_uid};
use crate::permit::permit;
use crate::time::now;
use crate::vault::OpenVault;

const LONGEST_TEXT: usize = 2000;
const MOST_POINTS: usize = 4;
/// Beyond the widest frame on every side.
const FARTHEST: f64 = 1e6;

/// Writes an annotation, new or in place of the one with its id. Its figures are measured here, whatever came with it;
/// those of the values only where `drawn_on`, the image as the window shows it, could be read.
pub fn save_annotation(
    open: &mut OpenVault,
    study: &str,
    annotation: &Annotation,
    drawn_on: Option<&Decoded>,
) -> Result<Annotation, Failure> {
    permit(&open.session, Permission::Review)?;
    let record = find(open, &parse_uid(study)?)?;
    let uid = &record.study.study_instance_uid;
    let at = now();
    let mut stored = checked(annotation)?;
    let instance = record
        .instances
        .iter()
        .find(|one| one.header.instance.sop_instance_uid == stored.sop_instance_uid);
    let Some(instance) = instance.filter(|instance| stored.frame < instance.header.image.frames) else {
        return Err(Failure::new(
            FailureCode::NotFound,
            format!(
                "study {uid} has no frame {} of instance {} to annotate",
                stored.frame, stored.sop_instance_uid
            ),
        ));
    };
    stored.measured = figures(&stored, instance, drawn_on);
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

/// What it says by its kind and its points, on the frame as the record has it.
fn figures(annotation: &Annotation, instance: &InstanceRecord, drawn_on: Option<&Decoded>) -> Vec<Measured> {
    let Annotation {
        kind, points, frame, ..
    } = annotation;
    let ruler = Ruler::of_frame(&instance.header, &instance.facts, *frame);
    let of_values = |values| measured(*kind, points, &ruler, values);
    let uid = &annotation.sop_instance_uid;
    let image =
        drawn_on.filter(|image| image.header.instance.sop_instance_uid == *uid && *kind == AnnotationKind::Ellipse);
    match image.map(|image| (Shown::of(image, *frame), &image.pixels)) {
        Some((Ok(Shown::Grey(grey)), pixels)) => of_values(Some(FrameValues {
            values: &grey.values,
            rows: pixels.rows,
            cols: pixels.cols,
            unit: Plane::of(&instance.header, &instance.facts, *frame).unit.as_deref(),
        })),
        _ => of_values(None),
    }
}

/// Figures that came with it are not looked at, for they are measured here.
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
    let mut numbers = annotation.points.iter().flatten();
    if let Some(number) = numbers.find(|number| !number.is_finite() || number.abs() > FARTHEST) {
        return wrong(format!("{number} is no place on an image"));
    }
    if annotation.text.iter().any(|text| text.chars().count() > LONGEST_TEXT) {
        return wrong(format!("its text has more than {LONGEST_TEXT} characters"));
    }
    Ok(Annotation {
        sop_instance_uid: Uid::as_written(annotation.sop_instance_uid.as_str())
            .map_err(|error| Failure::usage(error.to_string()))?,
        measured: vec![],
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
        let cases: [Spoil; 6] = [
            (|a| a.id = "xyz".into(), "'xyz' is not 32 hex digits"),
            (|a| a.points.clear(), "0 points"),
            (|a| a.points[0][1] = f64::NAN, "NaN is no place"),
            (|a| a.points[1][0] = -1e7, "-10000000 is no place"),
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
