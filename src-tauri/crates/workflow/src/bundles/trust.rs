//! Which bundle may answer in clinical use (decision record 24): one that came with the program only
//! with its signature, another one only after an activation, which pins the hash of its manifest.

use std::collections::BTreeMap;

use domain::{BundleOrigin, BundleState, Failure, FailureCode, ModelVersion, Prevalence, Version};
use engine::Bundle;
use records::{BundleStateRow, ModelUse, SitePrevalenceRow};

use super::known::Known;

/// A bundle that may answer. Nothing but this module makes one, and nothing else is given frames.
#[derive(Debug)]
pub struct Trusted(Bundle);

impl Trusted {
    /// One of those in use in a vault.
    pub fn in_use(bundle: Bundle, origin: BundleOrigin, told: &Told) -> Result<Self, Failure> {
        told.permits(&bundle, origin)?;
        let site_prevalence = told.prevalences.get(&bundle.model.bundle).copied();
        Ok(Self(Bundle {
            site_prevalence,
            ..bundle
        }))
    }

    /// Without a vault: nothing is stored, and nobody can have activated anything. An unsigned bundle
    /// runs only where the person said so, and its answers say so too.
    pub fn without_vault(bundle: Bundle, origin: BundleOrigin, allow_unsigned: bool) -> Result<Self, Failure> {
        match origin {
            BundleOrigin::Shipped => vouched_for(&bundle)?,
            BundleOrigin::Installed if bundle.signed || allow_unsigned => {}
            BundleOrigin::Installed => {
                let message = format!(
                    "the bundle '{}' in {} is not signed, so nobody vouches for it; add --allow-unsigned to try it on \
                     files, or install and activate it in a vault",
                    bundle.model.bundle,
                    bundle.folder.display()
                );
                return Err(Failure::new(FailureCode::BundleUnsigned, message));
            }
        }
        Ok(Self(bundle))
    }

    pub fn into_bundle(self) -> Bundle {
        self.0
    }

    pub fn bundle(&self) -> &Bundle {
        &self.0
    }
}

/// A shipped bundle is signed, and lies in the folder of its name: a signature that fits says
/// nothing of which bundle was meant to lie here.
pub fn vouched_for(bundle: &Bundle) -> Result<(), Failure> {
    let name = &bundle.model.bundle;
    let folder = bundle.folder.file_name().unwrap_or_default().to_string_lossy();
    if folder != name.as_str() {
        let message = format!(
            "the folder {} holds the bundle '{name}', not '{folder}'; install Overread again",
            bundle.folder.display()
        );
        return Err(Failure::new(FailureCode::BundleDamaged, message));
    }
    if !bundle.signed {
        let message = format!(
            "the bundle '{name}' in {} is whole but not signed, so nobody vouches for it and it does not run; install \
             Overread again",
            bundle.folder.display()
        );
        return Err(Failure::new(FailureCode::BundleUnsigned, message));
    }
    Ok(())
}

/// An activation that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InUse {
    pub model: ModelVersion,
    /// Hash of the manifest that was activated; `None` where an earlier program did not keep it.
    pub manifest_sha256: Option<String>,
}

/// What a vault tells of its bundles.
#[derive(Debug, Default)]
pub struct Told {
    /// The version in use of each bundle that was ever activated or retired; `None` when it was retired.
    pub recorded: BTreeMap<String, Option<InUse>>,
    /// Versions that analyses were made with.
    pub used: Vec<ModelVersion>,
    /// As a person stated it for the site, by bundle.
    pub prevalences: BTreeMap<String, Prevalence>,
}

impl Told {
    pub fn of(rows: &[BundleStateRow], uses: &[ModelUse], stated: &[SitePrevalenceRow]) -> Self {
        // The newest of a bundle stands, also where it takes an earlier one back.
        let newest: BTreeMap<&String, Option<Prevalence>> =
            stated.iter().map(|row| (&row.bundle, row.prevalence)).collect();
        let stands = newest
            .into_iter()
            .filter_map(|(bundle, prevalence)| Some((bundle.clone(), prevalence?)));
        Self {
            prevalences: stands.collect(),
            recorded: recorded(rows),
            used: uses.iter().map(|used| used.model.clone()).collect(),
        }
    }

    /// Whether this bundle is the version in use.
    pub fn is_active(&self, known: &Known) -> bool {
        let Ok(bundle) = &known.bundle else { return false };
        match self.recorded.get(&bundle.model.bundle) {
            Some(current) => current.as_ref().is_some_and(|one| one.model == bundle.model),
            None => known.origin == BundleOrigin::Shipped,
        }
    }

    /// The hash of the manifest that was activated, of the version in use.
    pub fn pin_of(&self, known: &Known) -> Option<String> {
        let model = &known.bundle.as_ref().ok()?.model;
        let in_use = self.recorded.get(&model.bundle)?.as_ref()?;
        in_use.manifest_sha256.clone().filter(|_| in_use.model == *model)
    }

