//! Made-up values for the tests and measures of all rooms to begin with.
//!
//! No feature switches this on: tests and programs would then be built of different rooms, each compiled twice.

use crate::{
    Analysis, Bounded, ByPatient, Device, Estimate, Finding, Header, ImageAttributes, InputCheck, InputVerdict,
    Instance, ModelSigner, ModelVersion, OperatingPoint, Patient, PixelBox, PixelPoint, Precision, Region, Rescale,
    Score, Series, SetRef, SourceFormat, StageMilliseconds, Study, Uid,
};

/// One grey frame of 16 bits that says nothing else.
pub fn header() -> Header {
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

/// One finding of 4 x 3 pixels at the frame's corner, of the score `score`.
pub fn finding(id: &str, score: f32) -> Finding {
    Finding {
        id: id.to_owned(),
        label: "lesion".into(),
        score: Score::clamped(score),
        region: Region {
            bounds: PixelBox {
                x: 0,
                y: 0,
                width: 4,
                height: 3,
            },
            peak: PixelPoint { x: 1, y: 1 },
            area_px: 12,
            area_mm2: Some(12.0),
            outlines: vec![vec![[0, 0], [4, 0], [4, 3], [0, 3]]],
        },
    }
}

/// A threshold of which nothing was counted by patient: it says where, and not whether.
pub fn operating_point() -> OperatingPoint {
    OperatingPoint {
        name: "sensitive".into(),
        threshold: 0.5,
        sensitivity: Estimate::bare(0.9),
        specificity: Some(Estimate::bare(0.8)),
        set: SetRef::new("a set", None, None),
        chosen_on_it: false,
        patients: None,
    }
}

/// Counts of 40 and 50 patients, with a specificity of at least `specificity`.
pub fn counted(specificity: f64) -> ByPatient {
    ByPatient {
        sensitivity: Bounded {
            hits: 38,
            of: 40,
            at_least: 0.85,
        },
        specificity: Bounded {
            hits: 45,
            of: 50,
            at_least: specificity,
        },
        established: true,
        chosen_on: "c0".repeat(32),
        manifest_sha256: "de".repeat(32),
    }
}

/// An analysis of the first frame that outlines that one finding.
pub fn analysis(sop_instance_uid: &Uid, finding: Finding) -> Analysis {
    Analysis {
        sop_instance_uid: sop_instance_uid.clone(),
        frame: 0,
        model: ModelVersion {
            bundle: "brain".into(),
            version: "1".into(),
            weights_sha256: "ab".repeat(32),
        },
        signer: Some(ModelSigner::Release),
        input: InputCheck {
            verdict: InputVerdict::InRange,
            reason: None,
            score: Some(0.5),
        },
        score: Some(finding.score),
        reached: true,
        heads: vec![],
        operating_point: operating_point(),
        prevalence: None,
        findings: vec![finding],
        device: Device::Cpu,
        precision: Precision::Fp32,
        milliseconds: StageMilliseconds::default(),
        app_version: "0.1.0".into(),
    }
}
