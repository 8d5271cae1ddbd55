//! What a person states of images whose files do not say it: asked for, kept with who and when, and never against the
//! header.

use std::fs;
use std::path::{Path, PathBuf};

use overread_tests::{BUNDLE, Done, Outcome, TestVault, each, number, overread, repository, scratch, text};
use serde_json::Value;

fn sample(name: &str) -> PathBuf {
    repository().join("sample-data").join(name)
}

/// A sample without the comment that says what it is: any image file of a head.
fn nameless(folder: &Path) -> Outcome<PathBuf> {
    without_comment("png/lesion-01.png", &folder.join("head.png"))
}

fn without_comment(name: &str, file: &Path) -> Outcome<PathBuf> {
    const AFTER_HEADER: usize = 8 + 25;
    let mut bytes = fs::read(sample(name))?;
    let length: [u8; 4] = bytes
        .get(AFTER_HEADER..AFTER_HEADER + 4)
        .ok_or("no chunk")?
        .try_into()?;
    bytes.drain(AFTER_HEADER..AFTER_HEADER + 12 + u32::from_be_bytes(length) as usize);
    fs::write(file, bytes)?;
    Ok(file.to_owned())
}

fn analyzed(file: &Path, words: &str) -> Outcome<Value> {
    let call = overread("analyze --json --device cpu")
        .arg(file)
        .args(words.split_whitespace());
    let json = call.run()?.ended(0).json()?;
    Ok(each(&json, "analyses").first().ok_or("no analysis")?.clone())
}

#[test]
fn a_head_without_a_header_is_asked_about_before_it_is_scored() -> Done {
    let folder = tempfile::tempdir()?;
    let file = nameless(folder.path())?;
    let refused = |words: &str, about: &[&str]| -> Done {
        let one = analyzed(&file, words)?;
        assert!(one["score"].is_null(), "{words}: {one:#}");
        let reason = text(&one, "input/reason");
        assert!(about.iter().all(|word| reason.contains(word)), "{words}: {reason}");
        Ok(())
    };
    refused("", &["sequence", "age"])?;
    refused("--sequence flair", &["enter the patient's age"])?;
    refused("--age 45", &["sequence is not known"])?;
    refused("--sequence other --age 45", &["no model"])?;
    refused("--sequence flair --age 9", &["9 years old"])?;
    let stated = analyzed(&file, "--sequence flair --age 45")?;
    assert_eq!(text(&stated, "bundle"), BUNDLE);
    assert!(stated["score"].as_f64().is_some_and(|score| score > 0.9), "{stated:#}");
    let reason = text(&stated, "input/reason");
    assert!(
        reason.contains("stated on") && reason.contains("FLAIR, 45 y"),
        "{reason}"
    );
    let named = analyzed(&file, &format!("--bundle {BUNDLE}"))?;
    assert_eq!(named["score"], stated["score"]);
    assert!(text(&named, "input/reason").contains("named the model"), "{named:#}");
    // A sample says what it is.
    let own = analyzed(&sample("png/lesion-01.png"), "")?;
    assert!(
        own["input"]["reason"].is_null() && own["score"] == stated["score"],
        "{own:#}"
    );
    Ok(())
}

#[test]
fn ages_that_nobody_has_are_wrong_usage_and_a_header_is_not_talked_over() -> Done {
    for words in ["--age 0", "--age 200", "--sequence t2", "--view sideways,please"] {
        let ran = overread("analyze --device cpu")
            .arg(sample("png/clean-01.png"))
            .args(words.split(' '))
            .run()?;
        ran.ended(2);
    }
    // Each names what is possible, wherever it is stated.
    for verb in [
        "analyze --device cpu",
        "import",
        "evaluate --bundle brain-mri-flair --manifest",
    ] {
        for (words, possible) in [
            ("--view XX", "give one of AP, PA, LL, RL"),
            ("--view LATERAL", "give one of AP, PA, LL, RL"),
            ("--sequence t2", "give one of flair, t1c, other"),
            ("--age 200", "above 0 and up to 120"),
        ] {
            let ran = overread(verb)
                .arg(sample("png/clean-01.png"))
                .args(words.split(' '))
                .run()?;
            assert!(ran.ended(2).stderr.contains(possible), "{ran}");
        }
    }
    let one = analyzed(&sample("dicom/lesion-1/IM0006.dcm"), "--sequence t1c")?;
    assert!(one["score"].is_null(), "{one:#}");
    assert!(text(&one, "input/reason").contains("the header says FLAIR"), "{one:#}");
    Ok(())
}

