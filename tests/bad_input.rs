//! Everything that a person may point the program at by mistake: each time a clear sentence that
//! names the thing, the right code, and a vault as it was before.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use overread_tests::{
    BUNDLE, Call, Done, Found, Lack, Outcome, TestVault, each, field, need, once, overread, repository, scratch, text,
};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

fn sample(name: &str) -> PathBuf {
    repository().join("sample-data").join(name)
}

/// One empty vault for all imports that must fail.
fn empty() -> Outcome<&'static TestVault> {
    static VAULT: OnceLock<Result<TestVault, String>> = OnceLock::new();
    once(&VAULT, || {
        TestVault::create(scratch(env!("CARGO_TARGET_TMPDIR"), "bad_input")?)
    })
}

fn analyze(path: &Path) -> Call {
    overread("analyze --json --device cpu --bundle").arg(BUNDLE).arg(path)
}

/// The same answer from every verb that opens files, and nothing of it in the vault.
#[track_caller]
fn refused_everywhere(path: &Path, code: &str) -> Done {
    let name = path
        .file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned();
    let ran = analyze(path).run()?;
    ran.ended(1).input_failed_with(path, code, &name)?;
    assert_eq!(each(&ran.json()?, "analyses").len(), 0);
    let vault = empty()?;
    let ran = vault.call("import").arg(path).run()?;
    ran.ended(1).input_failed_with(path, code, &name)?;
    assert_eq!(field(&ran.json()?, "imported"), 0);
    vault.is_whole_with(0)?;
    if code != "no_scans" {
        let raw = vault.folder.join(format!("{name}.raw"));
        let ran = overread("decode --json").arg(path).arg("--raw").arg(&raw).run()?;
        ran.failed_with(code, &name)?;
        assert!(!raw.exists(), "{} was written all the same", raw.display());
    }
    Ok(())
}

fn write(folder: &tempfile::TempDir, name: &str, bytes: &[u8]) -> Outcome<PathBuf> {
    let path = folder.path().join(name);
    fs::write(&path, bytes)?;
    Ok(path)
}

/// As launchers, shells and timing programs do.
#[test]
fn files_that_the_caller_left_open_do_no_harm() -> Done {
    for open in ["3</dev/null", "3</dev/null 4</dev/null 9</dev/null", "4</dev/null"] {
        let script = format!("exec \"$@\" {open}");
        let ran = overread("--json decode")
            .arg(sample("png/lesion-01.png"))
            .under(["sh", "-c", &script, "sh"]);
        ran.run()?.ended(0);
    }
    Ok(())
}

#[test]
fn a_file_that_is_not_there() -> Done {
    let folder = tempfile::tempdir()?;
    refused_everywhere(&folder.path().join("missing.dcm"), "file_not_found")
}

#[test]
fn a_folder_without_scans() -> Done {
    let folder = tempfile::tempdir()?;
    let inner = folder.path().join("holiday");
    fs::create_dir_all(inner.join("deep"))?;
    refused_everywhere(&inner, "no_scans")?;
    // Of a folder whose files are named one by one, the import says no more.
    let letter = inner.join("deep/letter.txt");
    fs::write(&letter, "nothing to see")?;
    analyze(&inner)
        .run()?
        .ended(1)
        .input_failed_with(&inner, "no_scans", "holiday")?;
    let vault = empty()?;
    let ran = vault.call("import").arg(&inner).run()?;
    ran.ended(1).input_failed_with(&letter, "not_an_image", "letter.txt")?;
    assert_eq!(each(&ran.json()?, "failed").len(), 1);
    vault.is_whole_with(0)
}

#[test]
fn a_text_that_is_called_dcm() -> Done {
    let folder = tempfile::tempdir()?;
    refused_everywhere(
        &write(&folder, "letter.dcm", b"Dear colleague,\nthank you.\n")?,
        "unknown_format",
    )
}

#[test]
fn a_file_of_zero_bytes() -> Done {
    let folder = tempfile::tempdir()?;
    for name in ["zero.dcm", "zero.png"] {
        refused_everywhere(&write(&folder, name, b"")?, "empty_file")?;
    }
    Ok(())
}

