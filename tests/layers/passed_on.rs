//! What a source file passes on of another room, in whichever form Rust has for it.

use std::collections::BTreeMap;

/// Words and signs of the text, without comments and what stands in quotes.
fn tokens(text: &str) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    let at = |place: usize| letters.get(place).copied().unwrap_or('\0');
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let mut found = Vec::new();
    let mut place = 0;
    while place < letters.len() {
        let letter = at(place);
        let start = place;
        if letter == '/' && at(place + 1) == '/' {
            while place < letters.len() && at(place) != '\n' {
                place += 1;
            }
        } else if letter == '/' && at(place + 1) == '*' {
            let mut deep = 0;
            while place < letters.len() {
                match (at(place), at(place + 1)) {
                    ('/', '*') => (deep, place) = (deep + 1, place + 2),
                    ('*', '/') => (deep, place) = (deep - 1, place + 2),
                    _ => place += 1,
                }
                if deep == 0 {
                    break;
                }
            }
        } else if letter == '"' {
            place += 1;
            while place < letters.len() && at(place) != '"' {
                place += if at(place) == '\\' { 2 } else { 1 };
            }
            place += 1;
        } else if letter == '\'' {
            // A letter in quotes; else a lifetime, whose name is a word like others.
            place += match (at(place + 1), at(place + 2)) {
                ('\\', _) => {
                    let rest = letters.iter().skip(place + 3).position(|letter| *letter == '\'');
                    rest.map_or(1, |rest| rest + 4)
                }
                (_, '\'') => 3,
                _ => 1,
            };
        } else if is_word(letter) {
            while is_word(at(place)) {
                place += 1;
            }
            let word: String = letters[start..place].iter().collect();
            let hashes = letters[place..].iter().take_while(|letter| **letter == '#').count();
            if word.ends_with('r') && at(place + hashes) == '"' {
                // A raw string: to its quote with as many signs behind it.
                let end: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
                place += hashes + 1;
                while place < letters.len() && !letters[place..].starts_with(&end) {
                    place += 1;
                }
                place += end.len();
            } else if word == "r" && hashes == 1 {
                place += 1;
            } else {
                found.push(word);
            }
        } else {
            if !letter.is_whitespace() {
                found.push(letter.to_string());
            }
            place += 1;
        }
    }
    found
}

/// Every path of a tree of imports with the name that it gets here; a path from all crates begins with `::`.
fn paths(tree: &[String], before: &[String], found: &mut Vec<(Vec<String>, String)>) {
    let mut path = before.to_vec();
    let mut name = None;
    let mut is_group = false;
    for (place, token) in tree.iter().enumerate() {
        let after = &tree[place + 1..];
        match token.as_str() {
            ":" if path.is_empty() => path.push("::".to_owned()),
            ":" => {}
            "{" => {
                let inner = &after[..after.iter().rposition(|token| token == "}").unwrap_or(after.len())];
                let mut deep = 0;
                let parts = inner.split(|token| {
                    deep += i32::from(token == "{") - i32::from(token == "}");
                    deep == 0 && token == ","
                });
                let parts = parts.filter(|part| !part.is_empty());
                parts.for_each(|part| paths(part, &path, found));
                is_group = true;
                break;
            }
            "as" => {
                name = after.first().cloned();
                break;
            }
            word => path.push(word.to_owned()),
        }
    }
    let last = match path.as_slice() {
        [.., module, last] if last == "self" => module.clone(),
        [.., last] => last.clone(),
        [] => String::new(),
    };
    if !is_group {
        found.push((path, name.unwrap_or(last)));
    }
}

/// Names of what stands between the outer `<` and `>`, without bounds and defaults.
fn parameters(tokens: &[String]) -> Vec<String> {
    let inner = match (
        tokens.iter().position(|token| token == "<"),
        tokens.iter().rposition(|token| token == ">"),
    ) {
        (Some(first), Some(last)) if first < last => &tokens[first + 1..last],
        _ => &[],
    };
    let mut deep = 0;
    let parts = inner.split(|token| {
        deep += i32::from(token == "<") - i32::from(token == ">");
        deep == 0 && token == ","
    });
    let plain = |part: &[String]| {
        let end = part.iter().position(|token| token == ":" || token == "=");
        part[..end.unwrap_or(part.len())].concat()
    };
    parts.map(plain).filter(|name| !name.is_empty()).collect()
}

