//! An installation with something missing or damaged says which part and what to do.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use overread_tests::{
    BUNDLE, Call, Done, Installed, Outcome, TestVault, children, each, flip_byte, is_running, kill, overread,
    repository, text, texts,
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
        analyze(&installed).run()?.failed_with("bundle_damaged", &name)?;
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
    let installed = Installed::new()?;
    for (name, bytes) in [("libc10.so", 100_000), ("libtorch_cpu.so", 0)] {
        installed.truncate_library(name, bytes)?;
        analyze(&installed).run()?.failed_with("libtorch_damaged", name)?;
        overread("models verify --json")
            .of(installed.path())
            .run()?
            .failed_with("libtorch_damaged", name)?;
        fs::remove_file(installed.path().join("lib").join(name))?;
        analyze(&installed).run()?.failed_with("libtorch_missing", name)?;
    }
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

/// Many pictures, so that the work lasts long enough to be disturbed.
fn many(folder: &std::path::Path, count: usize) -> Outcome<PathBuf> {
    let many = folder.join("many");
    fs::create_dir(&many)?;
    let picture = fs::read(sample())?;
    for number in 0..count {
        // Bytes after the end of a PNG make another file of the same picture.
        fs::write(
            many.join(format!("{number:04}.png")),
            [picture.as_slice(), &number.to_le_bytes()].concat(),
        )?;
    }
    Ok(many)
}

fn worker_of(call: &mut overread_tests::Running) -> Outcome<u32> {
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(30) && !call.is_over() {
        let found = children(call.id())
            .into_iter()
            .find(|(_, program)| program == "overread-worker");
        if let Some((id, _)) = found {
            return Ok(id);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Err("no overread-worker was seen".into())
}

#[test]
fn a_killed_worker_fails_its_pictures_and_nothing_else() -> Done {
    let folder = tempfile::tempdir()?;
    let many = many(folder.path(), 400)?;
    let mut call = overread("analyze --json --device cpu --bundle")
        .arg(BUNDLE)
        .arg(&many)
        .start()?;
    let program = call.id();
    let worker = worker_of(&mut call)?;
    // It loads for a while; after that it has some of the pictures and not yet all.
    std::thread::sleep(Duration::from_millis(900));
    assert!(!call.is_over(), "the work was over too soon to disturb it");
    let children_before = children(program);
    kill(worker)?;
    let ran = call.finish()?;
    let json = ran.json()?;
    if json["error"].is_object() {
        ran.failed_with("worker_died", "signal 9")?;
    } else {
        let failed = each(&json, "failed");
        assert_eq!(
            ran.code,
            Some(if each(&json, "analyses").is_empty() { 1 } else { 3 }),
            "{ran}"
        );
        assert!(!failed.is_empty(), "{ran}");
        assert_eq!(each(&json, "analyses").len() + failed.len(), 400);
        assert!(
            texts(&json, "failed", "code").iter().all(|code| *code == "worker_died"),
            "{ran}"
        );
        assert!(text(&json, "failed/0/message").contains("signal 9"), "{ran}");
    }
    for (id, program) in children_before {
        assert!(!is_running(id), "{program} is still there");
    }
    analyze_again()
}

/// The next command works.
fn analyze_again() -> Done {
    let again = overread("analyze --json --device cpu --bundle")
        .arg(BUNDLE)
        .arg(sample())
        .run()?;
    assert_eq!(each(&again.ended(0).json()?, "failed").len(), 0);
    Ok(())
}

#[test]
fn a_killed_program_leaves_no_children_and_a_whole_vault() -> Done {
    let folder = tempfile::tempdir()?;
    let vault = TestVault::create(folder.path().join("place"))?;
    let many = many(folder.path(), 40)?;
    vault.call("import").arg(&many).run()?.ended(0);
    let mut call = vault.call("analyze --new --device cpu --bundle").arg(BUNDLE).start()?;
    worker_of(&mut call)?;
    std::thread::sleep(Duration::from_millis(700));
    let left = children(call.id());
    call.kill()?;
    let until = Instant::now() + Duration::from_secs(10);
    while left.iter().any(|(id, _)| is_running(*id)) && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(20));
    }
    for (id, program) in left {
        assert!(!is_running(id), "{program} outlived its parent");
    }
    vault.is_whole_with(40)?;
    let list = vault.json("list")?;
    assert!(
        texts(&list, "studies", "state")
            .iter()
            .all(|state| ["new", "flagged"].contains(state)),
        "{list:#}"
    );
    let rest = vault
        .call("analyze --new --device cpu --bundle")
        .arg(BUNDLE)
        .run()?
        .ended(0)
        .json()?;
    assert_eq!(each(&rest, "failed").len(), 0);
    let list = vault.json("list")?;
    assert!(
        each(&list, "studies").iter().all(|study| study["score"].is_number()),
        "{list:#}"
    );
    vault.is_whole_with(40)
}