#[test]
fn a_truncated_scan_of_each_format() -> Done {
    let folder = tempfile::tempdir()?;
    let picture = image::open(sample("png/lesion-01.png"))?;
    for name in ["made.jpg", "made.bmp"] {
        picture.to_luma8().save(folder.path().join(name))?;
    }
    for (name, whole) in [
        ("cut.dcm", sample("dicom/lesion-1/IM0005.dcm")),
        ("cut.png", sample("png/lesion-01.png")),
        ("cut.tiff", sample("tiff/lesion-01.tiff")),
        ("cut.jpg", folder.path().join("made.jpg")),
        ("cut.bmp", folder.path().join("made.bmp")),
    ] {
        let bytes = fs::read(&whole)?;
        analyze(&whole).run()?.ended(0);
        for quarters in [1, 3] {
            refused_everywhere(
                &write(&folder, name, &bytes[..bytes.len() * quarters / 4])?,
                "truncated",
            )?;
        }
    }
    Ok(())
}

/// Replaces the value of an element with the VR US in an explicit little endian file.
fn set_us(bytes: &mut [u8], tag: [u8; 4], value: u16) -> Outcome<()> {
    let start = [tag.as_slice(), b"US\x02\x00"].concat();
    let at = bytes
        .windows(8)
        .position(|window| window == start)
        .ok_or("no such element")?;
    bytes[at + 8..at + 10].copy_from_slice(&value.to_le_bytes());
    Ok(())
}

#[test]
fn a_header_that_declares_65535_by_65535_pixels() -> Done {
    let folder = tempfile::tempdir()?;
    let mut bytes = fs::read(sample("dicom/lesion-1/IM0005.dcm"))?;
    for tag in [[0x28, 0, 0x10, 0], [0x28, 0, 0x11, 0]] {
        set_us(&mut bytes, tag, 65535)?;
    }
    let pixels = b"\xe0\x7f\x10\x00OW\x00\x00";
    let at = bytes
        .windows(8)
        .position(|window| window == pixels)
        .ok_or("no pixel data")?
        + 8;
    bytes[at..at + 4].copy_from_slice(&64_u32.to_le_bytes());
    bytes.truncate(at + 4 + 64);
    refused_everywhere(&write(&folder, "huge.dcm", &bytes)?, "limit_exceeded")
}

#[test]
fn a_pipe_or_a_device_is_not_waited_for() -> Done {
    let folder = tempfile::tempdir()?;
    let pipe = folder.path().join("pipe.dcm");
    assert!(Command::new("mkfifo").arg(&pipe).status()?.success());
    refused_everywhere(&pipe, "io")?;
    refused_everywhere(Path::new("/dev/zero"), "io")
}

#[test]
fn a_name_cannot_steer_the_terminal() -> Done {
    let folder = tempfile::tempdir()?;
    let path = write(&folder, "evil\u{1b}[2J\nname.dcm", b"no scan")?;
    let ran = analyze(&path).run()?;
    assert_eq!(text(&ran.ended(1).json()?, "failed/0/file"), path.display().to_string());
    assert!(!ran.stderr.contains('\u{1b}'), "{:?}", ran.stderr);
    assert!(
        ran.stderr
            .lines()
            .any(|line| line.contains("evil") && line.contains("name.dcm")),
        "{ran}"
    );
    Ok(())
}

/// What makes a call that of a user whom permissions stop: root passes by them, unless it gives that up.
fn without_privileges(locked: &Path) -> Outcome<Found<&'static [&'static str]>> {
    if fs::File::open(locked).is_err() {
        return Ok(Ok(&[]));
    }
    const BOUNDED: [&str; 2] = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"];
    let [setpriv, bounds] = BOUNDED;
    let cat = Command::new(setpriv).args([bounds, "cat"]).arg(locked).output()?;
    if cat.status.success() {
        return Ok(Err(Lack::of("root cannot give up its privileges here")));
    }
    Ok(Ok(&BOUNDED))
}

