//! `decode`: what a file holds, without a vault.

use std::path::PathBuf;
use std::time::Instant;

use decode::Wanted;
use domain::grey::{Marks, Shown, Statistics, put_marks_on};
use domain::{Decoded, Failure, FailureCode, Permission, Session, VoiChoice, doubts};
use engine::bundle::sha256_hex;

use crate::decoders::decoders;
use crate::files::{keep_apart, write_whole};
use crate::frames::{decode_path, milliseconds_since};
use crate::permit::permit;
use crate::time::{day, now};
use contract::decoded::{DecodedHeader, DecodedWire};

pub struct DecodeRequest {
    pub file: PathBuf,
    /// Where the stored pixel values go, little endian, all frames.
    pub raw: Option<PathBuf>,
    /// Where a frame goes as an 8-bit image, grey or RGB, as a person sees it.
    pub png: Option<PathBuf>,
    /// Its number; 0 is the first.
    pub frame: u32,
    /// Under which of the file's windows: its number from 0 (tables behind the windows, or by `lut:N`), its name, or
    /// `auto` for the middle of the values; the first one where none is chosen.
    pub window: Option<String>,
    /// Whether overlay planes are drawn on it.
    pub overlays: bool,
    /// Whether the modality values of all frames are told.
    pub modality_values: bool,
}

/// Values that are told without being asked for: where no slope and intercept give them, of images that small.
const MOST_TOLD: usize = 1 << 16;

pub fn decode_file(session: &Session, request: &DecodeRequest) -> Result<DecodedWire, Failure> {
    permit(session, Permission::ViewRecords)?;
    for output in request.raw.iter().chain(&request.png) {
        keep_apart(&request.file, output)?;
    }
    let started = Instant::now();
    let decoded = decode_path(&request.file, &Wanted::All, &decoders()?).map_err(|error| {
        // The decoder is handed bytes and does not know the file's name.
        Failure::new(error.code, format!("{}: {}", request.file.display(), error.message))
    })?;
    if let Some(what) = decoded.header.no_picture() {
        return Err(Failure::new(
            FailureCode::NoPicture,
            format!("{} is {what}", request.file.display()),
        ));
    }
    let milliseconds = milliseconds_since(started);
    let bytes = decoded.pixels.data.to_le_bytes()?;
    if let Some(path) = &request.raw {
        write_whole(path, &bytes)?;
    }
    if let Some(path) = &request.png {
        write_whole(path, &shown_png(&decoded, request)?)?;
    }
    let (min, max, mean) = decoded.pixels.data.range_and_mean();
    let told = request.modality_values || tables_matter(&decoded);
    let modality_values = told.then(|| modality_values(&decoded));
    Ok(DecodedWire {
        file: request.file.clone(),
        shape: decoded.pixels.shape(),
        dtype: decoded.pixels.data.sample_type(),
        sha256_raw: sha256_hex(&bytes),
        min,
        max,
        mean,
        statistics: statistics(&decoded),
        modality_values,
        milliseconds,
        notes: notes(&decoded),
        header: DecodedHeader::new(decoded.header, &decoded.facts),
    })
}

/// What is told of the file, and what can hardly be so of patient and study.
fn notes(decoded: &Decoded) -> Vec<String> {
    let header = &decoded.header;
    let doubts = doubts(&header.patient, &header.study, &day(now()));
    let doubted = doubts.into_iter().map(|doubt| doubt.told.words);
    let of_file = decoded.facts.notes.iter().map(|note| note.words.clone());
    of_file.chain(doubted).collect()
}

/// The chosen frame under the chosen window, as a person sees it.
fn shown_png(decoded: &Decoded, request: &DecodeRequest) -> Result<Vec<u8>, Failure> {
    let mut shown = Shown::of(decoded, request.frame)?;
    if let (Some(wanted), Shown::Grey(grey)) = (&request.window, &mut shown) {
        let choices = decoded.plane(request.frame).windows;
        grey.first = match chosen(&choices, wanted) {
            Some(choice) => grey.under(choice),
            None if wanted == "auto" => grey.middle(),
            None => return Err(no_such_window(&choices, wanted)),
        };
    }
    let marks = if request.overlays { Marks::Both } else { Marks::Shutter };
    let (rows, cols) = (decoded.pixels.rows, decoded.pixels.cols);
    let png = match shown {
        Shown::Grey(_) => {
            let mut greys = shown.greys()?;
            put_marks_on(&mut greys, decoded, request.frame, marks);
            report::grey_png(rows, cols, &greys)
        }
        Shown::Colour(mut rgb) => {
            put_marks_on(&mut rgb, decoded, request.frame, marks);
            report::colour_png(rows, cols, rgb)
        }
    };
    Ok(png?)
}

