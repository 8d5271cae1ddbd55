//! A recipe from its JSON. The file says what a person decides; what follows from it is not said twice.

use std::path::Path;

use domain::{Failure, FailureCode, Sequence, SlicePlane, Version};
use engine::bundle::{
    DataSource, InputSpec, MapKind, NetworkSpec, QualitySpec, RegionSpec, Task, of_reader, of_router, sha256_hex,
};
use serde_json::Value;

use super::fields::{Fields, Problems};
use super::{Failures, GateKinds, Kind, Recipe, Unit, Variation};

/// `name` says which file in a failure; `beside` is the folder in which routes are looked for first.
pub fn recipe(text: &str, name: &str, beside: Option<&Path>) -> Result<Recipe, Failure> {
    let bad = |what: &str| Failure::new(FailureCode::BadData, format!("{name} is no recipe: {what}"));
    let value: Value = serde_json::from_str(text).map_err(|error| bad(&error.to_string()))?;
    let problems = Problems::default();
    let recipe = of(&value, beside, &problems);
    let lines = problems.into_lines();
    if lines.is_empty() {
        return Ok(recipe);
    }
    Err(bad(&lines.join("\n")))
}

fn of(value: &Value, beside: Option<&Path>, problems: &Problems) -> Recipe {
    let mut file = Fields::of(value, "", problems);
    let routes = routes(&mut file, beside);
    let kinds: Vec<Kind> = file.each("kinds").into_iter().map(kind).collect();
    let outputs = if routes.is_empty() {
        1 + kinds.len()
    } else {
        routes.len()
    };
    let input = input(file.object("input"), &routes);
    let (network, mirror) = network(file.object("network"), outputs as u32, input.size);
    let tasks = tasks(&mut file, &network, &kinds, &routes);
    let (pack, subset, data) = trained_on(&mut file, &routes);
    let words = |all: &Vec<String>| all.iter().all(|word| !word.trim().is_empty());
    let also: Vec<String> = file.take_some("also", "a list of subsets", words);
    if !also.is_empty() && subset.as_ref().is_none_or(|own| also.contains(own)) {
        file.note(
            "also",
            "subsets beside the one that is judged are needed, and that one in 'subset'",
        );
    }
    let mut training = file.object("training");
    let sha256 = sha256_of(value, &routes);
    let recipe = Recipe {
        bundle: plain(&mut file, "bundle"),
        version: version(&mut file),
        title: file.text("title"),
        intended_use: file.text("intended_use"),
        not_for: file.text("not_for"),
        gate_limits: file.text("gate_limits"),
        gate: file.some_object("gate").map(gate).unwrap_or_default(),
        failures: failures(file.object("failures")),
        unit: unit(file.object("unit")),
        kinds,
        routes,
        pack,
        subset,
        also,
        network,
        input,
        mirror,
        tasks,
        data,
        licence: file.text("licence"),
        commercial_use: file.take_some("commercial_use", "one of allowed, not_allowed and not_stated", |_| true),
        epochs: training.count("epochs", 1, 10_000),
        gpu_epochs: training.count("gpu_epochs", 1, 10_000),
        small_share: training.number("small_share", 0.0, 1.0),
        batch: training.count("batch", 1, 4096) as usize,
        learning_rate: training.number("learning_rate", 1e-9, 1.0),
        class_weight: training.number("class_weight", 0.0, 1000.0),
        unoutlined: training.take_some("unoutlined", "true or false", |_| true),
        paste: training.number("paste", 0.0, 1.0),
        synthetic: training.count("synthetic", 0, 1_000_000),
        variation: variation(file.object("variation")),
        sha256,
    };
    training.end();
    file.end();
    recipe
}

/// A name that can be that of a folder.
fn plain(file: &mut Fields<'_>, key: &'static str) -> String {
    let good = |word: &String| is_plain(word);
    file.take(key, "a name of letters, digits, '-', '_' and '.'", good)
}

fn version(file: &mut Fields<'_>) -> String {
    let good = |word: &String| is_plain(word) && Version::of(word).is_one();
    file.take("version", "a version such as 0.3.0 or 0.3.0-rc1", good)
}

fn is_plain(word: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    !word.is_empty() && word.len() <= 64 && !word.starts_with('.') && word.bytes().all(plain)
}

