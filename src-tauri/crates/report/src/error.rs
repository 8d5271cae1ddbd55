use domain::{Uid, room::NoRoom};

/// Why a report could not be made. No message carries a patient's name: what the typesetter says
/// of a text it could not set is dropped.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// An image without a pixel.
    #[error("an image of {rows} x {cols} pixels cannot be drawn; both sides must be at least 1")]
    EmptyPicture {
        /// Height in pixels.
        rows: u32,
        /// Width in pixels.
        cols: u32,
    },
    /// An image with more or fewer values than its size asks for.
    #[error("{found} values were given for an image of {rows} x {cols} pixels; decode the file again")]
    ValueCount {
        /// Height in pixels.
        rows: u32,
        /// Width in pixels.
        cols: u32,
        /// Values that came; `rows * cols` were expected.
        found: usize,
    },
    /// A map that is not as large as its image.
    #[error(
        "the anomaly map of instance {instance} is {map_rows} x {map_cols} but its image is {rows} x {cols}; \
         analyse the study again"
    )]
    MapSize {
        /// SOP Instance UID of the image.
        instance: Uid,
        /// Height of the image in pixels.
        rows: u32,
        /// Width of the image in pixels.
        cols: u32,
        /// Height of the map in pixels.
        map_rows: u32,
        /// Width of the map in pixels.
        map_cols: u32,
    },
    /// The typesetter refused the page; what it says holds no text of the report.
    #[error("the report's page could not be laid out ({0}); this is a fault of the program; please report it")]
    Layout(String),
    /// The page is no PDF/A file; so many problems were found.
    #[error("the PDF/A file could not be written ({0} problems); this is a fault of the program; please report it")]
    Pdf(usize),
    /// An image does not fit into memory.
    #[error(transparent)]
    NoRoom(#[from] NoRoom),
    /// The PNG encoder failed.
    #[error("the PNG image could not be written: {0}")]
    Png(#[from] image::ImageError),
    /// The CSV writer failed.
    #[error("the CSV table could not be written: {0}")]
    Csv(#[from] csv::Error),
    /// The report's data are no JSON.
    #[error("the report's data could not be handed to its template: {0}")]
    Data(#[from] serde_json::Error),
}

impl From<ReportError> for domain::Failure {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::NoRoom(no_room) => no_room.into(),
            other => Self::new(domain::FailureCode::ReportFailed, other.to_string()),
        }
    }
}
