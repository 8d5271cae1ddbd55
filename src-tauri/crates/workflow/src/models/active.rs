//! Which version of each bundle is in use. The vault's rows decide; where none was ever written, the
//! version that came with the program is.

use std::collections::BTreeMap;
use std::path::Path;

use domain::{ModelVersion, Permission};
use engine::Bundle;
use records::{BundleState, BundleStateRow, Op};

use super::known::{Known, Origin, known};
use super::readers::Readers;
use crate::error::Failure;
use crate::permit::permit;
use crate::time::now;
use crate::vault::OpenVault;

/// The version in use of each bundle that the rows tell of; `None` when it was retired.
pub fn recorded(rows: &[BundleStateRow]) -> BTreeMap<String, Option<ModelVersion>> {
    let mut recorded: BTreeMap<String, Option<ModelVersion>> = BTreeMap::new();
    for row in rows {
        let current = recorded.entry(row.model.bundle.clone()).or_default();
        match row.state {
            BundleState::Active => *current = Some(row.model.clone()),
            // Another version than the one in use was out of use before.
            BundleState::Retired if current.as_ref().is_none_or(|model| *model == row.model) => *current = None,
            BundleState::Retired => {}
        }
    }
    recorded
}

/// Whether this bundle is the version in use.
pub fn is_active(known: &Known, recorded: &BTreeMap<String, Option<ModelVersion>>) -> bool {
    let Ok(bundle) = &known.bundle else { return false };
    match recorded.get(&bundle.model.bundle) {
        Some(current) => current.as_ref() == Some(&bundle.model),
        None => known.origin == Origin::Shipped,
    }
}

/// What analyses of this vault use: the bundles in use, or the one that was named. A path names a
/// bundle that is not installed, such as one just trained.
pub fn active_readers(open: &OpenVault, installed: &Path, name: Option<&str>) -> Result<Readers, Failure> {
    if let Some(path) = name.map(Path::new).filter(|path| path.components().count() > 1) {
        return Ok(Readers::only(Bundle::load(path)?));
    }
    let recorded = recorded(&open.vault.bundle_states()?);
    let all = known(installed)?;
    choose(all, &recorded, name)
}

fn choose(
    all: Vec<Known>,
    recorded: &BTreeMap<String, Option<ModelVersion>>,
    name: Option<&str>,
) -> Result<Readers, Failure> {
    let named = |model: &ModelVersion| name.is_none_or(|name| model.bundle == name);
    let there: Vec<String> = all.iter().map(Known::folder_name).collect();
    let missing = recorded.values().flatten().find(|model| {
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
                Failure::new("bundle_not_found", message)
            },
            |error| error.clone().into(),
        ));
    }
    let mut damaged = None;
    let mut active: Vec<Bundle> = Vec::new();
    for one in all {
        let is_active = is_active(&one, recorded);
        let folder = one.folder_name();
        match one.bundle {
            Ok(bundle) if is_active && named(&bundle.model) && !active.iter().any(|a| a.model == bundle.model) => {
                active.push(bundle);
            }
            Err(error) if concerns(name, &folder, one.origin, recorded) => damaged = Some(error),
            _ => {}
        }
    }
    match (active.is_empty(), name, damaged) {
        (true, Some(name), None) if !there.iter().any(|folder| folder == name) => Err(Failure::new(
            "bundle_not_found",
            format!("there is no bundle '{name}'; there is: {}", there.join(", ")),
        )),
        (true, _, None) => Err(Failure::new(
            "no_active_bundle",
            "no model is in use: each was retired; activate a version of one",
        )),
        (true, _, Some(error)) | (false, None, Some(error)) => Err(error.into()),
        (false, Some(_), _) => active
            .pop()
            .map(Readers::only)
            .ok_or_else(|| Failure::new("internal", "a bundle went missing")),
        (false, None, None) => Readers::of(active),
    }
}

/// Whether a damaged bundle would be in use were it whole: pictures are not left to the others in silence.
fn concerns(
    name: Option<&str>,
    folder: &str,
    origin: Origin,
    recorded: &BTreeMap<String, Option<ModelVersion>>,
) -> bool {
    match name {
        Some(name) => name == folder,
        None => origin == Origin::Shipped && !recorded.contains_key(folder),
    }
}

/// Puts a version to use, or out of it; going back is putting an earlier version to use. Of several
/// bundles in use the router chooses one for each series.
///
/// # Errors
/// `bundle_not_found`.
pub fn set_state(
    open: &mut OpenVault,
    installed: &Path,
    name: &str,
    version: &str,
    state: BundleState,
) -> Result<(), Failure> {
    permit(&open.session, Permission::ManageModels)?;
    let all = known(installed)?;
    let found = all.iter().find(|known| known.is(name, version));
    let bundle = found.and_then(|known| known.bundle.as_ref().ok()).ok_or_else(|| {
        let message = format!("there is no whole bundle '{name}' of version {version}; install it first");
        Failure::new("bundle_not_found", message)
    })?;
    let op = Op::ModelChange {
        bundle: name.to_owned(),
    };
    open.vault
        .transact(&open.session, op, now(), |tx| tx.set_bundle_state(&bundle.model, state))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Timestamp;

    fn row(version: &str, state: BundleState) -> BundleStateRow {
        BundleStateRow {
            model: model(version),
            state,
            changed_at: Timestamp(0),
            changed_by: "ann".into(),
        }
    }

    fn model(version: &str) -> ModelVersion {
        ModelVersion {
            bundle: "brain".into(),
            version: version.into(),
            weights_sha256: format!("sha of {version}"),
        }
    }

    #[test]
    fn the_newest_activation_stands_until_that_version_is_retired() {
        use BundleState::{Active, Retired};
        let current = |rows: &[BundleStateRow]| recorded(rows).remove("brain").flatten().map(|model| model.version);
        assert_eq!(recorded(&[]).get("brain"), None);
        let mut rows = vec![row("1", Active), row("2", Active)];
        assert_eq!(current(&rows).as_deref(), Some("2"));
        rows.push(row("1", Retired));
        assert_eq!(current(&rows).as_deref(), Some("2"));
        rows.push(row("1", Active));
        assert_eq!(current(&rows).as_deref(), Some("1"), "going back");
        rows.push(row("1", Retired));
        assert_eq!(current(&rows), None);
        assert_eq!(recorded(&rows).get("brain"), Some(&None));
    }
}
