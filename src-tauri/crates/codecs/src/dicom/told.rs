//! What of a data set could not be used as it stands, in words: nothing of the way to the grey, of colours, lengths and
//! frames is left out in silence.

use domain::{ImageFacts, MeasuredRegion, Sentence, SentenceCode, SentenceValue};

use super::{
    data_set::DataSet,
    lut, marks,
    palette::{is_supplemental, palette},
    real_world, scaling,
    shape::Shape,
    spacing, tag,
    text::CharacterSet,
};
use crate::note::Notes;

mod parts;

/// Adds what is to be told of the image of a data set.
pub(super) fn tell(set: &DataSet<'_>, shape: &Shape, facts: &ImageFacts, notes: &mut Notes) {
    let tell = Teller { set, shape };
    tell.colours(notes);
    tell.bits(notes);
    tell.frames(notes);
    tell.curves(notes);
    parts::tell(set, shape, notes);
    let shared = set.items(tag::SHARED_FUNCTIONAL_GROUPS_SEQUENCE);
    let per_frame = set.items(tag::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE);
    transformation(set, shape, notes);
    let charset = CharacterSet::of(set);
    let by_frame = |group: &DataSet<'_>| !group.items(tag::PIXEL_VALUE_TRANSFORMATION_SEQUENCE).is_empty();
    if !shared.iter().chain(per_frame).any(by_frame) {
        scaling::tell(set, set, &charset, notes);
    }
    windows(set, notes);
    lengths(set, notes);
    magnification(set, notes);
    ordinals(set, notes);
    shutter(set, notes);
    places(set, notes);
    let detectors = set.items(tag::DETECTOR_INFORMATION_SEQUENCE).iter();
    detectors.for_each(|item| places(item, notes));
    tell.side(notes);
    tell.unit(notes);
    for group in shared.iter().chain(per_frame) {
        let each = |sequence: u32| group.items(sequence).iter();
        for item in each(tag::PIXEL_VALUE_TRANSFORMATION_SEQUENCE) {
            transformation(item, shape, notes);
            scaling::tell(set, item, &charset, notes);
        }
        each(tag::FRAME_VOI_LUT_SEQUENCE).for_each(|item| windows(item, notes));
        each(tag::PIXEL_MEASURES_SEQUENCE).for_each(|item| lengths(item, notes));
        for sequence in [
            tag::PLANE_POSITION_SEQUENCE,
            tag::PLANE_ORIENTATION_SEQUENCE,
            tag::PLANE_POSITION_VOLUME_SEQUENCE,
            tag::PLANE_ORIENTATION_VOLUME_SEQUENCE,
        ] {
            each(sequence).for_each(|item| places(item, notes));
        }
        each(tag::FRAME_PIXEL_DATA_PROPERTIES_SEQUENCE).for_each(|item| lengths(item, notes));
        each(tag::X_RAY_GEOMETRY_SEQUENCE).for_each(|item| magnification(item, notes));
        each(tag::FRAME_DISPLAY_SHUTTER_SEQUENCE).for_each(|item| shutter(item, notes));
    }
    real_world::tell([set].into_iter().chain(shared).chain(per_frame), notes);
    regions(set, facts, notes);
    orientation(facts, notes);
    shape_of_pixels(set, facts, notes);
}

struct Teller<'a, 'b> {
    set: &'a DataSet<'b>,
    shape: &'a Shape,
}

impl Teller<'_, '_> {
    fn colours(&self, notes: &mut Notes) {
        let Some(said) = self.set.code(tag::PHOTOMETRIC_INTERPRETATION) else {
            return notes.add(Sentence::new(
                SentenceCode::ToldNoPhotometric,
                [],
                "the file does not say what its values mean (Photometric Interpretation); they are shown as greys or as RGB by their number",
            ));
        };
        let samples = self.shape.samples;
        let wanted = match said {
            "MONOCHROME1" | "MONOCHROME2" | "PALETTE COLOR" => 1,
            "RGB" => 3,
            // How far this holds, what decodes them tells.
            "XYB" => 3,
            ybr if ybr.starts_with("YBR_") => 3,
            _ => 0,
        };
        let shown = if samples < 3 { "greys" } else { "RGB" };
        let values = || {
            [
                ("value", text(said)),
                ("samples", samples.into()),
                ("shown", text(shown)),
            ]
        };
        if wanted != samples {
            let words = format!(
                "the file describes its colours as '{said}', with {samples} values for each pixel, which does not fit; it is shown as {shown}"
            );
            notes.add(Sentence::new(SentenceCode::ToldColours, values(), words));
        } else if said == "PALETTE COLOR" || is_supplemental(self.set) {
            match palette(self.set, self.shape.signed) {
                None => {
                    let words = "the file takes its colours from a palette, but has none that can be read; it is shown as greys";
                    notes.add(Sentence::new(SentenceCode::ToldNoPalette, [], words));
                }
                Some(palette) if said != "PALETTE COLOR" => {
                    let first = palette.first;
                    let words = format!(
                        "values from {first} on have colours of their own; a frame with such values is shown in colours, under the first window of the file"
                    );
                    let values = [("first", i64::from(first).into())];
                    notes.add(Sentence::new(SentenceCode::ToldSupplemental, values, words));
                }
                Some(_) => {}
            }
        }
    }

