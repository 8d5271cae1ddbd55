//! Plots of an evaluation: the same curve as SVG and as PNG.

use std::error::Error;

use image::Rgb;
use report::evaluation::{Axis, Plot, Series, SeriesKind, plot};

const MODEL: Rgb<u8> = Rgb([0x0b, 0x6e, 0x8f]);

fn made(points: Vec<(f64, f64)>) -> Plot {
    Plot {
        title: "ROC".into(),
        set: "made set #strong[val]".into(),
        x: Axis {
            label: "1 − specificity".into(),
            max: 1.0,
        },
        y: Axis {
            label: "sensitivity".into(),
            max: 1.0,
        },
        series: vec![Series {
            name: "the model".into(),
            kind: SeriesKind::Line,
            color: 0,
            points,
        }],
    }
}

/// Longest run of the model's colour on one row.
fn widest_line(png: &[u8]) -> Result<usize, Box<dyn Error>> {
    let picture = image::load_from_memory(png)?.into_rgb8();
    Ok(picture
        .rows()
        .map(|row| row.filter(|pixel| **pixel == MODEL).count())
        .max()
        .unwrap_or(0))
}

#[test]
fn a_flat_curve_runs_across_the_whole_plot() -> Result<(), Box<dyn Error>> {
    let files = plot(&made(vec![(0.0, 0.5), (1.0, 0.5)]))?;
    // 290 points at two pixels a point.
    let found = widest_line(&files.png)?;
    assert!((570..=600).contains(&found), "{found}");
    assert!(files.svg.starts_with("<svg") && files.svg.contains("#0b6e8f"));
    let half = widest_line(&plot(&made(vec![(0.0, 0.5), (0.5, 0.5)]))?.png)?;
    assert!((280..=310).contains(&half), "{half}");
    Ok(())
}

#[test]
fn a_curve_without_points_is_an_empty_plot() -> Result<(), Box<dyn Error>> {
    let files = plot(&made(vec![]))?;
    assert!(widest_line(&files.png)? < 40, "a line where there is no curve");
    let odd = plot(&made(vec![(f64::NAN, 0.0), (f64::INFINITY, 1.0)]))?;
    assert!(widest_line(&odd.png)? < 40);
    Ok(())
}
