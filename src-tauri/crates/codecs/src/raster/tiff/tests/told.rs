//! Thumbnails, masks, children, and what programs write into the description.

use super::*;

/// Appends a page to a file of one page, as the next in the chain or as a child of the first (tag 330).
fn with_page(bytes: &[u8], more: &[u8], child: bool) -> Vec<u8> {
    let four = |bytes: &[u8], at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    let first = four(bytes, 4) as usize;
    let count = u16::from_le_bytes([bytes[first], bytes[first + 1]]) as usize;
    let shift = bytes.len() as u32;
    let mut out = bytes.to_vec();
    // The other file with all its places moved.
    let mut other = more.to_vec();
    let own = four(more, 4) as usize;
    let entries = u16::from_le_bytes([more[own], more[own + 1]]) as usize;
    for entry in 0..entries {
        let at = own + 2 + entry * 12;
        let tag = u16::from_le_bytes([more[at], more[at + 1]]);
        let kind = u16::from_le_bytes([more[at + 2], more[at + 3]]);
        let bytes = four(more, at + 4) * [0, 1, 1, 2, 4, 8][kind as usize];
        if bytes > 4 || tag == 273 {
            let moved = four(more, at + 8) + shift;
            other[at + 8..at + 12].copy_from_slice(&moved.to_le_bytes());
        }
    }
    out.extend(other);
    let place = (shift + own as u32).to_le_bytes();
    if child {
        for entry in 0..count {
            let at = first + 2 + entry * 12;
            if out[at..at + 2] == 330_u16.to_le_bytes() {
                out[at + 8..at + 12].copy_from_slice(&place);
            }
        }
    } else {
        let mut next = first;
        while four(
            &out,
            next + 2 + 12 * u16::from_le_bytes([out[next], out[next + 1]]) as usize,
        ) != 0
        {
            next = four(
                &out,
                next + 2 + 12 * u16::from_le_bytes([out[next], out[next + 1]]) as usize,
            ) as usize;
        }
        let at = next + 2 + 12 * u16::from_le_bytes([out[next], out[next + 1]]) as usize;
        out[at..at + 4].copy_from_slice(&place);
    }
    out
}

fn page(rows: u64, value: u8, more: &[(u16, u64)]) -> Vec<u8> {
    let mut entries = size(rows, 2, 1, 8, 1);
    entries.extend(more.iter().map(|(tag, value)| (*tag, 4, vec![*value])));
    file(false, entries, &[vec![value; rows as usize * 2]], false)
}

fn told(bytes: &[u8]) -> Result<(PixelData, Vec<String>), Box<dyn std::error::Error>> {
    let decoded = decode_in_process(bytes, &Limits::default())?;
    let codes = decoded.facts.notes.iter().filter_map(|note| note.code_name());
    let codes = codes.map(str::to_owned).collect();
    Ok((decoded.pixels.data, codes))
}

#[test]
fn the_full_page_is_shown_wherever_it_lies_and_small_ones_are_told() -> Done {
    let full = PixelData::U8(vec![9; 8]);
    let thumbnails = || vec!["file.thumbnails".to_owned()];
    for (tag, value) in [(254, 1), (255, 2), (254, 3)] {
        let small = page(1, 3, &[(tag, value)]);
        assert_eq!(
            told(&with_page(&small, &page(4, 9, &[]), false))?,
            (full.clone(), thumbnails())
        );
        assert_eq!(
            told(&with_page(&page(4, 9, &[]), &small, false))?,
            (full.clone(), thumbnails())
        );
        let two = with_page(&with_page(&page(4, 9, &[]), &small, false), &small, false);
        assert_eq!(told(&two)?, (full.clone(), thumbnails()));
        // By itself it is the image.
        assert_eq!(told(&small)?, (PixelData::U8(vec![3; 2]), vec![]));
    }
    // The full page below a small one, and the other way round.
    let parent = page(1, 3, &[(254, 1), (330, 0)]);
    assert_eq!(
        told(&with_page(&parent, &page(4, 9, &[]), true))?,
        (full.clone(), thumbnails())
    );
    let parent = page(4, 9, &[(330, 0)]);
    assert_eq!(
        told(&with_page(&parent, &page(1, 3, &[(254, 1)]), true))?,
        (full.clone(), thumbnails())
    );
    // A mask, and a page that is turned otherwise.
    for (tag, value) in [(254, 4), (274, 3)] {
        let other = with_page(&page(4, 9, &[]), &page(4, 1, &[(tag, value)]), false);
        assert_eq!(
            told(&other)?,
            (full.clone(), vec!["file.pages_left_out".to_owned()]),
            "{tag}"
        );
    }
    Ok(())
}

