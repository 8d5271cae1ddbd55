//! The PDF: A4, PDF/A-2b, tagged.

use domain::ReportSnapshot;
use typst::foundations::Smart;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use crate::ReportError;
use crate::legible::Repertoire;
use crate::typeset::{Sheet, VirtualFile, compile, typst_datetime};
use crate::view::{self, View};

static TEMPLATE: &str = concat!(
    include_str!("../templates/common.typ"),
    include_str!("../templates/report.typ")
);

/// The report as a PDF/A-2b file (ISO 19005-2 level B).
pub fn pdf(snapshot: &ReportSnapshot) -> Result<Vec<u8>, ReportError> {
    let (view, pictures) = View::of(snapshot)?;
    match typeset(snapshot, &view, pictures.clone(), Repertoire::Full) {
        // A mark on a letter that only another font has leaves a gap, which PDF/A forbids.
        Err(ReportError::Pdf(_)) => typeset(snapshot, &view, pictures, Repertoire::Plain),
        done => done,
    }
}

fn typeset(
    snapshot: &ReportSnapshot,
    view: &View,
    mut files: Vec<VirtualFile>,
    repertoire: Repertoire,
) -> Result<Vec<u8>, ReportError> {
    files.push(view::data_file(view, repertoire)?);
    let sheet = Sheet::new(TEMPLATE, files)?;
    let document = compile(&sheet)?;
    let options = PdfOptions {
        ident: Smart::Custom(format!(
            "{} {}",
            snapshot.study.study_instance_uid, snapshot.prepared_at.0
        )),
        creator: Smart::Custom(Some(view.application.clone())),
        timestamp: typst_datetime(snapshot.prepared_at).map(Timestamp::new_utc),
        standards: PdfStandards::new(&[PdfStandard::A_2b]).map_err(|_| ReportError::Pdf(1))?,
        ..PdfOptions::default()
    };
    let bytes = typst_pdf::pdf(&document, &options).map_err(|faults| ReportError::Pdf(faults.len()));
    // What was remembered between layouts holds patient data; no other report would use it.
    typst::comemo::evict(0);
    bytes
}
