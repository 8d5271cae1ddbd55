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

    /// Decodes a value and trims its padding. Never fails: what cannot be read becomes U+FFFD.
    pub(super) fn decode(self, bytes: &[u8]) -> String {
        let mut text = String::with_capacity(bytes.len());
        let mut active = self.0;
        let mut run = Vec::new();
        let mut rest = bytes;
        while let Some((&byte, tail)) = rest.split_first() {
            if byte == 0x1b
                && let Some((designated, length)) = escape(tail)
            {
                flush(&mut run, active, &mut text);
                active = designated.unwrap_or(self.0);
                rest = &tail[length..];
                continue;
            }
            run.push(byte);
            rest = tail;
            // Delimiters end what an escape sequence began (PS3.5 6.1.2.5.3). Inside a 7-bit
            // two-byte set these bytes are halves of characters.
            let two_byte = matches!(active, Repertoire::JisX0208 | Repertoire::JisX0212);
            if matches!(byte, b'^' | b'=' | b'\r' | b'\n' | b'\t') && !two_byte {
                flush(&mut run, active, &mut text);
                active = self.0;
            }
        }
        flush(&mut run, active, &mut text);
        text.trim_matches(|c: char| c == '\0' || c == ' ').to_owned()
    }
}

fn repertoire(name: &str) -> Repertoire {
    let number = name
        .strip_prefix("ISO_IR")
        .or_else(|| name.strip_prefix("ISO 2022 IR"))
        .unwrap_or("")
        .trim_matches([' ', '_']);
    Repertoire::Of(match (name, number) {
        ("GB18030", _) => GB18030,
        ("GBK", _) | (_, "58") => GBK,
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
        _ => return Repertoire::Default,
    })
}

/// What the escape sequence behind ESC designates (PS3.3 tables C.12-3 and C.12-4) and its length;
/// no repertoire means the initial one.
fn escape(tail: &[u8]) -> Option<(Option<Repertoire>, usize)> {
    let of = |encoding| Some(Repertoire::Of(encoding));
    Some(match tail {
        [b'(', b'B', ..] => (None, 2),
        [b'(', b'J', ..] | [b')', b'I', ..] => (of(SHIFT_JIS), 2),
        [b'$', b'B', ..] => (Some(Repertoire::JisX0208), 2),
        [b'$', b'(', b'D', ..] => (Some(Repertoire::JisX0212), 3),
        [b'$', b')', b'C', ..] => (of(EUC_KR), 3),
        [b'$', b')', b'A', ..] => (of(GBK), 3),
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

fn flush(run: &mut Vec<u8>, active: Repertoire, text: &mut String) {
    if run.is_empty() {
        return;
    }
    match active {
        Repertoire::Default => match std::str::from_utf8(run) {
            Ok(utf8) => text.push_str(utf8),
            Err(_) => text.push_str(&WINDOWS_1252.decode_without_bom_handling(run).0),
        },
        Repertoire::Of(encoding) => text.push_str(&encoding.decode_without_bom_handling(run).0),
        Repertoire::JisX0208 => {
            let escaped = [b"\x1b$B".as_slice(), run].concat();
            text.push_str(&ISO_2022_JP.decode_without_bom_handling(&escaped).0);
        }
        Repertoire::JisX0212 => {
            let shifted: Vec<u8> = run
                .chunks_exact(2)
                .flat_map(|c| [0x8f, c[0] | 0x80, c[1] | 0x80])
                .collect();
            text.push_str(&EUC_JP.decode_without_bom_handling(&shifted).0);
        }
    }
    run.clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of PS3.5 annexes H, I, J and K.
    #[test]
    fn the_examples_of_the_standard_are_read() {
        let decode = |set: &str, bytes: &[u8]| CharacterSet(repertoire(set)).decode(bytes);
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
            "Zhang^XiaoDong=张^小东="
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
    }
}
