//! What image files hold beside the image that is shown, and what they say of it: followed or told in every format.

use decode::Limits;
use domain::{Decoded, PixelData};

use crate::decode_bytes::decode_in_process;

type Done = Result<(), Box<dyn std::error::Error>>;

fn read(file: &[u8]) -> Result<Decoded, decode::DecodeError> {
    decode_in_process(file, &Limits::default())
}

fn codes(decoded: &Decoded) -> Vec<String> {
    let notes = decoded.facts.notes.iter();
    notes.filter_map(|note| note.code_name()).map(str::to_owned).collect()
}

/// Two rows of three greys, without the start of the image and its JFIF segment.
const JPEG: &[u8] =
    b"\xff\xdb\0C\0\xa0nx\x8cxd\xa0\x8c\x82\x8c\xb4\xaa\xa0\xbe\xf0\xff\xff\xf0\xdc\xdc\xf0\xff\xff\xff\
    \xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\
    \xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xc0\0\x0b\x08\0\x02\0\x03\x01\x01\
    \x11\0\xff\xc4\0\x14\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x02\xff\xc4\0\x17\x10\x01\0\x03\0\0\0\0\0\
    \0\0\0\0\0\0\0\0\x01\0\x11!\xff\xda\0\x08\x01\x01\0\0?\0@Q\x84\xff\xd9";

fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 2).unwrap_or(u16::MAX).to_be_bytes();
    [&[0xff, marker], &length[..], body].concat()
}

fn jpeg(segments: &[Vec<u8>]) -> Vec<u8> {
    [&b"\xff\xd8"[..], &segments.concat(), JPEG].concat()
}

/// A TIFF structure of short and long numbers, little endian.
fn exif(entries: &[(u16, u32)]) -> Vec<u8> {
    let mut bytes = b"II\x2a\0\x08\0\0\0".to_vec();
    bytes.extend(u16::try_from(entries.len()).unwrap_or(0).to_le_bytes());
    for (tag, value) in entries {
        bytes.extend(tag.to_le_bytes());
        bytes.extend(b"\x04\0\x01\0\0\0");
        bytes.extend(value.to_le_bytes());
    }
    bytes.extend([0; 4]);
    bytes
}

fn chunk(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut crc = flate2::Crc::new();
    crc.update(name);
    crc.update(body);
    let length = u32::try_from(body.len()).unwrap_or(0).to_be_bytes();
    [&length[..], name, body, &crc.sum().to_be_bytes()].concat()
}

/// A PNG file of two rows of three greys, with more chunks behind its header.
fn png(colour: ::png::ColorType, chunks: &[Vec<u8>]) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let mut file = vec![];
    let mut encoder = ::png::Encoder::new(&mut file, 3, 2);
    encoder.set_color(colour);
    if colour == ::png::ColorType::Indexed {
        encoder.set_palette(vec![1, 2, 3, 4, 5, 6]);
    }
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&vec![1; 6 * colour.samples()])?;
    writer.finish()?;
    // Behind the header and a palette, before the samples.
    let at = file.windows(4).position(|four| four == b"IDAT").ok_or("no samples")? - 4;
    Ok([&file[..at], &chunks.concat(), &file[at..]].concat())
}

#[test]
fn more_images_than_the_first_are_told() -> Done {
    let one = jpeg(&[]);
    assert_eq!(codes(&read(&one)?), [""; 0]);
    for more in 1..4 {
        let counted = |told: &Decoded| {
            let words = told.facts.notes.first().map(|note| note.words.clone());
            assert_eq!(codes(told), ["file.more_images"]);
            assert!(words.is_some_and(|words| words.contains(&format!("{more} more image"))));
        };
        // Streams one behind the other, with bytes between that are none.
        counted(&read(
            &[&one[..], &[&b"\0\xff\xd8\xff\0"[..], &one].concat().repeat(more)].concat(),
        )?);
        // The index of a multi-picture file.
        let index = segment(
            0xe2,
            &[b"MPF\0", &exif(&[(0xb000, 0), (0xb001, more as u32 + 1)])[..]].concat(),
        );
        counted(&read(&jpeg(&[index]))?);
    }
    // A thumbnail in Exif is no image of the file.
    let small = segment(0xe1, &[b"Exif\0\0", &exif(&[])[..], &one].concat());
    assert_eq!(codes(&read(&jpeg(&[small]))?), [""; 0]);
    // An animation of PNG; one of a single image is none.
    for (frames, told) in [(1_u32, vec![]), (3, vec!["file.animation".to_owned()])] {
        let control = chunk(b"acTL", &[frames.to_be_bytes(), [0; 4]].concat());
        assert_eq!(
            codes(&read(&png(::png::ColorType::Grayscale, &[control])?)?),
            told,
            "{frames}"
        );
    }
    Ok(())
}

