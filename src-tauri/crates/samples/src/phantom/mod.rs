//! A head in three dimensions. Axes as in DICOM: x to the patient's left, y to the back, z to the
//! top, in mm; the origin lies between the thalami.

pub mod anatomy;
mod brain;
pub mod chance;
mod head;
pub mod lesion;
pub mod noise;
mod shape;
mod ventricles;

use anatomy::Anatomy;
use lesion::Lesion;
use shape::Point;

/// What the scanner would see at a point without coil, blur and noise.
pub struct Signal {
    /// Grey steps of an 8-bit image.
    pub level: f32,
    /// Whether the point belongs to the lesion.
    pub lesion: bool,
}

/// `soft`: half width in mm of the borders, about half a pixel.
pub fn signal(anatomy: &Anatomy, lesion: Option<&Lesion>, at: Point, soft: f32) -> Option<Signal> {
    let depth = head::depth(anatomy, at)?;
    if depth.skin < -soft {
        return None;
    }
    if depth.brain < -soft {
        return Some(Signal {
            level: head::level(anatomy, at, &depth, soft),
            lesion: false,
        });
    }
    let (origin, effaced) = lesion.map_or((at, 0.0), |lesion| lesion.before(at, depth.brain));
    let mut tissue = brain::tissue(anatomy, origin, &depth, effaced, soft);
    let share = lesion.map_or(0.0, |lesion| lesion.share(anatomy, at));
    if let (Some(lesion), true) = (lesion, share > 0.0) {
        tissue.level = lesion.level(anatomy, at, share, &tissue);
    }
    let belongs = share > 0.5 && depth.brain > 0.0 && tissue.fluid < 0.5;
    Some(Signal {
        level: tissue.level,
        lesion: belongs,
    })
}
