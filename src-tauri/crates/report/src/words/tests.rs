use domain::analysis::score_text;

use super::*;

#[test]
fn person_names_read_in_the_order_they_are_spoken() {
    let cases = [
        ("Doe^Jane", "Jane Doe"),
        ("Doe^Jane^Q^Dr.^PhD", "Dr. Jane Q Doe PhD"),
        ("Árvíztűrő^Ödön", "Ödön Árvíztűrő"),
        (
            "Yamada^Tarou=山田^太郎=やまだ^たろう",
            "Tarou Yamada (山田 太郎, やまだ たろう)",
        ),
        ("=山田^太郎", "山田 太郎"),
        ("Doe^Jane==", "Jane Doe"),
        ("ANON 17", "ANON 17"),
        ("", ""),
        ("^^^^", ""),
        ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
        ("a=b", "a=b"),
        ("A^B^C^D^E^F", "D B C A E^F"),
    ];
    for (given, expected) in cases {
        assert_eq!(person_name(given), expected, "from {given:?}");
    }
}

#[test]
fn dicom_dates_times_and_ages_read_plainly_and_odd_ones_stay() {
    assert_eq!(dicom_date("20261123"), "2026-11-23");
    assert_eq!(dicom_date("1899.1"), "1899.1");
    assert_eq!(dicom_time("140509.123"), "14:05:09");
    assert_eq!(dicom_time("1405"), "14:05");
    assert_eq!(dicom_time("noon"), "noon");
    assert_eq!(dicom_time("12é4"), "12é4");
    assert_eq!(age("034Y"), "34 years");
    assert_eq!(age("001M"), "1 month");
    assert_eq!(age("é"), "é");
    assert_eq!(age(""), "");
    assert_eq!(sex("F"), "female");
    assert_eq!(sex("M "), "male");
    assert_eq!(sex("X"), "X");
}

#[test]
fn timestamps_read_as_utc() {
    assert_eq!(utc(Timestamp(0)), "1970-01-01 00:00 UTC");
    assert_eq!(utc(Timestamp(1_795_442_700_000)), "2026-11-23 14:05 UTC");
    assert_eq!(rfc3339(Timestamp(951_782_400_250)), "2000-02-29T00:00:00.250Z");
    assert_eq!(rfc3339(Timestamp(-1)), "1969-12-31T23:59:59.999Z");
    assert_eq!(rfc3339(Timestamp(i64::MAX)), "9999-12-31T23:59:59.999Z");
    assert_eq!(rfc3339(Timestamp(i64::MIN)), "0000-01-01T00:00:00.000Z");
}

#[test]
fn every_day_of_two_leap_cycles_follows_the_day_before() {
    let mut before = civil(Timestamp(0));
    for day in 1..=(366 * 8_i64) {
        let today = civil(Timestamp(day * 86_400_000));
        let next_day = today.year == before.year && today.month == before.month && today.day == before.day + 1;
        let next_month = today.day == 1 && today.year == before.year && today.month == before.month + 1;
        let next_year = today.day == 1 && today.month == 1 && today.year == before.year + 1 && before.month == 12;
        assert!(
            next_day || next_month || next_year,
            "{before:?} was followed by {today:?}"
        );
        before = today;
    }
}

#[test]
fn a_score_under_the_threshold_never_reads_as_the_threshold() {
    assert_eq!(score_text(0.5), "0.500");
    assert_eq!(score_text(0.4999), "0.499");
    assert_eq!(score_text(0.9), "0.900");
    assert_eq!(score_text(0.999_9), "0.999");
    assert_eq!(score_text(1.0), "1.000");
    assert_eq!(score_text(f32::NAN), "unknown");
    assert_eq!(percent(0.9234), "92.3 %");
}

#[test]
fn long_ids_keep_their_ends() {
    let uid = "1.2.826.0.1.3680043.8.498.12345678901234567890123456789012345678";
    assert_eq!(short_uid(uid), "1.2.826.0.…56789012345678");
    assert_eq!(short_uid("1.2.3"), "1.2.3");
    assert_eq!(shortened("abcdef", 4), "abc…");
    assert_eq!(shortened("abcd", 4), "abcd");
    assert_eq!(count(1, "finding"), "1 finding");
    assert_eq!(count(0, "finding"), "0 findings");
}
