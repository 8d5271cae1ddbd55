//! Text of a data set to Unicode (PS3.5 section 6.1, PS3.3 C.12.1.1.2).

use encoding_rs::{
    EUC_JP, EUC_KR, Encoding, GB18030, GBK, ISO_2022_JP, ISO_8859_2, ISO_8859_3, ISO_8859_4, ISO_8859_5, ISO_8859_6,
    ISO_8859_7, ISO_8859_8, ISO_8859_15, SHIFT_JIS, UTF_8, WINDOWS_874, WINDOWS_1252, WINDOWS_1254,
};

use super::{data_set::DataSet, tag};

/// What bytes mean until an escape sequence says otherwise.
#[derive(Debug, Clone, Copy)]
pub(super) struct CharacterSet(Repertoire);

#[derive(Debug, Clone, Copy)]
enum Repertoire {
    /// ASCII; bytes above it are against the rule and read as UTF-8, otherwise as Latin 1.
    Default,
    Of(&'static Encoding),
    /// JIS X 0208, 7-bit, two bytes a character.
    JisX0208,
    /// JIS X 0212, 7-bit, two bytes a character.
    JisX0212,
    /// The upper half of an encoding, in G0.
    SevenBit(&'static Encoding),
}

/// What ends the effect of an escape sequence (PS3.5 6.1.2.5.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Delimiters {
    /// Lines, and values of an element that has several.
    Text,
    /// Of a person's name also its groups and components.
    Name,
}

impl CharacterSet {
    /// Of Specific Character Set; the first value stands until an escape sequence.
    pub(super) fn of(data_set: &DataSet<'_>) -> Self {
        let first = data_set
            .code(tag::SPECIFIC_CHARACTER_SET)
            .and_then(|all| all.split('\\').next())
            .unwrap_or("");
        Self(repertoire(first.trim()))
    }

    /// Decodes a text and trims its padding. Never fails: what cannot be read becomes U+FFFD.
    pub(super) fn decode(self, bytes: &[u8]) -> String {
        self.read(bytes, Delimiters::Text).0
    }

    /// By which set letters of a text were read that the file's own does not tell.
    pub(super) fn guessed(self, bytes: &[u8]) -> Option<&'static str> {
        self.read(bytes, Delimiters::Text).1
    }

    /// The same of a person's name (VR PN).
    pub(super) fn name(self, bytes: &[u8]) -> String {
        let (name, _) = self.read(bytes, Delimiters::Name);
        // Groups without anything at the end are left out (PS3.5 6.2.1.2).
        match name.trim_end_matches(['=', ' ']) {
            "" => name,
            named => named.to_owned(),
        }
    }

    /// A code or a short text without padding, also with letters that its VR does not allow or that only the character
    /// set tells.
    pub(super) fn code(self, set: &DataSet<'_>, tag: u32) -> Option<String> {
        set.code(tag).map(str::to_owned).or_else(|| {
            let text = self.decode(set.bytes(tag)?);
            let text = text.trim_matches(|c: char| c == '\0' || c.is_whitespace());
            (!text.is_empty()).then(|| text.to_owned())
        })
    }

    fn read(self, bytes: &[u8], delimiters: Delimiters) -> (String, Option<&'static str>) {
        let mut text = String::with_capacity(bytes.len());
        let mut guessed = None;
        let mut active = self.0;
        let mut run = Vec::new();
        let mut rest = bytes;
        while let Some((&byte, tail)) = rest.split_first() {
            if byte == 0x1b
                && let Some((designated, length)) = escape(tail)
            {
                guessed = flush(&mut run, active, &mut text).or(guessed);
                active = designated.unwrap_or(self.0);
                rest = tail.get(length..).unwrap_or_default();
                continue;
            }
            run.push(byte);
            rest = tail;
            // Inside a 7-bit two-byte set these bytes are halves of characters, and in the sets that
            // stand for a whole file (GB18030, UTF-8) nothing is ended by them.
            let two_byte = matches!(
                active,
                Repertoire::JisX0208 | Repertoire::JisX0212 | Repertoire::SevenBit(_)
            );
            let ends = match byte {
                b'\r' | b'\n' | b'\t' | 0x0c => true,
                b'^' | b'=' => delimiters == Delimiters::Name,
                _ => false,
            };
            if ends && !two_byte {
                guessed = flush(&mut run, active, &mut text).or(guessed);
                active = self.0;
            }
        }
        guessed = flush(&mut run, active, &mut text).or(guessed);
        // A mark of the order of bytes is no letter.
        let text = text.trim_start_matches('\u{feff}');
        (text.trim_matches(|c: char| c == '\0' || c == ' ').to_owned(), guessed)
    }
}

