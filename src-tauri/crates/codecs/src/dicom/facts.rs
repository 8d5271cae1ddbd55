//! Facts of the images of a data set: of all frames, and of each from the functional groups (PS3.3 C.7.6.16).

use domain::{ImageFacts, Orientation, PlaneFacts, SampleType, ShutterShape, geometry::normal};

use super::{
    acquisition::acquisition,
    data_set::{DataSet, Value},
    lut,
    marks::{self, Words},
    scaling,
    shape::Shape,
    spacing, tag,
    text::CharacterSet,
    times::frame_times,
    told,
};
use crate::note::Notes;

/// Of the whole file; `words` are the words of the pixel data that were read.
pub(super) fn facts(set: &DataSet<'_>, shape: &Shape, words: &Words<'_>) -> ImageFacts {
    let charset = CharacterSet::of(set);
    let reader = Reader {
        set,
        charset: &charset,
        signed: shape.signed,
    };
    let mut shared = reader.of_file();
    if let Some(group) = reader.shared_group() {
        shared = reader.of_group(group).or(&shared);
    }
    let mut notes = Notes::default();
    let overlays = marks::overlays(set, &charset, shape, words, &mut notes);
    let mut facts = ImageFacts {
        frames: reader.of_frames(&shared, shape.frames as usize),
        padding: padding(set, shape),
        inverse: set.code(tag::PRESENTATION_LUT_SHAPE) == Some("INVERSE"),
        // The shape of a pixel follows from its spacing where that is known (PS3.3 C.7.6.3.1.7).
        pixel_aspect: spacing::aspect(set).filter(|_| shared.pixel_spacing_mm.is_none()),
        regions: spacing::regions(set),
        overlays,
        shared,
        ..ImageFacts::default()
    };
    stretch_circles(&mut facts);
    lift_what_is_alike(&mut facts);
    facts.shutter = facts.shared.shutter.take();
    // The groups say what frames have in common beyond what the object says of all of them.
    let shared = facts.shared.acquisition.take().map(|made| *made).unwrap_or_default();
    facts.acquisition = shared.or(&acquisition(set, &charset));
    told::tell(set, shape, &facts, &mut notes);
    facts.notes = notes.into_vec();
    facts
}

/// The radius of a circle counts pixels along a row (PS3.3 C.7.6.11): where pixels are not square, it spans another
/// number of rows.
fn stretch_circles(facts: &mut ImageFacts) {
    let of_all = facts.shared.pixel_spacing_mm;
    let ratio = facts.pixel_aspect;
    for plane in facts.frames.iter_mut().chain([&mut facts.shared]) {
        let aspect = plane
            .pixel_spacing_mm
            .or(of_all)
            .map(|[high, wide]| high / wide)
            .or(ratio);
        for shape in plane.shutter.iter_mut().flat_map(|shutter| &mut shutter.shapes) {
            if let ShutterShape::Circular { pixel_aspect, .. } = shape {
                *pixel_aspect = aspect.filter(|aspect| (aspect - 1.0).abs() > 1e-6);
            }
        }
    }
}

struct Reader<'a, 'b> {
    set: &'a DataSet<'b>,
    charset: &'a CharacterSet,
    signed: bool,
}

