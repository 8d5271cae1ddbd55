//! `settings.json`: what a person set, read forgivingly and written whole.

use domain::{DeviceSetting, Failure, FailureCode, Language, ShortcutProfile, Theme};
use serde_json::Value;
use std::path::Path;

use contract::window::Settings;
use workflow::files::write_whole;
use workflow::places::make_private;

const FILE: &str = "settings.json";
const DAMAGED: &str = "settings.json.damaged";

/// The settings, and a sentence when the file could not be read and the defaults stand in. A damaged
/// file is kept beside it.
pub fn load(config: &Path) -> (Settings, Option<String>) {
    let path = config.join(FILE);
    let text = match std::fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return (Settings::default(), None),
        Err(error) => {
            let problem = format!(
                "The settings in {} cannot be read ({error}); the defaults are used.",
                path.display()
            );
            return (Settings::default(), Some(problem));
        }
    };
    let file = serde_json::from_slice::<Value>(&text).and_then(|mut file| {
        let unknown = take_unknown(&mut file);
        Ok((serde_json::from_value::<Settings>(file)?, unknown))
    });
    match file {
        // The rest of the file is as it was set, so that one bad value does not cost them all.
        Ok((settings, unknown)) => match unknown.map_or_else(|| check(&settings), Err) {
            Ok(()) => (settings, None),
            Err(problem) => (
                repaired(settings),
                Some(format!("{}: {problem}; the default is used instead.", path.display())),
            ),
        },
        Err(error) => {
            let kept = match std::fs::rename(&path, config.join(DAMAGED)) {
                Ok(()) => format!("it was kept as {DAMAGED}"),
                Err(_) => "it could not be set aside".to_owned(),
            };
            let problem = format!(
                "The settings in {} are damaged ({error}); the defaults are used, {kept}.",
                path.display()
            );
            (Settings::default(), Some(problem))
        }
    }
}

pub fn save(config: &Path, settings: &Settings) -> Result<(), Failure> {
    check(settings).map_err(Failure::usage)?;
    make_private(config)?;
    let text = serde_json::to_vec_pretty(settings).map_err(|error| {
        Failure::new(
            FailureCode::Internal,
            format!("the settings cannot be written: {error}"),
        )
    })?;
    write_whole(&config.join(FILE), &text)
}

const MEMORY_MB: std::ops::RangeInclusive<u32> = 64..=65_536;
const MOST_MINUTES: u32 = 24 * 60;

/// Takes words out of the file that are none of their set's; the sentence names the first and what is possible.
fn take_unknown(file: &mut Value) -> Option<String> {
    let fields = file.as_object_mut()?;
    let mut problem = None;
    let mut one_of = |field: &str, name: &str, known: Vec<&str>| {
        let unknown = |value: &mut Value| value.as_str().is_some_and(|word| !known.contains(&word));
        if fields.get_mut(field).is_some_and(unknown) {
            let word = fields.remove(field).unwrap_or_default();
            let word = word.as_str().unwrap_or_default();
            let known = known.join(", ");
            problem.get_or_insert(format!("{name} '{word}' is not known; {known} are"));
        }
    };
    one_of("language", "the language", words(Language::ALL, Language::as_str));
    one_of("theme", "the theme", words(Theme::ALL, Theme::as_str));
    let profiles = words(ShortcutProfile::ALL, ShortcutProfile::as_str);
    one_of("shortcut_profile", "the shortcut profile", profiles);
    one_of("device", "the device", words(DeviceSetting::ALL, DeviceSetting::as_str));
    problem
}

