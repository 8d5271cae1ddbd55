//! What an annotation says of itself: figures of the frame, by its kind and its points.
//!
//! Points are pixels of the original frame, x to the right, y down, pixel centres at whole numbers. The interface shows
//! the same while one draws (`ui/src/viewer/measure.ts`, tested against vectors of these functions); what is stored is
//! computed here.

use crate::grey::Values;
use crate::{Annotation, AnnotationKind, AxisUnit, Measured, MeasuredRegion, Ruler, SpacingBasis};

/// A place on a frame.
type Point = [f64; 2];

/// A part of a frame that is measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shape<'a> {
    /// Straight lines from each point to the next one.
    Lines(&'a [Point]),
    /// A box.
    Area {
        /// Its left and upper edge.
        least: Point,
        /// Its right and lower edge.
        greatest: Point,
    },
}

/// Edges of a region: pixels reach half a pixel beyond their centres.
fn edges(region: &MeasuredRegion) -> [[f64; 2]; 2] {
    let of = |first: u32, last: u32| [f64::from(first) - 0.5, f64::from(last) + 0.5];
    [of(region.x0, region.x1), of(region.y0, region.y1)]
}

impl Shape<'_> {
    /// Whether some of it lies in the region, and not on its edge alone.
    pub fn touches(&self, region: &MeasuredRegion) -> bool {
        let edges = edges(region);
        match self {
            Self::Lines(points) => points.windows(2).any(|pair| match pair {
                [from, to] => crosses(from, to, &edges),
                _ => false,
            }),
            Self::Area { least, greatest } => {
                let mut axes = least.iter().zip(greatest).zip(&edges);
                axes.all(|((least, greatest), [low, high])| least < high && greatest > low)
            }
        }
    }

    /// Whether all of it lies in the region or on its edge.
    pub fn is_within(&self, region: &MeasuredRegion) -> bool {
        let [x, y] = edges(region);
        let holds = |[px, py]: &Point| (x[0]..=x[1]).contains(px) && (y[0]..=y[1]).contains(py);
        match self {
            Self::Lines(points) => points.iter().all(holds),
            Self::Area { least, greatest } => holds(least) && holds(greatest),
        }
    }
}

/// Whether a line runs through the inside of a box (its edges along x and along y).
fn crosses(from: &Point, to: &Point, edges: &[[f64; 2]; 2]) -> bool {
    // Shares of the way between which the line is within the edges.
    let (mut enters, mut leaves) = (0.0f64, 1.0f64);
    for ((from, to), [low, high]) in from.iter().zip(to).zip(edges) {
        let way = to - from;
        if way == 0.0 {
            if from <= low || from >= high {
                return false;
            }
            continue;
        }
        let [a, b] = [(low - from) / way, (high - from) / way];
        (enters, leaves) = (enters.max(a.min(b)), leaves.min(a.max(b)));
    }
    enters < leaves
}

/// The modality values of a frame, for figures of them.
#[derive(Debug, Clone, Copy)]
pub struct FrameValues<'a> {
    /// Row by row.
    pub values: &'a Values<'a>,
    /// Its height.
    pub rows: u32,
    /// Its width.
    pub cols: u32,
    /// Of the values, such as `HU`.
    pub unit: Option<&'a str>,
}

/// What an annotation of this kind says, in the units that its frame has there. `values`: of a frame of greys that could
/// be read. Empty for what has too few points and for words.
pub fn measured(
    kind: AnnotationKind,
    points: &[Point],
    ruler: &Ruler,
    values: Option<FrameValues<'_>>,
) -> Vec<Measured> {
    let mut figures = match (kind, points) {
        (AnnotationKind::Length, [from, to, ..]) => lengths(from, to, ruler),
        (AnnotationKind::Angle, [from, corner, to, ..]) => vec![angle(from, corner, to, ruler)],
        (AnnotationKind::Ellipse, [a, b, c, d, ..]) => ellipse(&[*a, *b, *c, *d], ruler, values),
        _ => vec![],
    };
    // Of a spacing that no file has, or points far beyond every frame.
    figures.retain(|figure| figure.value.is_finite());
    figures
}

