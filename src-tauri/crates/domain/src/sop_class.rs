//! DICOM objects by their SOP Class (PS3.4 B.5), in words for a person: those of a kind without an
//! image, and those of a kind with one.

use crate::{Sentence, SentenceCode, Uid};

const STORAGE: &str = "1.2.840.10008.5.1.4.1.1.";

/// End of the UID after the storage root (`88.` stands for all below it), what the object is, what it holds.
const WITHOUT_PICTURE: [(&str, &str, &str); 61] = [
    ("88.11", "a structured report (Basic Text SR)", "text"),
    ("88.22", "a structured report (Enhanced SR)", "text"),
    ("88.33", "a structured report (Comprehensive SR)", "text"),
    ("88.34", "a structured report (Comprehensive 3D SR)", "text"),
    ("88.40", "a procedure log", "text"),
    ("88.50", "a structured report (Mammography CAD SR)", "text and marks"),
    ("88.59", "a key object selection", "references to images"),
    ("88.65", "a structured report (Chest CAD SR)", "text and marks"),
    ("88.67", "a radiation dose report", "numbers"),
    ("88.", "a structured report", "text"),
    ("11.", "a presentation state", "settings for showing other images"),
    ("104.1", "an encapsulated PDF document", "pages"),
    ("104.2", "an encapsulated CDA document", "text"),
    ("104.", "an encapsulated document", "a file of another kind"),
    ("481.2", "a radiotherapy dose without a dose grid", "numbers"),
    ("481.3", "a radiotherapy structure set", "outlines for other images"),
    ("481.5", "a radiotherapy plan", "treatment settings"),
    ("481.8", "a radiotherapy ion plan", "treatment settings"),
    ("481.4", "a radiotherapy treatment record", "treatment settings"),
    ("481.6", "a radiotherapy treatment record", "treatment settings"),
    ("481.7", "a radiotherapy treatment summary", "treatment settings"),
    ("481.9", "a radiotherapy treatment record", "treatment settings"),
    ("9.1.", "an electrocardiogram", "curves"),
    ("9.", "a waveform", "curves"),
    ("66.1", "a spatial registration", "a transformation between images"),
    ("66.2", "spatial fiducials", "marked points"),
    (
        "66.3",
        "a deformable spatial registration",
        "a transformation between images",
    ),
    ("66.5", "a surface segmentation", "surfaces"),
    ("66.6", "tractography results", "paths"),
    ("66", "raw data of a scanner", "unreconstructed measurements"),
    ("67", "a real world value mapping", "units for other images"),
    ("68.", "a surface scan", "surfaces"),
    ("78.", "an ophthalmic measurement", "numbers"),
    ("79.1", "macular grid measurements", "numbers"),
    ("4.2", "an MR spectroscopy", "spectra"),
    ("8", "a standalone overlay", "marks for other images"),
    ("9", "a standalone curve", "curves"),
    ("10", "a standalone lookup table", "settings for showing other images"),
    ("11", "a standalone lookup table", "settings for showing other images"),
    ("129", "a standalone curve", "curves"),
    ("77.1.5.3", "a stereometric relationship", "references to images"),
    ("80.1", "a visual field measurement", "numbers"),
    ("90.1", "content assessment results", "text"),
    ("91.1", "annotations of microscopy", "marks for other images"),
    ("131", "a structured display", "settings for showing other images"),
    ("200.", "a procedure protocol", "settings of a scanner"),
    ("201.1", "an inventory of studies", "references to studies"),
    ("481.10", "a radiotherapy intent", "treatment settings"),
    ("481.11", "a radiotherapy segment annotation", "references to images"),
    ("481.12", "a radiotherapy radiation set", "treatment settings"),
    ("481.13", "a radiotherapy radiation", "treatment settings"),
    ("481.14", "a radiotherapy radiation", "treatment settings"),
    ("481.15", "a radiotherapy radiation", "treatment settings"),
    ("481.16", "a radiotherapy treatment record", "treatment settings"),
    ("481.17", "a radiotherapy treatment record", "treatment settings"),
    ("481.18", "a radiotherapy treatment record", "treatment settings"),
    ("481.19", "a radiotherapy treatment record", "treatment settings"),
    ("481.20", "a radiotherapy treatment record", "treatment settings"),
    ("481.21", "a radiotherapy instruction", "treatment settings"),
    ("481.22", "a radiotherapy instruction", "treatment settings"),
    ("481.25", "a radiotherapy instruction", "treatment settings"),
];

