//! Archives as people and as attackers make them. What is told is read back as the parent reads it.

use std::io::{Cursor, Seek, SeekFrom, Write};

use ::zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};
use decode::{
    Limits,
    unpack::{Frame, read_frame},
};
use domain::FailureCode;

use super::{Opened, Stop, Told, open};

mod containers;

type Done = Result<(), Box<dyn std::error::Error>>;

/// Members by name with their bytes or why they were refused, and how the whole ended.
#[derive(Default)]
struct Heard {
    listed: Vec<String>,
    taken: Vec<(String, Vec<u8>)>,
    damaged: Vec<(String, FailureCode)>,
    refused: Vec<(String, FailureCode, String)>,
    whole: bool,
    ended: Option<FailureCode>,
}

impl std::fmt::Debug for Heard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let taken: Vec<_> = self.taken.iter().map(|(name, bytes)| (name, bytes.len())).collect();
        write!(f, "{taken:?} {:?} {:?} {:?}", self.damaged, self.refused, self.ended)
    }
}

fn heard(archive: &[u8], limits: &Limits) -> Result<Heard, Box<dyn std::error::Error>> {
    let mut output = tempfile::tempfile()?;
    let on_time = || Ok(());
    let mut told = Told::new(&output, limits, &on_time);
    let opened = open(&mut Cursor::new(archive), &mut told);
    let mut heard = Heard::default();
    match opened {
        Ok(opened) => heard.whole = opened == Opened::Whole,
        Err(Stop::Bad(error)) => heard.ended = Some(error.code),
        Err(Stop::Gone(error)) => return Err(error.into()),
    }
    let end = output.stream_position()?;
    output.seek(SeekFrom::Start(0))?;
    let mut member: Option<(String, Vec<u8>)> = None;
    while output.stream_position()? < end {
        match read_frame(&mut output)? {
            Frame::List(names) => heard.listed.extend(names),
            Frame::Member(name) => member = Some((name, vec![])),
            Frame::Data(bytes) => member.as_mut().ok_or("data of no member")?.1.extend(bytes),
            Frame::End(error) => {
                let (name, bytes) = member.take().ok_or("the end of no member")?;
                match error {
                    None => heard.taken.push((name, bytes)),
                    Some(error) => heard.damaged.push((name, error.code)),
                }
            }
            Frame::Refused(name, error) => heard.refused.push((name, error.code, error.message)),
            other => return Err(format!("{other:?} out of place").into()),
        }
    }
    assert!(member.is_none(), "a member without an end");
    Ok(heard)
}

fn content(seed: usize, length: usize) -> Vec<u8> {
    (0..length).map(|i| ((i * (seed + 3)) % 251) as u8).collect()
}

fn zip_of(files: &[(&str, &[u8])], method: CompressionMethod) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let mut zip = ZipWriter::new(Cursor::new(vec![]));
    let options = SimpleFileOptions::default().compression_method(method);
    for (name, bytes) in files {
        zip.start_file(*name, options)?;
        zip.write_all(bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}

fn tar_of(files: &[(&str, &[u8])]) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let mut tar = ::tar::Builder::new(vec![]);
    for (name, bytes) in files {
        let mut header = ::tar::Header::new_gnu();
        // Written as it is: the crate's own call refuses what an attacker writes.
        let field = header.as_mut_bytes().get_mut(..name.len()).ok_or("a long name")?;
        field.copy_from_slice(name.as_bytes());
        header.set_size(bytes.len() as u64);
        header.set_entry_type(::tar::EntryType::Regular);
        header.set_cksum();
        tar.append(&header, *bytes)?;
    }
    Ok(tar.into_inner()?)
}

fn gzip_of(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut gzip = flate2::write::GzEncoder::new(vec![], flate2::Compression::fast());
    gzip.write_all(bytes)?;
    gzip.finish()
}

