//! What a person reads of a bundle before trusting it: card, licence, figures, history.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::path::Path;

use domain::{BundleDeed, DeviceChoice, Failure, FailureCode, ModelVersion, Permission, Version};
use engine::WorkerSettings;
use engine::bundle::CARD_FILE;
use records::{BundleStateRow, ModelUse as Used};
use serde_json::Value;

use super::known::{Known, known};
use super::trust::Told;
use super::{active, facts, prevalence};
use crate::permit::permit;
use crate::vault::OpenVault;
use contract::window::{FigureValue, ModelFigure, ModelInfo, ModelUse, Verification};

const LICENCE_FILE: &str = "data_license.txt";
const FIGURES_FILE: &str = "evaluation.json";

/// Every bundle, also a damaged one with its problem: what is in use before the rest, by name, the newest version of each
/// first. Whoever reads studies may read of the model.
pub fn describe_all(open: &OpenVault, installed: &Path) -> Result<Vec<ModelInfo>, Failure> {
    may_read(open)?;
    let rows = open.vault.bundle_states()?;
    let uses = open.vault.model_uses()?;
    let stated = open.vault.site_prevalences()?;
    let told = Told::of(&rows, &uses, &stated);
    let all = known(installed)?;
    let described = all.iter().map(|one| {
        let history = one
            .bundle
            .as_ref()
            .map(|bundle| history(&bundle.model.bundle, &rows, &uses));
        ModelInfo {
            prevalence: one
                .bundle
                .as_ref()
                .ok()
                .and_then(|bundle| prevalence::of_bundle(bundle, &stated)),
            ..describe(one, &told, history.unwrap_or_default())
        }
    });
    Ok(with_deeds(described.collect()))
}

/// In the order in which they are shown, each with what may be done with it.
fn with_deeds(mut all: Vec<ModelInfo>) -> Vec<ModelInfo> {
    let version = |one: &ModelInfo| one.bundle.version.as_deref().map(Version::of);
    let active: Vec<ModelInfo> = all.iter().filter(|one| one.active).cloned().collect();
    for one in &mut all {
        let in_use = active.iter().find(|other| other.bundle.name == one.bundle.name);
        let newer = in_use.is_some_and(|in_use| version(one) < version(in_use));
        one.deeds = deeds(one, newer);
    }
    let used: BTreeSet<&str> = active.iter().map(|one| one.bundle.name.as_str()).collect();
    all.sort_by_cached_key(|one| {
        let name = &one.bundle.name;
        (!used.contains(name.as_str()), name.clone(), Reverse(version(one)))
    });
    all
}

/// What may be done with a bundle; `newer`: a newer version of it is in use. One that came without its signature is no
/// more to be trusted for being activated.
fn deeds(one: &ModelInfo, newer: bool) -> Vec<BundleDeed> {
    let mended_by_activation = |failure: &Failure| {
        matches!(
            failure.code,
            FailureCode::BundleNotActivated | FailureCode::BundleChanged | FailureCode::BundleOlder
        )
    };
    match (&one.bundle.version, one.active, &one.problem) {
        (None, ..) => vec![],
        (_, true, Some(problem)) if mended_by_activation(problem) => vec![BundleDeed::Activate, BundleDeed::Retire],
        (_, true, _) => vec![BundleDeed::Retire],
        (_, false, Some(_)) => vec![],
        (_, false, None) if newer => vec![BundleDeed::RollBack],
        (_, false, None) => vec![BundleDeed::Activate],
    }
}

pub(super) fn may_read(open: &OpenVault) -> Result<(), Failure> {
    permit(&open.session, Permission::ViewRecords).or_else(|_| permit(&open.session, Permission::ManageModels))
}

