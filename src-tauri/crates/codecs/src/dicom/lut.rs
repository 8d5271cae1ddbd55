//! Lookup tables of values (PS3.3 C.11.1, C.11.2) and the windows of a data set.

use domain::{LookupTable, VoiChoice, VoiFunction};

use super::{data_set::DataSet, tag, text::CharacterSet};

const MOST_ENTRIES: usize = 1 << 16;

/// The first table of a Modality LUT Sequence.
pub(super) fn modality_table(set: &DataSet<'_>, signed: bool) -> Option<LookupTable> {
    set.items(tag::MODALITY_LUT_SEQUENCE)
        .iter()
        .find_map(|item| table(item, signed))
}

/// How many of its VOI LUTs can be read.
pub(super) fn voi_tables(set: &DataSet<'_>) -> usize {
    let items = set.items(tag::VOI_LUT_SEQUENCE).iter();
    items.filter(|item| table(item, false).is_some()).count()
}

/// The tables and windows that a data set or functional group offers, tables first; `None` where it has none.
pub(super) fn choices(set: &DataSet<'_>, charset: &CharacterSet, signed: bool) -> Option<Vec<VoiChoice>> {
    let explained = |set: &DataSet<'_>, tag: u32| set.bytes(tag).map(|bytes| charset.decode(bytes)).unwrap_or_default();
    let tables = set.items(tag::VOI_LUT_SEQUENCE).iter().filter_map(|item| {
        let name = Some(explained(item, tag::LUT_EXPLANATION)).filter(|name| !name.is_empty());
        Some(VoiChoice::of_table(name, table(item, signed)?))
    });
    let names = explained(set, tag::WINDOW_EXPLANATION);
    let mut names = names.split('\\').map(str::trim);
    let function = match set.code(tag::VOI_LUT_FUNCTION) {
        Some("LINEAR") => Some(VoiFunction::Linear),
        Some("LINEAR_EXACT") => Some(VoiFunction::LinearExact),
        Some("SIGMOID") => Some(VoiFunction::Sigmoid),
        _ => None,
    };
    let (centers, widths) = (set.numbers(tag::WINDOW_CENTER), set.numbers(tag::WINDOW_WIDTH));
    let pairs = centers.into_iter().zip(widths);
    let windows = pairs.map(|(center, width)| VoiChoice {
        center,
        width,
        function,
        name: names.next().filter(|name| !name.is_empty()).map(str::to_owned),
        table: None,
    });
    // A window without a width shows nothing.
    let windows = windows.filter(|choice| choice.width > 0.0);
    let all: Vec<VoiChoice> = tables.chain(windows).collect();
    (!all.is_empty()).then_some(all)
}

/// LUT Descriptor and LUT Data. `signed`: whether the values that go in may be below zero, for files that do not say by
/// the descriptor's VR how its second value is to be read.
fn table(item: &DataSet<'_>, signed: bool) -> Option<LookupTable> {
    let descriptor = item.words(tag::LUT_DESCRIPTOR);
    let &[entries, first, bits] = descriptor.first_chunk::<3>()?;
    // 65,536 does not fit the field and is written as 0.
    let entries = if entries == 0 {
        MOST_ENTRIES
    } else {
        usize::from(entries)
    };
    let as_signed = item.find(tag::LUT_DESCRIPTOR)?.vr == *b"SS" || signed;
    let first = if as_signed {
        i32::from(first.cast_signed())
    } else {
        i32::from(first)
    };
    let bytes = item.bytes(tag::LUT_DATA)?;
    let mut values = if bits <= 8 && bytes.len() < entries * 2 {
        // 8-bit entries two to a word.
        let swap = item.encoding.big_endian;
        let at = |i: usize| bytes.get(if swap { i ^ 1 } else { i }).copied();
        (0..bytes.len()).filter_map(at).map(u16::from).collect()
    } else {
        item.words(tag::LUT_DATA)
    };
    // What is missing would be made up.
    if values.len() < entries {
        return None;
    }
    values.truncate(entries);
    let greatest = values.iter().copied().max()?;
    // Files declare fewer bits than their entries have.
    let used = (16 - greatest.leading_zeros()).try_into().unwrap_or(16);
    Some(LookupTable {
        first,
        bits: if (1..=16).contains(&bits) { bits.max(used) } else { 16 },
        values,
    })
}

