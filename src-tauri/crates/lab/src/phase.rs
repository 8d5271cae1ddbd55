//! What long work of this room says it does. Only a terminal shows it, so these are no phases of a vault's jobs.

use std::fmt;

use engine::training::Progress;

/// Sees the progress of long work, phase by phase, and may ask it to stop by answering `false`.
pub type Watch<'a> = workflow::frames::Watch<'a, Phase>;

/// What a training or an evaluation does at this moment.
#[derive(Debug, Clone, PartialEq)]
pub enum Phase {
    /// Every image and mask of the manifest is decoded.
    CheckingImages,
    /// Every image of another pack is decoded.
    CheckingOtherPacks,
    /// Images become inputs of the network.
    PreparingImages,
    /// Counted in epochs of the member that ends last, of which these are the figures.
    Training(Option<Progress>),
    /// Gate statistics and calibration are made.
    FittingGateAndScores,
    /// Gate statistics of the router are made.
    FittingGate,
    /// Images of other packs and spoilt ones go through the network.
    ShowingOthers,
    /// The gate is fitted again without each kind in turn.
    LeavingKindsOut,
    /// Synthetic scans go through the network.
    ShowingSynthetic,
    /// Images get their scores.
    Evaluating,
    /// Shifted copies get their scores.
    Shifting,
    /// Images get their routes.
    Routing,
    /// Features of the two splits are compared.
    ProbingForLeakage,
    /// Images are changed so that the model errs.
    Attacking,
    /// Plots and sheets of cases are made.
    Drawing,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CheckingImages => "checking the images",
            Self::CheckingOtherPacks => "checking the images of other packs",
            Self::PreparingImages => "preparing images",
            Self::Training(None) => "training",
            Self::Training(Some(progress)) => return training(progress, f),
            Self::FittingGateAndScores => "fitting the gate and the scores",
            Self::FittingGate => "fitting the gate",
            Self::ShowingOthers => "showing others to the gate",
            Self::LeavingKindsOut => "leaving kinds out of the gate",
            Self::ShowingSynthetic => "showing synthetic scans to the gate",
            Self::Evaluating => "evaluating",
            Self::Shifting => "evaluating shifted copies",
            Self::Routing => "routing",
            Self::ProbingForLeakage => "probing for leakage",
            Self::Attacking => "attacking",
            Self::Drawing => "drawing",
        })
    }
}

fn training(progress: &Progress, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "training: loss {:.4}", progress.loss)?;
    if let Some(validation) = &progress.validation {
        let figures = [
            ("validation Dice", validation.slice_dice),
            ("pointing", validation.pointing),
            ("class AUC", validation.class_auc),
        ];
        for (name, value) in figures {
            if let Some(value) = value {
                write!(f, ", {name} {value:.3}")?;
            }
        }
    }
    write!(f, ", {:.0} min left", progress.seconds_left / 60.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_training_says_what_is_known_of_it() {
        let mut progress = Progress {
            epoch: 3,
            epochs: 9,
            loss: 0.123_45,
            seconds: 1.0,
            seconds_left: 240.0,
            validation: None,
        };
        let words = |progress: &Progress| Phase::Training(Some(progress.clone())).to_string();
        assert_eq!(words(&progress), "training: loss 0.1235, 4 min left");
        progress.loss = 2.0;
        assert_eq!(words(&progress), "training: loss 2.0000, 4 min left");
    }
}
