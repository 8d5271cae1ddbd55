//! Code streams that other programs wrote (`golden/make.py`), in DICOM and as files: right values, cuts and damage.

mod common;

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    io::Read,
};

use common::{
    Done, decoder,
    encapsulated::{Said, encapsulated, integers, lying, noise, stored_in},
};
use decode::{DecodeError, Source};
use domain::{Decoded, FailureCode};
use serde_json::Value;

struct Stream {
    what: String,
    codec: String,
    said: Said,
    bytes: Vec<u8>,
    right: Vec<i32>,
    /// Of a sample.
    tolerance: i32,
}

impl Stream {
    /// `None` where DICOM has no transfer syntax for it, or shows it otherwise: colours of JPEG stay as they were coded.
    fn in_dicom(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let lossless = self.tolerance == 0;
        let syntax = match (self.codec.as_str(), lossless) {
            ("j2k", _) => "4.90",
            ("htj2k", _) => "4.201",
            ("jxl", _) => "4.110",
            ("jls", true) => "4.80",
            ("jls", false) => "4.81",
            ("jpeg", _) if self.said.samples == 1 => "4.51",
            _ => return None,
        };
        Some(encapsulated(syntax, self.said, bytes))
    }
}

/// RFC 4648, without line breaks.
fn base64(text: &str) -> Vec<u8> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut out, mut held, mut bits) = (vec![], 0_u32, 0);
    for letter in text.bytes() {
        let Some(value) = LETTERS.iter().position(|known| *known == letter) else {
            continue;
        };
        held = held << 6 | value as u32;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((held >> bits) as u8);
        }
    }
    out
}

fn streams() -> Result<Vec<Stream>, Box<dyn Error>> {
    let mut images = BTreeMap::new();
    let mut all = vec![];
    for line in include_str!("golden/streams.jsonl").lines() {
        let line: Value = serde_json::from_str(line)?;
        let text = |key: &str| line[key].as_str().unwrap_or_default();
        let number = |key: &str| line[key].as_i64().unwrap_or(0);
        if line["codec"].is_null() {
            let signed = line["signed"] == true;
            let mut raw = vec![];
            flate2::read::ZlibDecoder::new(&base64(text("values"))[..]).read_to_end(&mut raw)?;
            let words = raw.as_chunks::<2>().0.iter().map(|word| u16::from_le_bytes(*word));
            let right: Vec<i32> = words
                .map(|word| {
                    if signed {
                        i32::from(word.cast_signed())
                    } else {
                        i32::from(word)
                    }
                })
                .collect();
            let said = Said {
                rows: number("rows") as u16,
                cols: number("cols") as u16,
                samples: number("samples") as u16,
                bits: number("bits") as u16,
                signed,
            };
            images.insert(text("image").to_owned(), (said, right));
        } else {
            let (said, right) = images.get(text("of")).ok_or("the image comes first")?.clone();
            all.push(Stream {
                what: format!("{} of {}, {}", text("codec"), text("of"), text("what")),
                codec: text("codec").to_owned(),
                said,
                bytes: base64(text("stream")),
                right,
                tolerance: number("tolerance") as i32,
            });
        }
    }
    Ok(all)
}

fn judged(stream: &Stream, found: Result<Decoded, DecodeError>) -> Result<(), String> {
    let decoded = found.map_err(|error| format!("{}: {error}", stream.what))?;
    let values = integers(&decoded.pixels.data);
    let far = values
        .iter()
        .zip(&stream.right)
        .map(|(one, other)| (one - other).abs())
        .max();
    if values.len() != stream.right.len() || far.is_none_or(|far| far > stream.tolerance) {
        return Err(format!("{}: off by {far:?}, {} values", stream.what, values.len()));
    }
    if !decoded.facts.notes.is_empty() {
        return Err(format!("{}: {:?}", stream.what, decoded.facts.notes));
    }
    Ok(())
}

