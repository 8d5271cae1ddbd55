//! A strip or tile: unpacked, its differences summed, its samples little endian and of whole bytes.

use std::io::Read;

use weezl::{BitOrder, LzwStatus, decode::Decoder as Lzw};

use super::{
    directory::{File, ends_early},
    page::{Colours, Format, Packing, Page},
};
use crate::{
    jpeg_stream::{self, Colour},
    turbojpeg,
    zlib::Zlib,
};
use decode::DecodeError;

/// The size of a part: rows, columns, and samples of a pixel that lie in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    pub rows: usize,
    pub cols: usize,
    pub samples: usize,
}

impl Size {
    fn count(self) -> usize {
        self.rows * self.cols * self.samples
    }
}

/// Samples of one part, interleaved, little endian, `width` bytes each. `tables` are those that all JPEG parts share.
pub(super) fn samples(
    file: &File<'_>,
    page: &Page,
    (offset, length): (u64, u64),
    size: Size,
    tables: &[u8],
) -> Result<Vec<u8>, DecodeError> {
    let stored = usize::try_from(offset).ok().zip(usize::try_from(length).ok());
    let stored = stored.and_then(|(offset, length)| file.bytes.get(offset..offset.checked_add(length)?));
    let stored = stored.ok_or_else(ends_early)?;
    if page.packing == Packing::Jpeg {
        return of_jpeg(stored, page, size, tables);
    }
    let turned: Vec<u8>;
    let stored = if page.low_bit_first {
        turned = stored.iter().map(|byte| byte.reverse_bits()).collect();
        &turned
    } else {
        stored
    };
    if let Colours::YCbCr { across, down } = page.colours
        && (across, down) != (1, 1)
    {
        return of_units(stored, page, size, (across as usize, down as usize));
    }
    let line = (size.cols * size.samples * page.bits as usize).div_ceil(8);
    let bytes = unpacked(stored, page.packing, line * size.rows, size.cols)?;
    widened(bytes, file, page, size, line)
}

/// Unpacks to exactly so many bytes. What is behind them is passed over, to the checksum at the end (RFC 1950 2.2 of zlib,
/// RFC 8878 3.1.1 of Zstandard).
fn unpacked(stored: &[u8], packing: Packing, length: usize, cols: usize) -> Result<Vec<u8>, DecodeError> {
    const MOST_BEHIND: u64 = 16 << 20;
    let mut out = Vec::new();
    let mut read = |reader: &mut dyn Read| {
        let length = length as u64;
        reader.take(length).read_to_end(&mut out).map_err(|e| damaged(&e))?;
        let most = length.max(MOST_BEHIND);
        let behind = std::io::copy(&mut reader.take(most), &mut std::io::sink()).map_err(|e| damaged(&e))?;
        if behind == most {
            let message = "far more comes out of a strip or tile of the TIFF file than belongs there: it is damaged";
            return Err(DecodeError::limit(message));
        }
        Ok(())
    };
    match packing {
        Packing::None => out.extend(stored.iter().take(length)),
        Packing::Deflate => read(&mut Zlib::new(stored))?,
        Packing::Zstd => {
            let reader = zstd::stream::read::Decoder::with_buffer(stored).map_err(|e| damaged(&e))?;
            read(&mut reader.single_frame())?;
        }
        Packing::PackBits => out = pack_bits(stored, length),
        Packing::Lzw => out = lzw(stored, length)?,
        Packing::Fax4 => out = fax4(stored, length, cols)?,
        Packing::Jpeg => return Err(DecodeError::corrupt("the TIFF file changed its kind")),
    }
    if out.len() < length {
        return Err(DecodeError::truncated(format!(
            "a strip or tile of the TIFF file gives {} bytes where {length} belong: the file is truncated or damaged",
            out.len()
        )));
    }
    Ok(out)
}

