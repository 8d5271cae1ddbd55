//! MetaImage (itk.org/Wiki/ITK/MetaIO/Documentation), with its data in the same file or in others.

use std::{collections::BTreeMap, io::Cursor};

use decode::DecodeError;
use domain::{Rescale, Sentence, SourceFormat};

use super::{
    Content, Volume, chained,
    geometry::{Affine, Place},
    head::{Head, size_of},
    samples::Kind,
    text::{bad, line_or_last, missing, numbers},
};
use crate::{note, opacity::Beside, unit::millimetres, zlib::Zlib};

/// The data file is the last field.
fn read(bytes: &[u8]) -> Result<Head<'_>, DecodeError> {
    let (mut rest, mut fields, mut list) = (bytes, BTreeMap::new(), vec![]);
    while let Some((text, after)) = line_or_last(rest) {
        rest = after;
        let text = String::from_utf8_lossy(text);
        if text.trim().is_empty() {
            continue;
        }
        let Some((key, value)) = text.split_once('=') else {
            return Err(bad("a line", &text));
        };
        let (key, value) = (key.trim().to_lowercase(), value.trim().to_owned());
        let last = key == DATA_FILE;
        let is_list = last && value.to_uppercase().starts_with("LIST");
        fields.insert(key, value);
        while is_list && let Some((name, after)) = line_or_last(rest) {
            rest = after;
            let name = String::from_utf8_lossy(name).trim().to_owned();
            if !name.is_empty() {
                list.push(name);
            }
        }
        if last {
            return Ok(Head { fields, list, rest });
        }
    }
    Err(missing("ElementDataFile"))
}

const DATA_FILE: &str = "elementdatafile";

fn is_true(head: &Head<'_>, names: &[&str]) -> bool {
    head.get(names)
        .is_some_and(|value| value.eq_ignore_ascii_case("true") || value == "1")
}

fn named(head: &Head<'_>) -> Result<Vec<String>, DecodeError> {
    match head.need(&[DATA_FILE])? {
        local if local.eq_ignore_ascii_case("local") => Ok(vec![]),
        value => head.named_by("ElementDataFile", value),
    }
}

pub(super) fn data_files(bytes: &[u8]) -> Result<Vec<String>, DecodeError> {
    named(&read(bytes)?)
}

/// `data` holds the files that the header names.
pub(super) fn open<'a>(bytes: &'a [u8], data: &[&'a [u8]]) -> Result<(Volume, Content<'a>), DecodeError> {
    let head = read(bytes)?;
    let data = head.pieces(named(&head)?.len(), data)?;
    let dims: Vec<u64> = numbers(head.need(&["dimsize"])?, "DimSize")?;
    let axes = head.number("NDims")?.unwrap_or(dims.len() as f64);
    if dims.is_empty() || dims.contains(&0) || axes != dims.len() as f64 {
        return Err(bad("DimSize", head.need(&["dimsize"])?));
    }
    let (sample, mut components) = sample(head.need(&["elementtype"])?)?;
    if let Some(channels) = head.get(&["elementnumberofchannels"]) {
        components = channels.parse().map_err(|_| bad("ElementNumberOfChannels", channels))?;
    }
    // The format names no colours: what the channels of a photograph are (unsigned, of 8 bits) is taken for such.
    if components != 1 && !(matches!(components, 3 | 4) && sample == Kind::U8) {
        let kind = head.need(&["elementtype"])?;
        return Err(DecodeError::unsupported(format!(
            "each voxel of the MetaImage file has {components} numbers ({kind}), which are not shown; write one volume a file"
        )));
    }
    let mut notes = vec![];
    let place = place(&head, dims.len(), &mut notes)?;
    let slope = head.number("ElementToIntensityFunctionSlope")?;
    let intercept = head.number("ElementToIntensityFunctionOffset")?;
    let usable =
        slope.unwrap_or(1.0) != 0.0 && slope.is_none_or(f64::is_finite) && intercept.is_none_or(f64::is_finite);
    if !usable || (components > 1 && (slope.is_some() || intercept.is_some())) {
        let value = format!("{} {}", slope.unwrap_or(1.0), intercept.unwrap_or(0.0));
        notes.push(note::field_left_out("ElementToIntensityFunction", &value));
    }
    let applied = usable && components == 1;
    let rescale = Rescale {
        slope: slope.filter(|_| applied).unwrap_or(1.0),
        intercept: intercept.filter(|_| applied).unwrap_or(0.0),
    };
    if let Some(modality) = head.get(&["modality"]).filter(|name| *name != "MET_MOD_UNKNOWN") {
        notes.push(note::field_left_out("Modality", modality));
    }
    let volume = Volume {
        format: SourceFormat::MetaImage,
        size: size_of(&dims),
        sample,
        components,
        beside: Beside::Unknown,
        big_endian: is_true(&head, &["binarydatabyteordermsb", "elementbyteordermsb"]),
        place,
        rescale,
        unit: None,
        window: None,
        description: None,
        notes,
    };
    let content = content(&head, data, &volume)?;
    Ok((volume, content))
}