/// The recipes that a router tells apart.
fn routes(file: &mut Fields<'_>, beside: Option<&Path>) -> Vec<Recipe> {
    let names: Vec<String> = file.take_some("routes", "a list of names of recipes", |_| true);
    let mut routes = Vec::new();
    for name in names {
        let own = beside
            .map(|folder| folder.join(format!("{name}.json")))
            .filter(|path| path.is_file());
        let read = own.map_or_else(|| Recipe::named(&name), |path| Recipe::of_file(&path));
        match read {
            Ok(recipe) if recipe.is_router() => file.note("routes", format!("'{name}' is a router itself")),
            Ok(recipe) => routes.push(recipe),
            Err(failure) => file.note("routes", failure.message),
        }
    }
    routes
}

/// Pack, subset and sources of the data; a router's are those of its routes, and of what it is taught to refuse.
fn trained_on(file: &mut Fields<'_>, routes: &[Recipe]) -> (Option<String>, Option<String>, Vec<DataSource>) {
    let any = |text: &Option<String>| text.as_ref().is_none_or(|text| !text.is_empty() && text.trim() == text);
    let pack: Option<String> = file.take_some("pack", "the name of a folder", any);
    let subset: Option<String> = file.take_some("subset", "the name of a subset", any);
    let data: Vec<DataSource> = file.each("data").into_iter().map(source).collect();
    if routes.is_empty() {
        if pack.is_none() {
            file.note("pack", "the name of the pack's folder is needed");
        }
        if data.is_empty() {
            file.note(
                "data",
                "at least one source of the data is needed, with its licence and citation",
            );
        }
        return (pack, subset, data);
    }
    for (key, said) in [("pack", pack.is_some()), ("subset", subset.is_some())] {
        if said {
            file.note(key, "a router has those of its routes");
        }
    }
    let of_routes = routes.iter().flat_map(|route| route.data.clone());
    (None, None, of_routes.chain(data).collect())
}

fn source(mut fields: Fields<'_>) -> DataSource {
    let source = DataSource {
        name: fields.text("name"),
        licence: fields.text("licence"),
        citation: fields.text("citation"),
    };
    fields.end();
    source
}

fn kind(mut fields: Fields<'_>) -> Kind {
    let kind = Kind {
        label: fields.text("label"),
        name: fields.text("name"),
    };
    fields.end();
    kind
}

fn unit(mut fields: Fields<'_>) -> Unit {
    let unit = Unit {
        singular: fields.text("singular"),
        plural: fields.text("plural"),
    };
    fields.end();
    unit
}

fn failures(mut fields: Fields<'_>) -> Failures {
    let is_sha256 = |text: &String| text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
    let failures = Failures {
        weights_sha256: fields.take("weights_sha256", "a sha256 of 64 hexadecimal digits", is_sha256),
        words: fields.text("words"),
    };
    fields.end();
    failures
}

fn quality(mut fields: Fields<'_>) -> QualitySpec {
    let spec = QualitySpec {
        exposure: fields.range("exposure", 1e-3, 0.999),
        smoothed_above: fields.number("smoothed_above", 0.0, 1.0) as f32,
        refused_above: fields.number("refused_above", 0.0, 1.0) as f32,
    };
    // One that is missing was told already.
    if spec.refused_above > 0.0 && spec.refused_above < spec.smoothed_above {
        fields.note("refused_above", "it lies below smoothed_above");
    }
    fields.end();
    spec
}

fn input(mut fields: Fields<'_>, routes: &[Recipe]) -> InputSpec {
    let words = |all: &Vec<String>| all.iter().all(|word| !word.trim().is_empty());
    let ages = |ages: &Option<[u32; 2]>| ages.is_none_or(|[youngest, oldest]| youngest <= oldest);
    let described: Vec<&str> = routes.iter().map(|route| route.input.description.as_str()).collect();
    let spec = InputSpec {
        size: fields.count("size", 16, 4096),
        percentiles: fields.range("percentiles", 0.0, 100.0),
        body_threshold: fields.number("body_threshold", 0.0, 1.0) as f32,
        modalities: fields.take("modalities", "a list of words", words),
        photometric: fields.take("photometric", "a list of words", words),
        body_parts: fields.take("body_parts", "a list of words", words),
        ages: fields.take_some("ages", "the youngest and the oldest age in years", ages),
        views: fields.take("views", "a list of words", words),
        sequence: fields.take_some(
            "sequence",
            "the word of a sequence, such as FLAIR",
            |_: &Option<Sequence>| true,
        ),
        plane: fields.take_some(
            "plane",
            "the word of a plane, such as axial",
            |_: &Option<SlicePlane>| true,
        ),
        window: fields.take_some(
            "window",
            "two ascending numbers, Hounsfield units",
            |window: &Option<[f32; 2]>| window.is_none_or(|[low, high]| low < high),
        ),
        quality: fields.some_object("quality").map(quality),
        description: match routes {
            [] => fields.text("description"),
            _ => described.join("; "),
        },
    };
    fields.end();
    spec
}

