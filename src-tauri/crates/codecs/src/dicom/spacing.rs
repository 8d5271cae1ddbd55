//! Pixel spacing and what it rests on (PS3.3 10.7.1), the shape of a pixel, regions of ultrasound (C.8.5.5).

use domain::{AxisUnit, MeasuredRegion, SpacingBasis};

use super::{data_set::DataSet, tag};

/// Modalities whose images are projections, so that a spacing is that of the detector until it is corrected.
const PROJECTIONS: [&str; 9] = ["CR", "DX", "MG", "IO", "PX", "RF", "XA", "RG", "DR"];

/// Spacings of a pixel outside these bounds in mm are mistakes: from a tenth of what a microscope resolves to a tenth of
/// a body.
const PLAUSIBLE: std::ops::RangeInclusive<f64> = 1e-5..=100.0;

/// Row and column spacing in mm with what they rest on. `groups` are the functional groups that speak for the frame,
/// its own first; without any, the data set alone speaks.
pub(super) fn spacing(set: &DataSet<'_>, groups: &[&DataSet<'_>]) -> Option<([f64; 2], SpacingBasis)> {
    let projection = set
        .code(tag::MODALITY)
        .is_some_and(|modality| PROJECTIONS.contains(&modality))
        && !is_volume(set);
    // The macro that holds an attribute, of the nearest group that has one; else the data set itself.
    let places = |sequence: u32| {
        let of_groups = groups.iter().filter_map(move |group| group.items(sequence).first());
        of_groups.chain([set])
    };
    let within = |sequence: u32, tag: u32| places(sequence).find_map(|place| pair(place, tag));
    let calibrations = [set].into_iter().chain(groups.iter().copied());
    let object = calibrations
        .flat_map(|place| place.items(tag::PROJECTION_PIXEL_CALIBRATION_SEQUENCE))
        .find_map(|item| pair(item, tag::OBJECT_PIXEL_SPACING_IN_CENTER_OF_BEAM));
    if let Some(object) = object {
        return Some((object, SpacingBasis::CalibratedGeometry));
    }
    let imager = within(tag::FRAME_PIXEL_DATA_PROPERTIES_SEQUENCE, tag::IMAGER_PIXEL_SPACING);
    let own = within(tag::PIXEL_MEASURES_SEQUENCE, tag::PIXEL_SPACING);
    // Of the film that was scanned; a spacing beside it that differs was calibrated (PS3.3 10.7.1.3).
    let film = pair(set, tag::NOMINAL_SCANNED_PIXEL_SPACING);
    let calibration = set.code(tag::PIXEL_SPACING_CALIBRATION_TYPE);
    let geometry = |tag: u32| {
        let told = places(tag::X_RAY_GEOMETRY_SEQUENCE).find_map(|place| place.number(tag));
        told.filter(|value| *value > 0.0)
    };
    match (own, imager) {
        (Some(own), _) if calibration == Some("GEOMETRY") => Some((own, SpacingBasis::CalibratedGeometry)),
        (Some(own), _) if calibration == Some("FIDUCIAL") => Some((own, SpacingBasis::CalibratedFiducial)),
        (Some(own), Some(imager)) if own != imager => Some((own, SpacingBasis::Calibrated)),
        // Equal to the detector's: nothing was corrected, so that the magnification is still to be taken off.
        (Some(_), Some(imager)) => Some(magnified(imager, geometry)),
        (Some(own), None) if film.is_some() => Some((
            own,
            if film == Some(own) {
                SpacingBasis::ScannedFilm
            } else {
                SpacingBasis::Calibrated
            },
        )),
        (Some(own), None) if projection => Some((own, SpacingBasis::Projection)),
        (Some(own), None) => Some((own, SpacingBasis::Patient)),
        (None, Some(imager)) => Some(magnified(imager, geometry)),
        (None, None) => film
            .map(|film| (film, SpacingBasis::ScannedFilm))
            .or_else(|| portal(set)),
    }
}

/// Whether the frames are planes in the patient, as those of a tomosynthesis or a rotational X-ray volume (PS3.3 A.55,
/// A.54), whatever their modality.
fn is_volume(set: &DataSet<'_>) -> bool {
    let shared = set.items(tag::SHARED_FUNCTIONAL_GROUPS_SEQUENCE).first();
    let first = set.items(tag::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE).first();
    let places = [tag::PLANE_POSITION_SEQUENCE, tag::PLANE_ORIENTATION_SEQUENCE];
    [shared, first]
        .into_iter()
        .flatten()
        .any(|group| places.iter().any(|place| !group.items(*place).is_empty()))
}

/// Slices thicker than this in mm are mistakes: a body is not as thick.
const THICKEST: f64 = 1000.0;

/// Slice Thickness in mm.
pub(super) fn thickness(set: &DataSet<'_>) -> Option<f64> {
    let thickness = set.number(tag::SLICE_THICKNESS)?;
    (thickness > 0.0 && thickness <= THICKEST).then_some(thickness)
}

/// Whether a functional group says anything of the spacing of its frame.
pub(super) fn speaks(group: &DataSet<'_>) -> bool {
    let has = |sequence: u32, tag: u32| group.items(sequence).iter().any(|item| item.find(tag).is_some());
    has(tag::PIXEL_MEASURES_SEQUENCE, tag::PIXEL_SPACING)
        || has(tag::FRAME_PIXEL_DATA_PROPERTIES_SEQUENCE, tag::IMAGER_PIXEL_SPACING)
        || [tag::PROJECTION_PIXEL_CALIBRATION_SEQUENCE, tag::X_RAY_GEOMETRY_SEQUENCE]
            .iter()
            .any(|sequence| !group.items(*sequence).is_empty())
}

