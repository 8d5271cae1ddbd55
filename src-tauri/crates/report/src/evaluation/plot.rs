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

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plot {
    pub title: String,
    /// What it was measured on.
    pub set: String,
    pub x: Axis,
    pub y: Axis,
    pub series: Vec<Series>,
}

/// From 0 to `max`, which must be positive; what lies beyond is drawn at the border.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Axis {
    pub label: String,
    pub max: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Series {
    pub name: String,
    pub kind: SeriesKind,
    /// Of four colours.
    pub color: usize,
    pub points: Vec<(f64, f64)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SeriesKind {
    Line,
    Dashed,
    Dots,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlotFiles {
    pub svg: String,
    pub png: Vec<u8>,
}

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
