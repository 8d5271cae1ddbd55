//! Which cases an image sheet shows.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_pcg::Pcg64;

use super::ScoredCase;
use crate::metrics::dice;

/// Indices into the cases. Best and worst hold as many cases with an anomaly as without, where
/// there are so many; no case stands in two lists.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Choice {
    /// The best first.
    pub best: Vec<usize>,
    /// The worst first.
    pub worst: Vec<usize>,
    /// Drawn by seed from the others.
    pub random: Vec<usize>,
    /// Refused by the input gate.
    pub refused: Vec<usize>,
}

impl ScoredCase {
    /// How right the answer was, 0..=1: the Dice coefficient of an outlined lesion, otherwise the score's
    /// nearness to the label. `None` for a refused case.
    pub fn quality(&self) -> Option<f64> {
        let prediction = self.prediction.as_ref()?;
        let overlap = match (self.lesion(), &prediction.localisation) {
            (Some(lesion), Some(found)) => dice(lesion, &found.predicted),
            _ => None,
        };
        let label = f64::from(u8::from(self.anomaly));
        Some(overlap.unwrap_or_else(|| 1.0 - (label - f64::from(prediction.score.value())).abs()))
    }
}

/// Up to `count` cases of each kind; the same seed draws the same ones. Slices adjacent to a lesion,
/// whose label is unsure, are neither best nor worst.
pub fn choose(cases: &[ScoredCase], count: usize, seed: u64) -> Choice {
    let mut judged: Vec<(usize, f64, bool)> = cases
        .iter()
        .enumerate()
        .filter(|(_, case)| !case.adjacent_to_lesion)
        .filter_map(|(index, case)| Some((index, case.quality()?, case.anomaly)))
        .collect();
    judged.sort_by(|a, b| b.1.total_cmp(&a.1));
    let (with, without): (Vec<_>, Vec<_>) = judged.into_iter().partition(|(_, _, anomaly)| *anomaly);
    let mut rng = Pcg64::seed_from_u64(seed);
    let mut choice = Choice::default();
    // A class with few cases leaves its places to the other.
    let share = |own: usize, other: usize| count.saturating_sub(other.min(count / 2)).min(own);
    for (kind, other) in [(&with, &without), (&without, &with)] {
        let places = share(kind.len(), other.len()).min(kind.len() / 2 + kind.len() % 2);
        choice.best.extend(kind.iter().take(places).map(|(index, _, _)| *index));
        let rest = kind.len() - places;
        let worst = kind.iter().rev().take(places.min(rest));
        choice.worst.extend(worst.map(|(index, _, _)| *index));
    }
    let shown = |index: &usize| choice.best.contains(index) || choice.worst.contains(index);
    let mut others: Vec<usize> = (0..cases.len())
        .filter(|index| cases[*index].prediction.is_some() && !shown(index))
        .collect();
    others.shuffle(&mut rng);
    others.truncate(count);
    choice.random = others;
    let mut refused: Vec<usize> = (0..cases.len())
        .filter(|index| cases[*index].prediction.is_none())
        .collect();
    refused.shuffle(&mut rng);
    refused.truncate(count);
    choice.refused = refused;
    choice
}