    /// Of the image, and of the part of the body that the series is of (PS3.3 C.7.3.1, 10.7.1).
    fn side(&self, notes: &mut Notes) {
        let said = |tag: u32| self.set.code(tag).filter(|side| matches!(*side, "L" | "R"));
        if let (Some(image), Some(series)) = (said(tag::IMAGE_LATERALITY), said(tag::LATERALITY))
            && image != series
        {
            let words = format!(
                "the file names two sides: {image} for the image and {series} for the series; {image} is shown, so ask which it is"
            );
            notes.add(Sentence::new(
                SentenceCode::ToldTwoSides,
                [("image", text(image)), ("series", text(series))],
                words,
            ));
        }
    }

    fn unit(&self, notes: &mut Notes) {
        let groups = [
            tag::SHARED_FUNCTIONAL_GROUPS_SEQUENCE,
            tag::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE,
        ];
        let groups = groups.iter().flat_map(|sequence| self.set.items(*sequence));
        let mut places = groups
            .flat_map(|group| group.items(tag::PIXEL_VALUE_TRANSFORMATION_SEQUENCE))
            .chain([self.set]);
        if scaling::no_hounsfield(self.set) && places.any(|place| place.code(tag::RESCALE_TYPE) == Some("HU")) {
            let modality = self.set.code(tag::MODALITY).unwrap_or_default();
            let words = format!(
                "the file calls its values Hounsfield units, which {modality} does not measure; they are shown without a unit"
            );
            notes.add(Sentence::new(
                SentenceCode::ToldNoHounsfield,
                [("modality", text(modality))],
                words,
            ));
        }
    }

    /// Where the stored bits lie (PS3.5 8.1.1).
    fn bits(&self, notes: &mut Notes) {
        let Some(high) = self.set.uint(tag::HIGH_BIT) else {
            return;
        };
        let (stored, allocated) = (self.shape.bits_stored, self.shape.bits_allocated);
        if (stored..=allocated).contains(&(high.saturating_add(1))) || allocated == 1 {
            return;
        }
        let words = format!(
            "the file says that the highest of {stored} stored bits is bit {high} of {allocated}, which cannot be; the lowest {stored} bits are shown"
        );
        let values = [
            ("high", high.into()),
            ("stored", stored.into()),
            ("allocated", allocated.into()),
        ];
        notes.add(Sentence::new(SentenceCode::ToldHighBit, values, words));
    }

    fn frames(&self, notes: &mut Notes) {
        let (times, there) = (self.set.numbers(tag::FRAME_TIME_VECTOR).len(), self.shape.frames);
        if times > 0 && there > 1 && times != there as usize {
            let words = format!(
                "the file has {times} times between its {there} frames (Frame Time Vector), which does not fit; they are not used"
            );
            let values = [("times", number(times)), ("frames", there.into())];
            notes.add(Sentence::new(SentenceCode::ToldFrameTimes, values, words));
        }
        let places = self.set.bytes(tag::GRID_FRAME_OFFSET_VECTOR).is_some() && there > 1;
        let offsets = self.set.numbers(tag::GRID_FRAME_OFFSET_VECTOR).len();
        if places && offsets != there as usize {
            let words = format!(
                "the file has {offsets} readable places for its {there} frames (Grid Frame Offset Vector), which does not fit; they are not used"
            );
            let values = [("places", number(offsets)), ("frames", there.into())];
            notes.add(Sentence::new(SentenceCode::ToldFrameOffsets, values, words));
        }
        let described = self.set.items(tag::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE).len();
        let frames = self.shape.frames;
        if described == 0 || described == frames as usize {
            return;
        }
        let words = format!(
            "the file describes {described} of its {frames} frames one by one; the others are shown by what is said of all"
        );
        let values = [("described", number(described)), ("frames", frames.into())];
        notes.add(Sentence::new(SentenceCode::ToldFramesDescribed, values, words));
    }

