//! How well an input gate parts the pictures it was made for from others.

use serde::{Deserialize, Serialize};

use crate::metrics::roc_auc;

/// Gate scores above 1 are refused.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct GateFigures {
    /// Area under the ROC curve of the gate's score, others against own; null where one kind is missing.
    pub auc: Option<f64>,
    pub others_refused: f64,
    pub n_own: usize,
    pub n_others: usize,
}

/// `None` where there are no others.
pub fn gate_figures(own: &[f32], others: &[f32]) -> Option<GateFigures> {
    let scores: Vec<f32> = own.iter().chain(others).copied().collect();
    let other: Vec<bool> = (0..scores.len()).map(|at| at >= own.len()).collect();
    let refused = others.iter().filter(|score| **score > 1.0).count();
    (!others.is_empty()).then(|| GateFigures {
        auc: roc_auc(&scores, &other),
        others_refused: refused as f64 / others.len() as f64,
        n_own: own.len(),
        n_others: others.len(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gate_that_parts_all_and_one_that_knows_nothing() {
        let told = gate_figures(&[0.2, 0.5], &[1.5, 3.0, 0.9]).unwrap_or_else(|| unreachable!());
        assert_eq!((told.auc, told.n_own, told.n_others), (Some(1.0), 2, 3));
        assert!((told.others_refused - 2.0 / 3.0).abs() < 1e-12);
        assert_eq!(gate_figures(&[0.5, 0.5], &[0.5]).and_then(|told| told.auc), Some(0.5));
        assert_eq!(gate_figures(&[0.5], &[]), None);
    }
}
