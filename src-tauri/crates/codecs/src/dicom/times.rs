//! When each frame of a file was made.

use super::{data_set::DataSet, tag};

/// Milliseconds since the first frame, one for each; empty where the file does not say. Dates and times of the
/// functional groups, else Frame Time Vector, Frame Time or a rate of the cine module (PS3.3 C.7.6.5).
pub(super) fn frame_times(set: &DataSet<'_>, groups: &[DataSet<'_>], frames: usize) -> Vec<f64> {
    if frames < 2 {
        return vec![];
    }
    let by_group = of_groups(groups, frames);
    if !by_group.is_empty() {
        return by_group;
    }
    let constant = || set.number(tag::FRAME_TIME).filter(|apart| *apart > 0.0);
    let every = |apart: f64| (0..frames).map(|frame| apart * frame as f64).collect();
    // Where both are there, Frame Increment Pointer says which counts (PS3.3 C.7.6.6.1.1).
    if points_to(set, tag::FRAME_TIME)
        && !points_to(set, tag::FRAME_TIME_VECTOR)
        && let Some(apart) = constant()
    {
        return every(apart);
    }
    let apart = set.numbers(tag::FRAME_TIME_VECTOR);
    if apart.len() == frames {
        // The first stands before the first frame, and is 0.
        let mut at = 0.0;
        let later = apart.iter().skip(1).map(|apart| {
            at += apart;
            at
        });
        return std::iter::once(0.0).chain(later).collect();
    }
    let rate = || {
        let rates = [tag::CINE_RATE, tag::RECOMMENDED_DISPLAY_FRAME_RATE];
        let rate = rates
            .into_iter()
            .find_map(|tag| set.number(tag).filter(|rate| *rate > 0.0))?;
        Some(1000.0 / rate)
    };
    constant().or_else(rate).map(every).unwrap_or_default()
}

/// Whether Frame Increment Pointer names this attribute.
fn points_to(set: &DataSet<'_>, tag: u32) -> bool {
    let words = set.words(tag::FRAME_INCREMENT_POINTER);
    let (pointers, _) = words.as_chunks::<2>();
    pointers
        .iter()
        .any(|[group, element]| u32::from(*group) << 16 | u32::from(*element) == tag)
}

fn of_groups(groups: &[DataSet<'_>], frames: usize) -> Vec<f64> {
    let at = |group: &DataSet<'_>| {
        let position = group.items(tag::TEMPORAL_POSITION_SEQUENCE).first();
        if let Some(seconds) = position.and_then(|item| item.number(tag::TEMPORAL_POSITION_TIME_OFFSET)) {
            return Some(seconds * 1000.0);
        }
        let content = group.items(tag::FRAME_CONTENT_SEQUENCE).first()?;
        let tags = [tag::FRAME_REFERENCE_DATE_TIME, tag::FRAME_ACQUISITION_DATE_TIME];
        tags.into_iter().find_map(|tag| milliseconds(content.code(tag)?))
    };
    let times: Option<Vec<f64>> = groups.iter().take(frames).map(at).collect();
    match times {
        Some(times) if times.len() == frames && times.iter().any(|time| Some(time) != times.first()) => {
            let first = times.first().copied().unwrap_or_default();
            times.iter().map(|time| time - first).collect()
        }
        _ => vec![],
    }
}

/// `YYYYMMDDHHMMSS.FFFFFF` since some day; months that are missing are the first.
fn milliseconds(text: &str) -> Option<f64> {
    let text = text.split(['+', '-']).next()?;
    let part = |range: std::ops::Range<usize>| text.get(range)?.parse::<u32>().ok();
    let (year, month, day) = (part(0..4)?, part(4..6)?, part(6..8)?);
    let (hour, minute) = (part(8..10)?, part(10..12)?);
    let seconds: f64 = text.get(12..)?.parse().ok()?;
    // Days of the civil calendar (H. Hinnant, "chrono-compatible low-level date algorithms").
    let (y, m) = if month > 2 {
        (year, month - 3)
    } else {
        (year.checked_sub(1)?, month + 9)
    };
    let days = y * 365 + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day;
    let minutes = f64::from(days) * 1440.0 + f64::from(hour) * 60.0 + f64::from(minute);
    Some((minutes * 60.0 + seconds) * 1000.0)
}