    fn curves(&self, notes: &mut Notes) {
        if self.set.elements.iter().any(|element| tag::is_curve(element.tag >> 16)) {
            let words = "the file holds curves (group 50xx), which are not shown";
            notes.add(Sentence::new(SentenceCode::ToldCurves, [], words));
        }
    }
}

/// From stored values to modality values, of a data set or of a Pixel Value Transformation.
fn transformation(set: &DataSet<'_>, shape: &Shape, notes: &mut Notes) {
    if set.number(tag::RESCALE_SLOPE) == Some(0.0) {
        let words = "the file scales its values by 0, which would erase the image; they are shown as they are stored, and have no unit";
        notes.add(Sentence::new(SentenceCode::ToldSlopeZero, [], words));
    }
    for (tag, name) in [
        (tag::RESCALE_SLOPE, "Rescale Slope"),
        (tag::RESCALE_INTERCEPT, "Rescale Intercept"),
    ] {
        if set.bytes(tag).is_some() && set.number(tag).is_none() {
            unreadable(set, tag, name, notes);
        }
    }
    if !set.items(tag::MODALITY_LUT_SEQUENCE).is_empty() && lut::modality_table(set, shape.signed).is_none() {
        let words = "the file's table of values (Modality LUT) cannot be read; values are shown as they are stored";
        let scaled = "the file's table of values (Modality LUT) cannot be read; values are scaled by slope and intercept instead";
        notes.add(
            match set.number(tag::RESCALE_SLOPE).or(set.number(tag::RESCALE_INTERCEPT)) {
                None => Sentence::new(SentenceCode::ToldModalityTable, [], words),
                Some(_) => Sentence::new(SentenceCode::ToldModalityTableRescale, [], scaled),
            },
        );
    }
}

/// The windows of a data set or of a Frame VOI LUT.
fn windows(set: &DataSet<'_>, notes: &mut Notes) {
    for (tag, name) in [
        (tag::WINDOW_CENTER, "Window Center"),
        (tag::WINDOW_WIDTH, "Window Width"),
    ] {
        if set.bytes(tag).is_some() && set.code(tag).is_some() && set.numbers(tag).is_empty() {
            unreadable(set, tag, name, notes);
        }
    }
    let (centers, widths) = (set.numbers(tag::WINDOW_CENTER), set.numbers(tag::WINDOW_WIDTH));
    if centers.len() != widths.len() {
        let (centers, widths) = (centers.len(), widths.len());
        let words =
            format!("the file has {centers} window centres and {widths} widths; those without a partner are not used");
        let values = [("centers", number(centers)), ("widths", number(widths))];
        notes.add(Sentence::new(SentenceCode::ToldWindowPairs, values, words));
    }
    for (center, width) in centers.iter().zip(&widths).filter(|(_, width)| **width <= 0.0) {
        let words = format!("a window of the file (centre {center}, width {width}) is not used: a width is above 0");
        let values = [
            ("center", text(&center.to_string())),
            ("width", text(&width.to_string())),
        ];
        notes.add(Sentence::new(SentenceCode::ToldWindowWidth, values, words));
    }
    match set.code(tag::VOI_LUT_FUNCTION) {
        None | Some("LINEAR" | "LINEAR_EXACT" | "SIGMOID") => {}
        Some(other) => {
            let other = short(other);
            let words =
                format!("the file asks for windows by the function '{other}', which is not known; LINEAR is used");
            notes.add(Sentence::new(
                SentenceCode::ToldVoiFunction,
                [("value", text(&other))],
                words,
            ));
        }
    }
    let tables = set.items(tag::VOI_LUT_SEQUENCE).len();
    if tables > lut::voi_tables(set) {
        let words = "a table of brightness (VOI LUT) of the file cannot be read; it is not offered";
        notes.add(Sentence::new(SentenceCode::ToldVoiTable, [], words));
    }
}

