//! Containers in the ways in which programs write them: names twice, methods that are not read, what is compressed by
//! itself, discs in raw sectors, archives behind a program.

use super::*;
use crate::xz::tests::packed;

/// Replaces every occurrence of `from`, which is as long as `to`.
fn renamed(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for at in 0..bytes.len() - from.len() {
        if bytes[at..].starts_with(from) {
            bytes[at..at + to.len()].copy_from_slice(to);
        }
    }
    bytes
}

#[test]
fn members_that_share_their_name_are_all_handed_out() -> Done {
    for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
        for count in 2..6 {
            for stub in [0, 77] {
                let files: Vec<(String, Vec<u8>)> = (0..5)
                    .map(|i| (format!("DIR/MEMBER-{i}"), content(i, 3000 + i)))
                    .collect();
                let listed: Vec<(&str, &[u8])> = files.iter().map(|(n, b)| (n.as_str(), b.as_slice())).collect();
                let mut zip = zip_of(&listed, method)?;
                for i in 1..count {
                    zip = renamed(&zip, format!("MEMBER-{i}").as_bytes(), b"MEMBER-0");
                }
                let zip = [vec![b'#'; stub], zip].concat();
                let heard = heard(&zip, &Limits::default())?;
                let mut taken: Vec<&[u8]> = heard.taken.iter().map(|(_, bytes)| bytes.as_slice()).collect();
                let mut all: Vec<&[u8]> = files.iter().map(|(_, bytes)| bytes.as_slice()).collect();
                taken.sort_unstable();
                all.sort_unstable();
                assert!(taken == all, "{method} {count} {stub}: {heard:?}");
                assert_eq!(heard.listed.len(), 5);
                let same = heard.taken.iter().filter(|(name, _)| name == "DIR/MEMBER-0").count();
                assert_eq!(same, count);
            }
        }
    }
    Ok(())
}

#[test]
fn a_tar_archive_and_a_disc_hand_out_both_files_of_one_name() -> Done {
    let files: [(&str, &[u8]); 2] = [("SAME", &content(1, 900)), ("SAME", &content(2, 700))];
    for archive in [tar_of(&files)?, gzip_of(&tar_of(&files)?)?, disc(&files, false)] {
        let heard = heard(&archive, &Limits::default())?;
        let taken: Vec<(&str, &[u8])> = heard.taken.iter().map(|(n, b)| (n.as_str(), b.as_slice())).collect();
        assert!(taken == files, "{heard:?}");
    }
    Ok(())
}

/// The method of every member in both of its headers.
fn with_method(zip: &[u8], method: u16) -> Vec<u8> {
    let mut zip = zip.to_vec();
    for at in 0..zip.len() - 12 {
        for (magic, place) in [(&b"PK\x03\x04"[..], 8), (b"PK\x01\x02", 10)] {
            if zip[at..].starts_with(magic) {
                zip[at + place..at + place + 2].copy_from_slice(&method.to_le_bytes());
            }
        }
    }
    zip
}

#[test]
fn a_method_that_is_not_read_is_named_for_every_member() -> Done {
    let files: [(&str, &[u8]); 3] = [
        ("m0", &content(1, 400)),
        ("m1", &content(2, 400)),
        ("m2", &content(3, 9)),
    ];
    let zip = zip_of(&files, CompressionMethod::Stored)?;
    let doubled = renamed(&zip, b"m1", b"m0");
    for (method, name) in [
        (1, "Shrink"),
        (6, "Implode"),
        (14, "LZMA"),
        (93, "Zstandard"),
        (95, "XZ"),
        (96, "JPEG"),
        (98, "PPMd"),
        (4711, "4711"),
    ] {
        for zip in [&zip, &doubled] {
            let heard = heard(&with_method(zip, method), &Limits::default())?;
            assert!(heard.taken.is_empty() && heard.ended.is_none(), "{method}: {heard:?}");
            assert_eq!(heard.refused.len(), 3, "{method}: {heard:?}");
            for (_, code, said) in &heard.refused {
                assert_eq!(*code, FailureCode::Unsupported, "{said}");
                assert!(said.contains(name) && said.contains("deflate"), "{said}");
            }
        }
    }
    Ok(())
}

