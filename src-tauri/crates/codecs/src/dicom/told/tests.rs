use super::super::data_set::Encoding;
use super::super::parse::parse;
use super::*;
use decode::limits::Declared;
use domain::{PlaneFacts, SampleType};

type Done = Result<(), Box<dyn std::error::Error>>;

fn shape(samples: u32, frames: u32) -> Shape {
    Shape {
        frames,
        rows: 4,
        cols: 4,
        samples,
        bits_allocated: 16,
        bits_stored: 12,
        signed: false,
        shift: 0,
        planar: false,
        photometric: "MONOCHROME2".into(),
        sample_type: SampleType::U16,
        declared: Declared::frame(4, 4, samples),
        total_bytes: 32,
    }
}

fn element(tag: u32, vr: &[u8; 2], value: &[u8]) -> Vec<u8> {
    let mut bytes = [(tag >> 16) as u16, tag as u16].map(u16::to_le_bytes).concat();
    bytes.extend(vr);
    let pad = value.len() % 2;
    let length = value.len() + pad;
    if vr == b"SQ" {
        bytes.extend([0; 2]);
        bytes.extend((length as u32).to_le_bytes());
    } else {
        bytes.extend((length as u16).to_le_bytes());
    }
    bytes.extend(value);
    bytes.extend(&b" "[..pad]);
    bytes
}

fn words(tag: u32, text: &str) -> Vec<u8> {
    element(tag, b"CS", text.as_bytes())
}

fn short(tag: u32, value: u16) -> Vec<u8> {
    element(tag, b"US", &value.to_le_bytes())
}

fn sequence(tag: u32, items: &[Vec<u8>]) -> Vec<u8> {
    let item = |item: &Vec<u8>| [b"\xfe\xff\x00\xe0", &(item.len() as u32).to_le_bytes()[..], item].concat();
    element(tag, b"SQ", &items.iter().flat_map(item).collect::<Vec<u8>>())
}

fn names_of(notes: &[Sentence]) -> Vec<&str> {
    notes.iter().filter_map(Sentence::code_name).collect()
}

/// Codes of what is told of these elements, beside a plain grey image's.
fn told(elements: &[Vec<u8>], samples: u32, frames: u32) -> Result<Vec<String>, decode::DecodeError> {
    let mut all = elements.concat();
    if !elements.iter().any(|e| e.starts_with(b"\x28\x00\x04\x00")) {
        all.extend(words(tag::PHOTOMETRIC_INTERPRETATION, "MONOCHROME2"));
    }
    let set = parse(&all, Encoding::EXPLICIT, 8)?;
    let mut notes = Notes::default();
    tell(&set, &shape(samples, frames), &ImageFacts::default(), &mut notes);
    Ok(names_of(&notes.into_vec()).into_iter().map(str::to_owned).collect())
}

#[test]
fn what_a_plain_image_says_needs_no_words() -> Done {
    let plain = [
        short(tag::HIGH_BIT, 11),
        words(tag::PIXEL_SPACING, "0.5\\0.5"),
        words(tag::IMAGER_PIXEL_SPACING, "0.00025\\0.00025"),
        words(tag::WINDOW_CENTER, "40\\-600"),
        words(tag::WINDOW_WIDTH, "400\\0.5"),
        words(tag::VOI_LUT_FUNCTION, "SIGMOID"),
        words(tag::RESCALE_SLOPE, "-1"),
        words(tag::RESCALE_INTERCEPT, "0"),
    ];
    assert_eq!(told(&plain, 1, 1)?, Vec::<String>::new());
    for (colours, samples) in [("RGB", 3), ("YBR_FULL_422", 3), ("YBR_ICT", 3), ("MONOCHROME1", 1)] {
        let colours = [words(tag::PHOTOMETRIC_INTERPRETATION, colours)];
        assert_eq!(told(&colours, samples, 1)?, Vec::<String>::new());
    }
    Ok(())
}

