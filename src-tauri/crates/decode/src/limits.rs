use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::DecodeError;

const GIB: u64 = 1 << 30;

/// What one file may cost. The child enforces memory and processor time on itself before it reads
/// anything; the parent enforces the clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Largest file that is read, in bytes.
    pub max_file_bytes: u64,
    /// Largest picture: rows x columns x frames x samples, in bytes.
    pub max_pixels_bytes: u64,
    /// Largest data set that comes out of a deflated one, in bytes.
    pub max_inflated_bytes: u64,
    /// Address space of the child above the file and the declared picture, in bytes.
    pub memory_bytes: u64,
    /// Processor time for one file, in seconds, before what its size adds.
    pub cpu_seconds: u64,
    /// Wall-clock time for one file before what its size adds.
    pub wall: Duration,
    /// Bytes of file or picture that add one second to `cpu_seconds` and to `wall`.
    pub bytes_per_second: u64,
    /// Sequences within sequences.
    pub max_sequence_depth: u32,
    /// Pages of a TIFF file, frames of a DICOM file.
    pub max_frames: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_file_bytes: 2 * GIB,
            max_pixels_bytes: 2 * GIB,
            max_inflated_bytes: GIB / 4,
            memory_bytes: GIB,
            cpu_seconds: 10,
            wall: Duration::from_secs(10),
            bytes_per_second: 16 << 20,
            max_sequence_depth: 64,
            max_frames: 100_000,
        }
    }
}

impl Limits {
    /// Seconds that `bytes` of file or picture add to the time limits.
    pub(crate) fn extra_seconds(&self, bytes: u64) -> u64 {
        bytes / self.bytes_per_second.max(1)
    }

    /// Refuses a picture that would be too large, before anything is allocated for it.
    /// Returns its size in bytes.
    pub(crate) fn check_picture(
        &self,
        frames: u64,
        rows: u64,
        cols: u64,
        samples: u64,
        bytes_per_sample: u64,
    ) -> Result<u64, DecodeError> {
        if rows == 0 || cols == 0 || frames == 0 || samples == 0 {
            return Err(DecodeError::corrupt(format!(
                "the picture has no pixels: {rows} rows x {cols} columns x {frames} frames x {samples} samples"
            )));
        }
        if frames > u64::from(self.max_frames) {
            return Err(DecodeError::limit(format!(
                "the file declares {frames} frames; at most {} are read",
                self.max_frames
            )));
        }
        let bytes = [rows, cols, samples, bytes_per_sample]
            .into_iter()
            .try_fold(frames, u64::checked_mul)
            .filter(|bytes| *bytes <= self.max_pixels_bytes);
        bytes.ok_or_else(|| {
            DecodeError::limit(format!(
                "the picture is declared as {frames} x {rows} x {cols} x {samples} samples of {bytes_per_sample} bytes, \
                 more than the limit of {} MiB",
                self.max_pixels_bytes >> 20
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DecodeCode;

    #[test]
    fn a_picture_over_the_limit_and_one_whose_size_overflows_are_refused() {
        let limits = Limits::default();
        assert_eq!(limits.check_picture(1, 512, 512, 1, 2), Ok(524_288));
        for (frames, rows, cols, samples) in [(1, 65535, 65535, 1), (100_000, u64::MAX, 2, 3), (100_001, 1, 1, 1)] {
            let refused = limits.check_picture(frames, rows, cols, samples, 2).map_err(|e| e.code);
            assert_eq!(
                refused,
                Err(DecodeCode::LimitExceeded),
                "{frames} x {rows} x {cols} x {samples}"
            );
        }
        assert_eq!(
            limits.check_picture(1, 0, 5, 1, 1).map_err(|e| e.code),
            Err(DecodeCode::Corrupt)
        );
    }
}