fn bzip2_of(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut packed = bzip2::write::BzEncoder::new(vec![], bzip2::Compression::fast());
    packed.write_all(bytes)?;
    packed.finish()
}

#[test]
fn what_is_compressed_by_itself_is_a_file_or_an_archive() -> Done {
    let one = content(1, 70_000);
    let tar = tar_of(&[("a.dcm", &one), ("b.dcm", &content(2, 9))])?;
    let padded = |mut bytes: Vec<u8>| {
        bytes.resize(bytes.len() + 4096, 0);
        bytes
    };
    for (what, file, archive) in [
        ("gzip", gzip_of(&one)?, gzip_of(&tar)?),
        ("padded gzip", padded(gzip_of(&one)?), padded(gzip_of(&tar)?)),
        (
            "gzip of parts",
            [gzip_of(&one[..100])?, gzip_of(&one[100..])?].concat(),
            [gzip_of(&tar[..700])?, gzip_of(&tar[700..])?].concat(),
        ),
        ("bzip2", bzip2_of(&one)?, bzip2_of(&tar)?),
        (
            "bzip2 of parts",
            [bzip2_of(&one[..100])?, bzip2_of(&one[100..])?].concat(),
            bzip2_of(&tar)?,
        ),
        (
            "Zstandard",
            zstd::stream::encode_all(&one[..], 1)?,
            zstd::stream::encode_all(&tar[..], 1)?,
        ),
        (
            "xz",
            packed(&[&one], 4, false)?,
            [
                packed(&[&tar[..700], &tar[700..900]], 10, true)?,
                packed(&[&tar[900..]], 1, false)?,
                vec![0; 64],
            ]
            .concat(),
        ),
    ] {
        let single = heard(&file, &Limits::default())?;
        assert!(
            single.taken == [("content".to_owned(), one.clone())],
            "{what}: {single:?}"
        );
        let members = heard(&archive, &Limits::default())?;
        assert!(
            members.ended.is_none() && members.taken.len() == 2,
            "{what}: {members:?}"
        );
        for cut in (0..file.len() - 5000.min(file.len())).step_by(997) {
            let heard = heard(&file[..cut], &Limits::default())?;
            assert!(
                heard.taken.iter().all(|(_, bytes)| *bytes == one),
                "{what}: {cut} bytes"
            );
        }
    }
    Ok(())
}

#[test]
fn discs_are_read_in_plain_and_raw_sectors_and_others_are_named() -> Done {
    let (one, two) = (content(1, 5000), content(2, 2048));
    let plain = disc(&[("A.DCM;1", &one), ("B.DCM;1", &two)], false);
    for (size, skip) in [(2048, 0), (2352, 16), (2352, 24), (2336, 8), (2448, 16), (2448, 24)] {
        for gap in [0, 150] {
            let mut image = vec![];
            for sector in vec![vec![0; 2048]; gap]
                .iter()
                .map(Vec::as_slice)
                .chain(plain.chunks(2048))
            {
                let start = image.len();
                if size > 2336 {
                    image.extend(b"\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0");
                }
                image.resize(start + skip, 2);
                image.extend(sector);
                image.resize(start + size, 0);
            }
            // As Nero ends its images: what is not raw is known by that.
            image.extend(b"NER5\0\0\0\0\0\0\0\0");
            let heard = heard(&image, &Limits::default())?;
            let taken: Vec<&[u8]> = heard.taken.iter().map(|(_, bytes)| bytes.as_slice()).collect();
            assert!(taken == [&one[..], &two[..]], "{size} {skip} {gap}: {heard:?}");
        }
    }
    let mut udf = vec![0; 40_000];
    udf[32_768..32_774].copy_from_slice(b"\0BEA01");
    udf[34_816..34_822].copy_from_slice(b"\0NSR03");
    let mut apple = vec![7; 40_000];
    apple.extend(b"koly");
    apple.resize(apple.len() + 508, 0);
    let music = [&b"\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0"[..], &[5; 60_000]].concat();
    for (what, image) in [("UDF", udf), ("DMG", apple), ("music", music)] {
        assert_eq!(
            heard(&image, &Limits::default())?.ended,
            Some(FailureCode::Unsupported),
            "{what}"
        );
    }
    Ok(())
}

