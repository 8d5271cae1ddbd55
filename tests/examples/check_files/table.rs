//! What was found, counted by transfer syntax, by modality and by maker, and file by file where it is not right.

use std::collections::BTreeMap;
use std::fmt;

use super::reference::Answer;

/// What our decoder made of one file, beside the reference.
pub enum Found {
    /// The same samples; of a lossy stream within rounding.
    Agree,
    /// Read here, and the reference refuses it.
    OnlyHere(String),
    /// The file holds no image and we say so.
    NoImage,
    Differ(String),
    Refused(String),
    Crashed(String),
    TimedOut(String),
}

const COLUMNS: [&str; 7] = [
    "agree",
    "only here",
    "no image",
    "differ",
    "refused",
    "crashed",
    "timed out",
];

#[derive(Default)]
pub struct Table {
    /// Counts by what is grouped by, then by group.
    groups: BTreeMap<&'static str, BTreeMap<String, [usize; COLUMNS.len()]>>,
    files: Vec<File>,
}

struct File {
    name: String,
    column: usize,
    why: String,
    /// Why the reference reads nothing either.
    reference: Option<String>,
}

impl Table {
    pub fn add(&mut self, name: String, answer: &Answer, found: Found) {
        let (column, why) = match found {
            Found::Agree => (0, String::new()),
            Found::OnlyHere(why) => (1, why),
            Found::NoImage => (2, String::new()),
            Found::Differ(why) => (3, why),
            Found::Refused(why) => (4, why),
            Found::Crashed(why) => (5, why),
            Found::TimedOut(why) => (6, why),
        };
        let or_none = |text: &str| {
            if text.is_empty() {
                "not said".to_owned()
            } else {
                text.to_owned()
            }
        };
        for (by, group) in [
            ("transfer syntax", &answer.kind),
            ("modality", &answer.modality),
            ("maker", &answer.maker),
        ] {
            let counts = self.groups.entry(by).or_default().entry(or_none(group)).or_default();
            if let Some(count) = counts.get_mut(column) {
                *count += 1;
            }
        }
        self.files.push(File {
            name,
            column,
            why,
            reference: answer.values.as_ref().err().cloned(),
        });
    }

    /// Files that differ, crashed or took too long.
    pub fn wrong(&self) -> Vec<String> {
        let is_wrong = |file: &&File| matches!(file.column, 3 | 5 | 6);
        self.files
            .iter()
            .filter(is_wrong)
            .map(|file| format!("{}: {}", file.name, file.why))
            .collect()
    }

    pub fn refused(&self) -> impl Iterator<Item = &str> {
        self.files
            .iter()
            .filter(|file| file.column == 4)
            .map(|file| file.name.as_str())
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (by, groups) in &self.groups {
            writeln!(f, "| {by} | {} |", COLUMNS.join(" | "))?;
            writeln!(f, "|---{}|", "|---:".repeat(COLUMNS.len()))?;
            let mut sums = [0; COLUMNS.len()];
            for (group, counts) in groups {
                writeln!(f, "| {group} | {} |", counts.map(|count| count.to_string()).join(" | "))?;
                sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
            }
            writeln!(f, "| **all** | {} |\n", sums.map(|sum| sum.to_string()).join(" | "))?;
        }
        for file in self.files.iter().filter(|file| !matches!(file.column, 0 | 2)) {
            let column = COLUMNS.get(file.column).unwrap_or(&"");
            let also = match &file.reference {
                Some(why) if file.column > 2 => format!(" (the reference too: {why})"),
                _ => String::new(),
            };
            writeln!(f, "{column}: {}: {}{also}", file.name, file.why)?;
        }
        Ok(())
    }
}