#[test]
fn what_is_said_of_samples_is_told_where_it_is_not_followed() -> Done {
    for (tag, value, said) in [
        (280, 0, false),
        (280, 5, true),
        (281, 255, false),
        (281, 200, true),
        (341, 200, true),
        (291, 7, true),
        (301, 7, true),
    ] {
        let (_, codes) = told(&page(4, 9, &[(tag, value)]))?;
        assert_eq!(codes.contains(&"file.field_left_out".to_owned()), said, "{tag} {value}");
    }
    Ok(())
}

fn described(text: &str, more: &[(u16, u64)]) -> Result<domain::Decoded, Box<dyn std::error::Error>> {
    let mut entries = size(4, 2, 1, 8, 1);
    entries.push((270, 2, text.bytes().chain([0]).map(u64::from).collect()));
    // Fractions in eighths: 5 and 10 pixels for a unit.
    entries.extend([(282, 5, vec![40]), (283, 5, vec![80])]);
    entries.extend(more.iter().map(|(tag, value)| (*tag, 3, vec![*value])));
    let one = file(false, entries, &[vec![9; 8]], false);
    Ok(decode_in_process(&one, &Limits::default())?)
}

#[test]
fn descriptions_of_programs_are_followed() -> Done {
    let text = "ImageJ=1.53t\nunit=micron\ncf=0\nc0=-1024.0\nc1=2.0\nvunit=HU\nmin=10\nmax=30\n";
    let read = described(text, &[(296, 1)])?;
    let image = &read.header.image;
    assert_eq!(image.pixel_spacing_mm, Some([0.0001, 0.0002]));
    assert_eq!((image.rescale.slope, image.rescale.intercept), (2.0, -1024.0));
    let window = image.windows.first().ok_or("no window")?;
    assert_eq!((window.center, window.width), (-984.0, 40.0));
    assert_eq!(read.facts.shared.unit.as_deref(), Some("HU"));
    let ome = "<?xml version=\"1.0\"?><OME><Image><Pixels PhysicalSizeX=\"2\" PhysicalSizeY=\"3\" PhysicalSizeXUnit=\"mm\" PhysicalSizeYUnit=\"mm\"/></Image></OME>";
    assert_eq!(
        described(ome, &[(296, 2)])?.header.image.pixel_spacing_mm,
        Some([3.0, 2.0])
    );
    for unit in [1, 2, 3] {
        let read = described("a person's words, unit=mm", &[(296, unit)])?;
        assert_eq!(read.header.image.pixel_spacing_mm, None, "{unit}");
        assert!(!read.facts.notes.is_empty(), "{unit}");
    }
    Ok(())
}

/// Whatever bit of a strip is wrong (RFC 1950 2.2; RFC 8878 3.1.1, where a checksum was written).
#[test]
fn a_strip_whose_checksum_is_wrong_is_refused() -> Done {
    let content: Vec<u8> = (0..40 * 30_u32).map(|at| ((at * at) >> 5) as u8).collect();
    let mut zlib = flate2::write::ZlibEncoder::new(vec![], flate2::Compression::default());
    zlib.write_all(&content)?;
    let mut zstd = zstd::stream::Encoder::new(vec![], 3)?;
    zstd.include_checksum(true)?;
    zstd.write_all(&content)?;
    for (packing, strip) in [(8, zlib.finish()?), (50_000, zstd.finish()?)] {
        let written = |strip: &[u8]| {
            let mut entries = size(30, 40, 1, 8, 1);
            entries.push((259, 3, vec![packing]));
            file(false, entries, &[strip.to_vec()], false)
        };
        let whole = decode_in_process(&written(&strip), &Limits::default())?;
        assert_eq!(whole.pixels.data, PixelData::U8(content.clone()));
        // Padding behind the strip is none of it.
        let padded = decode_in_process(&written(&[&strip[..], b"\0\0"].concat()), &Limits::default())?;
        assert_eq!(padded.pixels.data, whole.pixels.data);
        for place in 0..strip.len() {
            let mut wrong = strip.clone();
            wrong[place] ^= 1 << (place % 8);
            if let Ok(read) = decode_in_process(&written(&wrong), &Limits::default()) {
                assert_eq!(read.pixels.data, whole.pixels.data, "{packing}: byte {place}");
            }
        }
        for behind in 1..=4 {
            let mut wrong = strip.clone();
            let place = strip.len() - behind;
            wrong[place] ^= 1;
            assert!(
                decode_in_process(&written(&wrong), &Limits::default()).is_err(),
                "{packing}: {behind}"
            );
            let cut = &strip[..strip.len() - behind];
            assert!(
                decode_in_process(&written(cut), &Limits::default()).is_err(),
                "{packing}: {behind}"
            );
        }
    }
    Ok(())
}