/// A defined term, or what writers put in its place: `ISO-IR 100`, `iso_ir_192`, `UTF-8`.
fn repertoire(name: &str) -> Repertoire {
    let plain = name.to_ascii_uppercase().replace(['-', '_'], " ");
    let number = plain
        .strip_prefix("ISO 2022 IR")
        .or_else(|| plain.strip_prefix("ISO IR"))
        .unwrap_or("")
        .trim();
    Repertoire::Of(match (plain.as_str(), number) {
        ("GB18030", _) => GB18030,
        ("GBK" | "GB2312", _) | (_, "58") => GBK,
        (_, "13") => SHIFT_JIS,
        (_, "100") => WINDOWS_1252,
        (_, "101") => ISO_8859_2,
        (_, "109") => ISO_8859_3,
        (_, "110") => ISO_8859_4,
        (_, "126") => ISO_8859_7,
        (_, "127") => ISO_8859_6,
        (_, "138") => ISO_8859_8,
        (_, "144") => ISO_8859_5,
        (_, "148") => WINDOWS_1254,
        (_, "149") => EUC_KR,
        (_, "166") => WINDOWS_874,
        (_, "192") => UTF_8,
        (_, "203") => ISO_8859_15,
        // Some write the name that other formats use. An encoding of escapes of its own is none of a data set.
        _ => match Encoding::for_label(name.as_bytes()).filter(|found| *found != ISO_2022_JP) {
            Some(found) if number.is_empty() && found.is_ascii_compatible() => found,
            _ => return Repertoire::Default,
        },
    })
}

/// What the escape sequence behind ESC designates (PS3.3 tables C.12-3 and C.12-4) and its length;
/// no repertoire means the initial one.
fn escape(tail: &[u8]) -> Option<(Option<Repertoire>, usize)> {
    let of = |encoding| Some(Repertoire::Of(encoding));
    let seven = |encoding| Some(Repertoire::SevenBit(encoding));
    Some(match tail {
        [b'(', b'B', ..] => (None, 2),
        [b'(', b'J', ..] | [b')', b'I', ..] => (of(SHIFT_JIS), 2),
        [b'(', b'I', ..] => (seven(SHIFT_JIS), 2),
        [b'$', b'B' | b'@', ..] => (Some(Repertoire::JisX0208), 2),
        [b'$', b'(', b'B', ..] => (Some(Repertoire::JisX0208), 3),
        [b'$', b'(', b'D', ..] => (Some(Repertoire::JisX0212), 3),
        [b'$', b')', b'C', ..] => (of(EUC_KR), 3),
        [b'$', b'(', b'C', ..] => (seven(EUC_KR), 3),
        [b'$', b')', b'A', ..] => (of(GBK), 3),
        [b'$', b'(', b'A', ..] => (seven(GBK), 3),
        [b'$', b'A', ..] => (seven(GBK), 2),
        [b'-', b'A', ..] => (of(WINDOWS_1252), 2),
        [b'-', b'B', ..] => (of(ISO_8859_2), 2),
        [b'-', b'C', ..] => (of(ISO_8859_3), 2),
        [b'-', b'D', ..] => (of(ISO_8859_4), 2),
        [b'-', b'F', ..] => (of(ISO_8859_7), 2),
        [b'-', b'G', ..] => (of(ISO_8859_6), 2),
        [b'-', b'H', ..] => (of(ISO_8859_8), 2),
        [b'-', b'L', ..] => (of(ISO_8859_5), 2),
        [b'-', b'M', ..] => (of(WINDOWS_1254), 2),
        [b'-', b'T', ..] => (of(WINDOWS_874), 2),
        [b'-', b'b', ..] => (of(ISO_8859_15), 2),
        _ => return None,
    })
}

/// Sets in which no word looks like UTF-8: their letters lie where UTF-8 has beginnings, their signs where it goes on.
fn may_be_mislabelled(encoding: &'static Encoding) -> bool {
    [
        WINDOWS_1252,
        ISO_8859_2,
        ISO_8859_3,
        ISO_8859_4,
        ISO_8859_15,
        WINDOWS_1254,
        ISO_8859_8,
    ]
    .contains(&encoding)
}

