//! An anomaly map as it lies in the vault: a form of our own, so that no decoder of images runs in the program itself.
//!
//! [`MAGIC`] · rows u32 · columns u32, little endian · the pixels row by row, as numbers of seven bits a byte, the
//! lowest first (LEB128). An even number `2 n` stands for `n + 1` pixels that are as the one above each; an odd one
//! `2 n + 1` for a pixel that differs from the one above by `n` in zigzag (0, -1, 1, -2, ..), modulo 65,536. Above the
//! first row all is 0.

use domain::room::{NoRoom, room_for};
use domain::{AnomalyMap, Failure, FailureCode};

/// Name of the form and its version.
pub const MAGIC: &[u8; 8] = b"OVRMAP\x01\x00";
/// Of one pixel or one run.
const MOST_BYTES: usize = 5;

/// # Errors
/// [`NoRoom`].
pub fn write(map: &AnomalyMap) -> Result<Vec<u8>, NoRoom> {
    let cols = (map.cols as usize).max(1);
    let mut bytes = room_for(1 << 12)?;
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&map.rows.to_le_bytes());
    bytes.extend_from_slice(&map.cols.to_le_bytes());
    let mut alike: u32 = 0;
    for (row, line) in map.values.chunks(cols).enumerate() {
        let needed = MOST_BYTES * (line.len() + 1);
        let in_all = (bytes.len() + needed) as u64;
        let no_room = |_| NoRoom {
            mebibytes: in_all.div_ceil(1 << 20),
        };
        bytes.try_reserve(needed).map_err(no_room)?;
        let above = row.checked_sub(1).and_then(|row| map.values.get(row * cols..));
        for (col, value) in line.iter().enumerate() {
            let above = above.and_then(|line| line.get(col)).copied().unwrap_or(0);
            let by = value.wrapping_sub(above).cast_signed();
            if by == 0 {
                alike += 1;
                continue;
            }
            end_run(&mut alike, &mut bytes);
            let zigzag = ((by << 1) ^ (by >> 15)).cast_unsigned();
            push(u32::from(zigzag) << 1 | 1, &mut bytes);
        }
    }
    end_run(&mut alike, &mut bytes);
    Ok(bytes)
}

fn end_run(alike: &mut u32, bytes: &mut Vec<u8>) {
    if let Some(more) = alike.checked_sub(1) {
        push(more << 1, bytes);
        *alike = 0;
    }
}