/// Slices that lie behind one another in one page (tags 32997 and 32998, as tifffile writes them).
#[test]
fn every_slice_of_a_deep_page_is_a_frame() -> Done {
    let (depth, rows, cols) = (5_usize, 7_usize, 6_usize);
    let value = |z: usize, y: usize, x: usize| (z * 50 + y * 6 + x) as u8;
    let mut want = vec![];
    for z in 0..depth {
        (0..rows).for_each(|y| want.extend((0..cols).map(|x| value(z, y, x))));
    }
    // Strips of three rows, slice by slice.
    let mut strips = vec![];
    for z in 0..depth {
        for top in (0..rows).step_by(3) {
            let lines = top..rows.min(top + 3);
            strips.push(lines.flat_map(|y| (0..cols).map(move |x| value(z, y, x))).collect());
        }
    }
    let mut entries = size(7, 6, 1, 8, 1);
    entries.extend([(32_997, 4, vec![5]), (278, 4, vec![3])]);
    let striped = file(false, entries.clone(), &strips, false);
    let mut all = vec![("strips", striped)];
    // Tiles of 4 x 4 and of one, two and five slices.
    for tile in [1, 2, 5] {
        let mut tiles = vec![];
        for z in (0..depth).step_by(tile) {
            for (y, x) in [(0, 0), (0, 4), (4, 0), (4, 4)] {
                let mut one = vec![];
                for (dz, dy, dx) in (0..tile * 16).map(|at| (at / 16, at / 4 % 4, at % 4)) {
                    let (z, y, x) = (z + dz, y + dy, x + dx);
                    let within = z < depth && y < rows && x < cols;
                    one.push(if within { value(z, y, x) } else { 99 });
                }
                tiles.push(one);
            }
        }
        let mut entries = size(7, 6, 1, 8, 1);
        entries.extend([(322, 4, vec![4]), (323, 4, vec![4]), (32_997, 4, vec![5])]);
        entries.push((32_998, 4, vec![tile as u64]));
        all.push(("tiles", file(false, entries, &tiles, true)));
    }
    for (what, bytes) in &all {
        let decoded = decode_in_process(bytes, &Limits::default())?;
        assert_eq!((decoded.pixels.frames, decoded.pixels.rows), (5, 7), "{what}");
        assert!(
            decoded.pixels.data == PixelData::U8(want.clone()),
            "{what}: {:?}",
            decoded.pixels.data
        );
        let one = crate::decode_bytes::decode_with(
            bytes,
            &Limits::default(),
            &decode::protocol::Wanted::Frames(3..4),
            &|_| {},
        )?;
        assert_eq!(one.pixels.data, PixelData::U8(want[3 * 42..4 * 42].to_vec()), "{what}");
    }
    // A page that has the parts of one slice alone says so.
    let flat = file(false, entries, &strips[..3], false);
    let (data, notes) = told(&flat)?;
    assert_eq!(data, PixelData::U8(want[..42].to_vec()));
    assert_eq!(notes, ["file.field_left_out"]);
    Ok(())
}