#[test]
fn every_container_gives_its_members_as_they_were() -> Done {
    let files: Vec<(String, Vec<u8>)> = (0..7)
        .map(|i| {
            (
                format!("DIR{}/IM\u{151}{i}.dcm", i % 3),
                content(i, [0, 1, 511, 512, 70_000, 300_000, 9][i]),
            )
        })
        .collect();
    let files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
        .collect();
    let tar = tar_of(&files)?;
    for (what, archive) in [
        ("stored", zip_of(&files, CompressionMethod::Stored)?),
        ("deflated", zip_of(&files, CompressionMethod::Deflated)?),
        ("bzip2", zip_of(&files, CompressionMethod::Bzip2)?),
        ("tar", tar.clone()),
        ("tar.gz", gzip_of(&tar)?),
    ] {
        let heard = heard(&archive, &Limits::default())?;
        assert!(
            heard.ended.is_none() && heard.refused.is_empty() && heard.damaged.is_empty(),
            "{what}: {heard:?}"
        );
        let taken: Vec<(&str, &[u8])> = heard.taken.iter().map(|(n, b)| (n.as_str(), b.as_slice())).collect();
        assert!(taken == files, "{what}");
        assert_eq!(heard.listed.len(), files.len(), "{what}");
    }
    let single = heard(&gzip_of(&content(1, 5000))?, &Limits::default())?;
    assert_eq!(single.taken, [("content".to_owned(), content(1, 5000))]);
    Ok(())
}

#[test]
fn no_name_leads_out_of_the_archive() -> Done {
    let good = [
        "a/b",
        "..a",
        "a..b/c",
        "a/.b",
        "\u{151}",
        "a b",
        "a/../x",
        "a\\..\\x",
        "a/b/../../x",
        "./a/.././x",
    ];
    let bad = [
        "../x",
        "a/../../x",
        "a/b/../../../x",
        "a/./../../x",
        "a/..",
        "..",
        "/x",
        "\\x",
        "..\\x",
        "a\\..\\..\\x",
        "C:\\x",
        "C:x",
        "./../x",
        "//server/x",
    ];
    for name in good.into_iter().chain(bad) {
        let files: [(&str, &[u8]); 2] = [(name, b"one"), ("fine", b"two")];
        for archive in [zip_of(&files, CompressionMethod::Stored)?, tar_of(&files)?] {
            let heard = heard(&archive, &Limits::default())?;
            let taken = heard.taken.iter().any(|(_, bytes)| bytes == b"one");
            assert_eq!(taken, good.contains(&name), "{name}: {heard:?}");
            assert!(
                heard.taken.iter().any(|(_, bytes)| bytes == b"two"),
                "{name}: {heard:?}"
            );
            if bad.contains(&name) {
                let said = &heard.refused.first().ok_or("nothing was refused")?.2;
                assert!(said.contains("outside"), "{said}");
            }
        }
    }
    Ok(())
}

#[test]
fn links_and_devices_are_refused_by_name() -> Done {
    let mut tar = ::tar::Builder::new(vec![]);
    for (name, kind) in [
        ("sym.dcm", ::tar::EntryType::Symlink),
        ("hard.dcm", ::tar::EntryType::Link),
        ("pipe", ::tar::EntryType::Fifo),
        ("disk", ::tar::EntryType::Block),
    ] {
        let mut header = ::tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(0);
        header.set_path(name)?;
        header.set_link_name("/etc/passwd")?;
        header.set_cksum();
        tar.append(&header, std::io::empty())?;
    }
    let heard = heard(&tar.into_inner()?, &Limits::default())?;
    let refused: Vec<_> = heard
        .refused
        .iter()
        .map(|(name, code, _)| (name.as_str(), *code))
        .collect();
    assert_eq!(
        refused,
        ["sym.dcm", "hard.dcm", "pipe", "disk"].map(|name| (name, FailureCode::NotAnImage))
    );
    assert!(heard.taken.is_empty());
    Ok(())
}

#[test]
fn a_cut_archive_gives_what_is_whole_and_says_that_it_is_cut() -> Done {
    let files: Vec<(String, Vec<u8>)> = (0..4).map(|i| (format!("{i}"), content(i, 3000))).collect();
    let files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
        .collect();
    let tar = tar_of(&files)?;
    for archive in [
        zip_of(&files, CompressionMethod::Deflated)?,
        tar.clone(),
        gzip_of(&tar)?,
        gzip_of(&content(5, 40_000))?,
    ] {
        for part in 1..40 {
            let cut = &archive[..archive.len() * part / 40];
            let heard = heard(cut, &Limits::default())?;
            for (name, bytes) in &heard.taken {
                let whole = files.iter().any(|(n, b)| n == name && b == bytes);
                assert!(whole, "{part}: a cut member was taken as whole: {name}");
            }
            let all = heard.taken.len() == files.len();
            let said = heard.ended.is_some() || !heard.damaged.is_empty() || !heard.refused.is_empty();
            // The empty blocks at the end of a TAR are padding, as long as one is there.
            assert!(said || all, "{part}: nothing was said: {heard:?}");
        }
    }
    Ok(())
}

