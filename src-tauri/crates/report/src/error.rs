use domain::{Uid, room::NoRoom};

/// Why a report could not be made. No message carries a patient's name: what the typesetter says
/// of a text it could not set is dropped.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    #[error("an image of {rows} x {cols} pixels cannot be drawn; both sides must be at least 1")]
    EmptyPicture { rows: u32, cols: u32 },
    #[error("{found} values were given for an image of {rows} x {cols} pixels; decode the file again")]
    ValueCount { rows: u32, cols: u32, found: usize },
    #[error(
        "the anomaly map of instance {instance} is {map_rows} x {map_cols} but its image is {rows} x {cols}; \
         analyse the study again"
    )]
    MapSize {
        instance: Uid,
        rows: u32,
        cols: u32,
        map_rows: u32,
        map_cols: u32,
    },
    #[error("the report's page could not be laid out ({0}); this is a fault of the program; please report it")]
    Layout(String),
    #[error("the PDF/A file could not be written ({0} problems); this is a fault of the program; please report it")]
    Pdf(usize),
    #[error(transparent)]
    NoRoom(#[from] NoRoom),
    #[error("the PNG image could not be written: {0}")]
    Png(#[from] image::ImageError),
    #[error("the CSV table could not be written: {0}")]
    Csv(#[from] csv::Error),
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
