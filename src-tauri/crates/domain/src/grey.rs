//! The one way from stored values to the greys that a person sees (PS3.3 C.11): modality values, the window in which
//! a frame is first shown, the window's function, then the polarity.
//!
//! Report, thumbnail and terminal draw by it. The interface is handed [`Shown`] as it is and draws by the same
//! formulas; its tests hold it against greys that this module made. What a model is given is no grey of these but
//! [`crate::GreyFrame`].

mod first_look;

use std::borrow::Cow;

use crate::not_shown::NotShown;
use crate::pixels::luma;
use crate::room::{NoRoom, gathered};
use crate::{Colour, Decoded, GreyFrame, PixelData, Plane, Polarity, Rescale, Window, colour};

/// Grey samples of one frame, row by row: as they were stored where the interface has such an array, else modality
/// values in f32.
#[derive(Debug, Clone, PartialEq)]
pub enum Samples<'a> {
    /// As stored, 8 bits without a sign.
    U8(Cow<'a, [u8]>),
    /// As stored, 8 bits with a sign.
    I8(Cow<'a, [i8]>),
    /// As stored, 16 bits without a sign.
    U16(Cow<'a, [u16]>),
    /// As stored, 16 bits with a sign.
    I16(Cow<'a, [i16]>),
    /// Modality values of all other types.
    F32(Cow<'a, [f32]>),
}

/// Runs the same expression for samples of each type.
macro_rules! each_type {
    ($samples:expr, $values:ident => $body:expr) => {
        match $samples {
            $crate::grey::Samples::U8($values) => $body,
            $crate::grey::Samples::I8($values) => $body,
            $crate::grey::Samples::U16($values) => $body,
            $crate::grey::Samples::I16($values) => $body,
            $crate::grey::Samples::F32($values) => $body,
        }
    };
}

/// The modality values of one frame: `slope * sample + intercept` (PS3.3 C.11.1).
#[derive(Debug, Clone, PartialEq)]
pub struct Values<'a> {
    /// One for each pixel, row by row.
    pub samples: Samples<'a>,
    /// Modality value for each step of a sample.
    pub slope: f64,
    /// Modality value of the sample 0.
    pub intercept: f64,
}

impl Values<'_> {
    /// Number of pixels.
    pub fn len(&self) -> usize {
        each_type!(&self.samples, samples => samples.len())
    }

    /// Whether there is no pixel.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of one pixel, which may be no number; `None` past the last.
    pub fn at(&self, place: usize) -> Option<f64> {
        let stored = each_type!(&self.samples, samples => f64::from(*samples.get(place)?));
        Some(stored * self.slope + self.intercept)
    }

    /// Whether they are whole numbers, so that a window can count them.
    fn whole(&self) -> bool {
        !matches!(self.samples, Samples::F32(_)) && self.slope.fract() == 0.0 && self.intercept.fract() == 0.0
    }
}

/// The window's function (PS3.3 C.11.2.1.2 and C.11.2.1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Curve {
    /// Centre and width count whole values: the darkest and the brightest are within the window.
    Linear,
    /// Centre and width are measures on a continuous scale.
    LinearExact,
}

/// A window with its function, as a frame is shown under it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Voi {
    /// Centre and width, in modality values.
    pub window: Window,
    /// How values become brightness within it.
    pub curve: Curve,
}

impl Voi {
    /// Brightness 0..=255 of a modality value; what is no number is black.
    pub fn level(&self, value: f64) -> u8 {
        let Window { center, width } = self.window;
        let share = match self.curve {
            Curve::Linear if width == 1.0 => f64::from(u8::from(value > center - 0.5)),
            // A window narrower than one value cannot count values.
            Curve::Linear if width > 1.0 => (value - (center - 0.5)) / (width - 1.0) + 0.5,
            _ => (value - center) / width.max(f64::from_bits(1)) + 0.5,
        };
        // As a cast goes: not-a-number is 0.
        (share.clamp(0.0, 1.0) * 255.0).round() as u8
    }
}

/// Greys 0..=255. The polarity turns what the window made of the values, not the values; what is no number is black
/// in both.
///
/// # Errors
/// [`NoRoom`].
pub fn shown(values: &Values<'_>, voi: &Voi, polarity: Polarity) -> Result<Vec<u8>, NoRoom> {
    let grey = |place| grey_of(values.at(place).unwrap_or(f64::NAN), voi, polarity);
    gathered((0..values.len()).map(grey))
}

/// The grey of one value, as [`shown`] gives it.
pub fn grey_of(value: f64, voi: &Voi, polarity: Polarity) -> u8 {
    match polarity {
        Polarity::BrightIsLow if !value.is_nan() => 255 - voi.level(value),
        _ => voi.level(value),
    }
}

