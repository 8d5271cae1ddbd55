//! What the analyses of a study say together.

use serde::{Deserialize, Serialize};

use crate::{Analysis, Flag, Head, InputVerdict, Refusal, Says, Sentence};

/// What a study's analyses say together. `top` is a place in the list that they are told in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct StudySummary {
    /// Why no image was accepted: it stands in place of a score, and only where there is none.
    pub refused: Option<Sentence>,
    /// The kind of that reason.
    pub refusal: Option<Refusal>,
    /// Images that the input gate refused.
    pub refused_images: usize,
    /// Images that were analysed.
    pub images: usize,
    /// The analysis with the highest score.
    pub top: Option<usize>,
    /// Of the models that say whether: they flag.
    pub whether: Option<SaidOfStudy>,
    /// Of the models that say where and not whether: they outline.
    #[serde(rename = "where")]
    pub says_where: Option<SaidOfStudy>,
}

/// What the models of one kind say of a study.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SaidOfStudy {
    /// Their analysis with the highest score.
    pub top: usize,
    /// Images that are flagged or outlined.
    pub reached: usize,
    /// Regions on them.
    pub regions: usize,
    /// Of each head that spoke there the flag with the highest score.
    pub heads: Vec<Flag>,
}

/// Of the newest analysis of each frame; of equal scores the first counts.
pub fn summary<F>(analyses: &[&Analysis<F>]) -> StudySummary {
    let refused: Vec<_> = analyses
        .iter()
        .filter(|one| one.input.verdict == InputVerdict::OutOfRange)
        .collect();
    let mut scored: Vec<(usize, &Analysis<F>, f32)> = analyses
        .iter()
        .enumerate()
        .filter_map(|(at, one)| Some((at, *one, one.score?.value())))
        .collect();
    scored.sort_by(|(_, _, a), (_, _, b)| b.total_cmp(a));
    let reason = refused.first().filter(|_| scored.is_empty());
    StudySummary {
        refused: reason.and_then(|one| one.input.reason.clone()),
        refusal: reason.and_then(|one| one.input.refusal()),
        refused_images: refused.len(),
        images: analyses.len(),
        top: scored.first().map(|(at, ..)| *at),
        whether: said(&scored, Says::Whether),
        says_where: said(&scored, Says::Where),
    }
}

/// Of analyses with a score, the highest first.
fn said<F>(scored: &[(usize, &Analysis<F>, f32)], says: Says) -> Option<SaidOfStudy> {
    let own = || scored.iter().filter(|(_, one, _)| one.says() == says);
    let (top, ..) = own().next()?;
    let reached: Vec<&Analysis<F>> = own().map(|(_, one, _)| *one).filter(|one| one.reached).collect();
    let loudest = |head: &Head| {
        let flags = reached
            .iter()
            .flat_map(|one| &one.heads)
            .filter(|flag| flag.head == *head);
        // Of equals the first.
        flags.copied().reduce(|a, b| if b.score > a.score { b } else { a })
    };
    Some(SaidOfStudy {
        top: *top,
        reached: reached.len(),
        regions: reached.iter().map(|one| one.findings.len()).sum(),
        heads: Head::ALL.iter().filter_map(loudest).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{analysis, counted, finding};
    use crate::{Score, SentenceCode, Uid};

    fn too_young() -> Sentence {
        Sentence {
            words: "too young".into(),
            coded: None,
        }
    }

    /// With a score or refused; `whether` it flags or outlines; with so many findings.
    fn one(score: Option<f32>, whether: bool, reached: bool, findings: usize) -> Analysis {
        let mut one = analysis(&Uid::from_bits([1; 16]), finding("a", 0.5));
        one.score = score.map(Score::clamped);
        one.operating_point.patients = whether.then(|| counted(0.9));
        one.reached = reached;
        one.heads = vec![];
        one.findings = (0..findings).map(|_| finding("a", 0.5)).collect();
        if score.is_none() {
            (one.input.verdict, one.input.reason) = (InputVerdict::OutOfRange, Some(too_young()));
        }
        one
    }

    fn of(all: &[Analysis]) -> StudySummary {
        summary(&all.iter().collect::<Vec<_>>())
    }

    fn said(top: usize, reached: usize, regions: usize) -> Option<SaidOfStudy> {
        Some(SaidOfStudy {
            top,
            reached,
            regions,
            heads: vec![],
        })
    }

    #[test]
    fn a_refusal_stands_in_place_of_a_score_only_where_no_image_was_accepted() {
        let refused = || one(None, true, false, 0);
        let told = of(&[refused(), refused()]);
        assert_eq!(
            (told.refused, told.refused_images, told.top),
            (Some(too_young()), 2, None)
        );
        assert_eq!(told.refusal, Some(Refusal::OtherKind));
        let mut asked = refused();
        asked.input.reason = Some(Sentence::new(SentenceCode::GateAskAge, [], "enter the patient's age"));
        assert_eq!(of(&[asked]).refusal, Some(Refusal::NotStated));
        assert_eq!((told.whether, told.says_where), (None, None));
        let told = of(&[refused(), one(Some(0.1), true, false, 0)]);
        assert_eq!((told.refused, told.refused_images, told.images), (None, 1, 2));
        assert_eq!(told.refusal, None);
        assert_eq!(
            (told.top, told.whether, told.says_where),
            (Some(1), said(1, 0, 0), None)
        );
        let told = of(&[]);
        assert_eq!((told.refused, told.images, told.top), (None, 0, None));
    }

    #[test]
    fn the_highest_score_speaks_and_models_of_the_two_kinds_are_told_apart() {
        let outlined = || one(Some(0.9), false, true, 2);
        let told = of(&[outlined(), one(Some(0.9), false, false, 0)]);
        assert_eq!(
            (told.top, told.whether, told.says_where),
            (Some(0), None, said(0, 1, 2))
        );
        let told = of(&[
            one(Some(0.6), true, true, 1),
            one(Some(0.7), true, false, 4),
            outlined(),
        ]);
        assert_eq!(
            (told.top, told.whether, told.says_where),
            (Some(2), said(1, 1, 1), said(2, 1, 2))
        );
    }

    #[test]
    fn each_head_speaks_by_its_own_highest_score_where_a_limit_was_reached() {
        let flag = |head, score| Flag {
            head,
            score,
            limit: Some(0.5),
        };
        let (quiet, odd) = (flag(Head::Unusual, 0.981), flag(Head::Unusual, 0.99));
        let (lesion, unheard) = (flag(Head::Lesion, 0.7), flag(Head::Lesion, 0.9));
        let with = |reached, head| Analysis {
            heads: vec![head],
            ..one(Some(0.1), true, reached, 0)
        };
        let told = of(&[
            with(true, quiet),
            with(true, odd),
            with(true, lesion),
            with(false, unheard),
        ]);
        assert_eq!(told.whether.map(|said| said.heads), Some(vec![lesion, odd]));
    }
}
