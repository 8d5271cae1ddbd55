//! What the gate asks of a file's header, and of a person where the header is silent.

use domain::{
    Age, BodyPart, Header, ImageFacts, Part, SaidKind, SaidSequence, Sentence, SentenceCode, Sequence, SlicePlane,
    SourceFormat, Stated,
};

use super::fit::code_text;

/// An age that a person says and one of the header may be so many years apart.
const YEARS_APART: f32 = 2.0;

/// What the header and a person say, as far as the gate asks. `None` where nobody says it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HeaderFacts {
    /// DICOM modality; `None` for an image file without a header.
    pub modality: Option<String>,
    /// Which part of the body it shows.
    pub part: Part,
    /// Photometric Interpretation; `None` for an image file without a header.
    pub photometric: Option<String>,
    /// Of the patient at the study.
    pub age: Age,
    /// View Position (0018,5101).
    pub view_position: Option<String>,
    /// Of an MR image.
    pub sequence: Option<SaidSequence>,
    /// Of a slice.
    pub plane: Option<SlicePlane>,
    /// It is a phantom of the program's own generator, and has no age.
    pub phantom: bool,
    /// A person named the bundle for it: what is not known is as the bundle needs it.
    pub named: bool,
    /// What a person said contradicts the header.
    pub contradiction: Option<Sentence>,
    /// No model reads the stack that it is of, and why.
    pub refused: Option<Sentence>,
}

impl HeaderFacts {
    /// The part of the body as a sentence names it; `None` where it is not known.
    pub fn part_in_words(&self) -> Option<&str> {
        match &self.part {
            Part::Unknown => None,
            Part::Is(part) => Some(code_text(part.as_str())),
            Part::Other(code) => Some(code_text(code)),
        }
    }

    /// What the file says of its frame (0 is the first).
    pub fn of(header: &Header, facts: &ImageFacts, frame: u32) -> Self {
        let dicom = header.instance.format == SourceFormat::Dicom;
        let said = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        let kind = SaidKind::of(header, facts, frame);
        let phantom = facts.acquisition.phantom;
        let file_of_phantom = (phantom && !dicom).then(|| "MR".to_owned());
        Self {
            modality: dicom.then(|| header.series.modality.clone()).or(file_of_phantom),
            // Of an image file it would be that of the decoder.
            photometric: Some(header.image.photometric_interpretation.clone())
                .filter(|found| dicom && !found.trim().is_empty()),
            age: header.age(),
            view_position: said(&header.series.view_position),
            part: kind.part,
            sequence: kind.sequence,
            plane: kind.plane,
            phantom,
            ..Self::default()
        }
    }

    /// What the file says of all its frames together.
    pub fn of_file(header: &Header, facts: &ImageFacts) -> Self {
        let frames = if facts.frames.is_empty() {
            1
        } else {
            header.image.frames.max(1)
        };
        let all: Vec<Self> = (0..frames).map(|frame| Self::of(header, facts, frame)).collect();
        Self::of_stack(&all)
    }

    /// With what a person said of it.
    pub fn with(mut self, stated: &Stated) -> Self {
        let mut wrong = None;
        if let Some(said) = stated.sequence.map(domain::StatedSequence::sequence) {
            wrong = self.with_sequence(said);
        }
        if let Some(years) = stated.age_years {
            match self.age {
                Age::Years(known) if (known - years).abs() > YEARS_APART => {
                    wrong = wrong.or(Some((format!("{years} years"), format!("{known} years"))));
                }
                Age::Years(_) => {}
                Age::Unknown | Age::Contradiction(..) => self.age = Age::Years(years),
            }
        }
        if let Some(view) = &stated.view {
            match &self.view_position {
                Some(known) if !known.eq_ignore_ascii_case(view) => {
                    wrong = wrong.or(Some((view.clone(), known.clone())))
                }
                Some(_) => {}
                None => self.view_position = Some(view.clone()),
            }
        }
        self.contradiction = wrong.map(|(stated, found)| {
            let words = format!("a person stated {stated}, and the header says {found}: correct the statement");
            let values = [("stated", stated.into()), ("found", found.into())];
            Sentence::new(SentenceCode::GateStatedContradiction, values, words)
        });
        self
    }

    /// What was said and what the header says, where they cannot both be so.
    fn with_sequence(&mut self, said: Sequence) -> Option<(String, String)> {
        let wrong = |found: &str| Some((said.to_string(), found.to_owned()));
        if let Some(other) = self.modality.as_deref().filter(|modality| *modality != "MR") {
            return wrong(other);
        }
        match self.sequence {
            Some(SaidSequence::Is(found)) if found != said => return wrong(found.as_str()),
            Some(SaidSequence::AgentUnknown) if !matches!(said, Sequence::T1Contrast | Sequence::Other) => {
                return wrong("T1");
            }
            Some(SaidSequence::Mixed(one, _)) => return wrong(one.as_str()),
            _ => {}
        }
        // What the models of MR images are for.
        self.modality = Some("MR".to_owned());
        self.sequence = Some(SaidSequence::Is(said));
        if self.part == Part::Unknown {
            self.part = Part::Is(BodyPart::Head);
        }
        None
    }

