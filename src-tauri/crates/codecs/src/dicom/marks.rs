//! Overlay planes (PS3.3 C.9.2) and shutters (C.7.6.11, C.7.6.15) of a data set.

use domain::{Bitmap, OverlayPlane, Sentence, Shutter, ShutterShape};

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
                "told.overlay_too_fine",
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
                notes.add(Sentence::new("told.overlay_cut", [("group", name.into())], text));
            }
            separate(set, group, data, (rows, cols))
        }
        None => embedded(shape, words, position?),
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

/// Of Overlay Data: the lowest bit first, frames one after the other. What is cut off is not set.
fn separate(set: &DataSet<'_>, group: u32, data: &[u8], (rows, cols): (u32, u32)) -> Vec<Bitmap> {
    let frames = set.int(group << 16 | tag::NUMBER_OF_FRAMES_IN_OVERLAY);
    let first = set.uint(group << 16 | tag::IMAGE_FRAME_ORIGIN).unwrap_or(1).max(1) - 1;
    let pixels = u64::from(rows) * u64::from(cols);
    let bits = data.len() as u64 * 8;
    let swap = set.encoding.big_endian
        && set
            .find(group << 16 | tag::OVERLAY_DATA)
            .is_some_and(|e| e.vr == *b"OW");
    let bit = |at: u64| {
        let byte = usize::try_from(at / 8).ok()?;
        let byte = data.get(if swap { byte ^ 1 } else { byte })?;
        Some(byte >> (at % 8) & 1 == 1)
    };
    let frame = |number: u32, of: Option<u32>| {
        let start = u64::from(number) * pixels;
        Bitmap::of(of, (start..(start + pixels).min(bits)).filter_map(bit))
    };
    match frames.and_then(|frames| u32::try_from(frames).ok()) {
        Some(frames) if frames > 1 => (0..frames)
            .take_while(|number| u64::from(*number) * pixels < bits)
            .map(|number| frame(number, first.checked_add(number)))
            .collect(),
        _ => vec![frame(0, None)],
    }
}

