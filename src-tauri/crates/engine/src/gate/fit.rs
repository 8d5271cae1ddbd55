//! Whether a bundle was made for what the header and a person say, by rules in one order.

use domain::{Age, BodyPart, InputCheck, InputVerdict, Part, SaidSequence, Sentence, SentenceCode, Sequence};

use super::header::HeaderFacts;
use super::made_for_value;
use crate::bundle::InputSpec;
use crate::number::rounded;

/// What decided, in the order in which it is asked: the later the rule, the nearer is the image to what the bundle was
/// made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// The device.
    Modality,
    /// The part of the body.
    Part,
    /// The sequence of an MR image.
    Sequence,
    /// How the slices lie.
    Plane,
    /// Colours.
    Photometric,
    /// The view of a film.
    View,
    /// The patient's age.
    Age,
    /// What a person said contradicts the header.
    Statement,
}

/// Whether an image is for a bundle, by what is said of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Fit {
    /// Nothing speaks against it; `plainly` where what kind it is was said, and is what the bundle was made for.
    Fits {
        /// Whether the kind was said.
        plainly: bool,
    },
    /// Nothing speaks against it, and a fact that the bundle needs is not known.
    Asks {
        /// Asks a person for it.
        question: Sentence,
        /// As of [`Fit::Fits`].
        plainly: bool,
    },
    /// It was not made for such an image.
    Refused {
        /// What decided.
        rule: Rule,
        /// Why.
        reason: Sentence,
    },
}

/// What header and person alone decide; `None` when they do not forbid the image.
pub fn header_verdict(facts: &HeaderFacts, spec: &InputSpec) -> Option<InputCheck> {
    let reason = facts.refused.clone().or_else(|| match fit(facts, spec) {
        Fit::Fits { .. } => None,
        Fit::Asks { question, .. } => Some(question),
        Fit::Refused { reason, .. } => Some(reason),
    })?;
    Some(InputCheck {
        verdict: InputVerdict::OutOfRange,
        reason: Some(reason),
        score: None,
    })
}

/// The first rule that refuses, else what has to be asked.
pub fn fit(facts: &HeaderFacts, spec: &InputSpec) -> Fit {
    let rules: [(Rule, Option<Sentence>); 8] = [
        (Rule::Modality, other_code(CodedFact::Modality, facts, spec)),
        (Rule::Part, other_part(facts, spec)),
        (Rule::Sequence, other_sequence(facts, spec)),
        (Rule::Plane, other_plane(facts, spec)),
        (Rule::Photometric, other_code(CodedFact::Photometric, facts, spec)),
        (Rule::View, other_code(CodedFact::View, facts, spec)),
        (Rule::Age, other_age(facts, spec)),
        (Rule::Statement, facts.contradiction.clone()),
    ];
    let refused = rules.into_iter().find_map(|(rule, reason)| Some((rule, reason?)));
    if let Some((rule, reason)) = refused {
        return Fit::Refused { rule, reason };
    }
    let plainly = match spec.sequence {
        Some(needed) => facts.sequence == Some(SaidSequence::Is(needed)),
        None => facts.modality.is_some() && matches!(facts.part, Part::Is(_)) && !spec.body_parts.is_empty(),
    };
    match question(facts, spec) {
        Some(question) if !facts.named => Fit::Asks { question, plainly },
        _ => Fit::Fits { plainly },
    }
}

/// What has to be known and is not.
fn question(facts: &HeaderFacts, spec: &InputSpec) -> Option<Sentence> {
    let needs_age = spec.ages.is_some() && !facts.phantom;
    let age = match facts.age {
        Age::Unknown if needs_age => Some(ask_age(spec)),
        Age::Contradiction(said, dates) if needs_age => {
            let (said, dates) = (format!("{:.0}", said.floor()), format!("{:.0}", dates.floor()));
            let words = format!(
                "the header says that the patient is {said} years old, and by its dates {dates}: enter the patient's age"
            );
            let values = [("said", said.into()), ("dates", dates.into())];
            Some(Sentence::new(SentenceCode::GateAskAgeOfTwo, values, words))
        }
        _ => None,
    };
    if spec.sequence.is_none() {
        return age;
    }
    match facts.sequence {
        None | Some(SaidSequence::Unknown) => Some(match age {
            None => Sentence::new(
                SentenceCode::GateAskSequence,
                [],
                "the sequence is not known, for the header does not say it: \
                 state whether it is FLAIR, T1 with contrast agent or another",
            ),
            Some(_) => Sentence::new(
                SentenceCode::GateAskSequenceAndAge,
                [],
                "the sequence and the patient's age are not known: \
                 state whether it is FLAIR, T1 with contrast agent or another, and enter the patient's age",
            ),
        }),
        Some(SaidSequence::AgentUnknown) => Some(Sentence::new(
            SentenceCode::GateAskAgent,
            [],
            "the header says T1 and not whether a contrast agent was given: state whether the sequence is T1 with contrast agent",
        )),
        Some(SaidSequence::Contradiction { name, times }) => {
            let words = format!(
                "the header contradicts itself: by its name the sequence is {name}, by its times {times}; state which it is"
            );
            let values = [("name", name.as_str().into()), ("times", times.as_str().into())];
            Some(Sentence::new(SentenceCode::GateAskContradiction, values, words))
        }
        Some(SaidSequence::Is(_) | SaidSequence::Mixed(..)) => age,
    }
}

