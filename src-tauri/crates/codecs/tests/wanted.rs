//! What is wanted of a file alone is what it is within the whole image.

mod common;

use std::io::Cursor;

use common::{Done, decoder, dicom, element, rows};
use decode::{Source, Wanted, protocol::middle};
use domain::{Decoded, FailureCode, PixelData, SampleType, room::NoRoom};
use needs::{data, need};
use tiff::encoder::{Compression, DeflateLevel, TiffEncoder, colortype::Gray16};

fn frame(decoded: &Decoded, frame: u32) -> Result<Vec<u8>, NoRoom> {
    let all = decoded.pixels.data.to_le_bytes()?;
    let one = all.len() / decoded.pixels.frames as usize;
    Ok(all[frame as usize * one..][..one].to_vec())
}

#[test]
fn of_every_file_each_part_is_what_it_is_within_the_whole() -> Done {
    let folder = need!(data("dicom"));
    let mut decoder = decoder();
    let (mut alone, mut syntaxes) = (0, std::collections::BTreeSet::new());
    for row in rows(&folder.join("manifest.csv"))? {
        let path = folder.join(&row["file"]);
        let name = &row["file"];
        let Ok(whole) = decoder.decode(Source::File(&path)) else {
            // A header is there more often than an image; what is no image is none when it is checked either.
            assert!(decoder.ask(Source::File(&path), &Wanted::Checked).is_err(), "{name}");
            continue;
        };
        let mut ask = |wanted: &Wanted| {
            let part = decoder.ask(Source::File(&path), wanted);
            part.map_err(|error| format!("{name}: {wanted:?}: {error}"))
        };
        let header = ask(&Wanted::Header)?;
        assert_eq!(header.header, whole.header, "{name}");
        assert_eq!((header.pixels.frames, header.pixels.data.len()), (0, 0), "{name}");
        let of = whole.pixels.frames;
        if of == 0 {
            continue;
        }
        for wanted in [Wanted::Middle, Wanted::Checked] {
            let part = ask(&wanted)?;
            assert_eq!(part.header, whole.header, "{name}");
            assert_eq!(part.pixels.frames, 1, "{name}");
            assert_eq!(frame(&part, 0)?, frame(&whole, middle(of))?, "{name}: {wanted:?}");
        }
        let last = ask(&Wanted::Frames(of - 1..of + 7))?;
        assert_eq!(frame(&last, 0)?, frame(&whole, of - 1)?, "{name}");
        if of > 1 {
            alone += 1;
            syntaxes.insert(row["transfer_syntax"].clone());
            let two = ask(&Wanted::Frames(of - 2..of))?;
            assert_eq!((two.pixels.frames, &two.header), (2, &whole.header), "{name}");
            assert_eq!(frame(&two, 0)?, frame(&whole, of - 2)?, "{name}");
            assert_eq!(frame(&two, 1)?, frame(&whole, of - 1)?, "{name}");
        }
        let beyond = decoder.ask(Source::File(&path), &Wanted::Frames(of..of + 1)).err();
        assert_eq!(beyond.map(|e| e.code), Some(FailureCode::NoSuchFrame), "{name}");
    }
    eprintln!("{alone} files with many frames, in {syntaxes:?}");
    assert!(alone >= 10 && syntaxes.len() >= 4, "{alone} files in {syntaxes:?}");
    Ok(())
}

#[test]
fn of_every_image_file_each_part_is_the_image_or_its_header() -> Done {
    let folder = need!(data("formats"));
    let mut decoder = decoder();
    for row in rows(&folder.join("manifest.csv"))? {
        let (name, path) = (&row["file"], folder.join(&row["file"]));
        let whole = decoder.decode(Source::File(&path))?;
        let header = decoder.ask(Source::File(&path), &Wanted::Header)?;
        assert_eq!(header.header, whole.header, "{name}");
        assert_eq!((header.pixels.frames, header.pixels.data.len()), (0, 0), "{name}");
        let checked = decoder.ask(Source::File(&path), &Wanted::Checked)?;
        assert_eq!(
            frame(&checked, 0)?,
            frame(&whole, middle(whole.pixels.frames))?,
            "{name}"
        );
    }
    Ok(())
}

