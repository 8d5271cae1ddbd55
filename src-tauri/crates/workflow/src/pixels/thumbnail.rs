//! Small images for lists: PNG of at most 128 pixels, under the window in which a frame is first shown.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use decode::protocol::middle;
use domain::grey::{Shown, ShownGrey, grey_of};
use domain::{Decoded, Failure, FailureCode, Uid};
use image::{ExtendedColorType, ImageEncoder};

use super::store::Store;
use crate::vault::OpenVault;

const LARGEST: u32 = 128;
/// Of some 5 kB each.
const MOST_KEPT: usize = 4000;

/// Thumbnails that were made, the longest unused going first.
#[derive(Default)]
pub struct Thumbnails {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    clock: u64,
    entries: BTreeMap<String, (u64, Arc<Vec<u8>>)>,
}

impl Thumbnails {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Of an instance: its middle frame.
    pub fn of_instance(&self, store: &Store, sop: &str) -> Result<Vec<u8>, Failure> {
        if let Some(png) = self.kept().take_up(sop) {
            return Ok(png.to_vec());
        }
        let decoded = store.get_for_thumbnail(sop)?;
        let png = thumbnail(&decoded, middle(decoded.pixels.frames))?;
        self.keep(sop, png.clone());
        Ok(png)
    }

    /// Keeps the small image of an instance that was made elsewhere.
    pub(crate) fn keep(&self, sop: &str, png: Vec<u8>) {
        self.kept().keep(sop.to_owned(), Arc::new(png));
    }
}

impl Kept {
    fn take_up(&mut self, sop: &str) -> Option<Arc<Vec<u8>>> {
        self.clock += 1;
        let clock = self.clock;
        self.entries.get_mut(sop).map(|(used, png)| {
            *used = clock;
            png.clone()
        })
    }

    fn keep(&mut self, sop: String, png: Arc<Vec<u8>>) {
        self.clock += 1;
        self.entries.insert(sop, (self.clock, png));
        if self.entries.len() > MOST_KEPT {
            // A tenth at once, so that the search for the oldest is rare.
            let mut used: Vec<u64> = self.entries.values().map(|(used, _)| *used).collect();
            used.sort_unstable();
            let oldest_kept = used[MOST_KEPT / 10];
            self.entries.retain(|_, (used, _)| *used >= oldest_kept);
        }
    }
}

/// The instance that stands for a study: the middle one of its images.
pub fn instance_of_study(open: &OpenVault, study: &str) -> Result<String, Failure> {
    let uid = Uid::as_written(study).map_err(|error| Failure::usage(error.to_string()))?;
    let middle = open.vault.middle_instance(&uid)?;
    middle
        .map(|uid| uid.to_string())
        .ok_or_else(|| Failure::new(FailureCode::NoPicture, format!("the study {uid} holds no image")))
}

pub fn thumbnail(decoded: &Decoded, frame: u32) -> Result<Vec<u8>, Failure> {
    let (rows, cols) = smaller(decoded.pixels.rows, decoded.pixels.cols);
    let shape = Shrink {
        from: [decoded.pixels.rows as usize, decoded.pixels.cols as usize],
        to: [rows as usize, cols as usize],
    };
    let (picture, colour) = match Shown::of(decoded, frame)? {
        Shown::Colour(rgb) => {
            let channel = |c: usize| shape.mean_of(|place| rgb.get(3 * place + c).map(|v| f64::from(*v)));
            let channels = [channel(0), channel(1), channel(2)];
            let count = rows as usize * cols as usize;
            let mixed = (0..count).flat_map(|place| channels.each_ref().map(|c| c[place].unwrap_or(0.0).round() as u8));
            (mixed.collect(), ExtendedColorType::Rgb8)
        }
        Shown::Grey(grey) => (greys(&grey, &shape), ExtendedColorType::L8),
    };
    let mut png = Cursor::new(Vec::new());
    image::codecs::png::PngEncoder::new(&mut png)
        .write_image(&picture, cols, rows, colour)
        .map_err(|error| Failure::new(FailureCode::Internal, format!("a thumbnail cannot be written: {error}")))?;
    Ok(png.into_inner())
}

