//! Resampling between a frame and the network's square input, and back.

use domain::room::{NoRoom, filled, gathered};
use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::F32;
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};
use serde::{Deserialize, Serialize};

use crate::number::rounded;

/// Where the frame lies inside the square: the aspect ratio is kept, the rest is padding.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letterbox {
    /// Side of the square, pixels.
    pub size: u32,
    /// Columns of padding before the frame.
    pub left: u32,
    /// Rows of padding above it.
    pub top: u32,
    /// Columns of the frame within the square.
    pub width: u32,
    /// Rows of the frame within the square.
    pub height: u32,
}

impl Letterbox {
    /// The place of a frame of `rows` x `cols` pixels in a square of `size`: as large as it fits, in the middle.
    pub fn fit(rows: u32, cols: u32, size: u32) -> Self {
        let longest = u64::from(rows.max(cols).max(1));
        let scaled = |side: u32| {
            let scaled = (u64::from(side) * u64::from(size) * 2 + longest) / (2 * longest);
            u32::try_from(scaled).unwrap_or(size).clamp(1, size)
        };
        Self::around(scaled(cols), scaled(rows), size)
    }

    /// As [`Letterbox::fit`], of pixels that are `aspect` times as high as wide.
    pub fn of_shape(rows: u32, cols: u32, aspect: f64, size: u32) -> Self {
        if aspect == 1.0 {
            return Self::fit(rows, cols, size);
        }
        let (height, width) = (f64::from(rows) * aspect, f64::from(cols));
        let scale = f64::from(size) / height.max(width).max(f64::MIN_POSITIVE);
        let scaled = |side: f64| rounded(side * scale).clamp(1, size);
        Self::around(scaled(width), scaled(height), size)
    }

    fn around(width: u32, height: u32, size: u32) -> Self {
        Self {
            size,
            left: (size - width) / 2,
            top: (size - height) / 2,
            width,
            height,
        }
    }
}

/// Resizes a row-major `rows x cols` plane: area-weighted triangle filter when it shrinks, bilinear
/// when it grows.
///
/// # Errors
/// [`NoRoom`] for one of the planes.
pub fn resize(values: &[f32], rows: u32, cols: u32, to_rows: u32, to_cols: u32) -> Result<Vec<f32>, NoRoom> {
    debug_assert_eq!(values.len(), rows as usize * cols as usize);
    if (rows, cols) == (to_rows, to_cols) {
        return gathered(values.iter().copied());
    }
    let pixels: Vec<F32> = gathered(values.iter().map(|value| F32::new(*value)))?;
    let mut resized: Vec<F32> = filled(F32::new(0.0), to_rows as usize * to_cols as usize)?;
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear));
    // By the type of the pixel: the call that finds it at run time compiles the resampling of every type into this
    // crate, which takes longer than all the rest of it.
    let source = TypedImageRef::new(cols, rows, &pixels).map_err(|_| ());
    let target = TypedImage::from_pixels_slice(to_cols, to_rows, &mut resized).map_err(|_| ());
    let done = source.and_then(|source| {
        Resizer::new()
            .resize_typed(&source, &mut target?, &options)
            .map_err(|_| ())
    });
    // Both planes are well formed by construction, so the library has nothing to refuse.
    debug_assert!(done.is_ok());
    gathered(resized.iter().map(|pixel: &F32| pixel.0))
}

/// The part of a square of the letterbox's size that the image fills.
pub fn crop(map: &[f32], letterbox: Letterbox) -> Vec<f32> {
    let size = letterbox.size as usize;
    let (left, top) = (letterbox.left as usize, letterbox.top as usize);
    (top..top + letterbox.height as usize)
        .flat_map(|y| &map[y * size + left..y * size + left + letterbox.width as usize])
        .copied()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_keeps_its_aspect_ratio_in_the_square() {
        assert_eq!(
            Letterbox::fit(256, 256, 192),
            Letterbox {
                size: 192,
                left: 0,
                top: 0,
                width: 192,
                height: 192
            }
        );
        let wide = Letterbox::fit(100, 200, 192);
        assert_eq!((wide.width, wide.height, wide.left, wide.top), (192, 96, 0, 48));
        assert_eq!(Letterbox::of_shape(100, 200, 2.0, 192), Letterbox::fit(200, 200, 192));
        assert_eq!(Letterbox::of_shape(256, 256, 1.0 / 3.0, 192).height, 64);
        let line = Letterbox::fit(1, 20_000, 192);
        assert_eq!((line.width, line.height), (192, 1));
    }

    #[test]
    fn resizing_keeps_a_flat_plane_flat_and_a_ramp_in_order() -> Result<(), NoRoom> {
        let flat = resize(&[3.0; 12], 3, 4, 7, 5)?;
        assert_eq!(flat.len(), 35);
        assert!(flat.iter().all(|v| (v - 3.0).abs() < 1e-5));
        let ramp: Vec<f32> = (0..64).map(|x| x as f32).collect();
        let small = resize(&ramp, 1, 64, 1, 16)?;
        assert!(small.windows(2).all(|w| w[0] < w[1]));
        assert!((small.iter().sum::<f32>() / 16.0 - 31.5).abs() < 1e-3);
        Ok(())
    }
}
