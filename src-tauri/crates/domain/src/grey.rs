//! The one way from stored values to the greys that a person sees (PS3.3 C.11): modality values, the window in which
//! a frame is first shown, the window's function, then the polarity.
//!
//! Report, thumbnail and terminal draw by it. The interface is handed [`Shown`] as it is and draws by the same
//! formulas; its tests hold it against greys that this module made. What a model is given is no grey of these but
//! [`crate::GreyFrame`], of the same modality values.
//!
//! What is no part of the image (padding, what is no finite number) has no value: it is black, and counts in no window
//! and no statistics.

mod first_look;
mod statistics;

pub use statistics::{Statistics, statistics};

use std::borrow::Cow;

use crate::marks::paint;
use crate::not_shown::NotShown;
use crate::pixels::luma;
use crate::room::{NoRoom, gathered, room_for};
use crate::value::is_value;
use crate::{
    Colour, Decoded, GreyFrame, LookupTable, Palette, PixelData, Plane, Polarity, Rescale, Shutter, Window, colour,
};

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
    /// Samples from the first to the second are no part of the image.
    pub padding: Option<[f64; 2]>,
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

    /// The value of one pixel, not-a-number where it is no part of the image; `None` past the last.
    #[inline]
    pub fn at(&self, place: usize) -> Option<f64> {
        let stored = each_type!(&self.samples, samples => f64::from(*samples.get(place)?));
        let value = stored * self.slope + self.intercept;
        let counts = !self.is_padding(stored) && is_value(stored) && is_value(value);
        Some(if counts { value } else { f64::NAN })
    }

    fn is_padding(&self, stored: f64) -> bool {
        self.padding.is_some_and(|[low, high]| (low..=high).contains(&stored))
    }

    /// Over its pixels.
    pub fn statistics(&self) -> Statistics {
        Statistics::of((0..self.len()).filter_map(|place| self.at(place)))
    }

    /// Whether they are whole numbers, so that a window can count them.
    fn whole(&self) -> bool {
        !matches!(self.samples, Samples::F32(_)) && self.slope.fract() == 0.0 && self.intercept.fract() == 0.0
    }
}

/// How values become brightness (PS3.3 C.11.2.1.2 and C.11.2.1.3).
#[derive(Debug, Clone, PartialEq)]
pub enum Curve {
    /// Centre and width count whole values: the darkest and the brightest are within the window.
    Linear,
    /// Centre and width are measures on a continuous scale.
    LinearExact,
    /// An S curve about the centre.
    Sigmoid,
    /// A VOI LUT; centre and width say where its entries lie.
    Table(LookupTable),
}

/// A window with its function, as a frame is shown under it.
#[derive(Debug, Clone, PartialEq)]
pub struct Voi {
    /// Centre and width, in modality values.
    pub window: Window,
    /// How values become brightness within it.
    pub curve: Curve,
}

impl Voi {
    /// Brightness of a modality value, from 0 to 1; not-a-number of what is none.
    pub fn share(&self, value: f64) -> f64 {
        let Window { center, width } = self.window;
        let share = match &self.curve {
            Curve::Table(_) if value.is_nan() => value,
            Curve::Table(table) => f64::from(table.at(value)) / table.greatest(),
            Curve::Sigmoid => 1.0 / (1.0 + (-4.0 * (value - center) / width).exp()),
            Curve::Linear if width == 1.0 => match value.is_nan() {
                true => value,
                false => f64::from(u8::from(value > center - 0.5)),
            },
            // A window narrower than one value cannot count values.
            Curve::Linear if width > 1.0 => (value - (center - 0.5)) / (width - 1.0) + 0.5,
            _ => (value - center) / width.max(f64::from_bits(1)) + 0.5,
        };
        share.clamp(0.0, 1.0)
    }

    /// How a frame is shown while a person chooses another window than one of its file: the curve stays, a table stands
    /// for its own window alone, and a window narrower than one value cannot count values.
    pub fn with_window(&self, window: Window) -> Self {
        let curve = match &self.curve {
            Curve::Table(_) if window == self.window => self.curve.clone(),
            Curve::Table(_) | Curve::Linear if window.width < 1.0 => Curve::LinearExact,
            Curve::Table(_) => Curve::Linear,
            curve => curve.clone(),
        };
        Self { window, curve }
    }

