//! Several versions of a bundle: installed, put to use, retired and taken back. Drives the built worker.

use contract::commands::*;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use contract::window::{JobInfo, ModelInfo, Settings};
use domain::{BundleDeed, BundleState, FailureCode, JobState};
use workflow::show_study;
use workstation::Workstation;

type Checked = Result<(), Box<dyn Error>>;

const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../models/brain-mri-flair");
const SCAN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../sample-data/png/lesion-01.png");

/// A copy of the shipped bundle with another version; `change` may do more before its hashes are taken.
fn version(folder: &Path, version: &str, change: impl FnOnce(&Path) -> Checked) -> Result<PathBuf, Box<dyn Error>> {
    let copy = folder.join(format!("stick-{version}"));
    std::fs::create_dir(&copy)?;
    for entry in std::fs::read_dir(SHIPPED)? {
        let entry = entry?;
        std::fs::copy(entry.path(), copy.join(entry.file_name()))?;
    }
    let metadata = copy.join("metadata.json");
    let mut said: serde_json::Value = serde_json::from_slice(&std::fs::read(&metadata)?)?;
    said["version"] = version.into();
    std::fs::write(&metadata, serde_json::to_vec_pretty(&said)?)?;
    change(&copy)?;
    std::fs::remove_file(copy.join("manifest.json"))?;
    engine::bundle::write_manifest(&copy)?;
    Ok(copy)
}

fn flip_a_bit(path: &Path) -> Checked {
    let mut bytes = std::fs::read(path)?;
    let last = bytes.last_mut().ok_or("an empty file")?;
    *last ^= 1;
    std::fs::write(path, bytes)?;
    Ok(())
}

