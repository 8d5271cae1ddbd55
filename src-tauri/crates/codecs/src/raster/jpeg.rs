//! JPEG files (JFIF, Exif): grey or RGB, as viewers show them, with the orientation as stored.

use domain::{Decoded, PixelData, SourceFormat};

use super::header::{Asked, Samples, Single};
use crate::{
    exif, jpeg_ls_stream,
    jpeg_stream::{self, Colour, FrameHeader},
    note, turbojpeg,
};
use decode::DecodeError;

pub(crate) fn decode(asked: &Asked<'_>) -> Result<Decoded, DecodeError> {
    let bytes = asked.bytes;
    if let Some(head) = jpeg_ls_stream::head(bytes) {
        return super::jpeg_ls::decode(asked, head);
    }
    // The codec fills what is missing with grey, which must not pass for tissue.
    if !jpeg_stream::is_complete(bytes) {
        return Err(DecodeError::truncated(
            "the JPEG file ends early: it is truncated; copy it again from its source",
        ));
    }
    let head = jpeg_stream::frame_header(bytes)
        .ok_or_else(|| DecodeError::corrupt("the JPEG file is damaged: it has no frame header"))?;
    let (photometric, samples) = match head.components {
        1 => ("MONOCHROME2", 1),
        // Four are inks, turned into RGB.
        3 | 4 => ("RGB", 3),
        other => {
            return Err(DecodeError::unsupported(format!(
                "JPEG files with {other} samples a pixel are not read; 1, 3 and 4 are"
            )));
        }
    };
    let more =
        exif::images_of_index(bytes).map_or_else(|| jpeg_stream::images_behind(bytes), |count| count.saturating_sub(1));
    let image = Single {
        format: SourceFormat::Jpeg,
        rows: u32::from(head.rows),
        cols: u32::from(head.cols),
        samples,
        stored_samples: u32::from(head.components),
        notes: (more > 0).then(|| note::more_images(more)).into_iter().collect(),
    };
    let bits = u16::from(head.precision);
    let said = Samples {
        photometric,
        bits_allocated: bits.next_multiple_of(8),
        bits_stored: bits,
        lossy: !head.is_lossless(),
        palette: None,
    };
    asked.single(image, said, |_| {
        Ok(match jpeg_stream::decode(bytes, &head, Colour::Shown)? {
            turbojpeg::Decoded::Bytes(inks) if head.components == 4 => PixelData::U8(of_inks(&inks, &head)),
            turbojpeg::Decoded::Words(_) if head.components == 4 => {
                return Err(DecodeError::unsupported(format!(
                    "JPEG files of four inks with {bits} bits are not read; 8 bits are"
                )));
            }
            turbojpeg::Decoded::Bytes(bytes) => PixelData::U8(bytes),
            turbojpeg::Decoded::Words(words) => PixelData::U16(words),
        })
    })
}

/// Cyan, magenta, yellow and black to RGB. Adobe's programs store how much light is left, the standard how much ink
/// there is.
fn of_inks(inks: &[u8], head: &FrameHeader) -> Vec<u8> {
    let light = |ink: u8| u32::from(if head.adobe { ink } else { 255 - ink });
    inks.as_chunks::<4>()
        .0
        .iter()
        .flat_map(|&[c, m, y, k]| [c, m, y].map(|ink| lit(light(ink), light(k))))
        .collect()
}

/// What is left of light through two inks, rounded.
pub(super) fn lit(one: u32, other: u32) -> u8 {
    #[allow(clippy::cast_possible_truncation, reason = "at most 255")]
    let left = ((one * other + 127) / 255).min(255) as u8;
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inks_of_both_kinds_become_the_same_colour() {
        let head = FrameHeader {
            process: 0,
            precision: 8,
            rows: 1,
            cols: 2,
            components: 4,
            rgb: None,
            told_by: None,
            named_rgb: false,
            adobe: true,
            single_scan: true,
            wrong_selection: false,
            restarts: false,
        };
        // Pure red, and black.
        let light = [255, 0, 0, 255, 255, 255, 255, 0];
        assert_eq!(of_inks(&light, &head), [255, 0, 0, 0, 0, 0]);
        let ink = light.map(|light| 255 - light);
        let standard = FrameHeader { adobe: false, ..head };
        assert_eq!(of_inks(&ink, &standard), [255, 0, 0, 0, 0, 0]);
    }
}