/// Of a bit beside the stored ones of each word. A file that names one of the stored bits means the only other one that
/// is ever set.
fn embedded(shape: &Shape, words: &Words<'_>, position: u32) -> Vec<Bitmap> {
    let width = shape.sample_type.bytes();
    let word = |bytes: &[u8]| {
        bytes
            .iter()
            .rev()
            .fold(0_u64, |word, byte| word << 8 | u64::from(*byte))
    };
    let stored = (u64::MAX >> (64 - shape.bits_stored.clamp(1, 64))) << shape.shift;
    let beside = !stored & (u64::MAX >> (64 - shape.bits_allocated.clamp(1, 64)));
    let mut bit = 1_u64.checked_shl(position).unwrap_or(0);
    if bit & beside == 0 {
        let used = words
            .bytes
            .chunks_exact(width)
            .fold(0, |used, bytes| used | word(bytes))
            & beside;
        if used.count_ones() != 1 {
            return vec![];
        }
        bit = used;
    }
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
            Some(ShutterShape::Circular { center, radius })
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
mod tests {
    use super::super::data_set::Encoding;
    use super::super::parse::parse;
    use super::super::shape::SampleType;
    use super::*;
    use decode::limits::Declared;

    type Done = Result<(), Box<dyn std::error::Error>>;

    fn shape(frames: u32, bits_stored: u32, shift: u32) -> Shape {
        Shape {
            frames,
            rows: 3,
            cols: 4,
            samples: 1,
            bits_allocated: 16,
            bits_stored,
            signed: false,
            shift,
            planar: false,
            photometric: "MONOCHROME2".into(),
            sample_type: SampleType::U16,
            declared: Declared::frame(3, 4, 1),
            total_bytes: 24,
        }
    }

    fn element(tag: u32, vr: &[u8; 2], value: &[u8]) -> Vec<u8> {
        let mut bytes = [(tag >> 16) as u16, tag as u16].map(u16::to_le_bytes).concat();
        bytes.extend(vr);
        if matches!(vr, b"OW" | b"OB") {
            bytes.extend([0; 2]);
            bytes.extend((value.len() as u32).to_le_bytes());
        } else {
            bytes.extend((value.len() as u16).to_le_bytes());
        }
        bytes.extend(value);
        bytes
    }

    fn read(bytes: &[u8], shape: &Shape, words: &[u8]) -> Result<Vec<OverlayPlane>, decode::DecodeError> {
        let set = parse(bytes, Encoding::EXPLICIT, 8)?;
        let words = Words { bytes: words, first: 2 };
        Ok(overlays(
            &set,
            &CharacterSet::of(&set),
            shape,
            &words,
            &mut Notes::default(),
        ))
    }

    /// Every width and place of the stored bits, every other bit; and a file that names a stored bit instead.
    #[test]
    fn a_plane_in_the_pixel_data_is_the_bit_beside_the_stored_ones() -> Done {
        for stored in 1..16_u32 {
            for shift in 0..=16 - stored {
                let shape = shape(2, stored, shift);
                let inside = shift..shift + stored;
                for bit in (0..16).filter(|bit| !inside.contains(bit)) {
                    let set = |at: u32| at.is_multiple_of(5);
                    let word = |at: u32| {
                        (u16::from(set(at)) << bit) | ((0x5A5A_u16 >> shift & ((1_u32 << stored) - 1) as u16) << shift)
                    };
                    let words: Vec<u8> = (0..24).flat_map(|at| word(at).to_le_bytes()).collect();
                    for named in [bit, shift] {
                        let named = (named as u16).to_le_bytes();
                        let file = element(0x6002_0102, b"US", &named);
                        let planes = read(&file, &shape, &words)?;
                        let [plane] = planes.as_slice() else {
                            return Err("not one plane".into());
                        };
                        let what = format!("{stored} bits at {shift}, overlay in {bit}");
                        assert_eq!((plane.group.as_str(), plane.set), ("6002", 5), "{what}");
                        let seen: Vec<[u32; 2]> = plane.pixels(3).collect();
                        let expected: Vec<[u32; 2]> =
                            (0..12).filter(|at| set(at + 12)).map(|at| [at / 4, at % 4]).collect();
                        assert_eq!(seen, expected, "{what}");
                    }
                }
            }
        }
        Ok(())
    }

    #[test]
    fn a_plane_beside_the_pixel_data_may_be_smaller_and_have_frames() -> Done {
        let short = |tag, value: u16| element(tag, b"US", &value.to_le_bytes());
        let origin: Vec<u8> = [2_i16, -1].iter().flat_map(|v| v.to_le_bytes()).collect();
        let of = |frames: &[u8], data: &[u8]| {
            [
                short(0x6000_0010, 2),
                short(0x6000_0011, 3),
                element(0x6000_0015, b"IS", frames),
                element(0x6000_0050, b"SS", &origin),
                short(0x6000_0051, 2),
                element(0x6000_3000, b"OW", data),
            ]
            .concat()
        };
        // Two frames of six bits: 101011 and 011010, the lowest bit first.
        let data = [0b1011_0101, 0b0000_0101];
        let planes = read(&of(b"2 ", &data), &shape(3, 12, 0), &[])?;
        let [plane] = planes.as_slice() else {
            return Err("not one plane".into());
        };
        assert_eq!((plane.rows, plane.cols, plane.origin, plane.set), (2, 3, [2, -1], 7));
        let frames: Vec<Option<u32>> = plane.bitmaps.iter().map(|bitmap| bitmap.frame).collect();
        assert_eq!(frames, [Some(1), Some(2)]);
        // Columns before the image are not seen.
        assert_eq!(plane.pixels(0).count(), 0);
        assert_eq!(plane.pixels(1).collect::<Vec<_>>(), [[1, 0], [2, 0]]);
        // Of one frame it lies over all; what is cut off is not set.
        let one = read(&of(b"1 ", &data[..1]), &shape(3, 12, 0), &[])?;
        assert_eq!(one.first().map(|plane| (plane.bitmaps.len(), plane.set)), Some((1, 4)));
        assert_eq!(read(&of(b"9 ", &data), &shape(3, 12, 0), &[])?.len(), 1);
        Ok(())
    }

    #[test]
    fn a_shutter_without_an_area_is_none() -> Done {
        let of = |elements: &[(u32, &[u8; 2], &str)]| {
            let bytes: Vec<u8> = elements
                .iter()
                .flat_map(|(tag, vr, text)| {
                    let pad = if text.len() % 2 == 1 { " " } else { "" };
                    element(*tag, vr, format!("{text}{pad}").as_bytes())
                })
                .collect();
            parse(&bytes, Encoding::EXPLICIT, 8).map(|set| shutter(&set))
        };
        let named = |name: &'static str| (tag::SHUTTER_SHAPE, b"CS", name);
        let edge = |tag, at: &'static str| (tag, b"IS", at);
        let rectangle = |right: &'static str, lower: &'static str| {
            [
                named("RECTANGULAR"),
                edge(tag::SHUTTER_LEFT_VERTICAL_EDGE, "5"),
                edge(tag::SHUTTER_RIGHT_VERTICAL_EDGE, right),
                edge(tag::SHUTTER_UPPER_HORIZONTAL_EDGE, "5"),
                edge(tag::SHUTTER_LOWER_HORIZONTAL_EDGE, lower),
            ]
        };
        assert!(of(&rectangle("9", "9"))?.is_some_and(|one| one.hides(0, 0) && !one.hides(5, 5)));
        assert_eq!((of(&rectangle("5", "9"))?, of(&rectangle("9", "4"))?), (None, None));
        assert_eq!(of(&[named("RECTANGULAR")])?, None);
        let circle = |radius| {
            [
                named("CIRCULAR"),
                edge(tag::CENTER_OF_CIRCULAR_SHUTTER, "5\\5"),
                edge(tag::RADIUS_OF_CIRCULAR_SHUTTER, radius),
            ]
        };
        assert!(of(&circle("3"))?.is_some_and(|one| !one.hides(4, 4) && one.hides(0, 4)));
        assert_eq!(of(&circle("0"))?, None);
        let corners = |all| [named("POLYGONAL"), edge(tag::VERTICES_OF_POLYGONAL_SHUTTER, all)];
        assert!(of(&corners("1\\1\\1\\9\\9\\5"))?.is_some_and(|one| !one.hides(2, 4) && one.hides(8, 0)));
        assert_eq!(
            (of(&corners("1\\1\\2\\2\\3\\3"))?, of(&corners("1\\1\\9\\9"))?),
            (None, None)
        );
        assert!(
            of(&[
                named("RECTANGULAR\\CIRCULAR"),
                edge(tag::CENTER_OF_CIRCULAR_SHUTTER, "5\\5"),
                edge(tag::RADIUS_OF_CIRCULAR_SHUTTER, "3")
            ])?
            .is_some_and(|one| one.shapes.len() == 1)
        );
        Ok(())
    }
}