fn ended(station: &Arc<Workstation>, id: i64) -> Result<JobInfo, Box<dyn Error>> {
    let end = Instant::now() + Duration::from_secs(120);
    loop {
        let job = station
            .jobs()?
            .into_iter()
            .find(|job| job.id == id)
            .ok_or("the job is gone")?;
        if !matches!(job.state, JobState::Queued | JobState::Running) {
            return Ok(job);
        }
        if Instant::now() > end {
            return Err(format!("{job:?} does not end").into());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// (version, in use) of every whole bundle, and the number of damaged ones.
fn standing(models: &[ModelInfo]) -> (Vec<(&str, bool)>, usize) {
    let whole = models
        .iter()
        .filter(|model| model.bundle.name == "brain-mri-flair")
        .filter_map(|model| Some((model.bundle.version.as_deref()?, model.active)));
    (whole.collect(), models.iter().filter(|model| !model.ok).count())
}

fn analysed_by(station: &Arc<Workstation>, study: &str) -> Result<String, Box<dyn Error>> {
    let job = ended(
        station,
        station.analyze_study(AnalyzeStudy {
            study_instance_uid: study.to_string(),
        })?,
    )?;
    if job.state != JobState::Done {
        return Ok(job.code.map(|code| code.to_string()).unwrap_or_default());
    }
    let shown = station.with_vault(|open| show_study(open, study))?;
    let newest = &shown.analyses.first().ok_or("the study has no analysis")?.analysis;
    Ok(match (newest.score, newest.input.reason.as_deref()) {
        (Some(_), _) => format!("{} {}", newest.model.bundle, newest.model.version),
        (None, reason) => format!("{}: {}", newest.model.bundle, reason.unwrap_or_default()),
    })
}

/// A workstation with a new vault that holds one study, not yet analysed.
fn with_a_scan(folder: &Path) -> Result<(Arc<Workstation>, String), Box<dyn Error>> {
    let station = Workstation::new(folder.join("config"));
    station.save_settings(SaveSettings {
        settings: Settings {
            analyze_after_import: false,
            device: domain::DeviceSetting::Cpu,
            ..Settings::default()
        },
    })?;
    station.create_vault(&folder.join("vault"), "ann", "correct horse")?;
    let imported = ended(&station, station.import(vec![SCAN.into()])?)?;
    let study = imported.gave.import.ok_or("no summary")?.import.studies.remove(0);
    Ok((station, study))
}

#[test]
fn a_version_is_installed_used_retired_and_the_earlier_one_taken_back() -> Checked {
    let folder = tempfile::tempdir()?;
    let (station, study) = with_a_scan(folder.path())?;

    let first = station.models()?;
    let shipped = first[0].bundle.version.clone().ok_or("the shipped bundle is damaged")?;
    assert_eq!(standing(&first), (vec![(shipped.as_str(), true)], 0));
    let told = &first[0];
    assert!(told.card.as_ref().is_some_and(|card| card.len() > 100), "no card");
    assert!(told.data_licence_text.is_some() && !told.operating_points.is_empty());
    let auc = told
        .figures
        .iter()
        .find(|figure| figure.name == "image_auc")
        .ok_or("no figure")?;
    assert!(
        auc.estimate.low < auc.estimate.value && auc.estimate.value < auc.estimate.high && !auc.set.is_empty(),
        "{auc:?}"
    );

    let stick = version(folder.path(), "9.9.9", |_| Ok(()))?;
    let installed = station.install_bundle(&stick)?;
    assert_eq!(
        standing(&installed),
        (vec![("9.9.9", false), (shipped.as_str(), true)], 0)
    );
    // What was installed no longer needs the stick, and installing it again changes nothing.
    assert_eq!(station.install_bundle(&stick)?, installed);
    std::fs::remove_dir_all(&stick)?;
    let read_by = |version: &str| format!("brain-mri-flair {version}");
    assert_eq!(analysed_by(&station, &study)?, read_by(&shipped));

    let name = told.bundle.name.as_str();
    let switched = station.activate_bundle(ActivateBundle {
        name: name.to_string(),
        version: "9.9.9".to_string(),
    })?;
    assert_eq!(standing(&switched).0, [("9.9.9", true), (shipped.as_str(), false)]);
    let deeds = |models: &[ModelInfo]| -> Vec<Vec<BundleDeed>> {
        let own = models.iter().filter(|one| one.bundle.name == told.bundle.name);
        own.map(|one| one.deeds.clone()).collect()
    };
    // The older one is gone back to.
    assert_eq!(deeds(&installed), [[BundleDeed::Activate], [BundleDeed::Retire]]);
    assert_eq!(deeds(&switched), [[BundleDeed::Retire], [BundleDeed::RollBack]]);
    assert_eq!(analysed_by(&station, &study)?, read_by("9.9.9"));
    let retired = station.retire_bundle(RetireBundle {
        name: name.to_string(),
        version: "9.9.9".to_string(),
    })?;
    assert_eq!(standing(&retired).0, [("9.9.9", false), (shipped.as_str(), false)]);
    let refused = analysed_by(&station, &study)?;
    assert!(
        refused.starts_with("router: ") && refused.contains("no model in use was made for it"),
        "{refused}"
    );
    let back = station.activate_bundle(ActivateBundle {
        name: name.to_string(),
        version: shipped.to_string(),
    })?;
    assert_eq!(standing(&back).0, [("9.9.9", false), (shipped.as_str(), true)]);
    assert_eq!(analysed_by(&station, &study)?, read_by(&shipped));
    let history = &back[0].history;
    let used: Vec<_> = history.iter().map(|used| (used.version.as_str(), used.state)).collect();
    assert!(
        used.contains(&("9.9.9", Some(BundleState::Retired))) && used.contains(&(&shipped, Some(BundleState::Active))),
        "{used:?}"
    );
    let unknown = station
        .activate_bundle(ActivateBundle {
            name: name.to_owned(),
            version: "7.7.7".to_owned(),
        })
        .err()
        .ok_or("an unknown version was put to use")?;
    assert!(
        unknown.code == FailureCode::BundleNotFound && unknown.message.contains("7.7.7"),
        "{unknown}"
    );
    let audited = station.audit_rows(AuditRows {
        find: "model_change".to_string(),
        before: None,
        limit: 100,
    })?;
    assert_eq!(audited.rows.len(), 4, "one installation and three changes: {audited:?}");
    Ok(())
}

/// Rows of schema 6 and earlier pin nothing: the vault opens, and the activation is asked for again.
#[test]
fn an_activation_of_an_earlier_program_is_asked_for_again() -> Checked {
    let folder = tempfile::tempdir()?;
    let (station, study) = with_a_scan(folder.path())?;
    let stick = version(folder.path(), "9.9.9", |_| Ok(()))?;
    station.install_bundle(&stick)?;
    let bundle = engine::Bundle::load(&stick)?;
    let at = folder.path().join("vault");
    let (mut vault, ann) = records::Vault::open(
        &at,
        "ann",
        &records::Passphrase::new("correct horse"),
        domain::Timestamp(1),
    )?;
    let op = records::Op::ModelChange {
        bundle: bundle.model.bundle.clone(),
    };
    vault.transact(&ann, op, domain::Timestamp(2), |tx| {
        tx.set_bundle_state(&bundle.model, BundleState::Active, None)
    })?;
    drop(vault);
    assert_eq!(analysed_by(&station, &study)?, "bundle_not_activated");
    let told = station.models()?;
    let one = told.iter().find(|one| one.bundle.version.as_deref() == Some("9.9.9"));
    let one = one.ok_or("it is not listed")?;
    let problem = one.problem.as_ref().ok_or("no word of it")?;
    assert_eq!((one.active, problem.code.as_str()), (true, "bundle_not_activated"));
    assert!(problem.message.contains("activate it again"), "{problem:?}");

    station.activate_bundle(ActivateBundle {
        name: bundle.model.bundle.clone(),
        version: "9.9.9".to_string(),
    })?;
    assert_eq!(analysed_by(&station, &study)?, "brain-mri-flair 9.9.9");
    let audited = station.audit_rows(AuditRows {
        find: "model_change".to_string(),
        before: None,
        limit: 100,
    })?;
    let pinned = audited
        .rows
        .iter()
        .any(|row| format!("{row:?}").contains(&bundle.manifest_sha256));
    assert!(pinned, "the audit does not hold the pin: {audited:?}");
    Ok(())
}

#[test]
fn a_damaged_bundle_and_a_version_with_other_weights_are_refused_and_leave_nothing() -> Checked {
    let folder = tempfile::tempdir()?;
    let config = folder.path().join("config");
    let station = Workstation::new(config.clone());
    station.create_vault(&folder.path().join("vault"), "ann", "correct horse")?;
    let refused = |stick: &Path| station.install_bundle(stick).err().map(|failure| failure.code);
    let damaged = version(folder.path(), "2.0.0", |_| Ok(()))?;
    flip_a_bit(&damaged.join("weights.safetensors"))?;
    assert_eq!(refused(&damaged), Some(FailureCode::BundleDamaged));
    let shipped = station.models()?[0].bundle.version.clone().ok_or("no version")?;
    let other = version(folder.path(), &shipped, |copy| {
        flip_a_bit(&copy.join("weights.safetensors"))
    })?;
    assert_eq!(refused(&other), Some(FailureCode::VersionConflict));
    let odd = version(folder.path(), "..", |_| Ok(()))?;
    assert_eq!(refused(&odd), Some(FailureCode::BundleDamaged));
    let left = std::fs::read_dir(config.join("models"))
        .map(|entries| entries.count())
        .unwrap_or(0);
    assert_eq!(left, 0, "something was left of a refused bundle");
    assert!(station.verify_models()?.ok);
    Ok(())
}

#[test]
fn with_all_bundles_retired_nothing_is_analysed_and_with_one_no_router_is_asked() -> Checked {
    let folder = tempfile::tempdir()?;
    let (station, study) = with_a_scan(folder.path())?;
    let shipped = station.models()?;
    let readers = || shipped.iter().filter(|model| model.bundle.name != "router");
    assert!(readers().count() > 1, "{shipped:?}");
    for model in readers().filter(|model| model.bundle.name != "brain-mri-flair") {
        station.retire_bundle(RetireBundle {
            name: model.bundle.name.clone(),
            version: model.bundle.version.clone().ok_or("no version")?,
        })?;
    }
    let router = shipped
        .iter()
        .find(|model| model.bundle.name == "router")
        .ok_or("no router")?;
    station.retire_bundle(RetireBundle {
        name: "router".into(),
        version: router.bundle.version.clone().ok_or("no version")?,
    })?;
    let read = analysed_by(&station, &study)?;
    assert!(read.starts_with("brain-mri-flair "), "{read}");
    let flair = &shipped[0];
    station.retire_bundle(RetireBundle {
        name: flair.bundle.name.clone(),
        version: flair.bundle.version.clone().ok_or("no version")?,
    })?;
    assert_eq!(analysed_by(&station, &study)?, "no_active_bundle");
    let two = readers().filter(|model| model.bundle.name.starts_with("brain"));
    for model in two {
        station.activate_bundle(ActivateBundle {
            name: model.bundle.name.clone(),
            version: model.bundle.version.clone().ok_or("no version")?,
        })?;
    }
    assert_eq!(
        analysed_by(&station, &study)?,
        "wrong_usage",
        "two models and no router"
    );
    Ok(())
}
