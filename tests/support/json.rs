//! Reading JSON with an error that says what was missing.

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
