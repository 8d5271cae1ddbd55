//! What a person should know of how a file was read, beside its image: each a sentence with its code.

use domain::{Sentence, SentenceValue};

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
    Sentence::new("file.frames_missing", values, words)
}

/// More pixel data than frames.
pub(crate) fn frames_surplus(more: u64, declared: u32) -> Sentence {
    let words = format!(
        "the pixel data hold more frames than the file declares ({more} beyond {declared}); the surplus is not shown"
    );
    let values = [("more", number(more)), ("declared", number(declared))];
    Sentence::new("file.frames_surplus", values, words)
}

/// A lossy stream under the name of a lossless one.
pub(crate) fn lossy_as_lossless() -> Sentence {
    let words = "the file says that its compression is lossless, but the image was compressed with loss";
    Sentence::new("file.lossy_as_lossless", [], words)
}

/// A sequential JPEG scan whose spectral selection had to be put right.
pub(crate) fn selection_repaired() -> Sentence {
    let words = "the JPEG data declare a spectral selection of 0 to 0 where 0 to 63 belongs; it was read as 0 to 63";
    Sentence::new("file.selection_repaired", [], words)
}

/// A decoded value that the declared bits cannot hold.
pub(crate) fn beyond_stored_bits(bits: u32) -> Sentence {
    let words = format!(
        "stored values go beyond the {bits} bits that the file declares: the image or its description is damaged, do not rely on it"
    );
    Sentence::new("file.beyond_stored_bits", [("bits", number(bits))], words)
}

/// Pages of another size or kind than the first.
pub(crate) fn pages_left_out(left: usize, of: usize) -> Sentence {
    let words =
        format!("{left} of {of} pages are not shown, for they have another size or kind of pixels than the first page");
    Sentence::new(
        "file.pages_left_out",
        [("left", number(left)), ("of", number(of))],
        words,
    )
}

/// An animation of which the first image is shown.
pub(crate) fn animation() -> Sentence {
    let words = "the file is an animation; its first image is shown";
    Sentence::new("file.animation", [], words)
}

/// Tiles of a slide that are not put together.
pub(crate) fn slide_in_tiles(rows: u32, cols: u32) -> Sentence {
    let words = format!(
        "the file is one level of a slide of {rows} x {cols} pixels; its tiles are shown one by one, as frames"
    );
    Sentence::new(
        "file.slide_in_tiles",
        [("rows", number(rows)), ("cols", number(cols))],
        words,
    )
}
