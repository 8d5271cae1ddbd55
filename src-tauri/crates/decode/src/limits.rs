//! What one file may cost, and the size that it declares.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

use crate::DecodeError;

/// What is asked before an image of so many bytes is allocated.
pub type OnDeclared<'a> = &'a dyn Fn(u64);

/// So many bytes as a length in memory.
///
/// # Errors
/// `limit_exceeded` where an address has too few bits for them.
pub fn in_memory(bytes: u64) -> Result<usize, DecodeError> {
    usize::try_from(bytes).map_err(|_| DecodeError::limit(format!("{bytes} bytes do not fit into memory")))
}

const GIB: u64 = 1 << 30;

/// What one file may cost. The child enforces memory and processor time on itself before it reads
/// anything; the parent enforces the clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Largest file that is read, in bytes.
    pub max_file_bytes: u64,
    /// Largest image: rows x columns x frames x samples, in bytes.
    pub max_pixels_bytes: u64,
    /// Largest frame: rows x columns. What looks at a frame takes some ten bytes for each of its pixels.
    pub max_frame_pixels: u64,
    /// Bytes of image that any file may hold, however small it is.
    pub free_pixels_bytes: u64,
    /// Beyond them, bytes of image for each byte of the file. Samples below 8 bits count as they are packed.
    pub max_ratio: u64,
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
    /// Bytes that any archive may hold, however small it is; archives within it count as it does.
    pub free_unpacked_bytes: u64,
    /// Beyond them, unpacked bytes for each byte of the archive.
    pub max_unpacked_ratio: u64,
}

impl Default for Limits {
    /// No clinical image is to meet these, and no small file is to fill the memory.
    ///
    /// *Frame.* The largest of the test packs has 8 million pixels. Mammograms have up to 28 million (4728 x 5928),
    /// stitched spines and legs 45, films at 50 um 60 (8600 x 7000), cameras 100. Whole slides are stored as
    /// tiles of at most 1 million (PS3.3 C.8.12.4). The limit is 134 million.
    ///
    /// *Ratio.* In the packs the highest is 158 (lossy JPEG 2000), 82 (JPEG), 57 (deflate), 1195 for a mask of
    /// 0.4 MB. Lossy cine runs reach about 100. A blank frame has no bound of its own (a JPEG 2000 stream of
    /// 100 bytes may be of any size), so that 128 MiB are free: a blank film of 60 million pixels of 16 bits, or
    /// 256 blank slices of 512 x 512. RLE reaches 64 at most and never meets the ratio. A deflated segmentation may
    /// reach 1000, in packed bits, of which 128 MiB are 4096 frames of 512 x 512.
    ///
    /// *Archives.* Studies shrink to a half or a tenth; blank ones of any size are within the free GiB.
    fn default() -> Self {
        Self {
            max_file_bytes: 2 * GIB,
            max_pixels_bytes: 2 * GIB,
            max_frame_pixels: 1 << 27,
            free_pixels_bytes: GIB / 8,
            max_ratio: 256,
            max_inflated_bytes: GIB / 4,
            memory_bytes: GIB,
            cpu_seconds: 10,
            wall: Duration::from_secs(10),
            bytes_per_second: 16 << 20,
            max_sequence_depth: 64,
            max_frames: 100_000,
            free_unpacked_bytes: GIB,
            max_unpacked_ratio: 100,
        }
    }
}

impl Limits {
    /// Seconds that `bytes` of file or picture add to the time limits.
    pub fn extra_seconds(&self, bytes: u64) -> u64 {
        bytes / self.bytes_per_second.max(1)
    }

    /// Refuses an image that is too large by itself, before anything is allocated for it.
    /// Returns its size in bytes, once it is decoded.
    pub fn check_size(&self, image: &Declared) -> Result<u64, DecodeError> {
        let Declared {
            frames,
            rows,
            cols,
            samples,
            ..
        } = *image;
        if rows == 0 || cols == 0 || frames == 0 || samples == 0 {
            return Err(DecodeError::corrupt(format!(
                "the image has no pixels: {rows} rows x {cols} columns x {frames} frames x {samples} samples"
            )));
        }
        if frames > u64::from(self.max_frames) {
            return Err(DecodeError::limit(format!(
                "the file declares {frames} frames; at most {} are read",
                self.max_frames
            )));
        }
        if rows
            .checked_mul(cols)
            .is_none_or(|pixels| pixels > self.max_frame_pixels)
        {
            return Err(DecodeError::limit(format!(
                "a frame is declared as {rows} x {cols} pixels, more than the limit of {} million",
                self.max_frame_pixels / 1_000_000
            )));
        }
        image
            .bytes()
            .filter(|bytes| *bytes <= self.max_pixels_bytes)
            .ok_or_else(|| {
                DecodeError::limit(format!(
                    "the image is declared as {image}, more than the limit of {} MiB",
                    self.max_pixels_bytes >> 20
                ))
            })
    }

    /// Refuses an image that is too large for a file of `file_bytes` to have been made of it: what grows so much is
    /// cut short, damaged or made to fill the memory.
    pub fn check_ratio(&self, image: &Declared, file_bytes: u64) -> Result<(), DecodeError> {
        let allowed = self
            .free_pixels_bytes
            .saturating_add(file_bytes.saturating_mul(self.max_ratio));
        if image.packed_bytes().is_some_and(|bytes| bytes <= allowed) {
            return Ok(());
        }
        Err(DecodeError::limit(format!(
            "the file of {file_bytes} bytes declares an image of {image}, more than {} MiB and {} times its own size: \
             it is cut short, damaged or made to harm",
            self.free_pixels_bytes >> 20,
            self.max_ratio
        )))
    }

