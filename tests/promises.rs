//! What earlier versions wrote is read as it is, and what scripts read stays.
//!
//! In `promises/`: a vault with a signed study, settings and what the terminal answered, written by the program of
//! schema 6, and what the shipped bundles answered on 60 images. That file and `shapes.json` are written again where an
//! answer changes on purpose, with a line in the changelog.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use overread_tests::{
    Call, Done, Outcome, SIGNATURE, copy_bundle, data, each, edit_json, hash_again, need, not_kept, overread,
    promised_shapes, repository, scratch, text,
};
use serde_json::Value;

const PASSPHRASE: &str = "a golden passphrase";
/// Scores on another kind of processor differ in their last digits, by this at most.
const OTHER_PROCESSOR: f64 = 0.02;

fn promised(name: &str) -> PathBuf {
    repository().join("tests/promises").join(name)
}

fn golden(name: &str) -> Outcome<Value> {
    Ok(serde_json::from_slice(&fs::read(promised(name))?)?)
}

fn copy(from: &Path, to: &Path) -> Done {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        match entry.file_type()?.is_dir() {
            true => copy(&entry.path(), &to.join(entry.file_name()))?,
            false => fs::copy(entry.path(), to.join(entry.file_name())).map(|_| ())?,
        }
    }
    Ok(())
}

/// Whether two scores are within `apart` of each other. An image that got no score has none to be near to: then both
/// have to say `null`.
fn near(then: &Value, now: &Value, apart: f64) -> bool {
    match (then.as_f64(), now.as_f64()) {
        (Some(then), Some(now)) => (then - now).abs() <= apart,
        _ => then.is_null() && now.is_null(),
    }
}

#[test]
fn a_score_that_is_missing_is_near_to_none() {
    let value = |text: &str| serde_json::from_str::<Value>(text).unwrap_or(Value::String(text.to_owned()));
    for (then, now, expected) in [
        ("0.5", "0.51", true),
        ("0.5", "0.53", false),
        ("0.5", "null", false),
        ("null", "0.01", false),
        ("null", "null", true),
        ("absent", "absent", false),
        ("absent", "0", false),
    ] {
        assert_eq!(
            near(&value(then), &value(now), OTHER_PROCESSOR),
            expected,
            "{then} and {now}"
        );
    }
}

/// A call on a copy of the vault of schema 6.
fn on(vault: &Path, words: &str) -> Call {
    overread("--json --vault")
        .arg(vault)
        .args(words.split_whitespace())
        .env("OVERREAD_PASSPHRASE", PASSPHRASE)
}

/// Whether `now` says all that `then` said; it may say more.
fn lost(then: &Value, now: &Value, place: &str, found: &mut Vec<String>) {
    match (then, now) {
        (Value::Object(then), Value::Object(now)) => {
            for (name, value) in then {
                let place = format!("{place}.{name}");
                match now.get(name) {
                    Some(now) => lost(value, now, &place, found),
                    None => found.push(format!("{place} is gone")),
                }
            }
        }
        (Value::Array(then), Value::Array(now)) if then.len() == now.len() => {
            for (at, (then, now)) in then.iter().zip(now).enumerate() {
                lost(then, now, &format!("{place}[{at}]"), found);
            }
        }
        _ if then == now => {}
        _ => found.push(format!("{place} was {then} and is {now}")),
    }
}

/// What is told of the same records since record 37, which changed the meaning of four fields and of no other: `flagged`
/// (false), `outlined` (new: what `flagged` was) and `state` (`flagged` is `outlined`, `clear` is `not_outlined`), for no
/// operating point in that vault was counted by patient. The changelog says so.
fn says_where(then: &mut Value) {
    match then {
        Value::Object(fields) => {
            if let Some(flagged) = fields.insert("flagged".into(), false.into()) {
                fields.insert("outlined".into(), flagged);
            } else {
                fields.remove("flagged");
            }
            let state = match fields.get("state").and_then(Value::as_str) {
                Some("flagged") => "outlined",
                Some("clear") => "not_outlined",
                _ => "",
            };
            if !state.is_empty() {
                fields.insert("state".into(), state.into());
            }
            fields.values_mut().for_each(says_where);
        }
        Value::Array(members) => members.iter_mut().for_each(says_where),
        _ => {}
    }
}

#[test]
fn a_vault_of_schema_6_opens_and_says_all_that_it_said() -> Done {
    let folder = scratch(env!("CARGO_TARGET_TMPDIR"), "promised_vault")?;
    let vault = folder.join("vault");
    copy(&promised("vault"), &vault)?;
    let status = on(&vault, "vault status").run()?.ended(0).json()?;
    assert_eq!(status["audit_intact"], true, "{status}");
    assert!(
        vault.join("records-schema-6.db").is_file(),
        "the database was not copied before it changed"
    );
    let mut then = golden("terminal/stored.json")?;
    says_where(&mut then);
    let mut found = Vec::new();
    let listed = on(&vault, "list").run()?.ended(0).json()?;
    lost(&then["list"], &listed, "list", &mut found);
    for study in each(&then, "studies") {
        let uid = text(study, "study_instance_uid");
        let shown = on(&vault, "show").arg(uid).run()?.ended(0).json()?;
        lost(study, &shown, uid, &mut found);
    }
    assert_eq!(found, Vec::<String>::new());
    Ok(())
}

