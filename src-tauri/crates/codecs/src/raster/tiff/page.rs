//! What a directory says of its page, checked.

use decode::{DecodeError, Limits, limits::Declared};
use domain::Palette;

use super::directory::{Directory, File, ends_early};
use crate::opacity::Beside;

/// How samples are to be read (tag 339).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Unsigned,
    Signed,
    Float,
}

/// What samples mean (tag 262).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Colours {
    WhiteIsZero,
    BlackIsZero,
    Rgb,
    /// Indices into a table of colours.
    Palette,
    /// Four inks.
    Inks,
    /// Luminance and two colours, the latter one for so many columns and rows.
    YCbCr {
        across: u32,
        down: u32,
    },
}

/// How a strip or tile is packed (tag 259).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    None,
    Lzw,
    Jpeg,
    Deflate,
    PackBits,
    Zstd,
    /// Of facsimiles, group 4.
    Fax4,
}

/// A page. Two that are equal in this can be frames of one image.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Page {
    pub rows: u32,
    pub cols: u32,
    /// Slices that lie in the page one behind the other (tag 32997, of SGI).
    pub depth: u32,
    /// Of a pixel as stored.
    pub samples: u32,
    /// What the last of two or four of them is (tag 338).
    pub beside: Beside,
    pub bits: u32,
    pub format: Format,
    pub colours: Colours,
    pub packing: Packing,
    /// Samples of a pixel lie in parts of their own.
    pub planar: bool,
    pub predictor: u64,
    /// The first bit of a byte is its lowest.
    pub low_bit_first: bool,
    /// 1 to 8 (tag 274): one that the whole file is turned by.
    pub orientation: u64,
}

/// Where the parts of a page lie.
#[derive(Debug)]
pub(super) struct Parts {
    /// Of each part; of a strip at the end fewer rows are there.
    pub rows: u32,
    pub cols: u32,
    /// Slices that lie in one part (tag 32998).
    pub depth: u32,
    /// Offset and length in the file, row by row, slice by slice, plane by plane.
    pub places: Vec<(u64, u64)>,
}

impl Page {
    pub(super) fn of(directory: &Directory<'_>) -> Result<Self, DecodeError> {
        let size = |tag: u16, name: &str| {
            let number = directory.number(tag).and_then(|number| u32::try_from(number).ok());
            number.ok_or_else(|| DecodeError::corrupt(format!("the TIFF file does not say how many {name} it has")))
        };
        let (cols, rows) = (size(256, "columns")?, size(257, "rows")?);
        let samples = directory.number(277).unwrap_or(1);
        let mut bits = directory.numbers(258);
        if bits.is_empty() {
            bits.push(1);
        }
        let refused = |what: String| DecodeError::unsupported(format!("this kind of TIFF file is not read: {what}"));
        let (Some(&first), true) = (bits.first(), bits.windows(2).all(|pair| pair[0] == pair[1])) else {
            return Err(refused(format!("samples of {bits:?} bits")));
        };
        let format = match directory.number(339).unwrap_or(1) {
            1 | 4 => Format::Unsigned,
            2 => Format::Signed,
            3 => Format::Float,
            other => return Err(refused(format!("samples of format {other}, such as complex numbers"))),
        };
        let packing =
            packing(directory.number(259).unwrap_or(1)).map_err(|name| refused(format!("packed by {name}")))?;
        let photometric = directory.number(262).unwrap_or(1);
        let (colours, allowed): (_, &[u64]) = match photometric {
            0 => (Colours::WhiteIsZero, &[1, 2]),
            1 => (Colours::BlackIsZero, &[1, 2]),
            2 => (Colours::Rgb, &[3, 4]),
            3 => (Colours::Palette, &[1]),
            5 => (Colours::Inks, &[4]),
            6 => (subsampled(directory, packing), &[3]),
            other => return Err(refused(format!("photometric interpretation {other}"))),
        };
        if !allowed.contains(&samples) {
            return Err(refused(format!(
                "{samples} samples a pixel under photometric interpretation {photometric}"
            )));
        }
        let readable = match (format, colours) {
            (Format::Float, _) => matches!(first, 16 | 32 | 64),
            (_, Colours::Inks) => matches!(first, 8 | 16),
            (_, Colours::YCbCr { .. }) => first == 8,
            (_, Colours::Palette) => matches!(first, 1..=16),
            _ => matches!(first, 1..=32),
        };
        if !readable {
            return Err(refused(format!("{first} bits a sample")));
        }
        let planar = samples > 1 && directory.number(284) == Some(2);
        #[allow(clippy::cast_possible_truncation, reason = "checked above: at most 64, and 4")]
        Ok(Self {
            rows,
            cols,
            depth: depth(directory, rows, cols, planar.then_some(samples)),
            samples: samples as u32,
            beside: match (samples, directory.number(338)) {
                (2 | 4, Some(1)) => Beside::Premultiplied,
                (2 | 4, Some(2)) => Beside::Opacity,
                _ => Beside::Unknown,
            },
            bits: first as u32,
            format,
            colours,
            packing,
            planar,
            predictor: directory.number(317).unwrap_or(1),
            low_bit_first: directory.number(266) == Some(2),
            orientation: directory.number(274).filter(|turn| (1..=8).contains(turn)).unwrap_or(1),
        })
    }

