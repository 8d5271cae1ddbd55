//! `models`: which bundles there are, which version of each is in use, which may answer, and whether
//! they and libtorch are whole.

mod active;
mod describe;
mod install;
mod known;
mod prevalence;
mod readers;
mod trust;

use std::path::{Path, PathBuf};

use domain::{BundleOrigin, Failure, FailureCode, OperatingPoint, Permission, Session, SigningKey};
use engine::Bundle;

use crate::permit::permit;
use crate::places::config_folder;
use crate::places::models_folder;
use crate::vault::OpenVault;
use contract::BundleFacts;
use contract::terminal::{BundleWire, ModelsWire, OperatingPointWire};

use known::{Known, known};
use trust::{Told, Trusted};

pub(crate) use active::active_readers;
pub use active::set_state;
pub use describe::{describe_all, verify_all};
pub use install::install;
pub use prevalence::{estimated, prevalence, state_prevalence};
pub(crate) use readers::{Reader, Readers};

/// Every bundle of the models folder; one that is damaged or may not answer is listed with its problem.
pub fn list_models(session: &Session) -> Result<ModelsWire, Failure> {
    permit(session, Permission::ManageModels)?;
    wire(&known::shipped()?, None)
}

/// Like [`list_models`], with those that were installed, and what this vault uses.
pub fn list_models_of(open: &OpenVault) -> Result<ModelsWire, Failure> {
    describe::may_read(open)?;
    wire(&known(&installed_folder())?, Some(&active::told(open)?))
}

/// The same list, and every byte of libtorch against its manifest.
pub fn verify_models(listed: ModelsWire) -> Result<ModelsWire, Failure> {
    let version = describe::verified_libtorch()?;
    Ok(ModelsWire {
        libtorch: Some(version),
        ..listed
    })
}

/// Whether the program trusts models that are signed with the published development key (decision record 24).
pub fn trusts_development_key() -> bool {
    engine::bundle::trusted_key() == SigningKey::Development
}

/// Copies the bundle in `folder` to those of this machine; it is not in use by that.
pub fn install_bundle(open: &mut OpenVault, folder: &Path) -> Result<ModelsWire, Failure> {
    install(open, &config_folder()?.join(INSTALLED), folder)?;
    list_models_of(open)
}

/// Puts a version of a bundle to use in this vault, or out of it.
pub fn use_bundle(open: &mut OpenVault, name: &str, version: &str, in_use: bool) -> Result<ModelsWire, Failure> {
    set_state(open, &installed_folder(), name, version, in_use)?;
    list_models_of(open)
}

/// Below the folder of settings.
const INSTALLED: &str = "models";

/// Where installed bundles lie. Without a folder of settings nothing was installed.
pub(crate) fn installed_folder() -> PathBuf {
    config_folder().map(|config| config.join(INSTALLED)).unwrap_or_default()
}

/// What reads files of which nothing is stored: the bundle that was named, or those that came with
/// the program.
pub(crate) fn readers_of_files(name: Option<&str>, allow_unsigned: bool) -> Result<Readers, Failure> {
    let trusted = |known: Known| Trusted::without_vault(known.bundle?, known.origin, allow_unsigned);
    if let Some(name) = name {
        return Ok(Readers::only(trusted(named(name)?)?));
    }
    let all = known::shipped()?;
    if all.is_empty() {
        let message = format!("there is no bundle in {}", models_folder()?.display());
        return Err(Failure::new(FailureCode::BundleNotFound, message));
    }
    Readers::of(all.into_iter().map(trusted).collect::<Result<_, _>>()?)
}

/// A bundle to measure or to train on from, which tells nothing of a patient: one that is named by its
/// path needs no signature.
pub fn bundle_to_learn_from(name: &str) -> Result<Bundle, Failure> {
    let known = named(name)?;
    let bundle = known.bundle?;
    if known::path_of(name).is_none() {
        trust::vouched_for(&bundle)?;
    }
    Ok(bundle)
}

/// A bundle of the models folder by its name, or any by its path.
fn named(name: &str) -> Result<Known, Failure> {
    if let Some(path) = known::path_of(name) {
        return Ok(known::at(path));
    }
    let bundle = Bundle::find(&models_folder()?, name)?;
    Ok(Known {
        folder: bundle.folder.clone(),
        origin: BundleOrigin::Shipped,
        bundle: Ok(bundle),
    })
}

fn wire(all: &[Known], told: Option<&Told>) -> Result<ModelsWire, Failure> {
    Ok(ModelsWire {
        folder: models_folder()?,
        trusted_key: engine::bundle::trusted_key(),
        bundles: all.iter().map(|known| describe(known, told)).collect(),
        libtorch: None,
    })
}

/// Of a damaged bundle, none.
fn points(known: &Known) -> &[OperatingPoint] {
    known
        .bundle
        .as_ref()
        .map_or(&[], |bundle| &bundle.metadata.operating_points)
}

/// What a bundle says of itself; a damaged one says little.
fn facts(known: &Known) -> BundleFacts {
    let bundle = known.bundle.as_ref().ok();
    let model = bundle.map(|bundle| &bundle.model);
    BundleFacts {
        name: model.map_or_else(|| known.folder_name(), |model| model.bundle.clone()),
        version: model.map(|model| model.version.clone()),
        title: bundle.map(|bundle| bundle.metadata.title.clone()),
        weights_sha256: model.map(|model| model.weights_sha256.clone()),
        manifest_sha256: bundle.map(|bundle| bundle.manifest_sha256.clone()),
        data_licences: bundle.map_or_else(Vec::new, |bundle| {
            bundle
                .metadata
                .data
                .iter()
                .map(|source| source.licence.clone())
                .collect()
        }),
        commercial_use: bundle.map_or_else(Default::default, |bundle| bundle.metadata.commercial_use),
        signed: bundle.is_some_and(|bundle| bundle.signed),
        says: bundle.and_then(|bundle| bundle.metadata.says()),
        origin: known.origin,
    }
}

fn describe(known: &Known, told: Option<&Told>) -> BundleWire {
    let problem = told.unwrap_or(&Told::default()).problem(known);
    BundleWire {
        bundle: facts(known),
        operating_points: points(known).iter().map(OperatingPointWire::from).collect(),
        in_use: told.map(|told| told.is_active(known)),
        activated_manifest_sha256: told.and_then(|told| told.pin_of(known)),
        ok: problem.is_none(),
        problem: problem.map(|failure| failure.message),
    }
}
