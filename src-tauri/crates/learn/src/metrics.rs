//! Figures of merit as pure functions, with exact bounds and patient-level intervals.
//!
//! A figure that does not apply (no lesion, one class only) is `None`, never NaN.

pub mod binomial;
pub mod bootstrap;
pub mod confusion;
pub mod froc;
pub mod overlap;
pub mod reliability;
pub mod roc;

pub use binomial::{clopper_pearson, lower_bound};
pub use bootstrap::{PatientRatio, Resamples};
pub use confusion::{Confusion, confusion};
pub use froc::{FrocCase, FrocPoint, froc};
pub use overlap::{centre_hit, dice, false_positives, pointing_hit};
pub use reliability::{ReliabilityBin, brier, ece, reliability};
pub use roc::{RankedScores, RocPoint, roc_auc, roc_points};
