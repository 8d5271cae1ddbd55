mod embedded;

use super::super::data_set::Encoding;
use super::super::parse::parse;
use super::*;
use decode::limits::Declared;
use domain::SampleType;

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
    let words = Words {
        bytes: words,
        first: 2,
        kept: true,
    };
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

fn short(tag: u32, value: u16) -> Vec<u8> {
    element(tag, b"US", &value.to_le_bytes())
}

/// Codes of what is told, and which frames of three have the plane.
fn seen(file: &[u8], frames: u32) -> Result<(Vec<String>, Vec<bool>), decode::DecodeError> {
    let set = parse(file, Encoding::EXPLICIT, 8)?;
    let words = Words {
        bytes: &[],
        first: 0,
        kept: false,
    };
    let mut notes = Notes::default();
    let planes = overlays(&set, &CharacterSet::of(&set), &shape(frames, 12, 0), &words, &mut notes);
    let on = |frame| planes.iter().any(|plane| plane.pixels(frame).count() > 0);
    let codes = notes.into_vec();
    let codes = codes.iter().filter_map(|note| note.code_name().map(str::to_owned));
    Ok((codes.collect(), (0..frames).map(on).collect()))
}

/// Every number of frames in the plane with every Image Frame Origin (PS3.3 C.9.2): without one a single plane lies
/// over all, else it counts from there; what no frame of the image has is told.
#[test]
fn a_plane_belongs_to_the_frames_from_its_origin_on() -> Done {
    for frames in 1..=4_u32 {
        for (planes, origin) in (0..=3_u32).flat_map(|planes| (0..=6_u16).map(move |origin| (planes, origin))) {
            let mut file = vec![];
            if planes > 0 {
                file.extend(element(0x6000_0015, b"IS", format!("{planes} ").as_bytes()));
            }
            if origin > 0 {
                file.extend(short(0x6000_0051, origin));
            }
            file.extend(element(0x6000_3000, b"OW", &[0xFF; 6]));
            let (told, on) = seen(&file, frames)?;
            let first = u32::from(origin.max(1));
            let last = first + planes.max(1) - 1;
            let all = planes < 2 && origin == 0;
            let wanted: Vec<bool> = (1..=frames)
                .map(|frame| all || (first..=last).contains(&frame))
                .collect();
            let what = format!("{planes} planes from {origin} on {frames} frames");
            assert_eq!(on, wanted, "{what}");
            assert_eq!(
                told == ["told.overlay_frames"],
                !all && last > frames,
                "{what} {told:?}"
            );
        }
    }
    Ok(())
}

/// A byte or a word for each pixel (Overlay Bits Allocated 8 or 16, retired): any value but 0 where there is one, else
/// the named bit, and that is told. Cells that are not there are single bits.
#[test]
fn cells_of_more_than_a_bit_are_read() -> Done {
    let set = |at: usize| at.is_multiple_of(5);
    let file = |allocated: u16, position: u16, data: &[u8]| {
        [
            short(0x6000_0100, allocated),
            short(0x6000_0102, position),
            element(0x6000_3000, b"OW", data),
        ]
        .concat()
    };
    let places = |file: &[u8]| -> Result<(Vec<[u32; 2]>, Vec<String>), decode::DecodeError> {
        let told = seen(file, 1)?.0;
        let planes = read(file, &shape(1, 12, 0), &[])?;
        Ok((planes.iter().flat_map(|plane| plane.pixels(0)).collect(), told))
    };
    let wanted: Vec<[u32; 2]> = (0..12)
        .filter(|at| set(*at as usize))
        .map(|at| [at / 4, at % 4])
        .collect();
    for (allocated, value) in [8_u16, 16]
        .into_iter()
        .flat_map(|bits| [1_u16, 0x80, 0xFF].map(|value| (bits, value)))
    {
        let cells = (0..12).map(|at| if set(at) { value } else { 0 });
        let data: Vec<u8> = match allocated {
            8 => cells.map(|value| value as u8).collect(),
            _ => cells.flat_map(u16::to_le_bytes).collect(),
        };
        assert_eq!(
            places(&file(allocated, 0, &data))?,
            (wanted.clone(), vec![]),
            "{allocated} {value}"
        );
    }
    for position in 0..8 {
        let cells: Vec<u8> = (0..12)
            .map(|at| u8::from(set(at)) << position | !(1 << position) & at as u8)
            .collect();
        let told = vec!["told.overlay_bits".to_owned()];
        assert_eq!(
            places(&file(8, position, &cells))?,
            (wanted.clone(), told),
            "{position}"
        );
    }
    // Declared as bytes, written as bits.
    assert_eq!(places(&file(8, 0, &[0b0010_0001, 0b0000_0100]))?, (wanted, vec![]));
    Ok(())
}