#[test]
fn what_was_stated_at_an_import_is_kept_with_who_said_it() -> Done {
    let vault = TestVault::create(scratch(env!("CARGO_TARGET_TMPDIR"), "statements")?)?;
    let file = nameless(&vault.folder)?;
    let import = vault
        .call("import --sequence flair --age 45")
        .arg(&file)
        .run()?
        .ended(0)
        .json()?;
    assert_eq!(import["imported"], 1, "{import:#}");
    let study = each(&import, "studies")
        .first()
        .and_then(Value::as_str)
        .ok_or("no study")?
        .to_owned();
    let analyzed = vault.json("analyze --new --device cpu")?;
    let one = each(&analyzed, "analyses").first().ok_or("no analysis")?;
    assert!(one["score"].is_number(), "{one:#}");
    let shown = vault.json(&format!("show {study}"))?;
    let reason = text(each(&shown, "analyses").first().ok_or("no analysis")?, "input/reason").to_owned();
    assert!(
        reason.starts_with("admin stated on") && reason.contains("FLAIR, 45 y"),
        "{reason}"
    );
    assert!(
        shown["notes"].to_string().contains("was stated: FLAIR, 45 y"),
        "{shown:#}"
    );
    let table = vault.folder.join("report.csv");
    vault
        .call(&format!("report {study} --format csv --out"))
        .arg(&table)
        .run()?
        .ended(0);
    assert!(fs::read_to_string(&table)?.contains("stated on"));
    // Against the header it is told, and not kept.
    let dicom = sample("dicom/lesion-1/IM0006.dcm");
    let import = vault.call("import --sequence t1c").arg(&dicom).run()?.ended(0).json()?;
    assert!(
        import["notes"].to_string().contains("the header says FLAIR"),
        "{import:#}"
    );
    Ok(())
}

#[test]
fn what_was_stated_is_told_once_a_run_and_not_once_a_file() -> Done {
    let folder = tempfile::tempdir()?;
    for name in ["lesion-01", "lesion-02", "clean-01"] {
        without_comment(&format!("png/{name}.png"), &folder.path().join(format!("{name}.png")))?;
    }
    let call = overread("analyze --device cpu --sequence flair --age 45").arg(folder.path());
    let ran = call.run()?;
    let told: Vec<&str> = ran
        .ended(0)
        .stdout
        .lines()
        .filter(|line| line.contains("stated on"))
        .collect();
    assert!(told.len() == 1 && told[0].ends_with("FLAIR, 45 y (3 images)"), "{ran}");
    Ok(())
}

/// A fact that is stated of a study whose analysis is then stopped is not forgotten, nor is the old refusal told.
#[test]
fn what_was_stated_before_a_stop_is_kept_and_the_study_waits_to_be_analysed() -> Done {
    let vault = TestVault::create(scratch(env!("CARGO_TARGET_TMPDIR"), "stated_and_stopped")?)?;
    vault.call("import").arg(nameless(&vault.folder)?).run()?.ended(0);
    vault.json("analyze --new --device cpu")?;
    let list = vault.json("list")?;
    assert_eq!(text(&list, "studies/0/state"), "refused");
    let study = text(&list, "studies/0/study_instance_uid");
    let state = format!("analyze --device cpu --sequence flair --age 45 --study {study}");
    let mut call = vault.call(&state).at_a_terminal().start()?;
    // The statement is kept before the first image is looked at.
    while text(&vault.json("list")?, "studies/0/state") == "refused" && !call.is_over() {
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    call.ctrl_c()?;
    let stopped = call.finish()?.code != Some(0);
    let list = vault.json("list")?;
    if stopped {
        assert_eq!(text(&list, "studies/0/state"), "new", "{list:#}");
        let analyzed = vault.json("analyze --new --device cpu")?;
        assert!(
            each(&analyzed, "analyses")
                .first()
                .is_some_and(|one| one["score"].is_number()),
            "{analyzed:#}"
        );
    }
    assert_eq!(text(&vault.json("list")?, "studies/0/state"), "outlined");
    Ok(())
}

#[test]
fn the_columns_of_a_manifest_are_statements_and_those_of_the_command_line_come_first() -> Done {
    let folder = tempfile::tempdir()?;
    let names = ["lesion-01", "lesion-02", "clean-01", "clean-02"];
    for name in names {
        without_comment(&format!("png/{name}.png"), &folder.path().join(format!("{name}.png")))?;
    }
    let manifest = folder.path().join("manifest.csv");
    let write = |said: [(&str, &str); 4]| -> Done {
        let mut table = "file,label,anomaly,split,patient_id,sequence,age\n".to_owned();
        for (name, (sequence, age)) in names.iter().zip(said) {
            let lesion = u8::from(name.starts_with("lesion"));
            table += &format!("{name}.png,HEAD,{lesion},val,{name},{sequence},{age}\n");
        }
        Ok(fs::write(&manifest, table)?)
    };
    let evaluate = |words: &str| {
        let call = overread("evaluate --json --device cpu --bundle").arg(BUNDLE);
        let call = call.arg("--manifest").arg(&manifest);
        call.args(words.split_whitespace()).run()
    };
    let refused = |words: &str| -> Outcome<f64> { Ok(number(&evaluate(words)?.ended(0).json()?, "n_refused")) };
    write([("FLAIR", "45"), ("FLAIR", "9"), ("T2", "45"), ("", "")])?;
    assert_eq!(refused("")?, 2.0, "a child and a T2");
    assert_eq!(refused("--age 45")?, 1.0, "a T2");
    assert_eq!(refused("--age 45 --sequence flair")?, 0.0);
    assert_eq!(refused("--sequence other")?, 4.0);

    write([("FLAIR", "45"), ("FLAIR", "200"), ("FLAIR", "0"), ("FLAIR", "old")])?;
    let ran = evaluate("")?;
    let error = ran.ended(1).json()?;
    assert_eq!(text(&error, "error/code"), "bad_data");
    for line in ["line 3: '200'", "line 4: '0'", "line 5: 'old'"] {
        assert!(text(&error, "error/message").contains(line), "{error:#}");
    }
    Ok(())
}
