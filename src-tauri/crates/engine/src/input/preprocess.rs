//! From a frame to the network's input. Training and inference share this one path.

use domain::GreyFrame;
use domain::room::NoRoom;

use crate::bundle::InputSpec;
use crate::input::{Letterbox, resize};
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
}

/// Resizes into the square, clips to percentiles, scales to z-scores of the body, clips to ±6.
///
/// # Errors
/// [`NoRoom`] for a copy of the frame.
pub fn prepare(frame: &GreyFrame, spec: &InputSpec) -> Result<ModelInput, NoRoom> {
    let letterbox = Letterbox::fit(frame.rows, frame.cols, spec.size);
    let inner = resize(&frame.values, frame.rows, frame.cols, letterbox.height, letterbox.width)?;
    let (low, high) = percentiles(&inner, spec.percentiles);
    let span = high - low;
    let blank = span <= f32::EPSILON * low.abs().max(high.abs()).max(1.0);
    let scale = if blank { 0.0 } else { 1.0 / span };
    let unit: Vec<f32> = inner.iter().map(|v| ((v - low) * scale).clamp(0.0, 1.0)).collect();
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
    })
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