#[test]
fn what_cannot_be_used_as_it_stands_is_told() -> Done {
    let cases: Vec<(&str, Vec<Vec<u8>>, u32)> = vec![
        (
            "told.two_sides",
            vec![words(tag::IMAGE_LATERALITY, "R"), words(tag::LATERALITY, "L")],
            1,
        ),
        (
            "told.no_hounsfield",
            vec![words(tag::MODALITY, "MR"), words(tag::RESCALE_TYPE, "HU")],
            1,
        ),
        (
            "told.colours",
            vec![words(tag::PHOTOMETRIC_INTERPRETATION, "PALETTE COLOR")],
            3,
        ),
        (
            "told.colours",
            vec![words(tag::PHOTOMETRIC_INTERPRETATION, "MONOCHROME2")],
            3,
        ),
        ("told.colours", vec![words(tag::PHOTOMETRIC_INTERPRETATION, "RGB")], 1),
        ("told.colours", vec![words(tag::PHOTOMETRIC_INTERPRETATION, "RGB")], 4),
        ("told.colours", vec![words(tag::PHOTOMETRIC_INTERPRETATION, "GREY")], 1),
        (
            "told.no_palette",
            vec![words(tag::PHOTOMETRIC_INTERPRETATION, "PALETTE COLOR")],
            1,
        ),
        (
            "told.no_photometric",
            vec![words(tag::PHOTOMETRIC_INTERPRETATION, "")],
            1,
        ),
        ("told.high_bit", vec![short(tag::HIGH_BIT, 10)], 1),
        ("told.high_bit", vec![short(tag::HIGH_BIT, 16)], 1),
        ("told.high_bit", vec![short(tag::HIGH_BIT, 0xFFFF)], 1),
        ("told.slope_zero", vec![words(tag::RESCALE_SLOPE, "0")], 1),
        ("told.no_number", vec![words(tag::RESCALE_SLOPE, "one")], 1),
        ("told.no_number", vec![words(tag::RESCALE_INTERCEPT, "nan")], 1),
        (
            "told.no_number",
            vec![words(tag::WINDOW_CENTER, "4o"), words(tag::WINDOW_WIDTH, "")],
            1,
        ),
        (
            "told.modality_table",
            vec![sequence(tag::MODALITY_LUT_SEQUENCE, &[vec![]])],
            1,
        ),
        (
            "told.modality_table_rescale",
            vec![
                sequence(tag::MODALITY_LUT_SEQUENCE, &[vec![]]),
                words(tag::RESCALE_SLOPE, "1"),
            ],
            1,
        ),
        ("told.voi_table", vec![sequence(tag::VOI_LUT_SEQUENCE, &[vec![]])], 1),
        (
            "told.window_pairs",
            vec![words(tag::WINDOW_CENTER, "1\\2"), words(tag::WINDOW_WIDTH, "3")],
            1,
        ),
        ("told.window_pairs", vec![words(tag::WINDOW_WIDTH, "3")], 1),
        (
            "told.window_width",
            vec![words(tag::WINDOW_CENTER, "1"), words(tag::WINDOW_WIDTH, "0")],
            1,
        ),
        (
            "told.window_width",
            vec![words(tag::WINDOW_CENTER, "1\\2"), words(tag::WINDOW_WIDTH, "3\\-4")],
            1,
        ),
        ("told.voi_function", vec![words(tag::VOI_LUT_FUNCTION, "GAMMA")], 1),
        ("told.place", vec![words(tag::IMAGE_POSITION_PATIENT, "1\\2")], 1),
        ("told.place", vec![words(tag::IMAGE_POSITION_PATIENT, "1\\x\\2")], 1),
        (
            "told.place",
            vec![words(tag::IMAGE_ORIENTATION_PATIENT, "1\\0\\0\\0\\1")],
            1,
        ),
        (
            "told.place",
            vec![sequence(
                tag::DETECTOR_INFORMATION_SEQUENCE,
                &[words(tag::IMAGE_POSITION_PATIENT, "1,5\\2\\3")],
            )],
            1,
        ),
        ("told.length", vec![words(tag::SLICE_THICKNESS, "-1")], 1),
        ("told.length", vec![words(tag::SLICE_THICKNESS, "5,0")], 1),
        ("told.mask", vec![words(tag::RECOMMENDED_VIEWING_MODE, "SUB")], 1),
        (
            "told.mask",
            vec![sequence(
                tag::MASK_SUBTRACTION_SEQUENCE,
                &[words(tag::IMAGE_COMMENTS, "x")],
            )],
            1,
        ),
        (
            "told.concatenation",
            vec![
                element(tag::CONCATENATION_UID, b"UI", b"1.2.3\0"),
                short(tag::IN_CONCATENATION_NUMBER, 2),
            ],
            1,
        ),
        (
            "told.mosaic",
            vec![words(tag::IMAGE_TYPE, "ORIGINAL\\PRIMARY\\M\\MOSAIC")],
            1,
        ),
        ("told.spacing", vec![words(tag::PIXEL_SPACING, "0\\0")], 1),
        ("told.spacing", vec![words(tag::PIXEL_SPACING, "0.5")], 1),
        ("told.spacing", vec![words(tag::PIXEL_SPACING, "-0.5\\0.5")], 1),
        ("told.spacing", vec![words(tag::IMAGER_PIXEL_SPACING, "5000\\5000")], 1),
        (
            "told.spacing",
            vec![words(tag::NOMINAL_SCANNED_PIXEL_SPACING, "1e-9\\1")],
            1,
        ),
        ("told.aspect", vec![words(tag::PIXEL_ASPECT_RATIO, "0\\1")], 1),
        ("told.shutter", vec![words(tag::SHUTTER_SHAPE, "STAR")], 1),
        ("told.shutter", vec![words(tag::SHUTTER_SHAPE, "CIRCULAR")], 1),
        ("told.curves", vec![short(0x5000_0005, 2)], 1),
    ];
    for (code, elements, samples) in cases {
        assert_eq!(told(&elements, samples, 1)?, [code], "{elements:?}");
    }
    Ok(())
}

