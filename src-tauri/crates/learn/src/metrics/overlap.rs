//! Where a model points, against the lesion mask.

use domain::PixelPoint;

use crate::Mask;

/// Dice coefficient of one pair, `2 |A and B| / (|A| + |B|)`; `None` when both are empty.
pub fn dice(reference: &Mask, predicted: &Mask) -> Option<f64> {
    let both = u64::from(reference.area_px()) + u64::from(predicted.area_px());
    (both > 0).then(|| 2.0 * f64::from(reference.intersection_px(predicted)) / both as f64)
}

/// Pointing game (Zhang et al. 2016) without tolerance: the map's peak lies on a lesion pixel.
pub fn pointing_hit(reference: &Mask, peak: PixelPoint) -> bool {
    reference.contains(peak)
}

/// What pointing at the middle of the image would hit: the prior that a map must beat.
pub fn centre_hit(reference: &Mask) -> bool {
    reference.contains(PixelPoint {
        x: reference.cols() / 2,
        y: reference.rows() / 2,
    })
}

/// Regions without a single pixel on the lesion; without a lesion every region is one.
pub fn false_positives<'a>(reference: Option<&Mask>, regions: impl IntoIterator<Item = &'a Mask>) -> usize {
    regions
        .into_iter()
        .filter(|region| reference.is_none_or(|lesion| !lesion.touches(region)))
        .count()
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use super::*;

    fn square(side: u32, x: u32, y: u32, width: u32) -> Result<Mask, crate::LearnError> {
        Mask::from_fn(side, side, |index| {
            let (row, col) = (index as u32 / side, index as u32 % side);
            (x..x + width).contains(&col) && (y..y + width).contains(&row)
        })
    }

    #[test]
    fn dice_of_a_shifted_square() -> Result<(), Box<dyn Error>> {
        let (lesion, shifted) = (square(16, 2, 2, 4)?, square(16, 4, 2, 4)?);
        // 16 pixels each, 8 shared.
        assert_eq!(dice(&lesion, &shifted), Some(0.5));
        assert_eq!(dice(&lesion, &lesion), Some(1.0));
        assert_eq!(dice(&lesion, &square(16, 10, 10, 4)?), Some(0.0));
        assert_eq!(dice(&Mask::empty(16, 16)?, &lesion), Some(0.0));
        assert_eq!(dice(&Mask::empty(16, 16)?, &Mask::empty(16, 16)?), None);
        Ok(())
    }

    #[test]
    fn a_peak_one_pixel_off_is_a_miss() -> Result<(), Box<dyn Error>> {
        let lesion = square(16, 7, 7, 3)?;
        assert!(pointing_hit(&lesion, PixelPoint { x: 9, y: 9 }));
        assert!(!pointing_hit(&lesion, PixelPoint { x: 10, y: 9 }));
        assert!(centre_hit(&lesion));
        assert!(!centre_hit(&square(16, 0, 0, 3)?));
        Ok(())
    }

    #[test]
    fn a_region_that_touches_the_lesion_is_no_false_positive() -> Result<(), Box<dyn Error>> {
        let lesion = square(16, 2, 2, 4)?;
        let regions = [square(16, 5, 5, 4)?, square(16, 6, 6, 4)?, square(16, 12, 12, 2)?];
        assert_eq!(false_positives(Some(&lesion), &regions), 2);
        assert_eq!(false_positives(None, &regions), 3);
        Ok(())
    }
}
