//! Two places of one volume, and places in space and time.

use super::*;

fn notes(file: &[u8]) -> Result<Vec<String>, decode::DecodeError> {
    let notes = decoded(file)?.facts.notes;
    Ok(notes
        .iter()
        .filter(|note| note.code_name() != Some("volume.unit_assumed"))
        .map(ToString::to_string)
        .collect())
}

/// The sform is followed; a quaternion that lies elsewhere is told with the distance of the farthest corner.
#[test]
fn a_qform_that_differs_from_the_sform_is_told() -> Done {
    for second in [false, true] {
        for (quaternion, offset, sign, distance) in [
            // Half a turn about the third axis, as the sform has it.
            ([0.0, 0.0, 1.0], [10.0, 20.0, 30.0], 1.0, None),
            ([0.0, 0.0, 1.0], [10.7, 20.0, 30.0], 1.0, None),
            ([0.0, 0.0, 1.0], [10.0, 20.0, 35.0], 1.0, Some("5.0")),
            // Not turned: the corner at 4, 3 lies 12 and 12 away.
            ([0.0, 0.0, 0.0], [10.0, 20.0, 30.0], 1.0, Some("17.0")),
            // Slices the other way: the last of three lies 2 * 2 * 4 away.
            ([0.0, 0.0, 1.0], [10.0, 20.0, 30.0], -1.0, Some("16.0")),
        ] {
            let both = Nifti {
                second,
                qform: Some((quaternion, offset, sign)),
                ..PLAIN
            };
            let file = both.file(&bytes_of(false));
            is_the_volume(&file, "both")?;
            let told = notes(&file)?;
            match distance {
                None => assert!(told.is_empty(), "{quaternion:?} {offset:?}: {told:?}"),
                Some(distance) => {
                    let [one] = told.as_slice() else {
                        return Err(format!("{told:?}").into());
                    };
                    assert!(one.contains(&format!("up to {distance} mm")), "{one}");
                }
            }
        }
    }
    Ok(())
}

/// NRRD format, "space": the fourth number of each vector is a time.
#[test]
fn directions_through_space_and_time_place_the_volume() -> Done {
    let lps = "(1.5,0,0,0) (0,2,0,0) (0,0,4,0)";
    let ras = "(-1.5,0,0,0) (0,-2,0,0) (0,0,4,0)";
    for (space, directions, origin) in [
        ("left-posterior-superior-time", lps, "(-10,-20,30,0)"),
        ("LPST", lps, "(-10,-20,30,7)"),
        ("right-anterior-superior-time", ras, "(10,20,30,0)"),
        ("RAST", ras, "(10,20,30,0)"),
        ("LAST", "(1.5,0,0,0) (0,-2,0,0) (0,0,4,0)", "(-10,20,30,0)"),
    ] {
        let fields = format!(
            "space: {space}\nspace directions: {directions}\nspace origin: {origin}\nencoding: raw\nendian: little"
        );
        is_the_volume(&nrrd(&fields, &bytes_of(false)), space)?;
        for time in ["(0,0,0,2.5)", "none"] {
            let head = format!(
                "NRRD0005\ndimension: 4\nsizes: 5 4 3 2\ntype: short\nspace: {space}\nspace directions: {directions} {time}\nspace origin: {origin}\nspace units: \"mm\" \"mm\" \"mm\" \"s\"\nkinds: space space space time\nencoding: raw\nendian: little\n\n"
            );
            let file = [head.as_bytes(), &bytes_of(false), &bytes_of(false)].concat();
            let all = decoded(&file)?;
            assert_eq!(all.pixels.frames, 6, "{space}");
            assert_eq!(all.header.image.position_mm, Some(ORIGIN), "{space}");
            assert_eq!(all.header.image.pixel_spacing_mm, Some([2.0, 1.5]));
            assert_eq!(all.header.image.slice_thickness_mm, Some(4.0));
            let places: Vec<_> = all.facts.frames.iter().filter_map(|frame| frame.position_mm).collect();
            assert_eq!(
                places.get(4),
                Some(&[-10.0, -20.0, 34.0]),
                "{space}: the second slice again"
            );
            let codes: Vec<_> = all.facts.notes.iter().filter_map(|note| note.code_name()).collect();
            assert_eq!(codes, ["told.axes"], "{space}");
        }
        // Time in front: no image of space lies in the first two axes.
        let head = format!(
            "NRRD0005\ndimension: 4\nsizes: 2 5 4 3\ntype: short\nspace: {space}\nspace directions: (0,0,0,1) {directions}\nspace origin: {origin}\nkinds: time space space space\nencoding: raw\nendian: little\n\n"
        );
        let file = [head.as_bytes(), &bytes_of(false), &bytes_of(false)].concat();
        assert_eq!(refused(&file), Some(FailureCode::Unsupported), "{space}");
    }
    Ok(())
}