/// TIFF 6.0 section 9. Ends where the bytes do.
fn pack_bits(mut stored: &[u8], length: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(length.min(stored.len() * 64));
    while let Some((&control, rest)) = stored.split_first()
        && out.len() < length
    {
        stored = rest;
        let count = usize::from(control.wrapping_neg()) + 1;
        match control {
            128 => {}
            0..=127 => {
                let (bytes, rest) = stored.split_at(stored.len().min(usize::from(control) + 1));
                out.extend(bytes);
                stored = rest;
            }
            _ => {
                if let Some((byte, rest)) = stored.split_first() {
                    out.extend(std::iter::repeat_n(*byte, count));
                    stored = rest;
                }
            }
        }
    }
    out.truncate(length);
    out
}

/// TIFF 6.0 section 13, and the first writers' kind, whose codes lie the other way round.
fn lzw(stored: &[u8], length: usize) -> Result<Vec<u8>, DecodeError> {
    let old = matches!(stored, [0, second, ..] if second & 1 == 1);
    let mut decoder = if old {
        Lzw::new(BitOrder::Lsb, 8)
    } else {
        Lzw::with_tiff_size_switch(BitOrder::Msb, 8)
    };
    let no_room = |_| DecodeError::limit("a strip or tile of the TIFF file does not fit into memory");
    let mut out = Vec::new();
    out.try_reserve_exact(length).map_err(no_room)?;
    out.resize(length, 0);
    let (mut rest, mut done) = (stored, 0);
    while done < length {
        let result = decoder.decode_bytes(rest, &mut out[done..]);
        rest = rest.get(result.consumed_in..).unwrap_or_default();
        done += result.consumed_out;
        match result.status {
            Ok(LzwStatus::Ok) if result.consumed_in > 0 || result.consumed_out > 0 => {}
            Ok(_) => break,
            Err(error) => {
                return Err(DecodeError::corrupt(format!("the TIFF file is damaged: {error}")));
            }
        }
    }
    out.truncate(done);
    Ok(out)
}

/// CCITT group 4 (T.6): runs that begin with white, which is 0 here.
fn fax4(stored: &[u8], length: usize, cols: usize) -> Result<Vec<u8>, DecodeError> {
    let wide = || DecodeError::unsupported("facsimiles of more than 65,535 columns are not read");
    let width = u16::try_from(cols).map_err(|_| wide())?;
    let bytes = stored.iter().map(|byte| Ok::<u8, std::io::Error>(*byte));
    let mut decoder = fax::decoder::Group4Decoder::new(bytes, width).map_err(|e| damaged(&e))?;
    let mut out = Vec::new();
    while out.len() < length {
        match decoder.advance() {
            Ok(fax::decoder::DecodeStatus::Incomplete) => {}
            Ok(fax::decoder::DecodeStatus::End) => break,
            Err(_) => return Err(DecodeError::corrupt("the facsimile in the TIFF file is damaged")),
        }
        let mut bits = fax::decoder::pels(decoder.transition(), width).map(|pel| u8::from(pel == fax::Color::Black));
        for _ in 0..cols.div_ceil(8) {
            let byte = (0..8).fold(0, |byte, at| byte | bits.next().unwrap_or(0) << (7 - at));
            out.push(byte);
        }
    }
    Ok(out)
}

/// A JPEG stream: the tables that all parts share, and what the part adds.
fn of_jpeg(stored: &[u8], page: &Page, size: Size, tables: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let shared = tables.strip_prefix(&[0xff, 0xd8]).unwrap_or_default();
    let shared = shared.strip_suffix(&[0xff, 0xd9]).unwrap_or(shared);
    let own = stored.strip_prefix(&[0xff, 0xd8]).unwrap_or(stored);
    let stream = [&[0xff, 0xd8][..], shared, own].concat();
    let head = jpeg_stream::frame_header(&stream)
        .ok_or_else(|| DecodeError::corrupt("a strip or tile of the TIFF file is no JPEG stream: it is damaged"))?;
    let found = (
        usize::from(head.cols),
        usize::from(head.components),
        u32::from(head.precision),
    );
    if found != (size.cols, size.samples, page.bits) || usize::from(head.rows) < size.rows {
        return Err(DecodeError::corrupt(format!(
            "a JPEG stream of {} x {} pixels of {} samples of {} bits lies in the TIFF file where {} x {} of {} of {} belong",
            head.rows, head.cols, head.components, head.precision, size.rows, size.cols, size.samples, page.bits
        )));
    }
    let colour = match page.colours {
        Colours::YCbCr { .. } => Colour::FromYCbCr,
        _ => Colour::AsCoded,
    };
    let line = size.cols * size.samples;
    Ok(match jpeg_stream::decode(&stream, &head, colour)? {
        turbojpeg::Decoded::Bytes(mut bytes) => {
            bytes.truncate(line * size.rows);
            bytes
        }
        turbojpeg::Decoded::Words(words) => words
            .iter()
            .take(line * size.rows)
            .flat_map(|word| word.to_le_bytes())
            .collect(),
    })
}

