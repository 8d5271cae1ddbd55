//! What a length on an image rests on, and regions of an image with measures of their own (PS3.3 10.7.1, C.8.5.5).

use serde::{Deserialize, Serialize};

use crate::closed_set::closed_set;
use crate::measured::Shape;
use crate::{ImageFacts, PixelBox, Plane};

closed_set! {
    /// What the pixel spacing rests on; a length is as right as that.
    pub enum SpacingBasis {
        /// A slice or a volume of the patient.
        Patient = "patient",
        /// A projection whose file gives a spacing that is not that of the detector, and not how it was found.
        Calibrated = "calibrated",
        /// A projection, corrected by the geometry of the exposure.
        CalibratedGeometry = "calibrated_geometry",
        /// A projection, corrected by an object of known size.
        CalibratedFiducial = "calibrated_fiducial",
        /// A projection: the detector's spacing over the magnification of the patient's middle.
        ImagerOverMagnification = "imager_over_magnification",
        /// A projection: lengths as they fall on the detector, which are longer than in the patient.
        Detector = "detector",
        /// A projection that does not say whether its spacing is that of the detector.
        Projection = "projection",
        /// The film or paper that was scanned.
        ScannedFilm = "scanned_film",
        /// The resolution that an image file states, in a unit of length.
        ResolutionTag = "resolution_tag",
        /// A region of an ultrasound image with axes of its own.
        UltrasoundRegion = "ultrasound_region",
    }
}

impl SpacingBasis {
    /// As reports and the terminal say it, in the words of the window (`viewer.basis`).
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Patient => "in the patient",
            Self::Calibrated => "calibrated",
            Self::CalibratedGeometry => "calibrated by geometry",
            Self::CalibratedFiducial => "calibrated by an object of known size",
            Self::ImagerOverMagnification => "detector spacing / magnification",
            Self::Detector => "at the detector",
            Self::Projection => "a projection: perhaps at the detector",
            Self::ScannedFilm => "on the scanned film",
            Self::ResolutionTag => "by the file's resolution tag",
            Self::UltrasoundRegion => "by the ultrasound region",
        }
    }
}

closed_set! {
    /// Unit of an axis of an ultrasound region, by the codes of PS3.3 C.8.5.5.1.15 in their order.
    pub enum AxisUnit {
        /// It has none, or the file's code is not known.
        None = "none",
        /// Percent.
        Percent = "%",
        /// Decibel.
        Decibel = "dB",
        /// Centimetre.
        Centimetre = "cm",
        /// Second.
        Second = "s",
        /// Hertz.
        Hertz = "Hz",
        /// Decibel a second.
        DecibelPerSecond = "dB/s",
        /// Centimetre a second.
        CentimetrePerSecond = "cm/s",
        /// Square centimetre.
        SquareCentimetre = "cm2",
        /// Square centimetre a second.
        SquareCentimetrePerSecond = "cm2/s",
        /// Cubic centimetre.
        CubicCentimetre = "cm3",
        /// Cubic centimetre a second.
        CubicCentimetrePerSecond = "cm3/s",
        /// Degree.
        Degree = "deg",
    }
}

/// A region of an ultrasound image with its own axes (Sequence of Ultrasound Regions (0018,6011)).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct MeasuredRegion {
    /// First column, from 0.
    pub x0: u32,
    /// First row.
    pub y0: u32,
    /// Last column.
    pub x1: u32,
    /// Last row.
    pub y1: u32,
    /// Unit of the horizontal axis.
    pub unit_x: AxisUnit,
    /// Unit of the vertical axis.
    pub unit_y: AxisUnit,
    /// What one column is worth, in `unit_x`.
    pub delta_x: f64,
    /// What one row is worth, in `unit_y`.
    pub delta_y: f64,
}

/// What lengths on one frame are measured by.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ruler {
    spacing: Option<Scale>,
    /// Height of a pixel over its width, where no spacing is known.
    aspect: Option<f64>,
    regions: Vec<MeasuredRegion>,
}

/// What a part of a frame is measured by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// Between rows, between columns.
    pub spacing_mm: [f64; 2],
    /// What it rests on; `None` where nothing is known of it.
    pub basis: Option<SpacingBasis>,
}

impl Scale {
    /// Basis in words, where it is another than everybody takes for granted.
    pub fn caveat(&self) -> Option<&'static str> {
        let basis = self.basis.filter(|basis| *basis != SpacingBasis::Patient)?;
        Some(basis.in_words())
    }

    /// Width and height of a box in mm.
    pub fn extent_mm(&self, bounds: &PixelBox) -> [f64; 2] {
        let [row, column] = self.spacing_mm;
        [f64::from(bounds.width) * column, f64::from(bounds.height) * row]
    }
}

impl Ruler {
    /// Of a frame, and the regions of its file.
    pub fn of(plane: &Plane, regions: &[MeasuredRegion]) -> Self {
        Self {
            spacing: plane.pixel_spacing_mm.map(|spacing_mm| Scale {
                spacing_mm,
                basis: plane.pixel_spacing_basis,
            }),
            aspect: plane.pixel_aspect,
            regions: regions.to_vec(),
        }
    }

