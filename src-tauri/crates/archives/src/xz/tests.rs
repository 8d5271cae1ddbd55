use super::*;

/// A stream as `xz` writes it, with blocks that are stored; sizes declared in the headers or not.
pub(crate) fn packed(blocks: &[&[u8]], kind: u8, declared: bool) -> io::Result<Vec<u8>> {
    let number = |mut value: u64| {
        let mut bytes = vec![];
        while value > 0x7f {
            bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        bytes.push(value as u8);
        bytes
    };
    let pad = |bytes: &mut Vec<u8>| bytes.resize(bytes.len().next_multiple_of(4), 0);
    let mut out = [&MAGIC[..], &[0, kind], &crc32(&[0, kind])].concat();
    let mut records = number(blocks.len() as u64);
    for content in blocks {
        let mut lzma = vec![];
        for (at, piece) in content.chunks(60_000).enumerate() {
            lzma.push(if at == 0 { 1 } else { 2 });
            lzma.extend((piece.len() as u16 - 1).to_be_bytes());
            lzma.extend(piece);
        }
        lzma.push(0);
        let mut head = vec![0, if declared { 0xc0 } else { 0 }];
        if declared {
            head.extend(number(lzma.len() as u64));
            head.extend(number(content.len() as u64));
        }
        head.extend([0x21, 1, 16]);
        pad(&mut head);
        head[0] = (head.len() / 4) as u8;
        let sum = crc32(&head);
        head.extend(sum);
        let mut check = Check::of(kind)?;
        check.update(content);
        let check = check.bytes();
        records.extend(number((head.len() + lzma.len() + check.len()) as u64));
        records.extend(number(content.len() as u64));
        out.extend(head);
        pad(&mut lzma);
        out.extend(lzma);
        out.extend(check);
    }
    let mut index = [&[0][..], &records].concat();
    pad(&mut index);
    let sum = crc32(&index);
    index.extend(sum);
    let tail = [&(index.len() as u32 / 4 - 1).to_le_bytes()[..], &[0, kind]].concat();
    out.extend(index);
    out.extend(crc32(&tail));
    out.extend(tail);
    out.extend(b"YZ");
    Ok(out)
}

fn read(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut out = vec![];
    Xz::new(bytes).read_to_end(&mut out).map(|_| out)
}

#[test]
fn what_xz_itself_wrote_is_read() -> io::Result<()> {
    // `seq 40 | xz -9`, and with `-C sha256`.
    let text: String = (1..=40).map(|line| format!("{line}\n")).collect();
    let check_64: &[u8] =
        b"\xfd\x37\x7a\x58\x5a\x00\x00\x04\xe6\xd6\xb4\x46\x02\x00\x21\x01\x1c\x00\x00\x00\x10\xcf\x58\xcc\xe0\
      \x00\x6e\x00\x4e\x5d\x00\x18\x82\x82\x8f\x22\x4e\xf8\xa6\x55\xf7\xf0\x99\xa5\x25\x0d\x90\x45\x91\x5a\
      \x51\xb4\x9b\xca\xac\xdc\x05\x32\xec\x85\x52\x9f\xb1\x48\x6d\xef\xdc\xe8\x4b\xb9\x61\xba\xe0\x9c\x53\
      \x7f\x98\xc8\xa9\x54\x0e\xfc\x3d\x2a\xd3\x06\xd7\x66\x44\x3d\x56\x64\xa6\xcd\x3d\xd7\xc7\x1f\x44\xf4\
      \x18\xe0\x0f\xbf\xbe\x05\xfa\xc5\x00\x00\x00\x00\x3f\x96\x7c\xd4\xfa\xfe\xe1\xcb\x00\x01\x6a\x6f\xcf\
      \x4a\x99\x62\x1f\xb6\xf3\x7d\x01\x00\x00\x00\x00\x04\x59\x5a";
    let sha_256: &[u8] =
        b"\xfd\x37\x7a\x58\x5a\x00\x00\x0a\xe1\xfb\x0c\xa1\x02\x00\x21\x01\x16\x00\x00\x00\x74\x2f\xe5\xa3\xe0\
      \x00\x6e\x00\x4e\x5d\x00\x18\x82\x82\x8f\x22\x4e\xf8\xa6\x55\xf7\xf0\x99\xa5\x25\x0d\x90\x45\x91\x5a\
      \x51\xb4\x9b\xca\xac\xdc\x05\x32\xec\x85\x52\x9f\xb1\x48\x6d\xef\xdc\xe8\x4b\xb9\x61\xba\xe0\x9c\x53\
      \x7f\x98\xc8\xa9\x54\x0e\xfc\x3d\x2a\xd3\x06\xd7\x66\x44\x3d\x56\x64\xa6\xcd\x3d\xd7\xc7\x1f\x44\xf4\
      \x18\xe0\x0f\xbf\xbe\x05\xfa\xc5\x00\x00\x00\x00\x93\xf6\xe5\xde\xf7\x4d\x7e\x93\x9b\x6d\xaa\x54\x1a\
      \x8a\x7c\xe2\xec\x2a\x62\x81\x07\xea\x47\xba\xd4\xc7\x40\xb1\x73\x9a\x17\xab\x00\x01\x82\x01\x6f\x00\
      \x00\x00\xeb\xaf\x08\xce\xb6\xe9\xdf\x1c\x02\x00\x00\x00\x00\x0a\x59\x5a";
    for (file, kind) in [(check_64, 4), (sha_256, 10)] {
        assert_eq!(file.get(7), Some(&kind));
        assert_eq!(read(file)?, text.as_bytes());
    }
    Ok(())
}

#[test]
fn streams_blocks_checks_and_padding_are_read() -> io::Result<()> {
    let long: Vec<u8> = (0..150_000_u64).map(|at| (at * at % 251) as u8).collect();
    for kind in [0, 1, 4, 10] {
        for declared in [false, true] {
            for blocks in [&[][..], &[&b"one"[..]], &[&long[..], b"", b"two"]] {
                let file = packed(blocks, kind, declared)?;
                let whole = blocks.concat();
                assert_eq!(read(&file)?, whole, "{kind} {declared}");
                for zeros in [0, 4, 8192] {
                    let two = [&file[..], &vec![0; zeros], &file, &vec![0; zeros]].concat();
                    assert_eq!(read(&two)?, [&whole[..], &whole].concat(), "{kind} {zeros}");
                }
                let garbage = [&file[..], b"garbage"].concat();
                assert!(read(&garbage).is_err_and(|error| crate::is_other_data(&error)));
            }
        }
    }
    Ok(())
}

#[test]
fn every_cut_and_every_changed_byte_is_an_error() -> io::Result<()> {
    for kind in [1, 4, 10] {
        let file = packed(&[b"some content", b"more of it"], kind, true)?;
        for cut in 0..file.len() {
            let told = read(&file[..cut]).err().map(|error| error.kind());
            assert_eq!(told, Some(io::ErrorKind::UnexpectedEof), "{kind} {cut}");
            let mut wrong = file.clone();
            wrong[cut] ^= 4;
            assert!(read(&wrong).is_err(), "{kind} {cut}");
        }
    }
    Ok(())
}

#[test]
fn what_is_not_read_is_named() -> io::Result<()> {
    let kinds = |file: &[u8]| read(file).err().map(|error| error.kind());
    let change = |at: usize, to: u8| {
        let mut file = packed(&[b"content"], 1, false)?;
        file[at] = to;
        let sum = crc32(&file[12..20]);
        file[20..24].copy_from_slice(&sum);
        Ok::<_, io::Error>(file)
    };
    // Another filter, two of them, a dictionary of 4 GiB.
    for (at, to) in [(14, 4), (13, 1), (16, 40)] {
        assert_eq!(kinds(&change(at, to)?), Some(io::ErrorKind::Unsupported), "{at}");
    }
    assert_eq!(kinds(&change(16, 41)?), Some(io::ErrorKind::InvalidData));
    Ok(())
}