/// Luminance of `across` x `down` pixels, then their two colours (TIFF 6.0 section 21), spread to every pixel.
fn of_units(stored: &[u8], page: &Page, size: Size, (across, down): (usize, usize)) -> Result<Vec<u8>, DecodeError> {
    let units = size.cols.div_ceil(across);
    let unit = across * down + 2;
    let bytes = unpacked(stored, page.packing, units * size.rows.div_ceil(down) * unit, size.cols)?;
    let mut out = Vec::with_capacity(size.count());
    for row in 0..size.rows {
        for col in 0..size.cols {
            let start = (row / down * units + col / across) * unit;
            let luminance = start + row % down * across + col % across;
            let colours = start + across * down;
            out.extend([luminance, colours, colours + 1].map(|at| bytes.get(at).copied().unwrap_or(0)));
        }
    }
    Ok(out)
}

/// Bits to whole bytes, little endian, with differences summed.
fn widened(bytes: Vec<u8>, file: &File<'_>, page: &Page, size: Size, line: usize) -> Result<Vec<u8>, DecodeError> {
    let width = page.decoded_bits().div_ceil(8) as usize;
    let step = size.samples;
    let unknown = |what: &str| {
        Err(DecodeError::unsupported(format!(
            "TIFF files whose samples of {} bits are stored as differences ({what}) are not read",
            page.bits
        )))
    };
    let mut out = match (page.predictor, page.bits) {
        (3, bits @ (16 | 32 | 64)) if page.format == Format::Float => {
            floats_of_planes(bytes, line, step, bits as usize / 8)
        }
        (3, _) => return unknown("predictor 3"),
        (2, 8 | 16 | 32 | 64) | (1, _) => match page.bits {
            8 => bytes,
            bits if bits.is_multiple_of(8) => whole_bytes(bytes, bits as usize / 8, file.big_endian, page),
            _ => packed_bits(&bytes, page, size, line),
        },
        (2, _) => return unknown("predictor 2"),
        (other, _) => return unknown(&format!("predictor {other}")),
    };
    if page.predictor == 2 {
        for row in out.chunks_exact_mut((size.cols * step * width).max(1)) {
            sum(row, step * width, width);
        }
    }
    if page.format == Format::Float && page.bits == 16 {
        out = out
            .as_chunks::<2>()
            .0
            .iter()
            .flat_map(|half| single(u16::from_le_bytes(*half)).to_le_bytes())
            .collect();
    }
    Ok(out)
}

/// Samples of whole bytes, turned where the file is big endian; three bytes become four.
fn whole_bytes(mut bytes: Vec<u8>, width: usize, big_endian: bool, page: &Page) -> Vec<u8> {
    if big_endian {
        bytes.chunks_exact_mut(width).for_each(<[u8]>::reverse);
    }
    if width != 3 {
        return bytes;
    }
    let fill = |high: u8| {
        if page.format == Format::Signed && high & 0x80 != 0 {
            0xff
        } else {
            0
        }
    };
    bytes
        .as_chunks::<3>()
        .0
        .iter()
        .flat_map(|&[low, middle, high]| [low, middle, high, fill(high)])
        .collect()
}

