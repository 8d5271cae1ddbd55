//! The middle frame alone is what it is within the whole picture.

mod common;

use common::{Done, decoder, dicom, element, pack, rows};
use decode::Source;
use domain::Decoded;

fn frame(decoded: &Decoded, frame: u32) -> Vec<u8> {
    let all = decoded.pixels.data.to_le_bytes();
    let one = all.len() / decoded.pixels.frames as usize;
    all[frame as usize * one..][..one].to_vec()
}

#[test]
fn of_every_file_with_many_frames_the_middle_one_is_decoded_alone() -> Done {
    let Some(folder) = pack("dicom") else { return Ok(()) };
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
        assert_eq!(frame(&middle, at), frame(&whole, whole.pixels.frames / 2), "{name}");
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
    assert_eq!(middle.pixels.data.to_le_bytes(), three[8..16]);
    let short = decoder.decode_middle_frame(Source::Bytes(&frames(b"3 ", &three[..20])));
    assert_eq!(short.err().map(|error| error.code), Some(decode::DecodeCode::Truncated));
    Ok(())
}
