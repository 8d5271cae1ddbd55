//! The child's sandbox, by a child that tries to leave it: each attempt ends it, and without the filter they work.
//!
//! The children are this program, started by the real pool through the real protocol and shut in by the same call as
//! the decoder. What a child does stands in the name by which it is started. The shipped decoder has no such mode.

#![allow(unsafe_code, reason = "the attempts are bare system calls")]

#[path = "../common/mod.rs"]
mod common;
mod probes;

use std::{
    error::Error,
    io::{self, Read, Write},
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::ExitCode,
};

use codecs::sandbox;
use common::{Done, rows};
use decode::{DecodeError, Decoders, Limits, Source, Urgency, Wanted, protocol};
use domain::FailureCode;
use needs::data;
use probes::PROBES;

/// How a child is shut in before its attempt.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Shut {
    /// As the decoder is.
    In,
    /// The same, as the user "nobody".
    InAsNobody,
    /// Limits and Landlock, and no filter.
    WithoutFilter,
    /// Not at all.
    Open,
}

const SHUT: [(Shut, &str); 4] = [
    (Shut::In, "in"),
    (Shut::InAsNobody, "nobody"),
    (Shut::WithoutFilter, "unfiltered"),
    (Shut::Open, "open"),
];

impl Shut {
    fn apply(self, limits: &Limits) -> io::Result<()> {
        match self {
            Shut::In => sandbox::enter(limits),
            Shut::InAsNobody => {
                probes::become_nobody()?;
                sandbox::enter(limits)
            }
            Shut::WithoutFilter => sandbox::without_filter(limits),
            Shut::Open => Ok(()),
        }
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let name = arguments.first().map(Path::new).and_then(Path::file_name);
    let child = name.and_then(|name| name.to_str()?.strip_prefix("child-"));
    let ended = match child {
        Some(what) => serve_child(what, arguments.get(1).map_or("", String::as_str)),
        None => check(),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// `what` is how it is shut in, and `files` or an attempt.
fn serve_child(what: &str, limits: &str) -> Done {
    let limits: Limits = serde_json::from_str(limits)?;
    let (how, attempt) = what.split_once('-').ok_or("no such child")?;
    let shut = SHUT.iter().find(|(_, name)| *name == how).ok_or("no such child")?.0;
    if attempt == "files" {
        return Ok(codecs::serve_files(&limits, |limits| shut.apply(limits))?);
    }
    let probe = PROBES
        .iter()
        .find(|(name, _)| *name == attempt)
        .ok_or("no such attempt")?
        .1;
    let mut output = io::stdout();
    shut.apply(&limits)?;
    output.write_all(&protocol::HELLO)?;
    output.flush()?;
    let mut request = [0; protocol::REQUEST_BYTES];
    io::stdin().read_exact(&mut request)?;
    let (length, _) = protocol::read_request(request).ok_or("no request")?;
    let mut folder = vec![0; usize::try_from(length)?];
    io::stdin().read_exact(&mut folder)?;
    let said = match probe(&String::from_utf8(folder)?) {
        Ok(()) => "worked".to_owned(),
        Err(error) => format!("refused: {error}"),
    };
    protocol::write_failed(&mut output, &DecodeError::corrupt(said))?;
    Ok(output.flush()?)
}

type Test = (&'static str, fn() -> Done);

/// Says of each test what the usual harness says, which this program has not.
fn check() -> Done {
    const TESTS: [Test; 3] = [
        (
            "every_attempt_to_leave_the_sandbox_ends_the_child",
            attempts_end_the_child,
        ),
        ("an_abort_and_a_large_answer_pass", what_decoding_needs_passes),
        (
            "every_file_is_answered_alike_with_and_without_the_filter",
            files_are_answered_alike,
        ),
    ];
    let mut failed = 0;
    for (name, test) in TESTS {
        match test() {
            Ok(()) => println!("test {name} ... ok"),
            Err(error) => {
                failed += 1;
                println!("test {name} ... FAILED");
                println!("{error}");
            }
        }
    }
    let verdict = if failed == 0 { "ok" } else { "FAILED" };
    let passed = TESTS.len() - failed;
    println!("test result: {verdict}. {passed} passed; {failed} failed; 0 ignored; 0 measured; 0 filtered out");
    if failed == 0 {
        Ok(())
    } else {
        Err("the sandbox has a hole".into())
    }
}

/// A pool whose children are this program under such a name.
fn pool(folder: &Path, shut: Shut, attempt: &str) -> Result<Decoders, Box<dyn Error>> {
    let how = SHUT.iter().find(|(kind, _)| *kind == shut).ok_or("no such kind")?.1;
    let program = folder.join(format!("child-{how}-{attempt}"));
    symlink(std::env::current_exe()?, &program)?;
    Ok(Decoders::new(program, Limits::default()))
}

/// What became of each attempt.
fn attempted(shut: Shut) -> Result<Vec<(&'static str, DecodeError)>, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    // Whoever the child is, what it may not touch lies where it could.
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o777))?;
    let mut all = Vec::new();
    for (name, _) in PROBES {
        let room = folder.path().join(format!("room-{name}"));
        std::fs::create_dir(&room)?;
        std::fs::set_permissions(&room, std::fs::Permissions::from_mode(0o777))?;
        std::fs::write(room.join("file"), "records")?;
        std::fs::set_permissions(room.join("file"), std::fs::Permissions::from_mode(0o666))?;
        let pool = pool(folder.path(), shut, name)?;
        let room = room.to_str().ok_or("an odd folder")?;
        match pool.ask(Source::Bytes(room.as_bytes()), &Wanted::All, Urgency::Work) {
            Ok(_) => return Err(format!("{name}: an attempt gave an image").into()),
            Err(error) => all.push((name, error)),
        }
    }
    Ok(all)
}

fn is_killed(error: &DecodeError) -> bool {
    error.code == FailureCode::DecoderDied && error.message.contains("no decoder needs")
}

fn attempts_end_the_child() -> Done {
    let mut kinds = vec![Shut::In];
    if rustix::process::geteuid().is_root() {
        kinds.push(Shut::InAsNobody);
    }
    for shut in kinds {
        let alive: Vec<String> = attempted(shut)?
            .into_iter()
            .filter(|(_, error)| !is_killed(error))
            .map(|(name, error)| format!("{name}: {error}"))
            .collect();
        if !alive.is_empty() {
            return Err(format!("{shut:?}: not ended at {}", alive.join("; ")).into());
        }
    }
    // Without the filter they must work, or nothing was shown.
    let works = |error: &DecodeError| error.message == "worked" || error.message.contains("exit code 0");
    for (shut, least) in [(Shut::Open, PROBES.len() / 2), (Shut::WithoutFilter, 5)] {
        let open = attempted(shut)?;
        let worked = open.iter().filter(|(_, error)| works(error)).count();
        eprintln!("sandbox, {shut:?}: {worked} of {} attempts work", PROBES.len());
        if worked < least {
            let said: Vec<String> = open.iter().map(|(name, error)| format!("{name}: {error}")).collect();
            return Err(format!("only {worked} attempts work {shut:?}: {}", said.join("; ")).into());
        }
    }
    Ok(())
}

fn what_decoding_needs_passes() -> Done {
    let folder = tempfile::tempdir()?;
    let pool = pool(folder.path(), Shut::In, "files")?;
    let large = common::dicom(3000, 4000, &vec![7; 24_000_000]);
    let decoded = pool.ask(Source::Bytes(&large), &Wanted::All, Urgency::Work)?;
    if decoded.pixels.data.len() != 12_000_000 {
        return Err("the large image is not whole".into());
    }
    // Beyond the memory that it may use the child aborts, and says so by its own signal.
    let narrow = Limits {
        memory_bytes: 24 << 20,
        ..Limits::default()
    };
    let narrow = Decoders::new(folder.path().join("child-in-files"), narrow);
    match narrow.ask(Source::Bytes(&common::png(4096, 8192)?), &Wanted::All, Urgency::Work) {
        Err(error) if error.message.contains("memory") => Ok(()),
        Err(error) => Err(format!("no abort for memory: {error}").into()),
        Ok(_) => Err("the narrow child decoded it".into()),
    }
}

/// Where the packs are, all their files; else those of this workspace.
fn inputs() -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut files = Vec::new();
    for (pack, manifests) in [
        (
            "dicom",
            &["manifest.csv", "series_manifest.csv", "corrupt_manifest.csv"][..],
        ),
        ("formats", &["manifest.csv"]),
    ] {
        let Ok(folder) = data(pack) else { continue };
        for manifest in manifests {
            files.extend(
                rows(&folder.join(manifest))?
                    .iter()
                    .map(|row| folder.join(&row["file"])),
            );
        }
    }
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../sample-data");
    let own = decode::discover(&[own])?.files;
    files.extend(own);
    Ok(files)
}

fn files_are_answered_alike() -> Done {
    let folder = tempfile::tempdir()?;
    let shut = pool(folder.path(), Shut::In, "files")?;
    let open = pool(folder.path(), Shut::Open, "files")?;
    let files = inputs()?;
    let (mut images, mut differ) = (0, Vec::new());
    for file in &files {
        let [one, other] = [&shut, &open].map(|pool| pool.ask(Source::File(file), &Wanted::All, Urgency::Work));
        images += usize::from(one.is_ok());
        if !alike(&one, &other) {
            differ.push(format!("{}: {:?}", file.display(), one.err()));
        }
    }
    eprintln!(
        "sandbox: {} files, {images} of them images, {} differ",
        files.len(),
        differ.len()
    );
    if images == 0 {
        return Err("no file was an image".into());
    }
    if differ.is_empty() {
        Ok(())
    } else {
        Err(differ.join("\n").into())
    }
}

/// NaN is no reason to differ.
fn alike(one: &Result<domain::Decoded, DecodeError>, other: &Result<domain::Decoded, DecodeError>) -> bool {
    match (one, other) {
        (Ok(one), Ok(other)) => {
            let bytes = [one, other].map(|decoded| decoded.pixels.data.to_le_bytes().ok());
            one.header == other.header && one.facts == other.facts && bytes[0] == bytes[1]
        }
        (one, other) => one.as_ref().err() == other.as_ref().err(),
    }
}
