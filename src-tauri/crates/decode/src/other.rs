//! What a file is that holds no scan, by its first bytes, in words for a person.

/// What begins this way is; `None` when nothing is known of it. Never by a file's name: only what a name says that
/// no content says (`Thumbs.db`) is asked of [`by_name`].
pub fn other_kind(head: &[u8]) -> Option<&'static str> {
    let starts: [(&[u8], &str); 22] = [
        (b"%PDF-", "a PDF document"),
        (b"MZ", "a program for Windows"),
        (b"\x7fELF", "a program for Linux"),
        (b"\xcf\xfa\xed\xfe", "a program for macOS"),
        (b"\xca\xfe\xba\xbe", "a program for Java or macOS"),
        (b"\0\0\x01\0", "an icon"),
        (b"\x4c\0\0\0\x01\x14\x02\0", "a link of Windows"),
        (b"GIF87a", "a GIF image"),
        (b"GIF89a", "a GIF image"),
        (b"SQLite format 3\0", "a database"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a document of Office"),
        (b"{\\rtf", "a text with layout (RTF)"),
        (b"Rar!\x1a\x07", "a RAR archive, which is not opened"),
        (b"BZh", "a file compressed by bzip2, which is not opened"),
        (b"\xfd7zXZ\0", "a file compressed by xz, which is not opened"),
        (
            b"\x28\xb5\x2f\xfd",
            "a file compressed by Zstandard, which is not opened",
        ),
        (b"MSCF", "a cabinet of Windows, which is not opened"),
        (b"ID3", "a sound"),
        (b"OggS", "a sound or a film"),
        (b"\x1a\x45\xdf\xa3", "a film"),
        (b"\0\0\x01\xba", "a film"),
        (b"wOF", "a font"),
    ];
    if let Some((_, what)) = starts.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Some(what);
    }
    match (head.get(4..8), head.get(8..12)) {
        (Some(b"ftyp"), Some(brand)) if brand.starts_with(b"hei") || brand.starts_with(b"mif1") => {
            return Some("a HEIC photograph, which is not read");
        }
        (Some(b"ftyp"), _) => return Some("a film"),
        _ => {}
    }
    if head.starts_with(b"RIFF") {
        return Some("a film or a sound");
    }
    (!head.is_empty() && head.iter().all(|byte| *byte == 0)).then_some("nothing but zeros")
}

/// A text, as `head` begins: `a web page`, `a table`, `a text`.
pub fn text_kind(head: &[u8]) -> Option<&'static str> {
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        return Some("a text");
    }
    // The last character may be cut.
    let whole = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(head.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default()
        }
        // Texts of other encodings: letters, and no control characters.
        Err(_) => return is_plain(head).then_some("a text"),
    };
    if whole.is_empty() || !is_plain(whole.as_bytes()) {
        return None;
    }
    let begin = whole.trim_start_matches('\u{feff}').trim_start().to_ascii_lowercase();
    let first = begin.lines().next().unwrap_or_default();
    Some(if begin.starts_with("<!doctype html") || begin.starts_with("<html") {
        "a web page"
    } else if begin.starts_with("<?xml") || begin.starts_with('<') {
        "a text (XML)"
    } else if [',', ';', '\t'].iter().any(|mark| first.matches(*mark).count() > 1) {
        "a table (a text)"
    } else {
        "a text"
    })
}

fn is_plain(bytes: &[u8]) -> bool {
    bytes
        .iter()
        .all(|byte| !byte.is_ascii_control() || byte.is_ascii_whitespace() || *byte == 0x1b)
}

/// What systems put beside the files of a person.
pub fn by_name(name: &str) -> Option<&'static str> {
    let lower = name.to_ascii_lowercase();
    let system = matches!(lower.as_str(), ".ds_store" | "thumbs.db" | "desktop.ini" | ".directory");
    (system || lower.starts_with("._")).then_some("a file that the operating system keeps for itself")
}

/// One sentence of a file that is no scan.
pub fn describe(name: &str, head: &[u8]) -> String {
    const READ: &str = "no scan";
    match by_name(name).or_else(|| other_kind(head)).or_else(|| text_kind(head)) {
        Some("nothing but zeros") => "it holds nothing but zeros; copy it again from its source".to_owned(),
        Some(what) => format!("it is {what}, {READ}"),
        None => format!("its content is no known format: {READ}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_beside_scans_is_named() {
        for (name, head, said) in [
            ("letter.pdf", &b"%PDF-1.7\n"[..], "a PDF document"),
            ("VIEWER.EXE", b"MZ\x90\0", "a program"),
            ("notes.txt", b"Findings: none.\n", "a text"),
            ("table.csv", b"a;b;c\n1;2;3\n", "a table"),
            ("INDEX.HTM", b"<html><body>", "a web page"),
            ("desktop.ini", b"[.ShellClassInfo]", "operating system"),
            ("clip.mp4", b"\0\0\0\x18ftypmp42", "a film"),
            ("latin.txt", b"M\xfcller, M\xe1ria", "a text"),
            ("cut", "Ő".repeat(3).as_bytes().split_at(5).0, "a text"),
            ("zeros", &[0; 200], "zeros"),
            ("noise", &[1, 2, 0, 9], "no known format"),
        ] {
            let told = describe(name, head);
            assert!(told.contains(said), "{name}: {told}");
        }
    }
}
