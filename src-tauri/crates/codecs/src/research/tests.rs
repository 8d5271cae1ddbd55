//! Volumes in each of the formats: the same voxels at the same places of the patient.

use std::io::Write;

use decode::{Limits, Wanted};
use domain::{Decoded, FailureCode, PixelData, SampleType};

use crate::decode_bytes::{decode_in_process, decode_with};

mod checksums;
mod places;
mod units;

type Done = Result<(), Box<dyn std::error::Error>>;

const SIZE: [usize; 3] = [5, 4, 3];
/// In LPS: columns, rows and slices lead left, back and up.
const STEPS: [f64; 3] = [1.5, 2.0, 4.0];
const ORIGIN: [f64; 3] = [-10.0, -20.0, 30.0];

fn values() -> Vec<i16> {
    (0..60).map(|i| i * 13 - 200).collect()
}

fn bytes_of(big_endian: bool) -> Vec<u8> {
    let bytes = |value: i16| {
        if big_endian {
            value.to_be_bytes()
        } else {
            value.to_le_bytes()
        }
    };
    values().into_iter().flat_map(bytes).collect()
}

/// What goes into a NIfTI header beside the shape.
#[derive(Clone, Copy)]
struct Nifti {
    second: bool,
    big_endian: bool,
    datatype: i16,
    /// RAS.
    sform: Option<[[f32; 4]; 3]>,
    /// Quaternion b, c, d; offset; sign of the third axis.
    qform: Option<([f32; 3], [f32; 3], f32)>,
    slope: f32,
    intercept: f32,
    size: [usize; 4],
}

const PLAIN: Nifti = Nifti {
    second: false,
    big_endian: false,
    datatype: 4,
    sform: Some([[-1.5, 0.0, 0.0, 10.0], [0.0, -2.0, 0.0, 20.0], [0.0, 0.0, 4.0, 30.0]]),
    qform: None,
    slope: 0.0,
    intercept: 0.0,
    size: [5, 4, 3, 1],
};

impl Nifti {
    fn file(&self, data: &[u8]) -> Vec<u8> {
        let mut head = vec![0; if self.second { 544 } else { 352 }];
        let big = self.big_endian;
        let mut put = |at: usize, mut bytes: Vec<u8>| {
            if big {
                bytes.reverse();
            }
            head[at..at + bytes.len()].copy_from_slice(&bytes);
        };
        let whole = |value: i64, width: usize| value.to_le_bytes()[..width].to_vec();
        let float = |value: f32, second: bool| match second {
            true => f64::from(value).to_le_bytes().to_vec(),
            false => value.to_le_bytes().to_vec(),
        };
        let (n, f) = if self.second { (8, 8) } else { (2, 4) };
        let at = |first: usize, second: usize| if self.second { second } else { first };
        put(0, whole(if self.second { 540 } else { 348 }, 4));
        put(at(70, 12), whole(i64::from(self.datatype), 2));
        put(at(40, 16), whole(if self.size[3] > 1 { 4 } else { 3 }, n));
        for (axis, count) in self.size.iter().enumerate() {
            put(at(40, 16) + n * (axis + 1), whole(*count as i64, n));
        }
        let sign = self.qform.map_or(1.0, |(_, _, sign)| sign);
        for (axis, step) in [sign, 1.5, 2.0, 4.0].into_iter().enumerate() {
            put(at(76, 104) + f * axis, float(step, self.second));
        }
        match self.second {
            true => put(168, whole(544, 8)),
            false => put(108, float(352.0, false)),
        }
        put(at(112, 176), float(self.slope, self.second));
        put(at(116, 184), float(self.intercept, self.second));
        let code = if self.second { 4 } else { 2 };
        if let Some((quaternion, offset, _)) = self.qform {
            put(at(252, 344), whole(1, code));
            for (i, value) in quaternion.into_iter().chain(offset).enumerate() {
                put(at(256, 352) + f * i, float(value, self.second));
            }
        }
        if let Some(rows) = self.sform {
            put(at(254, 348), whole(1, code));
            for (i, value) in rows.into_iter().flatten().enumerate() {
                put(at(280, 400) + f * i, float(value, self.second));
            }
        }
        if self.second {
            head[4..8].copy_from_slice(b"n+2\0");
        } else {
            head[344..348].copy_from_slice(b"n+1\0");
        }
        [&head, data].concat()
    }
}

