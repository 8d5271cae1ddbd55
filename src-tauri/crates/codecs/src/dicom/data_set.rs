/// How a data set is written (PS3.5 section 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Encoding {
    pub explicit_vr: bool,
    pub big_endian: bool,
}

impl Encoding {
    pub(super) const IMPLICIT: Self = Self {
        explicit_vr: false,
        big_endian: false,
    };
    /// Of ACR-NEMA files from machines of that order.
    pub(super) const IMPLICIT_BIG_ENDIAN: Self = Self {
        explicit_vr: false,
        big_endian: true,
    };
    pub(super) const EXPLICIT: Self = Self {
        explicit_vr: true,
        big_endian: false,
    };
    pub(super) const EXPLICIT_BIG_ENDIAN: Self = Self {
        explicit_vr: true,
        big_endian: true,
    };

    pub(super) fn u16(self, bytes: [u8; 2]) -> u16 {
        if self.big_endian {
            u16::from_be_bytes(bytes)
        } else {
            u16::from_le_bytes(bytes)
        }
    }

    pub(super) fn u64(self, bytes: [u8; 8]) -> u64 {
        if self.big_endian {
            u64::from_be_bytes(bytes)
        } else {
            u64::from_le_bytes(bytes)
        }
    }

    pub(super) fn u32(self, bytes: [u8; 4]) -> u32 {
        if self.big_endian {
            u32::from_be_bytes(bytes)
        } else {
            u32::from_le_bytes(bytes)
        }
    }
}

#[derive(Debug)]
pub(super) enum Value<'a> {
    Bytes(&'a [u8]),
    Items(Vec<DataSet<'a>>),
    /// Of encapsulated pixel data (PS3.5 A.4): the Basic Offset Table, then the fragments.
    Fragments {
        offsets: &'a [u8],
        fragments: Vec<&'a [u8]>,
        /// What is there of a fragment that the end of the file cuts off.
        partial: Option<&'a [u8]>,
    },
}

#[derive(Debug)]
pub(super) struct Element<'a> {
    pub tag: u32,
    /// Of a binary number that of the dictionary where the file does not say it; else zeros in a data set with implicit VR.
    pub vr: [u8; 2],
    pub value: Value<'a>,
}

/// The elements that are read, in file order. Values point into the file.
#[derive(Debug)]
pub(super) struct DataSet<'a> {
    pub encoding: Encoding,
    pub elements: Vec<Element<'a>>,
}

/// Terms that are compared with: a code string has capitals alone (PS3.5 6.2), and files write small letters all the same.
const TERMS: [&str; 44] = [
    "MONOCHROME1",
    "MONOCHROME2",
    "PALETTE COLOR",
    "RGB",
    "YBR_FULL",
    "YBR_FULL_422",
    "YBR_PARTIAL_422",
    "YBR_ICT",
    "YBR_RCT",
    "IDENTITY",
    "INVERSE",
    "LINEAR",
    "LINEAR_EXACT",
    "SIGMOID",
    "COLOR",
    "MIXED",
    "HU",
    "PCT",
    "BQML",
    "CNTS",
    "GML",
    "GY",
    "RECTANGULAR",
    "CIRCULAR",
    "POLYGONAL",
    "BITMAP",
    "GEOMETRY",
    "FIDUCIAL",
    "CT",
    "MR",
    "PT",
    "US",
    "CR",
    "DX",
    "MG",
    "XA",
    "RF",
    "NM",
    "OT",
    "SC",
    "RTDOSE",
    "RTIMAGE",
    "L",
    "R",
];

fn in_capitals(text: &str) -> &str {
    if !text.bytes().any(|byte| byte.is_ascii_lowercase()) {
        return text;
    }
    let term = TERMS.iter().find(|term| term.eq_ignore_ascii_case(text));
    term.copied().unwrap_or(text)
}

