//! Start, session and settings.

use std::collections::BTreeMap;
use std::path::PathBuf;

use domain::{DeviceSetting, Language, Permission, ReadOnly, Role, ShortcutProfile, Theme, Timestamp};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::WorklistOrder;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct StartInfo {
    pub app_version: String,
    /// The program trusts models that are signed with the published development key.
    pub trusts_development_key: bool,
    pub vaults: Vec<VaultPlace>,
    pub session: Option<SessionInfo>,
    pub settings: Settings,
    /// Files of the command line or of a second start, waiting for an open vault.
    pub waiting_paths: u64,
    /// A sentence when the settings could not be read and the defaults are used.
    pub settings_problem: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct VaultPlace {
    #[serde(flatten)]
    pub known: KnownVault,
    pub exists: bool,
}

/// A vault that was opened on this machine, as the list of them is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct KnownVault {
    pub folder: PathBuf,
    pub user: String,
    pub last_opened: Option<Timestamp>,
    #[serde(default)]
    pub demo: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct SessionInfo {
    pub user: String,
    pub role: Role,
    pub vault: String,
    pub demo: bool,
    pub permissions: Vec<Permission>,
    /// Jobs of an earlier run that were cut off and go on.
    pub resumed_jobs: u64,
    /// The vault's policy: the model's answer is hidden until the reader has given an own opinion.
    pub read_first: bool,
    /// Nobody decided on the policy yet, and this machine's settings of an earlier version hide the
    /// answer: the person is asked once.
    pub read_first_offered: bool,
    /// Why nothing of the vault may be changed.
    pub read_only: Option<ReadOnly>,
}

/// What a person set; a field that an older file lacks takes its default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Settings {
    pub language: Language,
    pub theme: Theme,
    pub shortcut_profile: ShortcutProfile,
    /// Own bindings over the profile's.
    pub shortcuts: BTreeMap<String, Vec<String>>,
    /// Pixels that the viewer keeps.
    pub memory_budget_mb: u32,
    pub device: DeviceSetting,
    pub analyze_after_import: bool,
    /// Of versions before the vault had a policy; offered once to each vault that has none.
    pub read_first: bool,
    /// 0 is never.
    pub lock_after_minutes: u32,
    pub worklist_order: WorklistOrder,
    /// 0..=1
    pub map_opacity: f64,
    /// 0 none, 1 short, 2 full.
    pub overlay_text: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            language: Language::En,
            theme: Theme::Dark,
            shortcut_profile: ShortcutProfile::Default,
            shortcuts: BTreeMap::new(),
            memory_budget_mb: 128,
            device: DeviceSetting::Auto,
            analyze_after_import: true,
            read_first: false,
            lock_after_minutes: 15,
            worklist_order: WorklistOrder::default(),
            map_opacity: domain::map_scale::OPACITY,
            overlay_text: 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_of_an_older_version_take_the_defaults_for_what_they_lack() -> Result<(), serde_json::Error> {
        let read: Settings = serde_json::from_str(r#"{"theme": "light", "forgotten": 1}"#)?;
        let expected = Settings {
            theme: Theme::Light,
            ..Settings::default()
        };
        assert_eq!(read, expected);
        Ok(())
    }
}
