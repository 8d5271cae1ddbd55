//! Units of modality values, and what was never scaled to one.

use super::*;

#[test]
fn units_are_those_that_the_file_names() -> Done {
    let of = |elements: &[(u32, &str)]| -> Result<Option<String>, decode::DecodeError> {
        let text = |(tag, text): &(u32, &str)| element(*tag, b"CS", text.as_bytes(), false);
        let bytes: Vec<u8> = elements.iter().flat_map(text).collect();
        Ok(read(&bytes, &shape(1, 12, false))?.shared.unit)
    };
    let ct = (tag::MODALITY, "CT");
    let said = |elements: &[(u32, &str)]| of(elements).map(|unit| unit.unwrap_or_else(|| "by modality".into()));
    assert_eq!(said(&[ct])?, "");
    let scaled = [(tag::RESCALE_INTERCEPT, "-1024"), (tag::RESCALE_SLOPE, "1")];
    let [intercept, slope] = scaled;
    assert_eq!(said(&[ct, intercept])?, "");
    assert_eq!(said(&[ct, intercept, slope])?, "HU");
    assert_eq!(
        said(&[ct, (tag::RESCALE_INTERCEPT, "0"), (tag::RESCALE_SLOPE, "0")])?,
        ""
    );
    for (named, unit) in [("HU", "HU"), ("hu", "HU"), ("US", ""), ("Z_EFF", "Z_EFF")] {
        assert_eq!(said(&[ct, intercept, slope, (tag::RESCALE_TYPE, named)])?, unit);
        assert_eq!(
            said(&[ct, (tag::RESCALE_TYPE, named)])?,
            "",
            "{named} of what was not scaled"
        );
    }
    for kinds in [
        "ORIGINAL\\PRIMARY\\LOCALIZER",
        "DERIVED\\SECONDARY\\CBF",
        "DERIVED\\SECONDARY\\SCREEN SAVE",
    ] {
        let kinds = (tag::IMAGE_TYPE, kinds);
        assert_eq!(said(&[kinds, ct, intercept, slope])?, "");
        assert_eq!(said(&[kinds, ct, intercept, slope, (tag::RESCALE_TYPE, "HU")])?, "");
    }
    // What shows a material or a surface is of a unit where it says so.
    for (kinds, unit) in [
        ("ORIGINAL\\PRIMARY\\AXIAL\\CT_SOM5 SPI DUAL IODINE", ""),
        ("DERIVED\\PRIMARY\\AXIAL\\IODINE_MAP", ""),
        ("DERIVED\\PRIMARY\\AXIAL\\MAT_SPECIFIC", ""),
        ("DERIVED\\PRIMARY\\AXIAL\\Z_EFF", ""),
        ("DERIVED\\SECONDARY\\VOLUME_RENDERED", ""),
        ("DERIVED\\SECONDARY\\Volume Rendered", ""),
        ("DERIVED\\PRIMARY\\AXIAL\\MAT_REMOVED\\IODINE", "HU"),
        ("DERIVED\\PRIMARY\\AXIAL\\MONO_E", "HU"),
        ("DERIVED\\SECONDARY\\AXIAL\\MIP", "HU"),
        ("DERIVED\\SECONDARY\\MPR", "HU"),
    ] {
        let kinds = (tag::IMAGE_TYPE, kinds);
        assert_eq!(said(&[kinds, ct, intercept, slope])?, unit, "{kinds:?}");
        let named = (tag::RESCALE_TYPE, "HU");
        assert_eq!(said(&[kinds, ct, intercept, slope, named])?, "HU", "{kinds:?}");
    }
    let capture = (tag::SOP_CLASS_UID, "1.2.840.10008.5.1.4.1.1.7");
    assert_eq!(said(&[capture, ct, intercept, slope])?, "");
    assert_eq!(said(&[(tag::MODALITY, "PT"), (tag::UNITS, "BQML"), slope])?, "Bq/mL");
    assert_eq!(said(&[(tag::MODALITY, "MR")])?, "by modality");
    for modality in ["MR", "NM", "US"] {
        assert_eq!(said(&[(tag::MODALITY, modality), (tag::RESCALE_TYPE, "HU")])?, "");
    }
    // In small letters, and of an enhanced PET.
    let small = [(tag::MODALITY, "ct"), intercept, slope, (tag::RESCALE_TYPE, "hu")];
    assert_eq!(said(&small)?, "HU");
    assert_eq!(said(&[(tag::MODALITY, "PT"), (tag::UNITS, "bqml"), slope])?, "Bq/mL");
    assert_eq!(
        said(&[(tag::MODALITY, "PT"), slope, (tag::RESCALE_TYPE, "BQML")])?,
        "Bq/mL"
    );
    Ok(())
}

