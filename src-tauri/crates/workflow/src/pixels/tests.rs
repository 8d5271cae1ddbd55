//! Every kind of image becomes the bytes that the window expects.

mod as_measured;
mod as_reported;

use super::bytes::{HEADER_BYTES, frame_bytes};
use domain::{Decoded, FailureCode, Palette, PixelArray, PixelData, Rescale, SampleType, SourceFormat, Uid, Window};

type Checked = Result<(), Box<dyn std::error::Error>>;

pub fn grey(rows: u32, cols: u32, data: PixelData) -> Decoded {
    picture(1, [1, rows, cols], data, "MONOCHROME2")
}

pub fn coloured(rows: u32, cols: u32, data: PixelData, photometric: &str) -> Decoded {
    picture(3, [1, rows, cols], data, photometric)
}

pub fn picture(samples: u32, [frames, rows, cols]: [u32; 3], data: PixelData, photometric: &str) -> Decoded {
    let mut header = domain::testing::header();
    header.instance.format = SourceFormat::Dicom;
    header.image.frames = frames;
    (header.image.rows, header.image.cols, header.image.samples) = (rows, cols, samples);
    header.image.photometric_interpretation = photometric.into();
    if matches!(data, PixelData::U8(_) | PixelData::I8(_)) {
        header.image.bits_stored = 8;
    }
    let pixels = PixelArray {
        frames,
        rows,
        cols,
        samples,
        data,
    };
    Decoded::new(header, pixels)
}

#[derive(Debug, PartialEq)]
struct Read {
    kind: u8,
    samples: u8,
    invert: u8,
    rows: u32,
    cols: u32,
    /// slope, intercept, least, greatest, centre, width
    numbers: [f64; 6],
    values: Vec<f64>,
}

/// As the window reads it.
fn read(bytes: &[u8]) -> Result<Read, Box<dyn std::error::Error>> {
    // Windows of fractions and colours measure; those of whole numbers count them.
    let exact = u8::from(bytes[4] == 5 || bytes[5] == 3);
    assert_eq!((&bytes[..4], bytes[7]), (b"OVF2".as_slice(), exact));
    let word = |at: usize| bytes[at..].first_chunk().map(|b| u32::from_le_bytes(*b));
    let number = |at: usize| bytes[at..].first_chunk().map(|b| f64::from_le_bytes(*b));
    let mut numbers = [0.0; 6];
    for (place, value) in numbers.iter_mut().enumerate() {
        *value = number(16 + 8 * place).ok_or("the header ends early")?;
    }
    // None of these has padding, overlays, a shutter or a table: only filling follows the samples.
    assert!(number(64).is_some_and(f64::is_nan));
    assert!([80, 84, 88].map(word).iter().all(|count| *count == Some(0)));
    let kinds = [
        SampleType::U8,
        SampleType::I8,
        SampleType::U16,
        SampleType::I16,
        SampleType::F32,
    ];
    let kind = kinds[bytes[4] as usize - 1];
    let (rows, cols) = (word(8).ok_or("no rows")?, word(12).ok_or("no columns")?);
    let length = rows as usize * cols as usize * bytes[5] as usize * kind.bytes();
    assert_eq!(bytes.len(), (HEADER_BYTES + length).next_multiple_of(4));
    let samples = PixelData::from_le_bytes(kind, &bytes[HEADER_BYTES..HEADER_BYTES + length]);
    let values: Vec<f64> = match samples.ok_or("the samples do not fit their type")? {
        PixelData::U8(v) => v.into_iter().map(f64::from).collect(),
        PixelData::I8(v) => v.into_iter().map(f64::from).collect(),
        PixelData::U16(v) => v.into_iter().map(f64::from).collect(),
        PixelData::I16(v) => v.into_iter().map(f64::from).collect(),
        PixelData::F32(v) => v.into_iter().map(f64::from).collect(),
        other => return Err(format!("samples of type {}", other.sample_type()).into()),
    };
    assert_eq!(values.len(), rows as usize * cols as usize * bytes[5] as usize);
    Ok(Read {
        kind: bytes[4],
        samples: bytes[5],
        invert: bytes[6],
        rows,
        cols,
        numbers,
        values,
    })
}