fn describe(known: &Known, told: &Told, history: Vec<ModelUse>) -> ModelInfo {
    let bundle = known.bundle.as_ref().ok();
    // Read again after they were verified: words for a person, nothing that is computed with.
    let text = |file: &str| bundle.and_then(|bundle| std::fs::read_to_string(bundle.folder.join(file)).ok());
    let figures = text(FIGURES_FILE).and_then(|text| serde_json::from_str::<Value>(&text).ok());
    let metadata = bundle.map(|bundle| &bundle.metadata);
    ModelInfo {
        bundle: facts(known),
        operating_points: metadata.map_or_else(Vec::new, |metadata| metadata.operating_points.clone()),
        ok: bundle.is_some(),
        problem: told.problem(known),
        active: told.is_active(known),
        deeds: vec![],
        activated_manifest_sha256: told.pin_of(known),
        prevalence: None,
        intended_use: metadata.map(|metadata| metadata.intended_use.clone()),
        card: text(CARD_FILE),
        data_licence_text: text(LICENCE_FILE),
        figures: figures.map(|figures| figures_of(&figures)).unwrap_or_default(),
        history,
    }
}

/// The figures of an evaluation, or of several, each with the set that it was measured on.
fn figures_of(evaluation: &Value) -> Vec<ModelFigure> {
    if let Some(several) = evaluation.as_array() {
        return several.iter().flat_map(figures_of).collect();
    }
    let set = evaluation["set"].as_str().unwrap_or("unknown set");
    let mut figures = Vec::new();
    collect("", evaluation, set, &mut figures);
    figures
}

fn collect(prefix: &str, value: &Value, set: &str, figures: &mut Vec<ModelFigure>) {
    let Some(fields) = value.as_object() else { return };
    for (name, field) in fields {
        let full = if prefix.is_empty() {
            name.clone()
        } else {
            format!("{prefix}.{name}")
        };
        let Some(inner) = field.as_object() else { continue };
        if inner.contains_key("value") {
            figures.push(ModelFigure {
                name: full,
                estimate: FigureValue {
                    value: field["value"].as_f64(),
                    low: field["low"].as_f64(),
                    high: field["high"].as_f64(),
                },
                set: set.to_owned(),
            });
        } else {
            collect(&full, field, set, figures);
        }
    }
}

/// The versions of a bundle that this vault's analyses were made with, and where each stands.
fn history(bundle: &str, rows: &[BundleStateRow], uses: &[Used]) -> Vec<ModelUse> {
    let state = |model: &ModelVersion| {
        let newest = rows.iter().rev().find(|row| row.model == *model);
        newest.map(|row| row.state)
    };
    let of_bundle = uses.iter().filter(|used| used.model.bundle == bundle);
    of_bundle
        .map(|used| ModelUse {
            version: used.model.version.clone(),
            weights_sha256: used.model.weights_sha256.clone(),
            first_used_at: used.first_used_at,
            analyses: used.analyses,
            state: state(&used.model),
        })
        .collect()
}

/// Every byte of every bundle and of libtorch against its manifest, and whether each bundle may answer.
pub fn verify_all(open: &OpenVault, installed: &Path) -> Result<Verification, Failure> {
    may_read(open)?;
    let told = active::told(open)?;
    let all = known(installed)?;
    let mut problems: Vec<String> = all
        .iter()
        .filter_map(|one| told.problem(one).map(|failure| failure.message))
        .collect();
    if all.is_empty() {
        problems.push("there is no bundle".to_owned());
    }
    let libtorch = match verified_libtorch() {
        Ok(version) => Some(version),
        Err(failure) => {
            problems.push(failure.message);
            None
        }
    };
    Ok(Verification {
        ok: problems.is_empty(),
        libtorch,
        problems,
    })
}