fn words<T: Copy>(all: &[T], word: fn(T) -> &'static str) -> Vec<&'static str> {
    all.iter().copied().map(word).collect()
}

/// The sentence names the value that is not possible and what is.
fn check(settings: &Settings) -> Result<(), String> {
    if !MEMORY_MB.contains(&settings.memory_budget_mb) {
        let (least, most) = (MEMORY_MB.start(), MEMORY_MB.end());
        return Err(format!(
            "the memory for pixels is {} MB; {least} to {most} MB are possible",
            settings.memory_budget_mb
        ));
    }
    if settings.lock_after_minutes > MOST_MINUTES {
        let minutes = settings.lock_after_minutes;
        return Err(format!(
            "locking after {minutes} minutes; at most {MOST_MINUTES} are possible"
        ));
    }
    if !(0.0..=1.0).contains(&settings.map_opacity) {
        return Err(format!(
            "the map's opacity {} is not within 0 and 1",
            settings.map_opacity
        ));
    }
    if settings.overlay_text > 2 {
        return Err(format!("the overlay text {} is not 0, 1 or 2", settings.overlay_text));
    }
    Ok(())
}

fn repaired(settings: Settings) -> Settings {
    let default = Settings::default();
    Settings {
        memory_budget_mb: settings.memory_budget_mb.clamp(*MEMORY_MB.start(), *MEMORY_MB.end()),
        lock_after_minutes: settings.lock_after_minutes.min(MOST_MINUTES),
        map_opacity: if (0.0..=1.0).contains(&settings.map_opacity) {
            settings.map_opacity
        } else {
            default.map_opacity
        },
        overlay_text: settings.overlay_text.min(2),
        ..settings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Checked = Result<(), Box<dyn std::error::Error>>;

    #[test]
    fn settings_come_back_as_they_were_saved_and_impossible_ones_are_refused() -> Checked {
        let config = tempfile::tempdir()?;
        assert_eq!(load(config.path()), (Settings::default(), None));
        let mine = Settings {
            theme: Theme::Light,
            memory_budget_mb: 1024,
            shortcuts: [("zoom".to_owned(), vec!["Z".to_owned()])].into(),
            ..Settings::default()
        };
        save(config.path(), &mine)?;
        assert_eq!(load(config.path()), (mine.clone(), None));
        let bad = Settings {
            memory_budget_mb: 1,
            ..mine.clone()
        };
        let refusal = save(config.path(), &bad).err().ok_or("a memory of 1 MB was saved")?;
        assert!(refusal.message.contains("1 MB"), "{refusal}");
        assert_eq!(load(config.path()).0, mine);
        Ok(())
    }

    #[test]
    fn a_word_that_is_not_known_becomes_the_default_and_is_told() -> Checked {
        let config = tempfile::tempdir()?;
        let text = r#"{"theme": "pink", "language": "hu", "device": "tpu"}"#;
        std::fs::write(config.path().join(FILE), text)?;
        let (settings, problem) = load(config.path());
        let said = (settings.language, settings.theme, settings.device);
        assert_eq!(said, (Language::Hu, Theme::Dark, DeviceSetting::Auto));
        assert!(problem.is_some_and(|told| told.contains("the theme 'pink' is not known; dark, light are")));
        Ok(())
    }

    #[test]
    fn a_damaged_file_gives_the_defaults_a_sentence_and_is_kept() -> Checked {
        let config = tempfile::tempdir()?;
        std::fs::write(config.path().join(FILE), b"{\"theme\": \"li")?;
        let (settings, problem) = load(config.path());
        assert_eq!(settings, Settings::default());
        assert!(problem.is_some_and(|sentence| sentence.contains(DAMAGED)));
        assert_eq!(std::fs::read(config.path().join(DAMAGED))?, b"{\"theme\": \"li");
        assert_eq!(load(config.path()), (Settings::default(), None));
        Ok(())
    }

    #[test]
    fn one_impossible_value_does_not_cost_the_others() -> Checked {
        let config = tempfile::tempdir()?;
        std::fs::write(
            config.path().join(FILE),
            br#"{"language": "hu", "memory_budget_mb": 1, "new": true}"#,
        )?;
        let (settings, problem) = load(config.path());
        assert_eq!((settings.language, settings.memory_budget_mb), (Language::Hu, 64));
        assert!(problem.is_some_and(|sentence| sentence.contains("1 MB")));
        save(config.path(), &settings)?;
        let text = std::fs::read_to_string(config.path().join(FILE))?;
        assert!(!text.contains("new"), "an unknown field was written: {text}");
        Ok(())
    }

    #[test]
    fn settings_and_known_vaults_of_an_earlier_version_are_read_as_they_are() -> Checked {
        let promised = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/promises/config");
        let config = tempfile::tempdir()?;
        for name in [FILE, "vaults.json"] {
            std::fs::copy(promised.join(name), config.path().join(name))?;
        }
        let (settings, problem) = load(config.path());
        assert_eq!(problem, None);
        let said = (
            settings.language.as_str(),
            settings.theme.as_str(),
            settings.shortcut_profile.as_str(),
            settings.device.as_str(),
        );
        assert_eq!(said, ("hu", "light", "ohif", "cpu"));
        assert_eq!((settings.lock_after_minutes, settings.memory_budget_mb), (5, 256));
        assert_eq!(settings.shortcuts["reading.accept"], ["b"]);
        let vaults = crate::known_vaults::list(config.path());
        let known: Vec<(&str, &str)> = vaults
            .iter()
            .map(|vault| {
                (
                    vault.known.folder.to_str().unwrap_or_default(),
                    vault.known.user.as_str(),
                )
            })
            .collect();
        assert_eq!(known, [("/srv/overread/vault", "admin")]);
        Ok(())
    }
}