    /// Refuses to go on with an archive of `archive_bytes` out of which `unpacked` bytes have come.
    pub fn check_unpacked(&self, unpacked: u64, archive_bytes: u64) -> Result<(), DecodeError> {
        let allowed = self
            .free_unpacked_bytes
            .saturating_add(archive_bytes.saturating_mul(self.max_unpacked_ratio));
        if unpacked <= allowed {
            return Ok(());
        }
        Err(DecodeError::limit(format!(
            "the archive of {archive_bytes} bytes grows beyond {} MiB and {} times its own size: it is damaged or made \
             to harm, and the rest of it is not read",
            self.free_unpacked_bytes >> 20,
            self.max_unpacked_ratio
        )))
    }

    /// [`Self::check_size`] and [`Self::check_ratio`].
    pub fn check(&self, image: &Declared, file_bytes: u64) -> Result<u64, DecodeError> {
        let bytes = self.check_size(image)?;
        self.check_ratio(image, file_bytes)?;
        Ok(bytes)
    }
}

/// The size of an image as its file declares it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Declared {
    /// Pages of a TIFF file, frames of a DICOM file.
    pub frames: u64,
    /// Of each frame.
    pub rows: u64,
    /// Of each frame.
    pub cols: u64,
    /// Of each pixel.
    pub samples: u64,
    /// Of a sample as it is stored. Samples below 8 bits take a byte each once they are decoded.
    pub bits: u64,
}

impl Declared {
    /// One frame of 8 bits a sample, as most formats have it.
    pub fn frame(rows: u32, cols: u32, samples: u32) -> Self {
        Self {
            frames: 1,
            rows: u64::from(rows),
            cols: u64::from(cols),
            samples: u64::from(samples),
            bits: 8,
        }
    }

    fn bits_of_samples(&self, bits: u64) -> Option<u64> {
        [self.rows, self.cols, self.samples, bits]
            .into_iter()
            .try_fold(self.frames, u64::checked_mul)
    }

    /// Once decoded; `None` when the number is beyond all bounds.
    fn bytes(&self) -> Option<u64> {
        self.bits_of_samples(self.bits.next_multiple_of(8)).map(|bits| bits / 8)
    }

    fn packed_bytes(&self) -> Option<u64> {
        self.bits_of_samples(self.bits).map(|bits| bits.div_ceil(8))
    }
}

impl fmt::Display for Declared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            frames,
            rows,
            cols,
            samples,
            bits,
        } = self;
        write!(
            f,
            "{frames} frames x {rows} x {cols} x {samples} samples of {bits} bits"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::FailureCode;

    fn image(frames: u64, rows: u64, cols: u64, samples: u64, bits: u64) -> Declared {
        Declared {
            frames,
            rows,
            cols,
            samples,
            bits,
        }
    }

    #[test]
    fn an_image_over_a_limit_and_one_whose_size_overflows_are_refused() {
        let limits = Limits::default();
        let code = |image: &Declared| limits.check_size(image).map_err(|e| e.code);
        assert_eq!(code(&image(1, 512, 512, 1, 16)), Ok(524_288));
        assert_eq!(code(&image(1, 16, 16, 1, 1)), Ok(256));
        for (frames, rows, cols, samples) in [
            (1, 30_000, 30_000, 1),
            (1, 65_535, 65_535, 1),
            (100_000, u64::MAX, 2, 3),
            (u64::MAX, 2, 2, 1),
            (100_001, 1, 1, 1),
            (4_097, 512, 512, 1),
        ] {
            let declared = image(frames, rows, cols, samples, 16);
            assert_eq!(code(&declared), Err(FailureCode::LimitExceeded), "{declared}");
        }
        assert_eq!(code(&image(1, 0, 5, 1, 8)), Err(FailureCode::Corrupt));
    }

    #[test]
    fn clinical_images_pass_and_bombs_do_not() {
        let limits = Limits::default();
        // Size in bytes of the smallest file that one meets.
        for (what, image, file_bytes) in [
            ("a blank film in JPEG 2000", image(1, 7_000, 8_600, 1, 16), 300),
            ("a mammogram", image(1, 5_928, 4_728, 1, 16), 900_000),
            ("a photograph", image(1, 8_708, 11_608, 3, 8), 4_000_000),
            ("a tomosynthesis", image(90, 2_457, 1_996, 1, 16), 9_000_000),
            ("a cine run", image(1_400, 800, 600, 3, 8), 12_000_000),
            ("a deflated segmentation", image(5_000, 512, 512, 1, 1), 200_000),
            ("a slide", image(9_000, 256, 256, 3, 8), 30_000_000),
        ] {
            assert!(limits.check(&image, file_bytes).is_ok(), "{what}");
        }
        for (what, image, file_bytes) in [
            ("deflated zeros", image(1, 11_000, 11_000, 3, 8), 355_000),
            ("blank JPEG 2000", image(300, 512, 512, 1, 16), 30_000),
            ("deflated bits", image(60_000, 512, 512, 1, 1), 2_000_000),
        ] {
            let code = limits.check_ratio(&image, file_bytes).map_err(|e| e.code);
            assert_eq!(code, Err(FailureCode::LimitExceeded), "{what}");
        }
    }
}
