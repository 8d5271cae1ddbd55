//! Modules of a room that need each other in a circle: none of them can be read, tested or moved alone.

use std::collections::{BTreeMap, BTreeSet};

use needs::measured;
use overread_tests::Done;

use super::shares::{sources, without_tests};
use super::source::{first_word, is_word};

/// So many modules of a room may stand in circles; rooms that are not named, none. Those that do hold the types of one
/// thing, each of which names others: a plane and its greys, a bundle and its tensors, an evaluation and its figures.
const IN_CIRCLES: [(&str, usize); 6] = [
    ("archives", 2),
    ("decode", 2),
    ("domain", 9),
    ("engine", 3),
    ("learn", 7),
    ("workstation", 2),
];

/// Types that `lib.rs` passes on, by the module they come from.
fn passed_on(lib: &str) -> BTreeMap<&str, &str> {
    let mut from = BTreeMap::new();
    for (at, mark) in lib.match_indices("pub use ") {
        let Some((path, _)) = lib[at + mark.len()..].split_once(';') else {
            continue;
        };
        let module = first_word(path);
        let names = path[module.len()..].split(|letter: char| !is_word(letter));
        from.extend(names.filter(|name| !name.is_empty()).map(|name| (name, module)));
    }
    from
}

/// A source's text with every way to the room's root written as `crate::`: so many `super::` as the file lies deep.
fn from_root(path: &str, text: &str) -> String {
    let below: Vec<&str> = path.split('/').skip(4).collect();
    let deep = below.len() - usize::from(below.last() == Some(&"mod.rs"));
    text.replace(&"super::".repeat(deep.max(1)), "crate::")
}

type Graph = BTreeMap<String, BTreeSet<String>>;

/// Names after `crate::`, also those of `use crate::{a::b, c};`.
fn named(text: &str) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    for (at, mark) in text.match_indices("crate::") {
        let rest = &text[at + mark.len()..];
        if text[..at].chars().next_back().is_some_and(is_word) {
            continue;
        }
        match rest.strip_prefix('{') {
            None => drop(names.insert(first_word(rest))),
            Some(group) => {
                let mut depth = 0;
                let mut first = true;
                for (at, letter) in group.char_indices() {
                    match letter {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => first = true,
                        letter if first && is_word(letter) => {
                            names.insert(first_word(&group[at..]));
                            first = false;
                        }
                        _ => {}
                    }
                }
            }
        }
    }
    names
}

fn reached<'a>(graph: &'a Graph, from: &str) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    let mut open: Vec<&str> = graph.get(from).into_iter().flatten().map(String::as_str).collect();
    while let Some(next) = open.pop() {
        if seen.insert(next) {
            open.extend(graph.get(next).into_iter().flatten().map(String::as_str));
        }
    }
    seen
}

/// Sets of modules that reach each other.
fn circles(graph: &Graph) -> BTreeSet<BTreeSet<&str>> {
    let reach: BTreeMap<&str, BTreeSet<&str>> = graph.keys().map(|m| (m.as_str(), reached(graph, m))).collect();
    let together = |a: &str, b: &str| reach[a].contains(b) && reach[b].contains(a);
    let modules = || graph.keys().map(String::as_str);
    modules()
        .filter(|m| reach[m].contains(m))
        .map(|m| modules().filter(|other| together(m, other)).collect())
        .collect()
}

#[test]
fn no_more_modules_stand_in_circles() -> Done {
    let mut texts: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for (room, source) in sources()? {
        let below = source.path.split('/').nth(4).unwrap_or_default();
        let module = below.trim_end_matches(".rs").to_owned();
        let text = from_root(&source.path, without_tests(&source.text));
        *texts.entry(room).or_default().entry(module).or_default() += &text;
    }
    let mut found = Vec::new();
    let mut wrong = Vec::new();
    for (room, modules) in &texts {
        let is_root = |module: &str| ["lib", "main"].contains(&module);
        let lib = modules.get("lib").map(|text| passed_on(text)).unwrap_or_default();
        let uses = |module: &str, text: &str| -> BTreeSet<String> {
            let names = named(text).into_iter();
            let names = names.map(|name| lib.get(name).copied().unwrap_or(name));
            let names = names.filter(|name| *name != module);
            names
                .filter(|name| modules.contains_key(*name) && !is_root(name))
                .map(str::to_owned)
                .collect()
        };
        let inner = modules.iter().filter(|(module, _)| !is_root(module));
        let graph: Graph = inner
            .map(|(module, text)| (module.clone(), uses(module, text)))
            .collect();
        let circles = circles(&graph);
        let count: usize = circles.iter().map(BTreeSet::len).sum();
        let bound = IN_CIRCLES
            .iter()
            .find(|(name, _)| name == room)
            .map_or(0, |(_, bound)| *bound);
        if count > 0 {
            found.push(format!("{room} {count} of {}", graph.len()));
        }
        if count > bound {
            wrong.push(format!(
                "{room}: {count} modules in circles, and {bound} are the bound: {circles:?}"
            ));
        }
    }
    measured(&format!("modules in circles: {}", found.join(", ")));
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    Ok(())
}

#[test]
fn a_circle_is_seen_and_a_chain_is_none() {
    let names: Vec<&str> = named("use crate::a::b; use crate::{c, d::{x, y}, e as f};\nxcrate::g; crate::h()")
        .into_iter()
        .collect();
    assert_eq!(names, ["a", "c", "d", "e", "h"]);
    let lib = passed_on("pub mod b;\npub use a::{One, Two};\npub use b::Three;");
    assert_eq!(
        [lib.get("Two"), lib.get("Three"), lib.get("b")],
        [Some(&"a"), Some(&"b"), None]
    );
    for (path, text) in [
        ("a.rs", "super::B"),
        ("a/mod.rs", "super::B"),
        ("a/c.rs", "super::super::B"),
    ] {
        assert_eq!(
            from_root(&format!("src-tauri/crates/room/src/{path}"), text),
            "crate::B"
        );
    }
    let graph = |edges: &[(&str, &[&str])]| -> Graph {
        let edge = |(from, to): &(&str, &[&str])| ((*from).to_owned(), to.iter().map(|t| (*t).to_owned()).collect());
        edges.iter().map(edge).collect()
    };
    assert!(circles(&graph(&[("a", &["b"]), ("b", &["c"]), ("c", &[])])).is_empty());
    let circle = graph(&[("a", &["b"]), ("b", &["c"]), ("c", &["a"]), ("d", &["a"])]);
    assert_eq!(circles(&circle), [["a", "b", "c"].into()].into());
}
