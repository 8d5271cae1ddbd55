//! Text made fit for the page: every character is shown, visibly, or visibly replaced.
//!
//! Control characters and bidirectional marks would act instead of showing, so their code stands
//! in their place. PDF/A (ISO 19005-2, 6.2.11.8) forbids glyphs that a font does not have, so a
//! character outside the embedded fonts becomes U+FFFD and is counted: the page then says so.

use serde_json::Value;

/// Which characters may stay as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repertoire {
    /// All characters of the embedded fonts.
    Full,
    /// Latin, Greek and Cyrillic without combining marks: for text whose combinations no font has.
    Plain,
}

/// Rewrites every string of `value`; gives the number of characters that had to be replaced.
/// `covered` tells whether an embedded font has the character.
pub fn make_legible(value: &mut Value, repertoire: Repertoire, covered: &dyn Fn(char) -> bool) -> usize {
    match value {
        Value::String(text) => {
            let (legible, replaced) = legible(text, repertoire, covered);
            *text = legible;
            replaced
        }
        Value::Array(items) => items
            .iter_mut()
            .map(|item| make_legible(item, repertoire, covered))
            .sum(),
        Value::Object(fields) => fields
            .values_mut()
            .map(|field| make_legible(field, repertoire, covered))
            .sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

fn legible(text: &str, repertoire: Repertoire, covered: &dyn Fn(char) -> bool) -> (String, usize) {
    let mut shown = String::with_capacity(text.len());
    let mut replaced = 0;
    for c in text.replace("\r\n", "\n").chars() {
        if c == '\n' || c == ' ' {
            shown.push(c);
        } else if acts_unseen(c) {
            shown.push_str(&format!("⟨U+{:04X}⟩", u32::from(c)));
        } else if covered(c) && (repertoire == Repertoire::Full || is_plain(c)) {
            shown.push(c);
        } else {
            shown.push(char::REPLACEMENT_CHARACTER);
            replaced += 1;
        }
    }
    (shown, replaced)
}

/// Characters that have no glyph of their own and change what others look like: controls,
/// bidirectional controls (UAX #9), line separators, zero-width spaces, tags, noncharacters.
fn acts_unseen(c: char) -> bool {
    c.is_control()
        || matches!(
            u32::from(c),
            0x00AD | 0x061C | 0x115F | 0x1160 | 0x180E | 0x200B | 0x200E | 0x200F | 0x2028..=0x202E | 0x2060..=0x206F
                | 0x3164 | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFB | 0xFFFE..=0xFFFF | 0xE0000..=0xE0FFF
        )
}

/// The replacement's own brackets, and letters that every font draws one by one.
fn is_plain(c: char) -> bool {
    let combining = matches!(u32::from(c), 0x0300..=0x036F | 0x0483..=0x0489);
    let punctuation = matches!(u32::from(c), 0x2010..=0x2027 | 0x2190..=0x2193 | 0x27E8..=0x27E9 | 0x00B2 | 0xFFFD);
    punctuation || (u32::from(c) < 0x0530 && !combining)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn all(text: &str, repertoire: Repertoire) -> (String, usize) {
        legible(text, repertoire, &|c| u32::from(c) < 0x3000)
    }

    #[test]
    fn what_would_act_is_shown_by_its_code() {
        assert_eq!(all("a\0b", Repertoire::Full), ("a⟨U+0000⟩b".into(), 0));
        assert_eq!(all("\u{202E}evil", Repertoire::Full).0, "⟨U+202E⟩evil");
        assert_eq!(all("x\ty\u{200B}z", Repertoire::Full).0, "x⟨U+0009⟩y⟨U+200B⟩z");
        assert_eq!(all("line\r\nline", Repertoire::Full).0, "line\nline");
    }

    #[test]
    fn markup_stays_as_it_is() {
        let text = "#panic($x$) <b>*_`@\\ \"'";
        assert_eq!(all(text, Repertoire::Full), (text.into(), 0));
    }

    #[test]
    fn what_no_font_has_is_replaced_and_counted() {
        assert_eq!(all("山田 a", Repertoire::Full), ("\u{FFFD}\u{FFFD} a".into(), 2));
        assert_eq!(
            all("Őz é e\u{301} ش", Repertoire::Plain),
            ("Őz é e\u{FFFD} \u{FFFD}".into(), 2)
        );
    }

    #[test]
    fn every_string_of_the_data_is_reached() {
        let mut value = json!({"a": ["\0", {"b": "山"}], "n": 3, "z": null});
        assert_eq!(make_legible(&mut value, Repertoire::Full, &|c| c.is_ascii()), 1);
        assert_eq!(value, json!({"a": ["⟨U+0000⟩", {"b": "\u{FFFD}"}], "n": 3, "z": null}));
    }
}
