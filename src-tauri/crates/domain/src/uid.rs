//! DICOM unique identifiers (PS3.5 section 9).

use serde::{Deserialize, Serialize};

/// A UID: at most 64 characters, components of digits divided by dots.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(transparent)]
pub struct Uid(String);

/// What was taken for a UID and is none; at most 80 characters of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a DICOM UID: digits and dots, at most 64 characters")]
pub struct InvalidUid(pub String);

impl Uid {
    /// Accepts what the standard allows and, since real files break the rule, leading zeros in a component.
    pub fn parse(text: &str) -> Result<Self, InvalidUid> {
        let trimmed = text.trim_matches(|c: char| c == '\0' || c.is_whitespace());
        let well_formed = !trimmed.is_empty()
            && trimmed.len() <= 64
            && trimmed
                .split('.')
                .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
        if well_formed {
            Ok(Self(trimmed.to_owned()))
        } else {
            Err(InvalidUid(text.chars().take(80).collect()))
        }
    }

    /// Accepts what files of known writers hold in place of a UID too: letters, `-` and `_`. It is no path, and is
    /// kept as it is written, for other programs know the study by it.
    pub fn as_written(text: &str) -> Result<Self, InvalidUid> {
        if let Ok(uid) = Self::parse(text) {
            return Ok(uid);
        }
        let trimmed = text.trim_matches(|c: char| c == '\0' || c.is_whitespace());
        let part = |part: &str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        };
        // A word is no UID; what has digits may be meant as one, and some are longer than the standard's 64.
        let like_one = trimmed.contains(|c: char| c.is_ascii_digit()) && !trimmed.starts_with('-');
        if trimmed.len() <= 128 && trimmed.split('.').all(part) && like_one {
            Ok(Self(trimmed.to_owned()))
        } else {
            Err(InvalidUid(text.chars().take(80).collect()))
        }
    }

    /// Whether it is as the standard wants it (PS3.5 9.1): no letters, and no zero before other digits.
    pub fn is_regular(&self) -> bool {
        let regular = |part: &str| part.bytes().all(|b| b.is_ascii_digit()) && (part == "0" || !part.starts_with('0'));
        self.0.len() <= 64 && self.0.split('.').all(regular)
    }

    /// A UID under the 2.25 root (PS3.5 section B.2) from 128 bits.
    pub fn from_bits(bits: [u8; 16]) -> Self {
        Self(format!("2.25.{}", u128::from_be_bytes(bits)))
    }

    /// The text of it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Uid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_is_trimmed_and_nonsense_refused() {
        assert_eq!(
            Uid::parse("1.2.840.10008.1.2\0").map(|u| u.to_string()),
            Ok("1.2.840.10008.1.2".into())
        );
        for bad in ["", "1..2", "1.2.a", ".1", "../../etc/passwd", &"1.".repeat(40)] {
            assert!(Uid::parse(bad).is_err(), "{bad:?} was accepted");
        }
    }

    #[test]
    fn what_stands_for_a_uid_is_kept_unless_it_may_be_a_path() {
        let long = ["1"; 50].join(".");
        for odd in ["1.2.ABCD.77", "1.2.826.0.1.0007", "1.a_b-c", "STUDY-7", &long] {
            assert_eq!(
                Uid::as_written(odd).map(|uid| (uid.to_string(), uid.is_regular())),
                Ok((odd.into(), false))
            );
        }
        assert!(Uid::as_written("1.0.10 ").is_ok_and(|uid| uid.is_regular()));
        let path = "../../etc/passwd";
        for bad in [
            "",
            "1..2",
            ".1",
            "-1.2",
            path,
            "1.a/b",
            "1.a b",
            "not-a-uid",
            &"1".repeat(129),
        ] {
            assert!(Uid::as_written(bad).is_err(), "{bad:?} was accepted");
        }
    }

    #[test]
    fn derived_uids_fit_the_standard() {
        let uid = Uid::from_bits([0xff; 16]);
        assert_eq!(uid.as_str(), "2.25.340282366920938463463374607431768211455");
        assert_eq!(Uid::parse(uid.as_str()), Ok(uid));
    }
}
