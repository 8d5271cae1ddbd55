//! A header for tests to begin with.

use crate::{Header, ImageAttributes, Instance, Patient, Rescale, Series, SourceFormat, Study, Uid};

/// One grey frame of 16 bits that says nothing else.
pub(crate) fn header() -> Header {
    let uid = Uid::from_bits([1; 16]);
    Header {
        patient: Patient::default(),
        study: Study {
            study_instance_uid: uid.clone(),
            date: None,
            time: None,
            accession_number: None,
            description: None,
            referring_physician: None,
            patient_age: None,
        },
        series: Series {
            series_instance_uid: uid.clone(),
            modality: "OT".into(),
            number: None,
            description: None,
            protocol_name: None,
            body_part_examined: None,
            view_position: None,
            manufacturer: None,
        },
        instance: Instance {
            sop_instance_uid: uid,
            sop_class_uid: None,
            transfer_syntax_uid: None,
            number: None,
            format: SourceFormat::Png,
        },
        image: ImageAttributes {
            frames: 1,
            rows: 1,
            cols: 1,
            samples: 1,
            photometric_interpretation: "MONOCHROME2".into(),
            bits_allocated: 16,
            bits_stored: 16,
            rescale: Rescale::default(),
            windows: vec![],
            pixel_spacing_mm: None,
            position_mm: None,
            orientation: None,
            frame_of_reference_uid: None,
            slice_thickness_mm: None,
            lossy: false,
            burned_in_annotation: None,
            palette: None,
        },
    }
}