#[test]
fn no_permission_to_read() -> Done {
    let folder = tempfile::tempdir()?;
    let locked = write(&folder, "locked.png", &fs::read(sample("png/lesion-01.png"))?)?;
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o000))?;
    let user = need!(without_privileges(&locked)?);
    for call in [analyze(&locked), empty()?.call("import").arg(&locked)] {
        call.under(user)
            .run()?
            .ended(1)
            .input_failed_with(&locked, "permission_denied", "locked.png")?;
    }
    let decode = overread("decode --json").arg(&locked).under(user);
    decode.run()?.failed_with("permission_denied", "locked.png")?;

    let inner = folder.path().join("inner");
    fs::create_dir(&inner)?;
    fs::set_permissions(&inner, fs::Permissions::from_mode(0o000))?;
    let whole = sample("png/clean-01.png");
    let ran = analyze(&inner).arg(&whole).under(user).run()?;
    // So that it can be removed.
    fs::set_permissions(&inner, fs::Permissions::from_mode(0o700))?;
    ran.ended(3).input_failed_with(&inner, "permission_denied", "inner")
}

#[test]
fn no_permission_to_write() -> Done {
    let folder = tempfile::tempdir()?;
    let probe = write(&folder, "probe", b"x")?;
    fs::set_permissions(&probe, fs::Permissions::from_mode(0o000))?;
    let inner = folder.path().join("inner");
    fs::create_dir(&inner)?;
    fs::set_permissions(&inner, fs::Permissions::from_mode(0o500))?;
    let raw = inner.join("out.raw");
    let decode = overread("decode --json")
        .arg(sample("png/clean-01.png"))
        .arg("--raw")
        .arg(&raw);
    let user = need!(without_privileges(&probe)?);
    decode.under(user).run()?.failed_with("permission_denied", "out.raw")?;
    let create = overread("--json vault create --vault").arg(inner.join("vault"));
    let ran = create.under(user).run()?;
    ran.ended(1).error_is(text(&ran.json()?, "error/code"), "vault")?;
    assert_eq!(fs::read_dir(&inner)?.count(), 0);
    Ok(())
}

#[test]
fn a_result_into_a_folder_that_is_not_there() -> Done {
    let folder = tempfile::tempdir()?;
    let out = folder.path().join("no/such/folder/out.raw");
    let decode = overread("decode --json")
        .arg(sample("png/clean-01.png"))
        .arg("--raw")
        .arg(&out);
    decode.run()?.failed_with("file_not_found", "out.raw")?;
    let maps = write(&folder, "maps", b"a file where a folder should be")?;
    let ran = analyze(&sample("png/clean-01.png")).arg("--maps").arg(&maps).run()?;
    ran.ended(1).error_is(text(&ran.json()?, "error/code"), "maps")?;
    assert_eq!(fs::read(&maps)?, b"a file where a folder should be");
    Ok(())
}

#[test]
fn a_wrong_passphrase_opens_nothing_and_is_remembered() -> Done {
    let folder = tempfile::tempdir()?;
    let vault = TestVault::create(folder.path().join("place"))?;
    let rows = |status: Value| field(&status, "audit_rows").as_u64().unwrap_or_default();
    let before = rows(vault.json("vault status")?);
    for words in ["list", "vault status", "show 1.2.3", "analyze --new", "sign 1.2.3"] {
        let ran = vault.call(words).env("OVERREAD_PASSPHRASE", "guessed").run()?;
        ran.failed_with("wrong_passphrase", &vault.vault.display().to_string())?;
    }
    vault
        .call("list")
        .env("OVERREAD_PASSPHRASE", "")
        .run()?
        .failed_with("wrong_passphrase", "vault")?;
    // Six failures, and this opening.
    assert_eq!(rows(vault.json("vault status")?), before + 7);
    vault.is_whole_with(0)
}