fn gzip_of(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut gzip = flate2::write::GzEncoder::new(vec![], flate2::Compression::fast());
    gzip.write_all(bytes)?;
    gzip.finish()
}

fn zlib_of(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut zlib = flate2::write::ZlibEncoder::new(vec![], flate2::Compression::fast());
    zlib.write_all(bytes)?;
    zlib.finish()
}

fn decoded(file: &[u8]) -> Result<Decoded, decode::DecodeError> {
    decode_in_process(file, &Limits::default())
}

fn refused(file: &[u8]) -> Option<FailureCode> {
    decoded(file).err().map(|error| error.code)
}

#[track_caller]
fn is_the_volume(file: &[u8], what: &str) -> Done {
    let Decoded {
        header, facts, pixels, ..
    } = decoded(file)?;
    assert_eq!((pixels.frames, pixels.rows, pixels.cols), (3, 4, 5), "{what}");
    assert_eq!(pixels.data, PixelData::I16(values()), "{what}");
    let image = header.image;
    let near =
        |got: &[f64], want: &[f64]| got.len() == want.len() && got.iter().zip(want).all(|(a, b)| (a - b).abs() < 1e-5);
    assert!(
        near(&image.position_mm.ok_or("no place")?, &ORIGIN),
        "{what}: {:?}",
        image.position_mm
    );
    assert!(
        near(
            &image.orientation.ok_or("no orientation")?,
            &[1.0, 0.0, 0.0, 0.0, 1.0, 0.0]
        ),
        "{what}: {:?}",
        image.orientation
    );
    assert!(
        near(&image.pixel_spacing_mm.ok_or("no spacing")?, &[2.0, 1.5]),
        "{what}"
    );
    assert!(
        near(&[image.slice_thickness_mm.ok_or("no thickness")?], &[4.0]),
        "{what}"
    );
    let places: Vec<_> = facts.frames.iter().filter_map(|frame| frame.position_mm).collect();
    assert_eq!(places.len(), 3, "{what}");
    for (slice, place) in places.iter().enumerate() {
        let want = [-10.0, -20.0, 30.0 + 4.0 * slice as f64];
        assert!(near(place, &want), "{what}: {place:?}");
    }
    Ok(())
}

fn nrrd(fields: &str, data: &[u8]) -> Vec<u8> {
    let head = format!("NRRD0005\n# made for a test\ndimension: 3\nsizes: 5 4 3\ntype: short\n{fields}\n\n");
    [head.as_bytes(), data].concat()
}

const NRRD_PLACE: &str = "space: LPS\nspace directions: (1.5,0,0) (0,2,0) (0,0,4)\nspace origin: (-10,-20,30)\n";

fn meta(fields: &str, data: &[u8]) -> Vec<u8> {
    let head = format!(
        "ObjectType = Image\nNDims = 3\nDimSize = 5 4 3\nElementSpacing = 1.5 2 4\nOffset = -10 -20 30\n{fields}\nElementType = MET_SHORT\n"
    );
    [head.as_bytes(), data].concat()
}

