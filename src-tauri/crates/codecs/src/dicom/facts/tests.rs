use super::super::data_set::Encoding;
use super::super::parse::parse;
use super::super::shape::Shape;
use super::*;
use decode::limits::Declared;
use domain::{Rescale, SpacingBasis};

mod units;

type Done = Result<(), Box<dyn std::error::Error>>;

fn shape(frames: u32, bits_stored: u32, signed: bool) -> Shape {
    Shape {
        frames,
        rows: 4,
        cols: 4,
        samples: 1,
        bits_allocated: 16,
        bits_stored,
        signed,
        shift: 0,
        planar: false,
        photometric: "MONOCHROME2".into(),
        sample_type: if signed { SampleType::I16 } else { SampleType::U16 },
        declared: Declared::frame(4, 4, 1),
        total_bytes: 32,
    }
}

/// How sequences are written.
#[derive(Debug, Clone, Copy)]
enum Written {
    Explicit,
    /// By a program that did not know them, with a length.
    Unknown,
    /// The same, implicit inside, up to a delimiter.
    UnknownUndefined,
}

fn head(tag: u32) -> Vec<u8> {
    [(tag >> 16) as u16, tag as u16].map(u16::to_le_bytes).concat()
}

fn element(tag: u32, vr: &[u8; 2], value: &[u8], implicit: bool) -> Vec<u8> {
    let mut bytes = head(tag);
    let mut value = value.to_vec();
    if value.len() % 2 == 1 {
        value.push(b' ');
    }
    if implicit {
        bytes.extend((value.len() as u32).to_le_bytes());
    } else if matches!(vr, b"SQ" | b"UN") {
        bytes.extend(vr);
        bytes.extend([0; 2]);
        bytes.extend((value.len() as u32).to_le_bytes());
    } else {
        bytes.extend(vr);
        bytes.extend((value.len() as u16).to_le_bytes());
    }
    bytes.extend(value);
    bytes
}

fn items(items: &[Vec<u8>]) -> Vec<u8> {
    let item = |item: &Vec<u8>| {
        [
            head(tag::ITEM),
            (item.len() as u32).to_le_bytes().to_vec(),
            item.clone(),
        ]
        .concat()
    };
    items.iter().flat_map(item).collect()
}

/// A functional group with a transformation, or without one.
fn group(slope: Option<&str>, implicit: bool) -> Vec<u8> {
    let Some(slope) = slope else { return vec![] };
    let inner = [
        element(tag::RESCALE_INTERCEPT, b"DS", b"-10", implicit),
        element(tag::RESCALE_SLOPE, b"DS", slope.as_bytes(), implicit),
    ]
    .concat();
    element(
        tag::PIXEL_VALUE_TRANSFORMATION_SEQUENCE,
        b"SQ",
        &items(&[inner]),
        implicit,
    )
}

fn sequence(tag: u32, groups: &[Vec<u8>], written: Written) -> Vec<u8> {
    match written {
        Written::Explicit => element(tag, b"SQ", &items(groups), false),
        Written::Unknown => element(tag, b"UN", &items(groups), false),
        Written::UnknownUndefined => [
            head(tag),
            b"UN\0\0\xff\xff\xff\xff".to_vec(),
            items(groups),
            b"\xfe\xff\xdd\xe0\0\0\0\0".to_vec(),
        ]
        .concat(),
    }
}

fn read(bytes: &[u8], shape: &Shape) -> Result<ImageFacts, decode::DecodeError> {
    let words = Words {
        bytes: &[],
        first: 0,
        kept: true,
    };
    Ok(facts(&parse(bytes, Encoding::EXPLICIT, 16)?, shape, &words))
}

