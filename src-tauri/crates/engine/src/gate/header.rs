//! What the file's own header says of whether a model was made for its image.

use domain::{InputCheck, InputVerdict, Sentence};

use super::made_for_value;
use crate::bundle::InputSpec;
use crate::number::rounded;

/// What the header says, as far as the gate asks. `None` where the file does not say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HeaderFacts {
    /// DICOM modality; `None` for an image file without a header.
    pub modality: Option<String>,
    /// Body Part Examined (0018,0015).
    pub body_part_examined: Option<String>,
    /// Photometric Interpretation; `None` for an image file without a header.
    pub photometric: Option<String>,
    /// Of the patient at the study, in years.
    pub age_years: Option<f32>,
    /// View Position (0018,5101).
    pub view_position: Option<String>,
}

/// What the header alone decides; `None` when it does not forbid the image.
pub fn header_verdict(facts: &HeaderFacts, spec: &InputSpec) -> Option<InputCheck> {
    let reason = other_code(facts, spec)
        .or_else(|| other_body_part(facts, spec))
        .or_else(|| other_age(facts, spec))?;
    Some(InputCheck {
        verdict: InputVerdict::OutOfRange,
        reason: Some(reason),
        score: None,
    })
}

#[derive(Clone, Copy, PartialEq)]
enum CodedFact {
    Modality,
    Photometric,
    View,
}

/// A coded fact that is none of those accepted. Of what a bundle names no values, any will do, but for the modality.
fn other_code(facts: &HeaderFacts, spec: &InputSpec) -> Option<Sentence> {
    let rules = [
        (CodedFact::Modality, &facts.modality, &spec.modalities, "modality is"),
        (
            CodedFact::Photometric,
            &facts.photometric,
            &spec.photometric,
            "pixels are",
        ),
        (CodedFact::View, &facts.view_position, &spec.views, "view is"),
    ];
    rules.into_iter().find_map(|(fact, found, accepted, says)| {
        let found = found.as_deref()?;
        let any = accepted.is_empty() && fact != CodedFact::Modality;
        if any || accepted.iter().any(|one| one.eq_ignore_ascii_case(found)) {
            return None;
        }
        let (made_for, found, or) = (&spec.description, code_text(found), accepted.join(" or "));
        let words = format!("this model was made for {made_for}; the file's {says} {found}, not {or}");
        let values = [
            made_for_value(spec),
            ("found", found.into()),
            ("accepted", accepted.join(" / ").into()),
        ];
        Some(match fact {
            CodedFact::Modality => Sentence::new("gate.modality", values, words),
            CodedFact::Photometric => Sentence::new("gate.photometric", values, words),
            CodedFact::View => Sentence::new("gate.view", values, words),
        })
    })
}

fn other_body_part(facts: &HeaderFacts, spec: &InputSpec) -> Option<Sentence> {
    let part = facts.body_part_examined.as_deref()?;
    if spec.body_parts.is_empty() || spec.body_parts.iter().any(|p| p.eq_ignore_ascii_case(part)) {
        return None;
    }
    let (made_for, found) = (&spec.description, code_text(part));
    let words = format!("this model was made for {made_for}; the file's body part is {found}");
    Some(Sentence::new(
        "gate.body_part",
        [made_for_value(spec), ("found", found.into())],
        words,
    ))
}

fn other_age(facts: &HeaderFacts, spec: &InputSpec) -> Option<Sentence> {
    let (age, [youngest, oldest]) = (facts.age_years?, spec.ages?);
    if (youngest as f32..(oldest + 1) as f32).contains(&age) {
        return None;
    }
    let (made_for, age) = (&spec.description, age.floor());
    let words = format!("this model was made for {made_for}; the file's patient is {age} years old");
    Some(Sentence::new(
        "gate.age",
        [
            made_for_value(spec),
            ("count", i64::from(rounded(f64::from(age))).into()),
        ],
        words,
    ))
}