#[cfg(test)]
mod tests {
    use super::super::{data_set::Encoding, parse::parse};
    use super::*;

    fn element(tag: u32, vr: &[u8; 2], value: &[u8]) -> Vec<u8> {
        let tag = [(tag >> 16) as u16, tag as u16].map(u16::to_le_bytes).concat();
        [&tag[..], vr, &(value.len() as u16).to_le_bytes(), value].concat()
    }

    /// Every pointer with every set of attributes (PS3.3 C.7.6.6.1.1): what it names counts where it is there.
    #[test]
    fn frame_increment_pointer_says_which_times_count() -> Result<(), decode::DecodeError> {
        let (constant, vector) = (vec![0.0, 25.0, 50.0, 75.0], vec![0.0, 10.0, 20.0, 30.0]);
        let named = |tag: u32| [(tag >> 16) as u16, tag as u16].map(u16::to_le_bytes).concat();
        let (one, other) = (named(tag::FRAME_TIME), named(tag::FRAME_TIME_VECTOR));
        for pointer in [
            vec![],
            one.clone(),
            other.clone(),
            [one.clone(), other].concat(),
            named(0x0054_0010),
        ] {
            for there in 0..4 {
                let mut file = element(tag::FRAME_INCREMENT_POINTER, b"AT", &pointer);
                if there & 1 == 1 {
                    file.extend(element(tag::FRAME_TIME, b"DS", b"25"));
                }
                if there & 2 == 2 {
                    file.extend(element(tag::FRAME_TIME_VECTOR, b"DS", b"0\\10\\10\\10 "));
                }
                let wanted = match there {
                    0 => vec![],
                    1 => constant.clone(),
                    3 if pointer == one => constant.clone(),
                    _ => vector.clone(),
                };
                let set = parse(&file, Encoding::EXPLICIT, 8)?;
                assert_eq!(frame_times(&set, &[], 4), wanted, "{pointer:?} {there}");
            }
        }
        Ok(())
    }

    /// Seconds of the macro of temporal positions (PS3.3 C.7.6.16.2.7).
    #[test]
    fn temporal_positions_are_times() -> Result<(), decode::DecodeError> {
        let group = |seconds: f64| {
            let offset = element(tag::TEMPORAL_POSITION_TIME_OFFSET, b"FD", &seconds.to_le_bytes());
            let item = [
                b"\xfe\xff\x00\xe0".as_slice(),
                &(offset.len() as u32).to_le_bytes(),
                &offset,
            ]
            .concat();
            let length = (item.len() as u32).to_le_bytes();
            [b"\x20\x00\x10\x93SQ\0\0".as_slice(), &length, &item].concat()
        };
        let groups = [group(0.25), group(0.75), group(1.25)];
        let groups: Vec<DataSet<'_>> = groups
            .iter()
            .map(|group| parse(group, Encoding::EXPLICIT, 8))
            .collect::<Result<_, _>>()?;
        let nothing = parse(&[], Encoding::EXPLICIT, 8)?;
        assert_eq!(frame_times(&nothing, &groups, 3), [0.0, 500.0, 1000.0]);
        Ok(())
    }

    #[test]
    fn times_are_apart_as_the_calendar_says() {
        let apart = |from: &str, to: &str| Some(milliseconds(to)? - milliseconds(from)?);
        assert_eq!(apart("20240228235959.5", "20240229000000"), Some(500.0));
        assert_eq!(apart("20240229235959", "20240301000001.25"), Some(2250.0));
        assert_eq!(apart("20231231235959", "20240101000000+0100"), Some(1000.0));
        for bad in ["", "2024", "20240101", "20240101ab0000"] {
            assert_eq!(milliseconds(bad), None, "{bad}");
        }
    }
}
