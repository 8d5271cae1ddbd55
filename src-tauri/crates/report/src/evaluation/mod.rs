//! The images of an evaluation: plots, and a sheet of cases with both outlines.

mod cases;
mod plot;

pub use cases::{CasePicture, CaseSection, cases_png};
pub use plot::{Axis, Plot, PlotFiles, Series, SeriesKind, plot};
