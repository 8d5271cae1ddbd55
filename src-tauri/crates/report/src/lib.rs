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
pub use picture::grey_map::{grey_png, map_png};
pub use png::key_image_png;

use domain::ReportSnapshot;

/// The file formats of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// PDF/A-2b (ISO 19005-2), A4.
    Pdf,
    /// RFC 4180, UTF-8: a row for each finding and for each analysis without one.
    Csv,
    /// The key images on one sheet.
    Png,
}

impl Format {
    /// Every format, in the order in which they are offered.
    pub fn all() -> [Format; 3] {
        [Format::Pdf, Format::Csv, Format::Png]
    }

    /// Reads `pdf`, `csv` or `png`, in any case.
    pub fn parse(text: &str) -> Option<Self> {
        Self::all()
            .into_iter()
            .find(|format| format.as_str().eq_ignore_ascii_case(text))
    }

    /// The name, which is also the file's extension.
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Pdf => "pdf",
            Format::Csv => "csv",
            Format::Png => "png",
        }
    }

    /// The media type (RFC 6838), such as `application/pdf`.
    pub fn media_type(self) -> &'static str {
        match self {
            Format::Pdf => "application/pdf",
            Format::Csv => "text/csv",
            Format::Png => "image/png",
        }
    }
}

/// The report as the bytes of a file.
///
/// # Errors
/// When a key image or its map does not hold as many values as its size asks for, and when the
/// typesetter or an encoder fails.
pub fn render(snapshot: &ReportSnapshot, format: Format) -> Result<Vec<u8>, ReportError> {
    match format {
        Format::Pdf => pdf::pdf(snapshot),
        Format::Csv => csv_table::csv_table(snapshot),
        Format::Png => png::sheet_png(snapshot),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_reads_back_from_its_name() {
        for format in Format::all() {
            assert_eq!(Format::parse(format.as_str()), Some(format));
            assert_eq!(Format::parse(&format.as_str().to_uppercase()), Some(format));
        }
        assert_eq!(Format::parse("docx"), None);
        assert_eq!(Format::Pdf.media_type(), "application/pdf");
    }
}