/// The part of a frame that an annotation measures.
pub fn shape_of(kind: AnnotationKind, points: &[Point]) -> Shape<'_> {
    match kind {
        AnnotationKind::Ellipse => {
            let [least, greatest] = extremes(points);
            Shape::Area { least, greatest }
        }
        _ => Shape::Lines(points),
    }
}

/// What the lengths and areas of an annotation rest on; `None` where it has none, or nothing is known of it.
pub fn rests_on(annotation: &Annotation, ruler: &Ruler) -> Option<SpacingBasis> {
    if annotation.kind == AnnotationKind::Angle || annotation.measured.is_empty() {
        return None;
    }
    let shape = shape_of(annotation.kind, &annotation.points);
    match ruler.over(&shape) {
        Some(scale) => scale.basis,
        None => ruler.region_of(&shape).map(|_| SpacingBasis::UltrasoundRegion),
    }
}

fn figure(name: &str, value: f64, unit: &str) -> Measured {
    Measured {
        name: name.to_owned(),
        value,
        unit: unit.to_owned(),
    }
}

/// Along axes of different units each part is told by itself, such as time and velocity.
fn lengths(from: &Point, to: &Point, ruler: &Ruler) -> Vec<Measured> {
    let ends = [*from, *to];
    let shape = Shape::Lines(&ends);
    let [x, y] = [to[0] - from[0], to[1] - from[1]];
    let region = ruler.region_of(&shape).filter(|region| region.scale().is_none());
    let Some(region) = region else {
        let Some(scale) = ruler.over(&shape) else {
            return vec![figure("length", x.hypot(y), "px")];
        };
        let [down, across] = scale.spacing_mm;
        return vec![figure("length", (x * across).hypot(y * down), "mm")];
    };
    let [along, down] = [x * region.delta_x, y * region.delta_y].map(f64::abs);
    if region.unit_x == region.unit_y {
        return vec![figure("length", along.hypot(down), shown(region.unit_x))];
    }
    let parts = [("across", along, region.unit_x), ("down", down, region.unit_y)];
    let parts = parts.into_iter().filter(|(_, value, _)| *value > 0.0);
    let told = parts.map(|(name, value, unit)| match unit {
        AxisUnit::Centimetre => figure(name, value * 10.0, "mm"),
        unit => figure(name, value, shown(unit)),
    });
    told.collect()
}

fn shown(unit: AxisUnit) -> &'static str {
    match unit {
        AxisUnit::None => "",
        unit => unit.as_str(),
    }
}

/// The angle at `corner`, in millimetres' space so that pixels that are not square do not bend it.
fn angle(from: &Point, corner: &Point, to: &Point, ruler: &Ruler) -> Measured {
    let scale = ruler.over(&Shape::Lines(&[*from, *corner, *to]));
    let [down, across] = scale.map_or([ruler.aspect(), 1.0], |scale| scale.spacing_mm);
    let arm = |end: &Point| [(end[0] - corner[0]) * across, (end[1] - corner[1]) * down];
    let ([ax, ay], [bx, by]) = (arm(from), arm(to));
    let (cross, dot) = (ax * by - ay * bx, ax * bx + ay * by);
    figure("angle", cross.atan2(dot).abs().to_degrees(), "°")
}

/// The least and the greatest coordinates.
fn extremes(points: &[Point]) -> [Point; 2] {
    let of = |axis: fn(&Point) -> f64, better: fn(f64, f64) -> f64| points.iter().map(axis).reduce(better);
    let both =
        |better: fn(f64, f64) -> f64| [of(|p| p[0], better), of(|p| p[1], better)].map(Option::unwrap_or_default);
    [both(f64::min), both(f64::max)]
}