#[test]
fn a_signed_study_of_schema_6_stays_signed_and_is_reported() -> Done {
    let folder = scratch(env!("CARGO_TARGET_TMPDIR"), "promised_signature")?;
    let vault = folder.join("vault");
    copy(&promised("vault"), &vault)?;
    let then = golden("terminal/stored.json")?;
    let signed = each(&then, "studies")
        .iter()
        .find(|study| study["sign_off"].is_object());
    let signed = signed.ok_or("no study of the promised vault is signed")?;
    let uid = text(signed, "study_instance_uid");
    let again = on(&vault, "sign").arg(uid).run()?.ended(1).json()?;
    assert_eq!(again["error"]["code"], "study_signed");
    let pdf = folder.join("report.pdf");
    on(&vault, "report")
        .arg(uid)
        .args(["--format", "pdf", "--out"])
        .arg(&pdf)
        .run()?
        .ended(0);
    assert!(fs::read(&pdf)?.starts_with(b"%PDF-"));
    Ok(())
}

/// The verbs in the order in which the promised answers were taken.
fn answers(folder: &Path) -> Outcome<BTreeMap<&'static str, Value>> {
    let samples = repository().join("sample-data");
    let vault = folder.join("vault");
    let on = |words: &str| on(&vault, words);
    let mut answers = BTreeMap::new();
    let mut tell = |verb: &'static str, answer: Value| answers.insert(verb, answer);
    tell("vault create", on("vault create").run()?.ended(0).json()?);
    let import = on("import")
        .arg(samples.join("dicom/lesion-1"))
        .arg(repository().join("README.md"));
    tell("import", import.run()?.ended(3).json()?);
    tell(
        "analyze --new",
        on("analyze --new --device cpu").run()?.ended(0).json()?,
    );
    let files = on("analyze --device cpu --maps")
        .arg(folder.join("maps"))
        .arg(samples.join("png"));
    tell("analyze FILES", files.run()?.ended(0).json()?);
    let listed = on("list").run()?.ended(0).json()?;
    let study = text(&each(&listed, "studies")[0], "study_instance_uid").to_owned();
    let shown = on("show").arg(&study).run()?.ended(0).json()?;
    for finding in each(&shown, "analyses").iter().flat_map(|one| each(one, "findings")) {
        tell(
            "review",
            on("review --accept").arg(text(finding, "id")).run()?.ended(0).json()?,
        );
    }
    tell("sign", on("sign").arg(&study).run()?.ended(0).json()?);
    let report = on("report --format csv --out")
        .arg(folder.join("report.csv"))
        .arg(&study);
    tell("report", report.run()?.ended(0).json()?);
    tell("show", on("show").arg(&study).run()?.ended(0).json()?);
    tell("list", on("list").run()?.ended(0).json()?);
    tell("vault status", on("vault status").run()?.ended(0).json()?);
    tell("vault backup", on("vault backup").arg(folder).run()?.ended(0).json()?);
    tell("models list", on("models list").run()?.ended(0).json()?);
    tell("models verify", on("models verify").run()?.ended(0).json()?);
    tell(
        "samples",
        on("samples").arg(folder.join("samples")).run()?.ended(0).json()?,
    );
    tell(
        "decode",
        on("decode")
            .arg(samples.join("tiff/lesion-01.tiff"))
            .run()?
            .ended(0)
            .json()?,
    );
    let failure = on("report --format docx --out")
        .arg(folder.join("report.docx"))
        .arg(&study);
    tell("a failure", failure.run()?.ended(2).json()?);
    answers.extend(later_answers(folder)?);
    Ok(answers)
}

/// Those that were added to the promised ones, on a study of which nobody is known and a bundle of one's own.
fn later_answers(folder: &Path) -> Outcome<BTreeMap<&'static str, Value>> {
    let vault = folder.join("vault");
    let on = |words: &str| on(&vault, words).env("OVERREAD_CONFIG", folder.join("config"));
    let answer = |call: Call| -> Outcome<Value> { call.run()?.ended(0).json() };
    let mut answers = BTreeMap::new();
    let image = repository().join("sample-data/png/lesion-01.png");
    let study = text(&answer(on("import").arg(image))?, "studies/0").to_owned();
    let patient = on("patient --id 17 --name A^B").arg(&study);
    answers.insert("patient", answer(patient)?);
    answers.insert("vault policy", answer(on("vault policy --read-first on"))?);
    answers.insert(
        "models prevalence",
        answer(on("models prevalence brain-mri-flair --state 0.1"))?,
    );
    answers.insert("opinion", answer(on("opinion --normal --note x").arg(&study))?);

    let own = folder.join("own");
    copy_bundle(&repository().join("models/brain-mri-flair"), &own)?;
    fs::remove_file(own.join(SIGNATURE))?;
    edit_json(&own.join("metadata.json"), |metadata| {
        metadata["version"] = "9.9.9".into()
    })?;
    hash_again(&own)?;
    answers.insert("models install", answer(on("models install").arg(&own))?);
    for verb in ["models activate", "models retire"] {
        answers.insert(verb, answer(on(verb).args(["brain-mri-flair", "9.9.9"]))?);
    }

    let older = fs::read(vault.join("records.db"))?;
    answer(on("import").arg(repository().join("sample-data/png/lesion-02.png")))?;
    fs::write(vault.join("records.db"), older)?;
    answers.insert("vault accept-restored", answer(on("vault accept-restored"))?);
    Ok(answers)
}

