//! The contract of the command line that scripts rely on: exit codes, JSON shapes, where things go.

#[path = "cli/pictures.rs"]
mod pictures;

use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use overread_tests::{
    BUNDLE, Call, Done, Outcome, PASSPHRASE, TestVault, assert_keys, each, field, once, overread, repository, scratch,
    text, texts,
};
use pictures::check_analysis;
use serde_json::Value;

fn filled() -> Outcome<&'static TestVault> {
    static VAULT: OnceLock<Result<TestVault, String>> = OnceLock::new();
    once(&VAULT, || {
        TestVault::filled(scratch(env!("CARGO_TARGET_TMPDIR"), "cli")?)
    })
}

fn sample(name: &str) -> PathBuf {
    repository().join("sample-data").join(name)
}

fn analyze() -> Call {
    overread("analyze --json --device cpu --bundle").arg(BUNDLE)
}

#[test]
fn help_and_version_are_answers() -> Done {
    let help = overread("--help").run()?;
    assert!(
        help.ended(0).stdout.contains("Usage: overread") && help.stderr.is_empty(),
        "{help}"
    );
    let version = overread("--version").run()?;
    assert_eq!(
        version.ended(0).stdout.trim(),
        format!("overread {}", env!("CARGO_PKG_VERSION"))
    );
    Ok(())
}

#[test]
fn wrong_usage_ends_with_2() -> Done {
    for words in [
        "",
        "frobnicate",
        "import",
        "analyze",
        "list",
        "list --sort size",
        "analyze --new",
        "analyze x.png --new",
        "analyze x.png --device gpu",
        "review abc",
        "review abc --accept --reject",
    ] {
        let ran = overread(words).run()?;
        assert!(!ran.ended(2).stderr.is_empty() && ran.stdout.is_empty(), "{ran}");
    }
    Ok(())
}

#[test]
fn wrong_usage_of_a_vault_is_told_after_opening_it() -> Done {
    let vault = filled()?;
    vault
        .call("show not-a-uid")
        .run()?
        .ended(2)
        .error_is("wrong_usage", "not-a-uid")?;
    let out = vault.folder.join("x");
    let ran = vault.call("report 1.2.3 --format docx --out").arg(&out).run()?;
    ran.ended(2).error_is("wrong_usage", "docx")?;
    assert!(!out.exists());
    vault.call("show 1.2.3").run()?.failed_with("not_found", "1.2.3")?;
    vault
        .call("review 0123456789abcdef --accept")
        .run()?
        .failed_with("not_found", "0123456789abcdef")?;
    vault
        .call("analyze --study 1.2.3 --bundle")
        .arg(BUNDLE)
        .run()?
        .failed_with("not_found", "1.2.3")
}

#[test]
fn json_is_one_document_also_when_the_words_are_wrong() -> Done {
    overread("--json list")
        .run()?
        .ended(2)
        .error_is("wrong_usage", "--vault")?;
    for words in ["--json list --sort size", "frobnicate --json", "review abc --json"] {
        let ran = overread(words).run()?;
        let json = ran.ended(2).json()?;
        assert_keys(&json, &["error"]);
        assert_keys(&json["error"], &["code", "message"]);
        assert_eq!(text(&json, "error/code"), "wrong_usage", "{ran}");
    }
    Ok(())
}

#[test]
fn one_good_and_one_bad_input_end_with_3_and_the_good_one_is_done() -> Done {
    let folder = tempfile::tempdir()?;
    let bad = folder.path().join("bad.png");
    fs::write(&bad, &fs::read(sample("png/lesion-01.png"))?[..2000])?;
    let good = sample("png/lesion-01.png");
    let ran = analyze().arg(&bad).arg(&good).run()?;
    ran.ended(3).input_failed_with(&bad, "truncated", "bad.png")?;
    let json = ran.json()?;
    assert_eq!(texts(&json, "analyses", "file"), [good.display().to_string()]);
    check_analysis(&json["analyses"][0]);

    let vault = TestVault::create(folder.path().join("place"))?;
    let ran = vault.call("import").arg(&bad).arg(&good).run()?;
    ran.ended(3).input_failed_with(&bad, "truncated", "bad.png")?;
    assert_eq!(field(&ran.json()?, "imported"), 1);
    vault.is_whole_with(1)
}

