//! Habits that hold in every file of the repository.
//!
//! Words that are looked for are put together here, so that this file does not find itself.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::Command;

use needs::{Found, Lack, need};

type Outcome<T> = Result<T, Box<dyn Error>>;
type Done = Outcome<()>;

#[path = "tidy/words.rs"]
mod words;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const LONGEST: usize = 500;
/// The why of a commit stands in its body.
const LONGEST_SUBJECT: usize = 72;
/// When that became a habit; earlier commits stay as they are.
const SUBJECTS_SINCE: &str = "2026-11-29T21:00:00Z";

const TOP_LEVEL: [&str; 19] = [
    ".cargo",
    ".ci",
    ".gitignore",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "LICENSE",
    "README.md",
    "SECURITY.md",
    "models",
    "rust-toolchain.toml",
    "rustfmt.toml",
    "sample-data",
    "src-tauri",
    "tests",
    "ui",
];

/// Outside crates that need no decision record: small, usual, and easily replaced.
const PLAIN: [&str; 23] = [
    "csv",
    "encoding_rs",
    "flate2",
    "getrandom",
    "half",
    "hmac",
    "indicatif",
    "jiff",
    "libloading",
    "memchr",
    "rand",
    "rand_pcg",
    "rpassword",
    "serde",
    "serde_json",
    "sha2",
    "tempfile",
    "thiserror",
    "tracing",
    "tracing-subscriber",
    "unicode-normalization",
    "walkdir",
    "zeroize",
];

/// A text file of the repository: its path from the root and its content.
struct Text {
    path: String,
    content: String,
}

impl Text {
    fn is_one_of(&self, extensions: &[&str]) -> bool {
        let extension = Path::new(&self.path)
            .extension()
            .map(|e| e.to_string_lossy().into_owned());
        extension.is_some_and(|extension| extensions.contains(&extension.as_str()))
    }

    fn is_lock(&self) -> bool {
        ["Cargo.lock", "package-lock.json"]
            .iter()
            .any(|name| self.path.ends_with(name))
    }
}

/// Paths that git tracks or would track.
fn paths() -> Outcome<Found<Vec<String>>> {
    let mut git = Command::new("git");
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(ROOT);
    let output = match git.output() {
        Ok(output) if output.status.success() => output,
        _ => return Ok(Err(Lack::of("git does not list the files of the repository"))),
    };
    let listed = String::from_utf8(output.stdout)?;
    let there = |path: &&str| !path.is_empty() && Path::new(ROOT).join(path).is_file();
    let mut paths: Vec<String> = listed.split('\0').filter(there).map(str::to_owned).collect();
    paths.sort();
    paths.dedup();
    assert!(
        paths.iter().any(|path| path == "Cargo.toml"),
        "git lists no Cargo.toml: the walls would check nothing"
    );
    Ok(Ok(paths))
}

fn texts() -> Outcome<Found<Vec<Text>>> {
    let paths = match paths()? {
        Ok(paths) => paths,
        Err(lack) => return Ok(Err(lack)),
    };
    let mut texts = Vec::new();
    for path in paths {
        let bytes = fs::read(Path::new(ROOT).join(&path))?;
        if !bytes.contains(&0)
            && let Ok(content) = String::from_utf8(bytes)
        {
            texts.push(Text { path, content });
        }
    }
    Ok(Ok(texts))
}

/// "path:line: what" for every line in which `find` finds something.
fn found(texts: &[Text], find: impl Fn(&Text, &str) -> Option<String>) -> Vec<String> {
    let mut places = Vec::new();
    for text in texts {
        for (index, line) in text.content.lines().enumerate() {
            if let Some(what) = find(text, line) {
                places.push(format!("{}:{}: {what}", text.path, index + 1));
            }
        }
    }
    places
}

fn none(places: &[String]) {
    assert!(places.is_empty(), "\n{}", places.join("\n"));
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Whether `word` stands in `line` with no letter, digit or underscore beside it.
fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        !line[..at].chars().next_back().is_some_and(is_word)
            && !line[at + word.len()..].chars().next().is_some_and(is_word)
    })
}

