//! Units, shears, and what a header says beside the shape: it is followed or told, in each of the formats.

use super::*;

fn codes(decoded: &Decoded) -> Vec<&str> {
    decoded.facts.notes.iter().filter_map(|note| note.code_name()).collect()
}

#[track_caller]
fn has_lengths(decoded: &Decoded, factor: Option<f64>, what: &str) {
    let image = &decoded.header.image;
    let near = |got: Option<f64>, want: Option<f64>| match (got, want) {
        (Some(got), Some(want)) => (got - want).abs() <= want.abs() * 1e-6,
        (None, None) => true,
        _ => false,
    };
    let [down, across] = image.pixel_spacing_mm.map_or([None, None], |steps| steps.map(Some));
    assert!(near(down, factor.map(|f| 2.0 * f)), "{what}: {image:?}");
    assert!(near(across, factor.map(|f| 1.5 * f)), "{what}: {image:?}");
    assert!(
        near(image.slice_thickness_mm, factor.map(|f| 4.0 * f)),
        "{what}: {image:?}"
    );
}

/// Units by name with their millimetres; `None` where they are no length.
const UNITS: [(&str, Option<f64>); 12] = [
    ("mm", Some(1.0)),
    ("um", Some(0.001)),
    ("\u{b5}m", Some(0.001)),
    ("\u{3bc}m", Some(0.001)),
    ("microns", Some(0.001)),
    ("cm", Some(10.0)),
    ("m", Some(1000.0)),
    ("nm", Some(1e-6)),
    ("inches", Some(25.4)),
    ("pixel", None),
    ("furlong", None),
    ("s", None),
];

#[test]
fn every_unit_of_a_nrrd_file_counts_or_is_told() -> Done {
    let data = bytes_of(false);
    for (unit, factor) in UNITS {
        let quoted = format!("\"{unit}\" \"{unit}\" \"{unit}\"");
        let placed = nrrd(
            &format!("{NRRD_PLACE}space units: {quoted}\nencoding: raw\nendian: little"),
            &data,
        );
        let spaced = nrrd(
            &format!("spacings: 1.5 2 4\nunits: {quoted}\nencoding: raw\nendian: little"),
            &data,
        );
        for (what, file) in [("directions", placed), ("spacings", spaced)] {
            let read = decoded(&file)?;
            has_lengths(&read, factor, &format!("{unit}, {what}"));
            assert_eq!(
                codes(&read).contains(&"volume.no_unit"),
                factor.is_none(),
                "{unit}, {what}"
            );
            let places = factor.filter(|_| what == "directions").map(|f| ORIGIN.map(|at| at * f));
            for (axis, want) in places.into_iter().flatten().enumerate() {
                let got = read.header.image.position_mm.ok_or("no place")?[axis];
                assert!(
                    (got - want).abs() < 1e-9 + want.abs() * 1e-9,
                    "{unit}: {got} is not {want}"
                );
            }
            assert_eq!(
                read.header.image.position_mm.is_some(),
                places.is_some(),
                "{unit}, {what}"
            );
        }
    }
    Ok(())
}

#[test]
fn every_unit_of_a_meta_image_counts_or_is_told() -> Done {
    for (unit, factor) in UNITS {
        let head = meta(&format!("DistanceUnits = {unit}"), b"ElementDataFile = LOCAL\n");
        let read = decoded(&[head, bytes_of(false)].concat())?;
        has_lengths(&read, factor, unit);
        assert_eq!(codes(&read).contains(&"volume.no_unit"), factor.is_none(), "{unit}");
    }
    Ok(())
}

#[test]
fn every_unit_of_a_nifti_file_counts_or_is_told() -> Done {
    for second in [false, true] {
        for time in [0, 8, 16, 24] {
            for (code, factor, said) in [
                (0, Some(1.0), Some("volume.unit_assumed")),
                (1, Some(1000.0), None),
                (2, Some(1.0), None),
                (3, Some(0.001), None),
                (4, None, Some("volume.no_unit")),
                (7, None, Some("volume.no_unit")),
            ] {
                let mut file = Nifti { second, ..PLAIN }.file(&bytes_of(false));
                file[if second { 500 } else { 123 }] = code | time;
                let read = decoded(&file)?;
                has_lengths(&read, factor, &format!("{code}, {time}"));
                assert_eq!(codes(&read).first().copied(), said, "{code}, {time}");
            }
        }
    }
    Ok(())
}

