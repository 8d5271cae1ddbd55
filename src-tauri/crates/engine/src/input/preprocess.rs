//! From a frame to the network's input. Training and inference share this one path.

use domain::room::{NoRoom, filled, gathered, room_for};
use domain::{GreyFrame, PixelBox};

use crate::bundle::InputSpec;
use crate::input::{Letterbox, Lie, Turn, crop, quality, resize};
use crate::number::{narrow, rounded};

/// A network input: `size x size` z-scores, row by row, and where the frame lies in it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModelInput {
    /// `size * size` z-scores within -6..=6, row by row.
    pub values: Vec<f32>,
    /// Where the frame lies in the square.
    pub letterbox: Letterbox,
    /// The frame holds one value only: there is nothing to analyse.
    pub blank: bool,
    /// Standard deviation of the frame's noise, as a share of its grey range; 0 where the bundle does not ask for it.
    pub noise: f32,
    /// How the pixels of the frame lie.
    pub lie: Lie,
}

impl ModelInput {
    /// What a map of the network's input says of each pixel of a frame of `rows` x `cols`, as it was stored; 0 where the
    /// frame is no image.
    ///
    /// # Errors
    /// [`NoRoom`] for a map of the frame's size.
    pub fn to_frame(&self, map: &[f32], rows: u32, cols: u32) -> Result<Vec<f32>, NoRoom> {
        let (letterbox, Lie { turn, inner, .. }) = (self.letterbox, self.lie);
        let upright = crop(map, letterbox);
        let (height, width) = turn.shape(letterbox.height, letterbox.width);
        let stored = match turn == Turn::default() {
            true => upright,
            false => turn.undo(&upright, height, width),
        };
        let Some(inner) = inner else {
            return resize(&stored, height, width, rows, cols);
        };
        let part = resize(&stored, height, width, inner.height, inner.width)?;
        let mut whole = filled(0.0, rows as usize * cols as usize)?;
        for (line, values) in part.chunks_exact(inner.width as usize).enumerate() {
            let start = (inner.y as usize + line) * cols as usize + inner.x as usize;
            if let Some(to) = whole.get_mut(start..start + values.len()) {
                to.copy_from_slice(values);
            }
        }
        Ok(whole)
    }

    /// Pixels of a frame of `rows` x `cols` for each pixel of the input.
    pub fn enlarged(&self, rows: u32, cols: u32) -> f64 {
        let (rows, cols) = self.lie.inner.map_or((rows, cols), |inner| (inner.height, inner.width));
        f64::from(rows) * f64::from(cols) / (f64::from(self.letterbox.width) * f64::from(self.letterbox.height))
    }
}

/// Smooths noise where the bundle says so, resizes into the square, clips to percentiles, brings the exposure near that of
/// the training images, scales to z-scores of the body, clips to ±6.
///
/// # Errors
/// [`NoRoom`] for a copy of the frame.
pub fn prepare(frame: &GreyFrame, spec: &InputSpec) -> Result<ModelInput, NoRoom> {
    prepare_lying(frame, Lie::default(), spec)
}