/// Greys of what a model is given, from its least value to its greatest.
///
/// # Errors
/// [`NoRoom`].
pub fn of_signal(frame: &GreyFrame) -> Result<Vec<u8>, NoRoom> {
    let values = Values {
        samples: Samples::F32(Cow::Borrowed(&frame.values)),
        slope: 1.0,
        intercept: 0.0,
    };
    shown(&values, &first_look::whole_range(&values), Polarity::BrightIsHigh)
}

/// A grey frame with all that it takes to show it.
#[derive(Debug, Clone, PartialEq)]
pub struct ShownGrey<'a> {
    /// The frame's values, row by row.
    pub values: Values<'a>,
    /// Whether high or low values are bright.
    pub polarity: Polarity,
    /// Least and greatest sample, finite ones; zeros where there are none.
    pub least: f64,
    /// Greatest finite sample; 0 where there is none.
    pub greatest: f64,
    /// The window in which the frame is first shown: the file's own, else the middle 99 % of the values, so that one
    /// bright pixel does not darken the rest.
    pub first: Voi,
}

/// One frame as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub enum Shown<'a> {
    /// One value for each pixel, to be shown in a window.
    Grey(ShownGrey<'a>),
    /// Red, green and blue of each pixel.
    Colour(Vec<u8>),
}

impl<'a> Shown<'a> {
    /// Of the frame with this number (0 is the first).
    ///
    /// # Errors
    /// When the file has no such frame, or none that can be shown.
    pub fn of(decoded: &'a Decoded, frame: u32) -> Result<Self, NotShown> {
        let pixels = &decoded.pixels;
        if let Some(what) = decoded.header.no_picture() {
            return Err(NotShown::NoImage(what));
        }
        if frame >= pixels.frames {
            let frames = pixels.frames;
            return Err(NotShown::NoSuchFrame { frame, frames });
        }
        let length = pixels.frame_len();
        let start = frame as usize * length;
        if !(1..=4).contains(&pixels.samples) || start + length > pixels.data.len() {
            return Err(NotShown::Samples(pixels.samples));
        }
        let plane = Plane::of_header(&decoded.header);
        let one = start..start + length;
        if plane.colour != Colour::Grey {
            return colour::rgb(decoded, &plane, one).map(Shown::Colour);
        }
        let values = values(decoded, plane.rescale, one)?;
        let (least, greatest, first) = first_look::first_look(&values, plane.windows.first().copied());
        let polarity = plane.polarity;
        Ok(Shown::Grey(ShownGrey {
            values,
            polarity,
            least,
            greatest,
            first,
        }))
    }

    /// Greys 0..=255 as the frame is first shown; the brightness of a colour.
    ///
    /// # Errors
    /// [`NoRoom`].
    pub fn greys(&self) -> Result<Vec<u8>, NoRoom> {
        match self {
            Shown::Grey(grey) => shown(&grey.values, &grey.first, grey.polarity),
            Shown::Colour(rgb) => {
                let (pixels, _) = rgb.as_chunks::<3>();
                let luma = |[r, g, b]: &[u8; 3]| luma(f64::from(*r), f64::from(*g), f64::from(*b));
                gathered(pixels.iter().map(|pixel| luma(pixel).round() as u8))
            }
        }
    }
}

/// Of one frame, whose place in the samples is given; transparency is left out.
fn values(
    decoded: &Decoded,
    Rescale { slope, intercept }: Rescale,
    one: std::ops::Range<usize>,
) -> Result<Values<'_>, NoRoom> {
    fn grey<T: Copy>(samples: &[T], stride: usize) -> Result<Cow<'_, [T]>, NoRoom> {
        Ok(match stride {
            1 => Cow::Borrowed(samples),
            _ => gathered(samples.iter().copied().step_by(stride))?.into(),
        })
    }
    let stride = decoded.pixels.samples as usize;
    let modality = |stored: f64| (stored * slope + intercept) as f32;
    // Types that the interface cannot hold become modality values.
    let samples = match &decoded.pixels.data {
        PixelData::U8(all) => Samples::U8(grey(&all[one], stride)?),
        PixelData::I8(all) => Samples::I8(grey(&all[one], stride)?),
        PixelData::U16(all) => Samples::U16(grey(&all[one], stride)?),
        PixelData::I16(all) => Samples::I16(grey(&all[one], stride)?),
        PixelData::F32(all) => Samples::F32(grey(&all[one], stride)?),
        PixelData::U32(all) => return in_modality(all[one].iter().step_by(stride).map(|v| modality(f64::from(*v)))),
        PixelData::I32(all) => return in_modality(all[one].iter().step_by(stride).map(|v| modality(f64::from(*v)))),
        PixelData::F64(all) => return in_modality(all[one].iter().step_by(stride).map(|v| modality(*v))),
    };
    Ok(Values {
        samples,
        slope,
        intercept,
    })
}

fn in_modality(values: impl ExactSizeIterator<Item = f32>) -> Result<Values<'static>, NoRoom> {
    Ok(Values {
        samples: Samples::F32(gathered(values)?.into()),
        slope: 1.0,
        intercept: 0.0,
    })
}

#[cfg(test)]
mod tests;
