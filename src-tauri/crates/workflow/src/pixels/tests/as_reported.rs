//! The report and the screen show the same greys. Files go into a vault; of each frame both the key image of the report
//! and the bytes that the interface draws from are made, and written to a file that the interface's tests read: they
//! draw the bytes and compare with the report.

use std::fmt::Write;
use std::path::Path;

use decode::{Source, Urgency, Wanted};
use domain::grey::{Shown, shown};
use domain::{Decoded, FormText, FrameRef, Polarity, ReportSnapshot, Uid, Window};
use records::Op;

use super::super::frame_bytes;
use crate::decoders::decoders;
use crate::find::find;
use crate::opening::create_vault;
use crate::report::snapshot;
use crate::time::now;
use crate::vault::{OpenVault, Passphrase};

pub(super) type Checked<T = ()> = Result<T, Box<dyn std::error::Error>>;

const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../ui/src/viewer/grey_vectors.json");
const ROWS: u16 = 8;
const COLS: u16 = 40;

/// An image file of `ROWS` x `COLS` pixels.
pub(super) struct Image {
    name: &'static str,
    photometric: &'static str,
    samples: u16,
    /// Allocated, stored.
    bits: [u16; 2],
    signed: bool,
    /// Slope and intercept, as a file writes them.
    rescale: Option<[&'static str; 2]>,
    /// Centre and width.
    window: Option<[&'static str; 2]>,
    pixels: Vec<u8>,
    /// The element that holds them.
    pixel_tag: (u32, &'static [u8; 2]),
    /// Elements of no other image.
    more: Vec<Element>,
}

type Element = (u32, &'static [u8; 2], Vec<u8>);

impl Image {
    pub(super) fn of(name: &'static str, value: impl Fn(u32) -> u16) -> Self {
        Self {
            name,
            photometric: "MONOCHROME2",
            samples: 1,
            bits: [16, 12],
            signed: false,
            rescale: None,
            window: None,
            pixels: places().flat_map(|place| value(place).to_le_bytes()).collect(),
            pixel_tag: (0x7FE0_0010, b"OW"),
            more: vec![],
        }
    }

    /// As a DICOM file (PS3.10) of this study, series and number.
    pub(super) fn file(&self, study: u32, series: u32, number: u32) -> Vec<u8> {
        let text = |tag, vr, text: &str| {
            let mut bytes = text.as_bytes().to_vec();
            if bytes.len() % 2 == 1 {
                bytes.push(if vr == b"UI" { 0 } else { b' ' });
            }
            (tag, vr, bytes)
        };
        let short = |tag, value: u16| (tag, b"US", value.to_le_bytes().to_vec());
        let [allocated, stored] = self.bits;
        let mut elements: Vec<(u32, &[u8; 2], Vec<u8>)> = vec![
            text(0x0002_0010, b"UI", "1.2.840.10008.1.2.1"),
            text(0x0008_0016, b"UI", "1.2.840.10008.5.1.4.1.1.7"),
            text(0x0008_0018, b"UI", uid(study, series, number).as_str()),
            text(0x0008_0060, b"CS", "OT"),
            text(0x0020_000D, b"UI", &format!("1.2.{study}")),
            text(0x0020_000E, b"UI", &format!("1.2.{study}.{series}")),
            text(0x0020_0011, b"IS", &series.to_string()),
            text(0x0020_0013, b"IS", &number.to_string()),
            short(0x0028_0002, self.samples),
            text(0x0028_0004, b"CS", self.photometric),
            short(0x0028_0010, ROWS),
            short(0x0028_0011, COLS),
            short(0x0028_0100, allocated),
            short(0x0028_0101, stored),
            short(0x0028_0102, stored - 1),
            short(0x0028_0103, u16::from(self.signed)),
        ];
        if let Some([center, width]) = self.window {
            elements.push(text(0x0028_1050, b"DS", center));
            elements.push(text(0x0028_1051, b"DS", width));
        }
        if let Some([slope, intercept]) = self.rescale {
            elements.push(text(0x0028_1052, b"DS", intercept));
            elements.push(text(0x0028_1053, b"DS", slope));
        }
        elements.extend(self.more.iter().cloned());
        elements.push((self.pixel_tag.0, self.pixel_tag.1, self.pixels.clone()));
        let mut bytes = [&[0; 128], b"DICM".as_slice()].concat();
        elements.iter().for_each(|element| write(&mut bytes, element));
        bytes
    }
}

fn write(bytes: &mut Vec<u8>, (tag, vr, value): &(u32, &[u8; 2], Vec<u8>)) {
    bytes.extend([(tag >> 16) as u16, *tag as u16].map(u16::to_le_bytes).as_flattened());
    bytes.extend(*vr);
    if matches!(*vr, b"OW" | b"OF" | b"OB" | b"SQ") {
        bytes.extend([0; 2]);
        bytes.extend((value.len() as u32).to_le_bytes());
    } else {
        bytes.extend((value.len() as u16).to_le_bytes());
    }
    bytes.extend(value);
}

/// A sequence with one table: its first value, bits of an entry, entries.
fn table(sequence: u32, first: u16, bits: u16, values: &[u16]) -> Element {
    let words = |words: &[u16]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>();
    let mut item = vec![];
    write(
        &mut item,
        &(0x0028_3002, b"US", words(&[values.len() as u16, first, bits])),
    );
    write(&mut item, &(0x0028_3006, b"OW", words(values)));
    let head = [&[0xFE, 0xFF, 0x00, 0xE0][..], &(item.len() as u32).to_le_bytes()].concat();
    (sequence, b"SQ", [head, item].concat())
}

fn places() -> std::ops::Range<u32> {
    0..u32::from(ROWS) * u32::from(COLS)
}

fn uid(study: u32, series: u32, number: u32) -> String {
    format!("1.2.{study}.{series}.{number}")
}

/// Twelve bits, spread so that every part of a window is met.
fn twelve(place: u32) -> u16 {
    (place * 13 % 4096) as u16
}

/// Every kind of grey there is, and colour.
fn images() -> Vec<Image> {
    let signed = |place: u32| (i32::from(twelve(place)) - 2048) as u16;
    let float = |place: u32| match place {
        0 => f32::NAN,
        1 => f32::INFINITY,
        2 => f32::NEG_INFINITY,
        _ => place as f32 / 160.0 - 0.5,
    };
    let floats: Vec<u8> = places().flat_map(|place| float(place).to_le_bytes()).collect();
    let wide: Vec<u8> = places().flat_map(|place| (place * 12_345_678).to_le_bytes()).collect();
    let colours: Vec<u8> = places()
        .flat_map(|p| [p, p * 7, 255 - p % 256].map(|v| v as u8))
        .collect();
    let falling: Vec<u16> = (0..1024).rev().map(|v| v / 2 * 2).collect();
    let padding = || -> Vec<Element> {
        let word = |value: i16| value.to_le_bytes().to_vec();
        vec![(0x0028_0120, b"SS", word(-2048)), (0x0028_0121, b"SS", word(-1500))]
    };
    let thousandths = Some(["0.0009765625", "0"]);
    let low_is_bright = |name, window| Image {
        photometric: "MONOCHROME1",
        window,
        ..Image::of(name, twelve)
    };
    let of_floats = |name, window| Image {
        bits: [32, 32],
        pixels: floats.clone(),
        pixel_tag: (0x7FE0_0008, b"OF"),
        window,
        ..Image::of(name, twelve)
    };
    vec![
        Image {
            signed: true,
            rescale: Some(["1", "-24"]),
            window: Some(["40", "400"]),
            ..Image::of("signed, with a window", signed)
        },
        Image {
            signed: true,
            ..Image::of("signed, without a window", signed)
        },
        Image {
            window: Some(["2000", "1"]),
            ..Image::of("a window of one value", twelve)
        },
        Image {
            window: Some(["2000.5", "0.5"]),
            ..Image::of("a window narrower than one value", twelve)
        },
        of_floats("float, without a window", None),
        of_floats("float, with a window", Some(["0.4", "0.5"])),
        Image {
            rescale: thousandths,
            window: Some(["0.4", "0.5"]),
            ..Image::of("fractional, with a window", twelve)
        },
        Image {
            rescale: thousandths,
            ..Image::of("fractional, without a window", twelve)
        },
        low_is_bright("MONOCHROME1, with a window of 1000 / 800", Some(["1000", "800"])),
        low_is_bright("MONOCHROME1, with a window of 1500 / 2000", Some(["1500", "2000"])),
        low_is_bright("MONOCHROME1, without a window", None),
        Image {
            rescale: Some(["-1", "4095"]),
            window: Some(["1000", "800"]),
            ..Image::of("inverted by its slope", twelve)
        },
        Image {
            bits: [32, 32],
            pixels: wide,
            ..Image::of("of 32 bits", twelve)
        },
        Image {
            window: Some(["2000", "1200"]),
            more: vec![(0x0028_1056, b"CS", b"SIGMOID ".to_vec())],
            ..Image::of("under an S curve", twelve)
        },
        Image {
            more: vec![table(0x0028_3010, 100, 10, &falling)],
            ..Image::of("through a VOI LUT", twelve)
        },
        Image {
            photometric: "MONOCHROME1",
            window: Some(["500", "900"]),
            more: vec![table(0x0028_3000, 4000, 10, &falling)],
            ..Image::of("through a modality LUT, MONOCHROME1", twelve)
        },
        Image {
            signed: true,
            more: padding(),
            ..Image::of("with a range of padding", signed)
        },
        Image {
            signed: true,
            photometric: "MONOCHROME1",
            window: Some(["0", "3000"]),
            more: padding(),
            ..Image::of("with a range of padding, MONOCHROME1 and a window", signed)
        },
        Image {
            photometric: "RGB",
            samples: 3,
            bits: [8, 8],
            pixels: colours,
            ..Image::of("in colour", twelve)
        },
    ]
}

pub(super) fn vault_of(folder: &Path, files: Vec<Vec<u8>>) -> Checked<OpenVault> {
    let mut open = create_vault(&folder.join("vault"), "admin", &Passphrase::new("a passphrase"))?;
    let scans = folder.join("scans");
    std::fs::create_dir(&scans)?;
    let count = files.len();
    for (number, bytes) in files.into_iter().enumerate() {
        std::fs::write(scans.join(format!("{number:02}.dcm")), bytes)?;
    }
    let done = crate::import(&mut open, &crate::ImportRequest::of(vec![scans]), &mut |_, _, _| true)?;
    assert_eq!((done.imported, done.failed), (count as u64, vec![]));
    Ok(open)
}

/// The images of two series of one study, which differ in values, window and polarity.
fn two_series() -> [Image; 2] {
    [
        Image {
            window: Some(["600", "1200"]),
            ..Image::of("first of two series", |place| (place * 4) as u16)
        },
        Image {
            photometric: "MONOCHROME1",
            window: Some(["1500", "700"]),
            ..Image::of("second of two series", |place| (1000 + place * 3) as u16)
        },
    ]
}

/// What a report says of the study when these frames are chosen as its key images.
fn reported(open: &mut OpenVault, study: u32, chosen: &[String]) -> Checked<ReportSnapshot> {
    let uid = Uid::parse(&format!("1.2.{study}"))?;
    let key = |sop: &String| {
        Ok(FrameRef {
            sop_instance_uid: Uid::parse(sop)?,
            frame: 0,
        })
    };
    let form = FormText {
        key_images: chosen.iter().map(key).collect::<Result<_, domain::InvalidUid>>()?,
        ..FormText::default()
    };
    let op = Op::ReportForm { study: uid.clone() };
    open.vault
        .transact(&open.session, op, now(), |tx| tx.save_form(&uid, &form))?;
    let record = find(open, &uid)?;
    Ok(snapshot(open, &record, Urgency::Work)?)
}

pub(super) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Greys under windows that a person drags to, as they are and inverted; of a frame in colour none.
fn under_others(decoded: &Decoded) -> Checked<Vec<serde_json::Value>> {
    let Shown::Grey(grey) = Shown::of(decoded, 0)? else {
        return Ok(vec![]);
    };
    let Window { center, width } = grey.first.window;
    let windows = [
        (center, width),
        (center + width / 4.0, width / 2.0),
        (center, 0.75),
        (center - 1.0, 1.0),
        (center, width * 3.0),
    ];
    let mut all = Vec::new();
    for (at, (center, width)) in windows.into_iter().enumerate() {
        let inverted = at % 2 == 0;
        let polarity = match (grey.polarity, inverted) {
            (polarity, false) => polarity,
            (Polarity::BrightIsHigh, true) => Polarity::BrightIsLow,
            (Polarity::BrightIsLow, true) => Polarity::BrightIsHigh,
        };
        let voi = grey.first.with_window(Window { center, width });
        all.push(serde_json::json!({
            "window": { "center": center, "width": width },
            "inverted": inverted,
            "greys": hex(&shown(&grey.values, &voi, polarity)?),
        }));
    }
    Ok(all)
}

#[test]
fn the_interface_is_tested_against_the_greys_of_the_report() -> Checked {
    let folder = tempfile::tempdir()?;
    let images = images();
    let two = two_series();
    let last = images.len() as u32;
    let files = images.iter().enumerate();
    let mut files: Vec<Vec<u8>> = files.map(|(study, image)| image.file(study as u32, 1, 1)).collect();
    files.extend((1..).zip(&two).map(|(series, image)| image.file(last, series, 1)));
    let mut open = vault_of(folder.path(), files)?;
    let decoders = decoders()?;
    let mut vectors = Vec::new();
    let mut take = |image: &Image, sop: &str, key: &domain::KeyImage, open: &OpenVault| -> Checked {
        assert_eq!(key.sop_instance_uid.as_str(), sop, "{}", image.name);
        let file = open.vault.file_of_instance(&Uid::parse(sop)?)?.ok_or("no file")?;
        let content = open.vault.read_file(&file)?;
        let decoded = decoders.ask(Source::Bytes(&content), &Wanted::All, Urgency::Work)?;
        vectors.push(serde_json::json!({
            "name": image.name,
            "frame": hex(&frame_bytes(&decoded, 0)?),
            "report": hex(&key.grey),
            "under": under_others(&decoded)?,
        }));
        Ok(())
    };
    for (study, image) in images.iter().enumerate() {
        let sop = uid(study as u32, 1, 1);
        let report = reported(&mut open, study as u32, std::slice::from_ref(&sop))?;
        let [key] = report.key_images.as_slice() else {
            return Err(format!("{}: not one key image", image.name).into());
        };
        take(image, &sop, key, &open)?;
    }
    // Two series of one study, in one report: each under its own window and rule.
    let sops = [uid(last, 1, 1), uid(last, 2, 1)];
    let report = reported(&mut open, last, &sops)?;
    let [first, second] = report.key_images.as_slice() else {
        return Err("the study of two series has not two key images".into());
    };
    assert_ne!(first.grey, second.grey);
    take(&two[0], &sops[0], first, &open)?;
    take(&two[1], &sops[1], second, &open)?;
    let text = serde_json::json!({
        "written_by": "OVERREAD_WRITE_TYPES=1 cargo test -p workflow greys_of_the_report",
        "what": "OVF2 bytes of a frame as the interface is handed them, and the greys of the same frame in the report and under windows that a person drags to",
        "images": vectors,
    });
    let text = format!("{}\n", serde_json::to_string_pretty(&text)?);
    if std::env::var_os("OVERREAD_WRITE_TYPES").is_some() {
        std::fs::write(VECTORS, &text)?;
    }
    let committed = std::fs::read_to_string(VECTORS).map_err(|error| format!("{VECTORS}: {error}"))?;
    assert!(
        committed == text,
        "ui/src/viewer/grey_vectors.json is stale: run OVERREAD_WRITE_TYPES=1 cargo test -p workflow greys_of_the_report"
    );
    Ok(())
}

#[test]
fn a_report_tells_two_series_one_after_the_other_and_each_by_its_name() -> Checked {
    let folder = tempfile::tempdir()?;
    let image = |series: u32, number: u32| Image::of("", move |place| (place + 1000 * series + 10 * number) as u16);
    let both = [(4, 1), (4, 2), (4, 3), (7, 1), (7, 2), (7, 3)];
    // As they come from a device that sends both at once.
    let sent = [0, 3, 1, 4, 2, 5].map(|at: usize| both[at]);
    let files = sent.map(|(series, number)| image(series, number).file(1, series, number));
    let mut open = vault_of(folder.path(), files.into())?;
    for (series, number) in sent {
        let finding = domain::testing::finding(&"cd".repeat(16), 0.9);
        let analysis = domain::testing::analysis(&Uid::parse(&uid(1, series, number))?, finding);
        let study = Uid::parse("1.2.1")?;
        open.vault.transact(&open.session, Op::Analyze { study }, now(), |tx| {
            tx.insert_analysis(&analysis, None)
        })?;
    }
    let sops = both.map(|(series, number)| uid(1, series, number));
    let report = reported(&mut open, 1, &sops)?;
    let told: Vec<_> = report
        .analyses
        .iter()
        .map(|one| one.analysis.sop_instance_uid.as_str())
        .collect();
    assert_eq!(told, sops.each_ref().map(String::as_str));
    for (key, (series, number)) in report.key_images.iter().zip(both) {
        assert_eq!(key.sop_instance_uid.as_str(), uid(1, series, number));
        assert_eq!(key.series_instance_uid.as_str(), format!("1.2.1.{series}"));
    }
    let csv = String::from_utf8(report::render(&report, domain::ReportFormat::Csv)?)?;
    let rows: Vec<_> = csv.lines().skip(1).map(|row| row.split(',').nth(8)).collect();
    assert_eq!(rows, sops.each_ref().map(|sop| Some(sop.as_str())));
    Ok(())
}