#[test]
fn an_archive_behind_a_program_is_opened_and_a_program_is_not() -> Done {
    let files: [(&str, &[u8]); 2] = [("a.dcm", &content(1, 4000)), ("b.dcm", &content(2, 10))];
    let zip = zip_of(&files, CompressionMethod::Deflated)?;
    for program in [&b"MZ\x90\0"[..], b"\x7fELF", b"#!/bin/sh\n"] {
        let program = [program, &[1; 3000]].concat();
        let heard = heard(&[&program[..], &zip].concat(), &Limits::default())?;
        assert_eq!(heard.taken.len(), 2, "{heard:?}");
        for other in [&program[..], &[&program[..], b"PK\x05\x06"].concat()] {
            let (kind, _) = decode::sniff::sniff_in(&mut Cursor::new(other))?;
            assert_eq!(kind, None);
        }
    }
    Ok(())
}

/// A 7z archive (7zFormat.txt) of one file that is stored; name and content are short.
fn seven_of(name: &str, content: &[u8]) -> Vec<u8> {
    let crc = |bytes: &[u8]| {
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        crc.sum().to_le_bytes()
    };
    let size = content.len() as u8;
    let name: Vec<u8> = name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
    let header = [
        // Packed streams; one folder of one coder, which copies; the checksum of its file.
        &[1, 4, 6, 0, 1, 9, size, 0, 7, 11, 1, 0, 1, 1, 0, 12, size, 0, 8, 10, 1][..],
        &crc(content),
        &[0, 0, 5, 1, 0x11, name.len() as u8 + 1, 0],
        &name,
        &[0, 0],
    ]
    .concat();
    let start = [
        &(content.len() as u64).to_le_bytes()[..],
        &(header.len() as u64).to_le_bytes(),
        &crc(&header),
    ]
    .concat();
    let signature = b"7z\xbc\xaf\x27\x1c\0\x04";
    [&signature[..], &crc(&start), &start, content, &header].concat()
}

/// Whatever bit is wrong, of the content or of the checksum behind it: nothing else is taken for a file.
#[test]
fn nothing_comes_out_of_a_compressed_archive_whose_checksum_is_wrong() -> Done {
    let files = [("a.dcm", content(1, 3000)), ("b.dcm", content(2, 2000))];
    let tar = tar_of(&files.each_ref().map(|(name, bytes)| (*name, bytes.as_slice())))?;
    let mut zstd = zstd::stream::Encoder::new(vec![], 1)?;
    zstd.include_checksum(true)?;
    zstd.write_all(&tar)?;
    for (what, archive) in [
        ("gzip", gzip_of(&tar)?),
        ("bzip2", bzip2_of(&tar)?),
        ("Zstandard", zstd.finish()?),
        ("xz", packed(&[&tar[..1000], &tar[1000..]], 4, true)?),
    ] {
        let whole = heard(&archive, &Limits::default())?;
        assert_eq!((whole.taken.len(), whole.ended), (2, None), "{what}");
        for place in (0..archive.len()).step_by(3).chain(archive.len() - 8..archive.len()) {
            let mut wrong = archive.clone();
            wrong[place] ^= 1 << (place % 8);
            let heard = heard(&wrong, &Limits::default())?;
            let is_one = |bytes: &Vec<u8>| files.iter().any(|(_, one)| one == bytes);
            let right = heard.taken.iter().all(|(_, bytes)| is_one(bytes));
            assert!(right, "{what}, byte {place}: {heard:?}");
        }
    }
    // Each file of a 7z archive has a checksum of its own.
    let one = content(3, 100);
    let seven = seven_of("a.dcm", &one);
    assert_eq!(
        heard(&seven, &Limits::default())?.taken,
        [("a.dcm".to_owned(), one.clone())]
    );
    for place in 0..seven.len() {
        let mut wrong = seven.clone();
        wrong[place] ^= 1 << (place % 8);
        let heard = heard(&wrong, &Limits::default())?;
        assert!(heard.taken.iter().all(|(_, bytes)| *bytes == one), "7z, byte {place}");
    }
    // Cut within the checksum: what is whole is handed out, and it is told.
    let gzip = gzip_of(&tar)?;
    for cut in 1..8 {
        let heard = heard(&gzip[..gzip.len() - cut], &Limits::default())?;
        assert_eq!(
            (heard.taken.len(), heard.ended),
            (2, Some(FailureCode::Truncated)),
            "{cut}"
        );
    }
    let behind = [&gzip[..], b"other data"].concat();
    let heard = heard(&behind, &Limits::default())?;
    assert_eq!((heard.taken.len(), heard.ended), (2, None));
    Ok(())
}