/// As [`prepare`], of the part of the frame that is image, upright, with square pixels.
///
/// # Errors
/// [`NoRoom`] for a copy of the frame.
pub fn prepare_lying(frame: &GreyFrame, lie: Lie, spec: &InputSpec) -> Result<ModelInput, NoRoom> {
    let inside = |inner: &PixelBox| {
        let (right, bottom) = (inner.x.checked_add(inner.width), inner.y.checked_add(inner.height));
        inner.width > 0
            && inner.height > 0
            && right.is_some_and(|right| right <= frame.cols)
            && bottom.is_some_and(|bottom| bottom <= frame.rows)
    };
    let lie = Lie {
        inner: lie.inner.filter(inside),
        ..lie
    };
    let (rows, cols) = lie
        .inner
        .map_or((frame.rows, frame.cols), |inner| (inner.height, inner.width));
    let cut: Vec<f32>;
    let mut values = frame.values.as_slice();
    if let Some(inner) = lie.inner {
        let line = |row: u32| {
            let start = row as usize * frame.cols as usize + inner.x as usize;
            frame
                .values
                .get(start..start + inner.width as usize)
                .unwrap_or_default()
        };
        let mut part = room_for(rows as usize * cols as usize)?;
        (inner.y..inner.y + inner.height).for_each(|row| part.extend_from_slice(line(row)));
        cut = part;
        values = &cut;
    }
    let turned: Vec<f32>;
    if lie.turn != Turn::default() {
        turned = lie.turn.apply(values, rows, cols);
        values = &turned;
    }
    let (rows, cols) = lie.turn.shape(rows, cols);
    let aspect = if lie.turn.transpose {
        1.0 / lie.aspect
    } else {
        lie.aspect
    };
    let letterbox = Letterbox::of_shape(rows, cols, aspect, spec.size);
    let windowed: Vec<f32>;
    if let Some([low, high]) = spec.window.filter(|[low, high]| lie.hounsfield && low < high) {
        windowed = gathered(values.iter().map(|value| value.clamp(low, high)))?;
        values = &windowed;
    }
    let (inner, noise) = without_noise(values, rows, cols, letterbox, spec)?;
    let (low, high) = percentiles(&inner, spec.percentiles);
    let span = high - low;
    let blank = span <= f32::EPSILON * low.abs().max(high.abs()).max(1.0);
    let scale = if blank { 0.0 } else { 1.0 / span };
    let mut unit: Vec<f32> = inner.iter().map(|v| ((v - low) * scale).clamp(0.0, 1.0)).collect();
    if let Some(quality) = &spec.quality {
        let gamma = quality::gamma(&unit, letterbox.width as usize, quality);
        if gamma != 1.0 {
            unit.iter_mut().for_each(|v| *v = v.powf(gamma));
        }
    }
    let (mean, deviation) = body_statistics(&unit, spec.body_threshold);
    let z = |v: f32| ((v - mean) / deviation).clamp(-6.0, 6.0);

    let size = spec.size as usize;
    let mut values = vec![z(0.0); size * size];
    let width = letterbox.width as usize;
    for (row, line) in unit.chunks_exact(width).enumerate() {
        let start = (row + letterbox.top as usize) * size + letterbox.left as usize;
        for (target, v) in values[start..start + width].iter_mut().zip(line) {
            *target = z(*v);
        }
    }
    Ok(ModelInput {
        values,
        letterbox,
        blank,
        noise: if blank { 0.0 } else { noise },
        lie,
    })
}

/// The frame at the letterbox's size, smoothed where its noise is more than the bundle bears, and that noise as a share
/// of its grey range. Noise is measured and smoothed on the frame's own grid, for resampling makes it alike from pixel to
/// pixel; a frame of more than twice the letterbox is shrunk to that first.
fn without_noise(
    values: &[f32],
    rows: u32,
    cols: u32,
    letterbox: Letterbox,
    spec: &InputSpec,
) -> Result<(Vec<f32>, f32), NoRoom> {
    let Letterbox { height, width, .. } = letterbox;
    let Some(limits) = &spec.quality else {
        return Ok((resize(values, rows, cols, height, width)?, 0.0));
    };
    let (high, wide) = (rows.min(2 * height), cols.min(2 * width));
    let plane = resize(values, rows, cols, high, wide)?;
    let (dark, bright) = percentiles(&plane, spec.percentiles);
    let noise = quality::noise(&plane, wide as usize);
    let share = noise / (bright - dark).max(f32::MIN_POSITIVE);
    let plane = match share > limits.smoothed_above && share <= limits.refused_above {
        true => quality::smoothed(&plane, wide as usize, noise)?,
        false => plane,
    };
    Ok((resize(&plane, high, wide, height, width)?, share))
}

fn percentiles(values: &[f32], [low, high]: [f32; 2]) -> (f32, f32) {
    let mut sorted = values.to_vec();
    let last = sorted.len().saturating_sub(1);
    let at = |p: f32| (rounded(f64::from(p) / 100.0 * last as f64) as usize).min(last);
    let (low, high) = (at(low), at(high));
    let (_, high_value, _) = sorted.select_nth_unstable_by(high, f32::total_cmp);
    let high_value = *high_value;
    let (_, low_value, _) = sorted[..=high].select_nth_unstable_by(low, f32::total_cmp);
    (*low_value, high_value)
}