/// Places and directions in the patient that cannot be read.
fn places(set: &DataSet<'_>, notes: &mut Notes) {
    for (tag, name, count) in [
        (tag::IMAGE_POSITION_PATIENT, "Image Position (Patient)", 3),
        (tag::IMAGE_ORIENTATION_PATIENT, "Image Orientation (Patient)", 6),
        (tag::IMAGE_POSITION_VOLUME, "Image Position (Volume)", 3),
        (tag::IMAGE_ORIENTATION_VOLUME, "Image Orientation (Volume)", 6),
    ] {
        let padding = |byte: &u8| matches!(byte, b' ' | b'\\' | 0);
        let there = set.bytes(tag).is_some_and(|bytes| !bytes.iter().all(padding));
        if there && set.numbers(tag).len() != count {
            let said = short(set.code(tag).unwrap_or_default());
            let words = format!("the {name} of the file, '{said}', is not {count} numbers; it is not used");
            let values = [("field", text(name)), ("value", text(&said)), ("count", number(count))];
            notes.add(Sentence::new(SentenceCode::ToldPlace, values, words));
        }
    }
}

/// Lengths that stand in the file and are none.
fn lengths(set: &DataSet<'_>, notes: &mut Notes) {
    let named = [
        (tag::PIXEL_SPACING, "Pixel Spacing"),
        (tag::IMAGER_PIXEL_SPACING, "Imager Pixel Spacing"),
        (tag::NOMINAL_SCANNED_PIXEL_SPACING, "Nominal Scanned Pixel Spacing"),
        (tag::IMAGE_PLANE_PIXEL_SPACING, "Image Plane Pixel Spacing"),
    ];
    for (tag, name) in named {
        if let Some(said) = set.code(tag).filter(|_| spacing::pair(set, tag).is_none()) {
            let said = short(said);
            let words = format!(
                "the {name} of the file, '{said}', is not a pair of plausible lengths; it is not used to measure"
            );
            let values = [("field", text(name)), ("value", text(&said))];
            notes.add(Sentence::new(SentenceCode::ToldSpacing, values, words));
        }
    }
    if let Some(said) = set
        .code(tag::SLICE_THICKNESS)
        .filter(|_| spacing::thickness(set).is_none())
    {
        let said = short(said);
        let words = format!("the Slice Thickness of the file, '{said}', is no plausible length; it is not used");
        let values = [("field", text("Slice Thickness")), ("value", text(&said))];
        notes.add(Sentence::new(SentenceCode::ToldLength, values, words));
    }
    if let Some(said) = set
        .code(tag::PIXEL_ASPECT_RATIO)
        .filter(|_| spacing::aspect(set).is_none())
    {
        let said = short(said);
        let words = format!("the Pixel Aspect Ratio of the file, '{said}', is not valid; pixels are shown square");
        notes.add(Sentence::new(SentenceCode::ToldAspect, [("value", text(&said))], words));
    }
}

/// A magnification that none of a projection can be (PS3.3 C.8.7.2.1): its lengths are those at the detector.
fn magnification(set: &DataSet<'_>, notes: &mut Notes) {
    let tag = tag::ESTIMATED_RADIOGRAPHIC_MAGNIFICATION_FACTOR;
    let odd = set.bytes(tag).is_some() && !set.number(tag).is_some_and(spacing::is_magnification);
    // A value of blanks says nothing.
    let said = match set.number(tag) {
        Some(number) => Some(number.to_string()),
        None => set.code(tag).map(short),
    };
    if let Some(said) = said.filter(|_| odd) {
        let words = format!(
            "the Estimated Radiographic Magnification Factor of the file, '{said}', is not valid (1 to 10); lengths are not corrected by it"
        );
        notes.add(Sentence::new(
            SentenceCode::ToldMagnification,
            [("value", text(&said))],
            words,
        ));
    }
}

/// Numbers by which series and images are put in order (VR IS).
fn ordinals(set: &DataSet<'_>, notes: &mut Notes) {
    for (tag, name) in [
        (tag::SERIES_NUMBER, "Series Number"),
        (tag::INSTANCE_NUMBER, "Instance Number"),
    ] {
        if let Some(said) = set.code(tag).filter(|_| set.int(tag).is_none()) {
            let said = short(said);
            let words = format!("the {name} of the file, '{said}', is not a whole number; it is not used");
            let values = [("field", text(name)), ("value", text(&said))];
            notes.add(Sentence::new(SentenceCode::ToldNoWholeNumber, values, words));
        }
    }
}

/// The ratio of a pixel's sides is for images without a spacing (PS3.3 C.7.6.3.1.7).
fn shape_of_pixels(set: &DataSet<'_>, facts: &ImageFacts, notes: &mut Notes) {
    if let (Some(ratio), Some([high, wide])) = (spacing::aspect(set), facts.shared.pixel_spacing_mm)
        && (high / wide / ratio - 1.0).abs() > 0.01
    {
        let said = short(set.code(tag::PIXEL_ASPECT_RATIO).unwrap_or_default());
        let words = format!(
            "the Pixel Aspect Ratio of the file, '{said}', is not that of its pixel spacing, which is used: the image may be stretched"
        );
        notes.add(Sentence::new(
            SentenceCode::ToldAspectAndSpacing,
            [("value", text(&said))],
            words,
        ));
    }
}

