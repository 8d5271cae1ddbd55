//! Headers of NRRD and MetaImage: lines of text in front of bytes.

use decode::DecodeError;

/// Longest header; a list of a few hundred slices takes some ten kilobytes.
const MOST_HEADER: usize = 1 << 20;

/// The next line without its end, and what follows it.
pub(super) fn line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().take(MOST_HEADER).position(|byte| *byte == b'\n')?;
    let (line, rest) = bytes.split_at_checked(end)?;
    Some((line.strip_suffix(b"\r").unwrap_or(line), rest.get(1..)?))
}

/// [`line`], or what is left of a header that ends with its file.
pub(super) fn line_or_last(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    line(rest).or_else(|| (!rest.is_empty() && rest.len() < 4096).then_some((rest, &[][..])))
}

pub(super) fn numbers<T: std::str::FromStr>(value: &str, what: &str) -> Result<Vec<T>, DecodeError> {
    value
        .split_whitespace()
        .map(|number| number.parse().map_err(|_| bad(what, value)))
        .collect()
}

pub(super) fn bad(what: &str, value: &str) -> DecodeError {
    let value: String = value.chars().filter(|c| !c.is_control()).take(80).collect();
    DecodeError::corrupt(format!("the header says '{what}: {value}', which is not a valid value"))
}

pub(super) fn missing(what: &str) -> DecodeError {
    DecodeError::corrupt(format!("the header lacks the field '{what}'"))
}

/// Names of a numbered series, such as `slice%03d.raw` from 1 to 9 by 1.
pub(super) fn numbered(pattern: &str, from: i64, to: i64, step: i64) -> Result<Vec<String>, DecodeError> {
    let wrong = || bad("data file", pattern);
    let (head, rest) = pattern.split_once('%').ok_or_else(wrong)?;
    let (width, tail) = rest.split_once('d').ok_or_else(wrong)?;
    let filled = width.starts_with('0');
    let width: usize = if width.is_empty() {
        0
    } else {
        width.parse().map_err(|_| wrong())?
    };
    if step == 0 || width > 20 {
        return Err(wrong());
    }
    let mut names = vec![];
    let mut number = from;
    while (step > 0 && number <= to) || (step < 0 && number >= to) {
        let number_text = if filled {
            format!("{number:0width$}")
        } else {
            format!("{number:width$}")
        };
        names.push(format!("{head}{number_text}{tail}"));
        if names.len() > 100_000 {
            return Err(DecodeError::limit("the header names more than 100,000 data files"));
        }
        number = number.checked_add(step).ok_or_else(wrong)?;
    }
    Ok(names)
}
