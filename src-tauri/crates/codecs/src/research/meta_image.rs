//! MetaImage (itk.org/Wiki/ITK/MetaIO/Documentation), with its data in the same file or in others.

use std::{collections::BTreeMap, io::Read};

use decode::DecodeError;
use domain::{Rescale, Sentence, SourceFormat};
use flate2::read::ZlibDecoder;

use super::{
    Content, Volume,
    geometry::Affine,
    samples::Kind,
    text::{bad, line, missing, numbered, numbers},
};

/// Keys in lower case, what follows the header, and the names below `ElementDataFile = LIST`.
struct Head<'a> {
    fields: BTreeMap<String, String>,
    list: Vec<String>,
    rest: &'a [u8],
}

impl<'a> Head<'a> {
    /// The data file is the last field.
    fn read(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let (mut rest, mut fields, mut list) = (bytes, BTreeMap::new(), vec![]);
        let next = |rest: &'a [u8]| {
            let last = (!rest.is_empty() && rest.len() < 4096).then_some((rest, &[][..]));
            line(rest).or(last)
        };
        while let Some((text, after)) = next(rest) {
            rest = after;
            let text = String::from_utf8_lossy(text);
            if text.trim().is_empty() {
                continue;
            }
            let Some((key, value)) = text.split_once('=') else {
                return Err(bad("a line", &text));
            };
            let (key, value) = (key.trim().to_lowercase(), value.trim().to_owned());
            let last = key == "elementdatafile";
            let is_list = last && value.to_uppercase().starts_with("LIST");
            fields.insert(key, value);
            if is_list {
                while let Some((name, after)) = next(rest) {
                    rest = after;
                    let name = String::from_utf8_lossy(name).trim().to_owned();
                    if !name.is_empty() {
                        list.push(name);
                    }
                }
            }
            if last {
                return Ok(Self { fields, list, rest });
            }
        }
        Err(missing("ElementDataFile"))
    }

    fn get(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.fields.get(*name)).map(String::as_str)
    }

    fn is_true(&self, names: &[&str]) -> bool {
        self.get(names)
            .is_some_and(|value| value.eq_ignore_ascii_case("true") || value == "1")
    }

    fn data_files(&self) -> Result<Vec<String>, DecodeError> {
        let value = self
            .get(&["elementdatafile"])
            .ok_or_else(|| missing("ElementDataFile"))?;
        if value.eq_ignore_ascii_case("local") {
            return Ok(vec![]);
        }
        if value.to_uppercase().starts_with("LIST") {
            return Ok(self.list.clone());
        }
        let words: Vec<&str> = value.split_whitespace().collect();
        match words.as_slice() {
            [pattern, from, to, step, ..] if pattern.contains('%') => {
                let number = |text: &str| text.parse::<i64>().map_err(|_| bad("ElementDataFile", value));
                numbered(pattern, number(from)?, number(to)?, number(step)?)
            }
            _ => Ok(vec![value.to_owned()]),
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
    let need = |names: &[&str]| {
        head.get(names)
            .ok_or_else(|| missing(names.first().copied().unwrap_or_default()))
    };
    let dims: Vec<u64> = numbers(need(&["dimsize"])?, "DimSize")?;
    if dims.is_empty() || dims.contains(&0) {
        return Err(bad("DimSize", need(&["dimsize"])?));
    }
    let mut size = [1_u64; 4];
    for (axis, count) in dims.iter().enumerate() {
        if let Some(place) = size.get_mut(axis.min(3)) {
            *place = place.saturating_mul(*count);
        }
    }
    let (sample, mut components) = sample(need(&["elementtype"])?)?;
    if let Some(channels) = head.get(&["elementnumberofchannels"]) {
        components = channels.parse().map_err(|_| bad("ElementNumberOfChannels", channels))?;
    }
    if !matches!(components, 1 | 3 | 4) {
        return Err(DecodeError::unsupported(format!(
            "each voxel of the MetaImage file has {components} numbers, which are not shown; write one volume a file"
        )));
    }
    if head
        .get(&["binarydata"])
        .is_some_and(|value| value.eq_ignore_ascii_case("false"))
    {
        return Err(DecodeError::unsupported(
            "a MetaImage file of written numbers is not read; write it as binary data",
        ));
    }
    let (affine, spacing) = place(&head, dims.len())?;
    let mut notes = vec![];
    if affine.is_none() {
        let words = "the file does not say how it lies in the patient: slices are shown as they are stored, and left and \
                     right are not known";
        notes.push(Sentence::new("volume.no_place", [], words));
    }
    let volume = Volume {
        format: SourceFormat::MetaImage,
        size,
        sample,
        components,
        big_endian: head.is_true(&["binarydatabyteordermsb", "elementbyteordermsb"]),
        affine,
        spacing,
        rescale: Rescale::default(),
        window: None,
        description: None,
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
    let compressed = head.is_true(&["compresseddata"]);
    let skip: i64 = head
        .get(&["headersize"])
        .map_or(Ok(0), |value| value.parse().map_err(|_| bad("HeaderSize", value)))?;
    let voxels = volume.size.iter().fold(1_u64, |all, count| all.saturating_mul(*count));
    let wanted = voxels.saturating_mul(u64::from(volume.components) * u64::from(volume.sample.bytes()));
    let mut pieces: Vec<Box<dyn Read + 'a>> = vec![];
    for piece in data {
        let from = match skip {
            // The data are the last bytes of the file.
            -1 if !compressed => piece
                .len()
                .saturating_sub(usize::try_from(wanted).unwrap_or(usize::MAX)),
            _ => usize::try_from(skip).unwrap_or(0),
        };
        let piece = piece.get(from..).unwrap_or_default();
        pieces.push(if compressed {
            Box::new(ZlibDecoder::new(piece))
        } else {
            Box::new(piece)
        });
    }
    let all = pieces.into_iter().reduce(|one, next| Box::new(one.chain(next)));
    Ok(Content::Stream(all.unwrap_or_else(|| Box::new(std::io::empty()))))
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

type Place = (Option<Affine>, Option<[f64; 3]>);

/// Positions are those of the patient, to the left, back and head; each line of the matrix is the direction of an axis.
fn place(head: &Head<'_>, axes: usize) -> Result<Place, DecodeError> {
    let list = |names: &[&str], what: &str| -> Result<Option<Vec<f64>>, DecodeError> {
        head.get(names).map(|value| numbers(value, what)).transpose()
    };
    let spacing = list(&["elementspacing", "elementsize"], "ElementSpacing")?;
    let at = |list: &[f64], i: usize, other: f64| list.get(i).copied().unwrap_or(other);
    let steps = spacing
        .as_ref()
        .map(|list| [at(list, 0, 1.0), at(list, 1, 1.0), at(list, 2, 1.0)]);
    let origin = list(&["offset", "position", "origin"], "Offset")?;
    let matrix = list(&["transformmatrix", "orientation", "rotation"], "TransformMatrix")?;
    let (Some(origin), true) = (origin, axes >= 3) else {
        return Ok((None, steps));
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
        [at(&origin, 0, 0.0), at(&origin, 1, 0.0), at(&origin, 2, 0.0)],
    );
    Ok((Some(affine).filter(Affine::is_sound), Some([x, y, z])))
}
