//! Who may import whom: the walls between the rooms, read from the manifests.
//!
//! The table is that of `src-tauri/ARCHITECTURE.md`. A new room needs a row here; an exception
//! needs a reason.

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

#[path = "layers/held.rs"]
mod held;
#[path = "layers/passed_on.rs"]
mod passed_on;
#[path = "layers/readers.rs"]
mod readers;

type Done = Result<(), Box<dyn Error>>;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// A room and the rooms that it may import, for its tests too.
const MAY_IMPORT: [(&str, &[&str]); 18] = [
    ("domain", &[]),
    ("decode", &["domain"]),
    ("archives", &["domain", "decode"]),
    ("codecs", &["domain", "decode", "archives"]),
    ("engine", &["domain"]),
    ("torch", &["domain", "engine"]),
    ("records", &["domain"]),
    ("report", &["domain"]),
    ("learn", &["domain", "engine"]),
    ("samples", &["domain"]),
    ("network", &["domain"]),
    ("rules", &["domain"]),
    ("contract", &["domain"]),
    (
        "workflow",
        &[
            "domain", "contract", "decode", "engine", "records", "report", "samples", "network", "rules",
        ],
    ),
    ("workstation", &["domain", "contract", "workflow"]),
    (
        "lab",
        &["domain", "decode", "engine", "learn", "report", "samples", "workflow"],
    ),
    // `learn` for the figures that it prints.
    ("cli", &["domain", "contract", "learn", "workflow", "lab"]),
    ("desktop", &["domain", "contract", "workstation"]),
];

/// A crate from outside (a `*` at the end stands for any ending), who may name it, and why only they.
const HEAVY: [(&str, &[&str], &str); 33] = [
    ("tch", &["torch"], "libtorch lives in the worker process only"),
    ("torch-sys", &["torch"], "libtorch lives in the worker process only"),
    ("libloading", &["torch"], "CUDA is the one thing that is loaded late"),
    ("rusqlite*", &["records"], "one room writes SQL"),
    ("libsqlite3-sys", &["records"], "one room writes SQL"),
    ("typst*", &["report"], "one room sets pages"),
    ("tauri*", &["desktop"], "the window is a shell"),
    ("rfd", &["desktop"], "file dialogs belong to the window"),
    (
        "tokio",
        &["desktop"],
        "rooms are synchronous; the runtime is the window's",
    ),
    ("tracing-*", &["desktop", "cli"], "a shell says where the log goes"),
    ("webkit2gtk", &["desktop"], "the window is a shell"),
    (
        "ts-rs",
        &["domain", "contract"],
        "words and shapes of the wire are written as TypeScript",
    ),
    ("clap*", &["cli"], "the command line is a shell"),
    ("indicatif", &["cli"], "progress bars belong to the terminal"),
    (
        "dicom-*",
        &["codecs", "report", "samples", "network"],
        "the others take domain's types",
    ),
    (
        "image",
        &["codecs", "report", "samples", "workflow", "workstation", "lab", TESTS],
        "the others take pixels (workstation, lab: their tests)",
    ),
    ("jpeg*", &["codecs"], "foreign files are read in the decoder process"),
    (
        "turbojpeg*",
        &["codecs"],
        "foreign files are read in the decoder process",
    ),
    ("charls*", &["codecs"], "foreign files are read in the decoder process"),
    ("jxl*", &["codecs"], "foreign files are read in the decoder process"),
    (
        "image-webp",
        &["codecs"],
        "foreign files are read in the decoder process",
    ),
    ("png", &["codecs"], "foreign files are read in the decoder process"),
    ("tiff", &["codecs"], "foreign files are read in the decoder process"),
    (
        "encoding_rs",
        &["archives", "codecs"],
        "foreign files are read in the decoder process",
    ),
    (
        "seccompiler",
        &["codecs"],
        "the child that reads foreign files shuts itself in",
    ),
    (
        "landlock",
        &["codecs"],
        "the child that reads foreign files shuts itself in",
    ),
    ("nifti", &["codecs"], "foreign files are read in the decoder process"),
    ("zip", &["archives"], "foreign files are read in the decoder process"),
    (
        "tar",
        &["archives", "codecs"],
        "foreign files are read in the decoder process",
    ),
    (
        "lzma-rust2",
        &["archives"],
        "foreign files are read in the decoder process",
    ),
    (
        "sevenz-rust2",
        &["archives"],
        "foreign files are read in the decoder process",
    ),
    ("argon2", &["records"], "one room holds keys"),
    (
        "minisign",
        &["engine", TESTS, XTASK],
        "programs verify; who signs is no program of ours (engine: its tests)",
    ),
];

