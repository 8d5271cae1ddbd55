//! NRRD (teem.sourceforge.net/nrrd/format.html), versions 1 to 5, with its data in the same file or in others.

use std::{
    collections::BTreeMap,
    io::{Cursor, Read},
};

use archives::Gunzip;
use bzip2::read::MultiBzDecoder;
use decode::DecodeError;
use domain::{Rescale, Sentence, SourceFormat};

use super::{
    Content, Volume, chained,
    geometry::{Affine, Place, length},
    head::{Head, size_of},
    samples::Kind,
    text::{bad, line, line_or_last, missing, numbers},
};
use crate::{note, opacity::Beside, unit::millimetres};

fn read(bytes: &[u8]) -> Result<Head<'_>, DecodeError> {
    let (_, mut rest) = line(bytes).ok_or_else(|| DecodeError::truncated("the NRRD header is cut"))?;
    let (mut fields, mut list, mut in_list) = (BTreeMap::new(), vec![], false);
    // A detached header may end with the file instead of an empty line.
    while let Some((text, after)) = line_or_last(rest) {
        rest = after;
        if text.is_empty() {
            break;
        }
        let text = String::from_utf8_lossy(text).into_owned();
        if in_list {
            list.push(text);
            continue;
        }
        if text.starts_with('#') || text.contains(":=") {
            continue;
        }
        let Some((field, value)) = text.split_once(':') else {
            return Err(bad("a line", &text));
        };
        let (field, value) = (field.trim().to_lowercase().replace(' ', ""), value.trim().to_owned());
        in_list = field == "datafile" && value.to_uppercase().starts_with("LIST");
        fields.insert(field, value);
    }
    Ok(Head { fields, list, rest })
}

/// Quoted words, or plain ones.
fn words(head: &Head<'_>, name: &str) -> Vec<String> {
    let value = head.get(&[name]).unwrap_or_default();
    if value.contains('"') {
        let parts = value.split('"').enumerate();
        return parts
            .filter(|(place, _)| place % 2 == 1)
            .map(|(_, word)| word.to_owned())
            .collect();
    }
    value.split_whitespace().map(str::to_owned).collect()
}

fn named(head: &Head<'_>) -> Result<Vec<String>, DecodeError> {
    head.get(&["datafile"])
        .map_or(Ok(vec![]), |value| head.named_by("data file", value))
}

pub(super) fn data_files(bytes: &[u8]) -> Result<Vec<String>, DecodeError> {
    named(&read(bytes)?)
}

/// `data` holds the files that the header names.
pub(super) fn open<'a>(bytes: &'a [u8], data: &[&'a [u8]]) -> Result<(Volume, Content<'a>), DecodeError> {
    let head = read(bytes)?;
    let data = head.pieces(named(&head)?.len(), data)?;
    let sizes: Vec<u64> = numbers(head.need(&["sizes"])?, "sizes")?;
    let dimension: usize = head.need(&["dimension"])?.parse().map_err(|_| missing("dimension"))?;
    if dimension != sizes.len() || dimension == 0 || sizes.contains(&0) {
        return Err(bad("sizes", head.need(&["sizes"])?));
    }
    let sample = sample(head.need(&["type"])?)?;
    let mut notes = vec![];
    let (components, first) = components(&head, &sizes, sample, &mut notes)?;
    let place = place(&head, first, dimension, &mut notes)?;
    // What changes values, places or their meaning, and is not acted on.
    for field in ["oldmin", "oldmax", "min", "max", "thicknesses", "axismins", "axismaxs"] {
        if let Some(value) = head.get(&[field]) {
            notes.push(note::field_left_out(field, value));
        }
    }
    if let Some(frame) = head.get(&["measurementframe"]).filter(|_| components > 1) {
        notes.push(note::field_left_out("measurement frame", frame));
    }
    let volume = Volume {
        format: SourceFormat::Nrrd,
        size: size_of(sizes.get(first..).unwrap_or_default()),
        sample,
        components,
        beside: match head
            .get(&["kinds"])
            .is_some_and(|kinds| kinds.to_lowercase().starts_with("rgba"))
        {
            true => Beside::Opacity,
            false => Beside::Unknown,
        },
        big_endian: head
            .get(&["endian"])
            .is_some_and(|endian| endian.eq_ignore_ascii_case("big")),
        place,
        rescale: Rescale::default(),
        unit: head.get(&["sampleunits"]).map(|unit| unit.trim_matches('"').to_owned()),
        window: None,
        description: head.get(&["content"]).map(str::to_owned),
        notes,
    };
    let content = content(&head, data, &volume)?;
    Ok((volume, content))
}