#[test]
fn one_pixel_and_a_line_of_20000_keep_every_value() -> Checked {
    let one = read(&frame_bytes(&grey(1, 1, PixelData::U16(vec![4095])), 0)?)?;
    assert_eq!(
        (one.kind, one.rows, one.cols, &one.values[..]),
        (3, 1, 1, &[4095.0][..])
    );
    assert_eq!(one.numbers[2..4], [4095.0, 4095.0]);
    assert!(one.numbers[5] > 0.0);
    let values: Vec<u16> = (0..20_000).collect();
    let line = read(&frame_bytes(&grey(1, 20_000, PixelData::U16(values)), 0)?)?;
    assert_eq!((line.rows, line.cols), (1, 20_000));
    assert!(line.values.iter().enumerate().all(|(at, v)| at as f64 == *v));
    let [low, high] = [-0.5, 0.5].map(|side| line.numbers[4] + side * line.numbers[5]);
    assert!(
        (low - 20.0).abs() < 3.0 && (high - 19_980.0).abs() < 3.0,
        "{low} {high}"
    );
    Ok(())
}

#[test]
fn signed_values_keep_their_sign_and_their_rescale() -> Checked {
    let mut ct = grey(1, 3, PixelData::I16(vec![-1024, 0, 3071]));
    ct.header.image.rescale = Rescale {
        slope: 1.0,
        intercept: -24.0,
    };
    ct.header.image.windows = vec![
        Window {
            center: 40.0,
            width: 400.0,
        },
        Window {
            center: 600.0,
            width: 1600.0,
        },
    ];
    let seen = read(&frame_bytes(&ct, 0)?)?;
    assert_eq!((seen.kind, &seen.values[..]), (4, &[-1024.0, 0.0, 3071.0][..]));
    assert_eq!(seen.numbers, [1.0, -24.0, -1024.0, 3071.0, 40.0, 400.0]);
    let bytes = read(&frame_bytes(&grey(1, 2, PixelData::I8(vec![-128, 127])), 0)?)?;
    assert_eq!((bytes.kind, &bytes.values[..]), (2, &[-128.0, 127.0][..]));
    Ok(())
}

#[test]
fn an_inverted_picture_says_so_and_keeps_its_values() -> Checked {
    let mut xray = grey(1, 2, PixelData::U8(vec![0, 255]));
    xray.header.image.photometric_interpretation = "MONOCHROME1".into();
    let seen = read(&frame_bytes(&xray, 0)?)?;
    assert_eq!((seen.kind, seen.invert, &seen.values[..]), (1, 1, &[0.0, 255.0][..]));
    Ok(())
}

#[test]
fn fractions_and_what_is_no_number_pass_and_the_range_ignores_the_latter() -> Checked {
    let data = PixelData::F32(vec![f32::NAN, -0.5, f32::INFINITY, 0.75]);
    let seen = read(&frame_bytes(&grey(2, 2, data), 0)?)?;
    assert_eq!((seen.kind, seen.numbers[2], seen.numbers[3]), (5, -0.5, 0.75));
    assert!(seen.values[0].is_nan() && seen.values[2].is_infinite());
    assert_eq!((seen.numbers[4], seen.numbers[5]), (0.125, 1.25));
    Ok(())
}

#[test]
fn wide_types_become_modality_values_in_float() -> Checked {
    for data in [
        PixelData::U32(vec![4_000_000_000, 10]),
        PixelData::F64(vec![4e9, 10.0]),
        PixelData::I32(vec![-4_000_000, 10]),
    ] {
        let modality = match &data {
            PixelData::I32(_) => [-399_500.0, 501.0],
            _ => [400_000_500.0, 501.0],
        };
        let mut wide = grey(1, 2, data);
        wide.header.image.rescale = Rescale {
            slope: 0.1,
            intercept: 500.0,
        };
        let seen = read(&frame_bytes(&wide, 0)?)?;
        assert_eq!((seen.kind, seen.numbers[0], seen.numbers[1]), (5, 1.0, 0.0));
        for (value, wanted) in seen.values.iter().zip(modality) {
            assert!((value - wanted).abs() <= wanted.abs() * 1e-7, "{value} for {wanted}");
        }
    }
    Ok(())
}

