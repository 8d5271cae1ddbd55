//! What the headers of NRRD and MetaImage have in common: fields of text, and data behind them or in other files.

use std::collections::BTreeMap;

use decode::DecodeError;

use super::text::{bad, missing, numbered};

/// Fields by their names in lower case, names of data files that stand in a list, and what follows the header.
pub(super) struct Head<'a> {
    pub fields: BTreeMap<String, String>,
    pub list: Vec<String>,
    pub rest: &'a [u8],
}

impl<'a> Head<'a> {
    /// The first of these fields that is there.
    pub(super) fn get(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.fields.get(*name)).map(String::as_str)
    }

    pub(super) fn need(&self, names: &[&str]) -> Result<&str, DecodeError> {
        self.get(names)
            .ok_or_else(|| missing(names.first().copied().unwrap_or_default()))
    }

    /// The number in a field by its name in the format; `None` where it is not there.
    pub(super) fn number(&self, name: &str) -> Result<Option<f64>, DecodeError> {
        let value = self.get(&[&name.to_lowercase()]);
        value
            .map(|value| value.parse().map_err(|_| bad(name, value)))
            .transpose()
    }

    /// The whole number in a field; 0 where it is not there.
    pub(super) fn skip(&self, name: &str) -> Result<i64, DecodeError> {
        let value = self.get(&[name]);
        value.map_or(Ok(0), |value| value.parse().map_err(|_| bad(name, value)))
    }

    /// The data files that a field names: those of the list, a numbered series, or one.
    pub(super) fn named_by(&self, what: &str, value: &str) -> Result<Vec<String>, DecodeError> {
        if value.to_uppercase().starts_with("LIST") {
            return Ok(self.list.clone());
        }
        let words: Vec<&str> = value.split_whitespace().collect();
        let number = |text: &str| text.parse::<i64>().map_err(|_| bad(what, value));
        match words.as_slice() {
            [pattern, from, to] if pattern.contains('%') => numbered(pattern, number(from)?, number(to)?, 1),
            [pattern, from, to, step, ..] if pattern.contains('%') => {
                numbered(pattern, number(from)?, number(to)?, number(step)?)
            }
            _ => Ok(vec![value.strip_prefix("./").unwrap_or(value).to_owned()]),
        }
    }

    /// The voxels: those behind the header, or the files that came with it, which are as many as it names.
    pub(super) fn pieces<'d>(&self, named: usize, came: &[&'d [u8]]) -> Result<Vec<&'d [u8]>, DecodeError>
    where
        'a: 'd,
    {
        if named != came.len() {
            return Err(DecodeError::unsupported(format!(
                "the header's data lie in {named} other files: keep all in one folder and open the header there"
            )));
        }
        Ok(if named == 0 { vec![self.rest] } else { came.to_vec() })
    }
}

/// Columns, rows, slices, and all further axes as one.
pub(super) fn size_of(counts: &[u64]) -> [u64; 4] {
    let mut size = [1_u64; 4];
    for (axis, count) in counts.iter().enumerate() {
        if let Some(place) = size.get_mut(axis.min(3)) {
            *place = place.saturating_mul(*count);
        }
    }
    size
}
