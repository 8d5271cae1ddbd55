//! Reading JSON with an error that says what was missing.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::Outcome;

/// The value at a path such as `analyses/0/score`.
#[track_caller]
pub fn field<'a>(value: &'a Value, path: &str) -> &'a Value {
    let found = value.pointer(&format!("/{path}"));
    assert!(found.is_some(), "there is no '{path}' in {value:#}");
    found.unwrap_or(&Value::Null)
}

#[track_caller]
pub fn text<'a>(value: &'a Value, path: &str) -> &'a str {
    let found = field(value, path).as_str();
    assert!(found.is_some(), "'{path}' is no text in {value:#}");
    found.unwrap_or_default()
}

#[track_caller]
pub fn number(value: &Value, path: &str) -> f64 {
    let found = field(value, path).as_f64();
    assert!(found.is_some(), "'{path}' is no number in {value:#}");
    found.unwrap_or(f64::NAN)
}

#[track_caller]
pub fn each<'a>(value: &'a Value, path: &str) -> &'a [Value] {
    let found = field(value, path).as_array();
    assert!(found.is_some(), "'{path}' is no list in {value:#}");
    found.map_or(&[], Vec::as_slice)
}

/// One text of each member of a list.
#[track_caller]
pub fn texts<'a>(value: &'a Value, list: &str, name: &str) -> Vec<&'a str> {
    each(value, list).iter().map(|member| text(member, name)).collect()
}

/// An object with exactly these keys, in any order.
#[track_caller]
pub fn assert_keys(value: &Value, keys: &[&str]) {
    let mut found: Vec<&str> = value
        .as_object()
        .map(|o| o.keys().map(String::as_str).collect())
        .unwrap_or_default();
    let mut wanted = keys.to_vec();
    found.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(found, wanted, "in {value:#}");
}

/// The one document that `text` is.
pub fn only_document(text: &str) -> Outcome<Value> {
    serde_json::from_str(text).map_err(|error| format!("not exactly one JSON document ({error}): {text:?}").into())
}

/// Places of an answer, with the kinds of value that may stand there, divided by `|`.
pub type Shape = BTreeMap<String, String>;

/// What scripts read of each verb's `--json`.
pub fn promised_shapes() -> Outcome<BTreeMap<String, Shape>> {
    let path = crate::repository().join("tests/promises/terminal/shapes.json");
    Ok(serde_json::from_slice(&std::fs::read(path)?)?)
}

/// Path of each value below `value`, with the kinds of value that stand there.
fn shape(value: &Value, place: &str, into: &mut BTreeMap<String, BTreeSet<&'static str>>) {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    if !place.is_empty() {
        into.entry(place.to_owned()).or_default().insert(kind);
    }
    match value {
        Value::Array(members) => members
            .iter()
            .for_each(|member| shape(member, &format!("{place}[]"), into)),
        Value::Object(fields) => fields.iter().for_each(|(name, value)| {
            let place = if place.is_empty() {
                name.clone()
            } else {
                format!("{place}.{name}")
            };
            shape(value, &place, into);
        }),
        _ => {}
    }
}

/// What of the promised places is gone from the answer, or is of another kind.
pub fn not_kept(promised: &Shape, answer: &Value) -> Vec<String> {
    let mut now = BTreeMap::new();
    shape(answer, "", &mut now);
    let is_kept = |place: &String, kinds: &String| {
        now.get(place)
            .is_some_and(|now| kinds.split('|').any(|kind| now.contains(kind)))
    };
    let gone = promised.iter().filter(|(place, kinds)| !is_kept(place, kinds));
    gone.map(|(place, kinds)| format!("{place} ({kinds}), now {:?}", now.get(place)))
        .collect()
}
