//! The little JSON that xtask reads and writes.

/// The first string that stands under `key` anywhere in `text`.
pub fn first_string(text: &str, key: &str) -> Option<String> {
    let after_key = text.split_once(&format!("\"{key}\""))?.1;
    let value = after_key
        .trim_start()
        .strip_prefix(':')?
        .trim_start()
        .strip_prefix('"')?;
    let mut found = String::new();
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => return Some(found),
            '\\' => found.push(unescaped(&mut chars)?),
            other => found.push(other),
        }
    }
    None
}

fn unescaped(chars: &mut std::str::Chars<'_>) -> Option<char> {
    match chars.next()? {
        'n' => Some('\n'),
        't' => Some('\t'),
        'r' => Some('\r'),
        'b' => Some('\u{8}'),
        'f' => Some('\u{c}'),
        'u' => {
            let digits: String = chars.take(4).collect();
            char::from_u32(u32::from_str_radix(&digits, 16).ok()?)
        }
        other => Some(other),
    }
}

/// `text` between quotation marks, as JSON wants it.
pub fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_value_of_a_key_is_found_with_its_escapes_undone() {
        let text = r#"{"a": 1, "target_directory" : "/x \"y\"/\u00e9\\t", "target_directory": "/z"}"#;
        assert_eq!(first_string(text, "target_directory").as_deref(), Some("/x \"y\"/é\\t"));
        assert_eq!(first_string(text, "a"), None);
        assert_eq!(first_string(text, "missing"), None);
        assert_eq!(first_string(r#"{"cut": "off"#, "cut"), None);
    }

    #[test]
    fn what_is_written_reads_back() {
        for text in ["plain", "a \"b\" \\ c", "tab\tline\n"] {
            let document = format!("{{\"k\":{}}}", quoted(text));
            assert_eq!(first_string(&document, "k").as_deref(), Some(text));
        }
    }
}
