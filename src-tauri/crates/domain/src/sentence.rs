//! A sentence that the program itself makes: the English words, and a code with its values for a shell that says it
//! in another language.

mod code;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use code::SentenceCode;

/// For the terminal, the report and every shell that does not know the code, the words alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Sentence {
    /// The English words.
    pub words: String,
    /// `None` where only words were kept, as versions before did.
    pub coded: Option<Coded>,
}

/// What a sentence says, without a language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Coded {
    /// Name of the sentence, such as `gate.samples`: a [`SentenceCode`], or one of another version.
    pub code: String,
    /// What fills it, by name.
    pub values: BTreeMap<String, SentenceValue>,
}

/// A value within a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(untagged)]
pub enum SentenceValue {
    /// A whole number, which each language writes in its own way.
    Number(i64),
    /// Words that are the same in every language.
    Text(String),
}

impl Sentence {
    /// A sentence with its code and the values that fill it.
    pub fn new<const N: usize>(
        code: SentenceCode,
        values: [(&str, SentenceValue); N],
        words: impl Into<String>,
    ) -> Self {
        Self {
            words: words.into(),
            coded: Some(Coded {
                code: code.as_str().to_owned(),
                values: values
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect(),
            }),
        }
    }

    /// Its name as it was written down, by whatever version; `None` where only words were kept. Nothing is decided by it.
    pub fn code_name(&self) -> Option<&str> {
        self.coded.as_ref().map(|coded| coded.code.as_str())
    }

    /// `None` where only words were kept, and of a sentence of another version that this one does not know.
    pub fn code(&self) -> Option<SentenceCode> {
        SentenceCode::parse(&self.coded.as_ref()?.code)
    }
}

impl std::fmt::Display for Sentence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.words)
    }
}

impl From<&str> for SentenceValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for SentenceValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for SentenceValue {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<usize> for SentenceValue {
    fn from(number: usize) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<u32> for SentenceValue {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

/// Keeps a sentence as its words. A signature covers what was said, not the key by which it is translated, so that it
/// stays what it was before there were codes.
pub(crate) mod words_only {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Sentence;

    pub(crate) fn serialize<S: Serializer>(sentence: &Option<Sentence>, to: S) -> Result<S::Ok, S::Error> {
        sentence.as_ref().map(|sentence| &sentence.words).serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Sentence>, D::Error> {
        let words = Option::<String>::deserialize(from)?;
        Ok(words.map(|words| Sentence { words, coded: None }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{InputCheck, InputVerdict};

    #[test]
    fn a_check_is_written_with_the_words_of_its_reason_alone() -> Result<(), serde_json::Error> {
        let check = InputCheck {
            verdict: InputVerdict::OutOfRange,
            reason: Some(Sentence::new(
                SentenceCode::GateAge,
                [("count", 54_u32.into())],
                "too old",
            )),
            score: None,
        };
        let text = serde_json::to_string(&check)?;
        assert_eq!(text, r#"{"verdict":"out_of_range","reason":"too old","score":null}"#);
        let read: InputCheck = serde_json::from_str(&text)?;
        assert_eq!(
            read.reason.map(|reason| (reason.words, reason.coded)),
            Some(("too old".into(), None))
        );
        Ok(())
    }
}
