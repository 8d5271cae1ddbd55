//! DICOM files around code streams, and what comes out of them.

#![allow(dead_code, reason = "each test program uses its part of these")]

use domain::PixelData;

use super::element;

/// What a data set says of its pixels.
#[derive(Debug, Clone, Copy)]
pub struct Said {
    pub rows: u16,
    pub cols: u16,
    pub samples: u16,
    pub bits: u16,
    pub signed: bool,
}

/// A file of one frame in one fragment; the transfer syntax ends as given.
pub fn encapsulated(syntax: &str, said: Said, stream: &[u8]) -> Vec<u8> {
    let short = |number: u16, value: u16| element(0x28, number, b"US", &value.to_le_bytes());
    let mut uid = format!("1.2.840.10008.1.2.{syntax}").into_bytes();
    uid.resize(uid.len().next_multiple_of(2), 0);
    let colours: &[u8] = if said.samples == 3 { b"RGB " } else { b"MONOCHROME2 " };
    let mut file = [vec![0; 128], b"DICM".to_vec()].concat();
    file.extend(element(2, 0x10, b"UI", &uid));
    file.extend(element(0x08, 0x18, b"UI", b"2.25.13\0"));
    file.extend(element(0x10, 0x20, b"LO", b"P1"));
    file.extend(element(0x20, 0x0d, b"UI", b"2.25.11\0"));
    file.extend(element(0x20, 0x0e, b"UI", b"2.25.12\0"));
    file.extend(short(0x02, said.samples));
    file.extend(element(0x28, 0x04, b"CS", colours));
    file.extend(short(0x10, said.rows));
    file.extend(short(0x11, said.cols));
    file.extend(short(0x100, said.bits.next_multiple_of(8)));
    file.extend(short(0x101, said.bits));
    file.extend(short(0x102, said.bits - 1));
    file.extend(short(0x103, u16::from(said.signed)));
    file.extend(b"\xe0\x7f\x10\0OB\0\0\xff\xff\xff\xff\xfe\xff\0\xe0\0\0\0\0\xfe\xff\0\xe0");
    let padded = stream.len().next_multiple_of(2);
    file.extend((padded as u32).to_le_bytes());
    file.extend(stream);
    file.resize(file.len() + padded - stream.len(), 0);
    file.extend(b"\xfe\xff\xdd\xe0\0\0\0\0");
    file
}

/// The same file with other Bits Stored and High Bit.
pub fn lying(mut file: Vec<u8>, stored: u16, high: u16) -> Vec<u8> {
    for (element, value) in [(b"\x28\0\x01\x01US", stored), (b"\x28\0\x02\x01US", high)] {
        if let Some(at) = file.windows(6).position(|six| six == element) {
            file[at + 8..at + 10].copy_from_slice(&value.to_le_bytes());
        }
    }
    file
}

/// Of words of so many bits what lies in the stored ones (PS3.5 8.1.1).
pub fn stored_in(words: &[i32], stored: u16, high: u16, signed: bool) -> Vec<i32> {
    let of = |word: &i32| {
        let value = (i64::from(*word) >> (high + 1 - stored)) & ((1 << stored) - 1);
        let below = signed && value >> (stored - 1) == 1;
        i32::try_from(value - if below { 1 << stored } else { 0 }).unwrap_or(i32::MAX)
    };
    words.iter().map(of).collect()
}

pub fn integers(data: &PixelData) -> Vec<i32> {
    match data {
        PixelData::U8(v) => v.iter().map(|v| i32::from(*v)).collect(),
        PixelData::I8(v) => v.iter().map(|v| i32::from(*v)).collect(),
        PixelData::U16(v) => v.iter().map(|v| i32::from(*v)).collect(),
        PixelData::I16(v) => v.iter().map(|v| i32::from(*v)).collect(),
        PixelData::U32(_) | PixelData::I32(_) | PixelData::F32(_) | PixelData::F64(_) => vec![],
    }
}

/// Marsaglia's xorshift.
pub fn noise(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}