/// A code string (VR CS, PS3.5 6.2) as it stands; anything else could be a name and is not repeated.
fn code_text(value: &str) -> &str {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b' ' || b == b'_';
    if value.len() <= 16 && value.bytes().all(plain) {
        value
    } else {
        "not a valid code"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec() -> InputSpec {
        InputSpec {
            size: 64,
            percentiles: [0.0, 100.0],
            body_threshold: 0.1,
            modalities: vec!["MR".into()],
            photometric: vec![],
            body_parts: vec!["HEAD".into(), "BRAIN".into()],
            ages: Some([18, 120]),
            views: vec!["PA".into(), "AP".into()],
            description: "axial FLAIR slices of the head".into(),
        }
    }

    #[test]
    fn another_modality_or_body_part_is_refused_in_words() {
        let facts = |m: &str, b: &str| HeaderFacts {
            modality: Some(m.into()),
            body_part_examined: Some(b.into()),
            ..HeaderFacts::default()
        };
        assert_eq!(header_verdict(&facts("mr", "Head"), &spec()), None);
        assert_eq!(header_verdict(&HeaderFacts::default(), &spec()), None);
        let ct = header_verdict(&facts("CT", "HEAD"), &spec())
            .and_then(|c| c.reason)
            .map_or_else(String::new, |reason| reason.words);
        assert!(ct.contains("modality is CT"), "{ct}");
        let coded = header_verdict(&facts("CT", "HEAD"), &spec()).and_then(|check| check.reason?.coded);
        let coded = coded.map(|coded| {
            (
                coded.code,
                coded.values["found"].clone(),
                coded.values["accepted"].clone(),
            )
        });
        assert_eq!(coded, Some(("gate.modality".into(), "CT".into(), "MR".into())));
        let knee = header_verdict(&facts("MR", "KNEE"), &spec())
            .and_then(|c| c.reason)
            .map_or_else(String::new, |reason| reason.words);
        assert!(knee.contains("body part is KNEE"), "{knee}");
        let odd = header_verdict(&facts("MR", "\u{1b}[2JDOE^JANE"), &spec())
            .and_then(|c| c.reason)
            .map_or_else(String::new, |reason| reason.words);
        assert!(odd.contains("not a valid code") && !odd.contains("JANE"), "{odd}");
    }

    #[test]
    fn another_age_or_view_is_refused_in_words() {
        let said = |age_years, view: Option<&str>| {
            let facts = HeaderFacts {
                age_years,
                view_position: view.map(str::to_owned),
                ..HeaderFacts::default()
            };
            header_verdict(&facts, &spec())
                .and_then(|check| check.reason)
                .map(|reason| reason.words)
        };
        assert_eq!((said(Some(18.0), Some("pa")), said(None, None)), (None, None));
        assert_eq!(said(Some(120.9), None), None);
        assert!(said(Some(17.9), None).is_some_and(|why| why.contains("17 years old")));
        assert!(said(Some(0.02), None).is_some_and(|why| why.contains("0 years old")));
        assert!(said(None, Some("LL")).is_some_and(|why| why.contains("view is LL")));
    }

    #[test]
    fn colours_are_refused_in_words_by_a_model_of_grey_pictures() {
        let said = |found: &str| {
            let facts = HeaderFacts {
                photometric: Some(found.into()),
                ..HeaderFacts::default()
            };
            let spec = InputSpec {
                photometric: vec!["MONOCHROME1".into(), "MONOCHROME2".into()],
                ..spec()
            };
            header_verdict(&facts, &spec)
                .and_then(|check| check.reason)
                .map(|reason| reason.words)
        };
        assert_eq!(said("MONOCHROME2"), None);
        let why = said("YBR_FULL").unwrap_or_default();
        assert!(
            why.contains("pixels are YBR_FULL, not MONOCHROME1 or MONOCHROME2"),
            "{why}"
        );
        let colours = HeaderFacts {
            photometric: Some("RGB".into()),
            ..HeaderFacts::default()
        };
        assert_eq!(
            header_verdict(&colours, &spec()),
            None,
            "a bundle that names none takes any"
        );
    }
}