/// Images, in the same way; the others are called by their class.
const WITH_PICTURE: [(&str, &str); 14] = [
    ("1", "a radiograph"),
    ("1.1", "a radiograph"),
    ("1.2", "a mammogram"),
    ("2", "a CT image"),
    ("2.1", "a CT image"),
    ("4", "an MR image"),
    ("4.1", "an MR image"),
    ("6.1", "an ultrasound image"),
    ("3.1", "an ultrasound recording"),
    ("7", "a secondary capture"),
    ("7.", "a secondary capture"),
    ("12.", "an angiogram"),
    ("20", "a nuclear medicine image"),
    ("128", "a PET image"),
];

/// Whether objects of this class are stored and passed on by themselves; a directory of files is not.
pub fn is_stored(sop_class_uid: &Uid) -> bool {
    let uid = sop_class_uid.as_str();
    uid.starts_with(STORAGE) || !uid.starts_with("1.2.840.10008.")
}

/// What an object of a class with images is, when its pixel data did not come with it.
pub fn without_pixel_data(sop_class_uid: &Uid) -> Sentence {
    let uid = sop_class_uid.as_str();
    let end = uid.strip_prefix(STORAGE);
    let known = end.and_then(|end| WITH_PICTURE.iter().find(|(known, _)| fits(known, end)));
    let words = |what: &str| {
        format!(
            "{what} whose pixel data are missing: the file was truncated or stripped; request it again from its source"
        )
    };
    match known {
        Some((_, what)) => Sentence::new(
            SentenceCode::ObjectWithoutPixelData,
            [("what", (*what).into())],
            words(what),
        ),
        None => {
            let words = words(&format!("an object of the class {uid}"));
            Sentence::new(
                SentenceCode::ObjectClassWithoutPixelData,
                [("class", uid.into())],
                words,
            )
        }
    }
}

fn fits(known: &str, end: &str) -> bool {
    end == known || (known.ends_with('.') && end.starts_with(known))
}

/// What an object of this class is and holds, when it is of a kind without pixel data; classes that
/// the standard does not know may hold anything, and so may lack an image too.
pub fn without_picture(sop_class_uid: &Uid) -> Option<Sentence> {
    let uid = sop_class_uid.as_str();
    let Some(end) = uid.strip_prefix(STORAGE) else {
        let private = !uid.starts_with("1.2.840.10008.");
        return private.then(|| {
            let words = format!("an object of the private class {uid}: it contains no image");
            Sentence::new(SentenceCode::ObjectPrivate, [("class", uid.into())], words)
        });
    };
    WITHOUT_PICTURE
        .iter()
        .find(|(known, ..)| fits(known, end))
        .map(|(_, what, holds)| {
            let words = format!("{what}: it contains {holds}, no image");
            Sentence::new(
                SentenceCode::ObjectWithoutPicture,
                [("what", (*what).into()), ("holds", (*holds).into())],
                words,
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_without_an_image_are_named_and_images_are_not() -> Result<(), Box<dyn std::error::Error>> {
        let said = |end: &str| Uid::parse(&format!("{STORAGE}{end}")).map(|uid| Some(without_picture(&uid)?.words));
        assert_eq!(
            said("88.33")?.as_deref(),
            Some("a structured report (Comprehensive SR): it contains text, no image")
        );
        assert_eq!(
            said("88.71")?.as_deref(),
            Some("a structured report: it contains text, no image")
        );
        for (end, ..) in WITHOUT_PICTURE {
            let whole = if end.ends_with('.') {
                format!("{end}9")
            } else {
                end.to_owned()
            };
            assert!(
                said(&whole)?.is_some_and(|words| words.ends_with(", no image")),
                "{end}"
            );
        }
        for image in [
            "2", "4", "4.1", "7", "12.1", "128", "128.1", "130", "13.1.3", "77.1.5.1", "77.1.6", "66.4", "66.7",
            "481.1", "481.23", "481.24", "82.1",
        ] {
            assert_eq!(said(image)?, None, "{image}");
        }
        assert!(without_picture(&Uid::parse("1.3.12.2.1107.5.9.1")?).is_some());
        assert_eq!(without_picture(&Uid::parse("1.2.840.10008.1.3.10")?), None);
        assert!(!is_stored(&Uid::parse("1.2.840.10008.1.3.10")?));
        let missing = |end: &str| Uid::parse(&format!("{STORAGE}{end}")).map(|uid| without_pixel_data(&uid).words);
        assert!(missing("7.4")?.starts_with("a secondary capture whose pixel data are missing"));
        assert!(missing("77.1.6")?.contains(".77.1.6 whose pixel data are missing"));
        Ok(())
    }
}