#[test]
fn each_frame_of_many_is_its_own() -> Checked {
    let many = picture(1, [3, 1, 2], PixelData::U8(vec![0, 1, 10, 11, 20, 21]), "MONOCHROME2");
    for frame in 0..3u32 {
        let seen = read(&frame_bytes(&many, frame)?)?;
        let first = f64::from(frame * 10);
        assert_eq!(seen.values, [first, first + 1.0]);
    }
    let beyond = frame_bytes(&many, 3)
        .err()
        .ok_or("a frame that is not there was given")?;
    assert!(
        beyond.code == FailureCode::NoSuchFrame && beyond.message.contains('3'),
        "{beyond}"
    );
    Ok(())
}

#[test]
fn colour_comes_as_rgb_of_eight_bits_whatever_it_was() -> Checked {
    let shown = |decoded: &Decoded| -> Result<Vec<f64>, Box<dyn std::error::Error>> {
        let seen = read(&frame_bytes(decoded, 0)?)?;
        assert_eq!((seen.kind, seen.samples, seen.invert), (1, 3, 0));
        assert_eq!(seen.numbers[..2], [1.0, 0.0]);
        assert_eq!(seen.numbers[4..], [127.5, 255.0]);
        Ok(seen.values)
    };
    let plain = coloured(1, 2, PixelData::U8(vec![1, 2, 3, 250, 251, 252]), "RGB");
    assert_eq!(shown(&plain)?, [1.0, 2.0, 3.0, 250.0, 251.0, 252.0]);
    let deep = coloured(1, 1, PixelData::U16(vec![0xFFFF, 0x80FF, 0x00FF]), "RGB");
    assert_eq!(shown(&deep)?, [255.0, 128.0, 0.0]);
    let mut twelve = coloured(1, 1, PixelData::U16(vec![4095, 2048, 15]), "RGB");
    twelve.header.image.bits_stored = 12;
    assert_eq!(shown(&twelve)?, [255.0, 128.0, 0.0]);
    let see_through = picture(4, [1, 1, 1], PixelData::U8(vec![9, 8, 7, 0]), "RGB");
    assert_eq!(shown(&see_through)?, [9.0, 8.0, 7.0]);
    // Pure red and white in YBR_FULL, to a grey level.
    let ybr = coloured(1, 2, PixelData::U8(vec![76, 85, 255, 255, 128, 128]), "YBR_FULL");
    let wanted = [254.0, 0.0, 0.0, 255.0, 255.0, 255.0];
    for (value, wanted) in shown(&ybr)?.into_iter().zip(wanted) {
        assert!((value - wanted).abs() <= 1.0, "{value} for {wanted}");
    }
    let partial = coloured(
        1,
        2,
        PixelData::U8(vec![16, 128, 128, 235, 128, 128]),
        "YBR_PARTIAL_422",
    );
    assert_eq!(shown(&partial)?, [0.0, 0.0, 0.0, 255.0, 255.0, 255.0]);
    Ok(())
}

#[test]
fn a_palette_gives_its_colours_also_beyond_its_ends() -> Checked {
    let mut indexed = grey(1, 4, PixelData::I16(vec![-5, 10, 11, 99]));
    indexed.header.image.photometric_interpretation = "PALETTE COLOR".into();
    indexed.header.image.palette = Some(Palette {
        first: 10,
        colours: vec![[0xFF00, 0, 0], [0, 0xFFFF, 0x1234]],
    });
    let seen = read(&frame_bytes(&indexed, 0)?)?;
    assert_eq!((seen.kind, seen.samples), (1, 3));
    let (first, last) = ([255.0, 0.0, 0.0], [0.0, 255.0, 18.0]);
    assert_eq!(seen.values, [first, first, last, last].concat());
    Ok(())
}

#[test]
fn grey_with_transparency_stays_grey_and_no_picture_is_explained() -> Checked {
    let see_through = picture(2, [1, 1, 2], PixelData::U8(vec![5, 0, 6, 255]), "MONOCHROME2");
    let seen = read(&frame_bytes(&see_through, 0)?)?;
    assert_eq!((seen.samples, &seen.values[..]), (1, &[5.0, 6.0][..]));
    let mut report = grey(1, 1, PixelData::U8(vec![]));
    (report.pixels.frames, report.header.image.frames) = (0, 0);
    report.header.instance.sop_class_uid = Some(Uid::parse("1.2.840.10008.5.1.4.1.1.88.33")?);
    let told = frame_bytes(&report, 0).err().ok_or("a report was shown as a picture")?;
    assert!(
        told.code == FailureCode::NoPicture && told.message.contains("Comprehensive SR"),
        "{told}"
    );
    Ok(())
}