/// The ellipse in the box of four points, which are the ends of its axes however they are turned on the screen: its area,
/// and mean, spread and extremes of the values within.
fn ellipse(points: &[Point; 4], ruler: &Ruler, values: Option<FrameValues<'_>>) -> Vec<Measured> {
    let [least, greatest] = extremes(points);
    let middle = |axis: usize| (least[axis] + greatest[axis]) / 2.0;
    let half = |axis: usize| (greatest[axis] - least[axis]) / 2.0;
    let (center, radius) = ([middle(0), middle(1)], [half(0), half(1)]);
    let scale = ruler.over(&Shape::Area { least, greatest });
    let [down, across] = scale.map_or([1.0, 1.0], |scale| scale.spacing_mm);
    let area = std::f64::consts::PI * radius[0] * across * radius[1] * down;
    let mut figures = vec![figure("area", area, if scale.is_some() { "mm²" } else { "px²" })];
    if let Some(values) = values
        && let Some(found) = within(&values, center, radius)
    {
        let unit = values.unit.unwrap_or_default();
        let told = [
            ("mean", found.mean),
            ("sd", found.sd),
            ("min", found.min),
            ("max", found.max),
        ];
        figures.extend(told.map(|(name, value)| figure(name, value, unit)));
    }
    figures
}

struct Found {
    mean: f64,
    sd: f64,
    min: f64,
    max: f64,
}

