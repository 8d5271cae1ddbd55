//! Reading an object of JSON field by field, so that everything that is wrong with it is told at once.

use std::cell::RefCell;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// All problems of one file, in the order of its fields.
#[derive(Default)]
pub struct Problems(RefCell<Vec<String>>);

impl Problems {
    pub fn note(&self, at: &str, what: impl std::fmt::Display) {
        self.0.borrow_mut().push(format!("{at}: {what}"));
    }

    pub fn into_lines(self) -> Vec<String> {
        self.0.into_inner()
    }
}

/// One object. A field that is missing or wrong is noted and taken as its default; nothing is made
/// of a file with problems.
pub struct Fields<'a> {
    at: String,
    object: Option<&'a Map<String, Value>>,
    known: Vec<&'a str>,
    problems: &'a Problems,
}

impl<'a> Fields<'a> {
    /// `at` is the object's place in the file, empty for the whole of it.
    pub fn of(value: &'a Value, at: &str, problems: &'a Problems) -> Self {
        let object = value.as_object();
        if object.is_none() {
            problems.note(if at.is_empty() { "the file" } else { at }, "an object is needed");
        }
        Self {
            at: at.to_owned(),
            object,
            known: Vec::new(),
            problems,
        }
    }

    pub fn path(&self, key: &str) -> String {
        match self.at.as_str() {
            "" => key.to_owned(),
            at => format!("{at}.{key}"),
        }
    }

    pub fn note(&self, key: &str, what: impl std::fmt::Display) {
        self.problems.note(&self.path(key), what);
    }

    /// The value, where there is one that is not null.
    pub fn some(&mut self, key: &'a str) -> Option<&'a Value> {
        self.known.push(key);
        self.object?.get(key).filter(|value| !value.is_null())
    }

    fn needed(&mut self, key: &'a str) -> Option<&'a Value> {
        let value = self.some(key);
        if value.is_none() && self.object.is_some() {
            self.note(key, "it is missing");
        }
        value
    }

    fn parsed<T: DeserializeOwned + Default>(
        &self,
        key: &str,
        value: Option<&Value>,
        wanted: &str,
        good: impl Fn(&T) -> bool,
    ) -> T {
        let Some(value) = value else { return T::default() };
        match serde_json::from_value(value.clone()) {
            Ok(found) if good(&found) => found,
            _ => {
                self.note(key, format!("{wanted} is needed, not {value}"));
                T::default()
            }
        }
    }

    /// A value of which `good` is true; `wanted` says which that is.
    pub fn take<T: DeserializeOwned + Default>(&mut self, key: &'a str, wanted: &str, good: impl Fn(&T) -> bool) -> T {
        let value = self.needed(key);
        self.parsed(key, value, wanted, good)
    }

    /// Like [`Self::take`]; a field that is null or left out is its default.
    pub fn take_some<T: DeserializeOwned + Default>(
        &mut self,
        key: &'a str,
        wanted: &str,
        good: impl Fn(&T) -> bool,
    ) -> T {
        let value = self.some(key);
        self.parsed(key, value, wanted, good)
    }

    /// Words: not empty, and without blanks around them.
    pub fn text(&mut self, key: &'a str) -> String {
        self.take(key, "a text", |text: &String| !text.is_empty() && text.trim() == text)
    }

    pub fn number(&mut self, key: &'a str, low: f64, high: f64) -> f64 {
        let wanted = format!("a number from {low} to {high}");
        self.take(key, &wanted, |number| (low..=high).contains(number))
    }

    pub fn count(&mut self, key: &'a str, low: u32, high: u32) -> u32 {
        let wanted = format!("a whole number from {low} to {high}");
        self.take(key, &wanted, |number| (low..=high).contains(number))
    }

    pub fn flag(&mut self, key: &'a str) -> bool {
        self.take(key, "true or false", |_| true)
    }

    /// Two numbers in ascending order.
    pub fn range(&mut self, key: &'a str, low: f32, high: f32) -> [f32; 2] {
        let wanted = format!("two ascending numbers from {low} to {high}");
        self.take(key, &wanted, |[a, b]: &[f32; 2]| low <= *a && a < b && *b <= high)
    }

    pub fn object(&mut self, key: &'a str) -> Fields<'a> {
        match self.needed(key) {
            Some(value) => Fields::of(value, &self.path(key), self.problems),
            None => Fields {
                at: self.path(key),
                object: None,
                known: Vec::new(),
                problems: self.problems,
            },
        }
    }

    /// The object, where there is one that is not null.
    pub fn some_object(&mut self, key: &'a str) -> Option<Fields<'a>> {
        let value = self.some(key)?;
        Some(Fields::of(value, &self.path(key), self.problems))
    }

    /// The objects of a list; a list that is null or left out is empty.
    pub fn each(&mut self, key: &'a str) -> Vec<Fields<'a>> {
        let Some(value) = self.some(key) else { return Vec::new() };
        let Some(list) = value.as_array() else {
            self.note(key, format!("a list is needed, not {value}"));
            return Vec::new();
        };
        let at = |place: usize| self.path(&format!("{key}[{place}]"));
        list.iter()
            .enumerate()
            .map(|(place, value)| Fields::of(value, &at(place), self.problems))
            .collect()
    }

    /// Whatever the object holds beside the fields that were asked for is a mistake of its writer.
    pub fn end(self) {
        for key in self.object.into_iter().flat_map(Map::keys) {
            if !self.known.contains(&key.as_str()) {
                self.note(key, "there is no such field");
            }
        }
    }
}