/// Which frames have a transformation of their own, whether all have one, however the sequences are written.
#[test]
fn a_frame_has_its_own_transformation_else_that_of_all_else_none() -> Done {
    let slopes = ["1", "2", "0.5", "4"];
    for written in [Written::Explicit, Written::Unknown, Written::UnknownUndefined] {
        let implicit = !matches!(written, Written::Explicit);
        for own in 0..16_u32 {
            for shared in [false, true] {
                let has = |frame: usize| own >> frame & 1 == 1;
                let of_frames: Vec<Vec<u8>> = (0..4)
                    .map(|frame| group(slopes.get(frame).copied().filter(|_| has(frame)), implicit))
                    .collect();
                let of_all = [group(Some("8").filter(|_| shared), implicit)];
                let bytes = [
                    sequence(tag::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, &of_all, written),
                    sequence(tag::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, &of_frames, written),
                ]
                .concat();
                let facts = read(&bytes, &shape(4, 12, false))?;
                for (frame, own_slope) in slopes.iter().enumerate() {
                    let wanted = match (has(frame), shared) {
                        (true, _) => own_slope.parse()?,
                        (false, true) => 8.0,
                        (false, false) => 1.0,
                    };
                    let rescale = facts.of_frame(u32::try_from(frame)?).rescale.unwrap_or_default();
                    assert_eq!(rescale.slope, wanted, "{written:?} {own:04b} {shared} frame {frame}");
                }
                assert_eq!(facts.frames.is_empty(), own == 0, "what is alike is said once");
            }
        }
    }
    Ok(())
}

#[test]
fn fewer_and_more_groups_than_frames_harm_nothing() -> Done {
    for (groups, frames) in [(1, 3), (5, 2), (0, 2)] {
        let groups = vec![group(Some("2"), false); groups];
        let bytes = sequence(tag::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, &groups, Written::Explicit);
        let facts = read(&bytes, &shape(frames, 12, false))?;
        assert!(facts.frames.is_empty() || facts.frames.len() == frames as usize);
    }
    Ok(())
}

#[test]
fn padding_is_read_as_a_sample_whatever_its_type_says() -> Done {
    for bits in 8..=16_u32 {
        for signed in [false, true] {
            let (least, greatest) = match signed {
                true => (-(1_i32 << (bits - 1)), (1_i32 << (bits - 1)) - 1),
                false => (0, (1_i32 << bits) - 1),
            };
            for value in [least, greatest, least / 2, greatest / 2] {
                let word = (value as u16).to_le_bytes();
                let limit = (greatest as u16).to_le_bytes();
                for vr in [b"US", b"SS", b"UN"] {
                    let implicit = vr == b"UN";
                    let one = element(tag::PIXEL_PADDING_VALUE, vr, &word, false);
                    let range = element(tag::PIXEL_PADDING_RANGE_LIMIT, vr, &limit, false);
                    let shape = shape(1, bits, signed);
                    let alone = read(&one, &shape)?.padding;
                    assert_eq!(alone, Some([f64::from(value); 2]), "{bits} {signed} {implicit}");
                    let both = read(&[one, range].concat(), &shape)?.padding;
                    assert_eq!(both, Some([f64::from(value), f64::from(greatest)]), "{bits} {signed}");
                }
            }
        }
    }
    Ok(())
}

