//! Versions of bundles, in one order that is total.

use std::cmp::Ordering;

/// A version: numbers between dots, and perhaps a pre-release after a hyphen, such as `0.3.0` or `0.3.0-rc1`.
///
/// As Semantic Versioning 2.0.0 (section 11) orders them, but that any count of numbers is taken (`1` is `1.0.0`), and
/// that digits within a pre-release are compared as numbers (`rc2` before `rc10`). A build after `+` and a `v` before
/// the numbers say nothing of the order. What is no version is below all that are: it is never newer than anything.
#[derive(Debug, Clone)]
pub struct Version {
    /// Without zeros at the end; `None` where the text is no version.
    numbers: Option<Vec<u64>>,
    /// Empty: a release.
    pre_release: Vec<Part>,
    text: String,
}

/// Digits or other characters that stand together in a pre-release.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Number(u64),
    Word(String),
}

impl Version {
    /// Of any text; what is no version is kept as such.
    pub fn of(text: &str) -> Self {
        let read = read(text);
        Self {
            text: text.to_owned(),
            numbers: read.as_ref().map(|(numbers, _)| numbers.clone()),
            pre_release: read.map(|(_, parts)| parts).unwrap_or_default(),
        }
    }

    /// Whether the text is a version.
    pub fn is_one(&self) -> bool {
        self.numbers.is_some()
    }

    /// Whether this one may be older than `other`: by the order, or because this text is no version and another than
    /// that of `other`.
    pub fn may_be_older_than(&self, other: &Self) -> bool {
        self < other || !self.is_one() && self != other
    }
}

fn read(text: &str) -> Option<(Vec<u64>, Vec<Part>)> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+');
    if !text.chars().all(plain) {
        return None;
    }
    let text = text.split_once('+').map_or(text, |(version, _)| version);
    let text = text.strip_prefix('v').unwrap_or(text);
    let (numbers, pre_release) = match text.split_once('-') {
        Some((_, "")) => return None,
        Some((numbers, parts)) => (numbers, parts),
        None => (text, ""),
    };
    let mut numbers = numbers.split('.').map(number).collect::<Option<Vec<_>>>()?;
    while numbers.last() == Some(&0) {
        numbers.pop();
    }
    Some((numbers, parts(pre_release)?))
}

/// Digits alone: `u64` would read a sign too.
fn number(text: &str) -> Option<u64> {
    text.bytes()
        .all(|b| b.is_ascii_digit())
        .then(|| text.parse().ok())
        .flatten()
}

fn parts(text: &str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let alike = |c: char| c.is_ascii_digit() == first.is_ascii_digit() && !matches!(c, '.' | '-');
        if matches!(first, '.' | '-') {
            rest = rest.get(1..)?;
            continue;
        }
        let (part, after) = rest.split_at(rest.find(|c| !alike(c)).unwrap_or(rest.len()));
        parts.push(match first.is_ascii_digit() {
            true => Part::Number(part.parse().ok()?),
            false => Part::Word(part.to_owned()),
        });
        rest = after;
    }
    Some(parts)
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        // `None` is below every `Some`; a release is above its pre-releases.
        let by_numbers = self.numbers.cmp(&other.numbers);
        let release = |version: &Self| version.pre_release.is_empty();
        let by_pre_release = || {
            let by_kind = release(self).cmp(&release(other));
            by_kind.then_with(|| self.pre_release.cmp(&other.pre_release))
        };
        // Two texts that are no versions are told apart by their words, in no meaning.
        let by_text = || match self.is_one() {
            true => Ordering::Equal,
            false => self.text.cmp(&other.text),
        };
        by_numbers.then_with(by_pre_release).then_with(by_text)
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Version {}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the oldest to the newest; those of one line are the same version.
    const IN_ORDER: &[&[&str]] = &[
        &["0.2.9-rc1"],
        &["0.2.9", "v0.2.9", "0.2.9+build.7"],
        &["0.3.0-1"],
        &["0.3.0-alpha", "0.3.0-alpha+x"],
        &["0.3.0-alpha.1"],
        &["0.3.0-rc2"],
        &["0.3.0-rc10", "0.3.0-rc.10"],
        &["0.3.0", "0.3", "0.03"],
        &["0.3.0.1"],
        &["0.3.1"],
        &["0.10.0"],
        &["1.0.0-rc1"],
        &["1", "1.0", "1.0.0"],
        &["2024.1.15"],
    ];
    const NO_VERSIONS: [&str; 12] = [
        "",
        "dev",
        "next",
        "1.",
        ".1",
        "1..2",
        "1.0-",
        "1.x",
        "+1",
        "-1",
        "1 .0",
        "99999999999999999999",
    ];

    #[test]
    fn versions_have_one_total_order() {
        let mut all: Vec<(usize, Version)> = Vec::new();
        for (at, same) in IN_ORDER.iter().enumerate() {
            all.extend(same.iter().map(|text| (at, Version::of(text))));
        }
        for (at, one) in &all {
            assert!(one.is_one(), "{one:?}");
            for (other_at, other) in &all {
                assert_eq!(one.cmp(other), at.cmp(other_at), "{one:?} {other:?}");
                assert_eq!(one.may_be_older_than(other), at < other_at, "{one:?} {other:?}");
            }
        }
    }

    #[test]
    fn what_is_no_version_is_never_newer_than_anything() {
        let versions = IN_ORDER.iter().copied().flatten();
        for text in NO_VERSIONS {
            let none = Version::of(text);
            assert!(!none.is_one(), "{text}");
            assert!(!none.may_be_older_than(&Version::of(text)), "{text} is itself");
            for other in versions.clone() {
                let other = Version::of(other);
                assert!(none < other && none.may_be_older_than(&other), "{text} {other:?}");
                assert!(!other.may_be_older_than(&none), "{text} {other:?}");
            }
            for other in NO_VERSIONS.iter().filter(|other| **other != text) {
                assert!(none.may_be_older_than(&Version::of(other)), "{text} {other}");
                assert_ne!(none, Version::of(other));
            }
        }
    }
}
