//! How values read: names, dates, times and numbers as a person writes them.

use domain::{Decision, Sex, StudyState, Timestamp};

/// A DICOM person name (PS3.5 section 6.2.1.2) in reading order: prefix, given, middle, family, suffix.
/// The ideographic and phonetic groups follow in brackets, family first, as they are read.
pub fn person_name(name: &str) -> String {
    let groups: Vec<&str> = name.split('=').collect();
    // Free text may hold '=' too; only groups in another script are those of the standard.
    let has_groups = (2..=3).contains(&groups.len()) && groups[1..].iter().all(|g| g.is_empty() || !g.is_ascii());
    if !has_groups {
        return in_reading_order(name, [3, 1, 2, 0, 4]);
    }
    let alphabetic = in_reading_order(groups[0], [3, 1, 2, 0, 4]);
    let others: Vec<String> = groups[1..]
        .iter()
        .map(|g| in_reading_order(g, [3, 0, 1, 2, 4]))
        .filter(|g| !g.is_empty())
        .collect();
    match (alphabetic.is_empty(), others.is_empty()) {
        (_, true) => alphabetic,
        (true, false) => others.join(", "),
        (false, false) => format!("{alphabetic} ({})", others.join(", ")),
    }
}

fn in_reading_order(group: &str, order: [usize; 5]) -> String {
    let parts: Vec<&str> = group.splitn(5, '^').map(|part| part.trim_matches(' ')).collect();
    let present = order
        .iter()
        .filter_map(|index| parts.get(*index))
        .filter(|part| !part.is_empty());
    present.copied().collect::<Vec<_>>().join(" ")
}

/// `20261123` as `2026-11-23`; anything else stays as it is.
pub fn dicom_date(date: &str) -> String {
    let date = date.trim();
    if date.len() == 8 && date.bytes().all(|b| b.is_ascii_digit()) {
        format!("{}-{}-{}", &date[..4], &date[4..6], &date[6..])
    } else {
        date.to_owned()
    }
}

/// `140509.12` as `14:05:09`, `1405` as `14:05`; anything else stays as it is.
pub fn dicom_time(time: &str) -> String {
    let time = time.trim();
    let whole = time.split('.').next().unwrap_or_default();
    if !whole.bytes().all(|b| b.is_ascii_digit()) {
        return time.to_owned();
    }
    match whole.len() {
        4 => format!("{}:{}", &whole[..2], &whole[2..]),
        6 => format!("{}:{}:{}", &whole[..2], &whole[2..4], &whole[4..]),
        _ => time.to_owned(),
    }
}

/// A DICOM age string (`034Y`) as `34 years`; anything else stays as it is.
pub fn age(age: &str) -> String {
    let age = age.trim();
    let Some((digits, unit)) = age.split_at_checked(age.len().saturating_sub(1)) else {
        return age.to_owned();
    };
    let unit = match unit {
        "Y" => "year",
        "M" => "month",
        "W" => "week",
        "D" => "day",
        _ => return age.to_owned(),
    };
    match digits.parse::<u32>() {
        Ok(1) => format!("1 {unit}"),
        Ok(count) => format!("{count} {unit}s"),
        Err(_) => age.to_owned(),
    }
}

/// DICOM sex code in words; another code stays as it is.
pub fn sex(sex: &str) -> String {
    let code = sex.trim();
    Sex::parse(code).map_or(code, |sex| sex.in_words()).to_owned()
}

/// Year, month, day, hour, minute, second and millisecond in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Civil {
    pub year: i64,
    pub month: u8,
    pub day: u8,
    pub hour: u8,
    pub minute: u8,
    pub second: u8,
    pub millisecond: u16,
}

/// 9999-12-31T23:59:59.999Z: later times, and those before the year 0, stand at the border.
const LAST_MS: i64 = 253_402_300_799_999;
const FIRST_MS: i64 = -62_167_219_200_000;

/// Proleptic Gregorian date of a timestamp, by the days-from-epoch algorithm of H. Hinnant
/// ("chrono-Compatible Low-Level Date Algorithms", `civil_from_days`).
pub fn civil(at: Timestamp) -> Civil {
    const DAY_MS: i64 = 86_400_000;
    let at_ms = at.0.clamp(FIRST_MS, LAST_MS);
    let days = at_ms.div_euclid(DAY_MS) + 719_468;
    let of_day = at_ms.rem_euclid(DAY_MS);
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    Civil {
        year: year_of_era + era * 400 + i64::from(month <= 2),
        month: month as u8,
        day: (day_of_year - (153 * shifted_month + 2) / 5 + 1) as u8,
        hour: (of_day / 3_600_000) as u8,
        minute: (of_day / 60_000 % 60) as u8,
        second: (of_day / 1_000 % 60) as u8,
        millisecond: (of_day % 1_000) as u16,
    }
}

/// `2026-11-23 14:05 UTC`.
pub fn utc(at: Timestamp) -> String {
    let c = civil(at);
    format!(
        "{:04}-{:02}-{:02} {:02}:{:02} UTC",
        c.year, c.month, c.day, c.hour, c.minute
    )
}

/// RFC 3339 with milliseconds: `2026-11-23T14:05:09.250Z`.
pub fn rfc3339(at: Timestamp) -> String {
    let c = civil(at);
    let date = format!("{:04}-{:02}-{:02}", c.year, c.month, c.day);
    format!(
        "{date}T{:02}:{:02}:{:02}.{:03}Z",
        c.hour, c.minute, c.second, c.millisecond
    )
}

pub fn percent(fraction: f64) -> String {
    if fraction.is_finite() {
        format!("{:.1} %", fraction * 100.0)
    } else {
        "unknown".into()
    }
}

pub fn decision(decision: &Decision) -> String {
    match decision {
        Decision::Accepted => "accepted".into(),
        Decision::Rejected => "rejected".into(),
        Decision::Changed { label } => format!("changed to {label}"),
        Decision::Unsure => "unsure, left undecided".into(),
    }
}

/// Where a study stands; a table for machines keeps the code. Paper explains what the window shows beside its list.
pub fn state(state: StudyState) -> &'static str {
    match state {
        StudyState::New => "not analysed",
        StudyState::Analysing => "being analysed",
        StudyState::Refused => "refused by the input gate",
        StudyState::Unread => "not read yet",
        other => other.in_words(),
    }
}

/// `1 finding`, `2 findings`.
pub fn count(number: usize, noun: &str) -> String {
    domain::numbers::counted(number, noun)
}

/// The first `limit` characters, with an ellipsis where something was cut.
pub fn shortened(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    text.chars().take(limit.saturating_sub(1)).chain(['…']).collect()
}

/// A UID short enough for a footer: its beginning and its end.
pub fn short_uid(uid: &str) -> String {
    if uid.len() <= 28 || !uid.is_ascii() {
        return uid.to_owned();
    }
    format!("{}…{}", &uid[..10], &uid[uid.len() - 14..])
}

#[cfg(test)]
mod tests;
