//! Real World Value Mapping (PS3.3 C.7.6.16.2.11) is told and not applied: what is shown and measured are modality
//! values, which another rule makes of the same stored values.

use domain::{Sentence, SentenceCode};

use super::{data_set::DataSet, tag};
use crate::note::Notes;

/// So many different mappings of one file are told each.
const MOST_TOLD: usize = 3;

#[derive(Debug, Clone, PartialEq)]
struct Mapping {
    /// Slope and intercept; `None` where a table maps the values.
    line: Option<[f64; 2]>,
    unit: String,
}

/// Tells the mappings of these data sets and functional groups, each that differs once.
pub(super) fn tell<'a, 'b: 'a>(places: impl Iterator<Item = &'a DataSet<'b>>, notes: &mut Notes) {
    let mut all: Vec<Mapping> = vec![];
    for item in places.flat_map(|place| place.items(tag::REAL_WORLD_VALUE_MAPPING_SEQUENCE)) {
        if let Some(mapping) = mapping(item)
            && all.last() != Some(&mapping)
            && !all.contains(&mapping)
        {
            all.push(mapping);
        }
        // Mappings of thousands of frames are not compared each with each.
        if all.len() > 100 * MOST_TOLD {
            break;
        }
    }
    let told = if all.len() > MOST_TOLD { 1 } else { all.len() };
    all.iter().take(told).for_each(|mapping| notes.add(sentence(mapping)));
    let more = all.len() - told;
    if more > 0 {
        let words =
            format!("the file has {more} more such mappings to real-world values, of other frames or quantities");
        let values = [("more", i64::try_from(more).unwrap_or(i64::MAX).into())];
        notes.add(Sentence::new(SentenceCode::ToldRealWorldMore, values, words));
    }
}

fn mapping(item: &DataSet<'_>) -> Option<Mapping> {
    let slope = item.number(tag::REAL_WORLD_VALUE_SLOPE);
    let line = slope.map(|slope| [slope, item.number(tag::REAL_WORLD_VALUE_INTERCEPT).unwrap_or(0.0)]);
    if line.is_none() && item.bytes(tag::REAL_WORLD_VALUE_LUT_DATA).is_none() {
        return None;
    }
    let unit = item.items(tag::MEASUREMENT_UNITS_CODE_SEQUENCE).first();
    let unit = unit.and_then(|unit| unit.code(tag::CODE_VALUE).or_else(|| unit.code(tag::CODE_MEANING)));
    // The unit 1 of UCUM is that of plain numbers.
    let unit: String = unit
        .unwrap_or("1")
        .chars()
        .filter(|c| !c.is_control())
        .take(40)
        .collect();
    Some(Mapping { line, unit })
}

fn sentence(mapping: &Mapping) -> Sentence {
    let unit = &mapping.unit;
    match mapping.line {
        Some([slope, intercept]) => {
            let words = format!(
                "the file also maps its stored values to real-world values: {slope} x value + {intercept}, in the unit {unit}; they are not shown so"
            );
            let values = [
                ("slope", slope.to_string().into()),
                ("intercept", intercept.to_string().into()),
                ("unit", unit.clone().into()),
            ];
            Sentence::new(SentenceCode::ToldRealWorld, values, words)
        }
        None => {
            let words = format!(
                "the file also maps its stored values to real-world values by a table, in the unit {unit}; they are not shown so"
            );
            Sentence::new(SentenceCode::ToldRealWorldTable, [("unit", unit.clone().into())], words)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{data_set::Encoding, parse::parse};
    use super::*;

    fn element(tag: u32, vr: &[u8; 2], value: &[u8]) -> Vec<u8> {
        let mut bytes = [(tag >> 16) as u16, tag as u16].map(u16::to_le_bytes).concat();
        bytes.extend(vr);
        if vr == b"SQ" {
            bytes.extend([0; 2]);
            bytes.extend((value.len() as u32).to_le_bytes());
        } else {
            bytes.extend((value.len() as u16).to_le_bytes());
        }
        bytes.extend(value);
        bytes
    }

    fn items(tag: u32, items: &[Vec<u8>]) -> Vec<u8> {
        let item = |item: &Vec<u8>| [b"\xfe\xff\x00\xe0", &(item.len() as u32).to_le_bytes()[..], item].concat();
        element(tag, b"SQ", &items.iter().flat_map(item).collect::<Vec<u8>>())
    }

    fn line(slope: f64, intercept: Option<f64>, unit: Option<&str>) -> Vec<u8> {
        let mut item = vec![];
        if let Some(unit) = unit {
            let code = element(tag::CODE_VALUE, b"SH", unit.as_bytes());
            item.extend(items(tag::MEASUREMENT_UNITS_CODE_SEQUENCE, &[code]));
        }
        if let Some(intercept) = intercept {
            item.extend(element(
                tag::REAL_WORLD_VALUE_INTERCEPT,
                b"FD",
                &intercept.to_le_bytes(),
            ));
        }
        item.extend(element(tag::REAL_WORLD_VALUE_SLOPE, b"FD", &slope.to_le_bytes()));
        item
    }

    fn told(of: &[Vec<Vec<u8>>]) -> Result<Vec<String>, decode::DecodeError> {
        let bytes: Vec<Vec<u8>> = of
            .iter()
            .map(|of| items(tag::REAL_WORLD_VALUE_MAPPING_SEQUENCE, of))
            .collect();
        let sets = bytes.iter().map(|bytes| parse(bytes, Encoding::EXPLICIT, 8));
        let sets = sets.collect::<Result<Vec<_>, _>>()?;
        let mut notes = Notes::default();
        tell(sets.iter(), &mut notes);
        Ok(notes.into_vec().into_iter().map(|note| note.words).collect())
    }

    #[test]
    fn slope_intercept_and_unit_are_told_once() -> Result<(), decode::DecodeError> {
        let mapping = line(2.0, Some(-0.5), Some("mm2/s "));
        let same = [vec![mapping.clone()], vec![mapping]];
        let words = told(&same)?;
        assert!(
            matches!(&words[..], [one] if one.contains("2 x value + -0.5, in the unit mm2/s;")),
            "{words:?}"
        );
        let words = told(&[vec![line(0.01, None, None)]])?;
        assert!(
            matches!(&words[..], [one] if one.contains("0.01 x value + 0, in the unit 1;")),
            "{words:?}"
        );
        let table = element(tag::REAL_WORLD_VALUE_LUT_DATA, b"FD", &1.0_f64.to_le_bytes());
        let words = told(&[vec![table]])?;
        assert!(matches!(&words[..], [one] if one.contains("by a table")), "{words:?}");
        assert_eq!(told(&[vec![vec![]]])?, Vec::<String>::new());
        Ok(())
    }

    #[test]
    fn of_many_mappings_the_first_is_told_and_the_others_are_counted() -> Result<(), decode::DecodeError> {
        for count in 1..=9_usize {
            let each: Vec<_> = (1..=count).map(|at| vec![line(at as f64, None, None)]).collect();
            let words = told(&each)?;
            match count {
                1..=3 => assert_eq!(words.len(), count),
                _ => assert!(matches!(&words[..], [_, more] if more.contains(&format!("{} more", count - 1)))),
            }
        }
        Ok(())
    }
}