#[test]
fn every_way_of_writing_a_volume_is_the_same_volume() -> Done {
    let (little, big) = (bytes_of(false), bytes_of(true));
    for second in [false, true] {
        let plain = Nifti { second, ..PLAIN };
        is_the_volume(&plain.file(&little), "NIfTI")?;
        is_the_volume(&gzip_of(&plain.file(&little))?, "NIfTI in gzip")?;
        let turned = Nifti {
            big_endian: true,
            ..plain
        };
        is_the_volume(&turned.file(&big), "NIfTI, big endian")?;
        // Half a turn about the third axis turns RAS into LPS.
        let quaternion = Nifti {
            sform: None,
            qform: Some(([0.0, 0.0, 1.0], [10.0, 20.0, 30.0], 1.0)),
            ..plain
        };
        is_the_volume(&quaternion.file(&little), "NIfTI with a quaternion")?;
    }
    let hex: String = little.iter().map(|byte| format!("{byte:02x}")).collect();
    let text: Vec<String> = values().iter().map(ToString::to_string).collect();
    for (fields, data) in [
        ("encoding: raw\nendian: little", little.clone()),
        ("encoding: raw\nendian: big", big.clone()),
        ("encoding: gzip\nendian: little", gzip_of(&little)?),
        ("encoding: gz\nendian: big", gzip_of(&big)?),
        ("encoding: hex\nendian: little", hex.into_bytes()),
        ("encoding: ascii\nendian: little", text.join(" ").into_bytes()),
        (
            "encoding: raw\nendian: little\nbyte skip: 7",
            [vec![9; 7], little.clone()].concat(),
        ),
        (
            "encoding: raw\nendian: little\nbyte skip: -1",
            [vec![9; 7], little.clone()].concat(),
        ),
        (
            "encoding: raw\nendian: little\nline skip: 2",
            [b"a\nb\n".to_vec(), little.clone()].concat(),
        ),
    ] {
        is_the_volume(&nrrd(&format!("{NRRD_PLACE}{fields}"), &data), fields)?;
    }
    let ras =
        "space: right-anterior-superior\nspace directions: (-1.5,0,0) (0,-2,0) (0,0,4)\nspace origin: (10,20,30)\n";
    is_the_volume(
        &nrrd(&format!("{ras}encoding: raw\nendian: little"), &little),
        "NRRD in RAS",
    )?;
    for (fields, data) in [
        ("BinaryDataByteOrderMSB = False", little.clone()),
        ("BinaryDataByteOrderMSB = True", big.clone()),
        ("CompressedData = True", zlib_of(&little)?),
        ("TransformMatrix = 1 0 0 0 1 0 0 0 1", little.clone()),
        ("HeaderSize = -1", [vec![9; 7], little.clone()].concat()),
    ] {
        let head = meta(fields, b"ElementDataFile = LOCAL\n");
        is_the_volume(&[head, data].concat(), fields)?;
    }
    Ok(())
}

/// Rows and columns that are stored the other way round are shown as radiology shows them.
#[test]
fn a_volume_that_is_stored_the_other_way_round_shows_the_same_slices() -> Done {
    let [cols, rows, slices] = SIZE;
    let stored: Vec<u8> = (0..slices)
        .flat_map(|z| {
            (0..rows)
                .rev()
                .flat_map(move |y| (0..cols).rev().map(move |x| (z * rows + y) * cols + x))
        })
        .flat_map(|at| values()[at].to_le_bytes())
        .collect();
    // The first voxel lies at the far end of both axes.
    let (x, y) = (ORIGIN[0] + STEPS[0] * 4.0, ORIGIN[1] + STEPS[1] * 3.0);
    let turned = Nifti {
        sform: Some([
            [1.5, 0.0, 0.0, -x as f32],
            [0.0, 2.0, 0.0, -y as f32],
            [0.0, 0.0, 4.0, 30.0],
        ]),
        ..PLAIN
    };
    is_the_volume(&turned.file(&stored), "RAS")?;
    let fields = format!("space: LPS\nspace directions: (-1.5,0,0) (0,-2,0) (0,0,4)\nspace origin: ({x},{y},30)\n");
    is_the_volume(
        &nrrd(&format!("{fields}encoding: raw\nendian: little"), &stored),
        "NRRD",
    )
}