/// Reads what was gathered; the set by which letters were read against the rule.
fn flush(run: &mut Vec<u8>, active: Repertoire, text: &mut String) -> Option<&'static str> {
    if run.is_empty() {
        return None;
    }
    let as_utf_8 = std::str::from_utf8(run);
    let guessed = match (active, as_utf_8) {
        _ if run.is_ascii() => None,
        (Repertoire::Default, Ok(_)) => Some("UTF-8"),
        (Repertoire::Of(encoding), Ok(_)) if may_be_mislabelled(encoding) => Some("UTF-8"),
        (Repertoire::Default, Err(_)) => Some("Latin-1"),
        (Repertoire::Of(encoding), Err(_)) if encoding == UTF_8 => Some("Latin-1"),
        _ => None,
    };
    match (active, as_utf_8) {
        (Repertoire::Default, Ok(utf8)) => text.push_str(utf8),
        (Repertoire::Of(encoding), Ok(utf8)) if encoding == UTF_8 || may_be_mislabelled(encoding) => {
            text.push_str(utf8);
        }
        (Repertoire::Default, Err(_)) => text.push_str(&WINDOWS_1252.decode_without_bom_handling(run).0),
        // The label says UTF-8, the bytes do not.
        (Repertoire::Of(encoding), Err(_)) if encoding == UTF_8 => {
            text.push_str(&WINDOWS_1252.decode_without_bom_handling(run).0);
        }
        (Repertoire::Of(encoding), _) => text.push_str(&encoding.decode_without_bom_handling(run).0),
        (Repertoire::JisX0208, _) => {
            let escaped = [b"\x1b$B".as_slice(), run].concat();
            text.push_str(&ISO_2022_JP.decode_without_bom_handling(&escaped).0);
        }
        (Repertoire::JisX0212, _) => {
            let pairs = run.as_chunks::<2>().0.iter();
            let shifted: Vec<u8> = pairs.flat_map(|[a, b]| [0x8f, a | 0x80, b | 0x80]).collect();
            text.push_str(&EUC_JP.decode_without_bom_handling(&shifted).0);
        }
        (Repertoire::SevenBit(encoding), _) => {
            let shifted: Vec<u8> = run
                .iter()
                .map(|byte| if *byte > b' ' { byte | 0x80 } else { *byte })
                .collect();
            text.push_str(&encoding.decode_without_bom_handling(&shifted).0);
        }
    }
    run.clear();
    guessed
}

/// `YYYYMMDD` where the value (VR DA) is a day of the calendar; the dots of ACR-NEMA dates are taken out.
pub(super) fn date(text: &str) -> Option<String> {
    let digits = text.trim().replace(['.', '-'], "");
    domain::doubt::is_day(&digits).then_some(digits)
}