fn content<'a>(head: &Head<'_>, data: Vec<&'a [u8]>, volume: &Volume) -> Result<Content<'a>, DecodeError> {
    let compressed = is_true(head, &["compresseddata"]);
    let written = head
        .get(&["binarydata"])
        .is_some_and(|value| value.eq_ignore_ascii_case("false"));
    let skip = head.skip("headersize")?;
    let pieces = data.len();
    chained(data, |piece| {
        let piece = match skip {
            // The data are the last bytes of the file.
            -1 if !compressed && !written => volume.last_bytes(piece, pieces),
            _ => piece.get(usize::try_from(skip).unwrap_or(0)..).unwrap_or_default(),
        };
        Ok(if written {
            Box::new(Cursor::new(volume.written(piece)?))
        } else if compressed {
            Box::new(Zlib::new(piece))
        } else {
            Box::new(piece)
        })
    })
}

fn sample(name: &str) -> Result<(Kind, u32), DecodeError> {
    let upper = name.to_uppercase();
    let (scalar, components) = match upper.strip_suffix("_ARRAY") {
        Some(scalar) => (scalar, 3),
        None => (upper.as_str(), 1),
    };
    let kind = match scalar {
        "MET_CHAR" => Kind::I8,
        "MET_UCHAR" => Kind::U8,
        "MET_SHORT" => Kind::I16,
        "MET_USHORT" => Kind::U16,
        "MET_INT" | "MET_LONG" => Kind::I32,
        "MET_UINT" | "MET_ULONG" => Kind::U32,
        "MET_LONG_LONG" => Kind::I64,
        "MET_ULONG_LONG" => Kind::U64,
        "MET_FLOAT" => Kind::F32,
        "MET_DOUBLE" => Kind::F64,
        _ => {
            let shown: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
            let message = format!("the MetaImage file holds elements of type '{shown}', which are not shown");
            return Err(DecodeError::unsupported(message));
        }
    };
    Ok((kind, components))
}

/// Positions are those of the patient, to the left, back and head; each line of the matrix is the direction of an axis.
fn place(head: &Head<'_>, axes: usize, notes: &mut Vec<Sentence>) -> Result<Place, DecodeError> {
    let list = |names: &[&str], what: &str| -> Result<Option<Vec<f64>>, DecodeError> {
        head.get(names).map(|value| numbers(value, what)).transpose()
    };
    // From voxel to voxel; the size of a voxel stands for it where it is not said.
    let (spacing, size) = (
        list(&["elementspacing"], "ElementSpacing")?,
        list(&["elementsize"], "ElementSize")?,
    );
    if let (Some(spacing), Some(size)) = (&spacing, &size)
        && spacing != size
    {
        let value = head.get(&["elementsize"]).unwrap_or_default();
        notes.push(note::field_left_out("ElementSize", value));
    }
    let to_mm = match head.get(&["distanceunits"]) {
        None | Some("?") => Some(1.0),
        Some(unit) => {
            let known = millimetres(unit);
            if known.is_none() {
                notes.push(note::no_unit(unit));
            }
            known
        }
    };
    let at = |list: &[f64], i: usize, other: f64| list.get(i).copied().unwrap_or(other);
    let scale = to_mm.unwrap_or(1.0);
    let steps = spacing
        .or(size)
        .map(|list| std::array::from_fn(|i| (at(&list, i, f64::NAN) * scale).abs()));
    let measured = to_mm.is_some() && steps.is_some();
    let origin = list(&["offset", "position", "origin"], "Offset")?;
    let matrix = list(&["transformmatrix", "orientation", "rotation"], "TransformMatrix")?;
    let (Some(origin), true) = (origin, axes >= 3) else {
        return Ok(Place {
            affine: None,
            spacing: steps,
            measured,
        });
    };
    let matrix = matrix.unwrap_or_else(|| {
        (0..axes * axes)
            .map(|i| if i % (axes + 1) == 0 { 1.0 } else { 0.0 })
            .collect()
    });
    if matrix.len() != axes * axes {
        return Err(bad(
            "TransformMatrix",
            head.get(&["transformmatrix", "orientation", "rotation"])
                .unwrap_or_default(),
        ));
    }
    let [x, y, z] = steps.unwrap_or([1.0; 3]);
    let direction = |axis: usize, step: f64| std::array::from_fn(|i| at(&matrix, axis * axes + i, 0.0) * step);
    let affine = Affine::of_axes(
        [direction(0, x), direction(1, y), direction(2, z)],
        std::array::from_fn(|i| at(&origin, i, 0.0) * scale),
    );
    let affine = Some(affine).filter(Affine::is_sound);
    let said = head.get(&["anatomicalorientation"]).unwrap_or_default();
    let letters = said.len() == 3
        && said
            .chars()
            .all(|letter| "RLAPIS".contains(letter.to_ascii_uppercase()));
    if letters && affine.is_some_and(|affine| !affine.begins().eq_ignore_ascii_case(said)) {
        notes.push(note::contradictory_place("AnatomicalOrientation", said));
    }
    Ok(Place {
        affine,
        spacing: steps,
        measured,
    })
}