#[test]
fn a_folder_that_is_no_vault_or_already_one() -> Done {
    let folder = tempfile::tempdir()?;
    let nowhere = folder.path().join("nowhere");
    overread("--json list --vault")
        .arg(&nowhere)
        .run()?
        .failed_with("vault_not_found", "nowhere")?;
    assert!(!nowhere.exists());
    let full = folder.path().join("photographs");
    fs::create_dir(&full)?;
    fs::write(full.join("a.txt"), "mine")?;
    overread("--json vault create --vault")
        .arg(&full)
        .run()?
        .failed_with("vault_exists", "photographs")?;
    assert_eq!(fs::read_dir(&full)?.count(), 1);
    let vault = empty()?;
    let before = fs::read(vault.vault.join("vault.json"))?;
    vault.call("vault create").run()?.failed_with("vault_exists", "vault")?;
    assert_eq!(fs::read(vault.vault.join("vault.json"))?, before);
    overread("--json vault create --vault")
        .arg(folder.path().join("open"))
        .env("OVERREAD_PASSPHRASE", "")
        .run()?
        .failed_with("empty_passphrase", "passphrase")
}

/// `vault.json` with one change and a checksum that agrees with it.
fn rewrite(vault: &TestVault, change: impl Fn(&mut Map<String, Value>)) -> Done {
    let path = vault.vault.join("vault.json");
    let mut fields: Map<String, Value> = serde_json::from_slice(&fs::read(&path)?)?;
    let stated = fields.remove("sha256");
    assert_eq!(
        stated,
        Some(Value::from(checksum(&fields))),
        "the rule of the checksum is another now"
    );
    change(&mut fields);
    fields.insert("sha256".into(), Value::from(checksum(&fields)));
    Ok(fs::write(&path, serde_json::to_vec_pretty(&fields)?)?)
}

/// sha256 of the fields with sorted keys, each member of an object or list followed by a comma.
fn checksum(fields: &Map<String, Value>) -> String {
    fn sorted(value: &Value) -> String {
        match value {
            Value::Object(fields) => {
                let mut fields: Vec<_> = fields.iter().collect();
                fields.sort_by_key(|(name, _)| name.as_str());
                let one =
                    |(name, value): (&String, &Value)| format!("{}:{},", Value::from(name.as_str()), sorted(value));
                format!("{{{}}}", fields.into_iter().map(one).collect::<String>())
            }
            Value::Array(items) => format!("[{}]", items.iter().map(|i| sorted(i) + ",").collect::<String>()),
            plain => plain.to_string(),
        }
    }
    let text = sorted(&Value::Object(fields.clone()));
    Sha256::digest(text.as_bytes())
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect()
}

#[test]
fn a_vault_of_a_newer_version_is_refused_by_name_and_left_alone() -> Done {
    let folder = tempfile::tempdir()?;
    let vault = TestVault::create(folder.path().join("place"))?;
    let version = |version: i64| {
        rewrite(&vault, |fields| {
            drop(fields.insert("format_version".into(), version.into()))
        })
    };
    version(7)?;
    let before = fs::read(vault.vault.join("records.db"))?;
    let ran = vault.call("import").arg(&vault.samples).run()?;
    ran.failed_with("vault_too_new", "version 7")?;
    assert!(ran.stderr.contains("knows up to 1"), "{ran}");
    assert_eq!(fs::read(vault.vault.join("records.db"))?, before);
    version(1)?;
    vault.is_whole_with(0)
}

#[test]
fn a_role_cannot_be_written_into_the_vaults_file() -> Done {
    let folder = tempfile::tempdir()?;
    let vault = TestVault::create(folder.path().join("place"))?;
    rewrite(&vault, |fields| fields["users"][0]["role"] = "auditor".into())?;
    vault.call("list").run()?.failed_with("wrong_passphrase", "vault")
}

#[test]
fn a_damaged_vault_is_called_damaged() -> Done {
    let folder = tempfile::tempdir()?;
    let vault = TestVault::filled(folder.path().join("place"))?;
    let path = vault.vault.join("records.db");
    let whole = fs::read(&path)?;
    let mut bytes = whole.clone();
    for at in (0..bytes.len()).step_by(1000) {
        bytes[at] ^= 0x55;
    }
    fs::write(&path, &bytes)?;
    vault.call("list").run()?.failed_with("vault_damaged", "vault")?;
    fs::write(&path, whole)?;
    vault.is_whole_with(24)?;
    fs::write(vault.vault.join("vault.json"), "{}")?;
    vault.call("list").run()?.failed_with("vault_damaged", "vault.json")
}
