use std::path::PathBuf;

use domain::{FailureCode, Split};
use engine::Bundle;
use engine::bundle::Runtime;
use serde_json::{Value, json};

use super::*;
use crate::train::card;

type Checked = Result<(), Box<dyn std::error::Error>>;

fn shipped(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../models").join(name)
}

/// What is wrong with the text, a line each.
fn problems(value: &Value) -> Vec<String> {
    match read::recipe(&value.to_string(), "it", None) {
        Ok(_) => Vec::new(),
        Err(failure) => {
            let told = failure.message.trim_start_matches("it is no recipe: ").to_owned();
            told.lines().map(str::to_owned).collect()
        }
    }
}

#[test]
fn small_images_can_be_halved_at_any_size() -> Checked {
    let mut recipe = Recipe::named("breast-us")?;
    for (size, small) in [(192, 128), (160, 96), (256, 160)] {
        recipe.input.size = size;
        assert_eq!(recipe.small_size(), small);
    }
    Ok(())
}

#[test]
fn a_recipe_names_the_kinds_of_its_gate_and_trains_the_same_without() -> Checked {
    let recipe = Recipe::named("brain-mri-t1c")?;
    assert_eq!(recipe.gate.own, ["own-t1c"]);
    assert!(recipe.gate.left_to_header.contains(&"head-t2-axial".to_owned()));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("recipes/brain-mri-t1c.json");
    let mut value: Value = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    value["gate"] = json!({ "own": [" "], "far": 2 });
    let told = problems(&value);
    assert!(
        told.iter().any(|line| line.contains("gate.own")) && told.iter().any(|line| line.contains("far")),
        "{told:?}"
    );
    let without = value.as_object_mut().map(|fields| fields.remove("gate"));
    assert!(without.is_some());
    let read = read::recipe(&value.to_string(), "it", None)?;
    assert_eq!((read.gate, read.sha256), (GateKinds::default(), recipe.sha256));
    Ok(())
}

fn labelled() -> Case {
    Case {
        line: 2,
        name: "a.png".into(),
        file: PathBuf::new(),
        mask: None,
        label: "LESION".into(),
        anomaly: true,
        split: Split::Train,
        patient: "P".into(),
        subset: None,
        core: None,
        adjacent_to_lesion: false,
        sha256: None,
        lesion_px: None,
        stated: domain::Stated::default(),
        groups: vec![],
    }
}

/// Also those that no bundle is shipped by yet.
#[test]
fn each_file_of_recipes_is_one_and_says_which_images_it_judges() -> Checked {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("recipes");
    let mut count = 0;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let recipe = Recipe::of_file(&path)?;
        assert_eq!(
            path.file_stem().and_then(|stem| stem.to_str()),
            Some(recipe.bundle.as_str())
        );
        count += 1;
    }
    assert!(count > BUILT_IN.len(), "{count}");
    Ok(())
}

#[test]
fn subsets_that_only_teach_are_not_judged() -> Checked {
    let recipe = Recipe::of_file(&Path::new(env!("CARGO_MANIFEST_DIR")).join("recipes/head-ct-haemorrhage.json"))?;
    let of = |subset: &str| Case {
        subset: Some(subset.to_owned()),
        ..labelled()
    };
    assert!(recipe.judges(&of("ct-ich")) && !recipe.judges(&of("sich")));
    assert!(Recipe::named("breast-us")?.judges(&labelled()));
    let mut own: Value = serde_json::from_str(BUILT_IN[2].1)?;
    own["also"] = json!(["more"]);
    let told = "also: subsets beside the one that is judged are needed, and that one in 'subset'";
    assert_eq!(problems(&own), [told]);
    own["subset"] = json!("own");
    assert!(problems(&own).is_empty());
    Ok(())
}