/// Means of the values first, then the window: a lesion of few pixels still leaves its trace.
fn greys(grey: &ShownGrey<'_>, shape: &Shrink) -> Vec<u8> {
    let cols = shape.from[1].max(1);
    let hidden = |place: usize| {
        let at = [place / cols, place % cols].map(|at| u32::try_from(at).unwrap_or(u32::MAX));
        grey.shutter.as_ref().is_some_and(|shutter| shutter.hides(at[0], at[1]))
    };
    let means = shape.mean_of(|place| grey.values.at(place).filter(|v| v.is_finite() && !hidden(place)));
    let level = |mean: Option<f64>| grey_of(mean.unwrap_or(f64::NAN), &grey.first, grey.polarity);
    means.into_iter().map(level).collect()
}

/// The aspect is kept; no side vanishes.
fn smaller(rows: u32, cols: u32) -> (u32, u32) {
    let longest = rows.max(cols);
    if longest <= LARGEST {
        return (rows, cols);
    }
    let side = |length: u32| (u64::from(length) * u64::from(LARGEST)).div_ceil(u64::from(longest)) as u32;
    (side(rows), side(cols))
}

struct Shrink {
    from: [usize; 2],
    to: [usize; 2],
}

impl Shrink {
    /// For each small pixel the mean of the values of its box, where there are any.
    fn mean_of(&self, value: impl Fn(usize) -> Option<f64>) -> Vec<Option<f64>> {
        let ([rows, cols], [to_rows, to_cols]) = (self.from, self.to);
        let bounds = |at: usize, from: usize, to: usize| {
            let start = at * from / to;
            start..((at + 1) * from / to).max(start + 1)
        };
        let mut means = Vec::with_capacity(to_rows * to_cols);
        for row in 0..to_rows {
            for col in 0..to_cols {
                let (mut sum, mut count) = (0.0, 0u32);
                for y in bounds(row, rows, to_rows) {
                    for x in bounds(col, cols, to_cols) {
                        if let Some(v) = value(y * cols + x) {
                            sum += v;
                            count += 1;
                        }
                    }
                }
                means.push((count > 0).then(|| sum / f64::from(count)));
            }
        }
        means
    }
}

#[cfg(test)]
mod tests {
    use domain::PixelData;

    use super::super::tests::{coloured, grey as grey_picture};
    use super::*;

    type Checked = Result<(), Box<dyn std::error::Error>>;

    fn seen(png: &[u8]) -> Result<image::DynamicImage, image::ImageError> {
        image::load_from_memory_with_format(png, image::ImageFormat::Png)
    }

    #[test]
    fn the_aspect_is_kept_and_no_side_vanishes() -> Checked {
        for (rows, cols, expected) in [
            (1, 1, (1, 1)),
            (1, 20_000, (128, 1)),
            (300, 150, (64, 128)),
            (20, 10, (10, 20)),
        ] {
            let data = PixelData::U16((0..rows * cols).map(|v| (v % 4096) as u16).collect());
            let picture = seen(&thumbnail(&grey_picture(rows, cols, data), 0)?)?;
            assert_eq!((picture.width(), picture.height()), expected, "{rows} x {cols}");
        }
        Ok(())
    }

    #[test]
    fn colour_stays_colour_and_inverted_grey_is_turned() -> Checked {
        let red = coloured(4, 4, PixelData::U8([200, 10, 20].repeat(16)), "RGB");
        let picture = seen(&thumbnail(&red, 0)?)?.to_rgb8();
        assert_eq!(picture.get_pixel(1, 1).0, [200, 10, 20]);
        let mut ramp = grey_picture(1, 4, PixelData::I16(vec![-100, 0, 100, 200]));
        let plain = seen(&thumbnail(&ramp, 0)?)?.to_luma8();
        ramp.header.image.photometric_interpretation = "MONOCHROME1".into();
        let turned = seen(&thumbnail(&ramp, 0)?)?.to_luma8();
        assert!(plain.get_pixel(0, 0).0[0] < plain.get_pixel(3, 0).0[0]);
        assert!(turned.get_pixel(0, 0).0[0] > turned.get_pixel(3, 0).0[0]);
        Ok(())
    }

    #[test]
    fn values_that_are_no_numbers_are_dark_and_harm_nothing() -> Checked {
        let data = PixelData::F32(vec![f32::NAN, 0.25, 0.5, f32::INFINITY]);
        let picture = seen(&thumbnail(&grey_picture(2, 2, data), 0)?)?.to_luma8();
        assert_eq!(picture.get_pixel(0, 0).0[0], 0);
        assert!(picture.get_pixel(1, 0).0[0] < picture.get_pixel(0, 1).0[0]);
        Ok(())
    }
}
