//! A plot as SVG and PNG, both from one page.

use serde::Serialize;

use crate::ReportError;
use crate::legible::Repertoire;
use crate::png::page_png;
use crate::typeset::{Sheet, compile};
use crate::view::data_file;

/// More points than these are not told apart on the page.
const POINTS: usize = 1500;

static TEMPLATE: &str = concat!(
    include_str!("../../templates/common.typ"),
    include_str!("../../templates/plot.typ")
);

/// Curves over two axes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plot {
    /// The heading.
    pub title: String,
    /// What it was measured on.
    pub set: String,
    /// To the right.
    pub x: Axis,
    /// Upwards.
    pub y: Axis,
    /// The curves; later ones lie over earlier ones.
    pub series: Vec<Series>,
}

/// From 0 to `max`, which must be positive; what lies beyond is drawn at the border.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Axis {
    /// What is measured, with its unit.
    pub label: String,
    /// The value at the far end.
    pub max: f64,
}

/// One curve.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Series {
    /// Its name in the legend.
    pub name: String,
    /// How it is drawn.
    pub kind: SeriesKind,
    /// Which of four colours, from 0.
    pub color: usize,
    /// x and y in units of the axes; a point that is negative or no number is left out.
    pub points: Vec<(f64, f64)>,
}

/// How a curve is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SeriesKind {
    /// Points joined by a line.
    Line,
    /// Points joined by a dashed line.
    Dashed,
    /// Points that are not joined.
    Dots,
}

/// A plot in both forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlotFiles {
    /// The text of an SVG file.
    pub svg: String,
    /// The bytes of an RGB PNG file.
    pub png: Vec<u8>,
}

/// Draws a plot; a long curve is drawn by at most 1501 of its points.
///
/// # Errors
/// When the page cannot be laid out or encoded.
pub fn plot(plot: &Plot) -> Result<PlotFiles, ReportError> {
    let mut shown = plot.clone();
    for series in &mut shown.series {
        series
            .points
            .retain(|(x, y)| x.is_finite() && y.is_finite() && *x >= 0.0 && *y >= 0.0);
        series.points = thinned(&series.points);
    }
    let sheet = Sheet::new(TEMPLATE, vec![data_file(&shown, Repertoire::Full)?])?;
    let svg = typst_svg::svg_merged(&compile(&sheet)?, &typst_svg::SvgOptions::default(), Default::default());
    let png = page_png(&sheet)?;
    typst::comemo::evict(0);
    Ok(PlotFiles { svg, png })
}

/// Evenly chosen, with the last one.
fn thinned(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let step = points.len().div_ceil(POINTS).max(1);
    let last = points
        .last()
        .filter(|_| !(points.len().max(1) - 1).is_multiple_of(step));
    points.iter().step_by(step).chain(last).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_curves_keep_their_ends() {
        let points: Vec<(f64, f64)> = (0..10_001).map(|at| (f64::from(at), 0.0)).collect();
        let few = thinned(&points);
        assert!(few.len() <= POINTS + 1 && few.len() > POINTS / 2, "{}", few.len());
        assert_eq!((few.first(), few.last()), (points.first(), points.last()));
        assert_eq!(thinned(&points[..3]), points[..3]);
        assert!(thinned(&[]).is_empty());
    }
}
