//! Places on a frame, in pixels of the original frame: x to the right, y down, origin top left.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PixelPoint {
    pub x: u32,
    pub y: u32,
}

/// A box that holds `width` x `height` pixels from its top left corner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PixelBox {
    pub x: u32,
    pub y: u32,
    pub width: u32,
    pub height: u32,
}

impl PixelBox {
    pub fn contains(&self, point: PixelPoint) -> bool {
        point.x >= self.x && point.y >= self.y && point.x - self.x < self.width && point.y - self.y < self.height
    }
}

/// Area of one pixel in mm², from DICOM Pixel Spacing (row spacing, column spacing).
pub fn pixel_area_mm2(spacing_mm: [f64; 2]) -> f64 {
    spacing_mm[0] * spacing_mm[1]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_holds_its_first_pixel_and_not_the_one_past_its_last() {
        let area = PixelBox {
            x: 2,
            y: 3,
            width: 4,
            height: 1,
        };
        assert!(area.contains(PixelPoint { x: 2, y: 3 }));
        assert!(area.contains(PixelPoint { x: 5, y: 3 }));
        assert!(!area.contains(PixelPoint { x: 6, y: 3 }));
        assert!(!area.contains(PixelPoint { x: 1, y: 3 }));
        assert!(!area.contains(PixelPoint { x: 2, y: 4 }));
    }
}