#[test]
fn a_sheared_volume_is_told_and_measures_only_what_is_right() -> Done {
    for (shear, is_sheared) in [(0.0, false), (0.0005, false), (0.01, true), (0.2, true), (-0.5, true)] {
        // Rows lean along columns; then slices lean along either.
        for (row, column, code) in [
            (1, 0, "volume.sheared"),
            (2, 0, "volume.tilted"),
            (2, 1, "volume.tilted"),
        ] {
            let mut rows = [[-1.5, 0.0, 0.0, 10.0], [0.0, -2.0, 0.0, 20.0], [0.0, 0.0, 4.0, 30.0]];
            rows[column][row] = shear * [1.5, 2.0, 4.0][row];
            let mut file = Nifti {
                sform: Some(rows),
                ..PLAIN
            }
            .file(&bytes_of(false));
            file[123] = 2;
            let read = decoded(&file)?;
            let said = codes(&read);
            assert_eq!(
                said,
                if is_sheared { vec![code] } else { vec![] },
                "{shear} {row} {column}"
            );
            let of_pixels = is_sheared && code == "volume.sheared";
            assert_eq!(read.header.image.pixel_spacing_mm.is_none(), of_pixels, "{shear} {row}");
            assert_eq!(read.header.image.position_mm.is_none(), of_pixels);
            if code == "volume.tilted" {
                let distance = read.header.image.slice_thickness_mm.ok_or("no distance")?;
                assert!((distance - 4.0).abs() < 1e-5, "across the slices: {distance}");
                let place = read
                    .facts
                    .frames
                    .get(2)
                    .and_then(|frame| frame.position_mm)
                    .ok_or("no place")?;
                let leans = f64::from(rows[column][row]) * 2.0;
                assert!((place[column] - ORIGIN[column] + leans).abs() < 1e-4, "{place:?}");
            }
        }
    }
    Ok(())
}

#[test]
fn fields_of_a_nifti_header_that_are_not_followed_are_told() -> Done {
    for second in [false, true] {
        let intent = if second { 504 } else { 68 };
        for (value, told) in [(0_u8, false), (5, true), (106, true)] {
            let mut file = Nifti { second, ..PLAIN }.file(&bytes_of(false));
            file[intent] = value;
            assert_eq!(
                codes(&decoded(&file)?).contains(&"file.field_left_out"),
                told,
                "{value}"
            );
        }
        let code = if second { 348 } else { 254 };
        for (value, told) in [(1_u8, false), (2, false), (3, true), (4, true), (5, true)] {
            let mut file = Nifti { second, ..PLAIN }.file(&bytes_of(false));
            file[code] = value;
            assert_eq!(codes(&decoded(&file)?).contains(&"volume.template"), told, "{value}");
        }
    }
    Ok(())
}

#[test]
fn values_of_a_meta_image_are_what_its_function_makes_of_them() -> Done {
    let read = |fields: &str| {
        let head = meta(fields, b"ElementDataFile = LOCAL\n");
        decoded(&[head, bytes_of(false)].concat())
    };
    for (slope, offset) in [(0.5, -100.0), (2.0, 0.0), (-1.0, 7.5)] {
        let both = format!("ElementToIntensityFunctionSlope = {slope}\nElementToIntensityFunctionOffset = {offset}");
        let rescale = read(&both)?.header.image.rescale;
        assert_eq!((rescale.slope, rescale.intercept), (slope, offset));
        let alone = read(&format!("ElementToIntensityFunctionOffset = {offset}"))?;
        assert_eq!(alone.header.image.rescale.intercept, offset);
    }
    let none = read("ElementToIntensityFunctionSlope = 0")?;
    assert_eq!(none.header.image.rescale.slope, 1.0);
    assert_eq!(codes(&none), ["file.field_left_out"]);
    for (fields, said) in [
        ("ElementSize = 1.5 2 4", vec![]),
        ("ElementSize = 1.5 2 3", vec!["file.field_left_out"]),
        ("AnatomicalOrientation = RAI", vec![]),
        ("AnatomicalOrientation = ???", vec![]),
        ("AnatomicalOrientation = LPI", vec!["volume.contradictory_place"]),
        ("Modality = MET_MOD_CT", vec!["file.field_left_out"]),
    ] {
        let read = read(fields)?;
        assert_eq!(codes(&read), said, "{fields}");
        has_lengths(&read, Some(1.0), fields);
    }
    let text: Vec<String> = values().iter().map(ToString::to_string).collect();
    let head = meta("BinaryData = False", b"ElementDataFile = LOCAL\n");
    is_the_volume(&[head, text.join(" ").into_bytes()].concat(), "written numbers")?;
    // Without a spacing a voxel has no size.
    let bare = "ObjectType = Image\nNDims = 3\nDimSize = 5 4 3\nOffset = 0 0 0\nElementType = MET_SHORT\nElementDataFile = LOCAL\n";
    has_lengths(
        &decoded(&[bare.as_bytes(), &bytes_of(false)].concat())?,
        None,
        "no spacing",
    );
    let wrong = meta("", b"ElementDataFile = LOCAL\n");
    let wrong = String::from_utf8(wrong)?.replace("NDims = 3", "NDims = 2");
    assert_eq!(
        refused(&[wrong.as_bytes(), &bytes_of(false)].concat()),
        Some(FailureCode::Corrupt)
    );
    Ok(())
}

