use domain::{Refusal, SentenceCode, SlicePlane};

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
        sequence: None,
        plane: None,
        window: None,
        quality: None,
        description: "axial FLAIR slices of the head".into(),
    }
}

fn flair() -> InputSpec {
    InputSpec {
        sequence: Some(Sequence::Flair),
        plane: Some(SlicePlane::Axial),
        ..spec()
    }
}

fn grown() -> HeaderFacts {
    HeaderFacts {
        age: Age::Years(45.0),
        ..HeaderFacts::default()
    }
}

fn words(facts: &HeaderFacts, spec: &InputSpec) -> String {
    let check = header_verdict(facts, spec);
    if facts.refused.is_none() {
        let why = match fit(facts, spec) {
            Fit::Fits { .. } => None,
            Fit::Asks { .. } => Some(Refusal::NotStated),
            Fit::Refused { .. } => Some(Refusal::OtherKind),
        };
        assert_eq!(check.as_ref().and_then(InputCheck::refusal), why, "{check:?}");
    }
    check
        .and_then(|check| check.reason)
        .map_or_else(String::new, |reason| reason.words)
}

#[test]
fn another_modality_or_body_part_is_refused_in_words() {
    let facts = |modality: &str, part: Part| HeaderFacts {
        modality: Some(modality.into()),
        part,
        ..grown()
    };
    let other = |code: &str| Part::Other(code.into());
    let head = || Part::Is(BodyPart::Head);
    assert_eq!(header_verdict(&facts("mr", head()), &spec()), None);
    assert_eq!(header_verdict(&grown(), &spec()), None);
    let ct = words(&facts("CT", head()), &spec());
    assert!(ct.contains("modality is CT"), "{ct}");
    let coded = header_verdict(&facts("CT", head()), &spec()).and_then(|check| check.reason?.coded);
    let coded = coded.map(|coded| {
        (
            coded.code,
            coded.values["found"].clone(),
            coded.values["accepted"].clone(),
        )
    });
    assert_eq!(coded, Some(("gate.modality".into(), "CT".into(), "MR".into())));
    let knee = words(&facts("MR", other("KNEE")), &spec());
    assert!(knee.contains("body part is KNEE"), "{knee}");
    let chest = words(&facts("MR", Part::Is(BodyPart::Chest)), &spec());
    assert!(chest.contains("body part is CHEST"), "{chest}");
    let odd = words(&facts("MR", other("\u{1b}[2JDOE^JANE")), &spec());
    assert!(odd.contains("not a valid code") && !odd.contains("JANE"), "{odd}");
    let knees = InputSpec {
        body_parts: vec!["KNEE".into()],
        ..spec()
    };
    assert_eq!(header_verdict(&facts("MR", other("KNEE")), &knees), None);
}

#[test]
fn another_age_or_view_is_refused_in_words_and_an_unknown_age_is_asked_for() {
    let said = |age, view: Option<&str>| {
        let facts = HeaderFacts {
            age,
            view_position: view.map(str::to_owned),
            ..HeaderFacts::default()
        };
        words(&facts, &spec())
    };
    assert_eq!(said(Age::Years(18.0), Some("pa")), "");
    assert_eq!(said(Age::Years(120.9), None), "");
    assert!(said(Age::Years(17.9), None).contains("17 years old"));
    assert!(said(Age::Years(0.02), None).contains("0 years old"));
    assert!(said(Age::Years(30.0), Some("LL")).contains("view is LL"));
    assert!(said(Age::Unknown, Some("PA")).contains("enter the patient's age"));
    let two = said(Age::Contradiction(3.0, 74.0), None);
    assert!(two.contains("3 years") && two.contains("by its dates 74"), "{two}");
    let any = InputSpec { ages: None, ..spec() };
    assert_eq!(words(&HeaderFacts::default(), &any), "");
    let named = HeaderFacts {
        named: true,
        ..HeaderFacts::default()
    };
    assert_eq!(words(&named, &flair()), "");
    let phantom = HeaderFacts {
        phantom: true,
        sequence: Some(SaidSequence::Is(Sequence::Flair)),
        ..HeaderFacts::default()
    };
    assert_eq!(words(&phantom, &flair()), "");
}

