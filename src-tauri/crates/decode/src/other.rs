//! What a file is that holds no image which is read, by its first bytes, in words for a person.

/// An icon or a cursor of Windows, by its head and its first entry: small numbers alone begin many a file of voxels.
fn icon(head: &[u8]) -> Option<&'static str> {
    let cursor = match head.get(..4)? {
        b"\0\0\x01\0" => false,
        b"\0\0\x02\0" => true,
        _ => return None,
    };
    let word = |at: usize| Some(u16::from_le_bytes(*head.get(at..)?.first_chunk()?));
    let (count, reserved, planes, bits) = (word(4)?, *head.get(9)?, word(10)?, word(12)?);
    // Of a cursor the last two are the place of its point; a side of 0 has 256 pixels.
    let side = |at: usize| {
        Some(match *head.get(at)? {
            0 => 256,
            side => u16::from(side),
        })
    };
    let drawn = match cursor {
        true => planes < side(6)? && bits < side(7)?,
        false => planes <= 1 && matches!(bits, 0 | 1 | 4 | 8 | 16 | 24 | 32),
    };
    let first = u32::from_le_bytes(*head.get(18..)?.first_chunk()?);
    let entries = 6 + 16 * u32::from(count);
    let fits = (1..=256).contains(&count) && reserved == 0 && first >= entries;
    (fits && drawn).then_some(if cursor { "a mouse cursor" } else { "an icon" })
}

fn holds(head: &[u8], words: &[u8]) -> bool {
    head.windows(words.len()).any(|window| window == words)
}

/// What begins this way is, and what to do with it where it may hold an image; `None` when nothing is known of it.
/// Never by a file's name: only what a name says that no content says (`Thumbs.db`) is asked of [`by_name`].
pub fn other_kind(head: &[u8]) -> Option<Other> {
    const UNPACK: &str = "which is not opened: unpack it, and import its folder";
    const SAVE: &str = "which is not read: save it as PNG, TIFF or JPEG";
    let plain: [(&[u8], &str); 16] = [
        (b"%PDF-", "a PDF document"),
        (b"MZ", "a Windows program"),
        (b"\x7fELF", "a Linux program"),
        (b"\xcf\xfa\xed\xfe", "a macOS program"),
        (b"\xca\xfe\xba\xbe", "a Java or macOS program"),
        (b"\x4c\0\0\0\x01\x14\x02\0", "a Windows shortcut"),
        (b"SQLite format 3\0", "a database"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Office document"),
        (b"{\\rtf", "a formatted text file (RTF)"),
        (b"ID3", "a sound file"),
        (b"OggS", "a sound or video file"),
        (b"\x1a\x45\xdf\xa3", "a video file"),
        (b"\0\0\x01\xba", "a video file"),
        (b"\0\0\x01\xb3", "a video file"),
        (b"wOF", "a font"),
        (b"\0\x01\0\0\0", "a font"),
    ];
    if let Some(what) = icon(head) {
        return Some(Other { what, advice: None });
    }
    if let Some((_, what)) = plain.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Some(Other { what, advice: None });
    }
    let not_read: [(&[u8], &str, &str); 15] = [
        (b"GIF87a", "a GIF image", SAVE),
        (b"GIF89a", "a GIF image", SAVE),
        (b"8BPS", "a Photoshop image", SAVE),
        (b"v/1\x01", "an OpenEXR image", SAVE),
        (b"Rar!\x1a\x07", "a RAR archive", UNPACK),
        (b"LZIP\x01", "compressed by lzip", UNPACK),
        (b"\x1f\x9d", "compressed by compress", UNPACK),
        (b"\x04\x22\x4d\x18", "compressed by LZ4", UNPACK),
        (b"MSCF", "a Windows cabinet", UNPACK),
        (b"ISc(", "an InstallShield cabinet", UNPACK),
        (b"MSWIM\0\0\0", "a Windows disc archive (WIM)", UNPACK),
        (b"!<arch>\n", "an archive of ar", UNPACK),
        (b"070701", "an archive of cpio", UNPACK),
        (
            b"MEDIA DESCRIPTOR",
            "the description of a disc (MDS)",
            "which is not read: import the MDF file beside it",
        ),
        (
            b"\x89HDF\r\n\x1a\n",
            "an HDF5 file, as MINC 2 volumes are",
            "which is not read: convert it to NIfTI",
        ),
    ];
    let found = not_read.iter().find(|(magic, _, _)| head.starts_with(magic));
    if let Some((_, what, advice)) = found {
        return Some(Other::not_read(what, advice));
    }
    if head.get(2..5) == Some(b"-lh") {
        return Some(Other::not_read("an LHA archive", UNPACK));
    }
    if head.get(4..8) == Some(b"ftyp") {
        // The brand, then those that it is compatible with (ISO/IEC 14496-12 4.3).
        let brands = || head.get(8..).unwrap_or_default().as_chunks::<4>().0.iter().take(14);
        let has = |names: &[&[u8; 4]]| brands().any(|brand| names.contains(&brand));
        return Some(if has(&[b"avif", b"avis"]) {
            Other::not_read("an AVIF image", SAVE)
        } else if has(&[b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"]) {
            Other::not_read("a HEIC photograph", SAVE)
        } else {
            Other::plain("a video file")
        });
    }
    // RFC 2046 5.1, as DICOM web services answer (PS3.18 8.7.3.3).
    let parts = head.starts_with(b"--") || head.starts_with(b"\r\n--");
    let lower = head.to_ascii_lowercase();
    if parts && holds(&lower, b"content-type: application/dicom") {
        return Some(Other::not_read(
            "an answer of a DICOM web service",
            "which is not read: save its parts as files",
        ));
    }
    if head.starts_with(b"RIFF") {
        return Some(Other::plain("a video or sound file"));
    }
    let nifti = matches!(head.first_chunk::<4>(), Some([92, 1, 0, 0] | [0, 0, 1, 92])) && head.len() >= 348;
    if nifti || head.get(4..7) == Some(b"ni2") {
        return Some(Other::not_read(
            "the header of a NIfTI or Analyze volume whose voxels lie in an .img file",
            "which is not read: convert both into one NIfTI file (.nii)",
        ));
    }
    (!head.is_empty() && head.iter().all(|byte| *byte == 0)).then_some(ZEROS)
}

/// What a file is that is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Other {
    what: &'static str,
    /// Why it is not read, and what to do; `None` where it is no image at all.
    advice: Option<&'static str>,
}