/// (who, what, why): imports that the tables forbid and that are right all the same.
const EXCEPTIONS: [(&str, &str, &str); 0] = [];

/// All that `domain` may name: words need a way to be written down and to say what is wrong, and names one way to be
/// compared.
/// `ts-rs` behind a feature that the interface's types switch on.
const DOMAIN: [&str; 4] = ["serde", "thiserror", "ts-rs", "unicode-normalization"];
const DOMAIN_TESTS: [&str; 1] = ["serde_json"];

const TESTS: &str = "overread-tests";
const XTASK: &str = "xtask";
/// What tests need of the machine; every room's tests may name it.
const NEEDS: &str = "needs";
/// It is built before anything else: keys and signatures, and the JSON of bundles.
const XTASK_MAY: [&str; 4] = ["minisign", "rpassword", "serde_json", "sha2"];

#[derive(Debug, Clone)]
struct Manifest {
    name: String,
    folder: PathBuf,
    /// Name, and whether only the crate's tests use it.
    dependencies: Vec<(String, bool)>,
}

/// The members of the workspace by cargo's own reading.
fn manifests() -> Result<Vec<Manifest>, Box<dyn Error>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(ROOT)
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let packages = metadata["packages"]
        .as_array()
        .ok_or("cargo metadata names no packages")?;
    packages
        .iter()
        .map(|package| manifest(package).ok_or_else(|| format!("odd package {package}").into()))
        .collect()
}

fn manifest(package: &serde_json::Value) -> Option<Manifest> {
    let dependency = |found: &serde_json::Value| {
        Some((
            found["name"].as_str()?.to_owned(),
            found["kind"].as_str() == Some("dev"),
        ))
    };
    Some(Manifest {
        name: package["name"].as_str()?.to_owned(),
        folder: Path::new(package["manifest_path"].as_str()?).parent()?.to_owned(),
        dependencies: package["dependencies"]
            .as_array()?
            .iter()
            .map(dependency)
            .collect::<Option<_>>()?,
    })
}

fn fits(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    }
}

/// One sentence for each import that the tables forbid.
fn violations(manifests: &[Manifest]) -> Vec<String> {
    let rooms: BTreeSet<&str> = MAY_IMPORT.iter().map(|(room, _)| *room).collect();
    let mut found = Vec::new();
    for Manifest {
        name: who,
        dependencies,
        ..
    } in manifests
    {
        let may_import = MAY_IMPORT.iter().find(|(room, _)| room == who).map(|(_, may)| *may);
        for (what, only_tests) in dependencies {
            if EXCEPTIONS.iter().any(|(w, d, _)| w == who && d == what) {
                continue;
            }
            if let Some(may) = may_import
                && rooms.contains(what.as_str())
                && !may.contains(&what.as_str())
            {
                found.push(format!("{who} imports the room {what}; it may import {may:?}"));
                continue;
            }
            if let Some((_, only, why)) = HEAVY.iter().find(|(pattern, ..)| fits(pattern, what))
                && !only.contains(&who.as_str())
            {
                found.push(format!("{who} names {what}, which belongs to {only:?}: {why}"));
            }
            let domain_may = DOMAIN.contains(&what.as_str()) || *only_tests && DOMAIN_TESTS.contains(&what.as_str());
            if who == "domain" && !domain_may {
                found.push(format!(
                    "domain names {what}; it may name {DOMAIN:?}, and {DOMAIN_TESTS:?} in tests"
                ));
            }
            if what == NEEDS && !only_tests && who != TESTS {
                found.push(format!("{who} names {NEEDS} outside of its tests"));
            }
            if who == XTASK && !XTASK_MAY.contains(&what.as_str()) && !only_tests {
                found.push(format!(
                    "xtask names {what}; it builds in seconds because it names only {XTASK_MAY:?}"
                ));
            }
        }
    }
    found
}

/// Lines of Rust below `folder/src` that are neither blank nor comment.
fn lines_of_code(folder: &Path) -> Result<usize, Box<dyn Error>> {
    let mut count = 0;
    let mut open = vec![folder.join("src")];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(dir)? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(path)?;
                let code = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with("//");
                count += text.lines().filter(code).count();
            }
        }
    }
    Ok(count)
}