/// The content of such a member is a map and pieces (GNU tar manual, "Storing Sparse Files").
#[test]
fn sparse_files_of_pax_archives_are_named() -> Done {
    for fields in [
        &[
            ("GNU.sparse.major", "1"),
            ("GNU.sparse.minor", "0"),
            ("GNU.sparse.name", "DIR/s.dcm"),
        ][..],
        &[("GNU.sparse.map", "0,512"), ("GNU.sparse.name", "DIR/s.dcm")],
    ] {
        let mut tar = ::tar::Builder::new(vec![]);
        tar.append_pax_extensions(fields.iter().map(|(key, value)| (*key, value.as_bytes())))?;
        let mut header = ::tar::Header::new_ustar();
        header.set_path("DIR/GNUSparseFile.1/s.dcm")?;
        header.set_size(9);
        header.set_cksum();
        tar.append(&header, &b"1\n0\n9\nabc"[..])?;
        let tar = tar.into_inner()?;
        for archive in [tar.clone(), gzip_of(&tar)?] {
            let heard = heard(&archive, &Limits::default())?;
            assert_eq!(heard.listed, ["DIR/s.dcm"]);
            assert!(heard.taken.is_empty() && heard.ended.is_none(), "{heard:?}");
            let [(name, code, why)] = heard.refused.as_slice() else {
                return Err(format!("{heard:?}").into());
            };
            assert_eq!((name.as_str(), *code), ("DIR/s.dcm", FailureCode::Unsupported));
            assert!(why.contains("sparse"), "{why}");
        }
    }
    Ok(())
}

/// Archives behind one another, with so many blocks of zeros between them, plain and in a stream.
#[test]
fn tar_archives_behind_one_another_are_read_to_the_last() -> Done {
    for count in 1..4 {
        for zeros in [0, 1, 30] {
            let (mut files, mut whole, mut parts) = (vec![], vec![], vec![]);
            for number in 0..count {
                let (name, bytes) = (format!("F{number}"), content(number, 700 * number));
                let one = tar_of(&[(name.as_str(), &bytes)])?;
                files.push((name, bytes));
                let part = [one, vec![0; 512 * zeros]].concat();
                parts.extend(gzip_of(&part)?);
                whole.extend(part);
            }
            let noise = [whole.clone(), vec![0; 512], content(9, 600)].concat();
            for archive in [gzip_of(&whole)?, gzip_of(&noise)?, whole, parts, noise] {
                let heard = heard(&archive, &Limits::default())?;
                assert!(
                    heard.taken == files && heard.ended.is_none(),
                    "{count} {zeros}: {heard:?}"
                );
                assert_eq!(heard.listed.len(), count);
            }
        }
    }
    Ok(())
}

