//! Which bundle may answer: one that came with the program only with its signature, another one only
//! after an activation that pins its files. Each variant lies in a copy of the program.

use std::fs;
use std::path::{Path, PathBuf};

use overread_tests::{
    BUNDLE, Call, Done, Installed, Outcome, SIGNATURE, TestVault, copy_bundle, each, edit_json, hash_again,
    manifest_sha256, number, overread, repository, set_threshold, sign, sign_with, text,
};

/// A scan whose lesion the shipped bundle scores with .992; its threshold is .367.
fn lesion() -> PathBuf {
    repository().join("sample-data/png/lesion-01.png")
}

fn shipped(name: &str) -> PathBuf {
    repository().join("models").join(name)
}

type Change = fn(&Path) -> Done;

/// What may be done to a bundle of the models folder, and the code of the refusal.
const VARIANTS: [(&str, &str, Change); 8] = [
    ("its signature is gone", "bundle_unsigned", |bundle| {
        Ok(fs::remove_file(bundle.join(SIGNATURE))?)
    }),
    (
        "its signature is gone and its threshold moved",
        "bundle_unsigned",
        |bundle| {
            fs::remove_file(bundle.join(SIGNATURE))?;
            set_threshold(bundle, 0.9999)?;
            hash_again(bundle)
        },
    ),
    (
        "its threshold moved and the old signature kept",
        "bundle_damaged",
        |bundle| {
            set_threshold(bundle, 0.9999)?;
            hash_again(bundle)
        },
    ),
    (
        "its threshold moved and the manifest kept",
        "bundle_damaged",
        |bundle| set_threshold(bundle, 0.9999),
    ),
    ("the signature of another bundle", "bundle_damaged", |bundle| {
        fs::remove_file(bundle.join(SIGNATURE))?;
        fs::copy(shipped("breast-us").join(SIGNATURE), bundle.join(SIGNATURE))?;
        Ok(())
    }),
    ("signed by another key", "bundle_damaged", |bundle| {
        let stranger = minisign::KeyPair::generate_unencrypted_keypair()?;
        sign_with(&stranger.sk, bundle)
    }),
    ("fewer files, and none of them wrong", "bundle_unsigned", |bundle| {
        fs::remove_file(bundle.join(SIGNATURE))?;
        fs::remove_file(bundle.join("gate.safetensors"))?;
        edit_json(&bundle.join("metadata.json"), |metadata| {
            metadata["gate"] = serde_json::Value::Null;
        })?;
        hash_again(bundle)
    }),
    (
        "another bundle in its place, validly signed",
        "bundle_damaged",
        |bundle| {
            fs::remove_dir_all(bundle)?;
            copy_bundle(&shipped("breast-us"), bundle)
        },
    ),
];

fn analyze(installed: &Installed) -> Call {
    overread("analyze --json --device cpu")
        .arg(lesion())
        .of(installed.path())
}

/// Without its name the bundle is one of those in use, and with it the one that is asked.
#[test]
fn a_shipped_bundle_runs_only_as_it_was_signed() -> Done {
    let installed = Installed::with_all_bundles()?;
    for name in [BUNDLE, "router"] {
        let bundle = installed.path().join("models").join(name);
        for (what, code, change) in VARIANTS {
            change(&bundle).map_err(|error| format!("{name}: {what}: {error}"))?;
            analyze(&installed).run()?.failed_with(code, name)?;
            if name == BUNDLE {
                analyze(&installed)
                    .args(["--bundle", name])
                    .run()?
                    .failed_with(code, name)?;
                let by_path = analyze(&installed).arg("--allow-unsigned").arg("--bundle").arg(&bundle);
                by_path.run()?.failed_with(code, name)?;
            }
            for verb in ["models list --json", "models verify --json"] {
                let listed = overread(verb).of(installed.path()).run()?;
                let json = listed.ended(1).json()?;
                let bad: Vec<_> = each(&json, "bundles").iter().filter(|one| one["ok"] == false).collect();
                assert_eq!(bad.len(), 1, "{name}: {what}: {listed}");
                assert!(text(bad[0], "problem").contains(name), "{listed}");
            }
            fs::remove_dir_all(&bundle)?;
            copy_bundle(&shipped(name), &bundle)?;
        }
    }
    analyze(&installed).run()?.ended(0);
    Ok(())
}

#[test]
fn nothing_is_stored_by_a_shipped_bundle_that_lost_its_signature() -> Done {
    let installed = Installed::with_all_bundles()?;
    let folder = tempfile::tempdir()?;
    let vault = TestVault::create(folder.path().join("place"))?;
    vault.call("import").arg(lesion()).run()?.ended(0);
    let bundle = installed.bundle();
    fs::remove_file(bundle.join(SIGNATURE))?;
    set_threshold(&bundle, 0.9999)?;
    hash_again(&bundle)?;
    for words in [
        "analyze --new --device cpu",
        "analyze --new --device cpu --bundle brain-mri-flair",
    ] {
        let ran = vault.call(words).of(installed.path()).run()?;
        ran.failed_with("bundle_unsigned", BUNDLE)?;
    }
    assert!(number(&vault.json("vault status")?, "analyses") < 0.5);
    let activated = vault
        .call("models activate")
        .args([BUNDLE, "0.3.2"])
        .of(installed.path())
        .run()?;
    activated.failed_with("bundle_unsigned", BUNDLE)
}