    /// Brightness 0..=255 of a modality value; what is no number is black.
    pub fn level(&self, value: f64) -> u8 {
        // As a cast goes: not-a-number is 0.
        (self.share(value) * 255.0).round() as u8
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
        _ if !is_value(value) => 0,
        Polarity::BrightIsLow => 255 - voi.level(value),
        Polarity::BrightIsHigh => voi.level(value),
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
        padding: None,
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
    /// Least sample that is a part of the image; 0 where there is none.
    pub least: f64,
    /// Greatest sample that is a part of the image; 0 where there is none.
    pub greatest: f64,
    /// The window in which the frame is first shown: the file's own, else the middle 99.8 % of the values, so that one
    /// bright pixel does not darken the rest.
    pub first: Voi,
    /// Parts that are not to be seen.
    pub shutter: Option<Shutter>,
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
        let plane = decoded.plane(frame);
        let one = start..start + length;
        if let (Colour::Supplemental, Some(palette)) = (plane.colour, &decoded.header.image.palette) {
            if decoded.pixels.stored(frame).any(|stored| palette.holds(stored)) {
                return coloured(decoded, frame, &plane, palette).map(Shown::Colour);
            }
        } else if plane.colour != Colour::Grey {
            return colour::rgb(decoded, &plane, one).map(Shown::Colour);
        }
        let values = values(decoded, &plane, one)?;
        let (least, greatest, first) = first_look::first_look(&values, plane.windows.first());
        Ok(Shown::Grey(ShownGrey {
            values,
            polarity: plane.polarity,
            least,
            greatest,
            first,
            shutter: decoded
                .facts
                .shutter_of(decoded.first_frame.saturating_add(frame))
                .cloned(),
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

/// Which marks are put on greys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marks {
    /// The shutter alone.
    Shutter,
    /// The shutter, and overlay planes in white.
    Both,
}

/// Puts shutter and overlay planes on the greys of a frame of `pixels`, counted from the first that is there; or on its
/// red, green and blue.
pub fn put_marks_on(levels: &mut [u8], decoded: &Decoded, at: u32, marks: Marks) {
    let (rows, cols) = (decoded.pixels.rows, decoded.pixels.cols);
    let frame = decoded.first_frame.saturating_add(at);
    let facts = &decoded.facts;
    let pixels = rows as usize * cols as usize;
    let channels = (levels.len() / pixels.max(1)).max(1);
    if let Some(shutter) = facts.shutter_of(frame) {
        let mask = shutter.mask(rows, cols, frame, &facts.overlays);
        let hidden = levels
            .chunks_exact_mut(channels)
            .zip(mask)
            .filter(|(_, hidden)| *hidden);
        hidden.for_each(|(levels, _)| levels.fill(shutter.level()));
    }
    if marks == Marks::Both {
        let mut mask = vec![false; pixels];
        for overlay in facts.overlays.iter().filter(|overlay| !facts.hides_by(overlay)) {
            paint(&mut mask, rows, cols, overlay.pixels(frame));
        }
        let set = levels.chunks_exact_mut(channels).zip(mask).filter(|(_, set)| *set);
        set.for_each(|(levels, _)| levels.fill(u8::MAX));
    }
}

impl ShownGrey<'_> {
    /// How the frame is shown under the middle of its values, whatever windows its file has.
    pub fn middle(&self) -> Voi {
        first_look::first_look(&self.values, None).2
    }

    /// How the frame is shown under another of its file's windows.
    pub fn under(&self, choice: &crate::VoiChoice) -> Voi {
        first_look::voi_of(&self.values, choice)
    }
}

/// Red, green and blue of a frame whose greatest values have colours of their own: the others are greys as they are
/// first shown (PS3.3 C.7.6.19, C.11.15).
fn coloured(decoded: &Decoded, frame: u32, plane: &Plane, palette: &Palette) -> Result<Vec<u8>, NotShown> {
    let stored = || decoded.pixels.stored(frame);
    let mut grey = room_for(decoded.pixels.frame_len())?;
    let value = |stored: f64| match palette.holds(stored) {
        true => f32::NAN,
        false => plane.modality(stored).map_or(f32::NAN, |value| value as f32),
    };
    grey.extend(stored().map(value));
    let values = Values {
        samples: Samples::F32(grey.into()),
        slope: 1.0,
        intercept: 0.0,
        padding: None,
    };
    let (_, _, first) = first_look::first_look(&values, plane.windows.first());
    let greys = shown(&values, &first, plane.polarity)?;
    let mut rgb = room_for(3 * greys.len())?;
    for (stored, grey) in stored().zip(greys) {
        rgb.extend(match palette.holds(stored) {
            true => palette.colour(stored).map(|channel| (channel >> 8) as u8),
            false => [grey; 3],
        });
    }
    Ok(rgb)
}

/// Of one frame, whose place in the samples is given; transparency is left out.
fn values<'a>(decoded: &'a Decoded, plane: &Plane, one: std::ops::Range<usize>) -> Result<Values<'a>, NoRoom> {
    fn grey<T: Copy>(samples: &[T], stride: usize) -> Result<Cow<'_, [T]>, NoRoom> {
        Ok(match stride {
            1 => Cow::Borrowed(samples),
            _ => gathered(samples.iter().copied().step_by(stride))?.into(),
        })
    }
    let stride = decoded.pixels.samples as usize;
    let modality = |stored: f64| plane.modality(stored).map_or(f32::NAN, |value| value as f32);
    let in_modality = |stored: &mut dyn ExactSizeIterator<Item = f64>| {
        Ok(Values {
            samples: Samples::F32(gathered(stored.map(modality))?.into()),
            slope: 1.0,
            intercept: 0.0,
            padding: None,
        })
    };
    // What comes out of a table, and types that the interface cannot hold, become modality values.
    if let (Some(table), None) = (&plane.modality_table, plane.padding) {
        let samples = each_integer(&decoded.pixels.data, one.clone(), stride, |stored| table.at(stored));
        if let Some(samples) = samples {
            return Ok(Values {
                samples: Samples::U16(samples?.into()),
                slope: 1.0,
                intercept: 0.0,
                padding: None,
            });
        }
    }
    let table = plane.modality_table.is_some();
    let samples = match &decoded.pixels.data {
        PixelData::U8(all) if table => return in_modality(&mut all[one].iter().step_by(stride).map(|v| f64::from(*v))),
        PixelData::I8(all) if table => return in_modality(&mut all[one].iter().step_by(stride).map(|v| f64::from(*v))),
        PixelData::U16(all) if table => {
            return in_modality(&mut all[one].iter().step_by(stride).map(|v| f64::from(*v)));
        }
        PixelData::I16(all) if table => {
            return in_modality(&mut all[one].iter().step_by(stride).map(|v| f64::from(*v)));
        }
        PixelData::F32(all) if table => {
            return in_modality(&mut all[one].iter().step_by(stride).map(|v| f64::from(*v)));
        }
        PixelData::U32(all) if table => {
            return in_modality(&mut all[one].iter().step_by(stride).map(|v| f64::from(*v)));
        }
        PixelData::I32(all) if table => {
            return in_modality(&mut all[one].iter().step_by(stride).map(|v| f64::from(*v)));
        }
        PixelData::U32(all) => return long(all[one].iter().step_by(stride).map(|v| f64::from(*v)), plane),
        PixelData::I32(all) => return long(all[one].iter().step_by(stride).map(|v| f64::from(*v)), plane),
        PixelData::F64(all) => return in_modality(&mut all[one].iter().step_by(stride).copied()),
        PixelData::U8(all) => Samples::U8(grey(&all[one], stride)?),
        PixelData::I8(all) => Samples::I8(grey(&all[one], stride)?),
        PixelData::U16(all) => Samples::U16(grey(&all[one], stride)?),
        PixelData::I16(all) => Samples::I16(grey(&all[one], stride)?),
        PixelData::F32(all) => Samples::F32(grey(&all[one], stride)?),
    };
    Ok(Values {
        samples,
        slope: plane.rescale.slope,
        intercept: plane.rescale.intercept,
        padding: plane.padding,
    })
}

