//! What a file is, by its first bytes and never by its name.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::Path,
};

/// As many first bytes of a file as [`sniff`] looks at.
pub const SNIFF_BYTES: usize = 560;

/// Where the first volume descriptor of a disc lies (ECMA-119 6.2.1), and names of it: ISO 9660, and UDF (ECMA-167 2/9).
const DISC: (u64, [&[u8]; 4]) = (32_768, [b"\x01CD001", b"\0BEA01", b"\0NSR02", b"\0NSR03"]);
/// How a raw sector begins (ECMA-130 14.1).
const RAW_SECTOR: &[u8] = b"\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0";
/// Last bytes of a file that are looked at where the first ones say nothing.
const TAIL_BYTES: u64 = 1024;

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
    /// NIfTI-1 or NIfTI-2, header and data in one file.
    Nifti,
    /// NRRD; its data may lie in another file.
    Nrrd,
    /// MetaImage; its data may lie in another file.
    MetaImage,
    /// Compressed by gzip: a NIfTI file, another file, or a TAR archive.
    Gzip,
    /// Compressed by bzip2: a file, or a TAR archive.
    Bzip2,
    /// Compressed by Zstandard (RFC 8878): a file, or a TAR archive.
    Zstd,
    /// Compressed by xz: a file, or a TAR archive.
    Xz,
    /// A ZIP archive.
    Zip,
    /// A ZIP archive behind a program that unpacks it.
    SelfExtracting,
    /// A TAR archive (POSIX).
    Tar,
    /// A 7z archive.
    SevenZip,
    /// The image of a disc: ISO 9660 in plain or raw sectors is read, another one is named.
    Disc,
}

impl Kind {
    /// Whether it holds other files.
    pub fn is_archive(self) -> bool {
        matches!(
            self,
            Self::Gzip
                | Self::Bzip2
                | Self::Zstd
                | Self::Xz
                | Self::Zip
                | Self::SelfExtracting
                | Self::Tar
                | Self::SevenZip
                | Self::Disc
        )
    }

    /// Whether it is an image without a patient, as icons and pages of a viewer are too.
    pub fn is_picture(self) -> bool {
        matches!(
            self,
            Self::Png | Self::Jpeg | Self::Tiff | Self::Bmp | Self::WebP | Self::Jpeg2000 | Self::JpegXl
        )
    }
}

/// What a file is, and its first bytes, at most [`SNIFF_BYTES`].
///
/// # Errors
/// Like those of `file`.
pub fn sniff_in(file: &mut (impl Read + Seek)) -> io::Result<(Option<Kind>, Vec<u8>)> {
    let mut head = Vec::with_capacity(SNIFF_BYTES);
    file.take(SNIFF_BYTES as u64).read_to_end(&mut head)?;
    let found = sniff(&head);
    if found.is_none() && head.len() == SNIFF_BYTES {
        let mut mark = Vec::with_capacity(6);
        file.seek(SeekFrom::Start(DISC.0))?;
        file.take(6).read_to_end(&mut mark)?;
        if DISC.1.contains(&mark.as_slice()) {
            return Ok((Some(Kind::Disc), head));
        }
        let length = file.seek(SeekFrom::End(0))?;
        let mut tail = vec![];
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES)))?;
        file.take(TAIL_BYTES).read_to_end(&mut tail)?;
        return Ok((by_its_end(&tail, length), head));
    }
    Ok((found, head))
}

/// What a file is that ends in these bytes: images of discs by Apple and by Nero, and an archive behind a program.
fn by_its_end(tail: &[u8], length: u64) -> Option<Kind> {
    let back = |bytes: usize| tail.len().checked_sub(bytes).and_then(|at| tail.get(at..at + 4));
    if back(512) == Some(b"koly") || back(12) == Some(b"NER5") || back(8) == Some(b"NERO") {
        return Some(Kind::Disc);
    }
    // The end of a central directory (APPNOTE 4.3.16): 22 bytes and a comment.
    let at = tail.windows(4).rposition(|four| four == b"PK\x05\x06")?;
    let end = tail.get(at..)?;
    let number = |at: usize, count: usize| {
        let bytes = end.get(at..at + count)?;
        Some(
            bytes
                .iter()
                .rev()
                .fold(0_u64, |number, byte| number << 8 | u64::from(*byte)),
        )
    };
    let whole = number(20, 2)? + 22 == end.len() as u64;
    // The last part of one that was split says which number it has (APPNOTE 4.4.19).
    if whole && (1..u64::from(u16::MAX)).contains(&number(4, 2)?) {
        return Some(Kind::Zip);
    }
    let directory = number(12, 4)?.checked_add(number(16, 4)?)?;
    (whole && number(10, 2)? > 0 && directory <= length).then_some(Kind::SelfExtracting)
}

/// [`sniff_in`] of a file at a path.
///
/// # Errors
/// Why it could not be read.
pub fn sniff_file(path: &Path) -> io::Result<(Option<Kind>, Vec<u8>)> {
    sniff_in(&mut File::open(path)?)
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
    if let Some(kind) = volume_or_archive(bytes) {
        return Some(kind);
    }
    if bare_data_set(bytes) {
        return Some(Kind::Dicom);
    }
    let disc = bytes
        .get(DISC_AT..DISC_AT + 6)
        .is_some_and(|mark| DISC.1.contains(&mark));
    disc.then_some(Kind::Disc)
}

const DISC_AT: usize = 32_768;

