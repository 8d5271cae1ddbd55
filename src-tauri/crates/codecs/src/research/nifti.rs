//! NIfTI-1 and NIfTI-2 in one file (nifti1.h, nifti2.h), as it is or compressed by gzip.

use std::io::Read;

use archives::Gunzip;
use decode::DecodeError;
use domain::{Rescale, Sentence, SourceFormat, Window};

use crate::{note, opacity::Beside};

use super::{
    Content, Volume,
    geometry::{Affine, Place},
    samples::Kind,
};

const HEADER_1: usize = 348;
const HEADER_2: usize = 540;

pub(super) fn open(bytes: &[u8]) -> Result<(Volume, Content<'_>), DecodeError> {
    let (volume, offset) = read(bytes)?;
    let from = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
    Ok((volume, Content::Bytes(bytes.get(from..).unwrap_or_default())))
}

pub(super) fn open_compressed(bytes: &[u8]) -> Result<(Volume, Content<'_>), DecodeError> {
    let mut head = vec![];
    let mut stream = Gunzip::new(bytes);
    let taken = (&mut stream).take(HEADER_2 as u64).read_to_end(&mut head);
    // A small file may be read to its end here; what is damaged or follows it is told where voxels are read.
    if let (Err(error), true) = (taken, head.len() < HEADER_1) {
        return Err(super::damaged(&error));
    }
    let (volume, offset) = read(&head)?;
    let mut stream = Gunzip::new(bytes);
    let skipped = std::io::copy(&mut (&mut stream).take(offset), &mut std::io::sink());
    skipped.map_err(|error| super::damaged(&error))?;
    Ok((volume, Content::Stream(Box::new(stream))))
}

/// Fields of a header at their places, in the file's order of bytes.
struct Fields<'a> {
    bytes: &'a [u8],
    big_endian: bool,
    /// Numbers are wider, and stand at other places.
    second: bool,
}

impl Fields<'_> {
    fn number<const N: usize>(&self, at: usize) -> [u8; N] {
        let found = self.bytes.get(at..).and_then(|rest| rest.first_chunk::<N>());
        let mut bytes = found.copied().unwrap_or([0; N]);
        if self.big_endian {
            bytes.reverse();
        }
        bytes
    }

    fn i16(&self, at: usize) -> i64 {
        i64::from(i16::from_le_bytes(self.number(at)))
    }

    fn i32(&self, at: usize) -> i64 {
        i64::from(i32::from_le_bytes(self.number(at)))
    }

    fn i64(&self, at: usize) -> i64 {
        i64::from_le_bytes(self.number(at))
    }

    fn f32(&self, at: usize) -> f64 {
        f64::from(f32::from_le_bytes(self.number(at)))
    }

    fn f64(&self, at: usize) -> f64 {
        f64::from_le_bytes(self.number(at))
    }

    /// A float at its place in the first and in the second version.
    fn float(&self, first: usize, second: usize) -> f64 {
        if self.second { self.f64(second) } else { self.f32(first) }
    }

    fn floats<const N: usize>(&self, first: usize, second: usize) -> [f64; N] {
        std::array::from_fn(|i| self.float(first + 4 * i, second + 8 * i))
    }
}

