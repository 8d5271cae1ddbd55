//! Which cases a set holds, and the bytes of their files.

use domain::{PixelBox, SourceFormat, Uid};
use serde::{Deserialize, Serialize};

use super::manifest::SampleEntry;
use crate::error::SamplesError;
use crate::file::dicom::{self, SeriesAttributes};
use crate::file::{png, tiff};
use crate::label::burn_in;
use crate::uid::{derived_uid, sha256_hex};
use crate::{CaseSpec, Slice, lesion_height_mm, slice, volume};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SampleSet {
    /// Under 3 MB: two DICOM series, four PNG, two TIFF.
    Small,
    /// About 16 MB: six DICOM series, twenty-four PNG, eight TIFF.
    Full,
}

/// One file before it is written.
pub struct Planned {
    pub entry: SampleEntry,
    pub bytes: Vec<u8>,
}

struct SeriesPlan {
    folder: &'static str,
    seed: u64,
    lesion: bool,
    patient_id: &'static str,
    patient_name: &'static str,
}

const SERIES: [SeriesPlan; 6] = [
    series("dicom/lesion-1", 2, true, "SYN-0001", "Synthetic^Lesion One"),
    series("dicom/clean-1", 11, false, "SYN-0002", "Szintetikus^Ép Kettő"),
    series("dicom/lesion-2", 23, true, "SYN-0003", "Szintetikus^Elváltozás Három"),
    series("dicom/clean-2", 31, false, "SYN-0004", "Synthetic^Clean Four"),
    series("dicom/lesion-3", 43, true, "SYN-0005", "Synthetic^Lesion Five"),
    series("dicom/clean-3", 57, false, "SYN-0006", "Synthetic^Clean Six"),
];

const fn series(
    folder: &'static str,
    seed: u64,
    lesion: bool,
    patient_id: &'static str,
    patient_name: &'static str,
) -> SeriesPlan {
    SeriesPlan {
        folder,
        seed,
        lesion,
        patient_id,
        patient_name,
    }
}

struct Counts {
    series: usize,
    slices: u32,
    spacing_mm: f32,
    png: u64,
    tiff: u64,
}

const SIZE: u32 = 256;
const FIRST_PNG_SEED: u64 = 200;
const FIRST_TIFF_SEED: u64 = 400;

impl SampleSet {
    fn counts(self) -> Counts {
        match self {
            SampleSet::Small => Counts {
                series: 2,
                slices: 9,
                spacing_mm: 8.0,
                png: 4,
                tiff: 2,
            },
            SampleSet::Full => Counts {
                series: 6,
                slices: 18,
                spacing_mm: 5.0,
                png: 24,
                tiff: 8,
            },
        }
    }
}

/// Every file of the set, ordered by name.
pub fn plan(set: SampleSet) -> Result<Vec<Planned>, SamplesError> {
    let counts = set.counts();
    let mut files = Vec::new();
    for series in &SERIES[..counts.series] {
        files.extend(plan_series(series, counts.slices, counts.spacing_mm)?);
    }
    for index in 0..counts.png {
        files.push(plan_picture(SourceFormat::Png, FIRST_PNG_SEED, index)?);
    }
    for index in 0..counts.tiff {
        files.push(plan_picture(SourceFormat::Tiff, FIRST_TIFF_SEED, index)?);
    }
    files.sort_by(|a, b| a.entry.file.cmp(&b.entry.file));
    Ok(files)
}

fn plan_series(series: &SeriesPlan, slices: u32, spacing_mm: f32) -> Result<Vec<Planned>, SamplesError> {
    let spec = CaseSpec {
        seed: series.seed,
        lesion: series.lesion,
        size: SIZE,
    };
    let kept_apart = format!("{}, {slices} slices", series.patient_id);
    let uid = |kind: &str| derived_uid(&[kind, &kept_apart]);
    let attributes = SeriesAttributes {
        patient_id: series.patient_id.to_owned(),
        patient_name: series.patient_name.to_owned(),
        study_id: series.patient_id.to_owned(),
        study_instance_uid: uid("study"),
        series_instance_uid: uid("series"),
        frame_of_reference_uid: uid("frame of reference"),
        spacing_between_slices_mm: spacing_mm,
    };
    let mut files = Vec::new();
    for (number, mut slice) in (1..).zip(volume(spec, slices, spacing_mm)) {
        burn_in(&mut slice);
        let file = format!("{}/IM{number:04}.dcm", series.folder);
        let sop_instance_uid = derived_uid(&["instance", &kept_apart, &number.to_string()]);
        let bytes =
            dicom::bytes(&slice, &attributes, &sop_instance_uid, number).map_err(|reason| SamplesError::Encode {
                file: file.clone(),
                reason,
            })?;
        let uids = Some((attributes.study_instance_uid.clone(), sop_instance_uid));
        let note = format!("seed {}, slice {number} of {slices}", series.seed);
        files.push(planned(
            file,
            SourceFormat::Dicom,
            series.patient_id,
            uids,
            &slice,
            bytes,
            note,
        ));
    }
    Ok(files)
}

/// Images take turns: with a lesion, without.
fn plan_picture(format: SourceFormat, first_seed: u64, index: u64) -> Result<Planned, SamplesError> {
    let (seed, lesion) = (first_seed + index, index.is_multiple_of(2));
    let spec = CaseSpec {
        seed,
        lesion,
        size: SIZE,
    };
    // Clean images stand at the height where this head would have its lesion, so that height tells nothing.
    let z_mm = lesion_height_mm(CaseSpec { lesion: true, ..spec }).map_or(24.0, |(height, _)| height);
    let mut slice = slice(spec, z_mm);
    burn_in(&mut slice);
    let kind = if lesion { "lesion" } else { "clean" };
    let number = index / 2 + 1;
    let (file, bytes) = match format {
        SourceFormat::Tiff => (format!("tiff/{kind}-{number:02}.tiff"), Ok(tiff::bytes(&slice))),
        _ => (format!("png/{kind}-{number:02}.png"), png::bytes(&slice)),
    };
    let bytes = bytes.map_err(|reason| SamplesError::Encode {
        file: file.clone(),
        reason,
    })?;
    Ok(planned(
        file,
        format,
        "",
        None,
        &slice,
        bytes,
        format!("seed {seed}, height {z_mm:.1} mm"),
    ))
}

fn planned(
    file: String,
    format: SourceFormat,
    patient_id: &str,
    uids: Option<(Uid, Uid)>,
    slice: &Slice,
    bytes: Vec<u8>,
    note: String,
) -> Planned {
    let (study_instance_uid, sop_instance_uid) = uids.unzip();
    let lesion_px = slice.mask.iter().filter(|inside| **inside).count() as u32;
    let entry = SampleEntry {
        file,
        format,
        patient_id: patient_id.to_owned(),
        study_instance_uid,
        sop_instance_uid,
        lesion: lesion_px > 0,
        lesion_box: bounds(slice),
        lesion_px,
        sha256: sha256_hex(&bytes),
        note,
    };
    Planned { entry, bytes }
}

/// Smallest box around the lesion's pixels.
fn bounds(slice: &Slice) -> Option<PixelBox> {
    let inside = || {
        (0..)
            .zip(&slice.mask)
            .filter(|(_, inside)| **inside)
            .map(|(index, _): (u32, _)| index)
    };
    let cols = || inside().map(|index| index % slice.cols);
    let rows = || inside().map(|index| index / slice.cols);
    let (x, y) = (cols().min()?, rows().min()?);
    Some(PixelBox {
        x,
        y,
        width: cols().max()? - x + 1,
        height: rows().max()? - y + 1,
    })
}