#[test]
fn slope_and_intercept_count_only_where_the_slope_does() -> Done {
    for (slope, intercept, want) in [
        (0.5, -100.0, (0.5, -100.0)),
        (0.0, 7.0, (1.0, 0.0)),
        (0.0, f32::NAN, (1.0, 0.0)),
        (f32::NAN, f32::NAN, (1.0, 0.0)),
        (f32::INFINITY, 1.0, (1.0, 0.0)),
        (2.0, f32::NAN, (2.0, 0.0)),
    ] {
        let file = Nifti {
            slope,
            intercept,
            ..PLAIN
        }
        .file(&bytes_of(false));
        let read = decoded(&file)?;
        let rescale = read.header.image.rescale;
        assert_eq!((rescale.slope, rescale.intercept), want, "{slope}, {intercept}");
        let told = read
            .facts
            .notes
            .iter()
            .filter(|note| note.code_name() == Some("file.field_left_out"));
        // An intercept without a slope never counts.
        let odd = usize::from(!slope.is_finite()) + usize::from(slope == 2.0 && !intercept.is_finite());
        assert_eq!(told.count(), odd, "{slope}, {intercept}");
    }
    Ok(())
}

#[test]
fn every_type_of_voxel_is_read_or_named() -> Done {
    for (datatype, bytes, dtype, samples) in [
        (2, 1, SampleType::U8, 1),
        (4, 2, SampleType::I16, 1),
        (8, 4, SampleType::I32, 1),
        (16, 4, SampleType::F32, 1),
        (64, 8, SampleType::F64, 1),
        (128, 3, SampleType::U8, 3),
        (256, 1, SampleType::I8, 1),
        (512, 2, SampleType::U16, 1),
        (768, 4, SampleType::U32, 1),
        (1024, 8, SampleType::I32, 1),
        (1280, 8, SampleType::I32, 1),
        (2304, 4, SampleType::U8, 4),
    ] {
        let data = vec![0; 60 * bytes];
        let read = decoded(&Nifti { datatype, ..PLAIN }.file(&data))?;
        assert_eq!(
            (read.pixels.data.sample_type(), read.pixels.samples),
            (dtype, samples),
            "{datatype}"
        );
    }
    for datatype in [0, 1, 32, 1536, 1792, 2048, 77] {
        let file = Nifti { datatype, ..PLAIN }.file(&[0; 4000]);
        assert_eq!(refused(&file), Some(FailureCode::Unsupported), "{datatype}");
    }
    // Whole numbers that no float holds.
    let wide: Vec<u8> = std::iter::repeat_n(i64::MAX, 60).flat_map(i64::to_le_bytes).collect();
    assert_eq!(
        refused(
            &Nifti {
                datatype: 1024,
                ..PLAIN
            }
            .file(&wide)
        ),
        Some(FailureCode::Unsupported)
    );
    let large: Vec<u8> = std::iter::repeat_n(1_i64 << 40, 60)
        .flat_map(i64::to_le_bytes)
        .collect();
    let read = decoded(
        &Nifti {
            datatype: 1024,
            ..PLAIN
        }
        .file(&large),
    )?;
    assert_eq!(read.pixels.data, PixelData::F64(vec![(1_i64 << 40) as f64; 60]));
    Ok(())
}