#[test]
fn parts_of_a_split_zip_archive_are_named() -> Done {
    let whole = zip_of(
        &[("A", &content(1, 3000)), ("B", &content(2, 2000))],
        CompressionMethod::Stored,
    )?;
    for (count, begin) in [(1_u16, 0), (1, 1500), (2, 3500), (7, 700)] {
        let mut last = whole[begin..].to_vec();
        let end = last.len() - 22;
        last[end + 4..end + 6].copy_from_slice(&count.to_le_bytes());
        let first = [&b"PK\x07\x08"[..], &whole[..2500]].concat();
        for part in [last, first] {
            let heard = heard(&part, &Limits::default())?;
            assert_eq!(
                heard.ended,
                Some(FailureCode::Unsupported),
                "{count} {begin}: {heard:?}"
            );
            assert!(heard.taken.is_empty());
        }
    }
    Ok(())
}

/// A folder that was too deep and lies in another one: its own place leads to it (CL), or nothing does.
#[test]
fn a_folder_that_was_moved_is_found_in_its_own_place() -> Done {
    const SECTOR: usize = 2048;
    let record = |name: &[u8], block: u32, bytes: usize, flags: u8, more: &[u8]| {
        let mut record = vec![0; 33];
        record[2..6].copy_from_slice(&block.to_le_bytes());
        record[10..14].copy_from_slice(&(bytes as u32).to_le_bytes());
        record[25] = flags;
        record[32] = name.len() as u8;
        record.extend_from_slice(name);
        record.resize(record.len().next_multiple_of(2), 0);
        record.extend_from_slice(more);
        record.resize(record.len().next_multiple_of(2), 0);
        record[0] = record.len() as u8;
        record
    };
    let both = |number: u32| [number.to_le_bytes(), number.to_be_bytes()].concat();
    let child = |block: u32| [&b"CL\x0c\x01"[..], &both(block)].concat();
    let folder = |block: u32, more: &[u8], records: &[Vec<u8>]| {
        let own = [
            record(&[0], block, SECTOR, 2, more),
            record(&[1], block, SECTOR, 2, &[]),
        ]
        .concat();
        let mut all = [own, records.concat()].concat();
        all.resize(SECTOR, 0);
        all
    };
    let bytes = content(3, 900);
    for (leads_to, found) in [
        (Some(22), vec!["deep/A.DCM"]),
        (None, vec!["rr_moved/deep/A.DCM"]),
        (Some(20), vec!["rr_moved/deep/A.DCM"]),
    ] {
        let mut image = vec![0; 16 * SECTOR];
        for (kind, root) in [(1, 20), (255, 0)] {
            let mut sector = vec![0; SECTOR];
            sector[0] = kind;
            sector[1..6].copy_from_slice(b"CD001");
            sector[128..130].copy_from_slice(&2048_u16.to_le_bytes());
            let root = record(&[0], root, SECTOR, 2, &[]);
            sector[156..156 + root.len()].copy_from_slice(&root);
            image.extend(sector);
        }
        image.resize(20 * SECTOR, 0);
        let link =
            leads_to.map(|block| record(b"DEEP", 0, 0, 0, &[b"NM\x09\x01\0deep".to_vec(), child(block)].concat()));
        let moved = record(b"RR_MOVED", 21, SECTOR, 2, b"NM\x0d\x01\0rr_moved");
        let records: Vec<Vec<u8>> = link.into_iter().chain([moved]).collect();
        image.extend(folder(20, b"SP\x07\x01\xbe\xef\0", &records));
        let there = record(b"DEEP", 22, SECTOR, 2, b"NM\x09\x01\0deepRE\x04\x01");
        image.extend(folder(21, &[], &[there]));
        image.extend(folder(22, &[], &[record(b"A.DCM;1", 23, bytes.len(), 0, &[])]));
        image.extend(&bytes);
        image.resize(24 * SECTOR, 0);
        let heard = heard(&image, &Limits::default())?;
        let taken: Vec<&str> = heard.taken.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(taken, found, "{leads_to:?}: {heard:?}");
        assert!(heard.taken.iter().all(|(_, taken)| *taken == bytes));
    }
    Ok(())
}
