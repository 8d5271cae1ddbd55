//! Work that is broken off: a worker or the whole program killed, and Ctrl+C.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use overread_tests::{
    BUNDLE, Call, Done, Outcome, Ran, Running, TestVault, all_gone, children, each, is_running, kill, number, overread,
    processor_time, repository, text, texts,
};

fn sample() -> PathBuf {
    repository().join("sample-data/png/lesion-01.png")
}

/// Many files of one image, so that the work lasts long enough to be disturbed.
fn many(folder: &Path, count: usize) -> Outcome<PathBuf> {
    let many = folder.join("many");
    fs::create_dir(&many)?;
    let picture = fs::read(sample())?;
    for number in 0..count {
        // Bytes after the end of a PNG make another file of the same image.
        let bytes = [picture.as_slice(), &number.to_le_bytes()].concat();
        fs::write(many.join(format!("{number:04}.png")), bytes)?;
    }
    Ok(many)
}

fn analyze(path: &Path) -> Call {
    overread("analyze --json --device cpu --bundle").arg(BUNDLE).arg(path)
}

fn analyze_new(vault: &TestVault) -> Call {
    vault.call("analyze --new --device cpu --bundle").arg(BUNDLE)
}

/// A vault with `count` studies of one image each.
fn filled(folder: &Path, count: usize) -> Outcome<TestVault> {
    let vault = TestVault::create(folder.join("place"))?;
    vault.call("import").arg(many(folder, count)?).run()?.ended(0);
    vault.is_whole_with(count as u64)?;
    Ok(vault)
}