fn push(mut number: u32, bytes: &mut Vec<u8>) {
    while number > 0x7f {
        bytes.push(0x80 | (number & 0x7f) as u8);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Of a frame with so many rows and columns; nothing is allocated for another size.
///
/// # Errors
/// `vault_damaged`, or too little memory.
pub fn read(bytes: &[u8], (rows, cols): (u32, u32)) -> Result<AnomalyMap, Failure> {
    let damaged = |what: &str| {
        let message = format!("a stored anomaly map is damaged: {what}; restore the vault from a backup");
        Failure::new(FailureCode::VaultDamaged, message)
    };
    let ends_early = || damaged("it ends early");
    let rest = bytes
        .strip_prefix(MAGIC)
        .ok_or_else(|| damaged("it does not begin as one"))?;
    let (said_rows, rest) = rest.split_first_chunk().ok_or_else(ends_early)?;
    let (said_cols, mut rest) = rest.split_first_chunk().ok_or_else(ends_early)?;
    let said = (u32::from_le_bytes(*said_rows), u32::from_le_bytes(*said_cols));
    let count = (rows as usize).checked_mul(cols as usize);
    let count = count
        .filter(|_| said == (rows, cols))
        .ok_or_else(|| wrong_size(said, (rows, cols)))?;
    let mut values: Vec<u16> = room_for(count)?;
    let above = |values: &[u16]| -> u16 {
        let place = values.len().checked_sub(cols as usize);
        place.and_then(|place| values.get(place)).copied().unwrap_or(0)
    };
    while values.len() < count {
        let number = take(&mut rest).ok_or_else(ends_early)?;
        if number & 1 == 0 {
            let run = (number >> 1) as usize + 1;
            if run > count - values.len() {
                return Err(damaged("it holds more pixels than the frame"));
            }
            for _ in 0..run {
                values.push(above(&values));
            }
        } else {
            let zigzag = u16::try_from(number >> 1).map_err(|_| damaged("a pixel is out of range"))?;
            let by = (zigzag >> 1) ^ (zigzag & 1).wrapping_neg();
            values.push(above(&values).wrapping_add(by));
        }
    }
    if !rest.is_empty() {
        return Err(damaged("it goes on behind its pixels"));
    }
    Ok(AnomalyMap { rows, cols, values })
}

/// What a map of another size than its frame is.
pub fn wrong_size(said: (u32, u32), frame: (u32, u32)) -> Failure {
    let message = format!(
        "a stored anomaly map has {} x {} pixels and its frame {} x {}; restore the vault from a backup",
        said.0, said.1, frame.0, frame.1
    );
    Failure::new(FailureCode::VaultDamaged, message)
}

fn take(rest: &mut &[u8]) -> Option<u32> {
    let mut number: u32 = 0;
    for place in 0..MOST_BYTES {
        let (byte, more) = rest.split_first()?;
        *rest = more;
        let bits = u32::from(byte & 0x7f);
        let shifted = bits.checked_shl(7 * place as u32)?;
        // Bits that fall off the end are no number that was written.
        if shifted >> (7 * place) != bits {
            return None;
        }
        number |= shifted;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    type Checked = Result<(), Box<dyn std::error::Error>>;

    fn map(rows: u32, cols: u32, value: impl Fn(u32) -> u16) -> AnomalyMap {
        AnomalyMap {
            rows,
            cols,
            values: (0..rows * cols).map(value).collect(),
        }
    }

    #[test]
    fn every_map_comes_back_as_it_was() -> Checked {
        let noise = |at: u32| (at.wrapping_mul(2_654_435_761) >> 13) as u16;
        for whole in [
            map(1, 1, |_| 65_535),
            map(3, 5, |_| 0),
            map(2, 3, noise),
            map(37, 41, noise),
            map(40, 40, |at| (at % 40 * at / 40) as u16),
            map(2, 2, |at| [0, 65_535, 65_535, 0][at as usize]),
            map(1, 20_000, |at| at as u16),
            map(20_000, 1, |at| (at / 300) as u16),
        ] {
            assert_eq!(read(&write(&whole)?, (whole.rows, whole.cols))?, whole);
        }
        Ok(())
    }

    /// Files of this form lie in vaults: it does not change.
    #[test]
    fn the_form_is_a_promise() -> Checked {
        let whole = map(2, 4, |at| [0, 0, 7, 7, 0, 0, 6, 300][at as usize]);
        let form = [
            b"OVRMAP\x01\x00".as_slice(),
            &[2, 0, 0, 0, 4, 0, 0, 0],
            &[2, 29, 29, 2, 3, 0x95, 9],
        ]
        .concat();
        assert_eq!(write(&whole)?, form);
        assert_eq!(read(&form, (2, 4))?, whole);
        Ok(())
    }

    #[test]
    fn a_map_is_a_small_part_of_its_values() -> Checked {
        // As the network's small map comes out at the frame's size: a hill on nothing.
        let hill = map(256, 256, |at| {
            let (x, y) = (f64::from(at % 256) - 90.0, f64::from(at / 256) - 140.0);
            (60_000.0 * (-(x * x + y * y) / 300.0).exp()) as u16
        });
        let share = write(&hill)?.len() as f64 / (2.0 * 256.0 * 256.0);
        assert!(share < 0.2, "{share}");
        Ok(())
    }

    #[test]
    fn another_size_a_cut_and_damage_are_refused() -> Checked {
        let whole = map(16, 16, |at| (at * 331) as u16);
        let bytes = write(&whole)?;
        let code = |bytes: &[u8], size| read(bytes, size).map_err(|error| error.code).err();
        for size in [(16, 17), (15, 16), (256, 1), (u32::MAX, u32::MAX), (0, 0)] {
            assert_eq!(code(&bytes, size), Some(FailureCode::VaultDamaged), "{size:?}");
        }
        // It says another size itself.
        for place in [8, 12] {
            let mut other = bytes.clone();
            other[place] += 1;
            assert_eq!(code(&other, (16, 16)), Some(FailureCode::VaultDamaged));
        }
        for cut in 0..bytes.len() {
            assert_eq!(code(&bytes[..cut], (16, 16)), Some(FailureCode::VaultDamaged), "{cut}");
        }
        let more = [bytes.as_slice(), &[0]].concat();
        assert_eq!(code(&more, (16, 16)), Some(FailureCode::VaultDamaged));
        // A run to far beyond the frame, a pixel out of range, and a number that does not end.
        for body in [
            &[0xfe, 0xff, 0xff, 0xff, 0x0f][..],
            &[0xff, 0xff, 0xff, 0x7f],
            &[0x80; 9],
            &[0xff; 5],
        ] {
            let form = [&bytes[..16], body].concat();
            assert_eq!(code(&form, (16, 16)), Some(FailureCode::VaultDamaged), "{body:?}");
        }
        Ok(())
    }
}
