//! The words of a header as whole tokens, without accents, in six languages.

use super::SlicePlane;

/// Tokens of a text, in its order: `t2_tirm_tra_dark-fluid` is `t2`, `tirm`, `tra`, `dark`, `fluid`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Words(Vec<String>);

impl Words {
    pub fn of(text: &str) -> Self {
        let mut tokens = vec![String::new()];
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            let ends = |next: Option<&char>| next.is_none_or(|next| !next.is_alphanumeric());
            match c {
                // Combining accents of decomposed text.
                '\u{300}'..='\u{36f}' => {}
                // `+C` is a word of its own, and `T2*` another one than `T2`.
                '+' if chars.peek().is_some_and(|next| matches!(next, 'c' | 'C')) => {
                    let mut ahead = chars.clone();
                    ahead.next();
                    tokens.push(String::new());
                    if ends(ahead.peek()) {
                        chars.next();
                        tokens.push("+c".to_owned());
                        tokens.push(String::new());
                    }
                }
                '*' => {
                    if let Some(token) = tokens.last_mut().filter(|token| *token == "t2") {
                        token.push('*');
                    }
                    tokens.push(String::new());
                }
                c if c.is_alphanumeric() => {
                    if let Some(token) = tokens.last_mut() {
                        c.to_lowercase().for_each(|c| fold(c, token));
                    }
                }
                _ => tokens.push(String::new()),
            }
        }
        tokens.retain(|token| !token.is_empty());
        Self(tokens)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one of the phrases stands in the text, each of whole words.
    pub fn say(&self, phrases: &[&str]) -> bool {
        phrases.iter().any(|phrase| self.place_of(phrase).is_some())
    }

    /// The text without these phrases, and whether one was in it.
    pub fn without(&self, phrases: &[&str]) -> (Self, bool) {
        let mut rest = self.clone();
        for phrase in phrases {
            let length = phrase.split(' ').count();
            while let Some(place) = rest.place_of(phrase) {
                // A word that is none keeps the neighbours apart.
                rest.0.splice(place..place + length, [String::new()]);
            }
        }
        let found = rest != *self;
        (rest, found)
    }

    /// Whether the token stands in the text other than behind a bare number: `KM` of `5 km` is a length.
    pub fn say_unless_unit(&self, word: &str) -> bool {
        let is_number = |token: &String| token.bytes().all(|b| b.is_ascii_digit());
        self.0.iter().enumerate().any(|(place, token)| {
            let before = place.checked_sub(1).and_then(|place| self.0.get(place));
            token == word && !before.is_some_and(|before| !before.is_empty() && is_number(before))
        })
    }

    /// The plane that the words name, where they name one alone.
    pub fn plane(&self) -> Option<SlicePlane> {
        let named: Vec<SlicePlane> = PLANES
            .iter()
            .filter(|(_, words)| self.say(words))
            .map(|(plane, _)| *plane)
            .collect();
        match named.as_slice() {
            [one] => Some(*one),
            _ => None,
        }
    }

    fn place_of(&self, phrase: &str) -> Option<usize> {
        let phrase: Vec<&str> = phrase.split(' ').collect();
        self.0.windows(phrase.len()).position(|window| window == phrase)
    }
}

const PLANES: [(SlicePlane, &[&str]); 3] = [
    (
        SlicePlane::Axial,
        &[
            "ax",
            "axial",
            "axiale",
            "axialis",
            "tra",
            "trans",
            "transversal",
            "transversale",
            "transverse",
            "tengelyi",
            "haranturanyu",
            "harantiranyu",
            "assiale",
        ],
    ),
    (
        SlicePlane::Sagittal,
        &["sag", "sagittal", "sagittale", "szagittalis", "sagital", "sagitt"],
    ),
    (
        SlicePlane::Coronal,
        &[
            "cor",
            "coronal",
            "coronale",
            "koronal",
            "koronar",
            "koronalis",
            "cornal",
            "coro",
        ],
    ),
];

/// Appends a letter in lower case without its accent.
fn fold(c: char, to: &mut String) {
    let plain = match c {
        'á' | 'à' | 'â' | 'ä' | 'ã' | 'å' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'ö' | 'õ' | 'ő' => 'o',
        'ú' | 'ù' | 'û' | 'ü' | 'ű' => 'u',
        'ç' => 'c',
        'ñ' => 'n',
        'ß' => {
            to.push_str("ss");
            return;
        }
        '\u{300}'..='\u{36f}' => return,
        other => other,
    };
    to.push(plain);
}
