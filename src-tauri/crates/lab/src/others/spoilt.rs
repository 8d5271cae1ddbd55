//! Own images as no model should take them: inverted, cropped, or photographed from a screen.

use domain::GreyFrame;

/// What becomes of an image on its way that no model should take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Spoilt {
    Inverted,
    Cropped,
    Photographed,
}

impl Spoilt {
    pub const ALL: [Self; 3] = [Self::Inverted, Self::Cropped, Self::Photographed];

    pub fn name(self) -> &'static str {
        match self {
            Self::Inverted => "inverted",
            Self::Cropped => "cropped",
            Self::Photographed => "photographed",
        }
    }

    /// The place of a crop and the tilt of a photograph go with the image's own values.
    pub fn of(self, picture: &GreyFrame) -> GreyFrame {
        let (low, high) =
            (picture.values.iter()).fold((f32::INFINITY, f32::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
        let chance = (picture.values.iter().map(|v| f64::from(*v)).sum::<f64>() * 0.618)
            .fract()
            .abs() as f32;
        match self {
            Self::Inverted => GreyFrame {
                values: picture.values.iter().map(|v| low + high - v).collect(),
                ..*picture
            },
            Self::Cropped => crop(picture, chance),
            Self::Photographed => photograph(picture, (low, high), chance),
        }
    }
}

/// Two fifths to three fifths of each side.
fn crop(picture: &GreyFrame, chance: f32) -> GreyFrame {
    let share = 0.4 + 0.2 * chance;
    let part = |side: u32| ((side as f32 * share) as u32).max(1);
    let (rows, cols) = (part(picture.rows), part(picture.cols));
    let top = ((picture.rows - rows) as f32 * (chance * 7.0).fract()) as usize;
    let left = ((picture.cols - cols) as f32 * (chance * 13.0).fract()) as usize;
    let line = |row: usize| {
        let start = (top + row) * picture.cols as usize + left;
        &picture.values[start..start + cols as usize]
    };
    GreyFrame {
        rows,
        cols,
        values: (0..rows as usize).flat_map(|row| line(row).to_vec()).collect(),
    }
}

/// Tilted, smaller than the photograph, lit from one side, with the grid of the screen's pixels.
fn photograph(picture: &GreyFrame, (low, high): (f32, f32), chance: f32) -> GreyFrame {
    let (rows, cols) = (picture.rows as usize, picture.cols as usize);
    let (half_x, half_y) = (cols as f32 / 2.0, rows as f32 / 2.0);
    let (sin, cos) = (0.12 * (chance - 0.5) + 0.05).sin_cos();
    let scale = 1.15 + 0.25 * chance;
    let span = (high - low).max(1e-6);
    let grid = 2.2 + 1.5 * chance;
    let values = (0..rows * cols)
        .map(|at| {
            let (x, y) = ((at % cols) as f32 - half_x, (at / cols) as f32 - half_y);
            // Nearer on one side than on the other.
            let depth = scale * (1.0 + 0.25 * x / cols as f32);
            let (u, v) = (
                (x * cos - y * sin) * depth + half_x,
                (x * sin + y * cos) * depth + half_y,
            );
            let inside = u >= 0.0 && v >= 0.0 && u < cols as f32 && v < rows as f32;
            let shown = match inside {
                true => (picture.values[v as usize * cols + u as usize] - low) / span,
                false => 0.35,
            };
            let screen = 0.88
                + 0.06 * (u * std::f32::consts::TAU / grid).sin()
                + 0.06 * (v * std::f32::consts::TAU / grid).sin();
            let light = 0.12 + 0.25 * (x / cols as f32 + 0.5);
            low + span * (0.75 * shown.powf(0.8) * screen + light).min(1.0)
        })
        .collect();
    GreyFrame {
        rows: picture.rows,
        cols: picture.cols,
        values,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture() -> GreyFrame {
        GreyFrame {
            rows: 40,
            cols: 50,
            values: (0..2000).map(|i| (i % 50) as f32 * 3.0 + 1.0).collect(),
        }
    }

    #[test]
    fn spoilt_images_are_whole_and_differ() {
        let own = picture();
        let inverted = Spoilt::Inverted.of(&own);
        assert_eq!((inverted.values[0], inverted.values[49]), (148.0, 1.0));
        let cropped = Spoilt::Cropped.of(&own);
        assert_eq!(cropped.values.len(), (cropped.rows * cropped.cols) as usize);
        assert!((16..=24).contains(&cropped.rows) && (20..=30).contains(&cropped.cols));
        let taken = Spoilt::Photographed.of(&own);
        assert_eq!((taken.rows, taken.cols, taken.values.len()), (40, 50, 2000));
        assert!(taken.values.iter().all(|v| (1.0..=148.0).contains(v)));
        assert_ne!(taken.values, own.values);
    }
}