#[test]
fn flipped_bytes_end_in_words_and_never_in_other_content() -> Done {
    let files: [(&str, &[u8]); 2] = [("a", &content(1, 4000)), ("b", &content(2, 4000))];
    let archive = zip_of(&files, CompressionMethod::Deflated)?;
    let disc = disc(&[("A.DCM;1", &content(1, 4000))], false);
    for archive in [archive, gzip_of(&content(5, 4000))?, disc] {
        for place in (0..archive.len()).step_by(7) {
            let mut flipped = archive.clone();
            flipped[place] ^= 1 << (place % 8);
            // Ends, in whatever way.
            let heard = heard(&flipped, &Limits::default())?;
            assert!(
                heard.taken.iter().all(|(_, bytes)| bytes.len() <= 1 << 20),
                "byte {place}"
            );
        }
    }
    Ok(())
}

#[test]
fn a_member_over_the_limit_is_refused_before_and_while_it_grows() -> Done {
    let limits = Limits {
        max_file_bytes: 1 << 20,
        ..Limits::default()
    };
    let zeros = vec![0; 3 << 20];
    let zip = zip_of(&[("bomb", &zeros), ("fine", b"x")], CompressionMethod::Deflated)?;
    assert!(zip.len() < 10_000);
    let declared = heard(&zip, &limits)?;
    assert_eq!(
        declared.refused.first().map(|(_, code, _)| *code),
        Some(FailureCode::LimitExceeded)
    );
    assert_eq!(declared.taken, [("fine".to_owned(), b"x".to_vec())]);
    let grown = heard(&gzip_of(&zeros)?, &limits)?;
    assert_eq!(grown.damaged, [("content".to_owned(), FailureCode::LimitExceeded)]);
    Ok(())
}

#[test]
fn office_documents_and_password_archives_are_named() -> Done {
    let office = zip_of(
        &[("[Content_Types].xml", b"<x/>"), ("word/a.xml", b"<x/>")],
        CompressionMethod::Stored,
    )?;
    assert_eq!(heard(&office, &Limits::default())?.ended, Some(FailureCode::NotAnImage));
    // The bit that says that a member is encrypted, in both of its headers.
    let mut locked = zip_of(&[("a.dcm", b"content")], CompressionMethod::Stored)?;
    for (magic, at) in [(&b"PK\x03\x04"[..], 6), (b"PK\x01\x02", 8)] {
        let place = locked.windows(4).position(|four| four == magic).ok_or("no header")?;
        locked[place + at] |= 1;
    }
    assert_eq!(heard(&locked, &Limits::default())?.ended, Some(FailureCode::Protected));
    Ok(())
}

#[test]
fn a_nifti_file_in_gzip_is_an_image_and_no_archive() -> Done {
    let mut nifti = vec![0; 400];
    nifti[..4].copy_from_slice(&348_u32.to_le_bytes());
    nifti[344..347].copy_from_slice(b"n+1");
    let heard = heard(&gzip_of(&nifti)?, &Limits::default())?;
    assert!(heard.whole && heard.listed.is_empty() && heard.taken.is_empty());
    Ok(())
}

