//! Points in time. Only `workflow` reads the clock; everyone else is handed one of these.

use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(transparent)]
pub struct Timestamp(pub i64);

const DAY_MS: i64 = 86_400_000;

impl Timestamp {
    /// Days since 1970-01-01, in UTC.
    pub fn day(self) -> i64 {
        self.0.div_euclid(DAY_MS)
    }
}

/// `YYYY-MM-DD` of a day since 1970-01-01 (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms",
/// `civil_from_days`).
pub fn day_name(day: i64) -> String {
    let days = day + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{:02}", of_year - (153 * shifted + 2) / 5 + 1)
}

/// The day since 1970-01-01 of `YYYY-MM-DD`; `None` of what is no such day.
pub fn day_of_name(name: &str) -> Option<i64> {
    let mut parts = name
        .split('-')
        .map(|part| part.parse::<i64>().ok().filter(|_| part.len() < 5));
    let [year, month, day] = [parts.next()??, parts.next()??, parts.next()??];
    // From March on, so that the day that leap years have is the last.
    let year_of_march = year - i64::from(month <= 2);
    let (era, of_era) = (year_of_march.div_euclid(400), year_of_march.rem_euclid(400));
    let of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    (day_name(days) == name).then_some(days)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_names_and_names_have_days() {
        for (day, name) in [
            (0, "1970-01-01"),
            (-1, "1969-12-31"),
            (11_016, "2000-02-29"),
            (20_787, "2026-11-30"),
        ] {
            assert_eq!((day_name(day).as_str(), day_of_name(name)), (name, Some(day)));
        }
        for day in (-200_000..200_000).step_by(7) {
            assert_eq!(day_of_name(&day_name(day)), Some(day));
        }
        for name in [
            "",
            "2026",
            "2026-02-30",
            "2026-13-01",
            "2026-1-1",
            "2026-01-01-01",
            "20260101",
            "-1-01-01",
        ] {
            assert_eq!(day_of_name(name), None, "{name}");
        }
        assert_eq!(
            (Timestamp(-1).day(), Timestamp(0).day(), Timestamp(DAY_MS).day()),
            (-1, 0, 1)
        );
    }
}
