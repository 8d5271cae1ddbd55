use super::*;
use crate::Rescale;
use crate::testing::header;

fn decoded(photometric: &str, samples: u32, data: PixelData, rescale: Rescale) -> Decoded {
    let mut header = header();
    header.image.cols = (data.len() / samples as usize) as u32;
    header.image.samples = samples;
    header.image.photometric_interpretation = photometric.into();
    header.image.rescale = rescale;
    let pixels = PixelArray {
        frames: 1,
        rows: 1,
        cols: header.image.cols,
        samples,
        data,
    };
    Decoded::new(header, pixels)
}

#[test]
fn rescale_gives_modality_values() {
    let scan = decoded(
        "MONOCHROME2",
        1,
        PixelData::I16(vec![0, 1024, 2048]),
        Rescale {
            slope: 1.0,
            intercept: -1024.0,
        },
    );
    assert_eq!(
        GreyFrame::of(&scan, 0).map(|f| f.values),
        Ok(vec![-1024.0, 0.0, 1024.0])
    );
}

#[test]
fn monochrome1_is_turned_so_that_bright_is_more() {
    let scan = decoded("MONOCHROME1", 1, PixelData::U8(vec![0, 200]), Rescale::default());
    assert_eq!(GreyFrame::of(&scan, 0).map(|f| f.values), Ok(vec![200.0, 0.0]));
}

#[test]
fn colour_becomes_luma_and_ybr_keeps_its_first_sample() {
    let rgb = decoded(
        "RGB",
        3,
        PixelData::U8(vec![255, 0, 0, 255, 255, 255]),
        Rescale::default(),
    );
    let grey = GreyFrame::of(&rgb, 0).map(|f| f.values).unwrap_or_default();
    assert!(
        (grey[0] - 76.245).abs() < 1e-3 && (grey[1] - 255.0).abs() < 1e-3,
        "{grey:?}"
    );
    let ybr = decoded("YBR_FULL", 3, PixelData::U8(vec![90, 1, 2]), Rescale::default());
    assert_eq!(GreyFrame::of(&ybr, 0).map(|f| f.values), Ok(vec![90.0]));
}

#[test]
fn a_frame_beyond_the_last_and_nan_are_errors() {
    let scan = decoded("MONOCHROME2", 1, PixelData::F32(vec![f32::NAN]), Rescale::default());
    assert_eq!(GreyFrame::of(&scan, 0), Err(GreyError::NotFinite));
    let huge = decoded("MONOCHROME1", 1, PixelData::F32(vec![3e38, -3e38]), Rescale::default());
    assert_eq!(GreyFrame::of(&huge, 0), Err(GreyError::NotFinite));
    assert_eq!(
        GreyFrame::of(&scan, 1),
        Err(GreyError::NoSuchFrame { frame: 1, frames: 1 })
    );
}

#[test]
fn samples_survive_the_way_to_bytes_and_back() {
    let data = PixelData::I16(vec![-1, 0, 300]);
    let bytes = data.to_le_bytes();
    assert_eq!(
        bytes.map(|bytes| PixelData::from_le_bytes(data.sample_type(), &bytes)),
        Ok(Some(data))
    );
    assert_eq!(PixelData::from_le_bytes(SampleType::I16, &[1, 2, 3]), None);
}

#[test]
fn shape_is_written_as_numpy_would() {
    let shape = |frames, samples| {
        PixelArray {
            frames,
            rows: 4,
            cols: 5,
            samples,
            data: PixelData::U8(vec![]),
        }
        .shape()
    };
    assert_eq!(shape(1, 1), "4x5");
    assert_eq!(shape(3, 1), "3x4x5");
    assert_eq!(shape(1, 3), "4x5x3");
    assert_eq!(shape(2, 3), "2x4x5x3");
}

#[test]
fn palette_colours_become_luma_and_values_outside_take_the_end_colours() {
    let mut scan = decoded(
        "PALETTE COLOR",
        1,
        PixelData::U8(vec![0, 10, 11, 255]),
        Rescale::default(),
    );
    let colours = vec![[0, 0, 0], [65535, 65535, 65535]];
    scan.header.image.palette = Some(crate::instance::Palette { first: 10, colours });
    let grey = GreyFrame::of(&scan, 0).map(|f| f.values).unwrap_or_default();
    assert_eq!((grey[0], grey[1]), (0.0, 0.0));
    assert!(
        (grey[2] - 65535.0).abs() < 0.1 && (grey[3] - 65535.0).abs() < 0.1,
        "{grey:?}"
    );
}

#[test]
fn what_is_no_part_of_the_image_is_as_dark_as_its_darkest_part() {
    for (photometric, expected) in [
        ("MONOCHROME2", vec![20.0, 50.0, 20.0, 30.0]),
        ("MONOCHROME1", vec![50.0, 20.0, 20.0, 40.0]),
    ] {
        let mut scan = decoded(
            photometric,
            1,
            PixelData::I16(vec![20, 50, -2000, 30]),
            Rescale::default(),
        );
        scan.facts.padding = Some([-2000.0, -1500.0]);
        assert_eq!(GreyFrame::of(&scan, 0).map(|f| f.values), Ok(expected), "{photometric}");
    }
    let data = PixelData::F32(vec![f32::NAN, 0.5, f32::INFINITY, 0.25, 3e38]);
    let floats = decoded("MONOCHROME2", 1, data, Rescale::default());
    assert_eq!(
        GreyFrame::of(&floats, 0).map(|f| f.values),
        Ok(vec![0.25, 0.5, 0.25, 0.25, 0.25])
    );
    let mut nothing = decoded("MONOCHROME2", 1, PixelData::U16(vec![7; 4]), Rescale::default());
    nothing.facts.padding = Some([7.0, 7.0]);
    assert_eq!(GreyFrame::of(&nothing, 0), Err(GreyError::NotFinite));
}
