//! WebP, lossy and lossless, as RGB with or without transparency.

use std::io::Cursor;

use domain::{Decoded, PixelData, SourceFormat};
use image_webp::{DecodingError, WebPDecoder};

use super::header::{Asked, Samples, Single};
use crate::note;
use decode::{DecodeError, limits::in_memory};

pub(crate) fn decode(asked: &Asked<'_>) -> Result<Decoded, DecodeError> {
    let mut decoder = WebPDecoder::new(Cursor::new(asked.bytes)).map_err(|e| damaged(&e))?;
    decoder.set_memory_limit(in_memory(asked.limits.memory_bytes)?);
    let (cols, rows) = decoder.dimensions();
    let samples = if decoder.has_alpha() { 4 } else { 3 };
    let image = Single {
        format: SourceFormat::Webp,
        rows,
        cols,
        samples,
        stored_samples: samples,
        notes: decoder.is_animated().then(note::animation).into_iter().collect(),
    };
    asked.single(image, Samples::of_bytes("RGB", decoder.is_lossy()), |total| {
        let mut data = vec![0; in_memory(total)?];
        decoder.read_image(&mut data).map_err(|e| damaged(&e))?;
        Ok(PixelData::U8(data))
    })
}

fn damaged(error: &DecodingError) -> DecodeError {
    match error {
        DecodingError::IoError(io) if io.kind() == std::io::ErrorKind::UnexpectedEof => {
            DecodeError::truncated("the WebP file ends early: it is truncated; copy it again from its source")
        }
        DecodingError::MemoryLimitExceeded => DecodeError::limit("the WebP file needs more memory than it may use"),
        other => DecodeError::corrupt(format!("the WebP file is damaged: {other}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode_bytes::decode_in_process;
    use decode::Limits;
    use image_webp::{ColorType, WebPEncoder};

    #[test]
    fn what_was_written_comes_back_and_every_cut_is_refused() -> Result<(), Box<dyn std::error::Error>> {
        for (samples, colour) in [(3, ColorType::Rgb8), (4, ColorType::Rgba8)] {
            let rgb: Vec<u8> = (0..13 * 9 * samples).map(|at| (at * 7 % 251) as u8).collect();
            let mut file = Vec::new();
            WebPEncoder::new(&mut file).encode(&rgb, 13, 9, colour)?;
            let decoded = decode_in_process(&file, &Limits::default())?;
            assert_eq!(decoded.pixels.data, PixelData::U8(rgb));
            let notes: Vec<_> = decoded.facts.notes.iter().filter_map(|note| note.code_name()).collect();
            let want: &[&str] = if samples == 4 { &["told.transparency"] } else { &[] };
            assert!(!decoded.header.image.lossy && notes == want, "{notes:?}");
            for cut in 0..file.len() - 1 {
                assert!(
                    decode_in_process(&file[..cut], &Limits::default()).is_err(),
                    "{cut} of {} bytes",
                    file.len()
                );
            }
        }
        Ok(())
    }
}