#[test]
fn a_sample_beside_the_colours_is_told_where_it_is_not_full() -> Done {
    for (samples, photometric) in [(2, 1), (4, 2)] {
        for (kind, code) in [
            (Some(0), "told.extra_sample"),
            (None, "told.extra_sample"),
            (Some(1), "told.premultiplied"),
            (Some(2), "told.transparency"),
        ] {
            for (full, depth) in [(true, 8), (false, 8), (true, 16), (false, 16)] {
                let mut entries = size(2, 2, samples, depth, photometric);
                entries.extend(kind.map(|kind| (338, 3, vec![kind])));
                let bytes = samples as usize * 4 * depth as usize / 8;
                let mut part = vec![255; bytes];
                if !full {
                    part[bytes - 1] = 254;
                }
                let (_, notes) = told(&file(false, entries, &[part], false))?;
                let want: &[&str] = if full { &[] } else { &[code] };
                assert_eq!(notes, want, "{samples} {kind:?} {full} {depth}");
            }
        }
    }
    Ok(())
}

/// Stacks of MetaMorph and tifffile behind one directory, in one strip or several; what is packed is named.
#[test]
fn a_stack_behind_one_directory_has_all_its_planes() -> Done {
    let text = |text: &str| (270, 2, text.bytes().chain([0]).map(u64::from).collect());
    for count in 2..6_u64 {
        let says: [(u16, u16, Vec<u64>); 6] = [
            (33_629, 5, vec![1; count as usize]),
            (33_630, 5, vec![1; count as usize]),
            text(&format!("{{\"shape\": [{count}, 2, 2]}}")),
            text(&format!(
                "{{\"shape\": [{count}, 1, 2, 2, 1], \"axes\": \"ZCYXS\", \"truncated\": true}}"
            )),
            text(&format!("{{\"shape\": [1, {count}, 2, 2]}}")),
            text(&format!("ImageJ=1.54f\nimages={count}\n")),
        ];
        for said in says {
            for (strips, short) in [(1, false), (2, false), (1, true)] {
                let planes: Vec<u8> = (0..4 * count as u16).flat_map(u16::to_le_bytes).collect();
                let parts = match strips {
                    1 => vec![planes],
                    _ => vec![planes[..4].to_vec(), planes[4..].to_vec()],
                };
                let mut entries = size(2, 2, 1, 16, 1);
                entries.extend([(278, 4, vec![3 - strips]), said.clone()]);
                let mut bytes = file(false, entries, &parts, false);
                if short {
                    // The first plane moves so far that the last one ends behind the file.
                    let at = |tag: u8| bytes.windows(4).position(|four| four == [tag, 1, 4, 0]);
                    let (offset, length) = (at(0x11).ok_or("no strips")?, at(0x17).ok_or("no lengths")?);
                    let place = (bytes.len() as u64 - 8 * count + 1) as u32;
                    bytes[offset + 8..offset + 12].copy_from_slice(&place.to_le_bytes());
                    bytes[length + 8..length + 12].copy_from_slice(&8_u32.to_le_bytes());
                }
                let decoded = decode_in_process(&bytes, &Limits::default())?;
                let codes: Vec<_> = decoded.facts.notes.iter().filter_map(|note| note.code_name()).collect();
                if short {
                    assert_eq!(u64::from(decoded.pixels.frames), count - 1, "{said:?}");
                    assert_eq!(codes, ["file.frames_missing"]);
                } else {
                    assert_eq!(
                        values(&decoded.pixels.data),
                        (0..4 * count as i64).collect::<Vec<_>>(),
                        "{said:?}"
                    );
                    assert!(codes.is_empty(), "{codes:?}");
                }
            }
            // One packed plane, where nobody knows where the next one lies.
            let mut entries = size(2, 2, 1, 8, 1);
            entries.extend([(259, 3, vec![32_773]), said.clone()]);
            let decoded = decode_in_process(&file(false, entries, &[vec![3, 1, 2, 3, 4]], false), &Limits::default())?;
            assert_eq!(decoded.pixels.frames, 1);
            assert!(
                decoded
                    .facts
                    .notes
                    .iter()
                    .any(|note| note.code_name() == Some("file.frames_missing")),
                "{said:?}"
            );
        }
    }
    for other in [
        "{\"shape\": [5, 3, 3]}",
        "{\"shape\": \"x\"}",
        "{\"shape\": [0, 2, 2]}",
        "{",
        "{\"shape\": [2, 2]}",
    ] {
        let mut entries = size(2, 2, 1, 8, 1);
        entries.push(text(other));
        let decoded = decode_in_process(&file(false, entries, &[vec![7; 40]], false), &Limits::default())?;
        assert_eq!((decoded.pixels.frames, decoded.facts.notes.len()), (1, 0), "{other}");
    }
    Ok(())
}