/// What a recipe and its bundle both say, they say alike.
#[test]
fn each_recipe_says_what_its_shipped_bundle_says() -> Checked {
    for (name, _) in BUILT_IN {
        let recipe = Recipe::named(name)?;
        let bundle = Bundle::load(&shipped(name))?;
        let said = &bundle.metadata;
        assert_eq!(
            (recipe.bundle.as_str(), recipe.version.as_str()),
            (name, said.version.as_str()),
            "{name}"
        );
        assert_eq!(
            (&recipe.title, &recipe.intended_use),
            (&said.title, &said.intended_use),
            "{name}"
        );
        assert_eq!(recipe.tasks, said.tasks, "{name}");
        let Runtime::Torch { network, mirror } = &said.runtime;
        assert_eq!((&recipe.network, &recipe.mirror), (network, mirror), "{name}");
        assert_eq!(recipe.input, said.input, "{name}");
        assert_eq!(recipe.data, said.data, "{name}");
        assert_eq!(recipe.commercial_use, said.commercial_use, "{name}");
        assert_eq!(recipe.synthetic, said.training.synthetic_images, "{name}");
        assert_eq!(recipe.failures.weights_sha256, bundle.model.weights_sha256, "{name}");
        let licence = std::fs::read_to_string(bundle.folder.join("data_license.txt"))?;
        assert_eq!(card::data_licence(&recipe), licence, "{name}");
        let card = std::fs::read_to_string(bundle.folder.join("MODEL_CARD.md"))?;
        for words in [
            &recipe.not_for,
            &recipe.gate_limits,
            &recipe.failures.words,
            &recipe.licence,
        ] {
            assert!(card.contains(words), "the card of {name} does not say: {words}");
        }
    }
    Ok(())
}

/// Every field of every object, by its place, with the object that holds it.
fn fields(value: &Value, at: &str, found: &mut Vec<(String, String)>) {
    for (key, inner) in value.as_object().into_iter().flatten() {
        found.push((at.to_owned(), key.clone()));
        fields(inner, &format!("{at}/{key}"), found);
        for (place, member) in inner.as_array().into_iter().flatten().enumerate() {
            fields(member, &format!("{at}/{key}/{place}"), found);
        }
    }
}

/// `/data/0` and `licence` as a problem names them: `data[0].licence`.
fn named(at: &str, key: &str) -> String {
    let mut name = String::new();
    for part in at.split('/').skip(1).chain([key]) {
        match part.parse::<usize>() {
            Ok(place) => name += &format!("[{place}]"),
            Err(_) if name.is_empty() => name += part,
            Err(_) => name += &format!(".{part}"),
        }
    }
    name
}

const MAY_BE_LEFT_OUT: [&str; 11] = [
    "subset",
    "gate",
    "gate.own",
    "gate.left_to_header",
    "commercial_use",
    "kinds",
    "routes",
    "input.ages",
    "input.sequence",
    "input.plane",
    "input.quality",
];

#[test]
fn every_field_that_is_missing_wrong_or_unknown_is_told_by_its_place() -> Checked {
    for (recipe, text) in BUILT_IN {
        let good: Value = serde_json::from_str(text)?;
        assert_eq!(problems(&good), Vec::<String>::new(), "{recipe}");
        let mut all = Vec::new();
        fields(&good, "", &mut all);
        assert!(all.len() > 40, "{recipe}: {all:?}");
        for (at, key) in all {
            let name = named(&at, &key);
            let changed = |change: &dyn Fn(&mut serde_json::Map<String, Value>)| {
                let mut value = good.clone();
                if let Some(object) = value.pointer_mut(&at).and_then(Value::as_object_mut) {
                    change(object);
                }
                problems(&value)
            };
            let of_it = |told: &[String]| {
                let about = |line: &&String| {
                    line.strip_prefix(&name)
                        .is_some_and(|rest| rest.starts_with([':', '[', '.']))
                };
                told.iter().filter(about).count()
            };
            let gone = changed(&|object| {
                object.remove(&key);
            });
            // A router has the data of its routes.
            if MAY_BE_LEFT_OUT.contains(&name.as_str()) || (recipe, name.as_str()) == ("router", "data") {
                assert!(
                    recipe == "router" || gone.is_empty(),
                    "{recipe} without {name}: {gone:?}"
                );
            } else {
                assert_eq!((of_it(&gone), gone.len()), (1, 1), "{recipe} without {name}: {gone:?}");
            }
            for wrong in [json!("\u{0}\n"), json!(-1), json!([[]])] {
                let told = changed(&|object| {
                    object.insert(key.clone(), wrong.clone());
                });
                assert!(of_it(&told) >= 1, "{recipe} with {name} = {wrong}: {told:?}");
            }
            let unknown = changed(&|object| {
                object.insert("colour".into(), json!(1));
            });
            let expected = format!("{}: there is no such field", named(&at, "colour"));
            assert_eq!(unknown, [expected], "{recipe}");
        }
    }
    Ok(())
}