/// Samples of 32 bits, of which an f32 tells 2^24 apart: as many that lie beyond, as what they are above their least.
fn long<'a>(stored: impl ExactSizeIterator<Item = f64> + Clone, plane: &Plane) -> Result<Values<'a>, NoRoom> {
    const EXACT: f64 = 16_777_216.0;
    let counted = stored.clone().filter(|stored| plane.modality(*stored).is_some());
    let (least, greatest) = counted.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, g), v| (l.min(v), g.max(v)));
    let Rescale { slope, intercept } = plane.rescale;
    let beyond = |stored: f64| stored.abs().max((stored * slope + intercept).abs()) > EXACT;
    let near = greatest - least <= EXACT;
    if least > greatest || !near || !(beyond(least) || beyond(greatest)) {
        let modality = |stored: f64| plane.modality(stored).map_or(f32::NAN, |value| value as f32);
        return Ok(Values {
            samples: Samples::F32(gathered(stored.map(modality))?.into()),
            slope: 1.0,
            intercept: 0.0,
            padding: None,
        });
    }
    let above = |stored: f64| plane.modality(stored).map_or(f32::NAN, |_| (stored - least) as f32);
    Ok(Values {
        samples: Samples::F32(gathered(stored.map(above))?.into()),
        slope,
        intercept: intercept + least * slope,
        padding: None,
    })
}

/// What `map` makes of each whole-numbered sample; `None` of fractions.
fn each_integer(
    data: &PixelData,
    one: std::ops::Range<usize>,
    stride: usize,
    map: impl Fn(f64) -> u16,
) -> Option<Result<Vec<u16>, NoRoom>> {
    macro_rules! mapped {
        ($all:expr) => {
            Some(gathered(
                $all.get(one)?.iter().step_by(stride).map(|v| map(f64::from(*v))),
            ))
        };
    }
    match data {
        PixelData::U8(all) => mapped!(all),
        PixelData::I8(all) => mapped!(all),
        PixelData::U16(all) => mapped!(all),
        PixelData::I16(all) => mapped!(all),
        PixelData::U32(all) => mapped!(all),
        PixelData::I32(all) => mapped!(all),
        PixelData::F32(_) | PixelData::F64(_) => None,
    }
}

#[cfg(test)]
mod tests;
