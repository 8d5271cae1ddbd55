//! What a person should know of how a file was read, beside its image: each a sentence with its code.

use domain::{Sentence, SentenceCode, SentenceValue};

/// As notes are gathered: the same one once, however many frames say it.
#[derive(Debug, Default)]
pub(crate) struct Notes(Vec<Sentence>);

impl Notes {
    pub(crate) fn add(&mut self, note: Sentence) {
        if !self.0.contains(&note) {
            self.0.push(note);
        }
    }

    pub(crate) fn into_vec(self) -> Vec<Sentence> {
        self.0
    }
}

fn number(value: impl TryInto<i64>) -> SentenceValue {
    SentenceValue::Number(value.try_into().unwrap_or(i64::MAX))
}

/// The file ends within its pixel data.
pub(crate) fn frames_missing(whole: u32, declared: u32) -> Sentence {
    let words = format!(
        "the file is cut or incomplete: {whole} of {declared} declared frames can be shown; copy it again from its source"
    );
    let values = [("whole", number(whole)), ("declared", number(declared))];
    Sentence::new(SentenceCode::FileFramesMissing, values, words)
}

/// More pixel data than frames.
pub(crate) fn frames_surplus(more: u64, declared: u32) -> Sentence {
    let words = format!(
        "the pixel data hold more frames than the file declares ({more} beyond {declared}); the surplus is not shown"
    );
    let values = [("more", number(more)), ("declared", number(declared))];
    Sentence::new(SentenceCode::FileFramesSurplus, values, words)
}

/// A lossy stream under the name of a lossless one.
pub(crate) fn lossy_as_lossless() -> Sentence {
    let words = "the file says that its compression is lossless, but the image was compressed with loss";
    Sentence::new(SentenceCode::FileLossyAsLossless, [], words)
}

/// A sequential JPEG scan whose spectral selection had to be put right.
pub(crate) fn selection_repaired() -> Sentence {
    let words = "the JPEG data declare a spectral selection of 0 to 0 where 0 to 63 belongs; it was read as 0 to 63";
    Sentence::new(SentenceCode::FileSelectionRepaired, [], words)
}

/// A decoded value that the declared bits cannot hold.
pub(crate) fn beyond_stored_bits(bits: u32) -> Sentence {
    let words = format!(
        "stored values go beyond the {bits} bits that the file declares: the image or its description is damaged, do not rely on it"
    );
    Sentence::new(SentenceCode::FileBeyondStoredBits, [("bits", number(bits))], words)
}

/// Colours without the transform that the file names.
pub(crate) fn plain_rgb(said: &str) -> Sentence {
    let words = format!(
        "the file says that its colours are '{said}', but its pixel data did not go through that transform; they are shown as RGB"
    );
    Sentence::new(SentenceCode::ToldPlainRgb, [("value", said.into())], words)
}

/// Pages of another size or kind than the first, masks, pages that are turned otherwise.
pub(crate) fn pages_left_out(left: usize, of: usize) -> Sentence {
    let words =
        format!("{left} of {of} pages are not shown, for they are of another size, kind or use than the first page");
    Sentence::new(
        SentenceCode::FilePagesLeftOut,
        [("left", number(left)), ("of", number(of))],
        words,
    )
}

/// An animation of which the first image is shown.
pub(crate) fn animation() -> Sentence {
    let words = "the file is an animation; its first image is shown";
    Sentence::new(SentenceCode::FileAnimation, [], words)
}

/// Parts that are transparent.
pub(crate) fn transparency() -> Sentence {
    let words = "the image is transparent in parts, which is not applied: all of it is shown as if it were opaque";
    Sentence::new(SentenceCode::ToldTransparency, [], words)
}

/// The same, of colours that were multiplied by their opacity.
pub(crate) fn premultiplied() -> Sentence {
    let words = "the image is transparent in parts, and its values are stored multiplied by their opacity \
                 (premultiplied): transparent parts are darker than they were";
    Sentence::new(SentenceCode::ToldPremultiplied, [], words)
}

/// A sample of which the file does not say what it is.
pub(crate) fn extra_sample() -> Sentence {
    let words = "each pixel holds one more value, of which the file does not say what it is; it is not shown";
    Sentence::new(SentenceCode::ToldExtraSample, [], words)
}

/// Images along several axes, one after the other, channels first.
pub(crate) fn axes([channels, slices, times]: [u32; 3]) -> Sentence {
    let words = format!(
        "the images lie along several axes (channels: {channels}, slices: {slices}, times: {times}), channels \
         first; a step is not always the next slice"
    );
    let values = [
        ("channels", number(channels)),
        ("slices", number(slices)),
        ("times", number(times)),
    ];
    Sentence::new(SentenceCode::ToldAxes, values, words)
}

/// Tiles of a slide that are not put together.
pub(crate) fn slide_in_tiles(rows: u32, cols: u32) -> Sentence {
    let words = format!(
        "the file is one level of a slide of {rows} x {cols} pixels; its tiles are shown one by one, as frames"
    );
    Sentence::new(
        SentenceCode::FileSlideInTiles,
        [("rows", number(rows)), ("cols", number(cols))],
        words,
    )
}

/// What a file says and is not acted on: the field by its name in the format, and its value.
pub(crate) fn field_left_out(field: &str, value: &str) -> Sentence {
    let value: String = value.chars().filter(|c| !c.is_control()).take(80).collect();
    let words = format!("the file says {field}: {value}, which is not applied to the image");
    let values = [("field", field.into()), ("value", value.into())];
    Sentence::new(SentenceCode::FileFieldLeftOut, values, words)
}