#[test]
fn dicom_files_put_together_are_told() -> Done {
    let element = |tag: [u8; 4], vr: &[u8; 2], value: &[u8]| {
        let length = u16::try_from(value.len()).unwrap_or(0).to_le_bytes();
        [&tag[..], vr, &length, value].concat()
    };
    let set = [
        element([8, 0, 0x60, 0], b"CS", b"CT"),
        element([0x28, 0, 2, 0], b"US", &[1, 0]),
        element([0x28, 0, 4, 0], b"CS", b"MONOCHROME2 "),
        element([0x28, 0, 0x10, 0], b"US", &[2, 0]),
        element([0x28, 0, 0x11, 0], b"US", &[2, 0]),
        element([0x28, 0, 0, 1], b"US", &[8, 0]),
        element([0x28, 0, 1, 1], b"US", &[8, 0]),
        element([0x28, 0, 2, 1], b"US", &[7, 0]),
        element([0x28, 0, 3, 1], b"US", &[0, 0]),
        [&[0xe0, 0x7f, 0x10, 0, b'O', b'B', 0, 0, 4, 0, 0, 0][..], &[1, 2, 3, 4]].concat(),
    ]
    .concat();
    let syntax = element([2, 0, 0x10, 0], b"UI", b"1.2.840.10008.1.2.1\0");
    let length = element([2, 0, 0, 0], b"UL", &(syntax.len() as u32).to_le_bytes());
    let one = [vec![0; 128], b"DICM".to_vec(), length, syntax, set].concat();
    for count in 1..5 {
        let told = read(&one.repeat(count))?;
        assert_eq!(told.pixels.data, PixelData::U8(vec![1, 2, 3, 4]));
        let notes: Vec<&str> = told.facts.notes.iter().map(|note| note.words.as_str()).collect();
        let more = notes
            .iter()
            .filter(|words| words.contains(&format!("{} more DICOM", count - 1)));
        assert_eq!(more.count(), usize::from(count > 1), "{notes:?}");
    }
    Ok(())
}

#[test]
fn every_container_turns_by_its_exif() -> Done {
    let pixels: Vec<u8> = (0..12 * 8 * 3).map(|at| (at * 7 % 251) as u8).collect();
    let mut webp = vec![];
    image_webp::WebPEncoder::new(&mut webp).encode(&pixels, 12, 8, image_webp::ColorType::Rgb8)?;
    for orientation in 1..=8_u32 {
        let tags = exif(&[(274, orientation)]);
        let jpeg = jpeg(&[segment(0xe1, &[b"Exif\0\0", &tags[..]].concat())]);
        let png = png(::png::ColorType::Grayscale, &[chunk(b"eXIf", &tags)])?;
        let mut files = vec![("JPEG", jpeg, (2, 3)), ("PNG", png, (2, 3))];
        for prefix in [&b""[..], b"Exif\0\0"] {
            let body = [prefix, &tags].concat();
            let part = [&b"EXIF"[..], &(body.len() as u32).to_le_bytes(), &body].concat();
            let mut file = [&webp[..], &part].concat();
            let length = (file.len() as u32 - 8).to_le_bytes();
            file[4..8].copy_from_slice(&length);
            files.push(("WebP", file, (8, 12)));
        }
        for (what, file, (rows, cols)) in files {
            let read = read(&file)?;
            let wanted = if orientation >= 5 { (cols, rows) } else { (rows, cols) };
            assert_eq!((read.pixels.rows, read.pixels.cols), wanted, "{what} {orientation}");
            let turned = codes(&read).contains(&"told.turned".to_owned());
            assert_eq!(turned, orientation > 1, "{what} {orientation}");
        }
    }
    Ok(())
}

