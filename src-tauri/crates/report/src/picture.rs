//! Pixels: display size, outlines, encoding.

pub mod draw;
pub mod grey_map;
pub mod outline;
pub mod resample;

use crate::ReportError;

/// Errs when an image has no pixels or another number of values than its size asks for.
pub fn check_size(rows: u32, cols: u32, found: usize) -> Result<(), ReportError> {
    if rows == 0 || cols == 0 {
        return Err(ReportError::EmptyPicture { rows, cols });
    }
    if u64::from(rows) * u64::from(cols) != found as u64 {
        return Err(ReportError::ValueCount { rows, cols, found });
    }
    Ok(())
}
