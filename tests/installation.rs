//! An installation with something missing or damaged says which part and what to do.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use overread_tests::{
    BUNDLE, Call, Done, Installed, Outcome, Ran, TestVault, each, flip_byte, number, overread, repository, scratch,
    text,
};

fn sample() -> PathBuf {
    repository().join("sample-data/png/lesion-01.png")
}

fn analyze(installed: &Installed) -> Call {
    overread("analyze --json --device cpu --bundle")
        .arg(BUNDLE)
        .arg(sample())
        .of(installed.path())
}

#[test]
fn a_whole_copy_works_from_its_own_folder() -> Done {
    let installed = Installed::new()?;
    let json = analyze(&installed).run()?.ended(0).json()?;
    assert_eq!(each(&json, "analyses").len(), 1);
    overread("models verify --json").of(installed.path()).run()?.ended(0);
    Ok(())
}

/// Puts a script in the decoder's place that notes each start and becomes the decoder. The file of its notes.
fn count_decoders(installed: &Installed) -> Outcome<PathBuf> {
    let (notes, decoder) = (
        installed.path().join("starts"),
        installed.path().join("overread-decoder"),
    );
    let real = installed.path().join("real-decoder");
    fs::rename(&decoder, &real)?;
    let script = format!(
        "#!/bin/sh\necho started >> '{}'\nexec '{}' \"$@\"\n",
        notes.display(),
        real.display()
    );
    fs::write(&decoder, script)?;
    fs::set_permissions(&decoder, fs::Permissions::from_mode(0o755))?;
    Ok(notes)
}

/// One file after the other: one child serves them all, of however many studies, and each is decoded once, though the
/// router sees it first and the bundle that reads it after it.
#[test]
fn one_child_serves_a_run_and_decodes_each_file_once() -> Done {
    let installed = Installed::with_all_bundles()?;
    let notes = count_decoders(&installed)?;
    let test = TestVault::create(scratch(env!("CARGO_TARGET_TMPDIR"), "one_child")?)?;
    let call = |words: &str| {
        test.call(words)
            .of(installed.path())
            .env("OVERREAD_LOG", "decode=debug")
    };
    let asked = |ran: &Ran| ran.stderr.matches("a file is decoded").count();
    let starts = || -> Outcome<usize> { Ok(fs::read_to_string(&notes)?.lines().count()) };
    let imported = call("import").arg(&test.samples).run()?;
    imported.ended(0);
    let files = number(&imported.json()?, "imported") as usize;
    assert_eq!((asked(&imported), starts()?), (files, 1), "{imported}");
    let analysed = call("analyze --new --device cpu").run()?;
    analysed.ended(0);
    let json = analysed.json()?;
    let studies = each(&test.json("list")?, "studies").len();
    assert!(studies > 2, "{studies} studies are too few to tell");
    assert_eq!(each(&json, "analyses").len(), files, "{analysed}");
    assert_eq!((asked(&analysed), starts()?), (files, 2), "{analysed}");
    Ok(())
}

#[test]
fn one_flipped_byte_in_the_weights_is_found_before_they_are_used() -> Done {
    let installed = Installed::new()?;
    let weights = installed.bundle().join("weights.safetensors");
    let length = usize::try_from(fs::metadata(&weights)?.len())?;
    for at in [length / 2, length - 1] {
        flip_byte(&weights, at)?;
        analyze(&installed)
            .run()?
            .failed_with("bundle_damaged", "weights.safetensors")?;
        let verified = overread("models verify --json").of(installed.path()).run()?;
        let json = verified.ended(1).json()?;
        assert_eq!(json["bundles"][0]["ok"], false, "{verified}");
        assert!(
            text(&json, "bundles/0/problem").contains("weights.safetensors"),
            "{verified}"
        );
        flip_byte(&weights, at)?;
    }
    analyze(&installed).run()?.ended(0);
    Ok(())
}