fn content<'a>(head: &Head<'_>, data: Vec<&'a [u8]>, volume: &Volume) -> Result<Content<'a>, DecodeError> {
    let (lines, bytes) = (head.skip("lineskip")?, head.skip("byteskip")?);
    let encoding = head.need(&["encoding"])?.to_lowercase();
    let binary = !matches!(encoding.as_str(), "txt" | "text" | "ascii");
    if binary && volume.sample.bytes() > 1 && head.get(&["endian"]).is_none() {
        return Err(missing("endian"));
    }
    let pieces = data.len();
    chained(data, |mut piece| {
        for _ in 0..lines {
            piece = line(piece).map(|(_, rest)| rest).unwrap_or_default();
        }
        if encoding == "raw" && bytes == -1 {
            // The data are the last bytes of the file.
            piece = volume.last_bytes(piece, pieces);
        }
        let skip = u64::try_from(bytes).unwrap_or(0);
        let mut reader: Box<dyn Read + 'a> = match encoding.as_str() {
            "raw" => Box::new(piece),
            "gzip" | "gz" => Box::new(Gunzip::new(piece)),
            "bzip2" | "bz2" => Box::new(MultiBzDecoder::new(piece)),
            "txt" | "text" | "ascii" => Box::new(Cursor::new(volume.written(piece)?)),
            "hex" => Box::new(Cursor::new(hex(piece)?)),
            other => {
                let message =
                    format!("the NRRD file is encoded by {other}, which is not read; write it as raw or gzip");
                return Err(DecodeError::unsupported(message));
            }
        };
        std::io::copy(&mut (&mut reader).take(skip), &mut std::io::sink()).map_err(|e| super::damaged(&e))?;
        Ok(reader)
    })
}

fn hex(piece: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let digits: Option<Vec<u8>> = piece
        .iter()
        .filter(|byte| !byte.is_ascii_whitespace())
        .map(|byte| {
            char::from(*byte)
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok())
        })
        .collect();
    let digits = digits.ok_or_else(|| DecodeError::corrupt("the hexadecimal voxels hold another character"))?;
    Ok(digits
        .as_chunks::<2>()
        .0
        .iter()
        .map(|[high, low]| high << 4 | low)
        .collect())
}

fn sample(name: &str) -> Result<Kind, DecodeError> {
    let name = name.to_lowercase();
    let name = name.strip_prefix("signed ").unwrap_or(&name);
    Ok(match name {
        "char" | "int8" | "int8_t" => Kind::I8,
        "uchar" | "unsigned char" | "uint8" | "uint8_t" => Kind::U8,
        "short" | "short int" | "int16" | "int16_t" => Kind::I16,
        "ushort" | "unsigned short" | "unsigned short int" | "uint16" | "uint16_t" => Kind::U16,
        "int" | "int32" | "int32_t" => Kind::I32,
        "uint" | "unsigned int" | "uint32" | "uint32_t" => Kind::U32,
        "longlong" | "long long" | "long long int" | "int64" | "int64_t" => Kind::I64,
        "ulonglong" | "unsigned long long" | "unsigned long long int" | "uint64" | "uint64_t" => Kind::U64,
        "float" => Kind::F32,
        "double" => Kind::F64,
        other => {
            let message = format!("the NRRD file holds samples of type '{other}', which are not shown");
            return Err(DecodeError::unsupported(message));
        }
    })
}