fn ask_age(spec: &InputSpec) -> Sentence {
    let words = format!(
        "the patient's age is not known, and the model for {} needs it: enter the patient's age",
        spec.description
    );
    Sentence::new(SentenceCode::GateAskAge, [made_for_value(spec)], words)
}

#[derive(Clone, Copy, PartialEq)]
enum CodedFact {
    Modality,
    Photometric,
    View,
}

/// A coded fact that is none of those accepted. Of what a bundle names no values, any will do, but for the modality.
fn other_code(fact: CodedFact, facts: &HeaderFacts, spec: &InputSpec) -> Option<Sentence> {
    let (found, accepted, says) = match fact {
        CodedFact::Modality => (&facts.modality, &spec.modalities, "modality is"),
        CodedFact::Photometric => (&facts.photometric, &spec.photometric, "pixels are"),
        CodedFact::View => (&facts.view_position, &spec.views, "view is"),
    };
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
        CodedFact::Modality => Sentence::new(SentenceCode::GateModality, values, words),
        CodedFact::Photometric => Sentence::new(SentenceCode::GatePhotometric, values, words),
        CodedFact::View => Sentence::new(SentenceCode::GateView, values, words),
    })
}

fn other_part(facts: &HeaderFacts, spec: &InputSpec) -> Option<Sentence> {
    let made_for_it = match &facts.part {
        Part::Unknown => true,
        Part::Is(part) => (spec.body_parts.iter()).any(|code| BodyPart::of_code(code) == Some(*part)),
        Part::Other(code) => spec.body_parts.iter().any(|one| one.eq_ignore_ascii_case(code)),
    };
    if made_for_it || spec.body_parts.is_empty() {
        return None;
    }
    let (made_for, found) = (&spec.description, facts.part_in_words()?);
    let words = format!("this model was made for {made_for}; the file's body part is {found}");
    Some(Sentence::new(
        SentenceCode::GateBodyPart,
        [made_for_value(spec), ("found", found.into())],
        words,
    ))
}

/// A sequence that the model was plainly not made for. What is not known, or contradicts itself, is asked.
fn other_sequence(facts: &HeaderFacts, spec: &InputSpec) -> Option<Sentence> {
    let needed = spec.sequence?;
    match facts.sequence? {
        SaidSequence::Is(found) if found != needed => Some(no_model_of_sequence(found.as_str())),
        SaidSequence::AgentUnknown if needed != Sequence::T1Contrast && needed != Sequence::T1 => {
            Some(no_model_of_sequence("T1"))
        }
        SaidSequence::Mixed(one, other) => {
            let words = format!("the series holds images of several sequences: {one} and {other}");
            let values = [("one", one.as_str().into()), ("other", other.as_str().into())];
            Some(Sentence::new(SentenceCode::GateSequencesMixed, values, words))
        }
        _ => None,
    }
}

fn no_model_of_sequence(found: &str) -> Sentence {
    let words = format!("the sequence is {found}: no model in use was made for it");
    Sentence::new(SentenceCode::GateSequence, [("found", found.into())], words)
}

fn other_plane(facts: &HeaderFacts, spec: &InputSpec) -> Option<Sentence> {
    let (needed, found) = (spec.plane?, facts.plane?);
    if needed == found {
        return None;
    }
    let words = format!(
        "this model was made for {}; the plane of the slices is {found}, not {needed}",
        spec.description
    );
    let values = [made_for_value(spec), ("found", found.as_str().into())];
    Some(Sentence::new(SentenceCode::GatePlane, values, words))
}

fn other_age(facts: &HeaderFacts, spec: &InputSpec) -> Option<Sentence> {
    let (Age::Years(age), Some([youngest, oldest])) = (facts.age, spec.ages) else {
        return None;
    };
    if (youngest as f32..(oldest + 1) as f32).contains(&age) {
        return None;
    }
    let (made_for, age) = (&spec.description, age.floor());
    let words = format!("this model was made for {made_for}; the patient is {age} years old");
    Some(Sentence::new(
        SentenceCode::GateAge,
        [
            made_for_value(spec),
            ("count", i64::from(rounded(f64::from(age))).into()),
        ],
        words,
    ))
}

/// A code string (VR CS, PS3.5 6.2) as it stands; anything else could be a name and is not repeated.
pub(super) fn code_text(value: &str) -> &str {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b' ' || b == b'_';
    if value.len() <= 16 && value.bytes().all(plain) {
        value
    } else {
        "not a valid code"
    }
}

#[cfg(test)]
mod tests;
