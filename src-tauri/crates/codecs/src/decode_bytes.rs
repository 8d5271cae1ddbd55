use domain::{Decoded, FailureCode};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::{
    dicom, exif,
    frames::Frames,
    note,
    raster::{self, header::Asked},
    research, turned,
};
use decode::{
    DecodeError, Limits, READ_FORMATS,
    limits::OnDeclared,
    other::of_content,
    protocol::Wanted,
    sniff::{Kind, SNIFF_BYTES, sniff},
};

/// Decodes a whole file.
#[cfg(test)]
pub(crate) fn decode_in_process(bytes: &[u8], limits: &Limits) -> Result<Decoded, DecodeError> {
    decode_with(bytes, limits, &Wanted::All, &|_| {})
}

/// Decodes a file; a codec's panic becomes an error.
pub(crate) fn decode_with(
    bytes: &[u8],
    limits: &Limits,
    wanted: &Wanted,
    on_declared: OnDeclared<'_>,
) -> Result<Decoded, DecodeError> {
    if bytes.is_empty() {
        return Err(DecodeError::new(
            FailureCode::EmptyFile,
            "the file is empty (0 bytes); copy it again from its source",
        ));
    }
    let Some(kind) = sniff(bytes) else {
        return Err(DecodeError::new(FailureCode::UnknownFormat, describe_unknown(bytes)));
    };
    let asked = Asked {
        bytes,
        limits,
        wanted,
        on_declared,
    };
    let decoded = catch_unwind(AssertUnwindSafe(|| match kind {
        Kind::Dicom => dicom::decode(bytes, limits, wanted, on_declared),
        Kind::Png => raster::png::decode(&asked),
        Kind::Jpeg => raster::jpeg::decode(&asked),
        Kind::Tiff => raster::tiff::decode(&asked),
        Kind::Bmp => raster::bmp::decode(&asked),
        Kind::WebP => raster::webp::decode(&asked),
        Kind::Jpeg2000 => raster::jpeg2000::decode(&asked),
        Kind::JpegXl => raster::jpeg_xl::decode(&asked),
        Kind::Nifti | Kind::Nrrd | Kind::MetaImage => research::decode(bytes, kind, limits, wanted, on_declared),
        Kind::Gzip if research::is_compressed_nifti(bytes) => {
            research::decode(bytes, kind, limits, wanted, on_declared)
        }
        Kind::Tar => research::decode_set(bytes, limits, wanted, on_declared).unwrap_or_else(|| Err(is_an_archive())),
        Kind::Gzip | Kind::Bzip2 | Kind::Zstd | Kind::Xz => Err(is_an_archive()),
        Kind::Zip | Kind::SelfExtracting | Kind::SevenZip | Kind::Disc => Err(is_an_archive()),
    }));
    let decoded = decoded.unwrap_or_else(|payload| {
        let said = payload
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| payload.downcast_ref::<&str>().copied())
            .unwrap_or("no message");
        let said: String = said.chars().take(200).collect();
        Err(DecodeError::corrupt(format!(
            "the image is damaged: the decoder stopped with \"{said}\""
        )))
    });
    decoded.and_then(|mut decoded| {
        let more = if kind == Kind::Dicom {
            data_sets_behind(bytes)
        } else {
            0
        };
        if more > 0 {
            decoded.facts.notes.push(note::more_data_sets(more));
        }
        if let Some(tags) = exif::tags(kind, bytes) {
            turned::apply(&mut decoded, &tags);
        }
        let (image, pixels) = (&mut decoded.header.image, &decoded.pixels);
        // Where some of its frames were wanted, the header has their number already.
        image.frames = image.frames.max(pixels.frames);
        image.rows = pixels.rows;
        image.cols = pixels.cols;
        image.samples = pixels.samples;
        if pixels.frames > 0 {
            decoded.first_frame = Frames::of(wanted, image.frames).map_or(0, |frames| frames.keep.start);
        }
        samples_are_whole(decoded)
    })
}

/// The asker reads as many samples as the shape says: one more or less, and it would take them for the next answer.
fn samples_are_whole(decoded: Decoded) -> Result<Decoded, DecodeError> {
    let pixels = &decoded.pixels;
    let (belong, made) = (pixels.frames as usize * pixels.frame_len(), pixels.data.len());
    if belong == made {
        return Ok(decoded);
    }
    let message = format!("the image has {made} samples where {belong} belong: it is damaged, or its reader is wrong");
    Err(DecodeError::new(FailureCode::Internal, message))
}

/// How many more DICOM files begin within the file: their mark (PS3.10 7.1) and their first element, behind the first.
fn data_sets_behind(bytes: &[u8]) -> usize {
    const BEGIN: &[u8] = b"DICM\x02\0\0\0UL\x04\0";
    const PREAMBLE: usize = 128;
    let behind = bytes.get(PREAMBLE + BEGIN.len()..).unwrap_or_default();
    memchr::memmem::find_iter(behind, BEGIN).count()
}

fn is_an_archive() -> DecodeError {
    DecodeError::unsupported("the file is an archive: 'import' takes the files in it; unpack it for other uses")
}

fn describe_unknown(bytes: &[u8]) -> String {
    let head = bytes.get(..SNIFF_BYTES).unwrap_or(bytes);
    match of_content(head).filter(|other| !other.is_zeros() || bytes.iter().all(|byte| *byte == 0)) {
        Some(other) if other.is_zeros() || other.has_advice() => other.said_of("the file"),
        Some(other) => format!("{}; {READ_FORMATS} are read", other.said_of("the file")),
        None => format!("the file's content is not a known image format; {READ_FORMATS} are read"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_picture_is_named() {
        let code = |bytes: &[u8]| decode_in_process(bytes, &Limits::default()).map_err(|e| e.code).err();
        assert_eq!(code(b""), Some(FailureCode::EmptyFile));
        assert_eq!(code(b"Findings: none.\n"), Some(FailureCode::UnknownFormat));
        assert_eq!(code(&[0; 4096]), Some(FailureCode::UnknownFormat));
        let text = decode_in_process(b"Findings: none.\n", &Limits::default());
        assert!(text.is_err_and(|e| e.message.contains("a text")));
    }
}
