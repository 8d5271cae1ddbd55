//! How the image of a disc keeps the sectors of 2,048 bytes that a file system sees: as they are, behind a gap, or raw,
//! with what the drive stores around them (ECMA-130 clause 14).

use std::io::{self, Read, Seek, SeekFrom};

use decode::DecodeError;

use super::{
    disc,
    told::{Stop, Told},
};

const SECTOR: u64 = 2048;
/// The first volume descriptor lies in this sector (ECMA-119 6.2.1).
const FIRST_DESCRIPTOR: u64 = 16;
/// Sectors before the first of a track, which some programs keep.
const GAP: u64 = 150;
/// Bytes of a stored sector, and of them those before its data: plain; mode 1 and mode 2 raw; mode 2 without its
/// synchronisation; raw with the subchannels behind it.
const LAYOUTS: [(u64, u64); 6] = [(SECTOR, 0), (2352, 16), (2352, 24), (2336, 8), (2448, 16), (2448, 24)];

/// The members of a disc in whichever way it is stored, or what it is instead.
pub(super) fn members<S: Read + Seek>(source: &mut S, told: &mut Told<'_>) -> Result<(), Stop> {
    for (size, skip) in LAYOUTS {
        for start in [0, GAP * size] {
            let mut sectors = Sectors {
                source: &mut *source,
                start,
                size,
                skip,
                at: 0,
            };
            if mark(&mut sectors, FIRST_DESCRIPTOR * SECTOR) == Some(*b"\x01CD001") {
                return disc::members(&mut sectors, told);
            }
        }
    }
    Err(refusal(source).into())
}

/// What the disc is, in words, and what to do.
fn refusal(source: &mut (impl Read + Seek)) -> DecodeError {
    let udf = (FIRST_DESCRIPTOR..FIRST_DESCRIPTOR + 4)
        .filter_map(|sector| mark(source, sector * SECTOR))
        .any(|mark: [u8; 6]| matches!(mark.get(1..), Some(b"BEA01" | b"NSR02" | b"NSR03")));
    let length = source.seek(SeekFrom::End(0)).unwrap_or(0);
    let mut tail = |back: u64| length.checked_sub(back).and_then(|at| mark::<4>(source, at));
    let what = if udf {
        "of a disc that has the file system UDF alone, which is not read"
    } else if tail(512) == Some(*b"koly") {
        "of a disc for macOS (DMG), which is not read"
    } else if tail(12) == Some(*b"NER5") || tail(8) == Some(*b"NERO") {
        "of a disc by Nero (NRG) without the file system ISO 9660, which is not read"
    } else {
        "of a disc without the file system ISO 9660, such as one of music, which is not read"
    };
    DecodeError::unsupported(format!(
        "it is the image {what}: open it by the system, and import the folder"
    ))
}

fn mark<const N: usize>(source: &mut (impl Read + Seek), at: u64) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    source.seek(SeekFrom::Start(at)).ok()?;
    source.read_exact(&mut bytes).ok()?;
    Some(bytes)
}

/// The data of the sectors alone.
struct Sectors<'s, S> {
    source: &'s mut S,
    start: u64,
    size: u64,
    skip: u64,
    at: u64,
}

impl<S: Read + Seek> Read for Sectors<'_, S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let within = self.at % SECTOR;
        let place = (self.at / SECTOR)
            .checked_mul(self.size)
            .and_then(|place| place.checked_add(self.start + self.skip + within));
        let Some(place) = place else { return Ok(0) };
        // Plain sectors lie one behind the other.
        let most = if self.size == SECTOR { u64::MAX } else { SECTOR - within };
        let most = buffer.len().min(usize::try_from(most).unwrap_or(usize::MAX));
        self.source.seek(SeekFrom::Start(place))?;
        let count = self.source.read(buffer.get_mut(..most).unwrap_or_default())?;
        self.at += count as u64;
        Ok(count)
    }
}

impl<S: Read + Seek> Seek for Sectors<'_, S> {
    /// From the start or from the present place: how many sectors there are is not counted.
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(_) => None,
        }
        .ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}
