//! From stored values to modality values, and the unit that these have (PS3.3 C.11.1, C.7.6.16.2.9, C.8.8.3.2, C.8.9.1).

use domain::{Rescale, Sentence, SentenceCode, Uid};

use super::{data_set::DataSet, lut, tag, text::CharacterSet};
use crate::note::Notes;

/// Whether values are doses, which their own scaling alone makes of stored values (Dose Grid Scaling, PS3.3 C.8.8.3.2).
fn is_dose(set: &DataSet<'_>) -> bool {
    set.code(tag::MODALITY) == Some("RTDOSE") || set.code(tag::SOP_CLASS_UID) == Some("1.2.840.10008.5.1.4.1.1.481.2")
}

fn of_modality<'a>(set: &DataSet<'a>) -> &'a str {
    match is_dose(set) {
        true => "RTDOSE",
        false => set.code(tag::MODALITY).unwrap_or_default(),
    }
}

/// A missing slope is 1, a missing intercept 0. A slope of zero would erase the image. `transformation` is where slope
/// and intercept stand.
pub(super) fn rescale(set: &DataSet<'_>, transformation: &DataSet<'_>) -> Option<Rescale> {
    if is_dose(set) {
        let scaling = set.number(tag::DOSE_GRID_SCALING).filter(|scaling| *scaling != 0.0);
        let rescale = |slope| Rescale { slope, intercept: 0.0 };
        return Some(scaling.map_or_else(Rescale::default, rescale));
    }
    let slope = transformation.number(tag::RESCALE_SLOPE);
    // Values that a slope of 0 would erase stay as they are stored, and so without an intercept.
    if slope == Some(0.0) {
        return Some(Rescale::default());
    }
    let intercept = transformation.number(tag::RESCALE_INTERCEPT);
    (slope.is_some() || intercept.is_some()).then(|| Rescale {
        slope: slope.unwrap_or(1.0),
        intercept: intercept.unwrap_or(0.0),
    })
}

/// The field without which values were never scaled, so that they have no unit: missing, no number, or a slope of 0.
fn lacking(set: &DataSet<'_>, transformation: &DataSet<'_>) -> Option<&'static str> {
    let slope = |set: &DataSet<'_>, tag: u32| set.number(tag).is_some_and(|slope| slope != 0.0);
    match of_modality(set) {
        "RTDOSE" => (!slope(set, tag::DOSE_GRID_SCALING)).then_some("Dose Grid Scaling"),
        _ if !slope(transformation, tag::RESCALE_SLOPE) => Some("Rescale Slope"),
        // That of a PET image is 0 (PS3.3 C.8.9.4.1.2).
        "PT" => None,
        _ => transformation
            .number(tag::RESCALE_INTERCEPT)
            .is_none()
            .then_some("Rescale Intercept"),
    }
}

/// Unit of the modality values, empty where they have none; `None` where the file leaves it to its modality.
/// `transformation` is where slope and intercept stand.
pub(super) fn unit(set: &DataSet<'_>, transformation: &DataSet<'_>, charset: &CharacterSet) -> Option<String> {
    let kinds = charset.code(set, tag::IMAGE_TYPE).unwrap_or_default();
    unit_of_kinds(set, transformation, &kinds, charset)
}

/// What a functional group says of the unit of its frame, whose kinds stand beside those of the whole file (Frame Type,
/// PS3.3 C.8.15.3.1).
pub(super) fn unit_of_frame(set: &DataSet<'_>, group: &DataSet<'_>, charset: &CharacterSet) -> Option<String> {
    let frame = group.items(tag::CT_IMAGE_FRAME_TYPE_SEQUENCE).first();
    let own = frame.and_then(|frame| charset.code(frame, tag::FRAME_TYPE));
    let own = own.unwrap_or_default();
    let transformation = group.items(tag::PIXEL_VALUE_TRANSFORMATION_SEQUENCE).first();
    if named_as(&own, &["LOCALIZER"]) {
        return Some(String::new());
    }
    let kinds = match own.is_empty() {
        true => charset.code(set, tag::IMAGE_TYPE).unwrap_or_default(),
        false => own,
    };
    unit_of_kinds(set, transformation?, &kinds, charset)
}