/// A folder with a bundle that somebody trained, a vault and a folder of settings.
struct Own {
    folder: tempfile::TempDir,
    vault: TestVault,
}

impl Own {
    fn new() -> Outcome<Self> {
        let folder = tempfile::tempdir()?;
        let vault = TestVault::create(folder.path().join("place"))?;
        vault.call("import").arg(lesion()).run()?.ended(0);
        let own = Self { folder, vault };
        copy_bundle(&shipped(BUNDLE), &own.bundle())?;
        fs::remove_file(own.bundle().join(SIGNATURE))?;
        edit_json(&own.bundle().join("metadata.json"), |metadata| {
            metadata["version"] = "9.9.9".into()
        })?;
        hash_again(&own.bundle())?;
        Ok(own)
    }

    fn bundle(&self) -> PathBuf {
        self.folder.path().join("own")
    }

    fn installed(&self) -> PathBuf {
        self.folder.path().join("config/models").join(format!("{BUNDLE}-9.9.9"))
    }

    fn call(&self, words: &str) -> Call {
        self.vault
            .call(words)
            .env("OVERREAD_CONFIG", self.folder.path().join("config"))
    }

    fn analyze(&self) -> Call {
        self.call("analyze --new --device cpu --bundle")
    }

    fn analyses(&self) -> Outcome<f64> {
        Ok(number(&self.vault.json("vault status")?, "analyses"))
    }
}

#[test]
fn another_bundle_answers_once_it_is_activated_and_only_as_it_was_then() -> Done {
    let own = Own::new()?;
    own.analyze()
        .arg(own.bundle())
        .run()?
        .failed_with("bundle_not_activated", "9.9.9")?;
    own.call("models install").arg(own.bundle()).run()?.ended(0);
    own.analyze()
        .arg(own.bundle())
        .run()?
        .failed_with("bundle_not_activated", "9.9.9")?;
    assert!(own.analyses()? < 0.5);

    let ran = own.call("models activate").args([BUNDLE, "9.9.9"]).run()?;
    let listed = ran.ended(0).json()?;
    let pinned = manifest_sha256(&own.bundle())?;
    let active: Vec<_> = each(&listed, "bundles")
        .iter()
        .filter(|one| one["in_use"] == true)
        .collect();
    let one = active
        .iter()
        .find(|one| one["name"] == BUNDLE)
        .ok_or("it is not in use")?;
    assert_eq!(text(one, "activated_manifest_sha256"), pinned);
    assert_eq!((text(one, "version"), one["signed"].as_bool()), ("9.9.9", Some(false)));

    // Edited after the activation: by its installed copy, by the folder that is named.
    for bundle in [own.installed(), own.bundle()] {
        let kept = own.folder.path().join("kept");
        copy_bundle(&bundle, &kept)?;
        set_threshold(&bundle, 0.9999)?;
        hash_again(&bundle)?;
        let named = if bundle == own.bundle() {
            bundle.clone()
        } else {
            BUNDLE.into()
        };
        own.analyze().arg(&named).run()?.failed_with("bundle_changed", BUNDLE)?;
        let without_name = own.call("analyze --new --device cpu").run()?;
        if bundle == own.installed() {
            without_name.failed_with("bundle_changed", BUNDLE)?;
            let verified = own.call("models list").run()?;
            assert!(
                verified.ended(1).stdout.contains("changed after it was activated"),
                "{verified}"
            );
        }
        copy_bundle(&kept, &bundle)?;
    }
    let before = own.analyses()?;
    own.analyze().arg(own.bundle()).run()?.ended(0);
    assert!(own.analyses()? >= before, "nothing is lost");
    let retired = own.call("models retire").args([BUNDLE, "9.9.9"]).run()?;
    retired.ended(0);
    own.analyze()
        .arg(own.bundle())
        .run()?
        .failed_with("bundle_not_activated", "9.9.9")
}

