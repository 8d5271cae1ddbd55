//! NRRD (teem.sourceforge.net/nrrd/format.html), versions 1 to 5, with its data in the same file or in others.

use std::{
    collections::BTreeMap,
    io::{Cursor, Read},
};

use decode::DecodeError;
use domain::{Rescale, Sentence, SourceFormat};

use crate::gunzip::Gunzip;

use super::{
    Content, Volume,
    geometry::{Affine, length},
    samples::Kind,
    text::{bad, line, missing, numbered, numbers},
};

/// Fields by their names in lower case, and what follows the header.
struct Head<'a> {
    fields: BTreeMap<String, String>,
    /// Names below `data file: LIST`.
    list: Vec<String>,
    rest: &'a [u8],
}

impl<'a> Head<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let (_, mut rest) = line(bytes).ok_or_else(|| DecodeError::truncated("the NRRD header is cut"))?;
        let (mut fields, mut list, mut in_list) = (BTreeMap::new(), vec![], false);
        // A detached header may end with the file instead of an empty line.
        while let Some((text, after)) =
            line(rest).or_else(|| (!rest.is_empty() && rest.len() < 4096).then_some((rest, &[][..])))
        {
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
        Ok(Self { fields, list, rest })
    }

    fn get(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.fields.get(*name)).map(String::as_str)
    }

    fn need(&self, names: &[&str]) -> Result<&str, DecodeError> {
        self.get(names)
            .ok_or_else(|| missing(names.first().copied().unwrap_or_default()))
    }

    fn data_files(&self) -> Result<Vec<String>, DecodeError> {
        let Some(value) = self.get(&["datafile"]) else {
            return Ok(vec![]);
        };
        if value.to_uppercase().starts_with("LIST") {
            return Ok(self.list.clone());
        }
        let words: Vec<&str> = value.split_whitespace().collect();
        match words.as_slice() {
            [pattern, from, to, step, ..] if pattern.contains('%') => {
                let number = |text: &str| text.parse::<i64>().map_err(|_| bad("data file", value));
                numbered(pattern, number(from)?, number(to)?, number(step)?)
            }
            _ => Ok(vec![value.strip_prefix("./").unwrap_or(value).to_owned()]),
        }
    }
}

pub(super) fn data_files(bytes: &[u8]) -> Result<Vec<String>, DecodeError> {
    Head::read(bytes)?.data_files()
}

/// `data` holds the files that the header names.
pub(super) fn open<'a>(bytes: &'a [u8], data: &[&'a [u8]]) -> Result<(Volume, Content<'a>), DecodeError> {
    let head = Head::read(bytes)?;
    let named = head.data_files()?;
    if named.len() != data.len() {
        return Err(DecodeError::unsupported(format!(
            "the header's data lie in {} other files: keep all in one folder and open the header there",
            named.len()
        )));
    }
    let sizes: Vec<u64> = numbers(head.need(&["sizes"])?, "sizes")?;
    let dimension: usize = head.need(&["dimension"])?.parse().map_err(|_| missing("dimension"))?;
    if dimension != sizes.len() || dimension == 0 || sizes.contains(&0) {
        return Err(bad("sizes", head.need(&["sizes"])?));
    }
    let sample = sample(head.need(&["type"])?)?;
    let (components, first) = components(&head, &sizes)?;
    let mut size = [1_u64; 4];
    for (axis, count) in sizes.iter().skip(first).enumerate() {
        if let Some(place) = size.get_mut(axis.min(3)) {
            *place = place.saturating_mul(*count);
        }
    }
    let (affine, spacing) = place(&head, first, dimension)?;
    let mut notes = vec![];
    if affine.is_none() {
        let words = "the file does not say how it lies in the patient: slices are shown as they are stored, and left and \
                     right are not known";
        notes.push(Sentence::new("volume.no_place", [], words));
    }
    let volume = Volume {
        format: SourceFormat::Nrrd,
        size,
        sample,
        components,
        big_endian: head
            .get(&["endian"])
            .is_some_and(|endian| endian.eq_ignore_ascii_case("big")),
        affine,
        spacing,
        rescale: Rescale::default(),
        window: None,
        description: head.get(&["content"]).map(str::to_owned),
        notes,
    };
    let data = if named.is_empty() {
        vec![head.rest]
    } else {
        data.to_vec()
    };
    let content = content(&head, data, &volume)?;
    Ok((volume, content))
}