/// The same of a functional group, of all frames or of one.
#[test]
fn groups_are_asked_as_the_file_is() -> Done {
    let parts = [
        (
            "told.slope_zero",
            tag::PIXEL_VALUE_TRANSFORMATION_SEQUENCE,
            words(tag::RESCALE_SLOPE, "0"),
        ),
        (
            "told.window_pairs",
            tag::FRAME_VOI_LUT_SEQUENCE,
            words(tag::WINDOW_CENTER, "1"),
        ),
        (
            "told.spacing",
            tag::PIXEL_MEASURES_SEQUENCE,
            words(tag::PIXEL_SPACING, "0\\1"),
        ),
        (
            "told.spacing",
            tag::FRAME_PIXEL_DATA_PROPERTIES_SEQUENCE,
            words(tag::IMAGER_PIXEL_SPACING, "0\\1"),
        ),
        (
            "told.shutter",
            tag::FRAME_DISPLAY_SHUTTER_SEQUENCE,
            words(tag::SHUTTER_SHAPE, "STAR"),
        ),
    ];
    for (code, part, inner) in parts {
        let group = sequence(part, &[inner]);
        let shared = sequence(tag::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, std::slice::from_ref(&group));
        assert_eq!(told(&[shared], 1, 2)?, [code]);
        let own = sequence(tag::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, &[vec![], group]);
        assert_eq!(told(std::slice::from_ref(&own), 1, 2)?, [code]);
        // One frame more than is described.
        assert_eq!(told(&[own], 1, 3)?, ["told.frames_described", code]);
    }
    Ok(())
}

#[test]
fn directions_that_are_none_are_told() {
    let of = |orientation: [f64; 6]| {
        let facts = ImageFacts {
            shared: PlaneFacts {
                orientation: Some(orientation),
                ..PlaneFacts::default()
            },
            ..ImageFacts::default()
        };
        let mut notes = Notes::default();
        super::orientation(&facts, &mut notes);
        notes.into_vec().len()
    };
    assert_eq!(of([1.0, 0.0, 0.0, 0.0, 0.8, -0.6]), 0);
    assert_eq!(of([0.999, 0.0, 0.0, 0.0, 1.0, 0.001]), 0);
    for odd in [
        [0.0; 6],
        [1.0, 0.0, 0.0, 1.0, 0.0, 0.0],
        [2.0, 0.0, 0.0, 0.0, 1.0, 0.0],
        [1.0, 0.0, 0.0, 0.5, 0.5, 0.0],
    ] {
        assert_eq!(of(odd), 1, "{odd:?}");
    }
}