#[test]
fn a_spacing_says_what_it_rests_on() -> Done {
    use SpacingBasis::*;
    let of = |modality: &str, elements: &[(u32, &str)]| {
        let mut bytes = element(tag::MODALITY, b"CS", modality.as_bytes(), false);
        for (tag, text) in elements {
            bytes.extend(element(*tag, b"DS", text.as_bytes(), false));
        }
        let facts = read(&bytes, &shape(1, 12, false))
            .map(|facts| facts.shared)
            .unwrap_or_default();
        facts.pixel_spacing_mm.zip(facts.pixel_spacing_basis)
    };
    let imager = (tag::IMAGER_PIXEL_SPACING, "0.2\\0.2");
    let own = (tag::PIXEL_SPACING, "0.1\\0.1");
    let factor = |text: &'static str| (tag::ESTIMATED_RADIOGRAPHIC_MAGNIFICATION_FACTOR, text);
    assert_eq!(of("CT", &[own]), Some(([0.1; 2], Patient)));
    assert_eq!(of("DX", &[own]), Some(([0.1; 2], Projection)));
    assert_eq!(of("DX", &[own, imager]), Some(([0.1; 2], Calibrated)));
    assert_eq!(of("DX", &[imager]), Some(([0.2; 2], Detector)));
    let calibration = |kind| (tag::PIXEL_SPACING_CALIBRATION_TYPE, kind);
    assert_eq!(
        of("DX", &[own, imager, calibration("FIDUCIAL")]),
        Some(([0.1; 2], CalibratedFiducial))
    );
    assert_eq!(
        of("DX", &[own, imager, calibration("GEOMETRY")]),
        Some(([0.1; 2], CalibratedGeometry))
    );
    assert_eq!(
        of("MG", &[imager, factor("2")]),
        Some(([0.1; 2], ImagerOverMagnification))
    );
    for none in ["0", "-1", "0.5", "1000"] {
        assert_eq!(of("MG", &[imager, factor(none)]), Some(([0.2; 2], Detector)), "{none}");
    }
    // Equal to the detector's: as if it stood alone.
    let equal = (tag::PIXEL_SPACING, "0.2\\0.2");
    assert_eq!(of("DX", &[equal, imager]), Some(([0.2; 2], Detector)));
    assert_eq!(
        of("DX", &[equal, imager, factor("2")]),
        Some(([0.1; 2], ImagerOverMagnification))
    );
    let film = (tag::NOMINAL_SCANNED_PIXEL_SPACING, "0.2\\0.2");
    for modality in ["CR", "OT", "MG"] {
        assert_eq!(of(modality, &[film]), Some(([0.2; 2], ScannedFilm)));
        assert_eq!(of(modality, &[film, equal]), Some(([0.2; 2], ScannedFilm)));
        assert_eq!(of(modality, &[film, own]), Some(([0.1; 2], Calibrated)));
    }
    for (detector, patient, basis) in [
        ("1000", "500", ImagerOverMagnification),
        ("500", "1000", Detector),
        ("0", "1", Detector),
    ] {
        let distances = [
            imager,
            (tag::DISTANCE_SOURCE_TO_DETECTOR, detector),
            (tag::DISTANCE_SOURCE_TO_PATIENT, patient),
        ];
        assert_eq!(
            of("XA", &distances).map(|(_, basis)| basis),
            Some(basis),
            "{detector} {patient}"
        );
    }
    for delimited in ["0.5\\0.6\\", "0.5\\0.6\\ "] {
        assert_eq!(
            of("CT", &[(tag::PIXEL_SPACING, delimited)]),
            Some(([0.5, 0.6], Patient))
        );
    }
    for bad in ["0\\0", "0.5", "0.5\\0", "-1\\1", "NaN\\NaN", "1e999\\1", ""] {
        assert_eq!(of("CT", &[(tag::PIXEL_SPACING, bad)]), None, "{bad}");
    }
    Ok(())
}

#[test]
fn frames_of_a_dose_grid_lie_above_each_other() -> Done {
    let of = |offsets: &str, orientation: &str| {
        let bytes: Vec<u8> = [
            (tag::MODALITY, "RTDOSE"),
            (tag::IMAGE_POSITION_PATIENT, "1\\2\\30"),
            (tag::IMAGE_ORIENTATION_PATIENT, orientation),
            (tag::GRID_FRAME_OFFSET_VECTOR, offsets),
        ]
        .iter()
        .flat_map(|(tag, text)| element(*tag, b"DS", text.as_bytes(), false))
        .collect();
        let facts = read(&bytes, &shape(3, 16, false));
        facts.map(|facts| [0, 1, 2].map(|frame| facts.of_frame(frame).position_mm.map_or(f64::NAN, |[.., z]| z)))
    };
    let axial = "1\\0\\0\\0\\1\\0";
    assert_eq!(of("0\\2.5\\5", axial)?, [30.0, 32.5, 35.0]);
    assert_eq!(of("30\\32.5\\35", axial)?, [30.0, 32.5, 35.0]);
    assert_eq!(of("0\\2.5\\5", "-1\\0\\0\\0\\1\\0")?, [30.0, 27.5, 25.0]);
    assert_eq!(of("0\\2.5", axial)?, [30.0; 3]);
    Ok(())
}

