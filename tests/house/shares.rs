//! How the lines of the crates are divided among the rooms.

use std::collections::BTreeMap;

use needs::measured;
use overread_tests::Done;

use super::source::{Source, files, is_ours};

/// No room holds more of the lines, in percent: the next whole number above what was reached. The largest is `codecs`:
/// a file for each format, and nobody imports it (record 31).
const LARGEST: f64 = 18.0;

/// The lines of each room, without its tests.
pub fn sources() -> overread_tests::Outcome<Vec<(String, Source)>> {
    let all = files("src-tauri/crates", &[".rs"], |folder| {
        is_ours(folder) && folder != "tests"
    })?;
    let room = |source: Source| {
        let mut parts = source.path.split('/').skip(2);
        let (room, below) = (parts.next()?.to_owned(), parts.next()?);
        (below == "src" && !source.path.ends_with("/tests.rs")).then_some((room, source))
    };
    Ok(all.into_iter().filter_map(room).collect())
}

/// Up to the tests that stand in the same file.
pub fn without_tests(text: &str) -> &str {
    let cut = text.match_indices("#[cfg(test)]").find(|(at, mark)| {
        let after = text[at + mark.len()..].trim_start();
        after.starts_with("mod tests {") || after.starts_with("mod test {")
    });
    cut.map_or(text, |(at, _)| &text[..at])
}

#[test]
fn no_room_holds_more_than_its_share_of_the_lines() -> Done {
    let mut lines: BTreeMap<String, usize> = BTreeMap::new();
    for (room, source) in sources()? {
        *lines.entry(room).or_default() += without_tests(&source.text).matches('\n').count();
    }
    let all: usize = lines.values().sum();
    assert!(all > 10_000, "only {all} lines were found");
    let mut shares: Vec<(f64, &str)> = lines
        .iter()
        .map(|(room, lines)| (100.0 * *lines as f64 / all as f64, room.as_str()))
        .collect();
    shares.sort_by(|a, b| b.0.total_cmp(&a.0));
    let words: Vec<String> = shares
        .iter()
        .map(|(share, room)| format!("{room} {share:.1} %"))
        .collect();
    measured(&format!(
        "lines of the rooms ({all}, bound {LARGEST} %): {}",
        words.join(", ")
    ));
    let (largest, room) = shares[0];
    assert!(
        largest <= LARGEST,
        "{room} holds {largest:.1} % of the lines; the bound is {LARGEST} %: give a part of it a room of its own"
    );
    Ok(())
}