#[cfg(test)]
mod tests {
    use super::super::{data_set::Encoding, parse::parse};
    use super::*;

    fn element(tag: u32, vr: &[u8; 2], value: &[u8]) -> Vec<u8> {
        let mut bytes = [(tag >> 16) as u16, tag as u16].map(u16::to_le_bytes).concat();
        bytes.extend(vr);
        if matches!(vr, b"OW" | b"SQ") {
            bytes.extend([0; 2]);
            bytes.extend((value.len() as u32).to_le_bytes());
        } else {
            bytes.extend((value.len() as u16).to_le_bytes());
        }
        bytes.extend(value);
        bytes
    }

    fn read(vr: &[u8; 2], descriptor: [u16; 3], data: &[u8], signed: bool) -> Option<LookupTable> {
        let words = |words: &[u16]| words.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>();
        let inner = [
            element(tag::LUT_DESCRIPTOR, vr, &words(&descriptor)),
            element(tag::LUT_DATA, b"OW", data),
        ]
        .concat();
        let item = [
            &[0xFE, 0xFF, 0x00, 0xE0][..],
            &(inner.len() as u32).to_le_bytes(),
            &inner,
        ]
        .concat();
        let bytes = element(tag::MODALITY_LUT_SEQUENCE, b"SQ", &item);
        let set = parse(&bytes, Encoding::EXPLICIT, 8).ok()?;
        modality_table(&set, signed)
    }

    /// Descriptors of every kind: 0 stands for 65,536 entries, the first value has a sign where the values have one.
    #[test]
    fn descriptors_are_read_as_the_values_are() {
        for (entries, count) in [(0_u16, 65_536_usize), (1, 1), (300, 300), (65_535, 65_535)] {
            let data: Vec<u8> = (0..count).flat_map(|v| ((v % 4096) as u16).to_le_bytes()).collect();
            for first in [0_u16, 1, 100, 0x7FFF, 0x8000, 0xFC00, 0xFFFF] {
                for (vr, signed, below) in [(b"US", false, false), (b"US", true, true), (b"SS", false, true)] {
                    let read = read(vr, [entries, first, 12], &data, signed);
                    let wanted = match below {
                        true => i32::from(first.cast_signed()),
                        false => i32::from(first),
                    };
                    let seen = read.map(|table| (table.first, table.values.len(), table.bits));
                    assert_eq!(seen, Some((wanted, count, 12)), "{entries} {first} {signed}");
                }
            }
        }
    }

    #[test]
    fn entries_of_eight_bits_lie_in_words_or_two_to_a_word() {
        let (packed, wide) = ([1_u8, 2, 3, 255], [1_u8, 0, 2, 0, 3, 0, 255, 0]);
        for data in [&packed[..], &wide] {
            let values = read(b"US", [4, 0, 8], data, false).map(|table| (table.values, table.bits));
            assert_eq!(values, Some((vec![1, 2, 3, 255], 8)));
        }
        // More than it declares, nothing, and too little.
        assert_eq!(
            read(b"US", [2, 0, 8], &[0, 16, 1, 0], false).map(|table| table.bits),
            Some(13)
        );
        assert_eq!(read(b"US", [4, 0, 16], &[], false), None);
        for (entries, bits) in [2_u16, 3, 100, 256]
            .into_iter()
            .flat_map(|n| [8_u16, 12, 16].map(|bits| (n, bits)))
        {
            let whole = usize::from(entries) * if bits > 8 { 2 } else { 1 };
            for there in (1..whole).step_by(7).chain([whole - 1, whole]) {
                let read = read(b"US", [entries, 0, bits], &vec![1; there], false);
                assert_eq!(
                    read.is_some(),
                    there == whole,
                    "{there} bytes for {entries} of {bits} bits"
                );
            }
        }
    }
}