/// Slope and intercept there, missing, empty, unreadable and of 0, each beside each: a unit and a note exclude each other.
#[test]
fn values_that_were_never_scaled_have_no_unit_and_that_is_told() -> Done {
    let text = |tag: u32, text: &str| element(tag, b"DS", text.as_bytes(), false);
    let written = [
        None,
        Some(""),
        Some("1,0"),
        Some("nan"),
        Some("0"),
        Some("2"),
        Some("-1024"),
    ];
    let counts = |value: Option<&str>| value.is_some_and(|value| value.parse::<f64>().is_ok_and(f64::is_finite));
    for slope in written {
        for intercept in written {
            let scaling = [(tag::RESCALE_INTERCEPT, intercept), (tag::RESCALE_SLOPE, slope)];
            let scaling: Vec<u8> = scaling
                .iter()
                .filter_map(|(tag, value)| Some(text(*tag, (*value)?)))
                .flatten()
                .collect();
            let steep = counts(slope) && slope != Some("0");
            for (head, more, unit, scaled) in [
                (
                    [(tag::MODALITY, "CT")].as_slice(),
                    text(tag::RESCALE_TYPE, "HU"),
                    "HU",
                    steep && counts(intercept),
                ),
                (&[(tag::MODALITY, "CT")], vec![], "HU", steep && counts(intercept)),
                (&[(tag::MODALITY, "PT"), (tag::UNITS, "BQML")], vec![], "Bq/mL", steep),
            ] {
                let head: Vec<u8> = head.iter().flat_map(|(tag, value)| text(*tag, value)).collect();
                let one = [head.clone(), scaling.clone(), more.clone()].concat();
                let inner = [scaling.clone(), more].concat();
                let group = element(tag::PIXEL_VALUE_TRANSFORMATION_SEQUENCE, b"SQ", &items(&[inner]), false);
                let by_frame = sequence(tag::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, &[group], Written::Explicit);
                for bytes in [one, [head, by_frame].concat()] {
                    let facts = read(&bytes, &shape(1, 12, false))?;
                    let seen = facts.of_frame(0).unit;
                    assert_eq!(
                        seen.as_deref(),
                        Some(if scaled { unit } else { "" }),
                        "{slope:?} {intercept:?}"
                    );
                    let told = |code: &str| facts.notes.iter().any(|note| note.code_name() == Some(code));
                    let silent = slope.is_none() && intercept.is_none() && unit == "HU";
                    let told = told("told.not_scaled") || told("told.slope_zero");
                    assert!(told != scaled || silent, "{slope:?} {intercept:?}: {:?}", facts.notes);
                }
            }
        }
    }
    Ok(())
}

/// Doses are scaled by nothing but their own scaling (PS3.3 C.8.8.3.2).
#[test]
fn a_rescale_beside_a_dose_does_not_count() -> Done {
    for (scaling, slope) in [
        (Some("0.001"), 0.001),
        (Some("1E-3"), 0.001),
        (None, 1.0),
        (Some("0"), 1.0),
        (Some("0,001"), 1.0),
    ] {
        for rescale in [None, Some("5")] {
            let elements = [
                (tag::MODALITY, Some("RTDOSE")),
                (tag::RESCALE_INTERCEPT, rescale),
                (tag::RESCALE_SLOPE, rescale),
                (tag::DOSE_UNITS, Some("GY")),
                (tag::DOSE_GRID_SCALING, scaling),
            ];
            let text = |(tag, value): &(u32, Option<&str>)| Some(element(*tag, b"DS", (*value)?.as_bytes(), false));
            let bytes: Vec<u8> = elements.iter().filter_map(text).flatten().collect();
            let facts = read(&bytes, &shape(1, 12, false))?;
            assert_eq!(
                facts.shared.rescale,
                Some(Rescale { slope, intercept: 0.0 }),
                "{scaling:?}"
            );
            let scaled = slope < 1.0;
            assert_eq!(
                facts.shared.unit.as_deref(),
                Some(if scaled { "Gy" } else { "" }),
                "{scaling:?}"
            );
            let codes: Vec<&str> = facts.notes.iter().filter_map(|note| note.code_name()).collect();
            assert_eq!(codes.contains(&"told.not_scaled"), !scaled, "{codes:?}");
            assert_eq!(codes.contains(&"file.field_left_out"), rescale.is_some(), "{codes:?}");
        }
    }
    Ok(())
}

#[test]
fn a_scout_among_the_frames_of_a_ct_has_no_hounsfield_units() -> Done {
    let part = |sequence: u32, inner: Vec<u8>| element(sequence, b"SQ", &items(&[inner]), false);
    let text = |tag: u32, text: &str| element(tag, b"CS", text.as_bytes(), false);
    let frame = |kinds: &str| {
        let scale = [
            text(tag::RESCALE_INTERCEPT, "-1024"),
            text(tag::RESCALE_SLOPE, "1"),
            text(tag::RESCALE_TYPE, "HU"),
        ];
        [
            part(tag::CT_IMAGE_FRAME_TYPE_SEQUENCE, text(tag::FRAME_TYPE, kinds)),
            part(tag::PIXEL_VALUE_TRANSFORMATION_SEQUENCE, scale.concat()),
        ]
        .concat()
    };
    let frames = [frame("ORIGINAL\\PRIMARY\\LOCALIZER"), frame("ORIGINAL\\PRIMARY\\AXIAL")];
    let bytes = [
        text(tag::MODALITY, "CT"),
        element(tag::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, b"SQ", &items(&frames), false),
    ]
    .concat();
    let facts = read(&bytes, &shape(2, 12, false))?;
    let units = [0, 1].map(|frame| facts.of_frame(frame).unit);
    assert_eq!(units, [Some(String::new()), Some("HU".into())]);
    Ok(())
}
