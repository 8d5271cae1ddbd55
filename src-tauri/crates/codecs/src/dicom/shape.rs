use domain::{PixelData, SampleType};

use super::{
    data_set::{DataSet, Value},
    tag,
};
use decode::{DecodeError, Limits, limits::Declared};

/// Image Pixel module (PS3.3 C.7.6.3), checked.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shape {
    pub frames: u32,
    pub rows: u32,
    pub cols: u32,
    pub samples: u32,
    pub bits_allocated: u32,
    pub bits_stored: u32,
    pub signed: bool,
    /// So far above the lower end of its word lies a native sample (High Bit).
    pub shift: u32,
    /// Whether native colour pixels lie plane by plane.
    pub planar: bool,
    pub photometric: String,
    pub sample_type: SampleType,
    pub declared: Declared,
    /// Bytes of the whole image as it is returned.
    pub total_bytes: u64,
}

impl Shape {
    /// Samples from their little-endian bytes, whose number is a multiple of a sample's. `words` are those of the file,
    /// in which whatever lies beside the stored bits is left out (PS3.5 8.1.1); a codec gives values, whose sign alone
    /// is carried to the top.
    pub(super) fn samples_of(&self, bytes: Vec<u8>, words: bool) -> Option<PixelData> {
        let mut data = match self.sample_type {
            SampleType::U8 => PixelData::U8(bytes),
            other => PixelData::from_le_bytes(other, &bytes)?,
        };
        let spare = u32::try_from(8 * self.sample_type.bytes()).ok()? - self.bits_stored;
        let shift = if words { self.shift } else { 0 };
        if spare == 0 {
            return Some(data);
        }
        // Up to the top of the word, then down with the sign.
        let up = spare - shift;
        match &mut data {
            PixelData::I8(values) => values.iter_mut().for_each(|v| *v = (*v << up) >> spare),
            PixelData::I16(values) => values.iter_mut().for_each(|v| *v = (*v << up) >> spare),
            PixelData::I32(values) => values.iter_mut().for_each(|v| *v = (*v << up) >> spare),
            PixelData::U8(values) if words => values.iter_mut().for_each(|v| *v = (*v << up) >> spare),
            PixelData::U16(values) if words => values.iter_mut().for_each(|v| *v = (*v << up) >> spare),
            PixelData::U32(values) if words => values.iter_mut().for_each(|v| *v = (*v << up) >> spare),
            _ => {}
        }
        Some(data)
    }

    /// The shape of so many of its frames.
    pub(super) fn of_frames(&self, frames: u32) -> Self {
        Self {
            frames,
            total_bytes: self.frame_bytes() as u64 * u64::from(frames),
            ..self.clone()
        }
    }

    pub(super) fn frame_pixels(&self) -> usize {
        self.rows as usize * self.cols as usize
    }

    pub(super) fn frame_samples(&self) -> usize {
        self.frame_pixels() * self.samples as usize
    }

    pub(super) fn frame_bytes(&self) -> usize {
        self.frame_samples() * self.sample_type.bytes()
    }
}

/// Reads and checks the shape of the image; `pixel_tag` is the pixel data element that was found.
pub(super) fn shape(set: &DataSet<'_>, pixel_tag: u32, limits: &Limits) -> Result<Shape, DecodeError> {
    let needed = |tag: u32, name: &str| {
        set.uint(tag)
            .ok_or_else(|| DecodeError::corrupt(format!("{name} {} is missing or unreadable", tag::show(tag))))
    };
    let rows = needed(tag::ROWS, "the number of rows")?;
    let cols = needed(tag::COLUMNS, "the number of columns")?;
    let samples = set.uint(tag::SAMPLES_PER_PIXEL).unwrap_or(1);
    if !matches!(samples, 1 | 3 | 4) {
        return Err(DecodeError::corrupt(format!(
            "{samples} samples per pixel are declared; an image has 1, 3 or 4"
        )));
    }
    let (bits_allocated, bits_stored, signed, sample_type) = match pixel_tag {
        tag::FLOAT_PIXEL_DATA => (32, 32, true, SampleType::F32),
        tag::DOUBLE_FLOAT_PIXEL_DATA => (64, 64, true, SampleType::F64),
        _ => integer_samples(set, needed(tag::BITS_ALLOCATED, "the number of allocated bits")?)?,
    };
    let high_bit = set
        .uint(tag::HIGH_BIT)
        .filter(|high| (bits_stored..=bits_allocated).contains(&(high + 1)));
    let shift = high_bit.map_or(0, |high| high + 1 - bits_stored);
    let frames = frames(set)?;
    let declared = Declared {
        frames: u64::from(frames),
        bits: u64::from(bits_allocated),
        ..Declared::frame(rows, cols, samples)
    };
    let total_bytes = limits.check_size(&declared)?;
    let photometric = set.code(tag::PHOTOMETRIC_INTERPRETATION).map(str::to_owned);
    let photometric = photometric.unwrap_or_else(|| {
        if samples == 1 {
            "MONOCHROME2".into()
        } else {
            "RGB".into()
        }
    });
    if let retired @ ("HSV" | "ARGB" | "CMYK") = photometric.as_str() {
        return Err(DecodeError::unsupported(format!(
            "colours described as {retired} (retired from DICOM) are not read; export the image as RGB"
        )));
    }
    let planar = samples > 1 && set.uint(tag::PLANAR_CONFIGURATION) == Some(1);
    Ok(Shape {
        frames,
        rows,
        cols,
        samples,
        bits_allocated,
        bits_stored,
        signed,
        shift,
        planar,
        photometric,
        sample_type,
        declared,
        total_bytes,
    })
}

fn integer_samples(set: &DataSet<'_>, allocated: u32) -> Result<(u32, u32, bool, SampleType), DecodeError> {
    let signed = match set.uint(tag::PIXEL_REPRESENTATION).unwrap_or(0) {
        0 => false,
        1 => true,
        other => {
            return Err(DecodeError::corrupt(format!(
                "the pixel representation is {other}; 0 and 1 exist"
            )));
        }
    };
    let sample_type = match (allocated, signed) {
        (1, _) | (8, false) => SampleType::U8,
        (8, true) => SampleType::I8,
        // Of 12 bits two samples lie in three bytes; they are widened.
        (12 | 16, false) => SampleType::U16,
        (12 | 16, true) => SampleType::I16,
        (32, false) => SampleType::U32,
        (32, true) => SampleType::I32,
        (other, _) => {
            return Err(DecodeError::unsupported(format!(
                "pixels with {other} allocated bits are not read; 1, 8, 12, 16 and 32 are"
            )));
        }
    };
    let stored = set.uint(tag::BITS_STORED).unwrap_or(allocated);
    if stored == 0 || stored > allocated {
        return Err(DecodeError::corrupt(format!(
            "{stored} bits are declared as stored in {allocated} allocated ones"
        )));
    }
    Ok((allocated, stored, signed, sample_type))
}

fn frames(set: &DataSet<'_>) -> Result<u32, DecodeError> {
    let Some(element) = set.find(tag::NUMBER_OF_FRAMES) else {
        return Ok(1);
    };
    if matches!(element.value, Value::Bytes(bytes) if bytes.iter().all(|b| matches!(b, b' ' | 0))) {
        return Ok(1);
    }
    match set.int(tag::NUMBER_OF_FRAMES) {
        // Written by some modalities for a single image.
        Some(0) => Ok(1),
        Some(frames) if frames > 0 => Ok(frames.unsigned_abs()),
        _ => Err(DecodeError::corrupt(
            "the number of frames is not a positive number: the file is damaged",
        )),
    }
}
