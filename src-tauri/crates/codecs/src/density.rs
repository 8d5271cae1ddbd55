//! How many pixels lie on a length, as containers of image files state it beside Exif: JFIF (ISO/IEC 10918-5 10.1), PNG
//! (pHYs, 11.3.4.3), BMP, JPEG 2000 (ISO/IEC 15444-1 I.5.3.7).

use decode::sniff::Kind;

use crate::jpeg_stream;

/// Pixels for each unit along columns and down rows; the unit as tag 296 of TIFF has it: 1 none, 2 inch, 3 centimetre.
pub(crate) type Density = ([f64; 2], u16);

pub(crate) fn stated(kind: Kind, bytes: &[u8]) -> Option<Density> {
    let (density, unit) = match kind {
        Kind::Jpeg => of_jfif(bytes)?,
        Kind::Png => of_png(bytes)?,
        Kind::Bmp => of_bmp(bytes)?,
        Kind::Jpeg2000 => of_jpeg2000(bytes)?,
        _ => return None,
    };
    density.iter().all(|pixels| *pixels > 0.0).then_some((density, unit))
}

fn per_metre(across: f64, down: f64) -> Density {
    ([across / 100.0, down / 100.0], 3)
}

fn of_jfif(bytes: &[u8]) -> Option<Density> {
    let (_, body) =
        jpeg_stream::segments(bytes).find(|(marker, body)| *marker == 0xe0 && body.starts_with(b"JFIF\0"))?;
    let &[unit, x0, x1, y0, y1] = body.get(7..)?.first_chunk()?;
    let density = [[x0, x1], [y0, y1]].map(|pixels| f64::from(u16::from_be_bytes(pixels)));
    Some((density, if unit == 1 || unit == 2 { u16::from(unit) + 1 } else { 1 }))
}

/// The body of the first chunk of a PNG file with this name.
pub(crate) fn png_chunk<'a>(bytes: &'a [u8], name: &[u8; 4]) -> Option<&'a [u8]> {
    let mut rest = bytes.get(8..)?;
    loop {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let body = after.get(4..)?.get(..length)?;
        match after.first_chunk::<4>()? {
            found if found == name => return Some(body),
            b"IEND" => return None,
            _ => rest = after.get(4 + length + 4..)?,
        }
    }
}

fn of_png(bytes: &[u8]) -> Option<Density> {
    let (across, rest) = png_chunk(bytes, b"pHYs")?.split_first_chunk::<4>()?;
    let (down, unit) = rest.split_first_chunk::<4>()?;
    let [across, down] = [across, down].map(|four| f64::from(u32::from_be_bytes(*four)));
    match unit.first() {
        Some(1) => Some(per_metre(across, down)),
        _ => Some(([across, down], 1)),
    }
}

/// Only the header of Windows 3 and later has it.
fn of_bmp(bytes: &[u8]) -> Option<Density> {
    let four = |at: usize| bytes.get(at..).and_then(|rest| rest.first_chunk().copied());
    if u32::from_le_bytes(four(14)?) < 40 {
        return None;
    }
    let [across, down] = [four(38)?, four(42)?].map(|pixels| f64::from(i32::from_le_bytes(pixels)));
    Some(per_metre(across, down))
}

/// The capture resolution, otherwise that for a display, as fractions and powers of ten per metre.
fn of_jpeg2000(bytes: &[u8]) -> Option<Density> {
    let head = bytes.get(..bytes.len().min(4096))?;
    let find = |name: &[u8]| head.windows(4).position(|four| four == name);
    let at = find(b"resc").or_else(|| find(b"resd"))?;
    let body: [u8; 10] = *head.get(at + 4..)?.first_chunk()?;
    let [n0, n1, d0, d1, m0, m1, e0, e1, down, across] = body;
    let part = |above: [u8; 2], below: [u8; 2], power: u8| {
        let ratio = f64::from(u16::from_be_bytes(above)) / f64::from(u16::from_be_bytes(below));
        ratio * 10_f64.powi(i32::from(power.cast_signed()))
    };
    let (down, across) = (part([n0, n1], [d0, d1], down), part([m0, m1], [e0, e1], across));
    (down.is_finite() && across.is_finite()).then(|| per_metre(across, down))
}