fn content<'a>(head: &Head<'_>, data: Vec<&'a [u8]>, volume: &Volume) -> Result<Content<'a>, DecodeError> {
    let skip = |names: &[&str]| -> Result<i64, DecodeError> {
        head.get(names)
            .map_or(Ok(0), |value| value.parse().map_err(|_| bad("skip", value)))
    };
    let (lines, bytes) = (skip(&["lineskip"])?, skip(&["byteskip"])?);
    let encoding = head.need(&["encoding"])?.to_lowercase();
    let mut pieces: Vec<Box<dyn Read + 'a>> = vec![];
    for mut piece in data {
        for _ in 0..lines {
            piece = line(piece).map(|(_, rest)| rest).unwrap_or_default();
        }
        if encoding == "raw" && bytes == -1 {
            // The data are the last bytes of the file.
            let voxels = volume.size.iter().fold(1_u64, |all, count| all.saturating_mul(*count));
            let wanted = voxels.saturating_mul(u64::from(volume.components) * u64::from(volume.sample.bytes()));
            let from = piece
                .len()
                .saturating_sub(usize::try_from(wanted).unwrap_or(usize::MAX));
            piece = piece.get(from..).unwrap_or_default();
        }
        let skip = u64::try_from(bytes).unwrap_or(0);
        let mut reader: Box<dyn Read + 'a> = match encoding.as_str() {
            "raw" => Box::new(piece),
            "gzip" | "gz" => Box::new(Gunzip::new(piece)),
            "txt" | "text" | "ascii" => Box::new(Cursor::new(written(piece, volume)?)),
            "hex" => Box::new(Cursor::new(hex(piece)?)),
            other => {
                let message =
                    format!("the NRRD file is encoded by {other}, which is not read; write it as raw or gzip");
                return Err(DecodeError::unsupported(message));
            }
        };
        std::io::copy(&mut (&mut reader).take(skip), &mut std::io::sink()).map_err(|e| super::damaged(&e))?;
        pieces.push(reader);
    }
    let all = pieces.into_iter().reduce(|one, next| Box::new(one.chain(next)));
    Ok(Content::Stream(all.unwrap_or_else(|| Box::new(std::io::empty()))))
}