fn volume_or_archive(bytes: &[u8]) -> Option<Kind> {
    // Size of the header, in either order of bytes, and the magic of a single file.
    let nifti = match bytes.first_chunk::<4>() {
        Some([92, 1, 0, 0] | [0, 0, 1, 92]) => bytes.get(344..347) == Some(b"n+1"),
        Some([28, 2, 0, 0] | [0, 0, 2, 28]) => bytes.get(4..7) == Some(b"n+2"),
        _ => false,
    };
    if nifti {
        return Some(Kind::Nifti);
    }
    if bytes.starts_with(b"NRRD000") {
        return Some(Kind::Nrrd);
    }
    if ["ObjectType", "NDims", "Comment"]
        .iter()
        .any(|key| meta_key(bytes, key))
    {
        return Some(Kind::MetaImage);
    }
    if bytes.starts_with(b"\x1f\x8b\x08") {
        return Some(Kind::Gzip);
    }
    if [&b"PK\x03\x04"[..], b"PK\x05\x06", b"PK\x07\x08"]
        .iter()
        .any(|magic| bytes.starts_with(magic))
    {
        return Some(Kind::Zip);
    }
    if bytes.starts_with(RAW_SECTOR) {
        return Some(Kind::Disc);
    }
    // "BZh", the size of its blocks, and the mark of the first one or of an empty file's end.
    let bzip2 = bytes.strip_prefix(b"BZh").and_then(|rest| rest.split_first());
    if bzip2.is_some_and(|(size, rest)| {
        size.is_ascii_digit() && (rest.starts_with(b"1AY&SY") || rest.starts_with(b"\x17\x72\x45\x38\x50\x90"))
    }) {
        return Some(Kind::Bzip2);
    }
    if bytes.starts_with(b"\x28\xb5\x2f\xfd") {
        return Some(Kind::Zstd);
    }
    if bytes.starts_with(b"\xfd7zXZ\0") {
        return Some(Kind::Xz);
    }
    if bytes.starts_with(b"7z\xbc\xaf\x27\x1c") {
        return Some(Kind::SevenZip);
    }
    (bytes.get(257..262) == Some(b"ustar")).then_some(Kind::Tar)
}

/// Whether the text begins with this key of a MetaImage header, and an image is what it describes.
fn meta_key(bytes: &[u8], key: &str) -> bool {
    let Some(rest) = bytes.strip_prefix(key.as_bytes()) else {
        return false;
    };
    let value = rest.iter().position(|byte| *byte != b' ');
    let sets = value.is_some_and(|at| rest.get(at) == Some(&b'='));
    // Keys of the format, so that a text which begins with such a word is none.
    sets && ["NDims", "DimSize", "ElementType"]
        .iter()
        .filter(|key| bytes.windows(key.len()).any(|part| part == key.as_bytes()))
        .count()
        > 1
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

/// The class that the meta header of a file states (Media Storage SOP Class UID, PS3.10 7.1), by its first bytes; `None`
/// where they do not say it.
pub fn storage_class(head: &[u8]) -> Option<&str> {
    let begin = [132, 4]
        .into_iter()
        .find(|end| head.get(end - 4..*end) == Some(b"DICM"));
    let mut rest = head.get(begin.unwrap_or(0)..)?;
    // Explicit VR, little endian, without exception (PS3.10 7.1).
    while let Some(&[2, 0, e0, e1, v0, v1, l0, l1]) = rest.first_chunk::<8>() {
        let (header, length) = match &[v0, v1] {
            b"OB" | b"UN" => (12, u32::from_le_bytes(*rest.get(8..)?.first_chunk()?)),
            _ => (8, u32::from(u16::from_le_bytes([l0, l1]))),
        };
        let (value, after) = rest.get(header..)?.split_at_checked(usize::try_from(length).ok()?)?;
        if [e0, e1] == [2, 0] {
            return std::str::from_utf8(value).ok().map(|uid| uid.trim_matches(['\0', ' ']));
        }
        rest = after;
    }
    None
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
    fn volumes_and_archives_are_known_by_their_content() {
        let mut nifti = vec![0; 352];
        nifti[..4].copy_from_slice(&348_u32.to_be_bytes());
        nifti[344..347].copy_from_slice(b"n+1");
        assert_eq!(sniff(&nifti), Some(Kind::Nifti));
        let mut tar = vec![b'a'; 512];
        tar[257..262].copy_from_slice(b"ustar");
        assert_eq!(sniff(&tar), Some(Kind::Tar));
        assert_eq!(sniff(b"NRRD0004\ntype: short\n"), Some(Kind::Nrrd));
        let meta = b"ObjectType = Image\nNDims = 3\nDimSize = 4 4 4\nElementType = MET_SHORT\n";
        assert_eq!(sniff(meta), Some(Kind::MetaImage));
        assert_eq!(sniff(b"Comment = a diary\n"), None);
        assert_eq!(sniff(b"PK\x03\x04"), Some(Kind::Zip));
        assert_eq!(sniff(b"\x1f\x8b\x08\0"), Some(Kind::Gzip));
    }

    #[test]
    fn the_image_of_a_disc_is_known_behind_its_empty_beginning() -> Result<(), Box<dyn std::error::Error>> {
        let mut disc = vec![0; 34_000];
        disc[32_768..32_774].copy_from_slice(b"\x01CD001");
        assert_eq!(sniff_in(&mut io::Cursor::new(&disc))?.0, Some(Kind::Disc));
        assert_eq!(sniff(&disc), Some(Kind::Disc));
        disc[32_770] = b'x';
        assert_eq!(sniff_in(&mut io::Cursor::new(&disc))?.0, None);
        Ok(())
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
