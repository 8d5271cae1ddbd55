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
    let apart = set.number(tag::FRAME_TIME).filter(|apart| *apart > 0.0).or_else(rate);
    apart
        .map(|apart| (0..frames).map(|frame| apart * frame as f64).collect())
        .unwrap_or_default()
}

fn of_groups(groups: &[DataSet<'_>], frames: usize) -> Vec<f64> {
    let at = |group: &DataSet<'_>| {
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
    use super::milliseconds;

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