fn unit_of_kinds(
    set: &DataSet<'_>,
    transformation: &DataSet<'_>,
    kinds: &str,
    charset: &CharacterSet,
) -> Option<String> {
    let unscaled = lacking(set, transformation).is_some();
    match of_modality(set) {
        "PT" => {
            let claimed = of_pet(&named_for_pet(set, transformation, charset)?);
            return Some(if unscaled { String::new() } else { claimed });
        }
        "RTDOSE" => {
            return match set.code(tag::DOSE_UNITS)? {
                "GY" if !unscaled => Some("Gy".to_owned()),
                _ => Some(String::new()),
            };
        }
        _ => {}
    }
    let tables = transformation.items(tag::MODALITY_LUT_SEQUENCE);
    let by_table = lut::modality_table(transformation, false).is_some();
    let table_type = || {
        charset
            .code(tables.first()?, tag::MODALITY_LUT_TYPE)
            .filter(|_| by_table)
    };
    let named = table_type().or_else(|| charset.code(transformation, tag::RESCALE_TYPE));
    let measures = hounsfield(set, kinds);
    let ct = set.code(tag::MODALITY) == Some("CT");
    let unit = match named.as_deref() {
        // What was not scaled has no unit, and a table that is not used gives none.
        _ if unscaled && !by_table => match (ct || named.is_some(), tables.is_empty()) {
            (false, true) => return None,
            _ => "",
        },
        Some("HU") if measures => "HU",
        Some("HU" | "US") => "",
        Some("PCT") => "%",
        Some("MGML") => "mg/mL",
        Some(other) => other,
        None if !tables.is_empty() && !by_table => "",
        None if !ct => return None,
        // Without slope and intercept CT values are no Hounsfield units (PS3.3 C.8.2.1).
        None if measures && !of_a_material(kinds) => "HU",
        None => "",
    };
    Some(unit.to_owned())
}

fn named_for_pet(set: &DataSet<'_>, transformation: &DataSet<'_>, charset: &CharacterSet) -> Option<String> {
    let by_type = || charset.code(transformation, tag::RESCALE_TYPE);
    let named = charset.code(set, tag::UNITS);
    named.or_else(|| by_type().filter(|named| named != "US"))
}

/// Units (0054,1001), PS3.3 C.8.9.1.1.3.
fn of_pet(named: &str) -> String {
    let unit = match named {
        "NONE" => "",
        "CNTS" => "counts",
        "CPS" => "counts/s",
        "PROPCNTS" => "proportional to counts",
        "PROPCPS" => "proportional to counts/s",
        "PCNT" => "%",
        "BQML" => "Bq/mL",
        "CM2" => "cm2",
        "CM2ML" => "cm2/mL",
        "MGMINML" => "mg/min/mL",
        "UMOLMINML" => "umol/min/mL",
        "MLMING" => "mL/min/g",
        "MLG" => "mL/g",
        "1CM" => "1/cm",
        "UMOLML" => "umol/mL",
        "MLMINML" => "mL/min/mL",
        "MLML" => "mL/mL",
        "GML" => "g/mL",
        "STDDEV" => "standard deviations",
        other => other,
    };
    unit.to_owned()
}

/// Whether one of the kinds, divided by backslashes, is one of the names.
fn named_as(kinds: &str, names: &[&str]) -> bool {
    let is = |kind: &str| names.iter().any(|name| kind.trim().eq_ignore_ascii_case(name));
    kinds.split('\\').any(is)
}

/// Whether an image may hold Hounsfield units at all: no scout (PS3.3 C.8.2.1.1.1), no capture of a screen, no map of a
/// perfusion.
fn hounsfield(set: &DataSet<'_>, kinds: &str) -> bool {
    const OTHER: [&str; 10] = [
        "LOCALIZER",
        "SCREEN SAVE",
        "CBF",
        "CBV",
        "MTT",
        "TTP",
        "TMAX",
        "TTD",
        "PERFUSION",
        "RGB",
    ];
    let capture = set
        .code(tag::SOP_CLASS_UID)
        .and_then(|text| Uid::parse(text).ok())
        .is_some_and(|uid| uid.as_str().starts_with("1.2.840.10008.5.1.4.1.1.7"));
    !capture && !no_hounsfield(set) && !named_as(kinds, &OTHER)
}

