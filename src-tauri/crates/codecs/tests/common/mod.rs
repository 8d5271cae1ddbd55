//! What the tests of the data packs share.

#![allow(dead_code, reason = "each test program uses its part of these")]

use std::{
    collections::BTreeMap,
    error::Error,
    path::{Path, PathBuf},
    time::Duration,
};

use decode::{DecodeError, Decoders, Limits, Source, Urgency, Wanted};
use domain::Decoded;
use sha2::{Digest, Sha256};

pub mod bombs;
pub mod encapsulated;

pub use bombs::element;

/// Only to tell a hang: the decoder's own limits end a file long before.
pub const HANG: Duration = Duration::from_secs(120);

pub type Done = Result<(), Box<dyn Error>>;
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_overread-decoder");

pub type Row = BTreeMap<String, String>;

pub fn rows(manifest: &Path) -> Result<Vec<Row>, csv::Error> {
    csv::Reader::from_path(manifest)?.deserialize().collect()
}

/// A pool of decoders, asked as an import asks it.
pub struct Decoder(pub Decoders);

impl Decoder {
    pub fn new(program: PathBuf, limits: Limits) -> Self {
        Self(Decoders::new(program, limits))
    }

    pub fn decode(&mut self, source: Source<'_>) -> Result<Decoded, DecodeError> {
        self.ask(source, &Wanted::All)
    }

    pub fn middle(&mut self, source: Source<'_>) -> Result<Decoded, DecodeError> {
        self.ask(source, &Wanted::Middle)
    }

    pub fn ask(&mut self, source: Source<'_>, wanted: &Wanted) -> Result<Decoded, DecodeError> {
        self.0.ask(source, wanted, Urgency::Work)
    }
}

pub fn decoder() -> Decoder {
    Decoder::new(PROGRAM.into(), Limits::default())
}

/// sha256 of all samples as the manifests define it.
pub fn sha256_raw(decoded: &Decoded) -> Result<String, String> {
    let raw = decoded.pixels.data.to_le_bytes().map_err(|e| e.to_string())?;
    Ok(Sha256::digest(raw).iter().map(|b| format!("{b:02x}")).collect())
}

/// An image of `rows` x `cols` 16-bit pixels with `pixels` as its pixel data.
pub fn dicom(rows: u16, cols: u16, pixels: &[u8]) -> Vec<u8> {
    let mut file = vec![0; 128];
    file.extend(b"DICM");
    file.extend(element(2, 0x10, b"UI", b"1.2.840.10008.1.2.1\0"));
    file.extend(element(0x08, 0x18, b"UI", b"2.25.13\0"));
    file.extend(element(0x10, 0x10, b"PN", b"Doe^Jane"));
    file.extend(element(0x20, 0x0d, b"UI", b"2.25.11\0"));
    file.extend(element(0x20, 0x0e, b"UI", b"2.25.12\0"));
    file.extend(element(0x28, 0x02, b"US", &1_u16.to_le_bytes()));
    file.extend(element(0x28, 0x04, b"CS", b"MONOCHROME2 "));
    file.extend(element(0x28, 0x10, b"US", &rows.to_le_bytes()));
    file.extend(element(0x28, 0x11, b"US", &cols.to_le_bytes()));
    file.extend(element(0x28, 0x100, b"US", &16_u16.to_le_bytes()));
    file.extend(element(0x28, 0x101, b"US", &12_u16.to_le_bytes()));
    file.extend(element(0x28, 0x103, b"US", &0_u16.to_le_bytes()));
    file.extend(element(0x7fe0, 0x10, b"OW", pixels));
    file
}

/// A 16-bit grey PNG of zeros.
pub fn png(cols: u32, rows: u32) -> Result<Vec<u8>, png::EncodingError> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, cols, rows);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Sixteen);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&vec![0; cols as usize * rows as usize * 2])?;
    writer.finish()?;
    Ok(file)
}
