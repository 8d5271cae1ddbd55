//! What a file is, by its first bytes and never by its name.

/// As many first bytes of a file as [`sniff`] looks at.
pub const SNIFF_BYTES: usize = 144;

/// A format that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// PS3.10, or a data set alone.
    Dicom,
    /// ISO/IEC 15948.
    Png,
    /// JFIF or Exif; JPEG-LS too, which begins alike.
    Jpeg,
    /// Classic TIFF or BigTIFF.
    Tiff,
    /// A Windows bitmap.
    Bmp,
    /// WebP in its RIFF container.
    WebP,
    /// A JP2 file or a bare code stream, of high throughput too.
    Jpeg2000,
    /// A bare code stream or its container.
    JpegXl,
}

/// `None` when the content is nothing that is read here.
pub fn sniff(bytes: &[u8]) -> Option<Kind> {
    // The DICOM prefix stands first: the preamble before it may imitate any other format (PS3.10 7.1).
    if bytes.get(128..132) == Some(b"DICM") || bytes.starts_with(b"DICM\x02\0") {
        return Some(Kind::Dicom);
    }
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Some(Kind::Png);
    }
    if bytes.starts_with(b"\xff\xd8\xff") {
        return Some(Kind::Jpeg);
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        return Some(Kind::WebP);
    }
    if bytes.starts_with(b"\xff\x4f\xff\x51") || bytes.starts_with(b"\0\0\0\x0cjP  \r\n\x87\n") {
        return Some(Kind::Jpeg2000);
    }
    if bytes.starts_with(b"\xff\x0a") || bytes.starts_with(b"\0\0\0\x0cJXL \r\n\x87\n") {
        return Some(Kind::JpegXl);
    }
    // Classic TIFF is version 42, BigTIFF 43.
    let tiff: [&[u8]; 4] = [b"II\x2a\0", b"MM\0\x2a", b"II\x2b\0", b"MM\0\x2b"];
    if tiff.iter().any(|magic| bytes.starts_with(magic)) {
        return Some(Kind::Tiff);
    }
    // "BM" alone begins many texts; the reserved fields are zero and the info header has a known size.
    let bmp_header = bytes.get(14).copied().unwrap_or(0);
    if bytes.starts_with(b"BM")
        && bytes.get(6..10) == Some(&[0; 4])
        && matches!(bmp_header, 12 | 40 | 52 | 56 | 108 | 124)
    {
        return Some(Kind::Bmp);
    }
    bare_data_set(bytes).then_some(Kind::Dicom)
}

/// Whether the bytes begin like a data set without preamble and file meta information: an element of
/// group 0002 or 0008 with a plausible VR or length, as old and transferred files begin.
fn bare_data_set(bytes: &[u8]) -> bool {
    let Some(&[g0, g1, e0, e1, v0, v1, l0, l1]) = bytes.first_chunk::<8>() else {
        return false;
    };
    let little = u16::from_le_bytes([g0, g1]);
    let big = u16::from_be_bytes([g0, g1]);
    let explicit = v0.is_ascii_uppercase() && v1.is_ascii_uppercase();
    let element = if matches!(little, 0x0002 | 0x0008) {
        u16::from_le_bytes([e0, e1])
    } else {
        u16::from_be_bytes([e0, e1])
    };
    // The first elements of the two groups lie low: group length, version, character set, image type, UIDs.
    if element > 0x0060 {
        return false;
    }
    match (little, big) {
        (0x0002 | 0x0008, _) => explicit || u32::from_le_bytes([v0, v1, l0, l1]) <= 256,
        (_, 0x0008) => explicit || u32::from_be_bytes([v0, v1, l0, l1]) <= 256,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_decides() {
        let mut part10 = vec![0; 128];
        part10.extend(b"DICM");
        assert_eq!(sniff(&part10), Some(Kind::Dicom));
        // An image in front of the prefix is still DICOM.
        part10[..4].copy_from_slice(b"II\x2a\0");
        assert_eq!(sniff(&part10), Some(Kind::Dicom));
        assert_eq!(sniff(b"\xff\xd8\xff\xe0"), Some(Kind::Jpeg));
        assert_eq!(sniff(b"RIFF\x10\0\0\0WEBPVP8L"), Some(Kind::WebP));
        assert_eq!(sniff(b"\xff\x4f\xff\x51\0\x2f"), Some(Kind::Jpeg2000));
        assert_eq!(sniff(b"\xff\x0a\x7f"), Some(Kind::JpegXl));
        // Written without its preamble.
        assert_eq!(sniff(b"DICM\x02\0\0\0UL\x04\0"), Some(Kind::Dicom));
        assert_eq!(sniff(b"II\x2b\0\x08\0\0\0"), Some(Kind::Tiff));
        assert_eq!(sniff(b"\x08\0\x05\0CS\x0a\0ISO_IR 100"), Some(Kind::Dicom));
        assert_eq!(sniff(b"\x08\0\0\0\x04\0\0\0\xbe\0\0\0"), Some(Kind::Dicom));
        assert_eq!(sniff(b"\0\x08\0\x05CS\0\x0aISO_IR 100"), Some(Kind::Dicom));
        assert_eq!(sniff(b"\0\x08\0\0\0\0\0\x04\0\0\0\xbe"), Some(Kind::Dicom));
    }

    #[test]
    fn text_and_noise_are_nothing() {
        for other in [
            &b"patient;date\n1;2"[..],
            b"<html><body>",
            b"",
            b"BM is how this text begins",
            &[0; 200],
            b"\x7fELF",
        ] {
            assert_eq!(sniff(other), None, "{other:?}");
        }
    }
}