impl<'b> Reader<'_, 'b> {
    fn shared_group(&self) -> Option<&DataSet<'b>> {
        self.set.items(tag::SHARED_FUNCTIONAL_GROUPS_SEQUENCE).first()
    }

    /// What the data set itself says of all frames.
    fn of_file(&self) -> PlaneFacts {
        let set = self.set;
        let detector = set.items(tag::DETECTOR_INFORMATION_SEQUENCE).first();
        let place = |tag: u32| set.array(tag).or_else(|| detector?.array(tag));
        let (spacing, basis) = spacing::spacing(set, &[]).unzip();
        let below_zero = self.signed
            || set
                .number(tag::RESCALE_INTERCEPT)
                .is_some_and(|intercept| intercept < 0.0);
        let modality_table = lut::modality_table(set, self.signed);
        PlaneFacts {
            rescale: scaling::rescale(set, set),
            unit: scaling::unit(set, set, self.charset),
            windows: lut::choices(set, self.charset, below_zero && modality_table.is_none()),
            modality_table,
            pixel_spacing_mm: spacing,
            pixel_spacing_basis: basis,
            position_mm: place(tag::IMAGE_POSITION_PATIENT),
            orientation: set
                .array(tag::IMAGE_ORIENTATION_PATIENT)
                .or_else(|| detector?.array(tag::IMAGE_ORIENTATION_PATIENT)),
            slice_thickness_mm: spacing::thickness(set),
            time_ms: None,
            laterality: [tag::IMAGE_LATERALITY, tag::LATERALITY]
                .into_iter()
                .find_map(|tag| set.code(tag))
                .map(str::to_owned),
            shutter: marks::shutter(set),
            acquisition: None,
        }
    }

    /// What an item of the shared or the per-frame functional groups says.
    fn of_group(&self, group: &DataSet<'_>) -> PlaneFacts {
        let macro_of = |tag: u32| group.items(tag).first();
        let measures = macro_of(tag::PIXEL_MEASURES_SEQUENCE);
        let position = macro_of(tag::PLANE_POSITION_SEQUENCE);
        let orientation = macro_of(tag::PLANE_ORIENTATION_SEQUENCE);
        let transformation = macro_of(tag::PIXEL_VALUE_TRANSFORMATION_SEQUENCE);
        let (spacing, basis) = spacing::speaks(group)
            .then(|| {
                let groups: Vec<&DataSet<'_>> = [group].into_iter().chain(self.shared_group()).collect();
                spacing::spacing(self.set, &groups)
            })
            .flatten()
            .unzip();
        let rescale = transformation.and_then(|group| scaling::rescale(self.set, group));
        let below_zero = self.signed || rescale.is_some_and(|rescale| rescale.intercept < 0.0);
        PlaneFacts {
            rescale,
            modality_table: lut::modality_table(group, self.signed),
            unit: scaling::unit_of_frame(self.set, group, self.charset),
            windows: macro_of(tag::FRAME_VOI_LUT_SEQUENCE)
                .and_then(|group| lut::choices(group, self.charset, below_zero)),
            pixel_spacing_mm: spacing,
            pixel_spacing_basis: basis,
            position_mm: position
                .and_then(|group| group.array(tag::IMAGE_POSITION_PATIENT))
                .or_else(|| macro_of(tag::PLANE_POSITION_VOLUME_SEQUENCE)?.array(tag::IMAGE_POSITION_VOLUME)),
            orientation: orientation
                .and_then(|group| group.array(tag::IMAGE_ORIENTATION_PATIENT))
                .or_else(|| macro_of(tag::PLANE_ORIENTATION_VOLUME_SEQUENCE)?.array(tag::IMAGE_ORIENTATION_VOLUME)),
            slice_thickness_mm: measures.and_then(spacing::thickness),
            time_ms: None,
            laterality: macro_of(tag::FRAME_ANATOMY_SEQUENCE)
                .and_then(|group| group.code(tag::FRAME_LATERALITY))
                .map(str::to_owned),
            shutter: macro_of(tag::FRAME_DISPLAY_SHUTTER_SEQUENCE).and_then(marks::shutter),
            acquisition: Some(Box::new(acquisition(group, self.charset))).filter(|made| !made.is_silent()),
        }
    }

    /// One entry for each frame, or none where nothing is said by frame.
    fn of_frames(&self, shared: &PlaneFacts, frames: usize) -> Vec<PlaneFacts> {
        let groups = self.set.items(tag::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE);
        let mut facts: Vec<PlaneFacts> = groups.iter().take(frames).map(|group| self.of_group(group)).collect();
        let times = frame_times(self.set, groups, frames);
        let places = match facts.iter().any(|frame| frame.position_mm.is_some()) {
            true => vec![],
            false => grid(self.set, shared, frames),
        };
        if facts.is_empty() && times.is_empty() && places.is_empty() {
            return vec![];
        }
        facts.resize(frames, PlaneFacts::default());
        for (frame, time) in facts.iter_mut().zip(times) {
            frame.time_ms = Some(time);
        }
        for (frame, place) in facts.iter_mut().zip(places) {
            frame.position_mm = Some(place);
        }
        // Where others have a transformation of their own, a frame without one holds its stored values.
        if shared.rescale.is_none() && facts.iter().any(|frame| frame.rescale.is_some()) {
            facts.iter_mut().for_each(|frame| {
                frame.rescale.get_or_insert_default();
            });
        }
        facts
    }
}