#[test]
fn no_room_imports_what_the_table_forbids() -> Done {
    let manifests = manifests()?;
    assert!(
        manifests.iter().any(|m| m.name == "domain"),
        "domain is not among the members"
    );
    let violations = violations(&manifests);
    assert!(violations.is_empty(), "\n{}", violations.join("\n"));
    Ok(())
}

/// Every Rust file below the folder.
fn sources(folder: PathBuf) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let (mut open, mut found) = (vec![folder], Vec::new());
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    Ok(found)
}

#[test]
fn no_room_passes_on_what_another_one_declares() -> Done {
    let rooms = MAY_IMPORT.map(|(room, _)| room);
    let mut wrong = Vec::new();
    for path in sources(Path::new(ROOT).join("src-tauri"))? {
        // A module of its own may bear the name of a room.
        let is_own = |name: &str| {
            let file = [format!("{name}.rs"), format!("{name}/mod.rs")];
            file.iter().any(|file| path.with_file_name(file).is_file())
        };
        let passed = passed_on::passed_on(&fs::read_to_string(&path)?, &rooms, is_own);
        wrong.extend(passed.iter().map(|what| format!("{}: {what}", path.display())));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    Ok(())
}

#[test]
fn every_folder_of_crates_is_a_room_of_the_table_under_its_own_name() -> Done {
    let manifests = manifests()?;
    let folders = Path::new(ROOT).join("src-tauri/crates");
    for entry in fs::read_dir(&folders)? {
        let path = entry?.path();
        if !path.is_dir() {
            continue;
        }
        let folder = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        assert!(
            MAY_IMPORT.iter().any(|(room, _)| *room == folder),
            "no row of the table names the room {folder}"
        );
        assert!(
            manifests.iter().any(|m| m.name == folder),
            "{folder} is no member of the workspace under that name"
        );
    }
    for Manifest { name, .. } in &manifests {
        let known = MAY_IMPORT.iter().any(|(room, _)| room == name) || [TESTS, XTASK, NEEDS].contains(&name.as_str());
        assert!(known, "no row of the table names the package {name}");
    }
    Ok(())
}

#[test]
fn no_crate_is_empty() -> Done {
    for Manifest { name, folder, .. } in manifests()? {
        if name != TESTS && name != NEEDS {
            let lines = lines_of_code(&folder)?;
            assert!(
                lines > 20,
                "{name} holds {lines} lines of code: a room is built when it is needed"
            );
        }
    }
    Ok(())
}

#[test]
fn every_crate_takes_the_lints_of_the_workspace() -> Done {
    for Manifest { name, folder, .. } in manifests()? {
        let text = fs::read_to_string(folder.join("Cargo.toml"))?;
        let lints = text.split("[lints]").nth(1).unwrap_or_default();
        assert!(
            lints.trim_start().starts_with("workspace = true"),
            "{name} lacks `[lints] workspace = true`"
        );
    }
    Ok(())
}

#[test]
fn a_breach_of_each_wall_is_seen() {
    let breach = |who: &str, what: &str, only_tests: bool| {
        let dependencies = vec![(what.to_owned(), only_tests)];
        violations(&[Manifest {
            name: who.to_owned(),
            folder: PathBuf::new(),
            dependencies,
        }])
    };
    for (who, what) in [
        ("domain", "engine"),
        ("domain", "tracing"),
        ("decode", "records"),
        ("decode", "png"),
        ("workflow", "codecs"),
        ("workflow", "archives"),
        ("torch", "workflow"),
        ("workflow", "torch"),
        ("cli", "records"),
        ("workflow", "rusqlite"),
        ("engine", "tch"),
        ("workflow", "dicom-object"),
        ("cli", "typst-pdf"),
        ("workflow", "tokio"),
        ("cli", "tauri-build"),
        ("desktop", "records"),
        ("xtask", "serde"),
    ] {
        assert_eq!(
            breach(who, what, false).len(),
            1,
            "{who} importing {what} was not seen once"
        );
    }
    assert!(
        !breach("records", "report", true).is_empty(),
        "tests stay behind the wall too"
    );
    assert!(!breach("domain", "serde_json", false).is_empty());
    assert!(!breach("decode", NEEDS, false).is_empty());
    assert!(breach("decode", NEEDS, true).is_empty());
    for (who, what, only_tests) in [
        ("domain", "serde_json", true),
        ("torch", "tch", false),
        ("workflow", "records", false),
        (TESTS, "image", false),
    ] {
        assert_eq!(breach(who, what, only_tests), Vec::<String>::new());
    }
}