#[test]
fn progress_goes_to_stderr_and_results_to_stdout() -> Done {
    let ran = analyze().arg(sample("png/lesion-01.png")).run()?;
    assert!(ran.ended(0).stderr.lines().any(|line| line == "analysing 1/1"), "{ran}");
    ran.json()?;
    let plain = overread("analyze --bundle")
        .arg(BUNDLE)
        .arg(sample("png/lesion-01.png"))
        .run()?;
    assert!(
        plain.ended(0).stdout.contains("1 analysed") && !plain.stdout.contains("analysing"),
        "{plain}"
    );
    let vault = filled()?;
    let again = vault.call("import").arg(&vault.samples).run()?;
    assert!(again.ended(0).stderr.contains("importing 24/24"), "{again}");
    again.json()?;
    Ok(())
}

#[test]
fn studies_are_sorted_and_found() -> Done {
    let vault = filled()?;
    let uids = |words: &str| -> Outcome<Vec<String>> {
        let list = vault.json(words)?;
        assert_keys(&list, &["studies"]);
        for study in each(&list, "studies") {
            let keys = [
                "study_instance_uid",
                "patient_id",
                "patient_name",
                "date",
                "modality",
                "state",
                "score",
                "flagged",
                "outlined",
                "images_not_analysed",
            ];
            assert_keys(study, &keys);
        }
        Ok(texts(&list, "studies", "study_instance_uid")
            .into_iter()
            .map(str::to_owned)
            .collect())
    };
    let ids = |words: &str| -> Outcome<Vec<String>> {
        let list = vault.json(words)?;
        Ok(texts(&list, "studies", "patient_id")
            .into_iter()
            .map(str::to_owned)
            .collect())
    };
    let named: Vec<String> = ids("list --sort name")?
        .into_iter()
        .filter(|id| !id.is_empty())
        .collect();
    assert_eq!(named, ["SYN-0001", "SYN-0002"], "Synthetic comes before Szintetikus");
    let dates: Vec<Value> = each(&vault.json("list --sort date")?, "studies")
        .iter()
        .map(|s| s["date"].clone())
        .collect();
    let dated = dates.iter().take_while(|date| !date.is_null()).count();
    assert!(
        dated == 2 && dates.len() == 8 && dates[dated..].iter().all(Value::is_null),
        "{dates:?}"
    );
    let mut all = uids("list")?;
    for order in ["list --sort suspicion", "list --sort name", "list --sort date"] {
        let mut same = uids(order)?;
        same.sort();
        all.sort();
        assert_eq!(same, all, "{order}");
    }
    for (words, found) in [
        ("list --find SYN-0002", vec!["SYN-0002"]),
        ("list --find syn-0001", vec!["SYN-0001"]),
        // Letters are found with and without their marks.
        ("list --find ketto", vec!["SYN-0002"]),
        ("list --find KETTŐ", vec!["SYN-0002"]),
        ("list --find nobody", vec![]),
        ("list --find %", vec![]),
    ] {
        assert_eq!(ids(words)?, found, "{words}");
    }
    Ok(())
}

#[test]
fn passphrase_and_user_come_from_a_file_or_the_environment() -> Done {
    let folder = tempfile::tempdir()?;
    let (vault, file) = (folder.path().join("vault"), folder.path().join("passphrase"));
    fs::write(&file, "from a file \u{1f5dd}\nsecond line")?;
    let call = |words: &str| {
        overread("--json --vault")
            .arg(&vault)
            .args(words.split(' '))
            .without("OVERREAD_PASSPHRASE")
    };
    let with_file = |words: &str| call(words).arg("--passphrase-file").arg(&file);
    with_file("vault create --user mária").run()?.ended(0);
    let status = with_file("vault status")
        .env("OVERREAD_USER", "mária")
        .run()?
        .ended(0)
        .json()?;
    assert_eq!(
        (text(&status, "user"), text(&status, "role")),
        ("mária", "administrator")
    );
    let by_word = call("list --user mária").env("OVERREAD_PASSPHRASE", "from a file \u{1f5dd}");
    by_word.run()?.ended(0);
    with_file("list --user mária")
        .env("OVERREAD_PASSPHRASE", "wrong; the file goes before")
        .run()?
        .ended(0);
    with_file("list").run()?.failed_with("wrong_passphrase", "vault")?;
    call("list --user mária")
        .env("OVERREAD_PASSPHRASE", PASSPHRASE)
        .run()?
        .failed_with("wrong_passphrase", "vault")?;
    call("list --user mária")
        .run()?
        .ended(2)
        .error_is("wrong_usage", "OVERREAD_PASSPHRASE")?;
    let nowhere = folder.path().join("nowhere");
    let ran = call("list").arg("--passphrase-file").arg(&nowhere).run()?;
    ran.ended(2).error_is("wrong_usage", "nowhere")
}