fn shutter(set: &DataSet<'_>, notes: &mut Notes) {
    let Some(said) = set.code(tag::SHUTTER_SHAPE) else {
        return;
    };
    let shapes = said.split('\\').filter(|shape| !shape.trim().is_empty()).count();
    let read = marks::shutter(set).map_or(0, |shutter| shutter.shapes.len());
    if read < shapes {
        let said = short(said);
        let words = format!("not all of the file's shutter ({said}) can be read; what it would hide is shown");
        notes.add(Sentence::new(
            SentenceCode::ToldShutter,
            [("value", text(&said))],
            words,
        ));
    }
}

/// Regions of an ultrasound image that do not count, and axes whose unit is none (PS3.3 C.8.5.5.1).
fn regions(set: &DataSet<'_>, facts: &ImageFacts, notes: &mut Notes) {
    let all = set.items(tag::SEQUENCE_OF_ULTRASOUND_REGIONS).len();
    let left = all - facts.regions.len().min(all);
    if left > 0 {
        let words =
            format!("{left} of {all} ultrasound regions have no usable axes or no area; nothing is measured by them");
        let values = [("left", number(left)), ("of", number(all))];
        notes.add(Sentence::new(SentenceCode::ToldRegions, values, words));
    }
    let contradicts = |[high, wide]: [f64; 2]| {
        let scales = facts.regions.iter().filter_map(MeasuredRegion::scale);
        let off = |one: f64, other: f64| (one / other - 1.0).abs() > 0.01;
        scales
            .map(|scale| scale.spacing_mm)
            .find(|[down, across]| off(high, *down) || off(wide, *across))
    };
    if let Some(spacing) = facts.shared.pixel_spacing_mm
        && let Some(region) = contradicts(spacing)
    {
        let said = |[high, wide]: [f64; 2]| format!("{high:.4} x {wide:.4}");
        let (spacing, region) = (said(spacing), said(region));
        let words = format!(
            "the Pixel Spacing of the file, {spacing} mm, is not that of its ultrasound region, {region} mm; within the region lengths are the region's"
        );
        let values = [("spacing", text(&spacing)), ("region", text(&region))];
        notes.add(Sentence::new(SentenceCode::ToldRegionAndSpacing, values, words));
    }
    for code in spacing::unknown_units(set) {
        let code = format!("{code:04X}H");
        let words =
            format!("an axis of an ultrasound region has the unit code {code}, which is not known; it has no unit");
        notes.add(Sentence::new(
            SentenceCode::ToldRegionUnit,
            [("code", code.into())],
            words,
        ));
    }
}

/// Directions of rows and columns are of length 1 and at right angles (PS3.3 C.7.6.2.1.1).
fn orientation(facts: &ImageFacts, notes: &mut Notes) {
    let all = [&facts.shared].into_iter().chain(&facts.frames);
    let odd = all.filter_map(|plane| plane.orientation).any(|[a, b, c, x, y, z]| {
        let long = |v: [f64; 3]| (v.iter().map(|v| v * v).sum::<f64>() - 1.0).abs() > 0.01;
        let across = (a * x + b * y + c * z).abs() > 0.01;
        long([a, b, c]) || long([x, y, z]) || across
    });
    if odd {
        let words = "the directions of rows and columns in the file are not of length 1 and at right angles; places in the patient may be wrong";
        notes.add(Sentence::new(SentenceCode::ToldOrientation, [], words));
    }
}

fn unreadable(set: &DataSet<'_>, tag: u32, name: &str, notes: &mut Notes) {
    let said = short(set.code(tag).unwrap_or_default());
    let words = format!("the {name} of the file, '{said}', is not a number; it is not used");
    let values = [("field", text(name)), ("value", text(&said))];
    notes.add(Sentence::new(SentenceCode::ToldNoNumber, values, words));
}

/// As much of a text of the file as a sentence takes.
fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(40).collect()
}

fn text(text: &str) -> SentenceValue {
    SentenceValue::Text(text.to_owned())
}

fn number(value: usize) -> SentenceValue {
    SentenceValue::Number(i64::try_from(value).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests;