    /// Of a frame of a file (0 is the first).
    pub fn of_frame(header: &crate::Header, facts: &ImageFacts, frame: u32) -> Self {
        Self::of(&Plane::of(header, facts, frame), &facts.regions)
    }

    /// Of an image that has one spacing (between rows, between columns), or none.
    pub fn of_spacing(spacing_mm: Option<[f64; 2]>) -> Self {
        Self {
            spacing: spacing_mm.map(|spacing_mm| Scale {
                spacing_mm,
                basis: None,
            }),
            aspect: None,
            regions: vec![],
        }
    }

    /// What a box of the frame is measured by, as [`Self::over`].
    pub fn at(&self, part: &PixelBox) -> Option<Scale> {
        let last = |first: u32, length: u32| first.saturating_add(length.max(1) - 1);
        let [right, lower] = [last(part.x, part.width), last(part.y, part.height)];
        self.over(&Shape::Area {
            least: [part.x, part.y].map(|first| f64::from(first) - 0.5),
            greatest: [right, lower].map(|last| f64::from(last) + 0.5),
        })
    }

    /// What a part of the frame is measured by. An image with regions of its own has lengths only within one of them
    /// whose axes both are lengths (PS3.3 C.8.5.5); a part that touches another region that lies above it, or none, has
    /// none.
    pub fn over(&self, part: &Shape<'_>) -> Option<Scale> {
        match self.regions.is_empty() {
            true => self.spacing,
            false => self.region_of(part)?.scale(),
        }
    }

    /// The one region that holds all of a part and that no other lies above of there.
    pub fn region_of(&self, part: &Shape<'_>) -> Option<&MeasuredRegion> {
        // The first that touches it lies above the others.
        let mut touched = self
            .regions
            .iter()
            .filter(|one| part.touches(one) || part.is_within(one));
        touched.next().filter(|one| part.is_within(one))
    }

    /// Height of a pixel over its width; 1 where nothing is known of it.
    pub fn aspect(&self) -> f64 {
        self.aspect.unwrap_or(1.0)
    }
}

impl MeasuredRegion {
    /// Millimetres between rows and between columns, where both axes are lengths.
    pub fn scale(&self) -> Option<Scale> {
        (self.unit_x == AxisUnit::Centimetre && self.unit_y == AxisUnit::Centimetre).then(|| Scale {
            spacing_mm: [self.delta_y, self.delta_x].map(|delta| delta.abs() * 10.0),
            basis: Some(SpacingBasis::UltrasoundRegion),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(unit: AxisUnit, [x0, y0, x1, y1]: [u32; 4], delta: f64) -> MeasuredRegion {
        MeasuredRegion {
            x0,
            y0,
            x1,
            y1,
            unit_x: unit,
            unit_y: AxisUnit::Centimetre,
            delta_x: -delta,
            delta_y: 2.0 * delta,
        }
    }

    /// Above lies an inset of 10 x 10 at (50, 50), then the image, then a spectrum beside it.
    #[test]
    fn a_part_is_measured_by_the_one_region_that_holds_it() {
        let mut header = crate::testing::header();
        header.image.pixel_spacing_mm = Some([5.0, 5.0]);
        let plane = Plane::of_header(&header);
        let ruler = |regions: &[MeasuredRegion]| Ruler::of(&plane, regions);
        let regions = [
            region(AxisUnit::Centimetre, [50, 50, 59, 59], 0.01),
            region(AxisUnit::Centimetre, [0, 0, 99, 99], 0.03),
            region(AxisUnit::Second, [110, 0, 199, 99], 0.01),
        ];
        for ([x, y, width, height], wanted) in [
            ([50, 50, 10, 10], Some([0.2, 0.1])),
            ([52, 52, 1, 1], Some([0.2, 0.1])),
            ([0, 0, 50, 50], Some([0.6, 0.3])),
            ([60, 60, 40, 40], Some([0.6, 0.3])),
            ([40, 40, 11, 11], None),
            ([0, 0, 100, 100], None),
            ([59, 59, 2, 2], None),
            ([60, 60, 41, 40], None),
            ([100, 0, 10, 10], None),
            ([120, 10, 5, 5], None),
            ([95, 10, 20, 5], None),
        ] {
            let part = PixelBox { x, y, width, height };
            let seen = ruler(&regions).at(&part).map(|scale| scale.spacing_mm);
            let near = |a: [f64; 2], b: [f64; 2]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-12);
            match (seen, wanted) {
                (Some(seen), Some(wanted)) => assert!(near(seen, wanted), "{part:?}: {seen:?}"),
                both => assert_eq!(both, (None, None), "{part:?}"),
            }
            // Without regions the whole image has one scale.
            let whole = ruler(&[]).at(&part).map(|scale| scale.spacing_mm);
            assert_eq!(whole, Some([5.0, 5.0]));
        }
    }
}