/// A disc of one folder, with Joliet names beside the plain ones where wanted.
fn disc(files: &[(&str, &[u8])], joliet: bool) -> Vec<u8> {
    const SECTOR: usize = 2048;
    let record = |name: &[u8], block: u32, bytes: u32, flags: u8| {
        let mut record = vec![0; 33];
        record[2..6].copy_from_slice(&block.to_le_bytes());
        record[10..14].copy_from_slice(&bytes.to_le_bytes());
        record[25] = flags;
        record[32] = name.len() as u8;
        record.extend_from_slice(name);
        if record.len() % 2 == 1 {
            record.push(0);
        }
        record[0] = record.len() as u8;
        record
    };
    let descriptor = |kind: u8, root: u32| {
        let mut sector = vec![0; SECTOR];
        sector[0] = kind;
        sector[1..6].copy_from_slice(b"CD001");
        sector[128..130].copy_from_slice(&2048_u16.to_le_bytes());
        if kind == 2 {
            sector[88..91].copy_from_slice(b"%/E");
        }
        let root = record(&[0], root, SECTOR as u32, 2);
        sector[156..156 + root.len()].copy_from_slice(&root);
        sector
    };
    let mut image = vec![0; 16 * SECTOR];
    image.extend(descriptor(1, 20));
    image.extend(if joliet { descriptor(2, 21) } else { descriptor(3, 0) });
    image.extend(descriptor(255, 0));
    image.resize(20 * SECTOR, 0);
    let mut folders = [vec![], vec![]];
    let mut data = vec![];
    for (number, folder) in folders.iter_mut().enumerate() {
        let own = 20 + number as u32;
        folder.extend(record(&[0], own, SECTOR as u32, 2));
        folder.extend(record(&[1], own, SECTOR as u32, 2));
        let mut block = 22;
        for (name, bytes) in files {
            let name: Vec<u8> = match number {
                0 => name.bytes().collect(),
                _ => format!("Jos\u{e9} {name}")
                    .encode_utf16()
                    .flat_map(u16::to_be_bytes)
                    .collect(),
            };
            folder.extend(record(&name, block, bytes.len() as u32, 0));
            block += bytes.len().div_ceil(SECTOR) as u32;
        }
        folder.resize(SECTOR, 0);
    }
    for (_, bytes) in files {
        data.extend_from_slice(bytes);
        data.resize(data.len().next_multiple_of(SECTOR), 0);
    }
    image.extend(folders.concat());
    image.extend(data);
    image
}

#[test]
fn discs_give_their_files_by_the_best_names_and_end_in_circles() -> Done {
    let (one, two) = (content(1, 5000), content(2, 2048));
    let plain = heard(&disc(&[("A.DCM;1", &one), ("B.;1", &two)], false), &Limits::default())?;
    assert_eq!(
        plain.taken,
        [("A.DCM".to_owned(), one.clone()), ("B".to_owned(), two.clone())]
    );
    let joliet = heard(&disc(&[("A.DCM;1", &one)], true), &Limits::default())?;
    assert_eq!(joliet.taken, [("Jos\u{e9} A.DCM".to_owned(), one.clone())]);
    // A folder that lies in itself.
    let mut circle = disc(&[("LOOP", &one)], false);
    let root = 20 * 2048;
    let place = circle
        .windows(4)
        .skip(root)
        .position(|four| four == b"LOOP")
        .ok_or("no name")?
        + root;
    circle[place - 33 + 25] = 2;
    circle[place - 33 + 2..place - 33 + 6].copy_from_slice(&20_u32.to_le_bytes());
    assert!(heard(&circle, &Limits::default())?.taken.is_empty());
    // A file that lies beyond the end.
    let mut beyond = disc(&[("A.DCM;1", &one)], false);
    beyond.truncate(22 * 2048 + 100);
    assert_eq!(
        heard(&beyond, &Limits::default())?.damaged,
        [("A.DCM".to_owned(), FailureCode::Truncated)]
    );
    Ok(())
}

#[test]
fn nothing_is_handed_out_of_noise() -> Done {
    let mut seed = 11_u64;
    for round in 0..300 {
        let mut noise: Vec<u8> = (0..40_000)
            .map(|_| {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (seed >> 40) as u8
            })
            .collect();
        let magic: [&[u8]; 5] = [
            b"PK\x03\x04",
            b"7z\xbc\xaf\x27\x1c",
            b"\x1f\x8b\x08\0",
            b"ustar",
            b"\x01CD001",
        ];
        let (magic, at) = (magic[round % 5], [0, 0, 0, 257, 32_768][round % 5]);
        noise[at..at + magic.len()].copy_from_slice(magic);
        let heard = heard(&noise, &Limits::default())?;
        assert!(
            heard.ended.is_some() || !heard.damaged.is_empty() || heard.taken.is_empty(),
            "{round}: {heard:?}"
        );
    }
    Ok(())
}
