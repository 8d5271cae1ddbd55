//! Writes small DICOM files of any shape, by the standard's plainest way (Explicit VR Little Endian, PS3.10): odd
//! images and odd names that no camera would give us.

use std::path::Path;

use crate::Outcome;

const CT_IMAGE: &str = "1.2.840.10008.5.1.4.1.1.2";
pub const SECONDARY_CAPTURE: &str = "1.2.840.10008.5.1.4.1.1.7";
const BASIC_TEXT_REPORT: &str = "1.2.840.10008.5.1.4.1.1.88.11";
const EXPLICIT_LITTLE_ENDIAN: &str = "1.2.840.10008.1.2.1";

/// An image and who it is of. The fields have the names of their attributes.
#[derive(Debug, Clone)]
pub struct DicomFile {
    pub patient_name: String,
    pub patient_id: String,
    pub modality: String,
    pub series_description: String,
    /// Root for the study, the series and the instance; the same root is the same study.
    pub uid_root: String,
    pub instance_number: u32,
    pub rows: u32,
    pub columns: u32,
    pub frames: u32,
    pub samples: u16,
    pub bits: u16,
    pub signed: bool,
    /// 32-bit floats (Float Pixel Data) instead of integers.
    pub float: bool,
    pub photometric_interpretation: String,
    pub pixel_spacing_mm: Option<[f64; 2]>,
    /// Along the axis of the patient, one slice above the other.
    pub position_mm: f64,
    /// Otherwise what fits the pixels.
    pub sop_class: Option<&'static str>,
    /// Little endian; empty for an instance without an image.
    pub pixels: Vec<u8>,
}

impl DicomFile {
    /// A grey image of 16 bits; `value` gives the stored value of column and row.
    pub fn grey(columns: u32, rows: u32, mut value: impl FnMut(u32, u32) -> u16) -> Self {
        let places = (0..rows).flat_map(|y| (0..columns).map(move |x| (x, y)));
        Self {
            patient_name: "Test^Picture".into(),
            patient_id: "TEST-1".into(),
            modality: "CT".into(),
            series_description: String::new(),
            uid_root: "2.25.1".into(),
            instance_number: 1,
            rows,
            columns,
            frames: 1,
            samples: 1,
            bits: 16,
            signed: false,
            float: false,
            photometric_interpretation: "MONOCHROME2".into(),
            pixel_spacing_mm: Some([0.5, 0.5]),
            position_mm: 0.0,
            sop_class: None,
            pixels: places.flat_map(|(x, y)| value(x, y).to_le_bytes()).collect(),
        }
    }

    pub fn study_instance_uid(&self) -> String {
        format!("{}.1", self.uid_root)
    }

    pub fn sop_instance_uid(&self) -> String {
        format!("{}.3.{}", self.uid_root, self.instance_number)
    }

    pub fn write(&self, file: &Path) -> Outcome<()> {
        let fitting = match self.pixels.is_empty() {
            true => BASIC_TEXT_REPORT,
            false if self.float || self.samples > 1 => SECONDARY_CAPTURE,
            false => CT_IMAGE,
        };
        let sop_class = self.sop_class.unwrap_or(fitting);
        let instance = self.sop_instance_uid();
        let mut meta = Vec::new();
        element(&mut meta, 0x0002_0001, *b"OB", &[0, 1]);
        text(&mut meta, 0x0002_0002, *b"UI", sop_class);
        text(&mut meta, 0x0002_0003, *b"UI", &instance);
        text(&mut meta, 0x0002_0010, *b"UI", EXPLICIT_LITTLE_ENDIAN);
        text(&mut meta, 0x0002_0012, *b"UI", "2.25.2");
        let mut bytes = vec![0; 128];
        bytes.extend(b"DICM");
        element(
            &mut bytes,
            0x0002_0000,
            *b"UL",
            &u32::try_from(meta.len())?.to_le_bytes(),
        );
        bytes.extend(meta);
        self.data_set(&mut bytes, sop_class, &instance);
        Ok(std::fs::write(file, bytes)?)
    }

    fn data_set(&self, out: &mut Vec<u8>, sop_class: &str, instance: &str) {
        text(out, 0x0008_0005, *b"CS", "ISO_IR 192");
        text(out, 0x0008_0016, *b"UI", sop_class);
        text(out, 0x0008_0018, *b"UI", instance);
        text(out, 0x0008_0020, *b"DA", "20260301");
        text(out, 0x0008_0060, *b"CS", &self.modality);
        text(out, 0x0008_1030, *b"LO", "Odd pictures");
        text(out, 0x0008_103e, *b"LO", &self.series_description);
        text(out, 0x0010_0010, *b"PN", &self.patient_name);
        text(out, 0x0010_0020, *b"LO", &self.patient_id);
        text(out, 0x0020_000d, *b"UI", &self.study_instance_uid());
        text(out, 0x0020_000e, *b"UI", &format!("{}.2", self.uid_root));
        text(out, 0x0020_0011, *b"IS", "1");
        text(out, 0x0020_0013, *b"IS", &self.instance_number.to_string());
        if self.pixels.is_empty() {
            return;
        }
        if self.pixel_spacing_mm.is_some() {
            text(out, 0x0020_0032, *b"DS", &format!("0\\0\\{}", self.position_mm));
            text(out, 0x0020_0037, *b"DS", "1\\0\\0\\0\\1\\0");
        }
        number(out, 0x0028_0002, self.samples);
        text(out, 0x0028_0004, *b"CS", &self.photometric_interpretation);
        if self.samples > 1 {
            number(out, 0x0028_0006, 0);
        }
        if self.frames > 1 {
            text(out, 0x0028_0008, *b"IS", &self.frames.to_string());
        }
        number(out, 0x0028_0010, self.rows as u16);
        number(out, 0x0028_0011, self.columns as u16);
        if let Some([row, column]) = self.pixel_spacing_mm {
            text(out, 0x0028_0030, *b"DS", &format!("{row}\\{column}"));
        }
        number(out, 0x0028_0100, self.bits);
        if self.float {
            element(out, 0x7fe0_0008, *b"OF", &self.pixels);
            return;
        }
        number(out, 0x0028_0101, self.bits);
        number(out, 0x0028_0102, self.bits - 1);
        number(out, 0x0028_0103, u16::from(self.signed));
        let kind = if self.bits > 8 { *b"OW" } else { *b"OB" };
        element(out, 0x7fe0_0010, kind, &self.pixels);
    }
}

fn text(out: &mut Vec<u8>, tag: u32, kind: [u8; 2], text: &str) {
    let mut value = text.as_bytes().to_vec();
    if value.len() % 2 == 1 {
        value.push(if kind == *b"UI" { 0 } else { b' ' });
    }
    element(out, tag, kind, &value);
}

fn number(out: &mut Vec<u8>, tag: u32, value: u16) {
    element(out, tag, *b"US", &value.to_le_bytes());
}

fn element(out: &mut Vec<u8>, tag: u32, kind: [u8; 2], value: &[u8]) {
    out.extend(((tag >> 16) as u16).to_le_bytes());
    out.extend(((tag & 0xffff) as u16).to_le_bytes());
    out.extend(kind);
    let odd = value.len() % 2;
    let length = value.len() + odd;
    if matches!(&kind, b"OB" | b"OW" | b"OF") {
        out.extend([0, 0]);
        out.extend((length as u32).to_le_bytes());
    } else {
        out.extend((length as u16).to_le_bytes());
    }
    out.extend(value);
    out.extend(std::iter::repeat_n(0, odd));
}