/// Places of frames that lie one above the other: of a dose grid (Grid Frame Offset Vector, PS3.3 C.8.8.3.2), or of a
/// reconstruction of nuclear medicine (Spacing Between Slices, C.8.4.15).
fn grid(set: &DataSet<'_>, shared: &PlaneFacts, frames: usize) -> Vec<[f64; 3]> {
    let lies = || {
        let [a, b, c, x, y, z] = shared.orientation?;
        let along = normal(&Orientation {
            row: [a, b, c],
            column: [x, y, z],
        })?;
        Some((shared.position_mm?, along))
    };
    let Some((first, along)) = lies().filter(|_| frames > 1) else {
        return vec![];
    };
    let offsets = set.numbers(tag::GRID_FRAME_OFFSET_VECTOR);
    let offsets: Vec<f64> = match offsets.first() {
        // Places of the body's own axis instead of distances.
        Some(start) if offsets.len() == frames && *start != 0.0 => {
            let back = if along[2] < 0.0 { -1.0 } else { 1.0 };
            offsets.iter().map(|offset| (offset - start) * back).collect()
        }
        Some(_) if offsets.len() == frames => offsets,
        _ if set.code(tag::MODALITY) == Some("NM") => match set.number(tag::SPACING_BETWEEN_SLICES) {
            Some(apart) if apart != 0.0 => (0..frames).map(|frame| apart * frame as f64).collect(),
            _ => return vec![],
        },
        _ => return vec![],
    };
    let place = |offset: f64| {
        let [x, y, z] = first;
        [x + along[0] * offset, y + along[1] * offset, z + along[2] * offset]
    };
    offsets.into_iter().map(place).collect()
}

/// Stored values that are no part of the image, from least to greatest.
fn padding(set: &DataSet<'_>, shape: &Shape) -> Option<[f64; 2]> {
    let float = |single: u32, double: u32| set.number(single).or_else(|| set.number(double));
    let (value, limit) = match shape.sample_type {
        SampleType::F32 | SampleType::F64 => (
            float(tag::FLOAT_PIXEL_PADDING_VALUE, tag::DOUBLE_FLOAT_PIXEL_PADDING_VALUE)?,
            float(
                tag::FLOAT_PIXEL_PADDING_RANGE_LIMIT,
                tag::DOUBLE_FLOAT_PIXEL_PADDING_RANGE_LIMIT,
            ),
        ),
        _ => (
            stored_value(set, tag::PIXEL_PADDING_VALUE, shape)?,
            stored_value(set, tag::PIXEL_PADDING_RANGE_LIMIT, shape),
        ),
    };
    let limit = limit.unwrap_or(value);
    Some([value.min(limit), value.max(limit)])
}

/// A value that is written as a sample is, whatever VR the file gives it. One that no sample can have is taken for the
/// word of one.
fn stored_value(set: &DataSet<'_>, tag: u32, shape: &Shape) -> Option<f64> {
    let element = set.find(tag)?;
    let Value::Bytes(bytes) = element.value else {
        return None;
    };
    let written = match (&element.vr, bytes) {
        (b"IS" | b"DS", _) => i64::from(set.int(tag)?),
        (_, [a, b, c, d]) => {
            let word = set.encoding.u32([*a, *b, *c, *d]);
            if shape.signed {
                i64::from(word.cast_signed())
            } else {
                i64::from(word)
            }
        }
        (_, [a, b, ..]) => {
            let word = set.encoding.u16([*a, *b]);
            if shape.signed {
                i64::from(word.cast_signed())
            } else {
                i64::from(word)
            }
        }
        _ => return None,
    };
    let bits = shape.bits_stored.clamp(1, 32);
    let (least, greatest) = match shape.signed {
        true => (-(1_i64 << (bits - 1)), (1_i64 << (bits - 1)) - 1),
        false => (0, (1_i64 << bits) - 1),
    };
    let value = if (least..=greatest).contains(&written) {
        written
    } else {
        let low = (written >> shape.shift) & ((1 << bits) - 1);
        if low > greatest { low - (1 << bits) } else { low }
    };
    Some(value as f64)
}

/// What every frame says alike is said once.
fn lift_what_is_alike(facts: &mut ImageFacts) {
    macro_rules! lift {
        ($($field:ident),*) => {$(
            if let Some(first) = facts.frames.first().and_then(|frame| frame.$field.clone())
                && facts.frames.iter().all(|frame| frame.$field.as_ref() == Some(&first))
            {
                facts.frames.iter_mut().for_each(|frame| frame.$field = None);
                facts.shared.$field = Some(first);
            }
        )*};
    }
    lift!(
        rescale,
        modality_table,
        unit,
        windows,
        pixel_spacing_mm,
        pixel_spacing_basis,
        position_mm,
        orientation,
        slice_thickness_mm,
        time_ms,
        laterality,
        shutter,
        acquisition
    );
    if facts.frames.iter().all(|frame| *frame == PlaneFacts::default()) {
        facts.frames.clear();
    }
}

#[cfg(test)]
mod tests;