#[test]
fn every_file_of_a_bundle_is_guarded() -> Done {
    let installed = Installed::new()?;
    let mut tried = 0;
    for entry in fs::read_dir(installed.bundle())? {
        let path = entry?.path();
        let name = path
            .file_name()
            .map(|n| n.to_string_lossy().into_owned())
            .unwrap_or_default();
        let before = fs::read(&path)?;
        if name == "manifest.json" || before.is_empty() {
            continue;
        }
        flip_byte(&path, before.len() / 2)?;
        analyze(&installed).run()?.failed_with("bundle_damaged", &name)?;
        fs::remove_file(&path)?;
        if name == "manifest.json.minisig" {
            analyze(&installed).run()?.failed_with("bundle_unsigned", BUNDLE)?;
            let verified = overread("models verify --json").of(installed.path()).run()?;
            assert!(verified.stdout.contains("not signed"), "{verified}");
            verified.ended(1);
        } else {
            analyze(&installed).run()?.failed_with("bundle_damaged", &name)?;
        }
        fs::write(&path, before)?;
        tried += 1;
    }
    assert!(tried >= 4, "only {tried} files in the bundle");
    Ok(())
}

#[test]
fn a_bundle_that_is_not_there_is_named() -> Done {
    let installed = Installed::new()?;
    let other = overread("analyze --json --bundle no-such-bundle")
        .arg(sample())
        .of(installed.path());
    other.run()?.failed_with("bundle_not_found", "no-such-bundle")?;
    fs::remove_dir_all(installed.path().join("models"))?;
    analyze(&installed).run()?.failed_with("bundle_not_found", "models")
}

#[test]
fn a_missing_or_truncated_libtorch_is_named() -> Done {
    for (name, bytes) in [("libc10.so", 100_000), ("libtorch_cpu.so", 0)] {
        let installed = Installed::new()?;
        installed.truncate_library(name, bytes)?;
        analyze(&installed).run()?.failed_with("libtorch_damaged", name)?;
        overread("models verify --json")
            .of(installed.path())
            .run()?
            .failed_with("libtorch_damaged", name)?;
        fs::remove_file(installed.path().join("lib").join(name))?;
        analyze(&installed).run()?.failed_with("libtorch_missing", name)?;
    }
    let installed = Installed::new()?;
    fs::remove_dir_all(installed.path().join("lib"))?;
    analyze(&installed).run()?.failed_with("libtorch_missing", "lib")?;
    // What needs no network still works.
    overread("decode --json")
        .arg(sample())
        .of(installed.path())
        .run()?
        .ended(0);
    Ok(())
}

#[test]
fn a_changed_byte_in_libtorch_is_found_by_verify() -> Done {
    let installed = Installed::new()?;
    let library = installed.path().join("lib/libgomp.so.1");
    let copy = fs::read(&library)?;
    fs::remove_file(&library)?;
    fs::write(&library, &copy)?;
    flip_byte(&library, copy.len() / 2)?;
    overread("models verify --json")
        .of(installed.path())
        .run()?
        .failed_with("libtorch_damaged", "libgomp.so.1")
}

#[test]
fn a_missing_program_is_named() -> Done {
    let installed = Installed::new()?;
    let folder = tempfile::tempdir()?;
    let vault = TestVault::create(folder.path().join("place"))?;
    fs::remove_file(installed.path().join("overread-decoder"))?;
    let ran = analyze(&installed).run()?;
    ran.ended(1)
        .input_failed_with(sample(), "decoder_missing", "overread-decoder")?;
    let decode = overread("decode --json").arg(sample()).of(installed.path()).run()?;
    decode.failed_with("decoder_missing", "overread-decoder")?;
    let import = vault.call("import").arg(&vault.samples).of(installed.path()).run()?;
    import.failed_with("decoder_missing", "overread-decoder")?;
    vault.is_whole_with(0)?;
    fs::remove_file(installed.path().join("overread-worker"))?;
    analyze(&installed)
        .run()?
        .failed_with("worker_missing", "overread-worker")
}

#[test]
fn a_program_that_is_something_else_is_noticed() -> Done {
    let installed = Installed::new()?;
    for (name, code) in [("overread-decoder", "decoder_died"), ("overread-worker", "worker_died")] {
        let path = installed.path().join(name);
        fs::remove_file(&path)?;
        fs::copy("/bin/true", &path)?;
        let ran = analyze(&installed).run()?;
        match name {
            "overread-decoder" => ran.ended(1).input_failed_with(sample(), code, "lesion-01.png")?,
            _ => ran.failed_with(code, "exit code 0")?,
        }
    }
    Ok(())
}