#[test]
fn a_density_is_told_in_every_container_and_makes_no_lengths() -> Done {
    let shape = "file.field_left_out";
    let dots = "told.resolution";
    let mut bmp = vec![];
    image::codecs::bmp::BmpEncoder::new(&mut bmp).encode(&[7; 18], 3, 2, image::ExtendedColorType::Rgb8)?;
    for (unit, across, down, said) in [
        (0_u8, 1_u16, 1_u16, vec![]),
        (0, 2, 1, vec![shape]),
        (1, 72, 72, vec![dots]),
        (1, 300, 150, vec![shape, dots]),
        (2, 118, 118, vec![dots]),
    ] {
        let body = [
            &b"JFIF\0\x01\x01"[..],
            &[unit],
            &across.to_be_bytes(),
            &down.to_be_bytes(),
            &[0, 0],
        ]
        .concat();
        // Per metre, which is all that the others know.
        let per = [0.0, 39.37, 100.0][usize::from(unit)];
        let metre = [across, down].map(|dots| (f64::from(dots) * per) as u32);
        let plain = [across, down].map(u32::from);
        let [x, y] = if unit == 0 { plain } else { metre };
        let phys = chunk(
            b"pHYs",
            &[&x.to_be_bytes()[..], &y.to_be_bytes(), &[u8::from(unit > 0)]].concat(),
        );
        let mut files = vec![
            ("JFIF", jpeg(&[segment(0xe0, &body)])),
            ("pHYs", png(::png::ColorType::Grayscale, &[phys])?),
        ];
        if unit > 0 {
            bmp[38..42].copy_from_slice(&x.to_le_bytes());
            bmp[42..46].copy_from_slice(&y.to_le_bytes());
            files.push(("BMP", bmp.clone()));
        }
        for (what, file) in files {
            let read = read(&file)?;
            assert_eq!(codes(&read), said, "{what} {unit} {across} {down}");
            assert_eq!(read.header.image.pixel_spacing_mm, None);
        }
    }
    Ok(())
}

#[test]
fn what_a_png_file_says_of_its_samples_is_told() -> Done {
    use ::png::ColorType::{Grayscale, Indexed, Rgb};
    let told = vec!["file.field_left_out".to_owned()];
    for (colour, name, body, said) in [
        (Grayscale, b"sBIT", &[5][..], &told),
        (Grayscale, b"sBIT", &[8], &vec![]),
        (Rgb, b"sBIT", &[5, 6, 5], &told),
        (Grayscale, b"tRNS", &[0, 9], &told),
        (Indexed, b"tRNS", &[255, 255], &vec![]),
        (Indexed, b"tRNS", &[0, 255], &told),
        (Grayscale, b"gAMA", &100_000_u32.to_be_bytes(), &told),
        (Grayscale, b"gAMA", &45_455_u32.to_be_bytes(), &vec![]),
    ] {
        let file = png(colour, &[chunk(name, body)])?;
        assert_eq!(&codes(&read(&file)?), said, "{colour:?} {name:?} {body:?}");
    }
    Ok(())
}

#[test]
fn code_streams_of_a_jpx_file_are_counted() {
    let part = |name: &[u8; 4], body: &[u8]| {
        let length = u32::try_from(body.len() + 8).unwrap_or(0).to_be_bytes();
        [&length[..], name, body].concat()
    };
    for count in 0..4 {
        let file = [
            part(b"jP  ", b"\r\n\x87\n"),
            part(b"jp2h", b"jp2c of no box"),
            part(b"jp2c", b"stream").repeat(count),
        ]
        .concat();
        assert_eq!(crate::jpeg2000_stream::code_streams(&file), count);
        // The last one may go on to the end.
        let open = [&file[..], b"\0\0\0\0jp2c rest"].concat();
        assert_eq!(crate::jpeg2000_stream::code_streams(&open), count + 1);
    }
    assert_eq!(crate::jpeg2000_stream::code_streams(b"\xff\x4f\xff\x51"), 0);
}