/// `HHMMSS` with an optional fraction (VR TM); the colons of ACR-NEMA times are taken out.
pub(super) fn time(text: &str) -> Option<String> {
    let plain = text.trim().replace(':', "");
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let below = |at: usize, limit: u32| {
        let part = whole.get(at..at + 2).and_then(|part| part.parse::<u32>().ok());
        part.is_none_or(|part| part < limit)
    };
    // A minute may have a leap second.
    let in_range = below(0, 24) && below(2, 60) && below(4, 61);
    (matches!(whole.len(), 2 | 4 | 6) && digits(whole) && digits(fraction) && in_range).then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of PS3.5 annexes H, I, J and K.
    #[test]
    fn the_examples_of_the_standard_are_read() {
        let decode = |set: &str, bytes: &[u8]| CharacterSet(repertoire(set)).name(bytes);
        let yamada = b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B ";
        assert_eq!(decode("", yamada), "Yamada^Tarou=山田^太郎=やまだ^たろう");
        let katakana = b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\x1b$B;3ED\x1b(J^\x1b$BB@O:\x1b(J";
        assert_eq!(decode("ISO 2022 IR 13", katakana), "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎");
        let hong = b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7=\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6\xb5\xbf";
        assert_eq!(decode("", hong), "Hong^Gildong=洪^吉洞=홍^길동");
        assert_eq!(
            decode("GB18030", b"Wang^XiaoDong=\xcd\xf5^\xd0\xa1\xb6\xab"),
            "Wang^XiaoDong=王^小东"
        );
        assert_eq!(
            decode("", b"Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab="),
            "Zhang^XiaoDong=张^小东"
        );
        assert_eq!(decode("ISO_IR 100", b"Buc^J\xe9r\xf4me\0"), "Buc^Jérôme");
        assert_eq!(
            decode("ISO_IR 144", b"\xbb\xee\xda\xe1\xd5\xdc\xd1\xe3\xe0\xd3"),
            "Люксембург"
        );
        assert_eq!(
            decode("ISO_IR 192", "Wang^XiaoDong=王^小東".as_bytes()),
            "Wang^XiaoDong=王^小東"
        );
    }

    #[test]
    fn bytes_against_the_rule_are_read_as_well_as_they_can() {
        let decode = |bytes: &[u8]| CharacterSet(Repertoire::Default).decode(bytes);
        assert_eq!(decode("Müller".as_bytes()), "Müller");
        assert_eq!(decode(b"M\xfcller"), "Müller");
        assert_eq!(decode(b"\x1bZ broken"), "\u{1b}Z broken");
        assert_eq!(decode(b""), "");
        assert_eq!(decode(b"\xef\xbb\xbfM\xc3\xbcller"), "Müller");
        let labelled = |set: &str, bytes: &[u8]| CharacterSet(repertoire(set)).name(bytes);
        assert_eq!(labelled("ISO_IR 100", "Müller^Jörg".as_bytes()), "Müller^Jörg");
        assert_eq!(labelled("ISO_IR 192", b"M\xfcller^J\xf6rg"), "Müller^Jörg");
        assert_eq!(labelled("ISO_IR 192", "\u{feff}Müller^Jörg".as_bytes()), "Müller^Jörg");
        for (set, bytes, guessed) in [
            ("", &b"Miller"[..], None),
            ("", "Müller".as_bytes(), Some("UTF-8")),
            ("", b"M\xfcller", Some("Latin-1")),
            ("ISO_IR 100", b"M\xfcller", None),
            ("ISO_IR 100", "Müller".as_bytes(), Some("UTF-8")),
            ("ISO_IR 192", "Müller".as_bytes(), None),
            ("ISO_IR 192", b"M\xfcller", Some("Latin-1")),
        ] {
            assert_eq!(CharacterSet(repertoire(set)).guessed(bytes), guessed, "{set} {bytes:?}");
        }
        for name in [
            "ISO_IR 101",
            "ISO-IR 101",
            "iso_ir_101",
            "ISO 2022 IR 101",
            "ISO-8859-2",
        ] {
            assert_eq!(labelled(name, b"K\xf5^\xdbrhaj\xf3s"), "Kő^Űrhajós", "{name}");
        }
    }

    #[test]
    fn every_character_of_every_set_comes_back() {
        for (set, encoding, letters) in [
            ("ISO_IR 100", WINDOWS_1252, "ÀÉÎõüßÿ"),
            ("ISO_IR 101", ISO_8859_2, "ŐőŰűŁđ"),
            ("ISO_IR 109", ISO_8859_3, "ĦħĠġĈŭ"),
            ("ISO_IR 110", ISO_8859_4, "ĀāĒēĶķ"),
            ("ISO_IR 144", ISO_8859_5, "Люксембург ЋЏ"),
            ("ISO_IR 127", ISO_8859_6, "قباني"),
            ("ISO_IR 126", ISO_8859_7, "Διονυσιος"),
            ("ISO_IR 138", ISO_8859_8, "שרון"),
            ("ISO_IR 148", WINDOWS_1254, "ĞğİıŞş"),
            ("ISO_IR 166", WINDOWS_874, "ทองทั้ง"),
            ("ISO_IR 203", ISO_8859_15, "ŒœŸŽž"),
            ("ISO_IR 13", SHIFT_JIS, "ﾔﾏﾀﾞ"),
            ("ISO 2022 IR 149", EUC_KR, "홍길동洪"),
            ("ISO 2022 IR 58", GBK, "王小东"),
            ("GBK", GBK, "王小东長"),
            ("GB18030", GB18030, "王小东\u{10ffff}"),
            ("ISO_IR 192", UTF_8, "Wang^小東=Őŭก"),
        ] {
            // Words of one and of several letters, for short ones are the easiest to take for another set.
            let words = letters
                .chars()
                .map(String::from)
                .chain([letters.to_owned(), format!("{letters}^{letters}")]);
            for word in words {
                let (bytes, _, lost) = encoding.encode(&word);
                assert!(!lost, "{set}: {word}");
                let set = CharacterSet(repertoire(set));
                assert_eq!(set.name(&bytes), word.trim(), "{set:?} {bytes:x?}");
                assert_eq!(set.decode(&bytes), word.trim(), "{set:?} {bytes:x?}");
            }
        }
    }

    #[test]
    fn every_escape_holds_to_the_next_delimiter_of_its_kind_of_text() {
        let pieces: [(&[u8], &'static Encoding, &str); 15] = [
            (b"\x1b-A", WINDOWS_1252, "Jérôme"),
            (b"\x1b-B", ISO_8859_2, "Űrő"),
            (b"\x1b-C", ISO_8859_3, "Ħŭ"),
            (b"\x1b-D", ISO_8859_4, "Āķ"),
            (b"\x1b-F", ISO_8859_7, "Διος"),
            (b"\x1b-G", ISO_8859_6, "قباني"),
            (b"\x1b-H", ISO_8859_8, "שרון"),
            (b"\x1b-L", ISO_8859_5, "Люкс"),
            (b"\x1b-M", WINDOWS_1254, "ĞŞ"),
            (b"\x1b-T", WINDOWS_874, "ทอง"),
            (b"\x1b-b", ISO_8859_15, "Œž"),
            (b"\x1b)I", SHIFT_JIS, "ﾀﾛｳ"),
            (b"\x1b$)C", EUC_KR, "길동"),
            (b"\x1b$)A", GBK, "小东"),
            (b"\x1b(J", SHIFT_JIS, "ABC"),
        ];
        let set = CharacterSet(Repertoire::Default);
        for (first, (escape, encoding, word)) in pieces.iter().enumerate() {
            for (other_escape, other_encoding, other) in pieces.iter().skip(first) {
                let bytes = [
                    escape,
                    &*encoding.encode(word).0,
                    b"^",
                    other_escape,
                    &*other_encoding.encode(other).0,
                ];
                let both = format!("{word}^{other}");
                assert_eq!(set.name(&bytes.concat()), both);
                assert_eq!(set.decode(&bytes.concat()), both);
            }
            // `^` is a character like any other in a text that is no name.
            let bytes = [escape, &*encoding.encode(word).0, b"^", &*encoding.encode(word).0].concat();
            assert_eq!(set.decode(&bytes), format!("{word}^{word}"), "{escape:x?}");
        }
        let kanji = b"\x1b$B;3ED\x1b(B \x1b$(D\x22\x2f\x1b(B \x1b$@;3\x1b(B";
        assert_eq!(set.decode(kanji), "山田 ˘ 山");
        assert_eq!(set.name(b"\x1b$(CH+1f\x1b(B^A"), "홍길^A");
    }

    #[test]
    fn whatever_the_bytes_are_they_become_text() {
        let sets = [
            "",
            "ISO_IR 100",
            "ISO_IR 192",
            "GB18030",
            "ISO 2022 IR 87",
            "ISO 2022 IR 149",
            "ISO_IR 13",
        ];
        let mut seed = 7_u64;
        for _ in 0..4000 {
            let mut next = || {
                seed = seed
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                (seed >> 33) as usize
            };
            let alphabet = b"\x1b$()-ABCDIJ^=@\\\r\xa1\xc0\xe4\xff\x80aB0 ";
            let bytes: Vec<u8> = (0..next() % 24).map(|_| alphabet[next() % alphabet.len()]).collect();
            let set = CharacterSet(repertoire(sets[next() % sets.len()]));
            // ASCII outside of escape sequences is never lost.
            let letters = |text: &str| text.contains('a');
            let in_two_bytes = bytes.contains(&b'$') || bytes.contains(&b'(') || bytes.iter().any(|b| *b > 0x7f);
            assert!(
                in_two_bytes || letters(&set.name(&bytes)) == bytes.contains(&b'a'),
                "{bytes:x?}"
            );
            assert!(set.decode(&bytes).len() <= 4 * bytes.len(), "{bytes:x?}");
        }
    }

    #[test]
    fn a_date_is_a_day_of_the_calendar() {
        for day in ["20240229", "20000229", "19991231", "2024.02.15", "2024-02-15"] {
            assert!(date(day).is_some_and(|date| date.len() == 8), "{day}");
        }
        for none in [
            "20230229", "19000229", "20240431", "20240230", "00000000", "20241301", "20240100", "00010101", "2024", "",
        ] {
            assert_eq!(date(none), None, "{none}");
        }
        let leap_days = (1583..2200)
            .filter(|year| date(&format!("{year}0229")).is_some())
            .count();
        assert_eq!(leap_days, 150);
        assert_eq!(time("10:15:30.5").as_deref(), Some("101530.5"));
        for none in ["240000", "106000", "1", "10153", "noon", "101562"] {
            assert_eq!(time(none), None, "{none}");
        }
    }
}