    /// Bits of a sample once it is decoded.
    pub(super) fn decoded_bits(&self) -> u32 {
        match (self.format, self.bits) {
            (Format::Float, 16) => 32,
            (_, 17..=31) => 32,
            (_, bits) => bits,
        }
    }

    /// Samples of a pixel once it is decoded.
    pub(super) fn decoded_samples(&self) -> u32 {
        if self.colours == Colours::Inks { 3 } else { self.samples }
    }

    /// Bytes of so many frames, if they are allowed.
    pub(super) fn check(&self, frames: u32, limits: &Limits, file_bytes: u64) -> Result<u64, DecodeError> {
        let declared = Declared {
            frames: u64::from(frames),
            bits: u64::from(self.decoded_bits()),
            ..Declared::frame(self.rows, self.cols, self.samples)
        };
        limits.check(&declared, file_bytes)
    }

    /// Bytes of one frame where nothing is packed; `None` where pixels are not whole bytes.
    pub(super) fn plain_bytes(&self) -> Option<u64> {
        let line = u64::from(self.cols) * u64::from(self.samples) * u64::from(self.bits);
        line.div_ceil(8).checked_mul(u64::from(self.rows))
    }

    /// Where its strips or tiles lie, all of them within the file.
    pub(super) fn parts(&self, directory: &Directory<'_>, file: &File<'_>) -> Result<Parts, DecodeError> {
        let tiled = directory.number(322).zip(directory.number(323));
        let depth = part_depth(directory);
        let side = |length: u64| u32::try_from(length).ok().filter(|length| *length > 0);
        let no_size = || DecodeError::corrupt("the strips or tiles of the TIFF file have no size: it is damaged");
        let (rows, cols, offsets, counts) = match tiled {
            Some((cols, rows)) => {
                let (rows, cols) = side(rows).zip(side(cols)).ok_or_else(no_size)?;
                (rows, cols, directory.numbers(324), directory.numbers(325))
            }
            None => {
                let rows = directory.number(278).unwrap_or(u64::MAX).min(u64::from(self.rows));
                let rows = side(rows).ok_or_else(no_size)?;
                (rows, self.cols, directory.numbers(273), directory.numbers(279))
            }
        };
        // A part may be larger than its page, but not without bounds.
        let pixels = (u64::from(rows) * u64::from(cols)).saturating_mul(u64::from(depth));
        let most = (u64::from(self.rows) * u64::from(self.cols) * 4)
            .saturating_mul(u64::from(self.depth))
            .max(1 << 24);
        if pixels > most {
            return Err(DecodeError::limit(format!(
                "a part of the TIFF file is declared as {rows} x {cols} pixels, far more than its page: it is damaged"
            )));
        }
        let planes = if self.planar { u64::from(self.samples) } else { 1 };
        let of_slice = u64::from(self.rows.div_ceil(rows)) * u64::from(self.cols.div_ceil(cols));
        let needed = of_slice.saturating_mul(u64::from(self.depth.div_ceil(depth)) * planes);
        if (offsets.len() as u64) < needed {
            return Err(DecodeError::corrupt(format!(
                "the TIFF file names {} of {needed} strips or tiles: it is damaged",
                offsets.len()
            )));
        }
        let end = file.bytes.len() as u64;
        let plain = self
            .plain_bytes()
            .filter(|_| counts.is_empty() && needed == 1 && self.packing == Packing::None);
        let places: Vec<(u64, u64)> = match plain {
            Some(plain) => offsets.iter().map(|offset| (*offset, plain)).collect(),
            None => offsets.iter().copied().zip(counts).collect(),
        };
        if (places.len() as u64) < needed {
            return Err(DecodeError::corrupt(
                "the TIFF file does not say how long its strips or tiles are",
            ));
        }
        if places.iter().any(|(offset, count)| offset.saturating_add(*count) > end) {
            return Err(ends_early());
        }
        Ok(Parts {
            rows,
            cols,
            depth,
            places,
        })
    }
}