/// What the text declares for all and has from one of `rooms`. A path within this room, also to a module of its own
/// with the name of a room, is none: `is_own` says which those are.
pub fn passed_on(text: &str, rooms: &[&str], is_own: impl Fn(&str) -> bool) -> Vec<String> {
    let tokens = tokens(text);
    // Every name that stands for a room or a part of one here.
    let mut others: BTreeMap<String, String> = BTreeMap::new();
    let mut said: Vec<(bool, Vec<String>, String)> = Vec::new();
    for place in 0..tokens.len() {
        let word = |back: usize| place.checked_sub(back).map_or("", |place| tokens[place].as_str());
        let for_all = word(1) == "pub";
        let statement = |from: usize| {
            let rest = &tokens[from.min(tokens.len())..];
            &rest[..rest.iter().position(|token| token == ";").unwrap_or(rest.len())]
        };
        match word(0) {
            // Not the bound of what an opaque type captures.
            "use" if tokens.get(place + 1).is_some_and(|next| next != "<") => {
                let mut found = Vec::new();
                paths(statement(place + 1), &[], &mut found);
                said.extend(found.into_iter().map(|(path, name)| (for_all, path, name)));
            }
            "crate" if word(1) == "extern" => {
                let mut found = Vec::new();
                paths(statement(place + 1), &["::".to_owned()], &mut found);
                said.extend(found.into_iter().map(|(path, name)| (word(2) == "pub", path, name)));
            }
            "type" if for_all => {
                let statement = statement(place + 1);
                let mut deep = 0;
                let equals = statement.iter().position(|token| {
                    deep += i32::from(token == "<") - i32::from(token == ">");
                    deep == 0 && token == "="
                });
                let Some(equals) = equals else { continue };
                let path: Vec<String> = statement[equals + 1..]
                    .iter()
                    .take_while(|token| *token == ":" || token.starts_with(|c: char| c.is_alphabetic() || c == '_'))
                    .cloned()
                    .collect();
                // With arguments of its own it is a type of this room.
                if parameters(&statement[..equals]) != parameters(&statement[equals..]) {
                    continue;
                }
                let mut found = Vec::new();
                paths(&path, &[], &mut found);
                said.extend(found.into_iter().map(|(path, name)| (true, path, name)));
            }
            _ => {}
        }
    }
    let is_room = |name: &str| rooms.contains(&name);
    let room_of = |path: &[String], others: &BTreeMap<String, String>| match path {
        [all, first, ..] if all == "::" => is_room(first).then(|| first.clone()),
        [first, ..] if is_room(first) && !is_own(first) => Some(first.clone()),
        [first, ..] => others.get(first).cloned(),
        [] => None,
    };
    // A name may be declared below its use.
    for _ in 0..2 {
        for (for_all, path, name) in &said {
            if let Some(room) = room_of(path, &others)
                && !for_all
                && !is_room(name)
            {
                others.insert(name.clone(), room);
            }
        }
    }
    said.iter()
        .filter(|(for_all, path, _)| *for_all && room_of(path, &others).is_some())
        .map(|(_, path, name)| format!("{} as {name}", path.join("::").replace("::::", "::")))
        .collect()
}

#[test]
fn every_form_of_passing_on_is_seen() {
    let rooms = ["domain", "engine"];
    let passed = |text: &str| passed_on(text, &rooms, |_| false);
    for form in [
        "pub use domain::X;",
        "  pub use engine::queue::Urgency;",
        "pub use ::domain::X;",
        "pub use::domain::X;",
        "pub use domain;",
        "pub use domain as d;",
        "pub use {domain::X};",
        "pub use {std::fmt, domain::X as Y};",
        "pub use {std::{fmt, io}, engine::{a, b::{c, d}}};",
        "pub use domain::*;",
        "pub use domain::{self, X};",
        "pub use r#domain::X;",
        "pub extern crate domain;",
        "pub extern crate domain as d;",
        "pub type X = domain::X;",
        "pub type X<T> = ::domain::X<T>;",
        "pub type X<T = u8> = domain::X<T>;",
        "pub type X<'a, T: Copy> = domain::X<'a, T>;",
        "#[doc(inline)]\npub use domain::X;",
        "#[doc(inline)] pub use domain::X;",
        "/* of old */ pub /* all */ use domain::X;",
        "pub\nuse\n    domain\n    ::X;",
        "mod inner { pub use domain::X; }",
        "use domain as d;\npub use d::X;",
        "extern crate domain as d;\npub use d::X;",
        "pub use failure::X;\nuse domain::failure;",
        "use {domain::{failure as f}};\npub type X = f::X;",
        "const A: char = '\"'; pub use domain::X;",
        "const A: &str = r#\"\"\"#; pub use domain::X;",
        "fn a<'a>() {} pub use domain::X;",
    ] {
        assert!(!passed(form).is_empty(), "not seen: {form}");
    }
    for form in [
        "use domain::A;",
        "pub(crate) use domain::A;",
        "pub use self::domain::B;",
        "pub use crate::domain::B;",
        "pub use std::fmt;",
        "// pub use domain::X;",
        "/* pub use domain::X; */",
        "const A: &str = \"pub use domain::X;\";",
        "const A: &str = r#\"pub use domain::X;\"#;",
        "pub type R<T> = std::result::Result<T, domain::E>;",
        "pub type R<T = domain::E> = Vec<T>;",
        "pub fn f() -> impl Iterator + use<> {}",
        "pub use domains::X;",
        "pub type W<'a> = domain::Watch<'a, Phase>;",
        "use domain::Done;\npub type S<T> = Done<Tag<T, ()>>;",
        "use domain::X;\npub struct Y(X);",
        "pub fn f(x: domain::X) {}",
    ] {
        assert_eq!(passed(form), Vec::<String>::new(), "wrongly seen: {form}");
    }
    let own = passed_on("pub use domain::X;\npub use ::domain::Y;", &rooms, |name| {
        name == "domain"
    });
    assert_eq!(own, ["::domain::Y as Y"]);
}
