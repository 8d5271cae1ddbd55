//! Sentences of the program, for a window that says them in its own language.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Sentence {
    /// English, for where the code is not known.
    pub words: String,
    pub code: Option<String>,
    pub values: BTreeMap<String, SentenceValue>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(untagged)]
pub enum SentenceValue {
    Number(i64),
    Text(String),
}

impl From<&domain::Sentence> for Sentence {
    fn from(sentence: &domain::Sentence) -> Self {
        let coded = sentence.coded.as_ref();
        let values = coded.into_iter().flat_map(|coded| &coded.values);
        Self {
            words: sentence.words.clone(),
            code: coded.map(|coded| coded.code.clone()),
            values: values.map(|(name, value)| (name.clone(), value.into())).collect(),
        }
    }
}

impl From<&domain::SentenceValue> for SentenceValue {
    fn from(value: &domain::SentenceValue) -> Self {
        match value {
            domain::SentenceValue::Number(number) => Self::Number(*number),
            domain::SentenceValue::Text(text) => Self::Text(text.clone()),
        }
    }
}