/// Mean and deviation of the values above the threshold; of all values when hardly any are.
fn body_statistics(unit: &[f32], threshold: f32) -> (f32, f32) {
    let moments = |keep: &dyn Fn(f32) -> bool| {
        let (count, sum, squares) = unit
            .iter()
            .filter(|v| keep(**v))
            .fold((0u32, 0f64, 0f64), |(n, s, q), v| {
                (n + 1, s + f64::from(*v), q + f64::from(*v) * f64::from(*v))
            });
        let mean = sum / f64::from(count.max(1));
        (
            count as usize,
            mean,
            (squares / f64::from(count.max(1)) - mean * mean).max(0.0).sqrt(),
        )
    };
    let body = moments(&|v| v > threshold);
    let (_, mean, deviation) = if body.0 * 100 >= unit.len() {
        body
    } else {
        moments(&|_| true)
    };
    (narrow(mean), narrow(deviation.max(1e-3)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bundle::QualitySpec;
    use crate::testing;

    fn spec(size: u32) -> InputSpec {
        InputSpec {
            size,
            percentiles: [0.5, 99.5],
            body_threshold: 0.08,
            modalities: vec![],
            photometric: vec![],
            body_parts: vec![],
            ages: None,
            views: vec![],
            sequence: None,
            plane: None,
            window: None,
            quality: None,
            description: String::new(),
        }
    }

    fn disc(gain: f32, offset: f32) -> GreyFrame {
        let values = (0..64 * 64)
            .map(|i| {
                let (x, y) = ((i % 64) as f32 - 32.0, (i / 64) as f32 - 32.0);
                let body = if x * x + y * y < 400.0 { 100.0 + x } else { 0.0 };
                body * gain + offset
            })
            .collect();
        GreyFrame {
            rows: 64,
            cols: 64,
            values,
        }
    }

    #[test]
    fn the_scale_of_the_scanner_does_not_matter() -> Result<(), NoRoom> {
        let plain = prepare(&disc(1.0, 0.0), &spec(64))?;
        let other = prepare(&disc(7.5, -1024.0), &spec(64))?;
        let apart = plain
            .values
            .iter()
            .zip(&other.values)
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, f32::max);
        assert!(apart < 1e-3, "{apart}");
        Ok(())
    }

    #[test]
    fn a_slice_gives_one_input_however_it_was_stored() -> Result<(), NoRoom> {
        let plain = disc(1.0, 0.0);
        let input = prepare(&plain, &spec(64))?;
        let apart = |other: &ModelInput| {
            let pairs = input.values.iter().zip(&other.values);
            pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
        };
        let turn = Turn {
            transpose: true,
            flip_rows: true,
            flip_cols: false,
        };
        let stored = GreyFrame {
            values: turn.undo(&plain.values, 64, 64),
            ..plain.clone()
        };
        let lie = Lie { turn, ..Lie::default() };
        let turned = prepare_lying(&stored, lie, &spec(64))?;
        assert!(apart(&turned) < 1e-4);
        let frame = turned.to_frame(&input.values, 64, 64)?;
        assert_eq!(frame, turn.undo(&input.values, 64, 64));
        // Every second row is left out: pixels twice as high.
        let squashed = GreyFrame {
            rows: 32,
            cols: 64,
            values: plain
                .values
                .chunks_exact(128)
                .flat_map(|two| &two[..64])
                .copied()
                .collect(),
        };
        let lie = Lie {
            aspect: 2.0,
            ..Lie::default()
        };
        let tall = prepare_lying(&squashed, lie, &spec(64))?;
        assert_eq!(
            (tall.letterbox, tall.to_frame(&tall.values, 32, 64)?.len()),
            (input.letterbox, 32 * 64)
        );
        // A frame in padding.
        let mut padded = GreyFrame {
            rows: 80,
            cols: 100,
            values: vec![-7.0; 8000],
        };
        for (row, line) in plain.values.chunks_exact(64).enumerate() {
            let start = (row + 9) * 100 + 20;
            padded.values[start..start + 64].copy_from_slice(line);
        }
        let inner = PixelBox {
            x: 20,
            y: 9,
            width: 64,
            height: 64,
        };
        let lie = Lie {
            inner: Some(inner),
            ..Lie::default()
        };
        let cut = prepare_lying(&padded, lie, &spec(64))?;
        assert!(apart(&cut) < 1e-6);
        let frame = cut.to_frame(&input.values, 80, 100)?;
        assert_eq!((frame[0], frame[9 * 100 + 20]), (0.0, input.values[0]));
        assert!((cut.enlarged(80, 100) - 1.0).abs() < 1e-9);
        Ok(())
    }

    #[test]
    fn hounsfield_units_are_cut_to_the_models_window_and_other_values_are_not() -> Result<(), NoRoom> {
        let brain = InputSpec {
            window: Some([-20.0, 100.0]),
            percentiles: [0.0, 100.0],
            ..spec(64)
        };
        // Air, brain and bone in Hounsfield units, and as a file of grey levels in that window has them.
        let units = GreyFrame {
            rows: 1,
            cols: 4,
            values: vec![-1000.0, -20.0, 40.0, 1800.0],
        };
        let levels = GreyFrame {
            values: vec![0.0, 0.0, 0.5, 1.0],
            ..units.clone()
        };
        let lie = Lie {
            hounsfield: true,
            ..Lie::default()
        };
        let prepared = prepare_lying(&units, lie, &brain)?;
        let apart = |other: &ModelInput| {
            let pairs = prepared.values.iter().zip(&other.values);
            pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
        };
        assert!(apart(&prepare(&levels, &brain)?) < 1e-5);
        assert!(apart(&prepare(&units, &brain)?) > 0.1);
        let plain = prepare_lying(&units, lie, &spec(64))?;
        assert!(
            plain.values == prepare(&units, &spec(64))?.values,
            "a bundle without a window takes all values"
        );
        Ok(())
    }

    #[test]
    fn exposure_and_noise_hardly_move_the_input_of_a_bundle_with_limits() -> Result<(), NoRoom> {
        let quality = QualitySpec {
            exposure: [0.8, 0.85],
            smoothed_above: 0.02,
            refused_above: 0.1,
        };
        let kept = InputSpec {
            quality: Some(quality),
            ..spec(64)
        };
        let plain = disc(1.0, 0.0);
        let changed = |change: &dyn Fn(usize, f32) -> f32| GreyFrame {
            values: plain.values.iter().enumerate().map(|(i, v)| change(i, *v)).collect(),
            ..plain.clone()
        };
        let apart = |frame: &GreyFrame, spec: &InputSpec| -> Result<f32, NoRoom> {
            let (known, other) = (prepare(&plain, spec)?, prepare(frame, spec)?);
            let pairs = known.values.iter().zip(&other.values);
            Ok(pairs.map(|(a, b)| (a - b).powi(2)).sum::<f32>() / known.values.len() as f32)
        };
        for gamma in [0.5f32, 2.0] {
            let exposed = changed(&|_, v| 120.0 * (v / 120.0).powf(gamma));
            let (with, without) = (apart(&exposed, &kept)?, apart(&exposed, &spec(64))?);
            assert!(
                with < 0.02 && with < 0.2 * without,
                "gamma {gamma}: {with} of {without}"
            );
        }
        let noisy = |deviation: f32| GreyFrame {
            values: testing::noisy(&plain.values, deviation, 5),
            ..plain.clone()
        };
        let (with, without) = (apart(&noisy(8.0), &kept)?, apart(&noisy(8.0), &spec(64))?);
        assert!(with < 0.5 * without, "{with} of {without}");
        let noise = |strength| Ok(prepare(&noisy(strength), &kept)?.noise);
        assert!(noise(8.0)? > 0.04 && noise(8.0)? < 0.1 && noise(25.0)? > 0.1);
        assert_eq!(prepare(&noisy(25.0), &spec(64))?.noise, 0.0);
        Ok(())
    }

    #[test]
    fn the_body_has_mean_zero_and_deviation_one() -> Result<(), NoRoom> {
        let input = prepare(&disc(1.0, 0.0), &spec(64))?;
        let body: Vec<f32> = input.values.iter().copied().filter(|v| *v > -3.0).collect();
        let mean = body.iter().sum::<f32>() / body.len() as f32;
        assert!(mean.abs() < 0.05, "{mean}");
        assert!(!input.blank);
        Ok(())
    }

    #[test]
    fn a_blank_frame_is_said_to_be_blank_and_stays_finite() -> Result<(), NoRoom> {
        let input = prepare(
            &GreyFrame {
                rows: 1,
                cols: 20_000,
                values: vec![5.0; 20_000],
            },
            &spec(64),
        )?;
        assert!(input.blank);
        assert!(input.values.iter().all(|v| v.is_finite()));
        assert!(
            prepare(
                &GreyFrame {
                    rows: 1,
                    cols: 1,
                    values: vec![-3e30]
                },
                &spec(64)
            )?
            .blank
        );
        Ok(())
    }
}
