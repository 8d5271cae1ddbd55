//! What the interface shows while one draws is what is stored: it measures the same frames and points as the program,
//! and compares with the figures that are written here.

use decode::{Source, Urgency, Wanted};
use domain::grey::Shown;
use domain::measured::{FrameValues, measured, shape_of};
use domain::{
    Annotation, AnnotationKind, AxisUnit, Decoded, Measured, MeasuredRegion, PixelData, Plane, Ruler, SpacingBasis,
};
use domain::{Timestamp, Uid};

use super::super::frame_bytes;
use super::as_reported::{Checked, Image, hex, vault_of};
use super::{coloured, grey};
use crate::decoders::decoders;

const VECTORS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../../ui/src/ipc/generated/measure_vectors.json"
);
const ROWS: u32 = 24;
const COLS: u32 = 40;

/// A frame with what lengths on it are measured by.
struct Case {
    name: &'static str,
    image: Decoded,
    plane: Plane,
    regions: Vec<MeasuredRegion>,
}

fn case(name: &'static str, image: Decoded, change: impl FnOnce(&mut Plane)) -> Case {
    let mut plane = Plane::of(&image.header, &image.facts, 0);
    change(&mut plane);
    Case {
        name,
        image,
        plane,
        regions: vec![],
    }
}

fn region([x0, y0, x1, y1]: [u32; 4], [unit_x, unit_y]: [AxisUnit; 2], [delta_x, delta_y]: [f64; 2]) -> MeasuredRegion {
    MeasuredRegion {
        x0,
        y0,
        x1,
        y1,
        unit_x,
        unit_y,
        delta_x,
        delta_y,
    }
}

fn words() -> Decoded {
    let mut image = grey(
        ROWS,
        COLS,
        PixelData::I16((0..960i32).map(|at| (at * 37 % 2000 - 1000) as i16).collect()),
    );
    (image.header.image.rescale.slope, image.header.image.rescale.intercept) = (1.5, -24.0);
    image.facts.padding = Some([-1000.0, -900.0]);
    image
}

fn cases() -> Vec<Case> {
    let bytes = || {
        grey(
            ROWS,
            COLS,
            PixelData::U8((0..960u32).map(|at| (at * 7 % 251) as u8).collect()),
        )
    };
    let floats = (0..960u16).map(|at| if at % 11 == 0 { f32::NAN } else { f32::from(at) / 64.0 });
    use AxisUnit::{Centimetre, CentimetrePerSecond, Second};
    let cm = [Centimetre; 2];
    let spectrum = [Second, CentimetrePerSecond];
    let within = |name, regions| Case {
        regions,
        ..case(name, bytes(), |plane| plane.pixel_spacing_mm = Some([5.0, 5.0]))
    };
    vec![
        case("pixels that are not square, in HU, with padding", words(), |plane| {
            (plane.pixel_spacing_mm, plane.unit) = (Some([0.5, 0.25]), Some("HU".into()));
            plane.pixel_spacing_basis = Some(SpacingBasis::Patient);
        }),
        case("no spacing and an aspect", bytes(), |plane| {
            plane.pixel_aspect = Some(1.25)
        }),
        case(
            "no spacing at all, floats",
            grey(ROWS, COLS, PixelData::F32(floats.collect())),
            |_| (),
        ),
        case(
            "in colour, at the detector",
            coloured(ROWS, COLS, PixelData::U8(vec![9; 2880]), "RGB"),
            |plane| {
                (plane.pixel_spacing_mm, plane.pixel_spacing_basis) = (Some([0.1, 0.1]), Some(SpacingBasis::Detector));
            },
        ),
        within(
            "an inset above an image, and a spectrum beside it",
            vec![
                region([10, 8, 15, 13], cm, [0.01, 0.02]),
                region([0, 0, 25, 23], cm, [0.03, -0.04]),
                region([28, 0, 39, 15], spectrum, [0.01, -2.0]),
            ],
        ),
        within(
            "axes of one unit that is no length, of none, and of one length",
            vec![
                region([0, 0, 39, 7], [Second; 2], [0.5, 0.25]),
                region([0, 8, 39, 15], [AxisUnit::None; 2], [1.0, 2.0]),
                region([0, 16, 39, 23], [Second, Centimetre], [0.01, 0.1]),
            ],
        ),
    ]
}

/// Points of every kind of annotation, in and out of the frame and its regions, turned and not.
fn drawn() -> Vec<(AnnotationKind, Vec<[f64; 2]>)> {
    let ends: [[f64; 4]; 12] = [
        [2.0, 3.0, 14.0, 19.0],
        [5.0, 5.0, 20.0, 16.0],
        [11.0, 9.0, 14.0, 12.0],
        [2.0, 14.5, 14.0, 22.25],
        [2.0, 10.0, 9.5, 10.0],
        [29.0, 2.0, 36.0, 12.0],
        [29.0, 4.0, 36.0, 4.0],
        [33.5, 1.0, 33.5, 6.0],
        [20.0, 5.0, 30.0, 5.0],
        [26.5, 2.0, 26.5, 9.0],
        [-8.0, -3.0, 60.0, 40.0],
        [7.25, 17.5, 31.75, 22.5],
    ];
    let mut all = Vec::new();
    for [x1, y1, x2, y2] in ends {
        all.push((AnnotationKind::Length, vec![[x1, y1], [x2, y2]]));
        all.push((AnnotationKind::Angle, vec![[x1, y1], [x2, y1], [x2, y2]]));
        all.push((AnnotationKind::Angle, vec![[x2, y2], [x1, y1], [x2, y2 - 7.0]]));
        let (x, y) = ((x1 + x2) / 2.0, (y1 + y2) / 2.0);
        // Upright, and as the ends lie after a quarter turn of the screen.
        all.push((AnnotationKind::Ellipse, vec![[x, y2], [x, y1], [x1, y], [x2, y]]));
        all.push((AnnotationKind::Ellipse, vec![[x2, y], [x1, y], [x, y2], [x, y1]]));
    }
    all.push((
        AnnotationKind::Ellipse,
        vec![[90.0, 95.0], [90.0, 85.0], [85.0, 90.0], [95.0, 90.0]],
    ));
    all.push((AnnotationKind::Length, vec![[1.0, 1.0]]));
    all.push((AnnotationKind::Text, vec![[1.0, 1.0]]));
    all.push((AnnotationKind::Arrow, vec![[1.0, 1.0], [9.0, 9.0]]));
    all
}

