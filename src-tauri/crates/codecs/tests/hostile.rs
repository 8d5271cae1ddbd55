//! Hostile files and broken surroundings through the real child process: each ends in a clear error,
//! and the next file is decoded.

mod common;

use std::{
    io::Write,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

use common::{Decoder, Done, PROGRAM, decoder, dicom, element, png};
use decode::{Limits, Source};
use domain::FailureCode;
use needs::Lack;

fn code(decoder: &mut Decoder, bytes: &[u8]) -> Option<FailureCode> {
    decoder.decode(Source::Bytes(bytes)).err().map(|e| e.code)
}

#[test]
fn known_attacks_are_refused_before_anything_is_allocated() -> Done {
    let mut decoder = decoder();
    let mut implicit = b"\x08\0\x05\0\xf0\xff\xff\xff".to_vec();
    implicit.resize(260, b' ');
    // Only a file whose first length is plausible passes for a bare data set; this one has a preamble.
    let with_preamble = [vec![0; 128], b"DICM".to_vec(), implicit].concat();
    assert_eq!(code(&mut decoder, &with_preamble), Some(FailureCode::Truncated));
    assert_eq!(
        code(&mut decoder, &dicom(65535, 65535, &[0; 64])),
        Some(FailureCode::LimitExceeded)
    );
    assert_eq!(
        code(&mut decoder, &dicom(30000, 30000, &[0; 64])),
        Some(FailureCode::LimitExceeded)
    );
    assert_eq!(
        code(&mut decoder, &dicom(11000, 11000, &[0; 64])),
        Some(FailureCode::Truncated)
    );
    assert_eq!(code(&mut decoder, &dicom(0, 16, &[0; 64])), Some(FailureCode::Corrupt));
    let nested = [
        dicom(2, 2, &[0; 8])[..160].to_vec(),
        b"\x08\0\x40\x11SQ\0\0\xff\xff\xff\xff\xfe\xff\0\xe0\xff\xff\xff\xff".repeat(2000),
    ]
    .concat();
    assert_eq!(code(&mut decoder, &nested), Some(FailureCode::LimitExceeded));
    let whole = decoder.decode(Source::Bytes(&dicom(2, 2, &[1, 2, 3, 4, 5, 6, 7, 8])))?;
    assert_eq!(whole.pixels.data.to_le_bytes()?, [1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(whole.header.patient.patient_name, "Doe^Jane");
    Ok(())
}

#[test]
fn every_truncation_of_a_file_is_an_error_and_never_a_death() -> Done {
    let mut decoder = decoder();
    let file = dicom(4, 4, &[7; 32]);
    for cut in 0..file.len() {
        let error = code(&mut decoder, &file[..cut]).ok_or(format!("{cut} bytes gave a picture"))?;
        assert!(
            !matches!(error, FailureCode::DecoderDied | FailureCode::TimedOut),
            "{cut} bytes: {error:?}"
        );
    }
    Ok(())
}

#[test]
fn a_file_that_cannot_be_opened_is_named() -> Done {
    let folder = tempfile::tempdir()?;
    let mut decoder = decoder();
    let mut refused = |path: PathBuf| {
        let error = decoder.decode(Source::File(&path)).err();
        error.map(|e| {
            (
                e.code,
                e.message
                    .contains(&*path.file_name().unwrap_or_default().to_string_lossy()),
            )
        })
    };
    assert_eq!(
        refused(folder.path().join("missing.dcm")),
        Some((FailureCode::FileNotFound, true))
    );
    assert_eq!(refused(folder.path().to_owned()), Some((FailureCode::Io, true)));
    let empty = folder.path().join("empty.dcm");
    std::fs::write(&empty, b"")?;
    assert_eq!(refused(empty), Some((FailureCode::EmptyFile, true)));
    Ok(())
}

/// Root may read every file: as root this test runs itself once more, without that privilege.
#[test]
fn a_file_that_may_not_be_read_is_named() -> Done {
    const AGAIN: &str = "OVERREAD_TEST_WITHOUT_PRIVILEGES";
    let folder = tempfile::tempdir()?;
    let locked = folder.path().join("locked.dcm");
    std::fs::write(&locked, dicom(2, 2, &[0; 8]))?;
    std::fs::set_permissions(&locked, std::fs::Permissions::from_mode(0o000))?;
    if std::fs::File::open(&locked).is_err() {
        let error = decoder().decode(Source::File(&locked)).err().ok_or("it was read")?;
        assert_eq!(error.code, FailureCode::PermissionDenied);
        assert!(error.message.contains("locked.dcm"), "{error}");
    } else if std::env::var_os(AGAIN).is_some() {
        return Lack::of("root cannot give up its privileges here").end();
    } else {
        let again = Command::new("setpriv")
            .arg("--bounding-set=-dac_override,-dac_read_search")
            .arg(std::env::current_exe()?)
            .args(["--exact", "a_file_that_may_not_be_read_is_named"])
            .env(AGAIN, "1")
            .output()?;
        let said = String::from_utf8_lossy(&again.stdout);
        assert!(again.status.success() && said.contains("1 passed"), "{said}");
    }
    Ok(())
}

#[test]
fn a_missing_or_foreign_decoder_is_said() -> Done {
    let mut missing = Decoder::new("no/such/overread-decoder".into(), Limits::default());
    assert_eq!(code(&mut missing, b"x"), Some(FailureCode::DecoderMissing));
    let mut foreign = Decoder::new("/bin/echo".into(), Limits::default());
    assert_eq!(code(&mut foreign, b"x"), Some(FailureCode::DecoderMissing));
    Ok(())
}

#[test]
fn a_child_that_needs_too_much_memory_dies_alone_and_the_next_file_is_decoded() -> Done {
    // The codec holds the picture twice, 64 MiB each, and may use 32 MiB above it.
    let limits = Limits {
        memory_bytes: 32 << 20,
        ..Limits::default()
    };
    let mut decoder = Decoder::new(PROGRAM.into(), limits);
    let folder = tempfile::tempdir()?;
    let large = folder.path().join("large.png");
    std::fs::write(&large, png(4096, 8192)?)?;
    let error = decoder
        .decode(Source::File(&large))
        .err()
        .ok_or("the large picture was decoded")?;
    assert_eq!(error.code, FailureCode::DecoderDied, "{error}");
    assert!(
        error.message.contains("memory") && error.message.contains("large.png"),
        "{error}"
    );
    assert_eq!(code(&mut decoder, &dicom(2, 2, &[0; 8])), None);
    Ok(())
}

#[test]
fn a_deflate_bomb_is_refused() -> Done {
    let mut deflate = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    deflate.write_all(&vec![0; 300 << 20])?;
    let mut bomb = [vec![0; 128], b"DICM".to_vec()].concat();
    bomb.extend(element(2, 0x10, b"UI", b"1.2.840.10008.1.2.1.99"));
    bomb.extend(deflate.finish()?);
    let mut decoder = decoder();
    assert_eq!(code(&mut decoder, &bomb), Some(FailureCode::LimitExceeded));
    Ok(())
}

/// Seconds that the slow child would take.
const CHILD_WAITS: u64 = 300;

#[test]
fn a_child_that_takes_too_long_is_stopped() -> Done {
    let slow = Limits {
        wall: Duration::from_millis(1500),
        ..Limits::default()
    };
    let script = tempfile::tempdir()?;
    let program = script.path().join("overread-decoder");
    let told = script.path().join("id");
    let wait = format!(
        "#!/bin/sh\necho $$ > '{}'\nprintf 'OVRDEC\\005\\000'\nexec sleep {CHILD_WAITS}\n",
        told.display()
    );
    std::fs::write(&program, wait)?;
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755))?;
    let mut decoder = Decoder::new(program, slow);
    let started = Instant::now();
    assert_eq!(code(&mut decoder, &dicom(2, 2, &[0; 8])), Some(FailureCode::TimedOut));
    let took = started.elapsed();
    assert!(
        took >= Duration::from_millis(1500),
        "stopped after {took:?}, before its time was over"
    );
    // A child that was waited for would have gone by itself; this one was ended, and is not left behind.
    assert!(took < Duration::from_secs(CHILD_WAITS), "waited for: {took:?}");
    let id = std::fs::read_to_string(told)?;
    assert!(
        !PathBuf::from("/proc").join(id.trim()).exists(),
        "the child {id} is still there"
    );
    Ok(())
}

#[test]
fn the_child_cannot_open_files_or_write_them() -> Done {
    // Only the program itself knows its limits; they are read from outside while it waits.
    let limits = serde_json::to_string(&Limits::default())?;
    let mut child = std::process::Command::new(PROGRAM)
        .arg(limits)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()?;
    let mut hello = [0; 8];
    std::io::Read::read_exact(child.stdout.as_mut().ok_or("stdout is piped")?, &mut hello)?;
    let proc = PathBuf::from(format!("/proc/{}", child.id()));
    let seen = std::fs::read_to_string(proc.join("limits"))?;
    let status = std::fs::read_to_string(proc.join("status"))?;
    drop(child.stdin.take());
    assert!(child.wait()?.success(), "the child ends when its input closes");
    let soft = |name: &str| {
        seen.lines()
            .find_map(|l| l.strip_prefix(name))
            .and_then(|l| l.split_whitespace().next().map(str::to_owned))
    };
    assert_eq!(soft("Max open files").as_deref(), Some("4"));
    assert_eq!(soft("Max file size").as_deref(), Some("0"));
    assert_eq!(soft("Max core file size").as_deref(), Some("0"));
    assert_eq!(soft("Max address space").as_deref(), Some("1073741824"));
    let no_new_privs = status
        .lines()
        .find(|l| l.starts_with("NoNewPrivs:"))
        .ok_or("the kernel tells it")?;
    assert!(no_new_privs.ends_with('1'), "{no_new_privs}");
    Ok(())
}