/// Of a portal image: its plane's spacing (PS3.3 C.8.8.2), at the axis of the machine where that is known.
fn portal(set: &DataSet<'_>) -> Option<([f64; 2], SpacingBasis)> {
    let plane = pair(set, tag::IMAGE_PLANE_PIXEL_SPACING)?;
    let above_zero = |tag: u32| set.number(tag).filter(|value| *value > 0.0);
    let factor = above_zero(tag::RT_IMAGE_SID).zip(above_zero(tag::RADIATION_MACHINE_SAD));
    Some(over(plane, factor.map(|(image, axis)| image / axis)))
}

/// The detector's spacing in the middle of the patient, where the magnification is known.
fn magnified(imager: [f64; 2], geometry: impl Fn(u32) -> Option<f64>) -> ([f64; 2], SpacingBasis) {
    let told = geometry(tag::ESTIMATED_RADIOGRAPHIC_MAGNIFICATION_FACTOR);
    let measured = || {
        let detector = geometry(tag::DISTANCE_SOURCE_TO_DETECTOR)?;
        let patient = geometry(tag::DISTANCE_SOURCE_TO_PATIENT).or_else(|| geometry(tag::DISTANCE_SOURCE_TO_ISOCENTER));
        Some(detector / patient?)
    };
    over(imager, told.or_else(measured))
}

/// The patient lies before the detector; a tenth of its size is no magnification.
pub(super) fn is_magnification(factor: f64) -> bool {
    (1.0..10.0).contains(&factor)
}

/// A spacing on a plane behind the patient, over the magnification up to there.
fn over(plane: [f64; 2], factor: Option<f64>) -> ([f64; 2], SpacingBasis) {
    match factor.filter(|factor| is_magnification(*factor)) {
        Some(factor) => (
            plane.map(|spacing| spacing / factor),
            SpacingBasis::ImagerOverMagnification,
        ),
        None => (plane, SpacingBasis::Detector),
    }
}

/// Two plausible lengths in mm.
pub(super) fn pair(set: &DataSet<'_>, tag: u32) -> Option<[f64; 2]> {
    set.array::<2>(tag)
        .filter(|spacing| spacing.iter().all(|v| PLAUSIBLE.contains(v)))
}

/// Height of a pixel over its width (Pixel Aspect Ratio: vertical, then horizontal size).
pub(super) fn aspect(set: &DataSet<'_>) -> Option<f64> {
    let [high, wide] = set.array::<2>(tag::PIXEL_ASPECT_RATIO)?;
    let ratio = high / wide;
    // A pixel that is a hundred times as high as wide is a mistake.
    (high > 0.0 && (0.01..=100.0).contains(&ratio)).then_some(ratio)
}

/// Regions that count; others lack an axis, a unit or an area. Where they overlap, those whose pixels are of low priority
/// (bit 0 of Region Flags) lie below, behind the others (PS3.3 C.8.5.5.1.3).
pub(super) fn regions(set: &DataSet<'_>) -> Vec<MeasuredRegion> {
    let items = set.items(tag::SEQUENCE_OF_ULTRASOUND_REGIONS);
    let low = |item: &DataSet<'_>| item.uint(tag::REGION_FLAGS).is_some_and(|flags| flags & 1 == 1);
    let counted = items.iter().filter_map(|item| Some((low(item), region(item)?)));
    let (below, above): (Vec<_>, Vec<_>) = counted.partition(|(low, _)| *low);
    above.into_iter().chain(below).map(|(_, region)| region).collect()
}

/// Codes of axes of regions that count that name no unit.
pub(super) fn unknown_units(set: &DataSet<'_>) -> Vec<u32> {
    let items = set.items(tag::SEQUENCE_OF_ULTRASOUND_REGIONS).iter();
    let counted = items.filter(|item| region(item).is_some());
    let codes = counted.flat_map(|item| [tag::PHYSICAL_UNITS_X, tag::PHYSICAL_UNITS_Y].map(|tag| item.uint(tag)));
    codes.flatten().filter(|code| unit_of(*code).is_none()).collect()
}

fn unit_of(code: u32) -> Option<AxisUnit> {
    AxisUnit::ALL.get(usize::try_from(code).ok()?).copied()
}

fn region(item: &DataSet<'_>) -> Option<MeasuredRegion> {
    let unit = |tag: u32| Some(unit_of(item.uint(tag)?).unwrap_or(AxisUnit::None));
    let region = MeasuredRegion {
        x0: item.uint(tag::REGION_LOCATION_MIN_X0)?,
        y0: item.uint(tag::REGION_LOCATION_MIN_Y0)?,
        x1: item.uint(tag::REGION_LOCATION_MAX_X1)?,
        y1: item.uint(tag::REGION_LOCATION_MAX_Y1)?,
        unit_x: unit(tag::PHYSICAL_UNITS_X)?,
        unit_y: unit(tag::PHYSICAL_UNITS_Y)?,
        delta_x: item.number(tag::PHYSICAL_DELTA_X)?,
        delta_y: item.number(tag::PHYSICAL_DELTA_Y)?,
    };
    let measures = region.delta_x != 0.0 && region.delta_y != 0.0;
    (measures && region.x0 <= region.x1 && region.y0 <= region.y1).then_some(region)
}
