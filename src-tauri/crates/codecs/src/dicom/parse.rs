//! Bytes to data set. Nothing is allocated by a declared length: values are slices of the file, and
//! a length beyond the bytes that remain is refused at once.

use super::{
    data_set::{DataSet, Element, Encoding, Value},
    tag,
};
use decode::DecodeError;
use domain::FailureCode;

const UNDEFINED: u32 = 0xFFFF_FFFF;
const PIXELS: [u32; 3] = [tag::PIXEL_DATA, tag::FLOAT_PIXEL_DATA, tag::DOUBLE_FLOAT_PIXEL_DATA];

/// Second attempts to read a sequence that was rewritten as UN, over a whole data set: without a bound, nested ones
/// would double the work at each level.
const MOST_ATTEMPTS: u32 = 64;

/// Items of a sequence that are kept; those after them are walked over.
const MOST_ITEMS: usize = 100_000;

/// VRs with 16-bit length, and those with 32-bit length (PS3.5 7.1.2).
const SHORT: [&[u8; 2]; 21] = [
    b"AE", b"AS", b"AT", b"CS", b"DA", b"DS", b"DT", b"FL", b"FD", b"IS", b"LO", b"LT", b"PN", b"SH", b"SL", b"SS",
    b"ST", b"TM", b"UI", b"UL", b"US",
];
const LONG: [&[u8; 2]; 13] = [
    b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV",
];

pub(super) fn is_known_vr(vr: [u8; 2]) -> bool {
    SHORT.contains(&&vr) || LONG.contains(&&vr)
}

/// Parses the data set at the beginning of `bytes`. Damage behind the pixel data is passed over.
pub(super) fn parse<'a>(bytes: &'a [u8], encoding: Encoding, max_depth: u32) -> Result<DataSet<'a>, DecodeError> {
    let mut parser = Parser {
        bytes,
        pos: 0,
        max_depth,
        attempts: MOST_ATTEMPTS,
    };
    let mut elements = Vec::new();
    let end = bytes.len();
    while parser.pos < end {
        match parser.element(encoding, end, 0, true) {
            Ok(Next::Element(element)) => elements.push(element),
            Ok(Next::Skipped) => {}
            // A delimiter with nothing to delimit.
            Ok(Next::ItemEnd) => {}
            Err(_) if elements.iter().any(|e: &Element<'_>| e.tag == tag::PIXEL_DATA) => break,
            Err(error) => return Err(error),
        }
    }
    Ok(DataSet { encoding, elements })
}

/// Parses the file meta information (PS3.10 7.1, explicit VR little endian) and returns it with its length in bytes.
pub(super) fn parse_meta(bytes: &[u8]) -> Result<(DataSet<'_>, usize), DecodeError> {
    let encoding = if explicit_at(bytes) {
        Encoding::EXPLICIT
    } else {
        Encoding::IMPLICIT
    };
    let mut parser = Parser {
        bytes,
        pos: 0,
        max_depth: 4,
        attempts: MOST_ATTEMPTS,
    };
    let mut elements = Vec::new();
    while bytes[parser.pos..].starts_with(&[0x02, 0x00]) {
        if let Next::Element(element) = parser.element(encoding, bytes.len(), 0, true)? {
            elements.push(element);
        }
    }
    Ok((DataSet { encoding, elements }, parser.pos))
}

/// Whether the element at the beginning of `bytes` carries a VR.
pub(super) fn explicit_at(bytes: &[u8]) -> bool {
    matches!(bytes, [_, _, _, _, v0, v1, ..] if is_known_vr([*v0, *v1]))
}

/// What stands behind the head of the first item that is not empty.
fn first_element(mut items: &[u8]) -> &[u8] {
    const ITEM: [u8; 4] = [0xFE, 0xFF, 0x00, 0xE0];
    const ITEM_END: [u8; 4] = [0xFE, 0xFF, 0x0D, 0xE0];
    loop {
        let inside = items.get(8..).unwrap_or_default();
        let next = match items {
            [a, b, c, d, 0, 0, 0, 0, ..] if [*a, *b, *c, *d] == ITEM => inside,
            _ if inside.starts_with(&ITEM_END) => inside.get(8..).unwrap_or_default(),
            _ => return inside,
        };
        items = next;
    }
}

enum Next<'a> {
    Element(Element<'a>),
    Skipped,
    ItemEnd,
}