/// With its signature it is signed by the published key, without one by nobody; each answer keeps which it was.
#[test]
fn what_a_vault_keeps_and_reports_says_who_signed_the_model() -> Done {
    let own = Own::new()?;
    let lines = |words: &str| {
        overread("--vault")
            .arg(&own.vault.vault)
            .args(words.split_whitespace())
            .env("OVERREAD_CONFIG", own.folder.path().join("config"))
            .run()
    };
    let listed = own.vault.json("list")?;
    let study = text(&listed, "studies/0/study_instance_uid").to_owned();
    own.call("models install").arg(own.bundle()).run()?.ended(0);
    let activated = lines(&format!("models activate {BUNDLE} 9.9.9"))?;
    assert!(
        activated.ended(0).stderr.contains("not signed, so nobody vouches"),
        "{activated}"
    );
    let analyze = format!("analyze --study {study} --device cpu --bundle");
    for (name, unsigned, word) in [(own.bundle(), true, "nobody"), (shipped(BUNDLE), false, "development")] {
        if !unsigned {
            let version = text(
                &serde_json::from_slice(&fs::read(name.join("metadata.json"))?)?,
                "version",
            )
            .to_owned();
            let activated = lines(&format!("models activate {BUNDLE} {version}"))?;
            assert!(!activated.ended(0).stderr.contains("warning"), "{activated}");
        }
        let is_it = |one: &serde_json::Value| {
            one.get("unsigned").and_then(serde_json::Value::as_bool) == unsigned.then_some(true)
        };
        let ran = own.call(&analyze).arg(BUNDLE).run()?;
        let json = ran.ended(0).json()?;
        assert!(each(&json, "analyses").iter().all(is_it), "{ran}");
        let shown = own.vault.json(&format!("show {study}"))?;
        assert!(each(&shown, "analyses").iter().all(is_it), "{shown:#}");
        let listed = own.vault.json("list")?;
        assert!(each(&listed, "studies").iter().all(is_it), "{listed:#}");
        for verb in ["list".to_owned(), format!("show {study}")] {
            let said = lines(&verb)?;
            assert_eq!(said.ended(0).stdout.contains("[UNSIGNED BUNDLE]"), unsigned, "{said}");
        }
        let table = own.folder.path().join(format!("{word}.csv"));
        own.call(&format!("report {study} --format csv --out"))
            .arg(&table)
            .run()?
            .ended(0);
        for row in csv::Reader::from_path(&table)?.deserialize() {
            let row: std::collections::BTreeMap<String, String> = row?;
            assert_eq!(row["model_signing_key"], word, "{row:?}");
        }
    }
    Ok(())
}

#[test]
fn files_are_read_by_an_unsigned_bundle_only_where_every_answer_says_so() -> Done {
    let own = Own::new()?;
    let call = |json: &str| {
        overread("analyze --device cpu")
            .arg(lesion())
            .arg("--bundle")
            .arg(own.bundle())
            .args(json.split_whitespace())
    };
    call("--json")
        .run()?
        .failed_with("bundle_unsigned", "--allow-unsigned")?;
    let ran = call("--json --allow-unsigned").run()?;
    let json = ran.ended(0).json()?;
    assert!(
        each(&json, "analyses").iter().all(|one| one["unsigned"] == true),
        "{ran}"
    );
    let lines = call("--allow-unsigned").run()?;
    let about = |line: &&str| line.contains("score");
    let told = lines
        .stdout
        .lines()
        .filter(about)
        .all(|line| line.ends_with("[UNSIGNED BUNDLE]"));
    assert!(told && lines.stdout.lines().filter(about).count() > 1, "{lines}");
    // A signed one says nothing of it.
    let signed = overread("analyze --json --device cpu --bundle")
        .arg(shipped(BUNDLE))
        .arg(lesion())
        .run()?;
    assert!(
        each(&signed.json()?, "analyses")[0].get("unsigned").is_none(),
        "{signed}"
    );
    Ok(())
}

/// An older version is as well signed as a newer one, and the vault knows that it was replaced.
#[test]
fn an_older_bundle_in_the_place_of_a_newer_one_needs_an_activation() -> Done {
    let installed = Installed::with_all_bundles()?;
    let folder = tempfile::tempdir()?;
    let vault = TestVault::create(folder.path().join("place"))?;
    vault.call("import").arg(lesion()).run()?.ended(0);
    let call = |words: &str| vault.call(words).of(installed.path());
    let bundle = installed.bundle();
    edit_json(&bundle.join("metadata.json"), |metadata| {
        metadata["version"] = "9.9.9".into()
    })?;
    hash_again(&bundle)?;
    sign(&bundle)?;
    call("analyze --new --device cpu").run()?.ended(0);

    fs::remove_dir_all(&bundle)?;
    copy_bundle(&shipped(BUNDLE), &bundle)?;
    call("analyze --new --device cpu")
        .run()?
        .failed_with("bundle_older", "9.9.9")?;
    let listed = call("models list").run()?;
    assert!(listed.ended(1).stdout.contains("to go back to it"), "{listed}");
    call("models activate").args([BUNDLE, "0.3.2"]).run()?.ended(0);
    call("analyze --new --device cpu").run()?.ended(0);
    assert!(number(&vault.json("vault status")?, "analyses") > 1.5);
    Ok(())
}

#[test]
fn a_program_that_trusts_the_development_key_only_says_so() -> Done {
    let listed = overread("models list --json").run()?;
    assert_eq!(text(&listed.ended(0).json()?, "trusted_key"), "development", "{listed}");
    let lines = overread("models list").run()?;
    assert!(lines.ended(0).stdout.contains("DEVELOPMENT key only"), "{lines}");
    Ok(())
}