/// A window or table by its name, by its number (windows first, then tables), or a table by `lut:` and its number.
fn chosen<'a>(choices: &'a [VoiChoice], wanted: &str) -> Option<&'a VoiChoice> {
    let named = choices.iter().find(|choice| choice.name.as_deref() == Some(wanted));
    let windows = || choices.iter().filter(|choice| choice.table.is_none());
    let tables = || choices.iter().filter(|choice| choice.table.is_some());
    named.or_else(|| match wanted.strip_prefix("lut:") {
        Some(number) => tables().nth(number.parse().ok()?),
        None => windows().chain(tables()).nth(wanted.parse().ok()?),
    })
}

fn no_such_window(choices: &[VoiChoice], wanted: &str) -> Failure {
    let tables = choices.iter().filter(|choice| choice.table.is_some()).count();
    let windows = choices.len() - tables;
    let names: Vec<&str> = choices.iter().filter_map(|choice| choice.name.as_deref()).collect();
    let names = match names.as_slice() {
        [] => "none of them named".to_owned(),
        names => format!("named {}", names.join(", ")),
    };
    Failure::usage(format!(
        "the frame has no window '{wanted}': it has {windows} windows and {tables} tables (VOI LUT), counted from 0, windows first, {names}; 'auto' is the middle of its values"
    ))
}

/// Of each grey frame.
fn statistics(decoded: &Decoded) -> Vec<Statistics> {
    let frames = 0..decoded.pixels.frames;
    frames
        .filter_map(|frame| domain::grey::statistics(decoded, frame))
        .collect()
}

/// Whether slope and intercept do not give the modality values, and those are few.
fn tables_matter(decoded: &Decoded) -> bool {
    let mut frames = 0..decoded.pixels.frames;
    decoded.pixels.data.len() <= MOST_TOLD && frames.any(|frame| decoded.plane(frame).modality_table.is_some())
}

/// Of all frames; `None` where a pixel is no part of the image.
fn modality_values(decoded: &Decoded) -> Vec<Option<f64>> {
    let mut all = Vec::new();
    for frame in 0..decoded.pixels.frames {
        let plane = decoded.plane(frame);
        all.extend(decoded.pixels.stored(frame).map(|stored| plane.modality(stored)));
    }
    all
}

#[cfg(test)]
mod tests {
    use domain::{LookupTable, Window};

    use super::*;

    #[test]
    fn windows_are_counted_before_tables_and_tables_by_themselves() {
        let window = |center: f64, name: Option<&str>| VoiChoice {
            name: name.map(str::to_owned),
            ..VoiChoice::plain(Window { center, width: 2.0 })
        };
        let table = |first: i32, name: Option<&str>| {
            let table = LookupTable {
                first,
                bits: 8,
                values: vec![0, 255],
            };
            VoiChoice::of_table(name.map(str::to_owned), table)
        };
        // Tables come first in a file's choices.
        let choices = [
            table(9, None),
            table(19, Some("1")),
            window(30.0, None),
            window(40.0, Some("LUNG")),
        ];
        let center = |wanted: &str| chosen(&choices, wanted).map(|choice| choice.center);
        for (wanted, at) in [
            ("0", Some(30.0)),
            // A name stands before a number.
            ("1", Some(20.0)),
            ("2", Some(10.0)),
            ("3", Some(20.0)),
            ("4", None),
            ("lut:0", Some(10.0)),
            ("lut:1", Some(20.0)),
            ("lut:2", None),
            ("lut:", None),
            ("LUNG", Some(40.0)),
            ("-1", None),
        ] {
            assert_eq!(center(wanted), at, "{wanted}");
        }
    }
}