const ZEROS: Other = Other {
    what: "nothing but zeros",
    advice: None,
};

impl Other {
    fn plain(what: &'static str) -> Self {
        Self { what, advice: None }
    }

    fn not_read(what: &'static str, advice: &'static str) -> Self {
        Self {
            what,
            advice: Some(advice),
        }
    }

    /// Whether something can be done about it, which its sentence says.
    pub fn has_advice(self) -> bool {
        self.advice.is_some()
    }

    /// Whether it is no more than zeros, as far as it was looked at.
    pub fn is_zeros(self) -> bool {
        self == ZEROS
    }

    /// A sentence of `subject`, such as `it`: what it is, and what to do.
    pub fn said_of(self, subject: &str) -> String {
        let Self { what, advice } = self;
        match advice {
            _ if self == ZEROS => format!("{subject} holds nothing but zeros; copy it again from its source"),
            Some(advice) => format!("{subject} is {what}, {advice}"),
            None => format!("{subject} is {what}, not an image"),
        }
    }
}

/// A text, as `head` begins: `a web page`, `a table (text file)`, `a text file`.
pub fn text_kind(head: &[u8]) -> Option<Other> {
    const TEXT: &str = "a text file";
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        return Some(Other::plain(TEXT));
    }
    // The last character may be cut.
    let whole = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(head.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default()
        }
        // Texts of other encodings: letters, and no control characters.
        Err(_) => return is_plain(head).then_some(Other::plain(TEXT)),
    };
    if whole.is_empty() || !is_plain(whole.as_bytes()) {
        return None;
    }
    let begin = whole.trim_start_matches('\u{feff}').trim_start().to_ascii_lowercase();
    let first = begin.lines().next().unwrap_or_default();
    Some(Other::plain(
        if begin.starts_with("<!doctype html") || begin.starts_with("<html") {
            "a web page"
        } else if begin.starts_with("<?xml") || begin.starts_with('<') {
            "a text file (XML)"
        } else if [',', ';', '\t'].iter().any(|mark| first.matches(*mark).count() > 1) {
            "a table (text file)"
        } else {
            TEXT
        },
    ))
}

fn is_plain(bytes: &[u8]) -> bool {
    bytes
        .iter()
        .all(|byte| !byte.is_ascii_control() || byte.is_ascii_whitespace() || *byte == 0x1b)
}

