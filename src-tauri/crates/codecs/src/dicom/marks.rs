//! Overlay planes (PS3.3 C.9.2) and shutters (C.7.6.11, C.7.6.15) of a data set.

use domain::{Bitmap, OverlayPlane, Sentence, SentenceCode, Shutter, ShutterShape};

use super::{data_set::DataSet, shape::Shape, tag, text::CharacterSet};
use crate::note::Notes;

/// Over all bitmaps; one that is finer than this is drawn by noise, not by a person.
const MOST_RUNS: usize = 2 << 20;

/// Words of the pixel data as they lie in the file, of the frames from `first` on.
pub(super) struct Words<'a> {
    /// Little endian.
    pub bytes: &'a [u8],
    /// Number of the first frame in the file.
    pub first: u32,
    /// Whether the codec kept what lies beside the stored bits.
    pub kept: bool,
}

/// The overlay planes of the file; what could not be read of them goes into `notes`. Planes that lie in the pixel data
/// come out of `words`, as far as those are there.
pub(super) fn overlays(
    set: &DataSet<'_>,
    charset: &CharacterSet,
    shape: &Shape,
    words: &Words<'_>,
    notes: &mut Notes,
) -> Vec<OverlayPlane> {
    let groups = (tag::FIRST_OVERLAY..=tag::LAST_OVERLAY).step_by(2);
    let mut runs = 0;
    let mut planes = vec![];
    for group in groups {
        let Some(mut plane) = overlay(set, group, charset, shape, words, notes) else {
            continue;
        };
        runs += plane.bitmaps.iter().map(|bitmap| bitmap.runs.len()).sum::<usize>();
        if runs > MOST_RUNS {
            plane.bitmaps.clear();
            let text = format!("the overlay plane {} is too fine to be shown", plane.group);
            notes.add(Sentence::new(
                SentenceCode::ToldOverlayTooFine,
                [("group", plane.group.clone().into())],
                text,
            ));
        }
        planes.push(plane);
    }
    planes
}

fn overlay(
    set: &DataSet<'_>,
    group: u32,
    charset: &CharacterSet,
    shape: &Shape,
    words: &Words<'_>,
    notes: &mut Notes,
) -> Option<OverlayPlane> {
    let of = |element: u32| group << 16 | element;
    let data = set.bytes(of(tag::OVERLAY_DATA));
    let position = set.uint(of(tag::OVERLAY_BIT_POSITION));
    if data.is_none() && position.is_none() {
        return None;
    }
    let rows = set.uint(of(tag::OVERLAY_ROWS)).unwrap_or(shape.rows);
    let cols = set.uint(of(tag::OVERLAY_COLUMNS)).unwrap_or(shape.cols);
    let origin = set.words(of(tag::OVERLAY_ORIGIN));
    let text = |element: u32| {
        let text = set.bytes(of(element)).map(|bytes| charset.decode(bytes));
        text.filter(|text| !text.is_empty())
    };
    let bitmaps = match data {
        Some(data) => {
            let frames = set.int(of(tag::NUMBER_OF_FRAMES_IN_OVERLAY)).unwrap_or(1).max(1);
            let pixels = u64::from(rows) * u64::from(cols) * u64::from(frames.unsigned_abs());
            if (data.len() as u64) < pixels.div_ceil(8) {
                let name = format!("{group:04X}");
                let text = format!("the overlay plane {name} is cut; what is missing is not shown");
                notes.add(Sentence::new(
                    SentenceCode::ToldOverlayCut,
                    [("group", name.into())],
                    text,
                ));
            }
            let cells = Cells::of(set, group, data, pixels, notes);
            let bitmaps = separate(set, group, &cells, (rows, cols));
            let there = |bitmap: &Bitmap| bitmap.frame.is_none_or(|frame| frame < shape.frames);
            if !bitmaps.iter().all(there) {
                let name = format!("{group:04X}");
                let text = format!(
                    "the overlay plane {name} belongs to frames that the file does not have; of those it is not shown"
                );
                notes.add(Sentence::new(
                    SentenceCode::ToldOverlayFrames,
                    [("group", name.into())],
                    text,
                ));
            }
            bitmaps
        }
        None => {
            if !words.kept && embedded_bit(shape, position?).is_some() {
                let name = format!("{group:04X}");
                let text = format!(
                    "the overlay plane {name} lies in bits that the compression of the image did not keep; it is not shown"
                );
                notes.add(Sentence::new(
                    SentenceCode::ToldOverlayLost,
                    [("group", name.into())],
                    text,
                ));
            }
            embedded(shape, words, position?)
        }
    };
    Some(OverlayPlane {
        group: format!("{group:04X}"),
        rows,
        cols,
        origin: match origin.as_slice() {
            &[row, col, ..] => [row, col].map(|at| i32::from(at.cast_signed())),
            _ => [1, 1],
        },
        kind: set.code(of(tag::OVERLAY_TYPE)).unwrap_or("G").to_owned(),
        label: text(tag::OVERLAY_LABEL),
        description: text(tag::OVERLAY_DESCRIPTION),
        set: bitmaps.iter().map(Bitmap::count).sum(),
        bitmaps,
    })
}