struct Parser<'a> {
    bytes: &'a [u8],
    pos: usize,
    max_depth: u32,
    /// Left of [`MOST_ATTEMPTS`].
    attempts: u32,
}

struct ElementHead {
    tag: u32,
    vr: [u8; 2],
    length: u32,
}

impl<'a> Parser<'a> {
    /// `N` bytes ahead, which must lie before `end`.
    fn take<const N: usize>(&mut self, end: usize) -> Result<[u8; N], DecodeError> {
        let taken = self.bytes[self.pos..end]
            .first_chunk::<N>()
            .copied()
            .ok_or_else(|| self.ends_early())?;
        self.pos += N;
        Ok(taken)
    }

    fn ends_early(&self) -> DecodeError {
        DecodeError::truncated(format!(
            "the file ends in the middle of an element at byte {}; copy it again from its source",
            self.pos
        ))
    }

    fn slice(&mut self, tag: u32, length: u32, end: usize) -> Result<&'a [u8], DecodeError> {
        let left = end - self.pos;
        let slice = usize::try_from(length)
            .ok()
            .and_then(|length| self.bytes[self.pos..end].get(..length));
        let slice = slice.ok_or_else(|| {
            DecodeError::truncated(format!(
                "element {} declares {length} bytes, but only {left} remain: the file is truncated or damaged",
                tag::show(tag)
            ))
        })?;
        self.pos += slice.len();
        Ok(slice)
    }

    fn head(&mut self, encoding: Encoding, end: usize) -> Result<ElementHead, DecodeError> {
        let [g0, g1, e0, e1] = self.take(end)?;
        let tag = u32::from(encoding.u16([g0, g1])) << 16 | u32::from(encoding.u16([e0, e1]));
        let [l0, l1, l2, l3] = self.take(end)?;
        let vr = [l0, l1];
        // Items and delimiters have no VR. Some files mix in elements without one: then these two
        // bytes belong to the length and are no capital letters.
        if tag >> 16 == 0xFFFE || !encoding.explicit_vr || !vr.iter().all(u8::is_ascii_uppercase) {
            let long = encoding.u32([l0, l1, l2, l3]);
            let short = u32::from(encoding.u16([l2, l3]));
            let garbage = encoding.explicit_vr && tag >> 16 != 0xFFFE && !self.fits(tag, long, encoding, end);
            return Ok(match garbage && self.fits(tag, short, encoding, end) {
                // Something else stands where a VR belongs, before a short length.
                true => ElementHead {
                    tag,
                    vr: *b"UN",
                    length: short,
                },
                false => ElementHead {
                    tag,
                    vr: [0, 0],
                    length: long,
                },
            });
        }
        if SHORT.contains(&&vr) {
            return Ok(ElementHead {
                tag,
                vr,
                length: u32::from(encoding.u16([l2, l3])),
            });
        }
        // A VR not known here has the long form (PS3.5 7.1.2), whose first two bytes are zeros; some writers make up
        // VRs of the short one.
        let short = u32::from(encoding.u16([l2, l3]));
        let ahead = self.bytes[self.pos..end].first_chunk().map(|four| encoding.u32(*four));
        let fits = |length: u32| length == UNDEFINED || (length as usize) < end - self.pos;
        if !LONG.contains(&&vr) && (short > 0 || !ahead.is_some_and(fits)) {
            return Ok(ElementHead { tag, vr, length: short });
        }
        let length = encoding.u32(self.take(end)?);
        Ok(ElementHead { tag, vr, length })
    }

    /// Whether a value of this length ends before a later element, or where all ends.
    fn fits(&self, tag: u32, length: u32, encoding: Encoding, end: usize) -> bool {
        let rest = self.bytes.get(self.pos..end).unwrap_or_default();
        let Some(behind) = usize::try_from(length).ok().and_then(|length| rest.get(length..)) else {
            return length == UNDEFINED;
        };
        match behind {
            [] => true,
            [g0, g1, e0, e1, ..] => {
                let next = u32::from(encoding.u16([*g0, *g1])) << 16 | u32::from(encoding.u16([*e0, *e1]));
                next > tag
            }
            _ => false,
        }
    }

    fn element(&mut self, encoding: Encoding, end: usize, depth: u32, keep: bool) -> Result<Next<'a>, DecodeError> {
        let ElementHead { tag, vr, length } = self.head(encoding, end)?;
        if tag == tag::ITEM_DELIMITATION {
            return Ok(Next::ItemEnd);
        }
        if tag == tag::SEQUENCE_DELIMITATION {
            return Ok(Next::Skipped);
        }
        if tag == tag::ITEM {
            return self.stray_item(encoding, length, end, depth + 1);
        }
        let keep = keep && tag::is_read(tag);
        let value = if length == UNDEFINED {
            self.undefined(encoding, tag, vr, end, depth, keep)?
        } else {
            let value = match self.slice(tag, length, end) {
                // Of frames that lie one after the other, those before the cut are whole.
                Err(_) if depth == 0 && PIXELS.contains(&tag) => {
                    let rest = &self.bytes[self.pos..end];
                    self.pos = end;
                    rest
                }
                value => value?,
            };
            if &vr == b"SQ" || (vr == [0, 0] && tag::is_read_sequence(tag)) {
                self.pos -= value.len();
                let inner_end = self.pos + value.len();
                Value::Items(self.items(encoding, tag, inner_end, false, depth + 1, keep)?)
            } else if &vr == b"UN" && keep && tag::is_read_sequence(tag) {
                self.unknown(tag, value, depth)?
            } else {
                Value::Bytes(value)
            }
        };
        let known = is_known_vr(vr) && &vr != b"UN";
        Ok(if keep {
            let vr = tag::binary_vr(tag).filter(|_| !known).unwrap_or(vr);
            Next::Element(Element { tag, vr, value })
        } else {
            Next::Skipped
        })
    }

    /// An item that no sequence holds, as some makers leave behind a private element: nothing in it is kept.
    fn stray_item(&mut self, encoding: Encoding, length: u32, end: usize, depth: u32) -> Result<Next<'a>, DecodeError> {
        if length != UNDEFINED {
            self.slice(tag::ITEM, length, end)?;
            return Ok(Next::Skipped);
        }
        self.check_depth(depth)?;
        while self.pos < end {
            if let Next::ItemEnd = self.element(encoding, end, depth, false)? {
                break;
            }
        }
        Ok(Next::Skipped)
    }

    fn check_depth(&self, depth: u32) -> Result<(), DecodeError> {
        if depth > self.max_depth {
            return Err(DecodeError::limit(format!(
                "sequences lie more than {} deep in one another at byte {}: the file is damaged",
                self.max_depth, self.pos
            )));
        }
        Ok(())
    }

    /// A sequence that was rewritten by a program that did not know it (PS3.5 6.2.2): implicit inside, or as some
    /// write it, explicit. What cannot be read as one is left as it is.
    fn unknown(&mut self, tag: u32, value: &'a [u8], depth: u32) -> Result<Value<'a>, DecodeError> {
        let end = self.pos;
        self.pos = end - value.len();
        match self.rewritten(tag, end, false, depth, true) {
            Ok(items) => Ok(Value::Items(items)),
            Err(error) if error.code == FailureCode::LimitExceeded => Err(error),
            Err(_) => {
                self.pos = end;
                Ok(Value::Bytes(value))
            }
        }
    }

    /// Items of a sequence whose VR became UN, by the encoding that its first element looks like, else by the other.
    fn rewritten(
        &mut self,
        tag: u32,
        end: usize,
        delimited: bool,
        depth: u32,
        keep: bool,
    ) -> Result<Vec<DataSet<'a>>, DecodeError> {
        let start = self.pos;
        let ahead = &self.bytes[start..end];
        let (likely, other) = match ahead {
            [0xFF, 0xFE, ..] => (Encoding::EXPLICIT_BIG_ENDIAN, Encoding::IMPLICIT),
            _ if explicit_at(first_element(ahead)) => (Encoding::EXPLICIT, Encoding::IMPLICIT),
            _ => (Encoding::IMPLICIT, Encoding::EXPLICIT),
        };
        match self.items(likely, tag, end, delimited, depth + 1, keep) {
            Err(error) if error.code != FailureCode::LimitExceeded && self.attempts > 0 => {
                self.attempts -= 1;
                self.pos = start;
                match self.items(other, tag, end, delimited, depth + 1, keep) {
                    Err(_) if !keep && delimited => {
                        self.pos = start;
                        self.passed_over(end).map_err(|_| error)
                    }
                    read => read.map_err(|_| error),
                }
            }
            read => read,
        }
    }

    /// Items of a known length that hold no data sets, as makers put into private elements: nothing in them is kept.
    fn passed_over(&mut self, end: usize) -> Result<Vec<DataSet<'a>>, DecodeError> {
        loop {
            match self.head(Encoding::IMPLICIT, end)? {
                ElementHead {
                    tag: tag::ITEM, length, ..
                } => self.slice(tag::ITEM, length, end)?,
                ElementHead {
                    tag: tag::SEQUENCE_DELIMITATION,
                    ..
                } => return Ok(vec![]),
                _ => return Err(self.ends_early()),
            };
        }
    }

    fn undefined(
        &mut self,
        encoding: Encoding,
        tag: u32,
        vr: [u8; 2],
        end: usize,
        depth: u32,
        keep: bool,
    ) -> Result<Value<'a>, DecodeError> {
        match &vr {
            _ if tag == tag::PIXEL_DATA => self.fragments(encoding, end),
            b"OB" | b"OW" => self.fragments(encoding, end),
            // Implicit, whatever the data set's own encoding (PS3.5 6.2.2); explicit of writers before CP-246.
            b"UN" => Ok(Value::Items(self.rewritten(tag, end, true, depth, keep)?)),
            b"SQ" | [0, 0] => Ok(Value::Items(self.items(encoding, tag, end, true, depth + 1, keep)?)),
            _ => Err(DecodeError::corrupt(format!(
                "element {} has no defined length, which its type {} does not allow: the file is damaged",
                tag::show(tag),
                String::from_utf8_lossy(&vr)
            ))),
        }
    }

    fn items(
        &mut self,
        encoding: Encoding,
        tag: u32,
        end: usize,
        delimited: bool,
        depth: u32,
        keep: bool,
    ) -> Result<Vec<DataSet<'a>>, DecodeError> {
        self.check_depth(depth)?;
        let mut items = Vec::new();
        while delimited || self.pos < end {
            let head = self.head(encoding, end)?;
            match head.tag {
                tag::ITEM => {}
                tag::SEQUENCE_DELIMITATION => break,
                other => {
                    return Err(DecodeError::corrupt(format!(
                        "sequence {} holds {} where an item belongs, at byte {}: the file is damaged",
                        tag::show(tag),
                        tag::show(other),
                        self.pos
                    )));
                }
            }
            let (item_end, item_delimited) = if head.length == UNDEFINED {
                (end, true)
            } else {
                let item = self.slice(tag, head.length, end)?;
                self.pos -= item.len();
                (self.pos + item.len(), false)
            };
            let keep_item = keep && items.len() < MOST_ITEMS;
            let mut elements = Vec::new();
            while item_delimited || self.pos < item_end {
                match self.element(encoding, item_end, depth, keep_item)? {
                    Next::Element(element) => elements.push(element),
                    Next::Skipped => {}
                    Next::ItemEnd if item_delimited => break,
                    Next::ItemEnd => {}
                }
            }
            if keep_item {
                items.push(DataSet { encoding, elements });
            }
        }
        Ok(items)
    }

    fn fragments(&mut self, encoding: Encoding, end: usize) -> Result<Value<'a>, DecodeError> {
        let mut fragments = Vec::new();
        let mut partial = None;
        // Some writers leave out the closing delimiter at the end of the file.
        while self.pos < end {
            let Ok(head) = self.head(encoding, end) else {
                partial = Some(&[][..]);
                break;
            };
            match head.tag {
                tag::ITEM => match self.slice(tag::PIXEL_DATA, head.length, end) {
                    Ok(fragment) => fragments.push(fragment),
                    Err(_) => {
                        partial = Some(&self.bytes[self.pos..end]);
                        break;
                    }
                },
                tag::SEQUENCE_DELIMITATION => break,
                other => {
                    return Err(DecodeError::corrupt(format!(
                        "the encapsulated pixel data hold {} where a fragment belongs, at byte {}: the file is damaged",
                        tag::show(other),
                        self.pos
                    )));
                }
            }
        }
        let offsets = if fragments.is_empty() {
            &[][..]
        } else {
            fragments.remove(0)
        };
        Ok(Value::Fragments {
            offsets,
            fragments,
            partial,
        })
    }
}

#[cfg(test)]
mod tests;