/// Verbs whose answers another test holds against the promised ones: a training takes its time.
const ELSEWHERE: [&str; 2] = ["train", "evaluate"];

/// The verbs below `verb`, from the help of the program itself.
fn verbs_below(verb: &str) -> Outcome<Vec<String>> {
    let help = overread(verb).arg("--help").run()?;
    let listed = help
        .ended(0)
        .stdout
        .split("Commands:")
        .nth(1)
        .unwrap_or_default()
        .to_owned();
    let listed = listed.split("Options:").next().unwrap_or_default();
    let names = listed.lines().filter_map(|line| line.split_whitespace().next());
    let names: Vec<&str> = names.filter(|name| *name != "help").collect();
    let below = names.iter().map(|name| verbs_below(format!("{verb} {name}").trim()));
    let below = below.collect::<Outcome<Vec<_>>>()?.concat();
    match below.is_empty() {
        true => Ok(vec![verb.to_owned()]),
        false => Ok(below),
    }
}

#[test]
fn every_verb_has_its_promised_answer() -> Done {
    let promised = promised_shapes()?;
    let verbs = verbs_below("")?;
    assert!(
        verbs.len() > 20 && verbs.iter().any(|verb| verb == "vault create"),
        "{verbs:?}"
    );
    let lacks = |verb: &&String| {
        let is_it = |name: &String| name == *verb || name.starts_with(&format!("{verb} "));
        !promised.keys().any(is_it)
    };
    assert_eq!(verbs.iter().filter(lacks).collect::<Vec<_>>(), Vec::<&String>::new());
    Ok(())
}

#[test]
fn every_verb_answers_with_the_names_and_kinds_that_scripts_read() -> Done {
    let answers = answers(&scratch(env!("CARGO_TARGET_TMPDIR"), "promised_answers")?)?;
    let mut gone = Vec::new();
    for (verb, places) in &promised_shapes()? {
        if ELSEWHERE.contains(&verb.as_str()) {
            continue;
        }
        let answer = answers
            .get(verb.as_str())
            .ok_or_else(|| format!("'{verb}' was not tried"))?;
        gone.extend(
            not_kept(places, answer)
                .into_iter()
                .map(|what| format!("{verb}: {what}")),
        );
    }
    assert_eq!(gone, Vec::<String>::new());
    Ok(())
}

/// Whether this is the kind of processor that the promised answers come from.
fn same_processor(wanted: &str) -> bool {
    let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    wanted.split(" with ").all(|word| processor.contains(word))
}

#[test]
fn the_bundles_answer_as_they_did() -> Done {
    let promised = golden("scores.json")?;
    let exact = same_processor(text(&promised, "processor"));
    let isa = std::env::var("ONEDNN_MAX_CPU_ISA").unwrap_or_else(|_| "native".into());
    let bundles = promised["answers"].get(&isa).unwrap_or(&promised["answers"]["native"]);
    let maps = scratch(env!("CARGO_TARGET_TMPDIR"), "promised_maps")?;
    let mut other = Vec::new();
    let mut seen = 0;
    for (bundle, then) in bundles.as_object().ok_or("no bundles")? {
        let then = then.as_array().ok_or("no images")?;
        let pack = text(&then[0], "file").split('/').next().unwrap_or_default().to_owned();
        let folder = need!(data(&pack));
        let files = then.iter().map(|image| folder.join("..").join(text(image, "file")));
        let call = overread("--json analyze --device cpu --bundle")
            .arg(bundle)
            .arg("--maps")
            .arg(&maps)
            .args(files);
        let answer = call.run()?.ended(0).json()?;
        for (then, now) in then.iter().zip(each(&answer, "analyses")) {
            seen += 1;
            let (gate, findings) = (&now["input"]["score"], each(now, "findings").len());
            let same = match exact {
                true => {
                    then["score"] == now["score"]
                        && then["gate"] == *gate
                        && then["flagged"] == (now["flagged"] == true || now["outlined"] == true)
                        && then["findings"] == findings
                }
                false => near(&then["score"], &now["score"], OTHER_PROCESSOR),
            };
            if !same {
                other.push(format!(
                    "{bundle}: was {then}, is {} (gate {gate}, {findings} findings)",
                    now["score"]
                ));
            }
        }
    }
    assert_eq!(seen, 60);
    assert_eq!(other, Vec::<String>::new(), "exact: {exact}");
    Ok(())
}