/// What damages a frame is found wherever it lies when the file is checked, and not when another frame is asked for.
#[test]
fn a_file_is_checked_in_every_frame() -> Done {
    let mut file = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut file)?.with_compression(Compression::Deflate(DeflateLevel::Fast));
    for page in 0..3_u16 {
        let noise: Vec<u16> = (0..64 * 64_u32).map(|at| (at * 7919 % 60_000) as u16 ^ page).collect();
        encoder.write_image::<Gray16>(64, 64, &noise)?;
    }
    let mut file = file.into_inner();
    let mut decoder = decoder();
    assert_eq!(decoder.ask(Source::Bytes(&file), &Wanted::Checked)?.pixels.frames, 1);
    // Within the first page's stream.
    file[200..260].fill(0xff);
    let bytes = || Source::Bytes(&file);
    let code = |decoded: Result<Decoded, decode::DecodeError>| decoded.map(drop).map_err(|error| error.code);
    assert_eq!(code(decoder.ask(bytes(), &Wanted::Checked)), Err(FailureCode::Corrupt));
    assert_eq!(code(decoder.ask(bytes(), &Wanted::All)), Err(FailureCode::Corrupt));
    assert_eq!(code(decoder.ask(bytes(), &Wanted::Middle)), Ok(()));
    assert_eq!(code(decoder.ask(bytes(), &Wanted::Frames(2..3))), Ok(()));
    Ok(())
}

#[test]
fn whoever_watches_a_file_is_shown_its_bytes_in_order() -> Done {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("large.dcm");
    // Twelve bits of each word are stored.
    let within = |at: u32| if at % 2 == 1 { 0x0f } else { 0xff };
    let pixels: Vec<u8> = (0..2 * 600 * 700_u32).map(|at| (at % 251) as u8 & within(at)).collect();
    let file = dicom(600, 700, &pixels);
    std::fs::write(&path, &file)?;
    let mut seen = Vec::new();
    let decoded = decoder().ask(
        Source::Watched(&path, &mut |bytes| seen.extend_from_slice(bytes)),
        &Wanted::Checked,
    )?;
    assert!(seen == file, "{} bytes of {}", seen.len(), file.len());
    assert_eq!(
        decoded.pixels.data,
        PixelData::from_le_bytes(SampleType::U16, &pixels).ok_or("whole samples")?
    );
    Ok(())
}

#[test]
fn a_file_too_short_for_its_frames_is_told_though_the_middle_one_is_there() -> Done {
    let frames = |count: &[u8], pixels: &[u8]| {
        let mut file = dicom(2, 2, pixels);
        let before = element(0x28, 0x10, b"US", &2_u16.to_le_bytes());
        let at = file.windows(before.len()).position(|bytes| bytes == before);
        let at = at.unwrap_or_default();
        file.splice(at..at, element(0x28, 0x08, b"IS", count));
        file
    };
    let mut decoder = decoder();
    let three: Vec<u8> = (0..24).collect();
    let middle = decoder.middle(Source::Bytes(&frames(b"3 ", &three)))?;
    assert_eq!((middle.pixels.frames, middle.header.image.frames), (1, 3));
    assert_eq!(middle.pixels.data.to_le_bytes()?, three[8..16]);
    assert_eq!(middle.facts.notes, []);
    // The first two are whole.
    let short = decoder.middle(Source::Bytes(&frames(b"3 ", &three[..20])))?;
    assert_eq!(short.header.image.frames, 2);
    assert_eq!(short.pixels.data.to_le_bytes()?, three[..8]);
    let told: Vec<_> = short.facts.notes.iter().map(|note| note.words.as_str()).collect();
    assert!(matches!(told[..], [words] if words.contains("2 of 3")), "{told:?}");
    let none = decoder.middle(Source::Bytes(&frames(b"3 ", &three[..7])));
    assert_eq!(none.err().map(|error| error.code), Some(domain::FailureCode::Truncated));
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
    let middle = decoder.middle(Source::Bytes(&five))?;
    assert_eq!((middle.pixels.frames, &middle.header), (1, &whole.header));
    assert_eq!((middle.header.image.frames, frame(&middle, 0)?), (5, frame(&whole, 2)?));
    let alone = pages(&[(3, 2)])?;
    let one = decoder.decode(Source::Bytes(&alone))?;
    assert_eq!((one.pixels.frames, decoder.middle(Source::Bytes(&alone))?), (1, one));
    // A page of another size is no frame, and is named.
    let odd = decoder.middle(Source::Bytes(&pages(&[(3, 2), (3, 2), (1, 1)])?))?;
    assert_eq!(
        (odd.pixels.frames, odd.header.image.frames, odd.facts.notes.len()),
        (1, 2, 1)
    );
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
        decoder.middle(Source::Bytes(&beyond)).err(),
    ] {
        assert_eq!(code.map(|error| error.code), Some(domain::FailureCode::Truncated));
    }
    Ok(())
}
