//! The main job as a clinic would do it: scans in, analysed, decided, signed, reported. One story
//! runs once; each test looks at one side of it.

#[path = "flow/reports.rs"]
mod reports;
#[path = "flow/story.rs"]
mod story;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use overread_tests::{BUNDLE, Done, assert_keys, each, field, number, overread, text, texts};
use serde_json::Value;

use story::{LABEL, NOTE, finding_ids, findings, lesion_study, row, story};

#[test]
fn scans_are_taken_once() -> Done {
    let story = story()?;
    let samples = each(&story.manifest, "samples").len();
    let keys = [
        "imported",
        "already_there",
        "no_image",
        "nameless",
        "patient_not_used",
        "studies",
        "failed",
        "also_read",
        "notes",
    ];
    assert_keys(&story.imported, &keys);
    assert_eq!(field(&story.imported, "imported"), samples);
    // Every file is accounted for: beside the scans lies their description alone.
    let [beside] = each(&story.imported, "failed") else {
        return Err("more than the description is no scan".into());
    };
    assert_eq!(text(beside, "code"), "not_an_image");
    assert!(text(beside, "file").ends_with("manifest.json"), "{beside}");
    let studies = texts(&story.listed_new, "studies", "study_instance_uid")
        .into_iter()
        .collect::<BTreeSet<_>>();
    let told: BTreeSet<&str> = each(&story.imported, "studies")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert_eq!(told, studies);
    for again in [&story.imported_again, &story.after.import_same] {
        assert_eq!(field(again, "imported"), 0);
        assert_eq!(field(again, "already_there"), samples);
        assert_eq!(each(again, "studies").len(), 0);
    }
    for study in each(&story.listed_new, "studies") {
        assert_eq!(study["state"], "new");
        assert_eq!(study["score"], Value::Null);
        assert_eq!((&study["flagged"], &study["outlined"]), (&false.into(), &false.into()));
    }
    Ok(())
}

#[test]
fn everything_new_is_analysed_once() -> Done {
    let story = story()?;
    let samples = each(&story.manifest, "samples");
    assert_eq!(each(&story.analyzed, "analyses").len(), samples.len());
    assert_eq!(each(&story.analyzed, "failed").len(), 0);
    assert_eq!(each(&story.analyzed_again, "analyses").len(), 0);
    assert_eq!(each(&story.analyzed_again, "failed").len(), 0);
    for sample in samples {
        let Some(uid) = sample["sop_instance_uid"].as_str() else {
            continue;
        };
        let count = texts(&story.analyzed, "analyses", "sop_instance_uid")
            .iter()
            .filter(|u| **u == uid)
            .count();
        assert_eq!(count, 1, "{uid}");
    }
    Ok(())
}

#[test]
fn the_list_says_what_the_analyses_said_most_suspicious_first() -> Done {
    let story = story()?;
    let mut last = f64::INFINITY;
    for study in each(&story.listed, "studies") {
        let uid = text(study, "study_instance_uid");
        let shown = story.place.call("show").arg(uid).run()?.ended(0).json()?;
        let analyses = each(&shown, "analyses");
        let highest = analyses
            .iter()
            .filter_map(|a| a["score"].as_f64())
            .fold(f64::NEG_INFINITY, f64::max);
        assert!(
            (number(study, "score") - highest).abs() < 1e-6,
            "{uid}: {highest} is the highest in {study}"
        );
        // The bundle says where and not whether.
        assert!(
            analyses.iter().all(|a| a["says"] == "where" && a["flagged"] == false),
            "{uid}"
        );
        let outlined = analyses.iter().any(|a| a["outlined"] == true);
        assert_eq!(
            (field(study, "flagged"), field(study, "outlined")),
            (&false.into(), &outlined.into()),
            "{uid}"
        );
        assert_eq!(text(study, "state"), if outlined { "outlined" } else { "not_outlined" });
        assert!(number(study, "score") <= last, "{uid} stands too low");
        last = number(study, "score");
        assert_eq!(text(&shown, "patient/patient_id"), text(study, "patient_id"));
        assert_eq!(text(&shown, "patient/patient_name"), text(study, "patient_name"));
    }
    Ok(())
}

#[test]
fn a_finding_lies_in_its_picture_and_its_peak_in_its_box() -> Done {
    let story = story()?;
    let found = findings(&story.analyzed);
    assert!(
        !found.is_empty(),
        "nothing was found in {} pictures",
        each(&story.analyzed, "analyses").len()
    );
    // Every sample has 256 x 256 pixels.
    let inside = |start: f64, length: f64| start >= 0.0 && length >= 1.0 && start + length <= 256.0;
    for (analysis, finding) in found {
        let [x, y, width, height] = [0, 1, 2, 3].map(|i| number(finding, &format!("box/{i}")));
        assert!(inside(x, width) && inside(y, height), "{finding}");
        let (peak_x, peak_y) = (number(finding, "peak/0"), number(finding, "peak/1"));
        assert!(
            (x..x + width).contains(&peak_x) && (y..y + height).contains(&peak_y),
            "{finding}"
        );
        assert!(
            (1.0..=width * height).contains(&number(finding, "area_px")),
            "{finding}"
        );
        assert!((0.0..=1.0).contains(&number(finding, "score")), "{finding}");
        assert_eq!(
            field(analysis, "outlined"),
            true,
            "a finding where nothing is outlined: {analysis}"
        );
        assert!(
            number(analysis, "score") >= number(analysis, "operating_point/threshold"),
            "{analysis}"
        );
    }
    Ok(())
}