/// Regions that overlap: those of low priority lie below the others, whatever their order in the file. A Pixel Spacing
/// that contradicts one is told.
#[test]
fn regions_of_high_priority_lie_above_and_spacings_beside_them_are_compared() -> Done {
    let long = |tag: u32, value: u32| element(tag, b"UL", &value.to_le_bytes());
    let region = |flags: Option<u32>, x1: u32, unit: u16| {
        [
            flags.map(|flags| long(tag::REGION_FLAGS, flags)).unwrap_or_default(),
            long(tag::REGION_LOCATION_MIN_X0, 0),
            long(tag::REGION_LOCATION_MIN_Y0, 0),
            long(tag::REGION_LOCATION_MAX_X1, x1),
            long(tag::REGION_LOCATION_MAX_Y1, 9),
            short(tag::PHYSICAL_UNITS_X, unit),
            short(tag::PHYSICAL_UNITS_Y, unit),
            element(tag::PHYSICAL_DELTA_X, b"FD", &(-0.01_f64).to_le_bytes()),
            element(tag::PHYSICAL_DELTA_Y, b"FD", &0.01_f64.to_le_bytes()),
        ]
        .concat()
    };
    let ends = |flags: [Option<u32>; 3]| -> Result<Vec<u32>, decode::DecodeError> {
        let items: Vec<Vec<u8>> = flags.iter().zip(1..).map(|(flags, x1)| region(*flags, x1, 3)).collect();
        let file = sequence(tag::SEQUENCE_OF_ULTRASOUND_REGIONS, &items);
        let set = parse(&file, Encoding::EXPLICIT, 8)?;
        Ok(spacing::regions(&set).iter().map(|region| region.x1).collect())
    };
    for (flags, order) in [
        ([None, None, None], [1, 2, 3]),
        ([Some(1), Some(0), None], [2, 3, 1]),
        ([Some(3), Some(2), Some(1)], [2, 1, 3]),
        ([Some(0), Some(1), Some(0)], [1, 3, 2]),
    ] {
        assert_eq!(ends(flags)?, order, "{flags:?}");
    }
    for (spacing, unit, wanted) in [
        ("0.1\\0.1", 3, 0),
        ("0.1004\\0.1", 3, 0),
        ("0.5\\0.1", 3, 1),
        ("0.5\\0.5", 3, 1),
        ("0.5\\0.5", 4, 0),
    ] {
        let file = [
            sequence(tag::SEQUENCE_OF_ULTRASOUND_REGIONS, &[region(None, 9, unit)]),
            words(tag::PIXEL_SPACING, spacing),
        ];
        let bytes = file.concat();
        let set = parse(&bytes, Encoding::EXPLICIT, 8)?;
        let facts = ImageFacts {
            regions: spacing::regions(&set),
            shared: PlaneFacts {
                pixel_spacing_mm: spacing::spacing(&set, &[]).map(|(spacing, _)| spacing),
                ..PlaneFacts::default()
            },
            ..ImageFacts::default()
        };
        let mut notes = Notes::default();
        tell(&set, &shape(1, 1), &facts, &mut notes);
        let notes = notes.into_vec();
        let told = names_of(&notes)
            .into_iter()
            .filter(|name| *name == "told.region_and_spacing");
        assert_eq!(told.count(), wanted, "{spacing} {unit}: {notes:?}");
    }
    Ok(())
}

/// Regions of ultrasound without axes, area or unit (PS3.3 C.8.5.5.1), beside one that is whole.
#[test]
fn regions_that_do_not_count_are_told() -> Done {
    let long = |tag: u32, value: u32| element(tag, b"UL", &value.to_le_bytes());
    let region = |[x0, x1]: [u32; 2], unit: u16, delta: f64| {
        [
            long(tag::REGION_LOCATION_MIN_X0, x0),
            long(tag::REGION_LOCATION_MIN_Y0, 0),
            long(tag::REGION_LOCATION_MAX_X1, x1),
            long(tag::REGION_LOCATION_MAX_Y1, 9),
            short(tag::PHYSICAL_UNITS_X, unit),
            short(tag::PHYSICAL_UNITS_Y, 3),
            element(tag::PHYSICAL_DELTA_X, b"FD", &delta.to_le_bytes()),
            element(tag::PHYSICAL_DELTA_Y, b"FD", &0.1_f64.to_le_bytes()),
        ]
        .concat()
    };
    let whole = region([0, 9], 3, 0.1);
    for (odd, wanted) in [
        (region([0, 9], 3, -0.1), vec![]),
        (region([0, 9], 3, 0.0), vec!["told.regions"]),
        (region([0, 9], 3, f64::NAN), vec!["told.regions"]),
        (region([9, 0], 3, 0.1), vec!["told.regions"]),
        (region([0, 9], 0x99, 0.1), vec!["told.region_unit"]),
        (vec![], vec!["told.regions"]),
    ] {
        let file = sequence(tag::SEQUENCE_OF_ULTRASOUND_REGIONS, &[whole.clone(), odd]);
        let file = [file, words(tag::PHOTOMETRIC_INTERPRETATION, "MONOCHROME2")].concat();
        let set = parse(&file, Encoding::EXPLICIT, 8)?;
        let facts = ImageFacts {
            regions: spacing::regions(&set),
            ..ImageFacts::default()
        };
        let mut notes = Notes::default();
        tell(&set, &shape(1, 1), &facts, &mut notes);
        assert_eq!(names_of(&notes.into_vec()), wanted);
    }
    Ok(())
}