/// Overlay Data: the lowest bit first. A pixel has one bit; of writers before that rule (Overlay Bits Allocated above
/// 1, retired) it has a cell of 8 or 16.
struct Cells<'a> {
    data: &'a [u8],
    /// Bytes lie two to a swapped word.
    swap: bool,
    bits: u64,
    /// The bit of a cell that counts; `None` for any.
    position: Option<u64>,
}

impl<'a> Cells<'a> {
    /// `pixels`: of all frames. Cells that hold more than one value beside 0 are told.
    fn of(set: &DataSet<'_>, group: u32, data: &'a [u8], pixels: u64, notes: &mut Notes) -> Self {
        let uint = |element: u32| set.uint(group << 16 | element);
        let swap = set.encoding.big_endian
            && set
                .find(group << 16 | tag::OVERLAY_DATA)
                .is_some_and(|e| e.vr == *b"OW");
        let allocated = uint(tag::OVERLAY_BITS_ALLOCATED).map_or(1, u64::from);
        // What is too short for cells has a bit for each pixel, whatever it says.
        let bits = match allocated {
            8 | 16 if data.len() as u64 >= pixels * allocated / 8 => allocated,
            _ => 1,
        };
        let mut cells = Self {
            data,
            swap,
            bits,
            position: (bits == 1).then_some(0),
        };
        let mut values = (0..pixels).filter_map(|at| cells.value(at)).filter(|value| *value > 0);
        let first = if bits == 1 { None } else { values.next() };
        if first.is_some_and(|first| values.any(|value| value != first)) {
            drop(values);
            cells.position = Some(uint(tag::OVERLAY_BIT_POSITION).map_or(0, u64::from));
            let name = format!("{group:04X}");
            let text = format!(
                "the overlay plane {name} has {bits} bits for each pixel, as DICOM no longer allows; the bit that it names is shown"
            );
            let values = [
                ("group", name.into()),
                ("bits", bits.try_into().unwrap_or(u32::MAX).into()),
            ];
            notes.add(Sentence::new(SentenceCode::ToldOverlayBits, values, text));
        }
        cells
    }

    fn bit(&self, at: u64) -> Option<bool> {
        let byte = usize::try_from(at / 8).ok()?;
        let byte = self.data.get(if self.swap { byte ^ 1 } else { byte })?;
        Some(byte >> (at % 8) & 1 == 1)
    }

    fn value(&self, pixel: u64) -> Option<u64> {
        let bits = (0..self.bits).map(|bit| Some(u64::from(self.bit(pixel * self.bits + bit)?) << bit));
        bits.sum()
    }

    /// How many pixels there are.
    fn len(&self) -> u64 {
        self.data.len() as u64 * 8 / self.bits
    }

    fn is_set(&self, pixel: u64) -> Option<bool> {
        match self.position {
            Some(position) if position < self.bits => self.bit(pixel * self.bits + position),
            _ => self.value(pixel).map(|value| value > 0),
        }
    }
}

/// Frames of Overlay Data, one after the other. What is cut off is not set. Without an Image Frame Origin a single one
/// lies over every frame (PS3.3 C.9.2).
fn separate(set: &DataSet<'_>, group: u32, cells: &Cells<'_>, (rows, cols): (u32, u32)) -> Vec<Bitmap> {
    let frames = set.int(group << 16 | tag::NUMBER_OF_FRAMES_IN_OVERLAY);
    let frames = frames.and_then(|frames| u32::try_from(frames).ok()).unwrap_or(1).max(1);
    let origin = set
        .uint(group << 16 | tag::IMAGE_FRAME_ORIGIN)
        .filter(|origin| *origin > 0);
    let pixels = u64::from(rows) * u64::from(cols);
    let frame = |number: u32, of: Option<u32>| {
        let start = u64::from(number) * pixels;
        Bitmap::of(
            of,
            (start..(start + pixels).min(cells.len())).filter_map(|at| cells.is_set(at)),
        )
    };
    if frames == 1 && origin.is_none() {
        return vec![frame(0, None)];
    }
    let first = origin.unwrap_or(1) - 1;
    (0..frames)
        .take_while(|number| *number == 0 || u64::from(*number) * pixels < cells.len())
        .filter_map(|number| Some(frame(number, Some(first.checked_add(number)?))))
        .collect()
}

/// Bits of a word beside the stored ones.
fn beside(shape: &Shape) -> u64 {
    let stored = (u64::MAX >> (64 - shape.bits_stored.clamp(1, 64))) << shape.shift;
    !stored & (u64::MAX >> (64 - shape.bits_allocated.clamp(1, 64)))
}

/// The bit of an overlay plane in the pixel data; `None` where it is one of the stored ones, or none of the word.
fn embedded_bit(shape: &Shape, position: u32) -> Option<u64> {
    let bit = 1_u64.checked_shl(position).unwrap_or(0);
    (bit & beside(shape) != 0).then_some(bit)
}