pub(super) fn verified_libtorch() -> Result<String, Failure> {
    let settings = WorkerSettings::beside_executable(DeviceChoice::Cpu)?;
    let libraries = engine::libtorch::folder_beside(&settings.program).ok_or_else(|| {
        Failure::new(
            FailureCode::LibtorchMissing,
            "libtorch is not installed; 'cargo xtask setup' fetches it",
        )
    })?;
    Ok(engine::libtorch::verify_folder(&libraries)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(name: &str, version: Option<&str>, active: bool, problem: Option<FailureCode>) -> ModelInfo {
        ModelInfo {
            bundle: contract::BundleFacts {
                name: name.into(),
                version: version.map(str::to_owned),
                title: None,
                weights_sha256: None,
                data_licences: vec![],
                commercial_use: domain::CommercialUse::NotStated,
                manifest_sha256: None,
                signed: true,
                says: None,
                origin: domain::BundleOrigin::Installed,
            },
            operating_points: vec![],
            ok: version.is_some(),
            problem: problem.map(|code| Failure::new(code, "")),
            active,
            deeds: vec![],
            prevalence: None,
            activated_manifest_sha256: None,
            intended_use: None,
            card: None,
            data_licence_text: None,
            figures: vec![],
            history: vec![],
        }
    }

    #[test]
    fn what_is_in_use_stands_first_and_what_is_older_is_rolled_back_to() {
        use BundleDeed::{Activate, Retire, RollBack};
        let damaged = Some(FailureCode::BundleDamaged);
        let all = with_deeds(vec![
            info("a", Some("1.0.0"), false, None),
            info("b", Some("0.9.0"), false, None),
            info("b", Some("0.10.0-rc1"), false, None),
            info("b", Some("0.10.0"), true, None),
            info("b", Some("dev"), false, None),
            info("b", Some("0.11.0-rc2"), false, None),
            info("b", Some("0.11.0-rc10"), false, None),
            info("b", Some("0.12.0"), false, damaged),
            info("c", None, false, damaged),
        ]);
        let told: Vec<(&str, &str, &[BundleDeed])> = all
            .iter()
            .map(|one| {
                let version = one.bundle.version.as_deref().unwrap_or("-");
                (one.bundle.name.as_str(), version, one.deeds.as_slice())
            })
            .collect();
        assert_eq!(
            told,
            [
                ("b", "0.12.0", &[] as &[_]),
                ("b", "0.11.0-rc10", &[Activate]),
                ("b", "0.11.0-rc2", &[Activate]),
                ("b", "0.10.0", &[Retire]),
                ("b", "0.10.0-rc1", &[RollBack]),
                ("b", "0.9.0", &[RollBack]),
                ("b", "dev", &[RollBack]),
                ("a", "1.0.0", &[Activate]),
                ("c", "-", &[]),
            ]
        );
    }

    #[test]
    fn an_activation_mends_what_was_activated_otherwise_and_no_missing_signature() {
        use BundleDeed::{Activate, Retire};
        let of = |active, code| {
            with_deeds(vec![info("b", Some("1.0.0"), active, Some(code))])[0]
                .deeds
                .clone()
        };
        for code in [
            FailureCode::BundleNotActivated,
            FailureCode::BundleChanged,
            FailureCode::BundleOlder,
        ] {
            assert_eq!(of(true, code), [Activate, Retire]);
        }
        assert_eq!(of(true, FailureCode::BundleUnsigned), [Retire]);
        assert_eq!(of(false, FailureCode::BundleUnsigned), []);
    }

    #[test]
    fn figures_are_taken_with_their_interval_and_their_set() {
        let evaluation = serde_json::json!({
            "set": "brain val", "n_images": 413, "malignant_auc": null, "subgroups": [{"value": 1}],
            "image_auc": {"value": 0.98, "low": 0.97, "high": 0.99},
            "core": {"n_images": 272, "image_auc": {"value": 0.97, "low": null, "high": null}}
        });
        let figures = figures_of(&evaluation);
        let told: Vec<_> = figures
            .iter()
            .map(|f| (f.name.as_str(), f.estimate.value, f.estimate.low, f.estimate.high))
            .collect();
        assert_eq!(
            told,
            [
                ("core.image_auc", Some(0.97), None, None),
                ("image_auc", Some(0.98), Some(0.97), Some(0.99))
            ]
        );
        assert!(figures.iter().all(|figure| figure.set == "brain val"));
    }
}
