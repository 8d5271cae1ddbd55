//! A [`ReportSnapshot`] turned into the bytes of a file: PDF/A-2b, CSV or PNG.
//!
//! Pure: no files, no clock, no network; fonts and templates are embedded and the time of the
//! report is in the snapshot, so the same snapshot gives the same bytes. All text of the snapshot
//! reaches the typesetter as data (JSON), never as markup, so a name can carry no instructions.

#![warn(missing_docs)]

mod csv_table;
mod error;
pub mod evaluation;
mod legible;
mod pdf;
mod picture;
mod png;
mod typeset;
mod view;
mod words;

pub use error::ReportError;
pub use picture::grey_map::{colour_png, grey_png, map_png};
pub use png::key_image_png;

use domain::{ReportFormat, ReportSnapshot};

/// The report as the bytes of a file.
///
/// # Errors
/// When a key image or its map does not hold as many values as its size asks for, and when the
/// typesetter or an encoder fails.
pub fn render(snapshot: &ReportSnapshot, format: ReportFormat) -> Result<Vec<u8>, ReportError> {
    match format {
        ReportFormat::Pdf => pdf::pdf(snapshot),
        ReportFormat::Csv => csv_table::csv_table(snapshot),
        ReportFormat::Png => png::sheet_png(snapshot),
    }
}