/// Waits until some of the work is done; the worker that does it.
/// The worker when it is at work: while files are looked through it waits, and has nothing to lose.
fn worker_of(call: &mut Running) -> Outcome<u32> {
    call.wait_until_it_says("analysing ")?;
    let worker = children(call.id())
        .into_iter()
        .find(|(_, program)| program == "overread-worker");
    let worker = worker.ok_or("no overread-worker was seen")?.0;
    let idle = processor_time(worker).ok_or("the worker is gone")?;
    let at_work = || processor_time(worker).is_none_or(|now| now > idle + Duration::from_millis(200));
    while !at_work() && is_running(worker) {
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(worker)
}

/// The vault opens, and what was left undone is done by the next call.
fn goes_on(vault: &TestVault, count: usize) -> Done {
    vault.is_whole_with(count as u64)?;
    let before = vault.json("list")?;
    let states = texts(&before, "studies", "state");
    assert!(
        states.iter().all(|state| ["new", "outlined"].contains(state)),
        "{states:?}"
    );
    let rest = analyze_new(vault).run()?.ended(0).json()?;
    assert_eq!(each(&rest, "failed").len(), 0);
    let new = states.iter().filter(|state| **state == "new").count();
    assert_eq!(each(&rest, "analyses").len(), new, "what was done is done again");
    let list = vault.json("list")?;
    assert!(
        texts(&list, "studies", "state")
            .iter()
            .all(|state| *state == "outlined"),
        "{list:#}"
    );
    vault.is_whole_with(count as u64)
}

#[test]
fn a_killed_worker_fails_its_pictures_and_nothing_else() -> Done {
    let folder = tempfile::tempdir()?;
    let many = many(folder.path(), 200)?;
    let mut call = overread("analyze --json --bundle").arg(BUNDLE).arg(many).start()?;
    let worker = worker_of(&mut call)?;
    let left = children(call.id());
    kill(worker)?;
    let ran = call.finish()?;
    let json = ran.json()?;
    let (done, failed) = (each(&json, "analyses").len(), each(&json, "failed"));
    assert_eq!(ran.code, Some(if done == 0 { 1 } else { 3 }), "{ran}");
    assert!(!failed.is_empty() && done + failed.len() == 200, "{ran}");
    assert!(
        texts(&json, "failed", "code").iter().all(|code| *code == "worker_died"),
        "{ran}"
    );
    let message = text(&json, "failed/0/message");
    // It had no last words; what it said of itself at its start is none of the cause.
    assert!(message.contains("signal 9") && !message.contains("saying"), "{message}");
    let first = text(&json, "failed/0/file");
    assert!(ran.stderr.contains(&format!("failed: {first}: {message}")), "{ran}");
    all_gone(&left);
    let again = analyze(&sample()).run()?;
    assert_eq!(each(&again.ended(0).json()?, "failed").len(), 0);
    Ok(())
}

#[test]
fn a_worker_killed_over_a_vault_leaves_the_rest_to_the_next_call() -> Done {
    let folder = tempfile::tempdir()?;
    let vault = filled(folder.path(), 60)?;
    let mut call = analyze_new(&vault).start()?;
    kill(worker_of(&mut call)?)?;
    let ran = call.finish()?;
    if ran.code == Some(0) {
        // It was hit between two studies, when it had nothing to lose, and was replaced in silence.
        let json = ran.json()?;
        assert_eq!((each(&json, "analyses").len(), each(&json, "failed").len()), (60, 0));
    } else {
        assert!(ran.code == Some(1) || ran.code == Some(3), "{ran}");
        assert!(ran.stderr.contains("signal 9"), "{ran}");
    }
    goes_on(&vault, 60)
}

#[test]
fn a_killed_program_leaves_no_children_and_a_whole_vault() -> Done {
    let folder = tempfile::tempdir()?;
    let vault = filled(folder.path(), 60)?;
    let mut call = analyze_new(&vault).start()?;
    worker_of(&mut call)?;
    let left = children(call.id());
    call.kill()?;
    all_gone(&left);
    goes_on(&vault, 60)
}

#[test]
fn a_killed_import_is_taken_up_again() -> Done {
    let folder = tempfile::tempdir()?;
    let vault = TestVault::create(folder.path().join("place"))?;
    let many = many(folder.path(), 150)?;
    for stored in [5, 40] {
        let mut call = vault.call("import").arg(&many).start()?;
        while fs::read_dir(vault.vault.join("files"))?.count() < stored {
            assert!(!call.is_over(), "the import was over too soon to disturb it");
            std::thread::sleep(Duration::from_millis(2));
        }
        let left = children(call.id());
        call.kill()?;
        all_gone(&left);
    }
    let rest = vault.call("import").arg(&many).run()?.ended(0).json()?;
    let (new, known) = (rest["imported"].as_u64(), rest["already_there"].as_u64());
    assert_eq!(new.zip(known).map(|(new, known)| new + known), Some(150));
    assert!(known > Some(0) && new > Some(0), "nothing was disturbed: {rest}");
    vault.is_whole_with(150)
}

/// What was in work is nobody's failure: the signal of the terminal reaches the program alone.
#[track_caller]
fn stopped(ran: &Ran, words: &str) -> Done {
    ran.failed_with("canceled", words)?;
    assert!(
        !ran.stderr.contains("signal") && !ran.stderr.contains("failed:"),
        "{ran}"
    );
    Ok(())
}

#[test]
fn ctrl_c_stops_an_analysis() -> Done {
    let folder = tempfile::tempdir()?;
    let mut call = analyze(&many(folder.path(), 400)?).at_a_terminal().start()?;
    worker_of(&mut call)?;
    let left = children(call.id());
    call.ctrl_c()?;
    stopped(&call.finish()?, "of 400 images")?;
    all_gone(&left);
    Ok(())
}

/// A NIfTI-1 volume of `frames` slices, each the sample's image a little darker than the one before.
fn volume(file: &Path, frames: u16) -> Done {
    let raw = file.with_extension("raw");
    let decode = overread("decode --json --raw").arg(&raw).arg(sample()).run()?;
    let image = decode.ended(0).json()?;
    let side = |name: &str| {
        image["header"]["image"][name]
            .as_u64()
            .and_then(|side| u16::try_from(side).ok())
    };
    let (rows, cols) = side("rows").zip(side("cols")).ok_or("no size")?;
    let pixels = fs::read(&raw)?;
    assert_eq!(pixels.len(), usize::from(rows) * usize::from(cols), "one byte a pixel");
    let mut header = [0; 352];
    let mut put = |at: usize, bytes: &[u8]| header[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, &348_i32.to_le_bytes());
    for (place, size) in (0..).zip([3, cols, rows, frames, 1, 1, 1, 1]) {
        put(40 + 2 * place, &size.to_le_bytes());
        put(76 + 4 * place, &1_f32.to_le_bytes());
    }
    put(70, &[2, 0, 8, 0]);
    put(108, &352_f32.to_le_bytes());
    put(344, b"n+1\0");
    let mut bytes = header.to_vec();
    for frame in 0..frames {
        let darker = |value: &u8| value.saturating_sub(u8::try_from(frame / 4).unwrap_or(u8::MAX));
        bytes.extend(pixels.iter().map(darker));
    }
    fs::remove_file(raw)?;
    Ok(fs::write(file, bytes)?)
}

/// Scores of the frames of the only study, in their order, and how many analyses the vault holds.
fn scores(vault: &TestVault) -> Outcome<(Vec<String>, f64)> {
    let list = vault.json("list")?;
    let shown = vault.json(&format!("show {}", text(&list, "studies/0/study_instance_uid")))?;
    let analyses = each(&shown, "analyses");
    let scores = analyses
        .iter()
        .map(|one| format!("{} {}", one["frame_number"], one["score"]));
    Ok((scores.collect(), number(&vault.json("vault status")?, "analyses")))
}

#[test]
fn a_volume_goes_on_after_the_last_frame_that_was_stored_to_the_scores_of_one_go() -> Done {
    const FRAMES: u16 = 120;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("volume.nii");
    volume(&file, FRAMES)?;
    let filled = |name: &str| -> Outcome<TestVault> {
        let vault = TestVault::create(folder.path().join(name))?;
        vault.call("import").arg(&file).run()?.ended(0);
        Ok(vault)
    };
    let whole = filled("whole")?;
    let ran = analyze_new(&whole).run()?;
    assert!(
        ran.ended(0).stderr.contains(&format!("analysing {FRAMES}/{FRAMES}")),
        "{ran}"
    );
    let (wanted, count) = scores(&whole)?;
    assert_eq!((wanted.len(), count), (usize::from(FRAMES), f64::from(FRAMES)));
    let of_study = |vault: &TestVault| -> Outcome<Call> {
        let list = vault.json("list")?;
        let study = text(&list, "studies/0/study_instance_uid").to_owned();
        Ok(vault
            .call("analyze --device cpu --bundle")
            .arg(BUNDLE)
            .args(["--study", &study]))
    };

    // Stopped, then killed, then to its end; of all that is new, and of the one study.
    for name in ["new", "study"] {
        let vault = filled(name)?;
        let call = |vault: &TestVault| match name {
            "new" => Ok(analyze_new(vault)),
            _ => of_study(vault),
        };
        let mut done = 0.0;
        for kill in [false, true] {
            let mut running = call(&vault)?.at_a_terminal().start()?;
            worker_of(&mut running)?;
            while number(&vault.json("vault status")?, "analyses") <= done && !running.is_over() {
                std::thread::sleep(Duration::from_millis(5));
            }
            let left = children(running.id());
            match kill {
                true => running.kill()?,
                false => {
                    running.ctrl_c()?;
                    stopped(&running.finish()?, "what was analysed is kept")?;
                }
            }
            all_gone(&left);
            done = number(&vault.json("vault status")?, "analyses");
        }
        assert!(done > 1.0 && done < f64::from(FRAMES), "nothing was disturbed: {done}");
        let rest = call(&vault)?.run()?;
        let analysed = each(&rest.ended(0).json()?, "analyses").len() as f64;
        assert_eq!(analysed, f64::from(FRAMES) - done, "{name}");
        assert!(rest.stderr.contains(&format!("analysing {FRAMES}/{FRAMES}")), "{rest}");
        assert_eq!(scores(&vault)?, (wanted.clone(), f64::from(FRAMES)), "{name}");
    }
    // Nothing is new any more, and the study that is named is analysed again as a whole.
    assert_eq!(each(&analyze_new(&whole).run()?.ended(0).json()?, "analyses").len(), 0);
    let again = of_study(&whole)?.run()?;
    assert_eq!(each(&again.ended(0).json()?, "analyses").len(), usize::from(FRAMES));
    Ok(())
}

#[test]
fn ctrl_c_stops_the_analysis_of_a_vault_and_what_is_done_is_kept() -> Done {
    let folder = tempfile::tempdir()?;
    let vault = filled(folder.path(), 150)?;
    let mut call = analyze_new(&vault).at_a_terminal().start()?;
    worker_of(&mut call)?;
    assert_eq!(each(&vault.json("list")?, "studies").len(), 150, "others may look on");
    call.ctrl_c()?;
    stopped(&call.finish()?, "of 150 studies")?;
    goes_on(&vault, 150)
}

#[test]
fn ctrl_c_stops_an_import() -> Done {
    let folder = tempfile::tempdir()?;
    let vault = TestVault::create(folder.path().join("place"))?;
    let many = many(folder.path(), 400)?;
    let call = vault.call("import").arg(&many).at_a_terminal().start()?;
    while fs::read_dir(vault.vault.join("files"))?.count() < 5 {
        std::thread::sleep(Duration::from_millis(2));
    }
    let left = children(call.id());
    assert!(!left.is_empty(), "no decoder was seen");
    call.ctrl_c()?;
    stopped(&call.finish()?, "of 400 files")?;
    all_gone(&left);
    let rest = vault.call("import").arg(&many).run()?.ended(0).json()?;
    let (new, known) = (rest["imported"].as_u64(), rest["already_there"].as_u64());
    assert_eq!(new.zip(known).map(|(new, known)| new + known), Some(400));
    vault.is_whole_with(400)
}