/// Shutters, and spacings of X-ray, of each frame, of all, and of both.
#[test]
fn frames_of_an_x_ray_run_have_their_own_shutter_and_spacing() -> Done {
    let part = |sequence: u32, inner: Vec<u8>| element(sequence, b"SQ", &items(&[inner]), false);
    let text = |tag: u32, text: &str| element(tag, b"DS", text.as_bytes(), false);
    let circle = |radius: &str| {
        let inner = [
            element(tag::SHUTTER_SHAPE, b"CS", b"CIRCULAR", false),
            text(tag::CENTER_OF_CIRCULAR_SHUTTER, "2\\2"),
            text(tag::RADIUS_OF_CIRCULAR_SHUTTER, radius),
        ];
        part(tag::FRAME_DISPLAY_SHUTTER_SEQUENCE, inner.concat())
    };
    let imager = |spacing: &str| {
        part(
            tag::FRAME_PIXEL_DATA_PROPERTIES_SEQUENCE,
            text(tag::IMAGER_PIXEL_SPACING, spacing),
        )
    };
    let geometry = |factor: &str| {
        part(
            tag::X_RAY_GEOMETRY_SEQUENCE,
            text(tag::ESTIMATED_RADIOGRAPHIC_MAGNIFICATION_FACTOR, factor),
        )
    };
    let object = part(
        tag::PROJECTION_PIXEL_CALIBRATION_SEQUENCE,
        text(tag::OBJECT_PIXEL_SPACING_IN_CENTER_OF_BEAM, "0.1\\0.1"),
    );
    let file = [
        element(tag::PHOTOMETRIC_INTERPRETATION, b"CS", b"MONOCHROME2", false),
        sequence(
            tag::SHARED_FUNCTIONAL_GROUPS_SEQUENCE,
            &[[imager("0.4\\0.4"), circle("9")].concat()],
            Written::Explicit,
        ),
        sequence(
            tag::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE,
            &[geometry("2"), circle("1"), imager("0.3\\0.3"), object],
            Written::Explicit,
        ),
    ];
    let facts = read(&file.concat(), &shape(4, 12, false))?;
    let spacing = |frame| {
        let facts = facts.of_frame(frame);
        facts
            .pixel_spacing_mm
            .map(|[row, _]| row)
            .zip(facts.pixel_spacing_basis)
    };
    assert_eq!(spacing(0), Some((0.2, SpacingBasis::ImagerOverMagnification)));
    assert_eq!(spacing(1), Some((0.4, SpacingBasis::Detector)));
    assert_eq!(spacing(2), Some((0.3, SpacingBasis::Detector)));
    assert_eq!(spacing(3), Some((0.1, SpacingBasis::CalibratedGeometry)));
    let hides = |frame| facts.shutter_of(frame).is_some_and(|shutter| shutter.hides(0, 0));
    assert_eq!([0, 1, 2, 3, 4].map(hides), [false, true, false, false, false]);
    assert_eq!((facts.shutter.is_some(), facts.notes), (true, vec![]));
    Ok(())
}

#[test]
fn a_slope_of_nothing_and_a_ratio_beside_a_spacing_change_nothing() -> Done {
    let of = |elements: &[(u32, &str)]| {
        let text = |(tag, text): &(u32, &str)| element(*tag, b"DS", text.as_bytes(), false);
        read(
            &elements.iter().flat_map(text).collect::<Vec<u8>>(),
            &shape(1, 12, false),
        )
    };
    let facts = of(&[(tag::RESCALE_SLOPE, "0"), (tag::RESCALE_INTERCEPT, "5")])?;
    assert_eq!(facts.shared.rescale, Some(Rescale::default()));
    let ratio = (tag::PIXEL_ASPECT_RATIO, "1\\2");
    assert_eq!(of(&[ratio])?.pixel_aspect, Some(0.5));
    for (spacing, told) in [("0.5\\1", 0), ("0.5\\0.5", 1)] {
        let facts = of(&[ratio, (tag::PIXEL_SPACING, spacing)])?;
        let codes = facts
            .notes
            .iter()
            .filter(|note| note.code_name() == Some("told.aspect_and_spacing"));
        assert_eq!((facts.pixel_aspect, codes.count()), (None, told), "{spacing}");
    }
    Ok(())
}