/// Numbers that are written out, in the order of bytes that the header says.
fn written(piece: &[u8], volume: &Volume) -> Result<Vec<u8>, DecodeError> {
    let text = std::str::from_utf8(piece).map_err(|_| DecodeError::corrupt("the written numbers are no text"))?;
    let mut bytes = vec![];
    for number in text
        .split(|c: char| c.is_whitespace() || c == ',')
        .filter(|word| !word.is_empty())
    {
        let one = volume.sample.of_text(number).ok_or_else(|| bad("a number", number))?;
        if volume.big_endian {
            bytes.extend(one.iter().rev());
        } else {
            bytes.extend(one);
        }
    }
    Ok(bytes)
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

/// Components of a voxel, and which axis is the first of the volume.
fn components(head: &Head<'_>, sizes: &[u64]) -> Result<(u32, usize), DecodeError> {
    let kinds: Vec<String> = head
        .get(&["kinds"])
        .map(|kinds| kinds.split_whitespace().map(str::to_lowercase).collect())
        .unwrap_or_default();
    let directions = head.get(&["spacedirections"]).map(vectors);
    let none = directions.is_some_and(|all| matches!(all.first(), Some(None)));
    let spatial = ["domain", "space", "???", "none"];
    let kind = kinds.first().map(String::as_str).unwrap_or("???");
    let colour = ["rgb-color", "3-color", "rgba-color", "4-color", "hsv-color"].contains(&kind);
    let first = sizes.first().copied().unwrap_or(1);
    if !none && (spatial.contains(&kind) || kinds.is_empty()) {
        return Ok((1, 0));
    }
    match first {
        1 => Ok((1, 1)),
        3 if colour || kind == "vector" || kind == "3-vector" || none && kind == "???" => Ok((3, 1)),
        4 if colour => Ok((4, 1)),
        _ if kind == "time" && !none => Ok((1, 0)),
        count => Err(DecodeError::unsupported(format!(
            "each voxel of the NRRD file has {count} numbers ({kind}), which are not shown; write one volume a file"
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

type Place = (Option<Affine>, Option<[f64; 3]>);

fn place(head: &Head<'_>, first: usize, dimension: usize) -> Result<Place, DecodeError> {
    let three = |vector: &[f64]| <[f64; 3]>::try_from(vector).ok();
    if let Some(text) = head.get(&["spacedirections"]) {
        let all = vectors(text);
        if all.len() != dimension {
            return Err(bad("space directions", text));
        }
        let axes: Vec<[f64; 3]> = all
            .iter()
            .skip(first)
            .flatten()
            .filter_map(|vector| three(vector))
            .take(3)
            .collect();
        let (columns, rows) = (axes.first().copied(), axes.get(1).copied());
        let (Some(columns), Some(rows)) = (columns, rows) else {
            return Ok((None, None));
        };
        // A single slice has no third direction: across both others.
        let slices = axes.get(2).copied().unwrap_or_else(|| cross(columns, rows));
        let spacing = Some([columns, rows, slices].map(length));
        let Some(signs) = head.get(&["space"]).and_then(signs) else {
            return Ok((None, spacing));
        };
        let origin = head.get(&["spaceorigin"]).map(vectors);
        let origin = origin.and_then(|all| three(all.first()?.as_deref()?));
        let Some(origin) = origin else {
            return Ok((None, spacing));
        };
        let lps = |vector: [f64; 3]| {
            std::array::from_fn(|i| vector.get(i).copied().unwrap_or(0.0) * signs.get(i).copied().unwrap_or(1.0))
        };
        let affine = Affine::of_axes([columns, rows, slices].map(lps), lps(origin));
        return Ok((Some(affine).filter(Affine::is_sound), spacing));
    }
    let spacing = head.get(&["spacings"]).map(|text| {
        let steps: Vec<f64> = text
            .split_whitespace()
            .skip(first)
            .map(|step| step.parse().unwrap_or(f64::NAN))
            .collect();
        let at = |i: usize| steps.get(i).copied().unwrap_or(1.0);
        [at(0), at(1), at(2)]
    });
    Ok((None, spacing))
}

fn cross([a, b, c]: [f64; 3], [d, e, f]: [f64; 3]) -> [f64; 3] {
    let normal = [b * f - c * e, c * d - a * f, a * e - b * d];
    let by = length(normal);
    normal.map(|v| if by > 0.0 { v / by } else { 0.0 })
}

/// What each coordinate is multiplied by to lead left, back and up. Other spaces than a patient's are no place.
fn signs(space: &str) -> Option<[f64; 3]> {
    let space = space.to_lowercase();
    let space = space
        .strip_suffix("-time")
        .or_else(|| space.strip_suffix('t'))
        .unwrap_or(&space)
        .to_owned();
    Some(match space.as_str() {
        "right-anterior-superior" | "ras" => [-1.0, -1.0, 1.0],
        "left-anterior-superior" | "las" => [1.0, -1.0, 1.0],
        "left-posterior-superior" | "lps" => [1.0, 1.0, 1.0],
        _ => return None,
    })
}