impl<'a> DataSet<'a> {
    pub(super) fn find(&self, tag: u32) -> Option<&Element<'a>> {
        self.elements.iter().find(|element| element.tag == tag)
    }

    /// The value's bytes; `None` when absent or empty.
    pub(super) fn bytes(&self, tag: u32) -> Option<&'a [u8]> {
        match self.find(tag)?.value {
            Value::Bytes(bytes) if !bytes.is_empty() => Some(bytes),
            _ => None,
        }
    }

    /// First value of an unsigned integer (VR US or UL), or what a file wrote in its stead.
    pub(super) fn uint(&self, tag: u32) -> Option<u32> {
        let bytes = self.bytes(tag)?;
        match &self.find(tag)?.vr {
            b"UL" => Some(self.encoding.u32(*bytes.first_chunk()?)),
            b"IS" | b"DS" => u32::try_from(self.int(tag)?).ok(),
            _ => Some(u32::from(self.encoding.u16(*bytes.first_chunk()?))),
        }
    }

    /// A text of the default repertoire (VR CS, UI, DA, TM, AS, IS, DS) without padding.
    pub(super) fn code(&self, tag: u32) -> Option<&'a str> {
        let text = std::str::from_utf8(self.bytes(tag)?).ok()?;
        let text = text.trim_matches(|c: char| c == '\0' || c.is_whitespace());
        (!text.is_empty()).then(|| in_capitals(text))
    }

    /// First value of an integer string (VR IS), or of an integer that a file wrote in its stead.
    pub(super) fn int(&self, tag: u32) -> Option<i32> {
        if matches!(&self.find(tag)?.vr, b"US" | b"SS" | b"UL" | b"SL") {
            return self.ints(tag).first().copied();
        }
        let first = self.code(tag)?.split('\\').next()?.trim();
        // Files write "1.0" too.
        let value = first.parse::<i32>().ok().or_else(|| {
            let float = first.parse::<f64>().ok()?;
            #[allow(clippy::cast_possible_truncation, reason = "whole, and within i32")]
            (float.fract() == 0.0 && float.abs() < 2e9).then_some(float as i32)
        });
        value.filter(|_| !first.is_empty())
    }

    /// All values of a decimal string (VR DS), an integer string (IS) or a binary number, by the element's VR.
    /// Empty when one of them is no finite number.
    pub(super) fn numbers(&self, tag: u32) -> Vec<f64> {
        let Some(element) = self.find(tag) else {
            return Vec::new();
        };
        let Value::Bytes(bytes) = element.value else {
            return Vec::new();
        };
        let to = self.encoding;
        let twos = |of: fn(u16) -> f64| bytes.as_chunks().0.iter().map(|two| of(to.u16(*two))).collect();
        let fours = |of: fn(u32) -> f64| bytes.as_chunks().0.iter().map(|four| of(to.u32(*four))).collect();
        let eights = |of: fn(u64) -> f64| bytes.as_chunks().0.iter().map(|eight| of(to.u64(*eight))).collect();
        let values: Option<Vec<f64>> = match &element.vr {
            b"FD" => Some(eights(f64::from_bits)),
            b"FL" => Some(fours(|bits| f32::from_bits(bits).into())),
            b"UL" => Some(fours(f64::from)),
            b"SL" => Some(fours(|bits| bits.cast_signed().into())),
            b"US" => Some(twos(f64::from)),
            b"SS" => Some(twos(|bits| bits.cast_signed().into())),
            _ => self
                .code(tag)
                // An empty value at the end is a delimiter too many.
                .map(|text| text.trim_end_matches(['\\', ' ', '\0']))
                .map(|text| text.split('\\').map(|v| v.trim().parse().ok()).collect::<Option<_>>())
                .unwrap_or_default(),
        };
        values
            .filter(|all| all.iter().all(|v| v.is_finite()))
            .unwrap_or_default()
    }

    /// All items of a sequence.
    pub(super) fn items(&self, tag: u32) -> &[DataSet<'a>] {
        match self.find(tag).map(|element| &element.value) {
            Some(Value::Items(items)) => items,
            _ => &[],
        }
    }

    /// All values of two bytes without a sign, whatever VR they have.
    pub(super) fn words(&self, tag: u32) -> Vec<u16> {
        let bytes = self.bytes(tag).unwrap_or_default();
        bytes
            .as_chunks::<2>()
            .0
            .iter()
            .map(|word| self.encoding.u16(*word))
            .collect()
    }

    /// All values of an integer string; empty when one of them is none.
    pub(super) fn ints(&self, tag: u32) -> Vec<i32> {
        let numbers = self.numbers(tag);
        #[allow(clippy::cast_possible_truncation, reason = "within i32")]
        let whole = |v: &f64| (v.abs() < 2e9).then_some(v.round() as i32);
        numbers.iter().map(whole).collect::<Option<_>>().unwrap_or_default()
    }

    pub(super) fn number(&self, tag: u32) -> Option<f64> {
        self.numbers(tag).first().copied()
    }

    /// Exactly `N` values of a decimal string.
    pub(super) fn array<const N: usize>(&self, tag: u32) -> Option<[f64; N]> {
        self.numbers(tag).try_into().ok()
    }
}

#[cfg(test)]
mod tests;