fn read(bytes: &[u8]) -> Result<(Volume, u64), DecodeError> {
    let (second, big_endian) = match bytes.first_chunk::<4>() {
        Some([92, 1, 0, 0]) => (false, false),
        Some([0, 0, 1, 92]) => (false, true),
        Some([28, 2, 0, 0]) => (true, false),
        Some([0, 0, 2, 28]) => (true, true),
        _ => return Err(DecodeError::corrupt("the file does not begin as NIfTI does")),
    };
    let head = if second { HEADER_2 } else { HEADER_1 };
    if bytes.len() < head {
        return Err(DecodeError::truncated(format!(
            "the NIfTI header has {} bytes of {head}: the file is cut; copy it again from its source",
            bytes.len()
        )));
    }
    let fields = Fields {
        bytes,
        big_endian,
        second,
    };
    let size = size(&fields)?;
    let datatype = if second { fields.i16(12) } else { fields.i16(70) };
    let (sample, components) = sample(datatype)?;
    let (slope, intercept) = (fields.float(112, 176), fields.float(116, 184));
    let scaled = slope != 0.0 && slope.is_finite() && components == 1;
    let rescale = Rescale {
        slope: if scaled { slope } else { 1.0 },
        intercept: if scaled && intercept.is_finite() {
            intercept
        } else {
            0.0
        },
    };
    let (top, bottom) = (fields.float(124, 192), fields.float(128, 200));
    let window = (top.is_finite() && bottom.is_finite() && top > bottom && components == 1).then(|| Window {
        center: (top + bottom) / 2.0,
        width: top - bottom,
    });
    let mut notes = vec![];
    for (name, value) in [("scl_slope", slope), ("scl_inter", intercept)] {
        let counts = name == "scl_slope" || scaled;
        if counts && components == 1 && !value.is_finite() {
            notes.push(note::field_left_out(name, &value.to_string()));
        }
    }
    let unit = if second {
        fields.i32(500)
    } else {
        i64::from(bytes.get(123).copied().unwrap_or_default())
    };
    // 1 metre, 2 millimetre, 3 micrometre; the bits above are the unit of time.
    let to_mm = match unit & 7 {
        0 => {
            notes.push(note::unit_assumed());
            Some(1.0)
        }
        1 => Some(1000.0),
        2 => Some(1.0),
        3 => Some(0.001),
        other => {
            notes.push(note::no_unit(&format!("code {other}")));
            None
        }
    };
    let measured = to_mm.is_some();
    let to_mm = to_mm.unwrap_or(1.0);
    let (affine, space) = affine(&fields, to_mm, size, &mut notes);
    // 3 Talairach, 4 MNI, 5 another template.
    if matches!(space, 3..=5) {
        notes.push(note::template_space());
    }
    let intent = if second { fields.i32(504) } else { fields.i16(68) };
    if intent != 0 {
        notes.push(note::field_left_out("intent_code", &intent.to_string()));
    }
    let [_, dx, dy, dz] = fields.floats::<4>(76, 104);
    let volume = Volume {
        format: SourceFormat::Nifti,
        size,
        sample,
        components,
        beside: Beside::Opacity,
        big_endian,
        place: Place {
            affine,
            spacing: Some([dx, dy, dz].map(|step| step.abs() * to_mm)),
            measured,
        },
        rescale,
        unit: None,
        window,
        description: description(bytes, second),
        notes,
    };
    Ok((volume, offset(&fields, head)))
}

/// Columns, rows, slices, and all further axes as one.
fn size(fields: &Fields<'_>) -> Result<[u64; 4], DecodeError> {
    let dim = |i: usize| {
        if fields.second {
            fields.i64(16 + 8 * i)
        } else {
            fields.i16(40 + 2 * i)
        }
    };
    let axes = usize::try_from(dim(0)).ok().filter(|axes| (1..=7).contains(axes));
    let axes = axes.ok_or_else(|| DecodeError::corrupt(format!("the NIfTI header declares {} axes", dim(0))))?;
    let mut size = [1_u64; 4];
    for axis in 1..=axes {
        let count = u64::try_from(dim(axis)).ok().filter(|count| *count > 0);
        // Axes beyond the first are left at 0 by some writers.
        let count = match count {
            Some(count) => count,
            None if axis > 2 && dim(axis) == 0 => 1,
            None => {
                let message = format!("the NIfTI header declares {} voxels along axis {axis}", dim(axis));
                return Err(DecodeError::corrupt(message));
            }
        };
        if let Some(place) = size.get_mut(axis.min(4) - 1) {
            *place = place.saturating_mul(count);
        }
    }
    Ok(size)
}

fn sample(datatype: i64) -> Result<(Kind, u32), DecodeError> {
    Ok(match datatype {
        2 => (Kind::U8, 1),
        4 => (Kind::I16, 1),
        8 => (Kind::I32, 1),
        16 => (Kind::F32, 1),
        64 => (Kind::F64, 1),
        128 => (Kind::U8, 3),
        256 => (Kind::I8, 1),
        512 => (Kind::U16, 1),
        768 => (Kind::U32, 1),
        1024 => (Kind::I64, 1),
        1280 => (Kind::U64, 1),
        2304 => (Kind::U8, 4),
        other => {
            let name = match other {
                1 => "single bits",
                32 | 1792 | 2048 => "complex numbers",
                1536 => "floats of 128 bits",
                _ => "an unknown type",
            };
            let message = format!("the NIfTI file holds {name} (data type {other}), which are not shown");
            return Err(DecodeError::unsupported(message));
        }
    })
}