/// Of the pixels whose centre lies in the ellipse; values that are no number do not count. `None` where there are none.
fn within(of: &FrameValues<'_>, center: Point, radius: Point) -> Option<Found> {
    let pixels = |middle: f64, reach: f64, length: u32| {
        // As casts go, what lies before the first pixel is 0.
        let first = (middle - reach).ceil().max(0.0) as u32;
        let end = ((middle + reach).floor() + 1.0).clamp(0.0, f64::from(length)) as u32;
        first..end
    };
    let (mut count, mut mean, mut squares) = (0.0, 0.0, 0.0);
    let (mut min, mut max) = (f64::INFINITY, f64::NEG_INFINITY);
    for y in pixels(center[1], radius[1], of.rows) {
        let part = if radius[1] > 0.0 {
            (f64::from(y) - center[1]) / radius[1]
        } else {
            0.0
        };
        let reach = radius[0] * (1.0 - part * part).max(0.0).sqrt();
        for x in pixels(center[0], reach, of.cols) {
            let value = of.values.at(y as usize * of.cols as usize + x as usize);
            let Some(value) = value.filter(|value| value.is_finite()) else {
                continue;
            };
            count += 1.0;
            let from_mean = value - mean;
            mean += from_mean / count;
            squares += from_mean * (value - mean);
            (min, max) = (value.min(min), value.max(max));
        }
    }
    (count > 0.0).then(|| Found {
        mean,
        sd: f64::sqrt(squares / count),
        min,
        max,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Plane;

    fn region([x0, y0, x1, y1]: [u32; 4], [unit_x, unit_y]: [AxisUnit; 2], delta: f64) -> MeasuredRegion {
        MeasuredRegion {
            x0,
            y0,
            x1,
            y1,
            unit_x,
            unit_y,
            delta_x: delta,
            delta_y: delta,
        }
    }

    fn ruler(regions: &[MeasuredRegion]) -> Ruler {
        Ruler::of(&Plane::of_header(&crate::testing::header()), regions)
    }

    fn length(ruler: &Ruler, points: [Point; 2]) -> Vec<(String, f64, String)> {
        let told = measured(AnnotationKind::Length, &points, ruler, None);
        let tenths = |value: f64| (value * 1e6).round() / 1e6;
        told.into_iter()
            .map(|one| (one.name, tenths(one.value), one.unit))
            .collect()
    }

    /// An inset of 10 x 10 at (50, 50) above an image of 100 x 100.
    #[test]
    fn a_line_across_an_inset_has_no_millimetres_and_one_beside_it_has() {
        let cm = [AxisUnit::Centimetre; 2];
        let ruler = ruler(&[region([50, 50, 59, 59], cm, 0.01), region([0, 0, 99, 99], cm, 0.1)]);
        for (points, value, unit) in [
            ([[40.0, 40.0], [70.0, 70.0]], 30.0 * 2f64.sqrt(), "px"),
            ([[40.0, 55.0], [55.0, 55.0]], 15.0, "px"),
            // Its box holds the inset, and the line does not.
            ([[40.0, 61.0], [61.0, 90.0]], 21f64.hypot(29.0), "mm"),
            ([[55.0, 0.0], [90.0, 60.0]], 35f64.hypot(60.0), "mm"),
            // Along its edge and up to it.
            ([[40.0, 10.0], [49.5, 10.0]], 9.5, "mm"),
            ([[40.0, 55.0], [49.5, 55.0]], 9.5, "mm"),
            ([[50.0, 50.0], [59.5, 50.0]], 0.95, "mm"),
            ([[55.0, 55.0], [55.0, 55.0]], 0.0, "mm"),
            ([[90.0, 10.0], [110.0, 10.0]], 20.0, "px"),
        ] {
            let told = length(&ruler, points);
            let wanted = (value * 1e6).round() / 1e6;
            assert_eq!(told, [("length".to_owned(), wanted, unit.to_owned())], "{points:?}");
        }
        let area = |points: [Point; 4]| {
            let told = measured(AnnotationKind::Ellipse, &points, &ruler, None);
            told.into_iter().map(|one| one.unit).collect::<Vec<_>>()
        };
        assert_eq!(area([[30.0, 40.0], [30.0, 20.0], [20.0, 30.0], [40.0, 30.0]]), ["mm²"]);
        assert_eq!(area([[55.0, 80.0], [55.0, 30.0], [30.0, 55.0], [80.0, 55.0]]), ["px²"]);
    }

    #[test]
    fn lengths_rest_on_the_spacing_or_on_their_region_and_angles_on_nothing() {
        let annotation = |kind, points: &[Point]| Annotation {
            id: "ab".repeat(16),
            sop_instance_uid: crate::Uid::from_bits([1; 16]),
            frame: 0,
            kind,
            points: points.to_vec(),
            text: None,
            measured: vec![figure("length", 1.0, "mm")],
            created_by: "admin".into(),
            updated_at: crate::Timestamp(0),
        };
        let line = |x: f64| annotation(AnnotationKind::Length, &[[x, 1.0], [x + 2.0, 1.0]]);
        let units = [AxisUnit::Second, AxisUnit::Centimetre];
        let regions = [
            region([0, 0, 9, 9], [AxisUnit::Centimetre; 2], 0.1),
            region([20, 0, 29, 9], units, 0.1),
        ];
        let ultrasound = Some(SpacingBasis::UltrasoundRegion);
        for (x, wanted) in [(1.0, ultrasound), (21.0, ultrasound), (12.0, None)] {
            assert_eq!(rests_on(&line(x), &ruler(&regions)), wanted, "{x}");
        }
        let calibrated = Ruler::of(
            &Plane {
                pixel_spacing_mm: Some([0.5, 0.5]),
                pixel_spacing_basis: Some(SpacingBasis::Calibrated),
                ..Plane::of_header(&crate::testing::header())
            },
            &[],
        );
        assert_eq!(rests_on(&line(1.0), &calibrated), Some(SpacingBasis::Calibrated));
        let angle = annotation(AnnotationKind::Angle, &[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]]);
        assert_eq!(rests_on(&angle, &calibrated), None);
    }

    #[test]
    fn the_box_of_a_finding_and_a_drawn_area_have_one_rule() {
        let cm = [AxisUnit::Centimetre; 2];
        let ruler = ruler(&[region([5, 5, 9, 9], cm, 0.01), region([0, 0, 19, 19], cm, 0.1)]);
        for x in 0..22 {
            for width in 1..8 {
                let part = crate::PixelBox {
                    x,
                    y: 6,
                    width,
                    height: 2,
                };
                let points = [
                    [f64::from(x) - 0.5, 6.0],
                    [f64::from(x + width) - 0.5, 7.0],
                    [f64::from(x), 5.5],
                    [f64::from(x), 7.5],
                ];
                let drawn = shape_of(AnnotationKind::Ellipse, &points);
                assert_eq!(ruler.at(&part), ruler.over(&drawn), "{part:?}");
            }
        }
    }

    #[test]
    fn figures_that_are_no_numbers_are_left_out() {
        let far = [[-1e300, -1e300], [1e300, 1e300]];
        assert_eq!(
            measured(AnnotationKind::Length, &far, &Ruler::of_spacing(Some([1e9, 1e9])), None),
            []
        );
        for kind in AnnotationKind::ALL {
            assert_eq!(measured(*kind, &[[0.0, 0.0]], &ruler(&[]), None), [], "too few points");
        }
    }
}
