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
    let codes = decoded.facts.notes.iter().filter_map(|note| note.code());
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