fn set_of(header: &[u8], pieces: &[Vec<u8>]) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let mut tar = ::tar::Builder::new(vec![]);
    let header = std::iter::once(("header".to_owned(), header));
    let data = pieces
        .iter()
        .enumerate()
        .map(|(i, piece)| (format!("{i}"), piece.as_slice()));
    for (name, bytes) in header.chain(data) {
        let mut entry = ::tar::Header::new_ustar();
        entry.set_size(bytes.len() as u64);
        entry.set_path(name)?;
        entry.set_cksum();
        tar.append(&entry, bytes)?;
    }
    Ok(tar.into_inner()?)
}

#[test]
fn the_last_bytes_of_each_of_several_files_are_its_voxels() -> Done {
    let data = bytes_of(false);
    let pieces: Vec<Vec<u8>> = data
        .chunks(40)
        .enumerate()
        .map(|(slice, piece)| [vec![9; 3 + slice * 5], piece.to_vec()].concat())
        .collect();
    for names in ["s%d.raw 1 3 1", "s%d.raw 1 3"] {
        let head = meta("HeaderSize = -1", format!("ElementDataFile = {names}\n").as_bytes());
        is_the_volume(&set_of(&head, &pieces)?, names)?;
        let fields = format!("{NRRD_PLACE}encoding: raw\nendian: little\nbyte skip: -1\ndata file: {names}");
        is_the_volume(&set_of(&nrrd(&fields, b""), &pieces)?, names)?;
    }
    Ok(())
}

#[test]
fn fields_of_a_nrrd_header_are_followed_told_or_refused() -> Done {
    let data = bytes_of(false);
    let mut bzip2 = bzip2::write::BzEncoder::new(vec![], bzip2::Compression::fast());
    bzip2.write_all(&data)?;
    let fields = format!("{NRRD_PLACE}encoding: bzip2\nendian: little");
    is_the_volume(&nrrd(&fields, &bzip2.finish()?), "bzip2")?;
    for (field, said) in [
        ("old min: 0\nold max: 7", 2),
        ("thicknesses: NaN NaN 3", 1),
        ("centers: cell cell cell", 0),
    ] {
        let read = decoded(&nrrd(
            &format!("{NRRD_PLACE}{field}\nencoding: raw\nendian: little"),
            &data,
        ))?;
        assert_eq!(codes(&read), vec!["file.field_left_out"; said], "{field}");
    }
    let unit = decoded(&nrrd(
        &format!("{NRRD_PLACE}sample units: \"HU\"\nencoding: raw\nendian: little"),
        &data,
    ))?;
    assert_eq!(unit.facts.shared.unit.as_deref(), Some("HU"));
    let no_order = nrrd(&format!("{NRRD_PLACE}encoding: raw"), &data);
    assert_eq!(refused(&no_order), Some(FailureCode::Corrupt));
    let between =
        "space: LPS\nspace directions: (1.5,0,0) none (0,0,4)\nspace origin: (0,0,0)\nencoding: raw\nendian: little";
    assert_eq!(refused(&nrrd(between, &data)), Some(FailureCode::Unsupported));
    Ok(())
}

#[test]
fn voxels_behind_the_last_slice_are_told() -> Done {
    let data = bytes_of(false);
    let place = format!("{NRRD_PLACE}encoding: raw\nendian: little");
    for (bytes, more) in [(0, 0), (39, 0), (40, 1), (119, 2), (100, 2)] {
        let long = [data.clone(), vec![7; bytes]].concat();
        for (what, file) in [
            ("NIfTI", PLAIN.file(&long)),
            ("NIfTI in gzip", gzip_of(&PLAIN.file(&long))?),
            ("NRRD", nrrd(&place, &long)),
            (
                "MetaImage",
                [meta("", b"ElementDataFile = LOCAL\n"), long.clone()].concat(),
            ),
        ] {
            let read = decoded(&file)?;
            let said = read
                .facts
                .notes
                .iter()
                .find(|note| note.code_name() == Some("file.frames_surplus"));
            let words = format!("({more} beyond");
            assert_eq!(said.is_some(), more > 0, "{what} {bytes}");
            assert!(
                said.is_none_or(|note| note.words.contains(&words)),
                "{what} {bytes}: {said:?}"
            );
        }
    }
    Ok(())
}