/// Slices of one part: of a tile as many as it says, of a strip one.
fn part_depth(directory: &Directory<'_>) -> u32 {
    let tiled = directory.number(322).and(directory.number(32_998));
    let depth = tiled.and_then(|depth| u32::try_from(depth).ok());
    depth.unwrap_or(1).max(1)
}

/// Slices of a page (ImageDepth of SGI, as libtiff and tifffile have it); 1 where the page has not the parts of so many.
/// `planes` are those that lie apart.
fn depth(directory: &Directory<'_>, rows: u32, cols: u32, planes: Option<u64>) -> u32 {
    let said = directory.number(32_997).and_then(|depth| u32::try_from(depth).ok());
    let Some(depth) = said.filter(|depth| *depth > 1) else {
        return 1;
    };
    let (tile_cols, tile_rows) = (directory.number(322), directory.number(323));
    let (of_rows, of_cols, offsets) = match tile_cols.zip(tile_rows) {
        Some((cols, rows)) => (rows, cols, 324),
        None => (directory.number(278).unwrap_or(u64::MAX), u64::from(cols), 273),
    };
    let of_slice = u64::from(rows).div_ceil(of_rows.max(1)) * u64::from(cols).div_ceil(of_cols.max(1));
    let blocks = u64::from(depth.div_ceil(part_depth(directory)));
    let needed = of_slice.saturating_mul(blocks).saturating_mul(planes.unwrap_or(1));
    match directory.numbers(offsets).len() as u64 >= needed {
        true => depth,
        false => 1,
    }
}

fn packing(compression: u64) -> Result<Packing, String> {
    Ok(match compression {
        1 => Packing::None,
        4 => Packing::Fax4,
        5 => Packing::Lzw,
        7 => Packing::Jpeg,
        8 | 32_946 => Packing::Deflate,
        32_773 => Packing::PackBits,
        50_000 => Packing::Zstd,
        2 => return Err("CCITT run lengths (2)".into()),
        3 => return Err("CCITT group 3 (3)".into()),
        6 => return Err("the old kind of JPEG (6)".into()),
        34_712 | 33_003 | 33_005 => return Err(format!("JPEG 2000 ({compression})")),
        34_887 => return Err("LERC (34887)".into()),
        34_925 => return Err("LZMA (34925)".into()),
        50_001 => return Err("WebP (50001)".into()),
        other => return Err(format!("a method that is not known ({other})")),
    })
}

/// A JPEG stream carries its own subsampling, and the codec undoes it.
fn subsampled(directory: &Directory<'_>, packing: Packing) -> Colours {
    let said = directory.numbers(530);
    let of = |at: usize| match said.get(at).copied() {
        Some(1) => 1,
        Some(4) => 4,
        _ => 2,
    };
    match packing {
        Packing::Jpeg => Colours::YCbCr { across: 1, down: 1 },
        _ => Colours::YCbCr {
            across: of(0),
            down: of(1),
        },
    }
}

/// The table of colours (tag 320): all reds, all greens, all blues, of 16 bits. Some writers fill 8 of them.
pub(super) fn palette(directory: &Directory<'_>) -> Option<Palette> {
    let all = directory.numbers(320);
    let entries = all.len() / 3;
    let factor = if all.iter().all(|value| *value < 256) { 257 } else { 1 };
    let of = |channel: usize, index: usize| {
        let value = all.get(channel * entries + index).map(|value| value * factor)?;
        u16::try_from(value).ok()
    };
    let colours: Option<Vec<[u16; 3]>> = (0..entries)
        .map(|index| Some([of(0, index)?, of(1, index)?, of(2, index)?]))
        .collect();
    Some(Palette {
        first: 0,
        colours: colours.filter(|colours| !colours.is_empty())?,
    })
}
