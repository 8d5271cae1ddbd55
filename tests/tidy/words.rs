//! Words that sentences for a person do not have.

use super::{Text, has_word};

/// Words that names in code may have, and sentences for a person may not. What a bundle says of itself is signed.
pub fn poor_word_for_readers(text: &Text, lower: &str) -> Option<&'static str> {
    let is_document = text.is_one_of(&["md"]) && !text.path.starts_with("models/");
    // A key of the words is a name.
    let said = match text.path.ends_with("ui/src/words/en.json") {
        true => lower.split_once("\": ").map_or("", |(_, said)| said).to_owned(),
        false if is_document => without_names(lower),
        false if text.is_one_of(&["rs"]) && !text.path.starts_with("tests/") => literals(text, lower),
        false => return None,
    };
    // Names of values, and what a signed bundle says of itself.
    let said = said.replace("b-mode ultrasound pictures of the breast", "");
    ["picture", "pictures", "canceled", "cancelled"]
        .into_iter()
        .find(|word| {
            said.match_indices(word)
                .any(|(at, _)| !said[..at].ends_with(['-', '{', '/']))
                && has_word(&said, word)
        })
}

/// What a line of Rust says in strings of several words. One word alone is a name. How a bundle of format 2 writes down
/// its sets is signed with it.
fn literals(text: &Text, line: &str) -> String {
    let stored = ["engine/src/bundle/format_2.rs", "domain/src/model.rs"];
    let of_tests = text.path.contains("/tests/") || text.path.ends_with("tests.rs");
    if of_tests || stored.iter().any(|path| text.path.ends_with(path)) || line.trim_start().starts_with("//") {
        return String::new();
    }
    let said = line.split('"').skip(1).step_by(2);
    said.filter(|said| said.contains(' ')).collect::<Vec<_>>().join(" ")
}

/// Without what stands in code and where links lead.
fn without_names(line: &str) -> String {
    let plain: Vec<&str> = line.split('`').step_by(2).collect();
    let plain = plain.join(" ");
    let mut pieces = plain.split("](");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |text, piece| {
        text + piece.split_once(')').map_or("", |(_, rest)| rest)
    })
}
