//! The middle frame alone is what it is within the whole picture.

mod common;

use std::io::Cursor;

use common::{Done, decoder, dicom, element, rows};
use decode::Source;
use domain::{Decoded, room::NoRoom};
use needs::{data, need};
use tiff::encoder::{TiffEncoder, colortype::Gray16};

fn frame(decoded: &Decoded, frame: u32) -> Result<Vec<u8>, NoRoom> {
    let all = decoded.pixels.data.to_le_bytes()?;
    let one = all.len() / decoded.pixels.frames as usize;
    Ok(all[frame as usize * one..][..one].to_vec())
}

#[test]
fn of_every_file_with_many_frames_the_middle_one_is_decoded_alone() -> Done {
    let folder = need!(data("dicom"));
    let mut decoder = decoder();
    let (mut alone, mut syntaxes) = (0, std::collections::BTreeSet::new());
    for row in rows(&folder.join("manifest.csv"))? {
        let path = folder.join(&row["file"]);
        let Ok(whole) = decoder.decode(Source::File(&path)) else {
            continue;
        };
        let middle = decoder.decode_middle_frame(Source::File(&path))?;
        let name = &row["file"];
        assert_eq!(middle.header, whole.header, "{name}");
        if whole.pixels.frames < 2 {
            assert_eq!(middle.pixels, whole.pixels, "{name}");
            continue;
        }
        let at = if middle.pixels.frames == 1 {
            alone += 1;
            syntaxes.insert(row["transfer_syntax"].clone());
            0
        } else {
            whole.pixels.frames / 2
        };
        assert_eq!(frame(&middle, at)?, frame(&whole, whole.pixels.frames / 2)?, "{name}");
    }
    eprintln!("{alone} files with many frames, in {syntaxes:?}");
    assert!(alone >= 10 && syntaxes.len() >= 4, "{alone} files in {syntaxes:?}");
    Ok(())
}

#[test]
fn a_file_too_short_for_its_frames_is_told_though_the_middle_one_is_there() -> Done {
    let frames = |count: &[u8], pixels: &[u8]| {
        let mut file = dicom(2, 2, pixels);
        let at = 132
            + element(2, 0x10, b"UI", b"1.2.840.10008.1.2.1\0").len()
            + element(0x10, 0x10, b"PN", b"Doe^Jane").len();
        file.splice(at..at, element(0x28, 0x08, b"IS", count));
        file
    };
    let mut decoder = decoder();
    let three: Vec<u8> = (0..24).collect();
    let middle = decoder.decode_middle_frame(Source::Bytes(&frames(b"3 ", &three)))?;
    assert_eq!((middle.pixels.frames, middle.header.image.frames), (1, 3));
    assert_eq!(middle.pixels.data.to_le_bytes()?, three[8..16]);
    let short = decoder.decode_middle_frame(Source::Bytes(&frames(b"3 ", &three[..20])));
    assert_eq!(
        short.err().map(|error| error.code),
        Some(domain::FailureCode::Truncated)
    );
    Ok(())
}

#[test]
fn of_a_tiff_file_with_many_pages_the_middle_one_is_decoded_alone() -> Done {
    let pages = |shapes: &[(u32, u32)]| -> Result<Vec<u8>, tiff::TiffError> {
        let mut file = Cursor::new(Vec::new());
        let mut encoder = TiffEncoder::new(&mut file)?;
        for (page, (cols, rows)) in shapes.iter().enumerate() {
            encoder.write_image::<Gray16>(*cols, *rows, &vec![page as u16; (cols * rows) as usize])?;
        }
        Ok(file.into_inner())
    };
    let mut decoder = decoder();
    let five = pages(&[(3, 2); 5])?;
    let whole = decoder.decode(Source::Bytes(&five))?;
    let middle = decoder.decode_middle_frame(Source::Bytes(&five))?;
    assert_eq!((middle.pixels.frames, &middle.header), (1, &whole.header));
    assert_eq!((middle.header.image.frames, frame(&middle, 0)?), (5, frame(&whole, 2)?));
    for alone in [pages(&[(3, 2)])?, pages(&[(3, 2), (3, 2), (1, 1)])?] {
        let whole = decoder.decode(Source::Bytes(&alone))?;
        let middle = decoder.decode_middle_frame(Source::Bytes(&alone))?;
        assert_eq!((whole.pixels.frames, middle), (1, whole));
    }
    // The last page is told to lie beyond the end, though the middle one is whole.
    let last = frame(&whole, 4)?;
    let at = five
        .windows(last.len())
        .rposition(|part| part == last)
        .ok_or("no last page")?;
    let place = (at as u32).to_le_bytes();
    let said = five.windows(4).rposition(|part| part == place).ok_or("no offset")?;
    let mut beyond = five.clone();
    beyond[said..said + 4].copy_from_slice(&(five.len() as u32 + 1).to_le_bytes());
    for code in [
        decoder.decode(Source::Bytes(&beyond)).err(),
        decoder.decode_middle_frame(Source::Bytes(&beyond)).err(),
    ] {
        assert_eq!(code.map(|error| error.code), Some(domain::FailureCode::Truncated));
    }
    Ok(())
}