#[test]
fn stored_analyses_are_those_that_were_printed() -> Done {
    let story = story()?;
    let printed: BTreeMap<&str, &Value> = each(&story.analyzed, "analyses")
        .iter()
        .map(|a| (text(a, "sop_instance_uid"), a))
        .collect();
    let kept = [
        "frame",
        "frame_number",
        "bundle",
        "version",
        "weights_sha256",
        "input",
        "score",
        "says",
        "flagged",
        "outlined",
        "flags",
        "heads",
        "operating_point",
        "findings",
    ];
    for stored in each(&story.shown, "analyses") {
        let printed = printed[text(stored, "sop_instance_uid")];
        for name in kept {
            assert_eq!(field(stored, name), field(printed, name), "{name}");
        }
    }
    Ok(())
}

#[test]
fn nothing_is_signed_before_it_is_analysed_and_decided() -> Done {
    let story = story()?;
    let study = lesion_study(&story.manifest)?;
    story.signed_too_early.failed_with("not_analysed", &study)?;
    story.signed_undecided.failed_with("not_reviewed", &study)
}

#[test]
fn the_latest_decision_on_a_finding_stands() -> Done {
    let story = story()?;
    let study = lesion_study(&story.manifest)?;
    let ids = finding_ids(&story.shown);
    for (index, review) in story.reviews.iter().enumerate() {
        assert_keys(
            review,
            &[
                "finding_id",
                "decision",
                "label",
                "note",
                "reader",
                "decided_at",
                "study_instance_uid",
                "study_state",
            ],
        );
        assert_eq!(text(review, "study_instance_uid"), study);
        let all_decided = index + 1 == story.reviews.len() || ids.len() == 1;
        assert_eq!(
            text(review, "study_state"),
            if all_decided { "reviewed" } else { "outlined" }
        );
    }
    let standing: BTreeMap<&str, &Value> = each(&story.shown_reviewed, "analyses")
        .iter()
        .flat_map(|analysis| each(analysis, "reviews"))
        .map(|review| (text(review, "finding_id"), review))
        .collect();
    assert_eq!(standing.len(), ids.len());
    for (index, id) in ids.iter().enumerate() {
        let review = standing[id.as_str()];
        let (decision, label, note) = match index {
            0 => ("changed", Value::from(LABEL), Value::from(NOTE)),
            n if n % 2 == 1 => ("accepted", Value::Null, Value::Null),
            _ => ("rejected", Value::Null, Value::from(NOTE)),
        };
        assert_eq!(text(review, "decision"), decision);
        assert_eq!((field(review, "label"), field(review, "note")), (&label, &note));
        assert_eq!(text(review, "reader"), "admin");
    }
    assert_eq!(text(&story.shown_reviewed, "state"), "reviewed");
    Ok(())
}

#[test]
fn a_signed_study_does_not_change() -> Done {
    let story = story()?;
    let study = lesion_study(&story.manifest)?;
    let sha256 = text(&story.signed, "content_sha256");
    assert!(
        sha256.len() == 64 && sha256.chars().all(|c| c.is_ascii_hexdigit()),
        "{sha256}"
    );
    assert_eq!(text(&story.signed, "study_instance_uid"), study);
    for refused in [&story.after.review, &story.after.analyze, &story.after.sign] {
        refused.failed_with("study_signed", &study)?;
    }
    story.after.import.ended(1);
    story
        .after
        .import
        .input_failed_with(story.place.folder.join("another.dcm"), "study_signed", "another.dcm")?;
    assert_eq!(field(&story.shown_signed, "sign_off"), &story.signed);
    assert_eq!(text(&story.shown_signed, "state"), "signed");
    for name in ["instances", "analyses"] {
        assert_eq!(
            field(&story.shown_signed, name),
            field(&story.shown_reviewed, name),
            "{name} changed"
        );
    }
    Ok(())
}

#[test]
fn the_audit_is_whole_at_the_end_and_everything_is_counted() -> Done {
    let story = story()?;
    assert_eq!(field(&story.status, "audit_intact"), true);
    let samples = each(&story.manifest, "samples").len();
    for (name, count) in [
        ("instances", samples),
        ("analyses", samples),
        ("studies", each(&story.listed, "studies").len()),
        ("findings", findings(&story.analyzed).len()),
        ("reviews", story.reviews.len()),
    ] {
        assert_eq!(field(&story.status, name), count, "{name}");
    }
    assert_eq!(
        row(&story.place.json("list")?, &lesion_study(&story.manifest)?)?["state"],
        "signed"
    );
    Ok(())
}