/// What systems put beside the files of a person.
pub fn by_name(name: &str) -> Option<Other> {
    let lower = name.to_ascii_lowercase();
    let system = matches!(lower.as_str(), ".ds_store" | "thumbs.db" | "desktop.ini" | ".directory");
    // Only the first and the last part of a split archive say it.
    let (stem, ending) = lower.rsplit_once('.').unwrap_or((&lower, ""));
    let digits = |text: &str| text.len() >= 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    let numbered = [".zip", ".7z", ".tar", ".gz", ".rar"]
        .iter()
        .any(|of| stem.ends_with(of))
        && digits(ending);
    if numbered || ending.strip_prefix('z').is_some_and(digits) {
        let advice = "which is not opened: put its parts together, and import the whole archive";
        return Some(Other::not_read("a part of a split archive", advice));
    }
    let found = system || lower.starts_with("._");
    found.then_some(Other::plain("a file that the operating system keeps for itself"))
}

/// One sentence of a file that is no image which is read.
pub fn describe(name: &str, head: &[u8]) -> String {
    match by_name(name).or_else(|| of_content(head)) {
        Some(other) => other.said_of("it"),
        None => "its content is not a known image format".to_owned(),
    }
}

/// [`other_kind`], or [`text_kind`].
pub fn of_content(head: &[u8]) -> Option<Other> {
    other_kind(head).or_else(|| text_kind(head))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn voxels_that_count_up_are_no_icon() {
        let icon = b"\0\0\x01\0\x01\0\x10\x10\0\0\x01\0\x20\0\x68\x04\0\0\x16\0\0\0";
        assert_eq!(other_kind(icon).map(|other| other.what), Some("an icon"));
        let cursor = b"\0\0\x02\0\x01\0\x20\x20\0\0\x05\0\x07\0\x68\x04\0\0\x16\0\0\0";
        assert_eq!(other_kind(cursor).map(|other| other.what), Some("a mouse cursor"));
        for step in 1..4_u16 {
            let words: Vec<u8> = (0..40).flat_map(|at| (at * step).to_le_bytes()).collect();
            assert!(other_kind(&words).is_none(), "{step}");
        }
        assert!(other_kind(&icon[..10]).is_none());
    }

    #[test]
    fn what_lies_beside_scans_is_named() {
        for (name, head, said) in [
            ("letter.pdf", &b"%PDF-1.7\n"[..], "a PDF document"),
            ("VIEWER.EXE", b"MZ\x90\0", "a Windows program, not an image"),
            ("notes.txt", b"Findings: none.\n", "a text file, not an image"),
            ("table.csv", b"a;b;c\n1;2;3\n", "a table"),
            ("INDEX.HTM", b"<html><body>", "a web page"),
            ("desktop.ini", b"[.ShellClassInfo]", "operating system"),
            ("clip.mp4", b"\0\0\0\x18ftypmp42", "a video file"),
            (
                "photo.heic",
                b"\0\0\0\x18ftypheic",
                "HEIC photograph, which is not read: save it",
            ),
            ("photo.avif", b"\0\0\0\x1cftypmif1\0\0\0\0mif1avif", "an AVIF image"),
            ("loop.gif", b"GIF89a", "GIF image, which is not read"),
            ("case.rar", b"Rar!\x1a\x07\x01\0", "which is not opened: unpack it"),
            (
                "study.dcm",
                b"--b\r\nContent-Type: application/dicom\r\n\r\n\0\0",
                "an answer of a DICOM web service, which is not read: save",
            ),
            ("case.tar.lz", b"LZIP\x01", "compressed by lzip, which is not opened"),
            ("form.txt", b"FORM 12, 0707 LZIP\n", "a text file"),
            ("latin.txt", b"M\xfcller, M\xe1ria", "a text"),
            ("cut", "Ő".repeat(3).as_bytes().split_at(5).0, "a text"),
            (
                "case.z02",
                &[1, 2, 0, 9],
                "a part of a split archive, which is not opened: put",
            ),
            ("CASE.ZIP.003", &[1, 2, 0, 9], "a part of a split archive"),
            ("case.7z.12", &[0; 200], "a part of a split archive"),
            ("buzz.z", &[1, 2, 0, 9], "not a known image format"),
            ("slice.001", &[1, 2, 0, 9], "not a known image format"),
            ("zeros", &[0; 200], "zeros"),
            ("noise", &[1, 2, 0, 9], "not a known image format"),
        ] {
            let told = describe(name, head);
            assert!(told.contains(said), "{name}: {told}");
        }
    }
}