#[test]
fn the_interface_is_tested_against_the_figures_that_are_stored() -> Checked {
    let mut frames = Vec::new();
    for case in cases() {
        let Case { plane, regions, .. } = &case;
        let ruler = Ruler::of(plane, regions);
        let shown = Shown::of(&case.image, 0)?;
        let values = match &shown {
            Shown::Grey(grey) => Some(FrameValues {
                values: &grey.values,
                rows: ROWS,
                cols: COLS,
                unit: plane.unit.as_deref(),
            }),
            Shown::Colour(_) => None,
        };
        let figures = drawn().into_iter().map(|(kind, points)| {
            let basis = ruler.over(&shape_of(kind, &points)).and_then(|scale| scale.basis);
            let measured = measured(kind, &points, &ruler, values);
            serde_json::json!({ "kind": kind, "points": points, "measured": measured, "basis": basis })
        });
        frames.push(serde_json::json!({
            "name": case.name,
            "frame": hex(&frame_bytes(&case.image, 0)?),
            "slice": {
                "pixel_spacing_mm": plane.pixel_spacing_mm,
                "pixel_aspect": plane.pixel_aspect,
                "unit": plane.unit,
                "regions": regions,
                "pixel_spacing_basis": plane.pixel_spacing_basis,
            },
            "drawn": figures.collect::<Vec<_>>(),
        }));
    }
    let text = serde_json::json!({
        "written_by": "OVERREAD_WRITE_TYPES=1 cargo test -p workflow figures_that_are_stored",
        "what": "OVF2 bytes of frames, what lengths on them are measured by, and what each annotation says",
        "frames": frames,
    });
    let text = format!("{text}\n");
    if std::env::var_os("OVERREAD_WRITE_TYPES").is_some() {
        std::fs::write(VECTORS, &text)?;
    }
    let committed = std::fs::read_to_string(VECTORS).map_err(|error| format!("{VECTORS}: {error}"))?;
    assert!(
        committed == text,
        "ui/src/ipc/generated/measure_vectors.json is stale: run OVERREAD_WRITE_TYPES=1 cargo test -p workflow \
         figures_that_are_stored"
    );
    Ok(())
}

#[test]
fn what_a_window_says_of_an_annotation_is_measured_again_when_it_is_saved() -> Checked {
    let folder = tempfile::tempdir()?;
    let file = Image::of("", |place| (place % 40 * 10) as u16).file(1, 1, 1);
    let mut open = vault_of(folder.path(), vec![file.clone()])?;
    let image = decoders()?.ask(Source::Bytes(&file), &Wanted::All, Urgency::Work)?;
    let said = |value: f64| Measured {
        name: "length".into(),
        value,
        unit: "mm".into(),
    };
    let mut annotation = Annotation {
        id: "ab".repeat(16),
        sop_instance_uid: Uid::parse("1.2.1.1.1")?,
        frame: 0,
        kind: AnnotationKind::Length,
        points: vec![[0.0, 0.0], [3.0, 4.0]],
        text: None,
        measured: vec![said(f64::NAN), said(1e308)],
        created_by: "somebody".into(),
        updated_at: Timestamp(0),
    };
    let mut saved = |annotation: &Annotation, image: Option<&Decoded>| -> Checked<Vec<(String, f64, String)>> {
        let stored = crate::save_annotation(&mut open, "1.2.1", annotation, image)?;
        let record = crate::find::find(&open, &Uid::parse("1.2.1")?)?;
        assert_eq!(record.annotations, std::slice::from_ref(&stored));
        Ok(stored
            .measured
            .into_iter()
            .map(|one| (one.name, one.value, one.unit))
            .collect())
    };
    let told = |name: &str, value: f64, unit: &str| (name.to_owned(), value, unit.to_owned());
    assert_eq!(saved(&annotation, None)?, [told("length", 5.0, "px")]);

    // Columns 9 to 11 of one row.
    annotation.kind = AnnotationKind::Ellipse;
    annotation.points = vec![[10.0, 4.0], [10.0, 4.0], [9.0, 4.0], [11.0, 4.0]];
    let area = told("area", 0.0, "px²");
    assert_eq!(saved(&annotation, None)?, std::slice::from_ref(&area));
    let sd = (200.0f64 / 3.0).sqrt();
    let values = [("mean", 100.0), ("sd", sd), ("min", 90.0), ("max", 110.0)];
    let values = values.map(|(name, value)| told(name, value, ""));
    let all: Vec<_> = [area.clone()].into_iter().chain(values).collect();
    assert_eq!(saved(&annotation, Some(&image))?, all);

    // Another image than that of the annotation tells nothing of it.
    let mut other = image;
    other.header.instance.sop_instance_uid = Uid::parse("1.2.9")?;
    assert_eq!(saved(&annotation, Some(&other))?, [area]);

    annotation.kind = AnnotationKind::Arrow;
    annotation.points.truncate(2);
    assert_eq!(saved(&annotation, None)?, []);
    Ok(())
}