fn offset(fields: &Fields<'_>, head: usize) -> u64 {
    let least = head as u64 + 4;
    if fields.second {
        return u64::try_from(fields.i64(168)).map_or(least, |offset| offset.max(least));
    }
    let offset = fields.f32(108);
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place beyond the file is cut there"
    )]
    let offset = if offset.is_finite() && offset > 0.0 {
        offset as u64
    } else {
        0
    };
    offset.max(least)
}

/// The sform where it is set, otherwise the qform, and its code; `None` where the file places its voxels nowhere. Where
/// both are set and lie apart, it is told that the sform is followed.
fn affine(
    fields: &Fields<'_>,
    to_mm: f64,
    [cols, rows, slices, _]: [u64; 4],
    notes: &mut Vec<Sentence>,
) -> (Option<Affine>, i64) {
    let code = |first: usize, second: usize| {
        if fields.second {
            fields.i32(second)
        } else {
            fields.i16(first)
        }
    };
    let (q, s) = (code(252, 344), code(254, 348));
    let scaled = |rows: [[f64; 4]; 3]| Some(Affine::of_ras(rows.map(|row| row.map(|v| v * to_mm))));
    let set = |code: i64, affine: Option<Affine>| affine.filter(|affine| code > 0 && affine.is_sound());
    let by_rows = set(
        s,
        scaled([
            fields.floats(280, 400),
            fields.floats(296, 432),
            fields.floats(312, 464),
        ]),
    );
    let by_quaternion = set(q, of_quaternion(fields).and_then(scaled));
    if let (Some(one), Some(other)) = (by_rows, by_quaternion) {
        let apart = one.apart(&other, [cols, rows, slices]);
        // What is rounded away in a quaternion of 32 bits lies far below.
        if apart > one.finest() / 2.0 {
            notes.push(note::two_places(apart));
        }
    }
    match (by_rows, by_quaternion) {
        (Some(affine), _) => (Some(affine), s),
        (None, Some(affine)) => (Some(affine), q),
        (None, None) => (None, if q > 0 { q } else { 0 }),
    }
}

/// The qform (nifti1.h, method 2), in the file's unit.
fn of_quaternion(fields: &Fields<'_>) -> Option<[[f64; 4]; 3]> {
    let [b, c, d] = fields.floats::<3>(256, 352);
    let origin = fields.floats::<3>(268, 376);
    let [q_sign, dx, dy, dz] = fields.floats::<4>(76, 104);
    let mut rotation = rotation(b, c, d)?;
    let flip = if q_sign < 0.0 { -1.0 } else { 1.0 };
    for row in &mut rotation {
        for (value, step) in row.iter_mut().zip([dx.abs(), dy.abs(), dz.abs() * flip]) {
            *value *= step;
        }
    }
    let mut rows = [[0.0; 4]; 3];
    for ((row, [x, y, z]), at) in rows.iter_mut().zip(rotation).zip(origin) {
        *row = [x, y, z, at];
    }
    Some(rows)
}

/// Of a quaternion whose first part follows from the others (nifti1.h, method 2).
fn rotation(b: f64, c: f64, d: f64) -> Option<[[f64; 3]; 3]> {
    let rest = b * b + c * c + d * d;
    if !rest.is_finite() {
        return None;
    }
    // A little above 1 is what rounding leaves of half a turn.
    let (a, b, c, d) = if rest > 1.0 - 1e-7 {
        let by = 1.0 / rest.sqrt();
        (0.0, b * by, c * by, d * by)
    } else {
        ((1.0 - rest).sqrt(), b, c, d)
    };
    Some([
        [
            a * a + b * b - c * c - d * d,
            2.0 * (b * c - a * d),
            2.0 * (b * d + a * c),
        ],
        [
            2.0 * (b * c + a * d),
            a * a + c * c - b * b - d * d,
            2.0 * (c * d - a * b),
        ],
        [
            2.0 * (b * d - a * c),
            2.0 * (c * d + a * b),
            a * a + d * d - b * b - c * c,
        ],
    ])
}

fn description(bytes: &[u8], second: bool) -> Option<String> {
    let from = if second { 240 } else { 148 };
    let field = bytes.get(from..from + 80)?;
    let text = field.split(|byte| *byte == 0).next()?;
    let text = String::from_utf8_lossy(text);
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
