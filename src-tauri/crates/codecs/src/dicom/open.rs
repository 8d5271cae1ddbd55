use std::{borrow::Cow, io::Read};

use flate2::read::{DeflateDecoder, ZlibDecoder};

use super::{
    data_set::Encoding,
    parse::{explicit_at, parse_meta},
    tag,
    transfer_syntax::{Codec, TransferSyntax, transfer_syntax},
};
use decode::{DecodeError, Limits};

/// The data set of a file, ready to be parsed.
pub(super) struct Opened<'a> {
    pub data_set: Cow<'a, [u8]>,
    /// As the file meta information gives it.
    pub transfer_syntax_uid: Option<String>,
    /// What the file meta information says of the data set.
    pub media: Media,
    pub syntax: TransferSyntax,
}

/// Class and instance by the file meta information (PS3.10 7.1).
#[derive(Default)]
pub(super) struct Media {
    pub class: Option<String>,
    pub instance: Option<String>,
}

/// Finds the data set and how it is written. Files without preamble, without file meta information
/// and without a Transfer Syntax UID are read too, by how their first element looks.
pub(super) fn open<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Opened<'a>, DecodeError> {
    let body = match bytes.get(128..132) {
        Some(b"DICM") => &bytes[132..],
        // Some writers leave out the preamble and keep its mark.
        _ => bytes.strip_prefix(b"DICM").unwrap_or(bytes),
    };
    let (meta, length) = parse_meta(body)?;
    let rest = &body[length..];
    let said = |tag: u32| meta.code(tag).map(str::to_owned);
    let uid = said(tag::TRANSFER_SYNTAX_UID);
    let media = Media {
        class: said(tag::MEDIA_STORAGE_SOP_CLASS_UID),
        instance: said(tag::MEDIA_STORAGE_SOP_INSTANCE_UID),
    };
    let mut syntax = match &uid {
        Some(uid) => transfer_syntax(uid).ok_or_else(|| {
            DecodeError::unsupported(format!(
                "the transfer syntax {uid} is not known; export the image in another one"
            ))
        })?,
        None => TransferSyntax {
            encoding: guess(rest),
            deflated: false,
            encapsulated: false,
            codec: Ok(Codec::Native),
            lossy: false,
            big_endian_pixels: false,
        },
    };
    let data_set = if syntax.deflated {
        Cow::Owned(inflate(rest, limits)?)
    } else {
        Cow::Borrowed(rest)
    };
    if data_set.is_empty() {
        return Err(DecodeError::truncated(
            "the file holds a DICOM header and no data set; copy it again from its source",
        ));
    }
    // Mislabelled files: implicit by name, with a VR in every element.
    if syntax.encoding == Encoding::IMPLICIT && explicit_at(&data_set) {
        syntax.encoding = Encoding::EXPLICIT;
    }
    Ok(Opened {
        data_set,
        transfer_syntax_uid: uid,
        media,
        syntax,
    })
}

/// By the group number of the first element, which is small, and by its VR.
fn guess(data_set: &[u8]) -> Encoding {
    match data_set {
        [0, low, ..] if *low != 0 && explicit_at(data_set) => Encoding::EXPLICIT_BIG_ENDIAN,
        [0, low, ..] if *low != 0 => Encoding::IMPLICIT_BIG_ENDIAN,
        _ if explicit_at(data_set) => Encoding::EXPLICIT,
        _ => Encoding::IMPLICIT,
    }
}

/// Deflate without a zlib header (PS3.5 A.5), or with one, as some write it.
fn inflate(bytes: &[u8], limits: &Limits) -> Result<Vec<u8>, DecodeError> {
    let bare = inflated(DeflateDecoder::new(bytes), limits);
    // Method 8, and a check of the two bytes (RFC 1950 2.2).
    let headed = matches!(bytes, [a, b, ..] if a & 15 == 8 && (u16::from(*a) << 8 | u16::from(*b)) % 31 == 0);
    match bare {
        Err(error) if headed => inflated(ZlibDecoder::new(bytes), limits).map_err(|_| error),
        bare => bare,
    }
}

/// Read as far as the limit allows.
fn inflated(decoder: impl Read, limits: &Limits) -> Result<Vec<u8>, DecodeError> {
    let mut inflated = Vec::new();
    let read = decoder.take(limits.max_inflated_bytes + 1).read_to_end(&mut inflated);
    if inflated.len() as u64 > limits.max_inflated_bytes {
        return Err(DecodeError::limit(format!(
            "the deflated data set grows beyond {} MiB; it is damaged or made to harm",
            limits.max_inflated_bytes >> 20
        )));
    }
    match read {
        Ok(_) => Ok(inflated),
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Err(DecodeError::truncated(
            "the deflated data set ends early: the file is truncated; copy it again from its source",
        )),
        Err(error) if error.kind() == std::io::ErrorKind::OutOfMemory => Err(DecodeError::limit(
            "the deflated data set needs more memory than it may use; it is damaged or made to harm",
        )),
        Err(error) => Err(DecodeError::corrupt(format!(
            "the deflated data set is damaged: {error}"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::FailureCode;
    use std::io::Write;

    #[test]
    fn a_deflate_bomb_stops_at_the_limit() -> Result<(), Box<dyn std::error::Error>> {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(&vec![0; 4 << 20])?;
        let bomb = encoder.finish()?;
        assert!(bomb.len() < 8192);
        let limits = Limits {
            max_inflated_bytes: 1 << 20,
            ..Limits::default()
        };
        assert_eq!(
            inflate(&bomb, &limits).map_err(|e| e.code),
            Err(FailureCode::LimitExceeded)
        );
        assert_eq!(inflate(&bomb, &Limits::default())?.len(), 4 << 20);
        assert_eq!(
            inflate(&bomb[..bomb.len() / 2], &Limits::default()).map_err(|e| e.code),
            Err(FailureCode::Truncated)
        );
        Ok(())
    }

    #[test]
    fn a_zlib_header_is_passed_over_and_cuts_are_refused() -> Result<(), Box<dyn std::error::Error>> {
        for length in [1_usize, 10, 1000, 100_000] {
            let plain: Vec<u8> = (0..length).map(|at| (at * at % 251) as u8).collect();
            for level in [0, 1, 6, 9] {
                let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::new(level));
                encoder.write_all(&plain)?;
                let packed = encoder.finish()?;
                assert_eq!(inflate(&packed, &Limits::default())?, plain, "{length} {level}");
                assert!(inflate(&packed[..packed.len() - 3], &Limits::default()).is_err());
            }
        }
        Ok(())
    }

    #[test]
    fn without_meta_information_the_first_element_tells() {
        assert_eq!(guess(b"\x08\0\x05\0CS\x0a\0"), Encoding::EXPLICIT);
        assert_eq!(guess(b"\0\x08\0\x05CS\0\x0a"), Encoding::EXPLICIT_BIG_ENDIAN);
        assert_eq!(guess(b"\0\x08\0\0\0\0\0\x04"), Encoding::IMPLICIT_BIG_ENDIAN);
        assert_eq!(guess(b"\x08\0\x05\0\x0a\0\0\0"), Encoding::IMPLICIT);
    }
}