/// Frame Time Vector has one value for each frame (PS3.3 C.7.6.5.1.2).
#[test]
fn times_that_are_not_those_of_the_frames_are_told() -> Done {
    for (count, frames) in (0..=5_usize).flat_map(|count| (1..=4_u32).map(move |frames| (count, frames))) {
        let vector = element(tag::FRAME_TIME_VECTOR, b"DS", vec!["10"; count].join("\\").as_bytes());
        let wanted = count > 0 && frames > 1 && count != frames as usize;
        assert_eq!(
            told(&[vector], 1, frames)? == ["told.frame_times"],
            wanted,
            "{count} {frames}"
        );
    }
    Ok(())
}

/// Grid Frame Offset Vector has one value for each frame (PS3.3 C.8.8.3.2).
#[test]
fn places_that_are_not_those_of_the_frames_are_told() -> Done {
    for (count, frames) in (0..=5_usize).flat_map(|count| (1..=4_u32).map(move |frames| (count, frames))) {
        let vector = words(tag::GRID_FRAME_OFFSET_VECTOR, &vec!["1"; count].join("\\"));
        let wanted = count > 0 && frames > 1 && count != frames as usize;
        let found = told(&[vector], 1, frames)? == ["told.frame_offsets"];
        assert_eq!(found, wanted, "{count} {frames}");
    }
    Ok(())
}

/// Frames of nuclear medicine by energy window and by detector (PS3.3 C.8.4.8).
#[test]
fn frames_of_several_kinds_are_told() -> Done {
    for (tag, values) in [tag::ENERGY_WINDOW_VECTOR, tag::DETECTOR_VECTOR]
        .into_iter()
        .flat_map(|tag| [[1_u16, 1, 1, 1], [1, 1, 2, 2], [1, 2, 3, 4]].map(|values| (tag, values)))
    {
        let vector = element(tag, b"US", &values.map(u16::to_le_bytes).concat());
        let found = told(&[vector], 1, 4)? == ["told.kinds_of_frames"];
        assert_eq!(found, values[3] > 1, "{values:?}");
    }
    Ok(())
}

/// Supplemental palettes (PS3.3 C.7.6.19) are told where Pixel Presentation asks for colours.
#[test]
fn greys_with_colours_of_their_own_are_told() -> Done {
    let tables = |first: u16| {
        let descriptor: Vec<u8> = [4, first, 16].iter().flat_map(|v: &u16| v.to_le_bytes()).collect();
        let of = |channel: u32| {
            [
                element(tag::RED_PALETTE_DESCRIPTOR + channel, b"US", &descriptor),
                element(tag::RED_PALETTE_DATA + channel, b"US", &[0, 10, 0, 20, 0, 30, 0, 40]),
            ]
        };
        (0..3).flat_map(of).collect::<Vec<_>>()
    };
    for (presentation, wanted) in [
        ("COLOR", vec!["told.supplemental"]),
        ("MIXED", vec!["told.supplemental"]),
        ("MONOCHROME", vec![]),
        ("TRUE_COLOR", vec![]),
    ] {
        let elements = [vec![words(tag::PIXEL_PRESENTATION, presentation)], tables(256)].concat();
        assert_eq!(told(&elements, 1, 1)?, wanted, "{presentation}");
    }
    assert_eq!(
        told(&[words(tag::PIXEL_PRESENTATION, "COLOR")], 1, 1)?,
        ["told.no_palette"]
    );
    Ok(())
}

#[test]
fn numbers_that_are_none_and_magnifications_that_are_none_are_told() -> Done {
    use tag::{ESTIMATED_RADIOGRAPHIC_MAGNIFICATION_FACTOR as FACTOR, INSTANCE_NUMBER, SERIES_NUMBER};
    for (tag, text, code) in [
        (FACTOR, "1.2", None),
        (FACTOR, "1", None),
        (FACTOR, "9.9", None),
        (FACTOR, " ", None),
        (FACTOR, "0", Some("told.magnification")),
        (FACTOR, "0.9", Some("told.magnification")),
        (FACTOR, "-1.3", Some("told.magnification")),
        (FACTOR, "10", Some("told.magnification")),
        (FACTOR, "about 1", Some("told.magnification")),
        (INSTANCE_NUMBER, "7", None),
        (INSTANCE_NUMBER, "-7 ", None),
        (INSTANCE_NUMBER, "7.0", None),
        (INSTANCE_NUMBER, "", None),
        (INSTANCE_NUMBER, "7.5", Some("told.no_whole_number")),
        (INSTANCE_NUMBER, "IM7", Some("told.no_whole_number")),
        (SERIES_NUMBER, "99999999999", Some("told.no_whole_number")),
    ] {
        assert_eq!(
            told(&[words(tag, text)], 1, 1)?,
            code.into_iter().collect::<Vec<_>>(),
            "{text}"
        );
    }
    Ok(())
}