/// Components of a voxel, and which axis is the first of the volume. Three numbers are colours where the file says so,
/// or where they are what the channels of a photograph are: unsigned, of 8 bits.
fn components(
    head: &Head<'_>,
    sizes: &[u64],
    sample: Kind,
    notes: &mut Vec<Sentence>,
) -> Result<(u32, usize), DecodeError> {
    let kinds: Vec<String> = head
        .get(&["kinds"])
        .map(|kinds| kinds.split_whitespace().map(str::to_lowercase).collect())
        .unwrap_or_default();
    let directions = head.get(&["spacedirections"]).map(vectors);
    let none = directions.is_some_and(|mut all| {
        if is_timed(head) {
            all.iter_mut().for_each(without_time);
        }
        matches!(all.first(), Some(None))
    });
    let spatial = ["domain", "space", "???", "none"];
    let kind = kinds.first().map(String::as_str).unwrap_or("???");
    let (colours, opacity) = (
        ["rgb-color", "3-color"].contains(&kind),
        ["rgba-color", "4-color"].contains(&kind),
    );
    let (vector, unnamed) = (matches!(kind, "vector" | "3-vector"), none && kind == "???");
    let first = sizes.first().copied().unwrap_or(1);
    if !none && (spatial.contains(&kind) || kinds.is_empty()) {
        return Ok((1, 0));
    }
    match first {
        1 => Ok((1, 1)),
        3 if colours => Ok((3, 1)),
        3 if (vector || unnamed) && sample == Kind::U8 => {
            notes.extend(vector.then(|| note::field_left_out("kinds", kind)));
            Ok((3, 1))
        }
        4 if opacity => Ok((4, 1)),
        _ if kind == "time" && !none => Ok((1, 0)),
        count => Err(DecodeError::unsupported(format!(
            "each voxel of the NRRD file has {count} numbers ({kind}, {}), which are not shown; write one volume a file",
            head.get(&["type"]).unwrap_or_default()
        ))),
    }
}

/// `(1,0,0) none (0,1,0)`.
fn vectors(text: &str) -> Vec<Option<Vec<f64>>> {
    let mut found = vec![];
    let mut rest = text.trim();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix("none") {
            found.push(None);
            rest = after.trim_start();
            continue;
        }
        let Some((inner, after)) = rest.strip_prefix('(').and_then(|rest| rest.split_once(')')) else {
            return vec![];
        };
        let numbers: Option<Vec<f64>> = inner.split(',').map(|number| number.trim().parse().ok()).collect();
        found.push(numbers);
        rest = after.trim_start();
    }
    found
}

/// Millimetres of the unit of each of three axes; 1 where no unit is named, which is what writers mean. `None` where one
/// is no length.
fn scales(units: &[String], notes: &mut Vec<Sentence>) -> Option<[f64; 3]> {
    let mut scales = [1.0; 3];
    for (scale, unit) in scales.iter_mut().zip(units) {
        if unit.is_empty() || unit == "???" {
            continue;
        }
        match millimetres(unit) {
            Some(known) => *scale = known,
            None => {
                notes.push(note::no_unit(unit));
                return None;
            }
        }
    }
    Some(scales)
}

