//! What a file is a part of, or wants to be put together from, and is shown without.

use domain::{Sentence, SentenceCode};

use super::{number, text};
use crate::{
    dicom::{data_set::DataSet, shape::Shape, tag, text::CharacterSet},
    note::Notes,
};

/// Adds what is to be told of subtraction, concatenation, mosaics, and frames of several kinds.
pub(super) fn tell(set: &DataSet<'_>, shape: &Shape, notes: &mut Notes) {
    mask(set, notes);
    concatenation(set, notes);
    mosaic(set, notes);
    if shape.frames > 1 {
        kinds_of_frames(set, notes);
    }
}

/// Mask Subtraction (PS3.3 C.7.6.10).
fn mask(set: &DataSet<'_>, notes: &mut Notes) {
    let wanted = match set.code(tag::RECOMMENDED_VIEWING_MODE) {
        Some(mode) => mode.eq_ignore_ascii_case("SUB"),
        None => !set.items(tag::MASK_SUBTRACTION_SEQUENCE).is_empty(),
    };
    if wanted {
        let words = "the file wants a mask subtracted from its frames (digital subtraction); they are shown as they were taken, unsubtracted";
        notes.add(Sentence::new(SentenceCode::ToldMask, [], words));
    }
}

/// A part of one object that was divided (PS3.3 C.7.6.16.2.2.4).
fn concatenation(set: &DataSet<'_>, notes: &mut Notes) {
    let total = set.uint(tag::IN_CONCATENATION_TOTAL_NUMBER);
    if set.bytes(tag::CONCATENATION_UID).is_none() || total == Some(1) {
        return;
    }
    let said = |number: Option<u32>| number.map_or_else(|| "?".to_owned(), |number| number.to_string());
    let (part, of) = (said(set.uint(tag::IN_CONCATENATION_NUMBER)), said(total));
    let words = format!(
        "the file is part {part} of {of} of one image (concatenation); each part is shown by itself, so look at the others too"
    );
    let values = [("part", text(&part)), ("of", text(&of))];
    notes.add(Sentence::new(SentenceCode::ToldConcatenation, values, words));
}

/// Slices side by side in one image, as Siemens writes them.
fn mosaic(set: &DataSet<'_>, notes: &mut Notes) {
    let kinds = CharacterSet::of(set).code(set, tag::IMAGE_TYPE).unwrap_or_default();
    if kinds.split('\\').any(|kind| kind.trim().eq_ignore_ascii_case("MOSAIC")) {
        let words = "the file is a mosaic: its slices lie side by side in one image, whose place in the patient is that of no slice";
        notes.add(Sentence::new(SentenceCode::ToldMosaic, [], words));
    }
}

/// Frames of nuclear medicine by energy window and detector (PS3.3 C.8.4.8).
fn kinds_of_frames(set: &DataSet<'_>, notes: &mut Notes) {
    let kinds = |tag: u32| {
        let mut kinds = set.words(tag);
        kinds.sort_unstable();
        kinds.dedup();
        kinds.len().max(1)
    };
    let (windows, detectors) = (kinds(tag::ENERGY_WINDOW_VECTOR), kinds(tag::DETECTOR_VECTOR));
    if windows > 1 || detectors > 1 {
        let words = format!(
            "the frames of the file are of several kinds (energy windows: {windows}, detectors: {detectors}); a step is not always the next view"
        );
        let values = [("windows", number(windows)), ("detectors", number(detectors))];
        notes.add(Sentence::new(SentenceCode::ToldKindsOfFrames, values, words));
    }
}