#[test]
fn every_stream_has_its_right_values_in_dicom_and_as_a_file() -> Done {
    let mut decoder = decoder();
    let (mut tried, mut wrong) = (0, vec![]);
    for stream in streams()? {
        if let Some(file) = stream.in_dicom(&stream.bytes) {
            tried += 1;
            wrong.extend(
                judged(&stream, decoder.decode(Source::Bytes(&file)))
                    .err()
                    .map(|why| format!("in DICOM: {why}")),
            );
        }
        tried += 1;
        wrong.extend(
            judged(&stream, decoder.decode(Source::Bytes(&stream.bytes)))
                .err()
                .map(|why| format!("file: {why}")),
        );
    }
    eprintln!("code streams: {tried} tried, {} wrong", wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(tried > 300, "{tried} tried");
    Ok(())
}

/// Every place of the stored bits within the words of a stream (PS3.5 8.1.1). Where the stream has just the stored bits,
/// it holds values, wherever they would lie in a word.
#[test]
fn words_of_a_stream_hold_the_stored_bits_where_high_bit_says() -> Done {
    let mut decoder = decoder();
    let (mut codecs, mut tried, mut wrong) = (BTreeSet::new(), 0, vec![]);
    for stream in streams()?.into_iter().filter(|stream| stream.tolerance == 0) {
        let Some(file) = stream.in_dicom(&stream.bytes) else {
            continue;
        };
        let Said { bits, signed, .. } = stream.said;
        let mut places = vec![(bits, bits - 1)];
        // Some streams of JPEG-LS have words of 16 bits around fewer.
        let frame = stream.bytes.windows(2).position(|two| two == [0xff, 0xf7]);
        let precision = frame.and_then(|at| stream.bytes.get(at + 4).copied());
        if stream.codec != "jls" || precision.map(u16::from) == Some(bits) {
            places.push((bits, bits.next_multiple_of(8) - 1));
        }
        for stored in [1, bits / 2, bits - 1] {
            places.extend([(stored, bits - 1), (stored, stored)]);
        }
        places.retain(|(stored, high)| *stored > 0 && *high < bits.next_multiple_of(8));
        for (stored, high) in places {
            let right = match stored == bits {
                true => stream.right.clone(),
                false => stored_in(&stream.right, stored, high, signed),
            };
            let found = decoder.decode(Source::Bytes(&lying(file.clone(), stored, high)))?;
            if integers(&found.pixels.data) != right {
                wrong.push(format!("{}: {stored} bits up to bit {high} of {bits}", stream.what));
            }
            tried += 1;
        }
        codecs.insert(stream.codec);
    }
    eprintln!("places of stored bits: {tried} tried, {} wrong", wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for codec in ["j2k", "htj2k", "jxl", "jls"] {
        assert!(codecs.contains(codec), "{codec} was not tried");
    }
    Ok(())
}

#[test]
fn a_cut_stream_is_refused() -> Done {
    let mut decoder = decoder();
    for stream in streams()? {
        for share in [10, 25, 50, 75, 90] {
            let cut = &stream.bytes[..stream.bytes.len() * share / 100];
            for file in [stream.in_dicom(cut), Some(cut.to_vec())].into_iter().flatten() {
                let told = decoder.decode(Source::Bytes(&file)).map_err(|error| error.code).err();
                let code = told.ok_or(format!("{}: {share} % gave an image", stream.what))?;
                assert!(
                    !matches!(code, FailureCode::DecoderDied | FailureCode::TimedOut),
                    "{}: {code:?}",
                    stream.what
                );
            }
        }
    }
    Ok(())
}

/// Damage may give other values, which no decoder can know; it never ends the child.
#[test]
fn damaged_streams_end_in_an_image_or_a_clear_error() -> Done {
    let mut decoder = decoder();
    let mut state = 0x1234_5678_9abc_def1;
    let (mut images, mut errors) = (0, 0);
    for stream in streams()? {
        for _ in 0..6 {
            let mut bytes = stream.bytes.clone();
            for _ in 0..=noise(&mut state) % 4 {
                let at = noise(&mut state) as usize % bytes.len();
                bytes[at] ^= 1 << (noise(&mut state) % 8);
            }
            let file = stream.in_dicom(&bytes).unwrap_or(bytes);
            match decoder.decode(Source::Bytes(&file)) {
                Ok(_) => images += 1,
                Err(error) => {
                    errors += 1;
                    let died = matches!(error.code, FailureCode::DecoderDied | FailureCode::TimedOut);
                    assert!(!died, "{}: {error}", stream.what);
                }
            }
        }
    }
    eprintln!("damaged streams: {images} images, {errors} errors");
    assert!(
        images > 20 && errors > 100,
        "{images} images and {errors} errors tell nothing"
    );
    Ok(())
}