/// Whether a CT image is said to show how much there is of a material, or a surface, in no unit unless it names one:
/// maps of several energies (PS3.3 C.8.15.2.1.1.4) and renderings. Projections of the greatest values, images as of one
/// energy, and those without a material are of Hounsfield units.
fn of_a_material(kinds: &str) -> bool {
    const MAPS: [&str; 15] = [
        "IODINE",
        "PBV",
        "ZEFF",
        "RHOZ",
        "URIC",
        "MAT_SPECIFIC",
        "MAT_FRACTIONAL",
        "MAT_VALUE_BASED",
        "EFF_ATOMIC_NUM",
        "ELECTRON_DENSITY",
        "VOLUME_RENDERED",
        "VOLREN",
        "VRT",
        "SSD",
        "SURFACE_RENDERED",
    ];
    const WITHOUT: [&str; 5] = ["MAT_REMOVED", "MAT_MODIFIED", "VNC", "VMI", "MONO_E"];
    let kinds = kinds.to_ascii_uppercase().replace("Z_EFF", "ZEFF").replace(' ', "_");
    // `CT_SOM5 SPI DUAL IODINE` is one kind.
    let holds = |name: &str| {
        let named = format!("_{name}_");
        kinds.split('\\').any(|kind| format!("_{kind}_").contains(&named))
    };
    MAPS.iter().any(|name| holds(name)) && !WITHOUT.iter().any(|name| holds(name))
}

/// Whether the values are of a modality that measures no attenuation, whatever the file calls them (PS3.3 C.11.1.1.2).
pub(super) fn no_hounsfield(set: &DataSet<'_>) -> bool {
    const OTHERS: [&str; 5] = ["MR", "NM", "PT", "US", "IVUS"];
    set.code(tag::MODALITY)
        .is_some_and(|modality| OTHERS.contains(&modality))
}

/// Tells of values that should have a unit and were never scaled to it, of a data set or of a Pixel Value Transformation,
/// and of a scaling that does not count.
pub(super) fn tell(set: &DataSet<'_>, transformation: &DataSet<'_>, charset: &CharacterSet, notes: &mut Notes) {
    let has = |tag: u32| transformation.find(tag).is_some();
    for (tag, name, same) in [
        (tag::RESCALE_SLOPE, "Rescale Slope", 1.0),
        (tag::RESCALE_INTERCEPT, "Rescale Intercept", 0.0),
    ] {
        let said = transformation.number(tag).filter(|said| is_dose(set) && *said != same);
        if let Some(said) = said {
            notes.add(crate::note::field_left_out(name, &said.to_string()));
        }
    }
    let Some(field) = lacking(set, transformation) else {
        return;
    };
    let claimed = match of_modality(set) {
        "PT" => named_for_pet(set, transformation, charset).map(|named| of_pet(&named)),
        "RTDOSE" => Some("Gy".to_owned()),
        _ if lut::modality_table(transformation, false).is_some() => None,
        modality => {
            let begun = has(tag::RESCALE_SLOPE) || has(tag::RESCALE_INTERCEPT);
            let named = charset.code(transformation, tag::RESCALE_TYPE);
            named.or_else(|| (modality == "CT" && begun).then(|| "HU".to_owned()))
        }
    };
    // What a modality does not measure is told by itself.
    let other = |unit: &str| unit == "HU" && no_hounsfield(set);
    let claimed = claimed.filter(|unit| !unit.is_empty() && unit != "US" && !other(unit));
    // A slope of 0 is told by itself.
    let Some(unit) = claimed.filter(|_| transformation.number(tag::RESCALE_SLOPE) != Some(0.0) || is_dose(set)) else {
        return;
    };
    let words = format!(
        "the values of the file should be {unit}, but its {field} is missing or no usable number; they are shown without a unit"
    );
    let values = [("unit", unit.into()), ("field", field.into())];
    notes.add(Sentence::new(SentenceCode::ToldNotScaled, values, words));
}
