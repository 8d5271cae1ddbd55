//! `models`: which bundles there are, which version of each is in use, and whether they and libtorch
//! are whole.

mod active;
mod describe;
mod install;
mod known;
mod readers;

use domain::{Permission, Session};

use crate::error::Failure;
use crate::permit::permit;
use crate::places::models_folder;
use crate::wire::{BundleWire, ModelsWire};
use engine::Bundle;

pub(crate) use active::{active_readers, set_state};
pub(crate) use describe::{describe_all, verify_all};
pub(crate) use install::install;
pub(crate) use readers::{Reader, Readers};

/// Every bundle of the models folder; a damaged one is listed with its problem.
pub fn list_models(session: &Session) -> Result<ModelsWire, Failure> {
    permit(session, Permission::ManageModels)?;
    let folder = models_folder()?;
    let names = engine::bundle::names(&folder)?;
    let bundles = names
        .iter()
        .map(|name| describe(name, Bundle::find(&folder, name)))
        .collect();
    Ok(ModelsWire {
        folder,
        bundles,
        libtorch: None,
    })
}

/// Like [`list_models`], and every byte of libtorch against its manifest. A bundle that came with the
/// program must be signed.
pub fn verify_models(session: &Session) -> Result<ModelsWire, Failure> {
    let mut listed = list_models(session)?;
    for bundle in listed.bundles.iter_mut().filter(|bundle| bundle.ok && !bundle.signed) {
        bundle.ok = false;
        bundle.problem = Some(unsigned(&bundle.name));
    }
    let version = describe::verified_libtorch()?;
    Ok(ModelsWire {
        libtorch: Some(version),
        ..listed
    })
}

/// What is wrong with a bundle of the program without a signature.
fn unsigned(name: &str) -> String {
    format!("the bundle '{name}' is whole but not signed, so nobody vouches for it; install Overread again")
}

fn describe(name: &str, bundle: Result<Bundle, engine::EngineError>) -> BundleWire {
    match bundle {
        Ok(bundle) => BundleWire {
            name: name.to_owned(),
            version: Some(bundle.model.version),
            title: Some(bundle.metadata.title),
            weights_sha256: Some(bundle.model.weights_sha256),
            operating_points: bundle.metadata.operating_points,
            data_licences: bundle.metadata.data.into_iter().map(|source| source.licence).collect(),
            signed: bundle.signed,
            ok: true,
            problem: None,
        },
        Err(error) => BundleWire {
            name: name.to_owned(),
            version: None,
            title: None,
            weights_sha256: None,
            operating_points: vec![],
            data_licences: vec![],
            signed: false,
            ok: false,
            problem: Some(error.message),
        },
    }
}