/// Samples packed from the highest bit of each byte on; rows begin at whole bytes.
fn packed_bits(bytes: &[u8], page: &Page, size: Size, line: usize) -> Vec<u8> {
    let bits = page.bits as usize;
    let width = page.decoded_bits().div_ceil(8) as usize;
    let mut out = Vec::with_capacity(size.count() * width);
    for row in bytes.chunks_exact(line.max(1)) {
        for sample in 0..size.cols * size.samples {
            let start = sample * bits;
            let value = (start..start + bits).fold(0_u32, |value, bit| {
                let byte = row.get(bit / 8).copied().unwrap_or(0);
                value << 1 | u32::from(byte >> (7 - bit % 8) & 1)
            });
            let unused = 32 - page.bits;
            let value = if page.format == Format::Signed {
                ((value << unused).cast_signed() >> unused).cast_unsigned()
            } else {
                value
            };
            out.extend(value.to_le_bytes().iter().take(width));
        }
    }
    out
}

/// Predictor 2: each sample was stored as its difference to the pixel before.
fn sum(row: &mut [u8], step: usize, width: usize) {
    for at in (step..row.len()).step_by(width) {
        let mut carry = 0_u16;
        for byte in 0..width {
            let (Some(&before), Some(here)) = (row.get(at + byte - step), row.get(at + byte)) else {
                return;
            };
            let total = u16::from(before) + u16::from(*here) + carry;
            let [low, high] = total.to_le_bytes();
            carry = u16::from(high);
            if let Some(place) = row.get_mut(at + byte) {
                *place = low;
            }
        }
    }
}

/// Predictor 3 (TIFF technical note 3): bytes of equal weight lie together, highest first, each as its difference to the
/// one a pixel before.
fn floats_of_planes(mut bytes: Vec<u8>, line: usize, step: usize, width: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for row in bytes.chunks_exact_mut(line.max(1)) {
        sum(row, step, 1);
        let count = row.len() / width;
        for sample in 0..count {
            out.extend((0..width).rev().filter_map(|byte| row.get(byte * count + sample)));
        }
    }
    out
}

/// Half precision to single (IEEE 754).
fn single(half: u16) -> f32 {
    let (sign, exponent, fraction) = (
        u32::from(half >> 15),
        u32::from(half >> 10 & 0x1f),
        u32::from(half & 0x3ff),
    );
    match exponent {
        0 => {
            let value = fraction as f32 / 16_777_216.0;
            if sign == 1 { -value } else { value }
        }
        31 => f32::from_bits(sign << 31 | 0xff << 23 | fraction << 13),
        _ => f32::from_bits(sign << 31 | (exponent + 112) << 23 | fraction << 13),
    }
}

fn damaged(error: &std::io::Error) -> DecodeError {
    match error.kind() {
        std::io::ErrorKind::UnexpectedEof => ends_early(),
        std::io::ErrorKind::OutOfMemory => DecodeError::limit("the TIFF file needs more memory than it may use"),
        _ => DecodeError::corrupt(format!("the TIFF file is damaged: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_the_specification_unpack_and_surplus_is_left() {
        let packed = [0xfe, 0xaa, 0x02, 0x80, 0x00, 0x2a, 0xfd, 0xaa, 0x80, 0x00, 0x07];
        assert_eq!(
            pack_bits(&packed, 99),
            [0xaa, 0xaa, 0xaa, 0x80, 0x00, 0x2a, 0xaa, 0xaa, 0xaa, 0xaa, 0x07]
        );
        assert_eq!(pack_bits(&packed, 4), [0xaa, 0xaa, 0xaa, 0x80]);
    }

    #[test]
    fn differences_are_summed_over_bytes_and_pixels() {
        let mut words: Vec<u8> = [255_u16, 1, 0xffff].iter().flat_map(|v| v.to_le_bytes()).collect();
        sum(&mut words, 2, 2);
        assert_eq!(
            words,
            [255_u16, 256, 255]
                .iter()
                .flat_map(|v| v.to_le_bytes())
                .collect::<Vec<_>>()
        );
        let mut rgb = [1, 2, 3, 1, 1, 255];
        sum(&mut rgb, 3, 1);
        assert_eq!(rgb, [1, 2, 3, 2, 3, 2]);
    }

    #[test]
    fn half_precision_is_read() {
        for (half, value) in [
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x0001, 5.960_464_5e-8),
            (0x7bff, 65504.0),
            (0x8000, -0.0),
        ] {
            assert_eq!(single(half), value, "{half:x}");
        }
        assert!(single(0x7e00).is_nan() && single(0xfc00) == f32::NEG_INFINITY);
    }
}