#[test]
fn a_header_with_its_data_beside_it_is_read_as_one() -> Done {
    let data = bytes_of(false);
    let heads = [
        nrrd(
            &format!("{NRRD_PLACE}encoding: raw\nendian: little\ndata file: a.raw"),
            b"",
        ),
        meta("", b"ElementDataFile = a.raw\n"),
        meta("", b"ElementDataFile = a.raw"),
    ];
    for head in &heads {
        let named = crate::names::names(head, &Limits::default())?;
        assert_eq!(named.files, ["a.raw"]);
        assert_eq!(refused(head), Some(FailureCode::Unsupported));
        let mut tar = ::tar::Builder::new(vec![]);
        for (name, bytes) in [("a.mhd", head), ("a.raw", &data)] {
            let mut entry = ::tar::Header::new_ustar();
            entry.set_size(bytes.len() as u64);
            entry.set_path(name)?;
            entry.set_cksum();
            tar.append(&entry, bytes.as_slice())?;
        }
        is_the_volume(&tar.into_inner()?, "two files")?;
    }
    let slices = meta("", b"ElementDataFile = s%02d.raw 1 3 1\n");
    assert_eq!(
        crate::names::names(&slices, &Limits::default())?.files,
        ["s01.raw", "s02.raw", "s03.raw"]
    );
    for outside in ["../a.raw", "/etc/passwd", "b/../../a", "C:\\a.raw"] {
        let head = meta("", format!("ElementDataFile = {outside}\n").as_bytes());
        let code = crate::names::names(&head, &Limits::default()).map_err(|error| error.code);
        assert_eq!(code, Err(FailureCode::Corrupt), "{outside}");
    }
    Ok(())
}

#[test]
fn what_is_cut_or_declares_too_much_is_refused() -> Done {
    let whole = Nifti { ..PLAIN }.file(&bytes_of(false));
    let gzip = gzip_of(&whole)?;
    let nrrd = nrrd(
        &format!("{NRRD_PLACE}encoding: gzip\nendian: little"),
        &gzip_of(&bytes_of(false))?,
    );
    let meta = [
        meta("CompressedData = True", b"ElementDataFile = LOCAL\n"),
        zlib_of(&bytes_of(false))?,
    ]
    .concat();
    for file in [&whole, &gzip, &nrrd, &meta] {
        for cut in (0..file.len() - 10).step_by(3) {
            assert!(
                refused(&file[..cut]).is_some(),
                "{cut} of {} bytes were an image",
                file.len()
            );
        }
        for place in (0..file.len()).step_by(5) {
            let mut flipped = file.clone();
            flipped[place] ^= 1 << (place % 8);
            // Ends, in an image or in words.
            let _ = decoded(&flipped);
        }
    }
    for size in [[32767, 32767, 32767, 32767], [40_000, 1, 1, 1], [0, 4, 3, 1]] {
        assert!(
            refused(
                &Nifti {
                    size,
                    second: true,
                    ..PLAIN
                }
                .file(&[0; 200])
            )
            .is_some(),
            "{size:?}"
        );
    }
    // A thousand times its own size, in gzip.
    let bomb = Nifti {
        size: [512, 512, 3000, 1],
        ..PLAIN
    }
    .file(&[0; 100]);
    assert_eq!(refused(&gzip_of(&bomb)?), Some(FailureCode::LimitExceeded));
    Ok(())
}

#[test]
fn one_slice_of_many_is_the_slice_of_all() -> Done {
    let series = Nifti {
        size: [5, 4, 3, 2],
        ..PLAIN
    };
    let data = [bytes_of(false), bytes_of(false)].concat();
    for file in [series.file(&data), gzip_of(&series.file(&data))?] {
        let all = decoded(&file)?;
        assert_eq!((all.pixels.frames, all.header.image.frames), (6, 6));
        let one = decode_with(&file, &Limits::default(), &Wanted::Frames(4..5), &|_| {})?;
        assert_eq!(one.pixels.data, PixelData::I16(values()[20..40].to_vec()));
        let head = decode_with(&file, &Limits::default(), &Wanted::Header, &|_| {})?;
        assert_eq!((head.pixels.frames, head.header.image.frames), (0, 6));
    }
    Ok(())
}

#[test]
fn without_a_place_in_the_patient_there_is_none() -> Done {
    let data = bytes_of(false);
    for file in [
        Nifti { sform: None, ..PLAIN }.file(&data),
        nrrd("spacings: 1.5 2 4\nencoding: raw\nendian: little", &data),
    ] {
        let image = decoded(&file)?.header.image;
        assert_eq!((image.position_mm, image.orientation), (None, None));
        assert_eq!(image.pixel_spacing_mm, Some([2.0, 1.5]));
    }
    Ok(())
}