    /// What keeps a bundle from answering, now or once it is activated.
    pub fn problem(&self, known: &Known) -> Option<Failure> {
        match &known.bundle {
            Err(error) => Some(error.clone().into()),
            Ok(bundle) if self.is_active(known) => self.permits(bundle, known.origin).err(),
            Ok(bundle) if known.origin == BundleOrigin::Shipped => vouched_for(bundle).err(),
            Ok(_) => None,
        }
    }

    /// Whether a bundle that is in use may answer.
    pub fn permits(&self, bundle: &Bundle, origin: BundleOrigin) -> Result<(), Failure> {
        if origin == BundleOrigin::Shipped {
            vouched_for(bundle)?;
        }
        let ModelVersion {
            bundle: name, version, ..
        } = &bundle.model;
        let activated = match self.recorded.get(name) {
            // What came with the program is in use until somebody says otherwise.
            None if origin == BundleOrigin::Shipped => return self.not_older(&bundle.model),
            current => current.and_then(Option::as_ref).filter(|one| one.model == bundle.model),
        };
        match activated.map(|one| &one.manifest_sha256) {
            Some(Some(pin)) if *pin == bundle.manifest_sha256 => Ok(()),
            // The signature vouches for it, as it did when it was activated.
            Some(None) if origin == BundleOrigin::Shipped => Ok(()),
            Some(None) => Err(Failure::new(
                FailureCode::BundleNotActivated,
                format!(
                    "version {version} of the bundle '{name}' was activated before the program kept the hash of its \
                     manifest; look at it and activate it again"
                ),
            )),
            Some(Some(pin)) => Err(Failure::new(
                FailureCode::BundleChanged,
                format!(
                    "the bundle '{name}' {version} in {} changed after it was activated: the sha256 of its manifest \
                     is {:.16}…, not {pin:.16}…; install it from a trusted copy, or activate it as it is now",
                    bundle.folder.display(),
                    bundle.manifest_sha256
                ),
            )),
            None => Err(Failure::new(
                FailureCode::BundleNotActivated,
                format!(
                    "version {version} of the bundle '{name}' is not in use in this vault; install it and activate it"
                ),
            )),
        }
    }

    /// A shipped bundle that nobody activated is none that this vault has long replaced: an old one
    /// is as well signed as a new one.
    fn not_older(&self, model: &ModelVersion) -> Result<(), Failure> {
        let version = Version::of(&model.version);
        let newer = self
            .used
            .iter()
            .find(|used| used.bundle == model.bundle && version.may_be_older_than(&Version::of(&used.version)));
        newer.map_or(Ok(()), |used| {
            Err(Failure::new(
                FailureCode::BundleOlder,
                format!(
                    "the bundle '{}' is of version {}, and this vault has analyses by version {}; install Overread \
                     again, or activate version {} to go back to it",
                    model.bundle, model.version, used.version, model.version
                ),
            ))
        })
    }
}

/// The version in use of each bundle that the rows tell of; `None` when it was retired.
fn recorded(rows: &[BundleStateRow]) -> BTreeMap<String, Option<InUse>> {
    let mut recorded: BTreeMap<String, Option<InUse>> = BTreeMap::new();
    for row in rows {
        let current = recorded.entry(row.model.bundle.clone()).or_default();
        match row.state {
            BundleState::Active => {
                *current = Some(InUse {
                    model: row.model.clone(),
                    manifest_sha256: row.manifest_sha256.clone(),
                });
            }
            // Another version than the one in use was out of use before.
            BundleState::Retired if current.as_ref().is_none_or(|one| one.model == row.model) => *current = None,
            BundleState::Retired => {}
        }
    }
    recorded
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;

    use super::*;

    fn model(version: &str) -> ModelVersion {
        ModelVersion {
            bundle: "brain".into(),
            version: version.into(),
            weights_sha256: format!("sha of {version}"),
        }
    }

    fn row(version: &str, state: BundleState) -> BundleStateRow {
        BundleStateRow {
            model: model(version),
            state,
            manifest_sha256: Some(format!("manifest of {version}")),
            changed_at: Timestamp(0),
            changed_by: "ann".into(),
        }
    }

    #[test]
    fn the_newest_activation_stands_until_that_version_is_retired() {
        use BundleState::{Active, Retired};
        let current = |rows: &[BundleStateRow]| recorded(rows).remove("brain").flatten().map(|one| one.model.version);
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

    #[test]
    fn an_older_version_is_refused_where_a_newer_one_has_answered() {
        let told = Told {
            used: vec![model("0.2.0"), model("0.3.0")],
            ..Told::default()
        };
        for version in ["0.3.0", "0.3", "0.3.1-rc1", "0.4.0"] {
            assert_eq!(told.not_older(&model(version)), Ok(()), "{version}");
        }
        // A signed pre-release is older than its release, and what is no version could be any.
        for version in ["0.2.9", "0.3.0-rc1", "0.2.0-rc1", "dev", ""] {
            assert!(
                told.not_older(&model(version))
                    .is_err_and(|failure| failure.code == FailureCode::BundleOlder),
                "{version}"
            );
        }
    }
}
