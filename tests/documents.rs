//! The documents: short where they promise it, and no link that leads nowhere.

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

type Done = Result<(), Box<dyn Error>>;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const README_WORDS: usize = 900;
const SCREENSHOT_BYTES: u64 = 300_000;

/// Every Markdown file of the repository, from its root.
fn documents() -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.md"])
        .current_dir(ROOT)
        .output()?;
    let listed = String::from_utf8(listed.stdout)?;
    let documents: Vec<PathBuf> = listed
        .split('\0')
        .filter(|path| !path.is_empty() && Path::new(ROOT).join(path).is_file())
        .map(PathBuf::from)
        .collect();
    assert!(
        documents.contains(&PathBuf::from("README.md")),
        "git lists no README.md: nothing would be checked"
    );
    Ok(documents)
}

/// What stands between `](` and `)`, outside of code: links and images.
fn links(text: &str) -> Vec<String> {
    let prose: Vec<&str> = text.split("```").step_by(2).collect();
    prose
        .iter()
        .flat_map(|part| part.split("](").skip(1))
        .filter_map(|rest| rest.split_once(')').map(|(target, _)| target.to_owned()))
        .collect()
}

/// The anchor by which a page is entered at a heading.
fn anchor(heading: &str) -> String {
    let plain = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = plain.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn anchors(text: &str) -> BTreeSet<String> {
    let prose: Vec<&str> = text.split("```").step_by(2).collect();
    let lines = prose.iter().flat_map(|part| part.lines());
    lines.filter(|line| line.starts_with('#')).map(anchor).collect()
}

/// Why `target`, a link in `document`, leads nowhere.
fn dead(document: &Path, text: &str, target: &str) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (path, place) = target.split_once('#').unwrap_or((target, ""));
    let named = Path::new(ROOT).join(document.parent()?).join(path);
    if !path.is_empty() && !named.exists() {
        return Some(format!("{}: {target} is not there", document.display()));
    }
    let there = match path {
        "" => anchors(text),
        _ if path.ends_with(".md") => anchors(&fs::read_to_string(named).ok()?),
        _ => return None,
    };
    let known = place.is_empty() || there.contains(place);
    (!known).then(|| format!("{}: {target}: no such heading", document.display()))
}

#[test]
fn the_readme_is_read_in_four_minutes() -> Done {
    let words = fs::read_to_string(Path::new(ROOT).join("README.md"))?
        .split_whitespace()
        .count();
    assert!(
        words <= README_WORDS,
        "README.md has {words} words; at most {README_WORDS}: the guide has room"
    );
    Ok(())
}

#[test]
fn every_link_leads_somewhere() -> Done {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for document in documents()? {
        let text = fs::read_to_string(Path::new(ROOT).join(&document))?;
        for target in links(&text) {
            seen += 1;
            wrong.extend(dead(&document, &text, &target));
        }
    }
    assert!(seen > 50, "only {seen} links were found");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    Ok(())
}

#[test]
fn every_screenshot_is_shown_somewhere_and_small() -> Done {
    let mut shown = BTreeSet::new();
    for document in documents()? {
        let text = fs::read_to_string(Path::new(ROOT).join(&document))?;
        let names = links(&text);
        shown.extend(
            names
                .iter()
                .filter_map(|link| link.rsplit('/').next().map(str::to_owned)),
        );
    }
    let mut wrong = Vec::new();
    for file in fs::read_dir(Path::new(ROOT).join("src-tauri/docs/pictures"))? {
        let file = file?;
        let name = file.file_name().to_string_lossy().into_owned();
        if !shown.contains(&name) {
            wrong.push(format!("{name}: no document shows it"));
        }
        let bytes = file.metadata()?.len();
        if bytes > SCREENSHOT_BYTES {
            wrong.push(format!("{name}: {bytes} bytes, at most {SCREENSHOT_BYTES}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    Ok(())
}

#[test]
fn a_dead_link_is_seen_and_a_good_one_is_not() {
    let text = "# Two words\n[a](README.md) [b](gone.md) ![c](#two-words)\n```\n[d](in code)\n```\n[e](#nothing)";
    assert_eq!(links(text), ["README.md", "gone.md", "#two-words", "#nothing"]);
    let document = Path::new("README.md");
    let wrong: Vec<String> = links(text)
        .iter()
        .filter_map(|target| dead(document, text, target))
        .collect();
    assert_eq!(
        wrong,
        [
            "README.md: gone.md is not there",
            "README.md: #nothing: no such heading"
        ]
    );
    assert_eq!(anchor("## What the models are for"), "what-the-models-are-for");
}