fn place(head: &Head<'_>, first: usize, dimension: usize, notes: &mut Vec<Sentence>) -> Result<Place, DecodeError> {
    let three = |vector: &[f64]| <[f64; 3]>::try_from(vector).ok();
    let Some(text) = head.get(&["spacedirections"]) else {
        let units = words(head, "units").into_iter().skip(first).collect::<Vec<_>>();
        let scales = scales(&units, notes);
        let spacing = head.get(&["spacings"]).map(|text| {
            let steps: Vec<f64> = text
                .split_whitespace()
                .skip(first)
                .map(|step| step.parse().unwrap_or(f64::NAN))
                .collect();
            let [x, y, z] = scales.unwrap_or([1.0; 3]);
            let at = |i: usize, scale: f64| steps.get(i).map_or(f64::NAN, |step| step.abs() * scale);
            [at(0, x), at(1, y), at(2, z)]
        });
        return Ok(Place {
            affine: None,
            spacing,
            measured: scales.is_some(),
        });
    };
    let mut all = vectors(text);
    if all.len() != dimension {
        return Err(bad("space directions", text));
    }
    let timed = is_timed(head);
    if timed {
        all.iter_mut().for_each(without_time);
    }
    let of_volume = || all.iter().skip(first).take(3);
    if of_volume().any(Option::is_none) && all.iter().skip(first + 2).any(Option::is_some) {
        return Err(DecodeError::unsupported(format!(
            "the NRRD file has an axis without a direction between those of its volume ({text}); write that axis last"
        )));
    }
    let scales = scales(&words(head, "spaceunits"), notes);
    let [sx, sy, sz] = scales.unwrap_or([1.0; 3]);
    let scaled = |[x, y, z]: [f64; 3]| [x * sx, y * sy, z * sz];
    let axes: Vec<[f64; 3]> = of_volume()
        .flatten()
        .filter_map(|vector| three(vector).map(scaled))
        .collect();
    let mut place = Place {
        affine: None,
        spacing: None,
        measured: scales.is_some(),
    };
    let (Some(columns), Some(rows)) = (axes.first().copied(), axes.get(1).copied()) else {
        // Directions in a plane have lengths all the same.
        let flat: Vec<f64> = of_volume()
            .flatten()
            .map(|vector| vector.iter().map(|v| v * v).sum::<f64>().sqrt())
            .collect();
        if let ([x, y], true) = (flat.as_slice(), sx == sy) {
            place.spacing = Some([x * sx, y * sx, f64::NAN]);
        }
        return Ok(place);
    };
    // A single slice has no third direction: across both others.
    let third = axes.get(2).copied();
    let slices = third.unwrap_or_else(|| cross(columns, rows));
    place.spacing = Some([length(columns), length(rows), third.map_or(f64::NAN, length)]);
    let Some(signs) = head.get(&["space"]).and_then(signs) else {
        return Ok(place);
    };
    let mut origin = head.get(&["spaceorigin"]).map(vectors).unwrap_or_default();
    if timed {
        origin.iter_mut().flatten().for_each(|place| place.truncate(3));
    }
    let origin = origin.first().and_then(|place| three(place.as_deref()?)).map(scaled);
    let Some(origin) = origin else {
        return Ok(place);
    };
    let lps = |vector: [f64; 3]| {
        std::array::from_fn(|i| vector.get(i).copied().unwrap_or(0.0) * signs.get(i).copied().unwrap_or(1.0))
    };
    let affine = Affine::of_axes([columns, rows, slices].map(lps), lps(origin));
    place.affine = Some(affine).filter(Affine::is_sound);
    Ok(place)
}

/// Whether a place has a time as its fourth number ("space" of the format, which lists them).
fn is_timed(head: &Head<'_>) -> bool {
    const SHORT: [&str; 3] = ["rast", "last", "lpst"];
    let space = head.get(&["space"]).map(str::to_lowercase);
    space.is_some_and(|space| space.ends_with("-time") || SHORT.contains(&space.as_str()))
}

/// Of a direction in space and time what leads through space; an axis that leads through time alone has none.
fn without_time(direction: &mut Option<Vec<f64>>) {
    if let Some(vector) = direction.as_mut().filter(|vector| vector.len() == 4) {
        vector.truncate(3);
        if vector.iter().all(|step| *step == 0.0) {
            *direction = None;
        }
    }
}

fn cross([a, b, c]: [f64; 3], [d, e, f]: [f64; 3]) -> [f64; 3] {
    let normal = [b * f - c * e, c * d - a * f, a * e - b * d];
    let by = length(normal);
    normal.map(|v| if by > 0.0 { v / by } else { 0.0 })
}

/// What each coordinate is multiplied by to lead left, back and up. Other spaces than a patient's are no place.
fn signs(space: &str) -> Option<[f64; 3]> {
    let space = space.to_lowercase();
    Some(match space.strip_suffix("-time").unwrap_or(&space) {
        "right-anterior-superior" | "ras" | "rast" => [-1.0, -1.0, 1.0],
        "left-anterior-superior" | "las" | "last" => [1.0, -1.0, 1.0],
        "left-posterior-superior" | "lps" | "lpst" => [1.0, 1.0, 1.0],
        _ => return None,
    })
}