/// What the bundle does with the network's answers.
fn tasks(file: &mut Fields<'_>, network: &NetworkSpec, kinds: &[Kind], routes: &[Recipe]) -> Vec<Task> {
    if routes.is_empty() {
        let labels = ["label", "unknown_label"].map(|key| file.text(key));
        let kinds: Vec<String> = kinds.iter().map(|kind| kind.name.clone()).collect();
        return of_reader(
            network,
            region(file.object("region")),
            labels.each_ref().map(String::as_str),
            &kinds,
        );
    }
    for key in ["label", "unknown_label", "region"] {
        if file.some(key).is_some() {
            file.note(key, "a router has no findings");
        }
    }
    let routes: Vec<String> = routes.iter().map(|route| route.bundle.clone()).collect();
    of_router(&routes)
}

/// The network, and whether it sees the mirror image too.
fn network(mut fields: Fields<'_>, classes: u32, size: u32) -> (NetworkSpec, bool) {
    let usable = |widths: &Vec<u32>| (2..=8).contains(&widths.len()) && widths.iter().all(|w| (1..=2048).contains(w));
    let each_once = |maps: &Vec<MapKind>| {
        maps.iter()
            .all(|map| maps.iter().filter(|other| *other == map).count() == 1)
    };
    let network = NetworkSpec {
        family: fields.text("family"),
        widths: fields.take("widths", "a list of two to eight widths from 1 to 2048", usable),
        maps: fields.take("maps", "a list of 'lesion' and 'foreign', each once at most", each_once),
        classes,
        autoencoder: fields.flag("autoencoder"),
        members: fields.count("members", 1, 8),
    };
    let halvings = network.widths.len().saturating_sub(1);
    if !size.is_multiple_of(1 << halvings) {
        let what =
            format!("an input of {size} pixels cannot be halved {halvings} times; give fewer widths or another size");
        fields.note("widths", what);
    }
    let mirror = fields.flag("mirror");
    fields.end();
    (network, mirror)
}

fn gate(mut fields: Fields<'_>) -> GateKinds {
    let words = |all: &Vec<String>| all.iter().all(|word| !word.trim().is_empty());
    let kinds = GateKinds {
        own: fields.take_some("own", "a list of kinds", words),
        left_to_header: fields.take_some("left_to_header", "a list of kinds", words),
    };
    fields.end();
    kinds
}

fn region(mut fields: Fields<'_>) -> RegionSpec {
    let region = RegionSpec {
        top_pixels: fields.count("top_pixels", 1, 1_000_000),
        map_threshold: fields.number("map_threshold", 0.0, 1.0) as f32,
        min_pixels: fields.count("min_pixels", 0, 1_000_000),
        class_share: fields.number("class_share", 0.0, 1.0) as f32,
    };
    fields.end();
    region
}

fn variation(mut fields: Fields<'_>) -> Variation {
    let variation = Variation {
        mirror: fields.flag("mirror"),
        rotation: fields.number("rotation", 0.0, 180.0) as f32,
        zoom: fields.range("zoom", 0.1, 10.0),
        bias_field: fields.flag("bias_field"),
        speckle: fields.flag("speckle"),
        cover: fields.flag("cover"),
    };
    fields.end();
    variation
}

/// What a recipe says for the card, the bundle's facts and its gate alone; none of it changes a training.
const WORDS: [&str; 8] = [
    ".failures.",
    ".gate.",
    ".version ",
    ".commercial_use ",
    ".title ",
    ".intended_use ",
    ".not_for ",
    ".gate_limits ",
];

/// Of every value with its place, in alphabetical order, and of the routes; words for the card are left out.
fn sha256_of(value: &Value, routes: &[Recipe]) -> String {
    fn leaves(at: &str, value: &Value, lines: &mut Vec<String>) {
        match value {
            Value::Object(fields) => fields
                .iter()
                .for_each(|(key, value)| leaves(&format!("{at}.{key}"), value, lines)),
            Value::Array(list) => {
                let places = list.iter().enumerate();
                places.for_each(|(place, value)| leaves(&format!("{at}.{place}"), value, lines));
            }
            leaf => lines.push(format!("{at} {leaf}")),
        }
    }
    let mut lines = Vec::new();
    leaves("", value, &mut lines);
    lines.retain(|line| !WORDS.iter().any(|words| line.starts_with(words)));
    lines.sort_unstable();
    lines.extend(routes.iter().map(|route| route.sha256.clone()));
    sha256_hex(lines.join("\n").as_bytes())
}