fn unfinished(text: &Text, line: &str) -> Option<String> {
    if !text.is_one_of(&[
        "rs", "ts", "js", "svelte", "py", "sh", "sql", "toml", "css", "html", "typ", "md",
    ]) {
        return None;
    }
    let shouted = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("HA", "CK")];
    let macros = [concat!("to", "do!"), concat!("unimple", "mented!")];
    let phrases = [
        concat!("for ", "now"),
        concat!("not ", "implemented"),
        concat!("place", "holder"),
    ];
    let lower = line.to_lowercase();
    // The attribute of an input field, and its style, is a word of HTML.
    let markup = text.is_one_of(&["svelte", "html", "css", "ts"]);
    let is_attribute =
        |word: &str| markup && (lower.contains(&format!("{word}=")) || lower.contains(&format!(":{word}")));
    let phrase = phrases
        .iter()
        .find(|word| has_word(&lower, word) && !is_attribute(word));
    let attribute = [concat!("#[ig", "nore"), concat!("#[should", "_panic")];
    let attribute = attribute
        .iter()
        .find(|word| text.is_one_of(&["rs"]) && line.contains(**word));
    let word = shouted.iter().find(|word| has_word(line, word));
    let called = macros
        .iter()
        .find(|word| text.is_one_of(&["rs"]) && line.contains(**word));
    word.or(phrase).or(attribute).or(called).map(|word| format!("'{word}'"))
}

/// A type whose name says nothing of what it is.
fn empty_name(text: &Text, line: &str) -> Option<String> {
    if !text.is_one_of(&["rs", "ts", "svelte"]) {
        return None;
    }
    let words: Vec<&str> = line
        .split(|c: char| !is_word(c))
        .filter(|word| !word.is_empty())
        .collect();
    let declares = ["struct", "enum", "trait", "type", "union", "class", "interface"];
    let name = words
        .windows(2)
        .find(|pair| declares.contains(&pair[0]))
        .map(|pair| pair[1])?;
    let endings = ["Manager", "Service", "Helper", "Util", "Utils", "Processor"];
    endings
        .iter()
        .any(|ending| name.ends_with(ending))
        .then(|| format!("the type name {name}"))
}

/// The host of a package registry, or a path that only one machine has.
fn names_a_machine(text: &Text, line: &str) -> Option<String> {
    if text.is_lock() {
        return None;
    }
    let hosts = [
        concat!("crates", ".io"),
        concat!("pypi", ".org"),
        concat!("python", "hosted.org"),
        concat!("npm", "js."),
    ];
    if let Some(host) = hosts.iter().find(|host| line.contains(**host)) {
        return Some(format!("the registry host {host}"));
    }
    let folders = [
        concat!("/wo", "rk"),
        concat!("/ro", "ot"),
        concat!("/ho", "me"),
        concat!("/t", "mp"),
    ];
    folders
        .iter()
        .find(|folder| has_absolute(line, folder))
        .map(|folder| format!("the machine's path {folder}"))
}

/// Whether `folder` stands in `line` as the beginning of an absolute path.
fn has_absolute(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let inside = |c: char| is_word(c) || "./-}*)~<".contains(c);
        !line[..at].chars().next_back().is_some_and(inside)
            && !line[at + folder.len()..]
                .chars()
                .next()
                .is_some_and(|c| is_word(c) || c == '-')
    })
}

/// Names under `[workspace.dependencies]` that are not our own rooms.
fn outside_dependencies(manifest: &str) -> Vec<&str> {
    let section = manifest.split("[workspace.dependencies]").nth(1).unwrap_or_default();
    section
        .lines()
        .take_while(|line| !line.starts_with('['))
        .filter(|line| !line.contains("path = \""))
        .filter_map(|line| line.split_once('=').map(|(name, _)| name.trim()))
        .filter(|name| !name.is_empty() && !name.starts_with('#'))
        .collect()
}

/// Words of another century or another thought's order; `docs/style.md` says what stands in their place.
fn poor_word(text: &Text, line: &str) -> Option<String> {
    let is_released = text.path.contains("/sql/migrations/");
    let is_style = text.path.ends_with("docs/style.md");
    if is_released
        || is_style
        || text.is_lock()
        || !text.is_one_of(&["rs", "ts", "svelte", "json", "md", "sql", "toml"])
    {
        return None;
    }
    let words = [
        concat!("an", "ew"),
        concat!("whi", "ther"),
        concat!("be", "fall"),
        concat!("be", "falls"),
        concat!("be", "fell"),
        concat!("mean", "while"),
        concat!("of its own ac", "cord"),
    ];
    let lower = line.to_lowercase();
    // In a name of several words too.
    let apart = lower.replace('_', " ");
    let word = words.iter().find(|word| has_word(&apart, word));
    let word = word.copied().or_else(|| words::poor_word_for_readers(text, &lower))?;
    Some(format!("'{word}'; docs/style.md has a better word"))
}

