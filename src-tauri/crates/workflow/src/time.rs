//! The clock, read here and nowhere else.

use domain::Timestamp;

#[allow(clippy::disallowed_methods, reason = "workflow is where the clock is read")]
pub fn now() -> Timestamp {
    Timestamp(jiff::Timestamp::now().as_millisecond())
}

/// `YYYYMMDD-HHMMSS` in UTC, for names of files.
pub fn file_stamp(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.0)
        .map_or_else(|_| at.0.to_string(), |t| t.strftime("%Y%m%d-%H%M%S").to_string())
}

/// The day of the calendar, `YYYYMMDD`, where this machine stands.
pub fn day(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.0).map_or_else(
        |_| String::new(),
        |t| t.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y%m%d").to_string(),
    )
}

/// Of a day as `YYYYMMDD`; another text stays as it is.
pub fn iso_day(day: &str) -> String {
    match (day.get(..4), day.get(4..6), day.get(6..)) {
        (Some(year), Some(month), Some(day)) => format!("{year}-{month}-{day}"),
        _ => day.to_owned(),
    }
}
