use domain::{Decoded, FailureCode};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::{dicom, exif, frames::Frames, raster, research, turned};
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
    let decoded = catch_unwind(AssertUnwindSafe(|| match kind {
        Kind::Dicom => dicom::decode(bytes, limits, wanted, on_declared),
        Kind::Png => raster::png::decode(bytes, limits, wanted, on_declared),
        Kind::Jpeg => raster::jpeg::decode(bytes, limits, wanted, on_declared),
        Kind::Tiff => raster::tiff::decode(bytes, limits, wanted, on_declared),
        Kind::Bmp => raster::bmp::decode(bytes, limits, wanted, on_declared),
        Kind::WebP => raster::webp::decode(bytes, limits, wanted, on_declared),
        Kind::Jpeg2000 => raster::jpeg2000::decode(bytes, limits, wanted, on_declared),
        Kind::JpegXl => raster::jpeg_xl::decode(bytes, limits, wanted, on_declared),
        Kind::Nifti | Kind::Nrrd | Kind::MetaImage => research::decode(bytes, kind, limits, wanted, on_declared),
        Kind::Gzip if research::is_compressed_nifti(bytes) => {
            research::decode(bytes, kind, limits, wanted, on_declared)
        }
        Kind::Tar => research::decode_set(bytes, limits, wanted, on_declared).unwrap_or_else(|| Err(is_an_archive())),
        Kind::Gzip | Kind::Bzip2 | Kind::Zstd | Kind::Zip | Kind::SelfExtracting | Kind::SevenZip | Kind::Disc => {
            Err(is_an_archive())
        }
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
    decoded.map(|mut decoded| {
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
        decoded
    })
}

fn is_an_archive() -> DecodeError {
    DecodeError::unsupported("the file is an archive: 'import' takes the files in it; unpack it for other uses")
}

fn describe_unknown(bytes: &[u8]) -> String {
    let head = bytes.get(..SNIFF_BYTES).unwrap_or(bytes);
    match of_content(head).filter(|other| !other.is_zeros() || bytes.iter().all(|byte| *byte == 0)) {
        Some(other) if other.is_zeros() => other.said_of("the file"),
        Some(other) => format!("{}; {READ_FORMATS} is read", other.said_of("the file")),
        None => format!("the file's content is no known image format; {READ_FORMATS} is read"),
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
