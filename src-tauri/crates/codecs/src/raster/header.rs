use decode::{
    DecodeError, Limits,
    limits::{Declared, OnDeclared},
    protocol::Wanted,
};
use domain::{
    Decoded, Header, ImageAttributes, Instance, Palette, Patient, PixelArray, PixelData, Rescale, Sentence, Series,
    SourceFormat, Study, Uid,
};
use sha2::{Digest, Sha256};

use crate::{frames::Frames, opacity::Beside};

/// UIDs for a file that has none of its own: the same content always gives the same ones.
pub(crate) struct DerivedUids {
    pub study: Uid,
    pub series: Uid,
    pub instance: Uid,
}

impl DerivedUids {
    pub(crate) fn of_file(bytes: &[u8]) -> Self {
        let content = Sha256::digest(bytes);
        let derive = |level: &str| {
            let digest = Sha256::new_with_prefix(level).chain_update(content).finalize();
            let mut bits = [0; 16];
            bits.copy_from_slice(&digest[..16]);
            Uid::from_bits(bits)
        };
        Self {
            study: derive("study"),
            series: derive("series"),
            instance: derive("instance"),
        }
    }
}

/// What an image file says of its samples.
pub(crate) struct Samples {
    pub photometric: &'static str,
    pub bits_allocated: u16,
    pub bits_stored: u16,
    pub lossy: bool,
    pub palette: Option<Palette>,
}

impl Samples {
    /// Of 8 bits, without a palette.
    pub(crate) fn of_bytes(photometric: &'static str, lossy: bool) -> Self {
        Self {
            photometric,
            bits_allocated: 8,
            bits_stored: 8,
            lossy,
            palette: None,
        }
    }
}

/// An image file, decoded as far as it was wanted.
pub(crate) struct Picture {
    pub format: SourceFormat,
    /// Of the file.
    pub frames: u32,
    /// Of `data`.
    pub kept: u32,
    pub rows: u32,
    pub cols: u32,
    pub samples: u32,
    pub data: PixelData,
    pub notes: Vec<Sentence>,
}

/// What a reader is asked.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub bytes: &'a [u8],
    pub limits: &'a Limits,
    pub wanted: &'a Wanted,
    pub on_declared: OnDeclared<'a>,
}

/// An image of one frame, as its header declares it.
pub(crate) struct Single {
    pub format: SourceFormat,
    pub rows: u32,
    pub cols: u32,
    /// Of a pixel as it is shown.
    pub samples: u32,
    /// Of a pixel as it is stored.
    pub stored_samples: u32,
    pub notes: Vec<Sentence>,
}

impl Asked<'_> {
    /// Checks the size of an image of one frame and, where its samples are wanted, has them read by `read`, which is given
    /// their bytes.
    pub(crate) fn single(
        &self,
        image: Single,
        said: Samples,
        read: impl FnOnce(u64) -> Result<PixelData, DecodeError>,
    ) -> Result<Decoded, DecodeError> {
        let frames = Frames::of(self.wanted, 1)?;
        let declared = Declared {
            bits: u64::from(said.bits_stored),
            ..Declared::frame(image.rows, image.cols, image.stored_samples)
        };
        let total = self.limits.check(&declared, self.bytes.len() as u64)?;
        let mut data = PixelData::U8(vec![]);
        let mut notes = image.notes;
        if !frames.is_none() {
            (self.on_declared)(total);
            data = read(total)?;
            notes.extend(Beside::Opacity.told(&data, image.samples, said.bits_stored));
        }
        Ok(Picture {
            format: image.format,
            frames: 1,
            kept: u32::from(!frames.is_none()),
            rows: image.rows,
            cols: image.cols,
            samples: image.samples,
            data,
            notes,
        }
        .decoded(self.bytes, said))
    }
}

impl Picture {
    pub(crate) fn decoded(self, file: &[u8], said: Samples) -> Decoded {
        let pixels = PixelArray {
            frames: self.kept,
            rows: self.rows,
            cols: self.cols,
            samples: self.samples,
            data: self.data,
        };
        let mut decoded = Decoded::new(header(file, self.format, said, self.frames), pixels);
        decoded.facts.notes = self.notes;
        decoded
    }
}

/// The header of an image file of so many frames. Its resolution, if it states one, is that of a print and no pixel spacing.
pub(crate) fn header(file: &[u8], format: SourceFormat, samples: Samples, frames: u32) -> Header {
    let uids = DerivedUids::of_file(file);
    Header {
        patient: Patient::default(),
        study: Study {
            study_instance_uid: uids.study,
            date: None,
            time: None,
            accession_number: None,
            description: None,
            referring_physician: None,
            patient_age: None,
        },
        series: Series {
            series_instance_uid: uids.series,
            modality: "OT".to_owned(),
            number: None,
            description: None,
            protocol_name: None,
            body_part_examined: None,
            view_position: None,
            manufacturer: None,
        },
        instance: Instance {
            sop_instance_uid: uids.instance,
            sop_class_uid: None,
            transfer_syntax_uid: None,
            number: None,
            format,
        },
        image: ImageAttributes {
            frames,
            // Filled in from the decoded pixels, for every format in one place.
            rows: 0,
            cols: 0,
            samples: 1,
            photometric_interpretation: samples.photometric.to_owned(),
            bits_allocated: samples.bits_allocated,
            bits_stored: samples.bits_stored,
            rescale: Rescale::default(),
            windows: Vec::new(),
            pixel_spacing_mm: None,
            position_mm: None,
            orientation: None,
            frame_of_reference_uid: None,
            slice_thickness_mm: None,
            lossy: samples.lossy,
            burned_in_annotation: None,
            palette: samples.palette,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_content_gives_the_same_three_uids() {
        let (one, again) = (DerivedUids::of_file(b"a"), DerivedUids::of_file(b"a"));
        assert_eq!(
            (&one.study, &one.series, &one.instance),
            (&again.study, &again.series, &again.instance)
        );
        assert!(one.study != one.series && one.series != one.instance && one.study != one.instance);
        assert_ne!(one.instance, DerivedUids::of_file(b"b").instance);
    }
}