/// Commit subjects since this habit began that do not fit into a list of commits.
fn long_subjects(log: &str) -> Vec<String> {
    let long = |subject: &&str| subject.chars().count() > LONGEST_SUBJECT;
    log.lines()
        .filter(long)
        .map(|subject| format!("over {LONGEST_SUBJECT} characters: {subject}"))
        .collect()
}

fn decisions(texts: &[Text]) -> Vec<&Text> {
    let is_decision = |text: &&Text| text.path.starts_with("src-tauri/docs/decisions/");
    texts.iter().filter(is_decision).collect()
}

#[test]
fn no_file_is_longer_than_can_be_read_in_one_go() -> Done {
    let generated = |text: &Text| {
        text.content
            .lines()
            .next()
            .is_some_and(|first| first.contains("generated by"))
    };
    let long = |text: &&Text| text.content.lines().count() > LONGEST && !generated(text);
    let texts: Vec<Text> = need!(texts()?)
        .into_iter()
        .filter(|t| t.is_one_of(&["rs", "ts", "svelte", "py", "sql"]))
        .collect();
    let places: Vec<String> = texts
        .iter()
        .filter(long)
        .map(|t| format!("{}: over {LONGEST} lines", t.path))
        .collect();
    none(&places);
    Ok(())
}

#[test]
fn nothing_is_left_unfinished() -> Done {
    none(&found(&need!(texts()?), unfinished));
    Ok(())
}

#[test]
fn type_names_say_what_the_thing_is() -> Done {
    none(&found(&need!(texts()?), empty_name));
    Ok(())
}

#[test]
fn words_are_those_of_today() -> Done {
    none(&found(&need!(texts()?), poor_word));
    Ok(())
}

#[test]
fn commit_subjects_fit_into_a_list() -> Done {
    let since = format!("--since={SUBJECTS_SINCE}");
    let git = Command::new("git")
        .args(["log", "--format=%s", &since])
        .current_dir(ROOT)
        .output();
    let log = match git {
        Ok(output) if output.status.success() => String::from_utf8(output.stdout)?,
        _ => return Lack::of("git lists no commits of the repository").end(),
    };
    none(&long_subjects(&log));
    Ok(())
}

#[test]
fn nothing_names_a_registry_host_or_a_path_of_one_machine() -> Done {
    none(&found(&need!(texts()?), names_a_machine));
    Ok(())
}

#[test]
fn the_top_level_holds_only_what_belongs_there() -> Done {
    let top = |path: &String| path.split('/').next().unwrap_or_default().to_owned();
    let strange: Vec<String> = need!(paths()?)
        .iter()
        .map(top)
        .filter(|name| !TOP_LEVEL.contains(&name.as_str()))
        .collect();
    none(&strange);
    Ok(())
}

#[test]
fn decision_records_are_numbered_and_linked_from_the_architecture() -> Done {
    let texts = need!(texts()?);
    let architecture = Path::new(ROOT).join("src-tauri/ARCHITECTURE.md");
    let architecture = fs::read_to_string(architecture).map_err(|e| format!("src-tauri/ARCHITECTURE.md: {e}"))?;
    let decisions = decisions(&texts);
    assert!(!decisions.is_empty(), "no decision record in src-tauri/docs/decisions");
    for (index, decision) in decisions.iter().enumerate() {
        let name = decision.path.rsplit('/').next().unwrap_or_default();
        let number = format!("{:04}-", index + 1);
        assert!(
            name.starts_with(&number),
            "{name} should begin with {number}: records are numbered without a gap"
        );
        assert!(
            architecture.contains(&format!("docs/decisions/{name}")),
            "ARCHITECTURE.md does not link {name}"
        );
    }
    Ok(())
}