#[test]
fn nothing_is_written_into_a_vault_by_whatever_way_a_path_leads_there() -> Done {
    let vault = filled()?;
    let place = tempfile::tempdir()?;
    let link = place.path().join("link");
    std::os::unix::fs::symlink(&vault.vault, &link)?;
    let to_database = place.path().join("report.pdf");
    std::os::unix::fs::symlink(vault.vault.join("records.db"), &to_database)?;
    let list = vault.json("list")?;
    let study = text(&each(&list, "studies")[0], "study_instance_uid").to_owned();
    let files = [
        vault.vault.join("records.db"),
        vault.vault.join("new.pdf"),
        vault.vault.join("files/../vault.json"),
        link.join("audit.anchor"),
        to_database,
    ];
    for out in &files {
        let report = vault.call("report").arg(&study).arg("--out").arg(out).run()?;
        report.failed_with("inside_vault", "choose a place outside")?;
        for output in ["--raw", "--png"] {
            let scan = sample("png/lesion-01.png");
            let decoded = overread("decode --json").arg(scan).arg(output).arg(out).run()?;
            decoded.failed_with("inside_vault", "choose a place outside")?;
        }
    }
    let data = place.path();
    let manifest = data.join("manifest.csv");
    for folder in [vault.vault.clone(), vault.vault.join("files/new"), link.join("files")] {
        let calls = [
            analyze().arg(sample("png/lesion-01.png")).arg("--maps").arg(&folder),
            overread("samples --json").arg(&folder),
            overread("evaluate --json --bundle")
                .args([BUNDLE, "--manifest"])
                .arg(&manifest)
                .arg("--out")
                .arg(&folder),
            overread("train --json --bundle")
                .args([BUNDLE, "--data"])
                .arg(data)
                .arg("--out")
                .arg(&folder),
        ];
        for call in calls {
            call.run()?.failed_with("inside_vault", "choose a place outside")?;
        }
    }
    for folder in [vault.vault.clone(), link.join("files")] {
        let backup = vault.call("vault backup").arg(&folder).run()?;
        backup.failed_with("inside_vault", "choose a place outside")?;
    }
    let nested = overread("--json --vault")
        .arg(vault.vault.join("files/nested"))
        .args(["vault", "create"]);
    nested.run()?.failed_with("inside_vault", "choose a place outside")?;

    // A second name of the database is not replaced, and a report beside the vault is its owner's alone.
    let second = vault.folder.join("second name.pdf");
    let _ = fs::remove_file(&second);
    fs::hard_link(vault.vault.join("records.db"), &second)?;
    let report = vault.call("report").arg(&study).arg("--out").arg(&second).run()?;
    report.ended(2).error_is("wrong_usage", "hard links")?;
    fs::remove_file(&second)?;
    let out = place.path().join("beside.csv");
    vault
        .call("report --format csv")
        .arg(&study)
        .arg("--out")
        .arg(&out)
        .run()?
        .ended(0);
    let mode = std::os::unix::fs::MetadataExt::mode(&fs::metadata(&out)?) & 0o777;
    assert_eq!(mode, 0o600);

    let own = place.path().join("scan.png");
    fs::copy(sample("png/lesion-01.png"), &own)?;
    let over = overread("decode --json").arg(&own).arg("--raw").arg(&own).run()?;
    over.ended(2).error_is("wrong_usage", "is the file that is read")?;
    assert_eq!(fs::read(&own)?, fs::read(sample("png/lesion-01.png"))?);
    vault.is_whole_with(24)
}

#[test]
fn models_are_listed_and_verified() -> Done {
    let listed = overread("models list --json").run()?.ended(0).json()?;
    let verified = overread("models verify --json").run()?.ended(0).json()?;
    assert_eq!(listed["bundles"], verified["bundles"]);
    assert!(text(&verified, "libtorch").starts_with("2."), "{verified:#}");
    let bundle = each(&listed, "bundles").iter().find(|bundle| bundle["name"] == BUNDLE);
    let bundle = bundle.ok_or("the bundle is not listed")?;
    assert_eq!((&bundle["ok"], &bundle["problem"]), (&Value::Bool(true), &Value::Null));
    assert!(
        !each(bundle, "operating_points").is_empty() && !each(bundle, "data_licences").is_empty(),
        "{bundle:#}"
    );
    let analyzed = analyze().arg(sample("png/clean-01.png")).run()?.ended(0).json()?;
    assert_eq!(
        text(&analyzed, "analyses/0/weights_sha256"),
        text(bundle, "weights_sha256")
    );
    assert_eq!(
        analyzed["analyses"][0]["operating_point"],
        bundle["operating_points"][0]
    );
    Ok(())
}