    /// What images say together that are scrolled through as one: never one thing of some and another of others.
    pub fn of_stack(all: &[Self]) -> Self {
        let Some(first) = all.first() else {
            return Self::default();
        };
        let planes = || all.iter().filter_map(|one| one.plane);
        let known = |age: &&Self| age.age != Age::Unknown;
        Self {
            sequence: together(all.iter().filter_map(|one| one.sequence)),
            plane: match planes().next() {
                Some(plane) if planes().all(|other| other == plane) => Some(plane),
                // A survey looks from several sides.
                Some(_) => Some(SlicePlane::Oblique),
                None => None,
            },
            part: {
                let said = || all.iter().map(|one| &one.part).filter(|part| **part != Part::Unknown);
                let other = said().find(|part| matches!(part, Part::Other(_)));
                other.or_else(|| said().next()).cloned().unwrap_or_default()
            },
            age: all.iter().find(known).map_or(Age::Unknown, |one| one.age),
            view_position: all.iter().find_map(|one| one.view_position.clone()),
            contradiction: all.iter().find_map(|one| one.contradiction.clone()),
            ..first.clone()
        }
    }
}

fn together(said: impl Iterator<Item = SaidSequence> + Clone) -> Option<SaidSequence> {
    let some = |one: &SaidSequence| *one != SaidSequence::Unknown;
    let first = said.clone().find(some).or_else(|| said.clone().next())?;
    let other = said.clone().filter(some).find(|other| *other != first);
    Some(match (first, other) {
        (first, None) => first,
        (SaidSequence::Is(one), Some(SaidSequence::Is(other))) => SaidSequence::Mixed(one, other),
        (SaidSequence::Is(_), Some(other)) => other,
        (first, Some(_)) => first,
    })
}

#[cfg(test)]
mod tests {
    use domain::StatedSequence;

    use super::*;

    fn mr(sequence: SaidSequence) -> HeaderFacts {
        HeaderFacts {
            modality: Some("MR".into()),
            sequence: Some(sequence),
            plane: Some(SlicePlane::Axial),
            ..HeaderFacts::default()
        }
    }

    fn is(sequence: Sequence) -> SaidSequence {
        SaidSequence::Is(sequence)
    }

    #[test]
    fn a_stack_says_one_thing() {
        let of = |all: &[SaidSequence]| {
            let all: Vec<HeaderFacts> = all.iter().map(|one| mr(*one)).collect();
            HeaderFacts::of_stack(&all).sequence
        };
        let (flair, t2) = (is(Sequence::Flair), is(Sequence::T2));
        assert_eq!(of(&[flair, flair]), Some(flair));
        assert_eq!(of(&[SaidSequence::Unknown, flair]), Some(flair));
        assert_eq!(
            of(&[flair, t2]),
            Some(SaidSequence::Mixed(Sequence::Flair, Sequence::T2))
        );
        assert_eq!(
            of(&[flair, SaidSequence::AgentUnknown]),
            Some(SaidSequence::AgentUnknown)
        );
        assert_eq!(of(&[SaidSequence::Unknown; 2]), Some(SaidSequence::Unknown));
        let mut planes = [mr(flair), mr(flair)];
        planes[1].plane = Some(SlicePlane::Coronal);
        assert_eq!(HeaderFacts::of_stack(&planes).plane, Some(SlicePlane::Oblique));
        assert_eq!(HeaderFacts::of_stack(&[]), HeaderFacts::default());
    }

    #[test]
    fn what_a_person_says_fills_what_is_not_known_and_changes_nothing_else() {
        let stated = |sequence, age_years: Option<f32>, view: Option<&str>| Stated {
            sequence,
            age_years,
            view: view.map(str::to_owned),
            ..Stated::default()
        };
        let file = HeaderFacts::default().with(&stated(Some(StatedSequence::Flair), Some(45.0), None));
        assert_eq!((file.sequence, file.age), (Some(is(Sequence::Flair)), Age::Years(45.0)));
        assert_eq!(
            (file.modality.as_deref(), file.part),
            (Some("MR"), Part::Is(BodyPart::Head))
        );
        let wrong = |facts: HeaderFacts, stated: &Stated| facts.with(stated).contradiction.map(|why| why.words);
        let flair = stated(Some(StatedSequence::Flair), None, None);
        assert!(wrong(mr(is(Sequence::T2)), &flair).is_some_and(|why| why.contains("header says T2")));
        assert!(wrong(mr(SaidSequence::AgentUnknown), &flair).is_some());
        let between = SaidSequence::Contradiction {
            name: Sequence::Flair,
            times: Sequence::T1,
        };
        assert_eq!(wrong(mr(between), &flair), None);
        let ct = HeaderFacts {
            modality: Some("CT".into()),
            ..HeaderFacts::default()
        };
        assert!(wrong(ct, &flair).is_some_and(|why| why.contains("CT")));
        let aged = HeaderFacts {
            age: Age::Years(3.0),
            view_position: Some("LL".into()),
            ..HeaderFacts::default()
        };
        assert!(wrong(aged.clone(), &stated(None, Some(45.0), None)).is_some());
        assert!(wrong(aged.clone(), &stated(None, None, Some("PA"))).is_some());
        assert_eq!(wrong(aged, &stated(None, Some(4.0), Some("ll"))), None);
        let between = HeaderFacts {
            age: Age::Contradiction(3.0, 74.0),
            ..HeaderFacts::default()
        };
        assert_eq!(between.with(&stated(None, Some(3.0), None)).age, Age::Years(3.0));
    }
}