#[test]
fn another_sequence_is_refused_and_one_that_is_not_known_is_asked_for() {
    let mr = |sequence: SaidSequence| HeaderFacts {
        modality: Some("MR".into()),
        sequence: Some(sequence),
        plane: Some(SlicePlane::Axial),
        ..grown()
    };
    let plainly = Fit::Fits { plainly: true };
    assert_eq!(fit(&mr(SaidSequence::Is(Sequence::Flair)), &flair()), plainly);
    let rule = |facts: &HeaderFacts| match fit(facts, &flair()) {
        Fit::Refused { rule, .. } => Some(rule),
        _ => None,
    };
    for (sequence, word) in [
        (SaidSequence::Is(Sequence::T2), "T2"),
        (SaidSequence::Is(Sequence::Localizer), "localizer"),
        (SaidSequence::AgentUnknown, "T1"),
        (SaidSequence::Mixed(Sequence::Flair, Sequence::T2), "several sequences"),
    ] {
        assert_eq!(rule(&mr(sequence)), Some(Rule::Sequence), "{sequence:?}");
        assert!(words(&mr(sequence), &flair()).contains(word), "{sequence:?}");
    }
    let t1c = InputSpec {
        sequence: Some(Sequence::T1Contrast),
        plane: None,
        ..spec()
    };
    assert!(words(&mr(SaidSequence::AgentUnknown), &t1c).contains("contrast agent"));
    let contradiction = SaidSequence::Contradiction {
        name: Sequence::Flair,
        times: Sequence::T1,
    };
    assert!(words(&mr(contradiction), &flair()).contains("contradicts itself"));
    assert!(words(&mr(SaidSequence::Unknown), &flair()).contains("sequence is not known"));
    let both = words(&HeaderFacts::default(), &flair());
    assert!(both.contains("sequence") && both.contains("age"), "{both}");
    let sagittal = HeaderFacts {
        plane: Some(SlicePlane::Sagittal),
        ..mr(SaidSequence::Is(Sequence::Flair))
    };
    assert_eq!(rule(&sagittal), Some(Rule::Plane));
    assert!(words(&sagittal, &flair()).contains("sagittal, not axial"));
    let knee = HeaderFacts {
        part: Part::Other("KNEE".into()),
        ..sagittal
    };
    assert_eq!(rule(&knee), Some(Rule::Part));
}

#[test]
fn what_was_decided_of_the_stack_and_what_a_person_got_wrong_is_said() {
    let sentence = |words: &str| Some(Sentence::new(SentenceCode::GateBlank, [], words));
    let refused = HeaderFacts {
        refused: sentence("no model"),
        named: true,
        ..grown()
    };
    assert_eq!(words(&refused, &spec()), "no model");
    let wrong = HeaderFacts {
        contradiction: Some(Sentence::new(
            SentenceCode::GateStatedContradiction,
            [],
            "one of them is wrong",
        )),
        named: true,
        ..grown()
    };
    assert_eq!(words(&wrong, &spec()), "one of them is wrong");
}

#[test]
fn colours_are_refused_in_words_by_a_model_of_grey_pictures() {
    let said = |found: &str| {
        let facts = HeaderFacts {
            photometric: Some(found.into()),
            ..grown()
        };
        let spec = InputSpec {
            photometric: vec!["MONOCHROME1".into(), "MONOCHROME2".into()],
            ..spec()
        };
        words(&facts, &spec)
    };
    assert_eq!(said("MONOCHROME2"), "");
    let why = said("YBR_FULL");
    assert!(
        why.contains("pixels are YBR_FULL, not MONOCHROME1 or MONOCHROME2"),
        "{why}"
    );
    let colours = HeaderFacts {
        photometric: Some("RGB".into()),
        ..grown()
    };
    assert_eq!(words(&colours, &spec()), "", "a bundle that names none takes any");
}
