//! Structs that carry the same fields under another name.
//!
//! A struct counts when it has four or more named fields. It has a twin when another such struct carries at least
//! three quarters of its field names. Types are not compared: a field that is a `Uid` in one room and a `String` in
//! the next is the same field, and that is what is looked for.

use std::collections::{BTreeMap, BTreeSet};

use needs::measured;
use overread_tests::{Done, Outcome};

use super::source::{close_of, code, files, first_word, is_ours, is_word, line_of, test_items, words};

/// So many percent of the structs may have a twin. Those that stay are promises that record 12 names, or
/// stand on two sides of a protocol.
const MOST: f64 = 20.0;
const FEWEST_FIELDS: usize = 4;

struct Struct {
    place: String,
    room: String,
    fields: BTreeSet<String>,
}

/// Names and fields of all structs of a file, with the line of each; `text` is code without comments and strings.
fn structs(text: &str) -> Vec<(String, usize, BTreeSet<String>)> {
    let mut found = Vec::new();
    for at in words(text, "struct") {
        let rest = at + "struct".len();
        let name = first_word(&text[rest..]);
        let Some(stop) = text[rest..].find(['{', '(', ';']).map(|stop| rest + stop) else {
            continue;
        };
        if name.is_empty() || !text[stop..].starts_with('{') {
            continue;
        }
        let body = &text[stop + 1..close_of(text, stop)];
        let fields = parts(body).into_iter().filter_map(field).collect();
        found.push((name.to_owned(), line_of(text, at), fields));
    }
    found
}

/// The body of a struct split at its own commas.
fn parts(body: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0, 0);
    let mut before = ' ';
    for (at, letter) in body.char_indices() {
        match letter {
            '{' | '(' | '[' | '<' => depth += 1,
            '}' | ')' | ']' => depth -= 1,
            '>' if !"-=".contains(before) => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&body[start..at]);
                start = at + 1;
            }
            _ => {}
        }
        before = letter;
    }
    parts.push(&body[start..]);
    parts
}

/// The field's name, behind attributes and `pub`.
fn field(part: &str) -> Option<String> {
    let mut rest = part.trim_start();
    while rest.starts_with('#') {
        let mut depth = 0;
        let end = rest.char_indices().find(|(_, letter)| {
            depth += match letter {
                '[' => 1,
                ']' => -1,
                _ => 0,
            };
            *letter == ']' && depth == 0
        })?;
        rest = rest[end.0 + 1..].trim_start();
    }
    if let Some(public) = rest.strip_prefix("pub").filter(|after| !after.starts_with(is_word)) {
        rest = public.trim_start();
        if rest.starts_with('(') {
            rest = rest.split_once(')')?.1.trim_start();
        }
    }
    let name = first_word(rest.strip_prefix("r#").unwrap_or(rest));
    let is_field = rest[rest.find(name)? + name.len()..].trim_start().starts_with(':');
    let is_lower = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_');
    (is_field && is_lower).then(|| name.to_owned())
}

fn all() -> Outcome<Vec<Struct>> {
    let enter =
        |folder: &str| is_ours(folder) && !["tests", "generated", "gen", "examples", "benches"].contains(&folder);
    let mut all = Vec::new();
    for source in files(".", &[".rs"], enter)? {
        let file = source.path.rsplit('/').next().unwrap_or_default();
        if ["test.rs", "tests.rs"]
            .iter()
            .any(|name| file == *name || file.ends_with(&format!("_{name}")))
        {
            continue;
        }
        let mut text = code(&source.text);
        for item in test_items(&text) {
            let blank: String = text[item.clone()]
                .chars()
                .map(|c| if c == '\n' { c } else { ' ' })
                .collect();
            // Blanks are shorter than what they stand for where that is not ASCII.
            let blank = format!("{blank}{}", " ".repeat(item.len() - blank.len()));
            text.replace_range(item, &blank);
        }
        let room = source.path.split("crates/").nth(1).unwrap_or(&source.path);
        let room = room.split('/').next().unwrap_or_default().to_owned();
        for (name, line, fields) in structs(&text) {
            if fields.len() >= FEWEST_FIELDS {
                let place = format!("{name} ({}:{line})", source.path);
                let room = room.clone();
                all.push(Struct { place, room, fields });
            }
        }
    }
    Ok(all)
}

/// Whether `other` carries three quarters of the fields of `one`.
fn carries(one: &BTreeSet<String>, other: &BTreeSet<String>) -> bool {
    4 * one.intersection(other).count() >= 3 * one.len()
}

#[test]
fn no_more_structs_are_twins_of_others() -> Done {
    let all = all()?;
    assert!(all.len() > 100, "only {} structs were found", all.len());
    let mut pairs = Vec::new();
    let mut rooms: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut twins = 0;
    for (index, one) in all.iter().enumerate() {
        let others = all
            .iter()
            .enumerate()
            .filter(|(at, _)| *at != index)
            .map(|(_, other)| other);
        let like: Vec<&Struct> = others.filter(|other| carries(&one.fields, &other.fields)).collect();
        pairs.extend(like.iter().map(|other| format!("{} = {}", one.place, other.place)));
        let has_twin = usize::from(!like.is_empty());
        twins += has_twin;
        let room = rooms.entry(&one.room).or_default();
        *room = (room.0 + 1, room.1 + has_twin);
    }
    let percent = 100.0 * twins as f64 / all.len() as f64;
    let by_room = rooms.iter().filter(|(_, (_, twins))| *twins > 0);
    let by_room: Vec<String> = by_room
        .map(|(room, (count, twins))| format!("{room} {twins} of {count}"))
        .collect();
    measured(&format!(
        "structs with a twin: {twins} of {}, {percent:.1} % (bound {MOST} %): {}",
        all.len(),
        by_room.join(", ")
    ));
    assert!(
        percent <= MOST,
        "{percent:.1} % of the structs have a twin, and {MOST} % are the bound:\n{}",
        pairs.join("\n")
    );
    Ok(())
}

#[test]
fn fields_are_read_behind_attributes_and_twins_are_told_from_kin() {
    let text = "#[derive(Debug)]\npub struct Row<'a> where T: X {\n  #[serde(default, rename = [1])] pub(crate) uid: Map<A, B>,\n  \
        pub r#type: fn(A) -> B,\n  rows: u32, Bad: u8 }\nstruct Pair(u8, u8);\nstruct None;";
    let found = structs(text);
    assert_eq!(found.len(), 1);
    let (name, line, fields) = &found[0];
    assert_eq!((name.as_str(), *line), ("Row", 2));
    assert_eq!(
        fields.iter().map(String::as_str).collect::<Vec<_>>(),
        ["rows", "type", "uid"]
    );
    let set = |names: &str| -> BTreeSet<String> { names.split(' ').map(str::to_owned).collect() };
    assert!(carries(&set("a b c d"), &set("a b c x y z")));
    assert!(!carries(&set("a b c x y z"), &set("a b c d")));
    assert!(!carries(&set("a b c d"), &set("a b x y")));
}