/// The fourth number of a pixel is told where it is not full everywhere, of whichever slice.
#[test]
fn transparency_of_coloured_volumes_is_told() -> Done {
    let mut data = vec![255_u8; 5 * 4 * 3 * 4];
    let colours = Nifti {
        datatype: 2304,
        ..PLAIN
    };
    let head = "NRRD0005\ndimension: 4\nsizes: 4 5 4 3\ntype: uchar\nspace: LPS\nspace directions: none (1.5,0,0) (0,2,0) (0,0,4)\nspace origin: (0,0,0)\nkinds: RGBA-color space space space\nencoding: raw\n\n";
    let meta_head = "ObjectType = Image\nNDims = 3\nDimSize = 5 4 3\nElementSpacing = 1 1 1\nOffset = 0 0 0\nElementNumberOfChannels = 4\nElementType = MET_UCHAR\nElementDataFile = LOCAL\n";
    let written = |data: &[u8]| {
        [
            ("told.transparency", colours.file(data)),
            ("told.transparency", [head.as_bytes(), data].concat()),
            ("told.extra_sample", [meta_head.as_bytes(), data].concat()),
        ]
    };
    let codes = |file: &[u8], wanted: &Wanted| -> Result<Vec<String>, decode::DecodeError> {
        let notes = decode_with(file, &Limits::default(), wanted, &|_| {})?.facts.notes;
        Ok(notes
            .iter()
            .filter_map(|note| note.code_name())
            .map(str::to_owned)
            .collect())
    };
    for (code, file) in written(&data) {
        assert!(!codes(&file, &Wanted::All)?.contains(&code.to_owned()));
    }
    // The opacity of a pixel of the last slice.
    let last = data.len() - 1;
    data[last] = 254;
    for (code, file) in written(&data) {
        for wanted in [Wanted::All, Wanted::Checked] {
            let told = codes(&file, &wanted)?;
            assert_eq!(told.iter().filter(|one| *one == code).count(), 1, "{told:?}");
        }
    }
    Ok(())
}

/// Numbers of a voxel that are no colours are refused by name, whatever the file calls them; what may be a photograph is
/// shown.
#[test]
fn vectors_are_not_shown_as_colours() {
    let types = [
        ("uchar", 1, "MET_UCHAR"),
        ("char", 1, "MET_CHAR"),
        ("short", 2, "MET_SHORT"),
        ("ushort", 2, "MET_USHORT"),
        ("float", 4, "MET_FLOAT"),
    ];
    let shown = |bytes: &[u8]| crate::decode_bytes::decode_in_process(bytes, &decode::Limits::default());
    for (name, bytes, meta) in types {
        for kind in [
            "vector",
            "3-vector",
            "???",
            "list",
            "covariant-vector",
            "3-gradient",
            "3-normal",
            "hsv-color",
            "RGB-color",
        ] {
            let head = format!(
                "NRRD0005\ntype: {name}\ndimension: 4\nspace: LPS\nsizes: 3 5 4 2\nspace directions: none (1,0,0) (0,2,0) (0,0,3)\nkinds: {kind} domain domain domain\nendian: little\nencoding: raw\n\n"
            );
            let file = [head.into_bytes(), vec![1; 3 * 5 * 4 * 2 * bytes]].concat();
            let colours = kind == "RGB-color" || name == "uchar" && matches!(kind, "vector" | "3-vector" | "???");
            match shown(&file) {
                Ok(decoded) => {
                    assert!(colours, "{name} {kind}");
                    assert_eq!(decoded.pixels.samples, 3);
                    let told = decoded
                        .facts
                        .notes
                        .iter()
                        .any(|note| note.code_name() == Some("file.field_left_out"));
                    assert_eq!(told, kind.ends_with("vector"), "{name} {kind}");
                }
                Err(error) => {
                    assert!(!colours, "{name} {kind}: {error:?}");
                    assert_eq!(error.code, domain::FailureCode::Unsupported);
                    let kind = kind.to_lowercase();
                    assert!(
                        error.message.contains(&kind) && error.message.contains(name),
                        "{}",
                        error.message
                    );
                }
            }
        }
        for channels in [1, 2, 3, 4, 5] {
            let head = format!(
                "ObjectType = Image\nNDims = 3\nDimSize = 5 4 2\nElementType = {meta}\nElementNumberOfChannels = {channels}\nElementSpacing = 1 2 3\nElementDataFile = LOCAL\n"
            );
            let file = [head.into_bytes(), vec![1; channels * 5 * 4 * 2 * bytes]].concat();
            let colours = channels == 1 || name == "uchar" && matches!(channels, 3 | 4);
            match shown(&file) {
                Ok(_) => assert!(colours, "{meta} {channels}"),
                Err(error) => assert!(!colours && error.message.contains(meta), "{meta} {channels}: {error:?}"),
            }
        }
    }
}
