//! Reading Rust without a parser: the files, and their text with comments and strings blanked out.

use std::fs;
use std::path::{Path, PathBuf};

use overread_tests::{Outcome, repository};

/// A file by its path from the root of the repository.
pub struct Source {
    pub path: String,
    pub text: String,
}

/// Files below `folder` with one of these endings, in order; `enter` says which folders are gone through.
pub fn files(folder: &str, endings: &[&str], enter: impl Fn(&str) -> bool) -> Outcome<Vec<Source>> {
    let root = repository();
    let mut found = Vec::new();
    let mut open = vec![root.join(folder)];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.file_type()?.is_dir() {
                if enter(&name) {
                    open.push(entry.path());
                }
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                found.push(read(&root, &entry.path())?);
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(!found.is_empty(), "no file was found below {folder}");
    Ok(found)
}

fn read(root: &Path, path: &PathBuf) -> Outcome<Source> {
    Ok(Source {
        path: path.strip_prefix(root)?.display().to_string(),
        text: fs::read_to_string(path)?,
    })
}

/// Folders that hold no source of ours.
pub fn is_ours(folder: &str) -> bool {
    !folder.starts_with('.') && !["target", "node_modules", "dist", "vendor", "libtorch"].contains(&folder)
}

/// The same text with comments and the insides of strings and characters blanked out; every place keeps its number.
pub fn code(text: &str) -> String {
    let mut out: Vec<char> = text.chars().collect();
    let mut at = 0;
    while at < out.len() {
        let (from, to, next) = match (out[at], out.get(at + 1)) {
            ('/', Some('/')) => {
                let end = position(&out, at, |c| c == '\n');
                (at, end, end)
            }
            ('/', Some('*')) => {
                let end = end_of_comment(&out, at);
                (at, end, end)
            }
            ('"', _) => {
                let end = end_of_string(&out, at + 1);
                (at + 1, end, end + 1)
            }
            ('r', _) if is_raw_string(&out, at) => {
                let hashes = out[at + 1..].iter().take_while(|c| **c == '#').count();
                let end = end_of_raw_string(&out, at + 2 + hashes, hashes);
                (at + 2 + hashes, end, end + 1 + hashes)
            }
            ('\'', _) => {
                let end = end_of_character(&out, at).unwrap_or(at);
                (at, end, end.max(at + 1))
            }
            _ => (at, at, at + 1),
        };
        let to = to.min(out.len());
        for place in &mut out[from.min(to)..to] {
            if *place != '\n' {
                *place = ' ';
            }
        }
        at = next;
    }
    out.into_iter().collect()
}

fn position(text: &[char], from: usize, is_end: impl Fn(char) -> bool) -> usize {
    let found = text[from..].iter().position(|c| is_end(*c));
    found.map_or(text.len(), |distance| from + distance)
}

fn end_of_comment(text: &[char], from: usize) -> usize {
    let (mut depth, mut at) = (1, from + 2);
    while at < text.len() && depth > 0 {
        match (text[at], text.get(at + 1)) {
            ('/', Some('*')) => (depth, at) = (depth + 1, at + 2),
            ('*', Some('/')) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
    at
}

fn end_of_string(text: &[char], from: usize) -> usize {
    let mut at = from;
    while at < text.len() && text[at] != '"' {
        at += if text[at] == '\\' { 2 } else { 1 };
    }
    at
}

fn is_raw_string(text: &[char], at: usize) -> bool {
    let inside_a_word = at > 0 && is_word(text[at - 1]);
    let after = text[at + 1..].iter().find(|c| **c != '#');
    !inside_a_word && after == Some(&'"')
}

fn end_of_raw_string(text: &[char], from: usize, hashes: usize) -> usize {
    let closes = |at: &usize| text[*at] == '"' && text[at + 1..].iter().take_while(|c| **c == '#').count() >= hashes;
    (from..text.len()).find(closes).unwrap_or(text.len())
}

/// Behind the closing mark of a character; `None` for a lifetime.
fn end_of_character(text: &[char], at: usize) -> Option<usize> {
    let inside = match text.get(at + 1)? {
        '\\' => {
            let end = position(text, at + 3, |c| c == '\'');
            return (end - at < 14).then_some(end + 1);
        }
        '\'' => return None,
        _ => at + 2,
    };
    (text.get(inside) == Some(&'\'')).then_some(inside + 1)
}

pub fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Where the bracket that opens at `open` closes; the text's end when it does not.
pub fn close_of(text: &str, open: usize) -> usize {
    let mut depth = 0_u32;
    for (at, letter) in text[open..].char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return open + at;
                }
            }
            _ => {}
        }
    }
    text.len()
}

/// Byte ranges of the items under `#[cfg(test)]`: a module, a function, a struct.
pub fn test_items(code: &str) -> Vec<std::ops::Range<usize>> {
    let mut items = Vec::new();
    let mut from = 0;
    while let Some(found) = code[from..].find("#[cfg(test)]") {
        let start = from + found;
        let rest = start + "#[cfg(test)]".len();
        let end = match code[rest..].find(['{', ';']) {
            None => code.len(),
            Some(at) if code[rest + at..].starts_with(';') => rest + at + 1,
            Some(at) => (close_of(code, rest + at) + 1).min(code.len()),
        };
        items.push(start..end);
        from = end;
    }
    items
}

/// Every place at which `word` stands by itself.
pub fn words<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    text.match_indices(word).filter_map(move |(at, _)| {
        let before = text[..at].chars().next_back().is_some_and(is_word);
        let after = text[at + word.len()..].chars().next().is_some_and(is_word);
        (!before && !after).then_some(at)
    })
}

/// The word at the beginning of `text`, blanks passed over.
pub fn first_word(text: &str) -> &str {
    let text = text.trim_start();
    &text[..text.find(|c| !is_word(c)).unwrap_or(text.len())]
}

pub fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

#[test]
fn comments_and_strings_are_blanked_and_lifetimes_are_not() {
    for (text, expected) in [
        ("a // b\nc", "a     \nc"),
        ("a /* b /* c */ d */ e", "a                   e"),
        ("f(\"}\\\"{\");", "f(\"    \");"),
        ("r#\"a\"b\"#;", "r#\"   \"#;"),
        ("'{' 'a '\\n' '\\''", "    'a          "),
        ("br\"x\" r\"y\"", "br\" \" r\" \""),
    ] {
        assert_eq!(code(text), expected, "{text}");
    }
}

#[test]
fn items_of_tests_are_found_to_their_end() {
    let text = "fn a() {}\n#[cfg(test)]\nmod tests { fn b() { {} } }\nfn c() {}\n#[cfg(test)]\nmod d;\nfn e() {}";
    let found: Vec<&str> = test_items(text).into_iter().map(|range| &text[range]).collect();
    assert_eq!(
        found,
        ["#[cfg(test)]\nmod tests { fn b() { {} } }", "#[cfg(test)]\nmod d;"]
    );
}
