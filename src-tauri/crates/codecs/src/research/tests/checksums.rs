//! What is compressed is right to its last bit, or refused.

use super::*;

fn bzip2_of(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut bzip2 = bzip2::write::BzEncoder::new(vec![], bzip2::Compression::fast());
    bzip2.write_all(bytes)?;
    bzip2.finish()
}

/// A name, what stands in front of the compressed bytes, and these.
type Packed = (&'static str, Vec<u8>, Vec<u8>);

fn files() -> Result<Vec<Packed>, Box<dyn std::error::Error>> {
    let little = bytes_of(false);
    let of_nrrd = |encoding: &str| nrrd(&format!("{NRRD_PLACE}encoding: {encoding}\nendian: little"), b"");
    let head = meta("CompressedData = True", b"ElementDataFile = LOCAL\n");
    Ok(vec![
        ("NIfTI", vec![], gzip_of(&PLAIN.file(&little))?),
        (
            "NIfTI in parts",
            vec![],
            [
                gzip_of(&PLAIN.file(&little)[..400])?,
                gzip_of(&PLAIN.file(&little)[400..])?,
            ]
            .concat(),
        ),
        ("NRRD, gzip", of_nrrd("gzip"), gzip_of(&little)?),
        ("NRRD, bzip2", of_nrrd("bzip2"), bzip2_of(&little)?),
        ("MetaImage", head, zlib_of(&little)?),
    ])
}

#[test]
fn no_wrong_bit_gives_other_voxels() -> Done {
    for (what, head, packed) in files()? {
        is_the_volume(&[&head[..], &packed].concat(), what)?;
        for place in 0..packed.len() {
            let mut wrong = packed.clone();
            wrong[place] ^= 1 << (place % 8);
            let file = [&head[..], &wrong].concat();
            // What says nothing of the content (a time, a system) may differ.
            if decoded(&file).is_ok() {
                is_the_volume(&file, &format!("{what}, byte {place}"))?;
            }
        }
        // The checksum alone: the last four bytes of zlib, eight of gzip with its length, and before a bit of bzip2's end.
        for behind in 2..=4 {
            let mut wrong = packed.clone();
            let place = packed.len() - behind;
            wrong[place] ^= 0x10;
            let code = refused(&[&head[..], &wrong].concat());
            assert_eq!(code, Some(FailureCode::Corrupt), "{what}, {behind} from the end");
        }
        for cut in 1..packed.len() {
            let file = [&head[..], &packed[..packed.len() - cut]].concat();
            assert!(refused(&file).is_some(), "{what} without its last {cut} bytes");
        }
    }
    Ok(())
}

/// The header and one slice are handed over without what follows them; whoever checks a file reads it all.
#[test]
fn a_wrong_checksum_is_found_by_whoever_reads_to_the_end() -> Done {
    for (what, head, mut packed) in files()? {
        let place = packed.len() - 3;
        packed[place] ^= 0x10;
        let file = [head, packed].concat();
        for (wanted, whole) in [
            (Wanted::Header, false),
            (Wanted::Frames(0..1), false),
            (Wanted::Frames(1..3), true),
            (Wanted::Checked, true),
            (Wanted::All, true),
        ] {
            let read = decode_with(&file, &Limits::default(), &wanted, &|_| {});
            assert_eq!(read.is_err(), whole, "{what}, {wanted:?}");
        }
    }
    Ok(())
}

#[test]
fn other_data_behind_what_is_compressed_is_no_damage_of_it() -> Done {
    for (what, head, packed) in files()? {
        for behind in [&[0; 700][..], b"other data"] {
            // bzip2 has no padding.
            if what != "NRRD, bzip2" || behind[0] != 0 {
                is_the_volume(&[&head[..], &packed, behind].concat(), what)?;
            }
        }
    }
    Ok(())
}

#[test]
fn far_more_than_is_declared_is_refused_and_a_little_more_told() -> Done {
    let more = [bytes_of(false), vec![0; 200]].concat();
    let surplus = decoded(&nrrd(
        &format!("{NRRD_PLACE}encoding: gzip\nendian: little"),
        &gzip_of(&more)?,
    ))?;
    let codes: Vec<_> = surplus.facts.notes.iter().filter_map(|note| note.code_name()).collect();
    assert_eq!(codes, ["file.frames_surplus"]);
    let mut gzip = flate2::write::GzEncoder::new(vec![], flate2::Compression::fast());
    gzip.write_all(&bytes_of(false))?;
    for _ in 0..260 {
        gzip.write_all(&vec![0; 1 << 20])?;
    }
    let far = nrrd(&format!("{NRRD_PLACE}encoding: gzip\nendian: little"), &gzip.finish()?);
    assert_eq!(refused(&far), Some(FailureCode::LimitExceeded));
    Ok(())
}