#[test]
fn every_outside_dependency_is_decided_used_and_listed_once() -> Done {
    let texts = need!(texts()?);
    let manifest = fs::read_to_string(Path::new(ROOT).join("Cargo.toml"))?;
    let names = outside_dependencies(&manifest);
    assert!(names.contains(&"serde"), "the workspace's dependencies were not read");
    let decisions = decisions(&texts);
    let used = |name: &str| {
        let uses = [
            format!("{name}.workspace = true"),
            format!("{name} = {{ workspace = true"),
        ];
        let uses = |line: &str| uses.iter().any(|start| line.starts_with(start));
        texts
            .iter()
            .any(|text| text.path.ends_with("/Cargo.toml") && text.content.lines().any(uses))
    };
    let mut wrong = Vec::new();
    for name in &names {
        let decided = decisions
            .iter()
            .any(|decision| decision.content.contains(&format!("`{name}`")));
        if !decided && !PLAIN.contains(name) {
            wrong.push(format!(
                "{name}: no decision record says why (as `{name}`), and the plain list lacks it"
            ));
        }
        if !used(name) {
            wrong.push(format!(
                "{name}: stands in the workspace's dependencies and no crate uses it"
            ));
        }
    }
    let stale = PLAIN.iter().filter(|name| !names.contains(name));
    wrong.extend(stale.map(|name| format!("{name}: stands in the plain list and not in the workspace's dependencies")));
    none(&wrong);
    Ok(())
}

#[test]
fn each_habit_sees_a_breach_and_leaves_the_rest_alone() {
    let file = |path: &str| Text {
        path: path.to_owned(),
        content: String::new(),
    };
    let (rust, svelte, markdown) = (file("a.rs"), file("a.svelte"), file("a.md"));
    for line in [
        concat!("// TO", "DO: later"),
        concat!("fine for ", "now"),
        concat!("  #[ig", "nore]"),
        concat!("to", "do!()"),
    ] {
        assert!(unfinished(&rust, line).is_some(), "{line:?} was not seen");
    }
    assert!(unfinished(&markdown, concat!("A Place", "holder.")).is_some());
    assert!(unfinished(&svelte, concat!("<input place", "holder=\"Find\">")).is_none());
    assert!(unfinished(&rust, "let before = nowhere(); // do it for nowadays").is_none());

    assert!(poor_word(&rust, concat!("// It starts an", "ew.")).is_some());
    assert!(poor_word(&markdown, concat!("Mean", "while, it waits.")).is_some());
    assert!(poor_word(&file("a/sql/migrations/0001.sql"), concat!("-- made an", "ew")).is_none());
    assert!(poor_word(&markdown, "Nine pictures were read.").is_some());
    let names = "Multi-picture JPEG: `pictures`, [here](docs/pictures/a.png).";
    assert!(poor_word(&markdown, names).is_none());
    let words = file("ui/src/words/en.json");
    assert!(poor_word(&words, r#"  "job.canceled": "Stopped.","#).is_none());
    assert!(poor_word(&words, r#"  "job.stopped": "It was canceled.","#).is_some());
    assert!(poor_word(&rust, "// of pictures").is_none());
    assert!(poor_word(&rust, r#"return Err(bad("written with other pictures"));"#).is_some());
    assert!(poor_word(&rust, r#"let pictures = read("pictures", "of a folder");"#).is_none());
    assert!(poor_word(&rust, concat!("const START_AN", "EW: u8 = 1;")).is_some());
    assert!(poor_word(&rust, "let renewal = nanew();").is_none());

    assert!(long_subjects(&format!("short\n{}\n", "é".repeat(LONGEST_SUBJECT))).is_empty());
    assert_eq!(long_subjects(&"x".repeat(LONGEST_SUBJECT + 1)).len(), 1);

    assert!(empty_name(&rust, concat!("pub struct Queue", "Manager {")).is_some());
    assert!(empty_name(&rust, concat!("    Model", "Manager,")).is_none());
    assert!(empty_name(&svelte, concat!("export class Date", "Util {")).is_some());

    assert!(names_a_machine(&rust, concat!("open(\"/t", "mp/x\")")).is_some());
    assert!(names_a_machine(&markdown, concat!("see https://crates", ".io/x")).is_some());
    assert!(names_a_machine(&rust, concat!("let a = \"../wo", "rk/x\" + \"src/wo", "rkflow\"")).is_none());
    assert!(names_a_machine(&file("Cargo.lock"), concat!("crates", ".io")).is_none());

    let manifest =
        "[workspace.dependencies]\ndomain = { path = \"x\" }\n\n# why\nserde = \"1\"\n[profile.dev]\na = 1\n";
    assert_eq!(outside_dependencies(manifest), ["serde"]);
}
