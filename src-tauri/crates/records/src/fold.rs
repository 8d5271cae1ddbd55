//! Text as a search sees it: without case, accents, and marks that cannot be seen.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// `Kovács^Éva` becomes `kovacs eva`; a `find` folded the same way matches it.
pub(crate) fn fold(text: &str) -> String {
    let letters = text
        .nfkd()
        .filter(|c| !is_combining_mark(*c) && !is_invisible(*c))
        .flat_map(char::to_lowercase);
    let spaced: String = letters
        .map(|c| if c == '^' || c == '=' || c.is_control() { ' ' } else { c })
        .collect();
    spaced
        .split_whitespace()
        .map(base_letters)
        .collect::<Vec<_>>()
        .join(" ")
}

/// The words that a folded `find` asks for. A comma divides too: a list writes `Kovács, Éva`.
pub(crate) fn words_of(find: &str) -> Vec<&str> {
    find.split([' ', ',']).filter(|word| !word.is_empty()).collect()
}

/// Letters whose stroke or ligature is no combining mark.
fn base_letters(word: &str) -> String {
    word.chars().fold(String::with_capacity(word.len()), |mut folded, c| {
        match c {
            'ł' => folded.push('l'),
            'ø' => folded.push('o'),
            'đ' | 'ð' => folded.push('d'),
            'ı' => folded.push('i'),
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            _ => folded.push(c),
        }
        folded
    })
}

/// Zero-width and bidirectional formatting characters.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_accents_and_hidden_marks_do_not_matter() {
        for (text, folded) in [
            ("Kovács^Éva", "kovacs eva"),
            ("ŐSZ\u{202e}  Łukasz", "osz lukasz"),
            ("Straße\0Nr", "strasse nr"),
            ("Yamada^Tarou=山田^太郎", "yamada tarou 山田 太郎"),
        ] {
            assert_eq!(fold(text), folded);
        }
    }

    #[test]
    fn a_name_as_a_list_writes_it_is_looked_for_by_its_words() {
        for find in ["Kovács, Éva", "éva ,KOVÁCS", "Kovács,Éva", "山田，太郎"] {
            let found = fold(find);
            assert_eq!(words_of(&found).len(), 2, "{find}");
            let search = fold("Kovács^Éva=山田^太郎");
            assert!(words_of(&found).iter().all(|word| search.contains(word)), "{find}");
        }
        assert!(words_of(&fold(" , ")).is_empty());
    }
}