/// A JPEG stream whose markers say otherwise than the data set what its colours are.
pub(crate) fn marker_and_colours(stream: &str, file: &str, shown: &str) -> Sentence {
    let words = format!(
        "the JPEG data say that their colours are {stream}, the file that they are {file}; they are shown as {shown}: check them"
    );
    let values = [
        ("stream", stream.into()),
        ("file", file.into()),
        ("shown", shown.into()),
    ];
    Sentence::new(SentenceCode::ToldMarkerAndColours, values, words)
}

/// A volume without a place in the patient.
pub(crate) fn no_place() -> Sentence {
    let words = "the file does not say how it lies in the patient: slices are shown as they are stored, and left and \
                 right are not known";
    Sentence::new(SentenceCode::VolumeNoPlace, [], words)
}

/// Lengths in a unit that is none of a length.
pub(crate) fn no_unit(unit: &str) -> Sentence {
    let unit: String = unit.chars().filter(|c| !c.is_control()).take(40).collect();
    let words =
        format!("the file states its lengths in '{unit}', which is not a known unit of length: lengths are in pixels");
    Sentence::new(SentenceCode::VolumeNoUnit, [("unit", unit.into())], words)
}

/// Lengths without a unit.
pub(crate) fn unit_assumed() -> Sentence {
    let words = "the file names no unit of its lengths; they are taken as millimetres, as is usual in its format";
    Sentence::new(SentenceCode::VolumeUnitAssumed, [], words)
}

/// Rows and columns that are not at right angles.
pub(crate) fn sheared() -> Sentence {
    let words = "rows and columns of the volume are not at right angles (sheared); slices are shown as if they were, \
                 with lengths in pixels";
    Sentence::new(SentenceCode::VolumeSheared, [], words)
}

/// Slices that are shifted against each other.
pub(crate) fn tilted() -> Sentence {
    let words = "the slices of the volume are shifted against each other (sheared, as by a tilted gantry): lengths \
                 are right within a slice, not across slices";
    Sentence::new(SentenceCode::VolumeTilted, [], words)
}

/// Coordinates of a template.
pub(crate) fn template_space() -> Sentence {
    let words = "the volume was fitted to a standard brain (template): lengths and places are those of the template, not of \
                 the patient";
    Sentence::new(SentenceCode::VolumeTemplate, [], words)
}

/// Two statements on how the volume lies that do not agree.
pub(crate) fn contradictory_place(field: &str, value: &str) -> Sentence {
    let value: String = value.chars().filter(|c| !c.is_control()).take(40).collect();
    let words = format!(
        "the file says {field}: {value}, but its matrix says otherwise; the matrix is followed: check left and right"
    );
    let values = [("field", field.into()), ("value", value.into())];
    Sentence::new(SentenceCode::VolumeContradictoryPlace, values, words)
}

/// Two places of a NIfTI volume that do not agree; how far a corner lies from itself at most.
pub(crate) fn two_places(distance_mm: f64) -> Sentence {
    let distance = format!("{distance_mm:.1}");
    let words = format!(
        "sform and qform of the file place its volume up to {distance} mm apart; the sform is followed: check left, right \
         and places"
    );
    Sentence::new(SentenceCode::VolumeTwoPlaces, [("distance", distance.into())], words)
}

/// Other images in the file than the one that is shown.
pub(crate) fn more_images(count: usize) -> Sentence {
    let images = if count == 1 { "image" } else { "images" };
    let words = format!(
        "the file holds {count} more {images} behind the first one, which cannot be shown here; save each as a file of its own"
    );
    Sentence::new(SentenceCode::FileMoreImages, [("count", number(count))], words)
}

/// Other DICOM files behind the first.
pub(crate) fn more_data_sets(count: usize) -> Sentence {
    let files = if count == 1 { "file" } else { "files" };
    let words = format!(
        "the file holds {count} more DICOM {files} behind the first one, which is read alone; divide it into its parts"
    );
    Sentence::new(SentenceCode::FileMoreDataSets, [("count", number(count))], words)
}

/// Small copies of the image that is shown.
pub(crate) fn thumbnails(count: usize) -> Sentence {
    let copies = if count == 1 { "copy" } else { "copies" };
    let words =
        format!("the file also holds {count} reduced {copies} of its image (thumbnails, levels of a slide), not shown");
    Sentence::new(SentenceCode::FileThumbnails, [("count", number(count))], words)
}

/// A file that is a part of a set.
pub(crate) fn other_files(count: usize) -> Sentence {
    let files = if count == 1 { "file" } else { "files" };
    let words = format!("more images of the same set lie in {count} other {files}, and are not read with this one");
    Sentence::new(SentenceCode::FileOtherFiles, [("count", number(count))], words)
}

/// A pixel spacing that a program wrote beside the image.
pub(crate) fn pixel_size(by: &str) -> Sentence {
    let words =
        format!("lengths rest on the size of a pixel that {by} wrote into the file; check it before you rely on it");
    Sentence::new(SentenceCode::ToldPixelSize, [("by", by.into())], words)
}

/// A density that makes no lengths.
pub(crate) fn resolution(dots: f64) -> Sentence {
    let words =
        format!("the file states {dots} dots an inch, which may be that of a screen or a print: lengths are in pixels");
    Sentence::new(
        SentenceCode::ToldResolution,
        [("dots", format!("{dots}").into())],
        words,
    )
}