#[test]
fn nothing_in_the_vault_can_be_read_without_its_key() -> Done {
    let story = story()?;
    let study = lesion_study(&story.manifest)?;
    let secrets = [
        "SYN-0001",
        "Lesion One",
        "Szintetikus",
        "SYNTHETIC",
        "IM0001",
        "Árnyék",
        BUNDLE,
        &study,
    ];
    let mut open = vec![story.place.vault.clone()];
    let (mut files, mut bytes_seen) = (0, 0);
    while let Some(path) = open.pop() {
        let name = path
            .file_name()
            .map(|n| n.to_string_lossy().into_owned())
            .unwrap_or_default();
        assert!(!secrets.iter().any(|secret| name.contains(secret)), "{name}");
        if path.is_dir() {
            for entry in fs::read_dir(path)? {
                open.push(entry?.path());
            }
            continue;
        }
        let bytes = fs::read(&path)?;
        (files, bytes_seen) = (files + 1, bytes_seen + bytes.len());
        for secret in secrets
            .iter()
            .map(|s| s.as_bytes())
            .chain([b"DICM".as_slice(), b"IHDR", b"SQLite format"])
        {
            // Four letters come up by chance in megabytes of noise; at their place they do not.
            let found = match secret {
                b"DICM" => bytes.get(128..132) == Some(secret),
                b"IHDR" => bytes.get(12..16) == Some(secret),
                _ => bytes.windows(secret.len()).any(|window| window == secret),
            };
            assert!(!found, "{} holds {:?}", path.display(), String::from_utf8_lossy(secret));
        }
    }
    assert!(
        files > 24 && bytes_seen > 1_000_000,
        "{files} files with {bytes_seen} bytes are too few to mean something"
    );
    Ok(())
}

/// How well the bundle does on synthetic heads says little of patients; that it points at bright
/// lesions and leaves clean heads alone must hold all the same.
#[test]
fn lesions_are_pointed_at_and_clean_heads_left_alone() -> Done {
    let folder = tempfile::tempdir()?;
    overread("samples --set full").arg(folder.path()).run()?.ended(0);
    let manifest: Value = serde_json::from_slice(&fs::read(folder.path().join("manifest.json"))?)?;
    let analyzed = overread("analyze --json --bundle").arg(BUNDLE).arg(folder.path());
    let analyzed = analyzed.run()?.ended(0).json()?;
    let by_file: BTreeMap<&str, &Value> = each(&analyzed, "analyses")
        .iter()
        .map(|a| (text(a, "file"), a))
        .collect();
    let (mut lesions, mut hits, mut clean, mut outlined) = (0, 0, 0, 0);
    for sample in each(&manifest, "samples") {
        let path = folder.path().join(text(sample, "file")).display().to_string();
        let analysis = by_file[path.as_str()];
        if sample["lesion"] == true {
            let [x, y, width, height] =
                ["x", "y", "width", "height"].map(|n| number(sample, &format!("lesion_box/{n}")));
            let inside = |finding: &Value| {
                (x..x + width).contains(&number(finding, "peak/0"))
                    && (y..y + height).contains(&number(finding, "peak/1"))
            };
            lesions += 1;
            hits += u32::from(each(analysis, "findings").first().is_some_and(inside));
        } else {
            clean += 1;
            outlined += u32::from(analysis["outlined"] == true);
        }
    }
    eprintln!(
        "first finding inside the lesion in {hits} of {lesions} pictures; {outlined} of {clean} clean ones outlined"
    );
    assert!(lesions >= 30 && clean >= 90, "too few samples");
    assert!(hits * 10 >= lesions * 9, "{hits} of {lesions} lesions were pointed at");
    assert!(
        outlined * 10 <= clean,
        "{outlined} of {clean} clean pictures were outlined"
    );
    Ok(())
}

#[test]
fn a_backup_opens_as_a_vault_and_says_the_same() -> Done {
    let story = story()?;
    let into = story.place.folder.join("backups");
    fs::create_dir_all(&into)?;
    let made = story.place.call("vault backup").arg(&into).run()?.ended(0).json()?;
    assert_keys(&made, &["folder", "files", "bytes", "studies", "verified"]);
    assert_eq!(made["verified"], true);
    let folder = text(&made, "folder");
    let of = |vault: &str, verb: &str| {
        overread("--json --vault")
            .arg(vault)
            .args(verb.split(' '))
            .run()?
            .ended(0)
            .json()
    };
    let original = story.place.vault.display().to_string();
    assert_eq!(of(folder, "list")?, of(&original, "list")?);
    let status = of(folder, "vault status")?;
    assert_eq!(status["audit_intact"], true);
    for key in [
        "patients",
        "studies",
        "instances",
        "analyses",
        "findings",
        "reviews",
        "file_bytes",
        "lost_files",
        "lost_bytes",
        "read_only",
    ] {
        assert_eq!(field(&status, key), field(&story.status, key), "{key}");
    }
    let nowhere = story.place.call("vault backup").arg(into.join("nowhere")).run()?;
    nowhere.failed_with("file_not_found", "nowhere")
}