/// The bits beside the stored ones that hold overlay planes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Embedded {
    /// As the file declares them.
    pub bits: u64,
    /// Whether a plane names one of the stored bits, and so means another.
    pub misnamed: bool,
}

impl Embedded {
    pub(super) fn of(set: &DataSet<'_>, shape: &Shape) -> Self {
        let mut all = Self::default();
        for group in (tag::FIRST_OVERLAY..=tag::LAST_OVERLAY).step_by(2) {
            let uint = |element: u32| set.uint(group << 16 | element);
            let separate = set.bytes(group << 16 | tag::OVERLAY_DATA).is_some();
            let Some(position) = uint(tag::OVERLAY_BIT_POSITION).filter(|_| !separate) else {
                continue;
            };
            match embedded_bit(shape, position) {
                Some(bit) => all.bits |= bit,
                // A plane of single bits lies beside the pixel data, and is missing.
                None => all.misnamed |= uint(tag::OVERLAY_BITS_ALLOCATED) != Some(1),
            }
        }
        all
    }

    /// The bits that hold planes in these words.
    pub(super) fn within(self, words: &[u8], shape: &Shape) -> u64 {
        let other = if self.misnamed {
            only_bit_beside(words, shape)
        } else {
            None
        };
        self.bits | other.unwrap_or(0)
    }
}

/// The only bit beside the stored ones that is ever set.
fn only_bit_beside(words: &[u8], shape: &Shape) -> Option<u64> {
    let words = words.chunks_exact(shape.sample_type.bytes()).map(word);
    let used = words.fold(0, |used, word| used | word) & beside(shape);
    (used.count_ones() == 1).then_some(used)
}

/// Of its little-endian bytes.
fn word(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

/// Of a bit beside the stored ones of each word. A file that names one of the stored bits means the only other one that
/// is ever set.
fn embedded(shape: &Shape, words: &Words<'_>, position: u32) -> Vec<Bitmap> {
    let width = shape.sample_type.bytes();
    let Some(bit) = embedded_bit(shape, position).or_else(|| only_bit_beside(words.bytes, shape)) else {
        return vec![];
    };
    let frame_bytes = shape.frame_bytes().max(1);
    let frames = words.bytes.chunks_exact(frame_bytes).zip(words.first..);
    frames
        .map(|(bytes, frame)| {
            Bitmap::of(
                Some(frame),
                bytes.chunks_exact(width).map(|bytes| word(bytes) & bit != 0),
            )
        })
        .collect()
}

/// The shutter of the image; a shape without an area is none.
pub(super) fn shutter(set: &DataSet<'_>) -> Option<Shutter> {
    let named = set.code(tag::SHUTTER_SHAPE)?;
    let shape = |name: &str| match name.trim() {
        "RECTANGULAR" => {
            let edge = |tag: u32| set.int(tag);
            let (left, right) = (
                edge(tag::SHUTTER_LEFT_VERTICAL_EDGE)?,
                edge(tag::SHUTTER_RIGHT_VERTICAL_EDGE)?,
            );
            let (upper, lower) = (
                edge(tag::SHUTTER_UPPER_HORIZONTAL_EDGE)?,
                edge(tag::SHUTTER_LOWER_HORIZONTAL_EDGE)?,
            );
            (left < right && upper < lower).then_some(ShutterShape::Rectangular {
                left,
                right,
                upper,
                lower,
            })
        }
        "CIRCULAR" => {
            let center = set.ints(tag::CENTER_OF_CIRCULAR_SHUTTER).try_into().ok()?;
            let radius = set
                .number(tag::RADIUS_OF_CIRCULAR_SHUTTER)
                .filter(|radius| *radius > 0.0)?;
            Some(ShutterShape::Circular {
                center,
                radius,
                pixel_aspect: None,
            })
        }
        "POLYGONAL" => {
            let numbers = set.ints(tag::VERTICES_OF_POLYGONAL_SHUTTER);
            let vertices = numbers.as_chunks::<2>().0.to_vec();
            has_area(&vertices).then_some(ShutterShape::Polygonal { vertices })
        }
        "BITMAP" => {
            let group = set.uint(tag::SHUTTER_OVERLAY_GROUP)?;
            Some(ShutterShape::Bitmap {
                group: format!("{group:04X}"),
            })
        }
        _ => None,
    };
    let shapes: Vec<ShutterShape> = named.split('\\').filter_map(shape).collect();
    (!shapes.is_empty()).then(|| Shutter {
        shapes,
        presentation_value: set.words(tag::SHUTTER_PRESENTATION_VALUE).first().copied().unwrap_or(0),
    })
}

/// Whether the corners, row and column each, span an area.
fn has_area(vertices: &[[i32; 2]]) -> bool {
    let next = vertices.iter().cycle().skip(1);
    let twice: i64 = vertices
        .iter()
        .zip(next)
        .map(|([r1, c1], [r2, c2])| i64::from(*c1) * i64::from(*r2) - i64::from(*c2) * i64::from(*r1))
        .sum();
    vertices.len() > 2 && twice != 0
}

#[cfg(test)]
mod tests;
