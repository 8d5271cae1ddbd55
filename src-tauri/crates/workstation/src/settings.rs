//! `settings.json`: what a person set, read forgivingly and written whole.

use domain::{DeviceSetting, Failure, FailureCode, Language, ShortcutProfile, Theme};
use serde_json::{Map, Value};
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
    match serde_json::from_slice::<Map<String, Value>>(&text) {
        // The rest of the file is as it was set, so that a bad value does not cost them all.
        Ok(fields) => {
            let (settings, mut problems) = read(fields);
            let settings = repaired(settings, &mut problems);
            let told = (!problems.is_empty()).then(|| format!("{}: {}.", path.display(), problems.join("; ")));
            (settings, told)
        }
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
    let mut problems = Vec::new();
    repaired(settings.clone(), &mut problems);
    if !problems.is_empty() {
        return Err(Failure::usage(problems.join("; ")));
    }
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

/// The default for each field that the file lacks, or whose value is none of its own; a sentence for each of these.
fn read(fields: Map<String, Value>) -> (Settings, Vec<String>) {
    let mut settings = Settings::default();
    let mut problems = Vec::new();
    let Ok(Value::Object(mut known)) = serde_json::to_value(&settings) else {
        return (settings, problems);
    };
    for (name, value) in fields {
        // Fields of another version.
        let Some(default) = known.get(&name).cloned() else {
            continue;
        };
        known.insert(name.clone(), value.clone());
        match serde_json::from_value::<Settings>(Value::Object(known.clone())) {
            Ok(read) => settings = read,
            Err(_) => {
                let possible = words_of(&name).map_or_else(String::new, |words| format!(" ({} are)", words.join(", ")));
                problems.push(format!(
                    "{} {} is not possible{possible}; the default {} is used",
                    name_of(&name),
                    short(&value),
                    short(&default)
                ));
                known.insert(name, default);
            }
        }
    }
    (settings, problems)
}

fn short(value: &Value) -> String {
    let text = match value {
        Value::String(word) => format!("'{word}'"),
        Value::Array(_) | Value::Object(_) if value.to_string().len() > 40 => "in the file".to_owned(),
        other => other.to_string(),
    };
    text.chars().take(60).collect()
}

fn name_of(field: &str) -> String {
    match field {
        "memory_budget_mb" => "the memory for pixels in MB".to_owned(),
        "lock_after_minutes" => "the minutes until locking".to_owned(),
        "map_opacity" => "the map's opacity".to_owned(),
        other => format!("the {}", other.replace('_', " ")),
    }
}

fn words_of(field: &str) -> Option<Vec<&'static str>> {
    match field {
        "language" => Some(words(Language::ALL, Language::as_str)),
        "theme" => Some(words(Theme::ALL, Theme::as_str)),
        "shortcut_profile" => Some(words(ShortcutProfile::ALL, ShortcutProfile::as_str)),
        "device" => Some(words(DeviceSetting::ALL, DeviceSetting::as_str)),
        _ => None,
    }
}

fn words<T: Copy>(all: &[T], word: fn(T) -> &'static str) -> Vec<&'static str> {
    all.iter().copied().map(word).collect()
}

/// The nearest settings that are possible; a sentence for each value that was not, with what is used instead.
fn repaired(mut settings: Settings, problems: &mut Vec<String>) -> Settings {
    let default = Settings::default();
    let mut within = |name: &str, value: &mut u32, least: u32, most: u32| {
        let possible = (*value).clamp(least, most);
        if *value != possible {
            let name = name_of(name);
            problems.push(format!(
                "{name} {value} is not possible ({least} to {most} are); {possible} is used"
            ));
            *value = possible;
        }
    };
    within(
        "memory_budget_mb",
        &mut settings.memory_budget_mb,
        *MEMORY_MB.start(),
        *MEMORY_MB.end(),
    );
    within("lock_after_minutes", &mut settings.lock_after_minutes, 0, MOST_MINUTES);
    within("overlay_text", &mut settings.overlay_text, 0, 2);
    if !(0.0..=1.0).contains(&settings.map_opacity) {
        problems.push(format!(
            "{} {} is not possible (0 to 1 are); the default {} is used",
            name_of("map_opacity"),
            settings.map_opacity,
            default.map_opacity
        ));
        settings.map_opacity = default.map_opacity;
    }
    settings
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
        assert!(
            refusal.message.contains("in MB 1 is not possible (64 to 65536 are)"),
            "{refusal}"
        );
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
        let told = problem.ok_or("nothing is told")?;
        // Each of them.
        assert!(
            told.contains("the theme 'pink' is not possible (dark, light are); the default 'dark' is used"),
            "{told}"
        );
        assert!(
            told.contains("the device 'tpu' is not possible") && told.contains("the default 'auto' is used"),
            "{told}"
        );
        Ok(())
    }

    #[test]
    fn a_value_of_another_type_costs_its_own_field_only() -> Checked {
        let config = tempfile::tempdir()?;
        let mine = Settings {
            language: Language::Hu,
            theme: Theme::Light,
            memory_budget_mb: 512,
            ..Settings::default()
        };
        let whole = serde_json::to_value(&mine)?;
        let fields = whole.as_object().ok_or("no fields")?;
        for (name, own) in fields {
            for wrong in [
                serde_json::json!(null),
                serde_json::json!(-3),
                serde_json::json!(["x"]),
                serde_json::json!({"x": [1]}),
                serde_json::json!("?"),
            ] {
                let mut file = fields.clone();
                file.insert(name.clone(), wrong.clone());
                std::fs::write(config.path().join(FILE), serde_json::to_vec(&file)?)?;
                let (settings, problem) = load(config.path());
                let read = serde_json::to_value(&settings)?;
                let others = fields.iter().filter(|(other, _)| *other != name);
                for (other, value) in others {
                    assert_eq!(&read[other], value, "{name}: {wrong} cost {other}");
                }
                assert!(
                    problem.is_some() || read[name] == wrong,
                    "{name}: {wrong} for {own} was taken in silence"
                );
                let default = serde_json::to_value(Settings::default())?;
                let said = problem
                    .as_deref()
                    .is_none_or(|told| !told.contains("the default") || read[name] == default[name]);
                assert!(said, "{name}: {wrong}: {problem:?}");
            }
        }
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
        let told = problem.ok_or("nothing is told")?;
        // The nearest that is possible, which is not the default.
        assert!(
            told.contains("in MB 1 is not possible (64 to 65536 are); 64 is used") && !told.contains("default"),
            "{told}"
        );
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