#[test]
fn all_problems_of_a_file_are_told_at_once() -> Checked {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("own.json");
    let mut value: Value = serde_json::from_str(BUILT_IN[2].1)?;
    value["training"]["epochs"] = json!(0);
    value["input"]["percentiles"] = json!([99, 1]);
    value["region"]["map_threshold"] = json!(1.5);
    value["epoch"] = json!(3);
    value["data"][0]["licence"] = json!("");
    value["version"] = json!("next");
    value["commercial_use"] = json!("perhaps");
    std::fs::write(&path, value.to_string())?;
    let failure = Recipe::of_file(&path).err().ok_or("it was taken")?;
    assert_eq!(failure.code, FailureCode::BadData);
    for told in [
        "own.json is no recipe",
        "training.epochs: a whole number from 1 to 10000 is needed, not 0",
        "input.percentiles: two ascending numbers",
        "region.map_threshold: a number from 0 to 1 is needed, not 1.5",
        "epoch: there is no such field",
        "data[0].licence: a text is needed",
        "version: a version such as 0.3.0 or 0.3.0-rc1 is needed",
        "commercial_use: one of allowed, not_allowed and not_stated is needed",
    ] {
        assert!(failure.message.contains(told), "{told}: {failure}");
    }
    std::fs::write(&path, "{")?;
    assert!(Recipe::of_file(&path).is_err_and(|failure| failure.message.contains("own.json")));
    assert!(Recipe::named("nope").is_err_and(|failure| failure.message.contains("breast-us")));
    Ok(())
}

#[test]
fn a_router_takes_the_recipes_beside_it_before_those_of_shipped_bundles() -> Checked {
    let folder = tempfile::tempdir()?;
    let mut own: Value = serde_json::from_str(BUILT_IN[2].1)?;
    own["input"]["description"] = json!("pictures of my own");
    std::fs::write(folder.path().join("breast-us.json"), own.to_string())?;
    let path = folder.path().join("router.json");
    std::fs::write(&path, BUILT_IN[4].1)?;
    let router = Recipe::of_file(&path)?;
    assert_eq!(router.input.description.split("; ").nth(2), Some("pictures of my own"));
    assert_eq!(router.network.classes, 4);
    let names = [router.set(None), router.routes[0].set(Some(Split::Val))].map(|set| set.to_string());
    assert_eq!(names, ["all packs", "brain-mri/lgg-flair val"]);
    Ok(())
}

#[test]
fn the_hash_is_of_all_that_changes_a_training_and_of_nothing_else() -> Checked {
    let text = BUILT_IN[0].1;
    let good: Value = serde_json::from_str(text)?;
    let hash = |value: &Value| read::recipe(&value.to_string(), "it", None).map(|recipe| recipe.sha256);
    let first = hash(&good)?;
    let mut words = good.clone();
    words["failures"]["words"] = json!("Other words.");
    (words["version"], words["title"]) = (json!("9.9.9"), json!("Another title"));
    assert_eq!(hash(&words)?, first);
    let reversed: Vec<(String, Value)> = good
        .as_object()
        .into_iter()
        .flatten()
        .rev()
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect();
    let reversed = reversed
        .iter()
        .map(|(key, value)| format!("{}: {value}", json!(key)))
        .collect::<Vec<_>>()
        .join(",\n");
    assert_eq!(read::recipe(&format!("{{{reversed}}}"), "it", None)?.sha256, first);
    let mut other = good.clone();
    other["training"]["epochs"] = json!(27);
    assert_ne!(hash(&other)?, first);
    Ok(())
}
