//! Which version of each bundle is in use. The vault's rows decide; where none was ever written, the
//! version that came with the program is.

use std::path::Path;

use domain::{BundleOrigin, BundleState, Failure, FailureCode, ModelVersion, Permission};
use records::Op;

use super::known::{self, Known, known};
use super::readers::Readers;
use super::trust::{Told, Trusted, vouched_for};
use crate::permit::permit;
use crate::time::now;
use crate::vault::OpenVault;

/// What this vault tells of its bundles.
pub fn told(open: &OpenVault) -> Result<Told, Failure> {
    let vault = &open.vault;
    Ok(Told::of(
        &vault.bundle_states()?,
        &vault.model_uses()?,
        &vault.site_prevalences()?,
    ))
}

/// What analyses of this vault use: the bundles in use, or the one that was named. A path names the
/// files of a bundle that is in use, wherever they lie.
pub fn active_readers(open: &OpenVault, installed: &Path, name: Option<&str>) -> Result<Readers, Failure> {
    let told = told(open)?;
    if let Some(path) = name.and_then(known::path_of) {
        let known = known::at(path);
        return Ok(Readers::only(Trusted::in_use(known.bundle?, known.origin, &told)?));
    }
    choose(known(installed)?, &told, name)
}

fn choose(all: Vec<Known>, told: &Told, name: Option<&str>) -> Result<Readers, Failure> {
    let named = |model: &ModelVersion| name.is_none_or(|name| model.bundle == name);
    let there: Vec<String> = all.iter().map(Known::folder_name).collect();
    let in_use = || told.recorded.values().flatten().map(|one| &one.model);
    let missing = in_use().find(|model| {
        let is_there = |known: &Known| known.bundle.as_ref().is_ok_and(|bundle| bundle.model == **model);
        named(model) && !all.iter().any(is_there)
    });
    if let Some(model) = missing {
        // A damaged copy says in its own words what is wrong with it.
        let damaged = all.iter().find_map(|known| {
            let error = known.bundle.as_ref().err()?;
            known.folder_name().starts_with(&model.bundle).then_some(error)
        });
        return Err(damaged.map_or_else(
            || {
                let message = format!(
                    "version {} of the bundle '{}' is in use, and it is not installed; install it or activate another",
                    model.version, model.bundle
                );
                Failure::new(FailureCode::BundleNotFound, message)
            },
            |error| error.clone().into(),
        ));
    }
    // Why a bundle that should be asked cannot be: frames are not left to the others in silence.
    let mut problems: Vec<(Option<ModelVersion>, Failure)> = Vec::new();
    let mut active: Vec<Trusted> = Vec::new();
    for one in all {
        let is_active = told.is_active(&one);
        let folder = one.folder_name();
        match one.bundle {
            Ok(bundle) if is_active && named(&bundle.model) => {
                // Of two copies of one version the first that may answer does.
                let model = bundle.model.clone();
                match Trusted::in_use(bundle, one.origin, told) {
                    Ok(trusted) if !active.iter().any(|other| other.bundle().model == model) => active.push(trusted),
                    Ok(_) => {}
                    Err(failure) => problems.push((Some(model), failure)),
                }
            }
            Err(error) if concerns(name, &folder, one.origin, told) => problems.push((None, error.into())),
            _ => {}
        }
    }
    let answered = |model: &Option<ModelVersion>| active.iter().any(|one| Some(&one.bundle().model) == model.as_ref());
    let problem = problems
        .into_iter()
        .find(|(model, _)| !answered(model))
        .map(|(_, failure)| failure);
    match (active.is_empty(), name, problem) {
        (true, Some(name), None) if !there.iter().any(|folder| folder == name) => Err(Failure::new(
            FailureCode::BundleNotFound,
            format!("there is no bundle '{name}'; there is: {}", there.join(", ")),
        )),
        (true, _, None) => Err(Failure::new(
            FailureCode::NoActiveBundle,
            "no model is in use: each was retired; activate a version of one",
        )),
        (true, _, Some(problem)) | (false, None, Some(problem)) => Err(problem),
        (false, Some(_), _) => active
            .pop()
            .map(Readers::only)
            .ok_or_else(|| Failure::new(FailureCode::Internal, "a bundle went missing")),
        (false, None, None) => Readers::of(active),
    }
}

/// Whether a damaged bundle would be in use were it whole.
fn concerns(name: Option<&str>, folder: &str, origin: BundleOrigin, told: &Told) -> bool {
    match name {
        Some(name) => name == folder,
        None => origin == BundleOrigin::Shipped && !told.recorded.contains_key(folder),
    }
}

/// Puts a version to use, which pins the hash of its manifest, or out of it; going back is putting an
/// earlier version to use. Of several bundles in use the router chooses one for each series.
///
/// # Errors
/// `bundle_not_found`; `bundle_unsigned` for one that came with the program.
pub fn set_state(
    open: &mut OpenVault,
    installed: &Path,
    name: &str,
    version: &str,
    in_use: bool,
) -> Result<(), Failure> {
    permit(&open.session, Permission::ManageModels)?;
    let all = known(installed)?;
    let found = all.iter().find(|known| known.is(name, version));
    let whole = found.and_then(|known| Some((known.origin, known.bundle.as_ref().ok()?)));
    let missing = || {
        let message = format!("there is no whole bundle '{name}' of version {version}; install it first");
        Failure::new(FailureCode::BundleNotFound, message)
    };
    let op = Op::ModelChange {
        bundle: name.to_owned(),
    };
    if in_use {
        let (origin, bundle) = whole.ok_or_else(missing)?;
        if origin == BundleOrigin::Shipped {
            vouched_for(bundle)?;
        }
        open.vault.transact(&open.session, op, now(), |tx| {
            tx.note("signed", if bundle.signed { "yes" } else { "no" });
            tx.set_bundle_state(&bundle.model, BundleState::Active, Some(&bundle.manifest_sha256))
        })?;
    } else {
        // Also of a bundle whose files are gone or damaged.
        let recorded = told(open)?.recorded.remove(name).flatten();
        let recorded = recorded.map(|one| one.model).filter(|model| model.version == version);
        let model = whole
            .map(|(_, bundle)| bundle.model.clone())
            .or(recorded)
            .ok_or_else(missing)?;
        open.vault.transact(&open.session, op, now(), |tx| {
            tx.set_bundle_state(&model, BundleState::Retired, None)
        })?;
    }
    Ok(())
}
