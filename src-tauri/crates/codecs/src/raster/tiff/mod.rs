//! TIFF and BigTIFF (TIFF 6.0): grey of 1 to 32 bits, signed or float, palette, RGB, inks and YCbCr, in strips, tiles and
//! planes. Values are as stored, inks and YCbCr become RGB. Pages equal to the first become frames, others are named;
//! so does a stack that ImageJ, MetaMorph or tifffile keep behind one page.

mod colours;
mod declared;
mod directory;
mod page;
mod parts;

use domain::{Decoded, PixelData, SampleType, SourceFormat, kind::PHANTOM_COMMENT, room::room_for};

use super::header::{Asked, Picture, Samples};
use crate::{
    frames::Frames,
    note::{self, Notes},
};
use colours::{inks_to_rgb, ycbcr_to_rgb};
use decode::{DecodeError, Limits, limits::in_memory};
use directory::{Directory, File};
use page::{Colours, Format, Packing, Page};
use parts::Size;

pub(crate) fn decode(asked: &Asked<'_>) -> Result<Decoded, DecodeError> {
    let Asked {
        bytes,
        limits,
        wanted,
        on_declared,
    } = *asked;
    let (file, first) = File::open(bytes)?;
    let mut notes = Notes::default();
    let directories = images(&file, file.directories(first, limits.max_frames)?, &mut notes);
    let stack = Stack::of(&file, &directories, limits, &mut notes)?;
    let phantom = directories
        .first()
        .is_some_and(|first| first.text(270) == PHANTOM_COMMENT);
    let page = stack.page;
    let of_file = stack.frames();
    let total = page.check(of_file, limits, bytes.len() as u64)?;
    let frames = Frames::of(wanted, of_file)?;
    let one = in_memory(total)? / of_file as usize;
    let kept = (frames.keep.end - frames.keep.start) as usize;
    let no_room = |_| DecodeError::limit("the TIFF image does not fit into memory");
    let mut samples: Vec<u8> = vec![];
    if !frames.is_none() {
        on_declared(page.check(frames.decode.end - frames.decode.start, limits, bytes.len() as u64)?);
        samples = room_for(one * kept).map_err(no_room)?;
    }
    let bits = u16::try_from(page.decoded_bits()).unwrap_or(u16::MAX);
    for frame in frames.decode.clone() {
        let decoded = stack.frame(&file, frame)?;
        // Of every frame, also those that are looked at alone.
        if matches!(page.decoded_samples(), 2 | 4)
            && let Some(frame) = PixelData::from_le_bytes(sample_type(&page), &decoded)
            && let Some(note) = page.beside.told(&frame, page.decoded_samples(), bits)
        {
            notes.add(note);
        }
        if frames.keep.contains(&frame) {
            samples.extend(decoded);
        }
    }
    let data = PixelData::from_le_bytes(sample_type(&page), &samples)
        .ok_or_else(|| DecodeError::corrupt("the TIFF file holds half a sample: it is damaged"))?;
    let palette = if page.colours == Colours::Palette {
        let found = directories.first().and_then(page::palette);
        Some(found.ok_or_else(|| DecodeError::corrupt("the TIFF file has no table of its colours: it is damaged"))?)
    } else {
        None
    };
    let said = Samples {
        photometric: match page.colours {
            Colours::WhiteIsZero => "MONOCHROME1",
            Colours::BlackIsZero => "MONOCHROME2",
            Colours::Palette => "PALETTE COLOR",
            Colours::Rgb | Colours::Inks | Colours::YCbCr { .. } => "RGB",
        },
        bits_allocated: bits.next_multiple_of(8),
        bits_stored: bits,
        lossy: page.packing == Packing::Jpeg,
        palette,
    };
    let mut decoded = Picture {
        format: SourceFormat::Tiff,
        frames: of_file,
        kept: u32::try_from(kept).unwrap_or(u32::MAX),
        rows: page.rows,
        cols: page.cols,
        samples: page.decoded_samples(),
        data,
        notes: notes.into_vec(),
    }
    .decoded(bytes, said);
    decoded.facts.acquisition.phantom = phantom;
    Ok(decoded)
}

/// The directories of images: without those of reduced copies and of masks (tag 254), of which is told. Where the chain
/// holds nothing but reduced copies, the image is one of their children (tag 330), or the copy itself.
fn images<'a>(file: &File<'a>, chain: Vec<Directory<'a>>, notes: &mut Notes) -> Vec<Directory<'a>> {
    let reduced = |directory: &Directory<'_>| {
        directory.number(254).is_some_and(|kind| kind & 1 == 1) || directory.number(255) == Some(2)
    };
    let mask = |directory: &Directory<'_>| directory.number(254).is_some_and(|kind| kind & 4 == 4);
    let children: Vec<Directory<'a>> = chain
        .iter()
        .flat_map(|directory| directory.numbers(330))
        .take(MOST_CHILDREN)
        .filter_map(|at| file.directory(at).ok().map(|(directory, _)| directory))
        .filter(|child| Page::of(child).is_ok())
        .collect();
    let of_chain = chain.len();
    let masks = chain.iter().filter(|directory| mask(directory)).count();
    let (copies, mut shown): (Vec<_>, Vec<_>) = chain
        .into_iter()
        .filter(|directory| !mask(directory))
        .partition(reduced);
    let mut small = copies.len() + children.len();
    if shown.is_empty() {
        let (of_children, others): (Vec<_>, Vec<_>) = children.into_iter().partition(|child| !reduced(child));
        small = copies.len() + others.len();
        shown = of_children;
        if shown.is_empty() {
            shown = copies;
            small = others.len();
        }
    }
    if masks > 0 {
        notes.add(note::pages_left_out(masks, of_chain));
    }
    if small > 0 {
        notes.add(note::thumbnails(small));
    }
    // What is said of samples and is not acted on.
    let first = shown.first();
    for (tag, name) in [
        (280, "MinSampleValue"),
        (281, "MaxSampleValue"),
        (291, "GrayResponseCurve"),
        (301, "TransferFunction"),
        (340, "SMinSampleValue"),
        (341, "SMaxSampleValue"),
    ] {
        let Some(value) = first.and_then(|first| first.shown(tag)) else {
            continue;
        };
        let whole = first.and_then(|first| first.number(258)).unwrap_or(1).min(63);
        let full = [0.0, ((1_u64 << whole) - 1) as f64];
        if !matches!(tag, 280 | 281) || !full.contains(&value) {
            notes.add(note::field_left_out(name, &value.to_string()));
        }
    }
    // The value that stands for none, as GDAL writes it.
    let none = first.map(|first| first.text(42_113)).filter(|none| !none.is_empty());
    if let Some(none) = none {
        notes.add(note::field_left_out("GDAL_NODATA", &none));
    }
    // The header of ImageJ's own tag names its parts: a selection, drawings.
    let parts = first.map_or(&[][..], |first| first.bytes(50_839));
    let parts = parts.get(..parts.len().min(64)).unwrap_or_default();
    for (mark, what) in [
        (b"roi ", "a selection"),
        (b" ior", "a selection"),
        (b"over", "drawings"),
        (b"revo", "drawings"),
    ] {
        if parts.windows(4).any(|four| four == mark) {
            notes.add(note::field_left_out("ImageJ metadata", what));
        }
    }
    shown
}

/// Directories below those of the chain.
const MOST_CHILDREN: usize = 1000;

/// The pages that are shown, each a frame.
struct Stack<'a, 'b> {
    page: Page,
    places: Places<'a, 'b>,
}

enum Places<'a, 'b> {
    /// A directory for each, or for as many slices as its page has.
    Pages(Vec<&'b Directory<'a>>),
    /// ImageJ and others write one directory and the frames behind one another.
    Behind { offset: u64, each: u64, frames: u32 },
}

impl<'a, 'b> Stack<'a, 'b> {
    fn of(
        file: &File<'a>,
        directories: &'b [Directory<'a>],
        limits: &Limits,
        notes: &mut Notes,
    ) -> Result<Self, DecodeError> {
        let Some(first) = directories.first() else {
            return Err(DecodeError::corrupt("the TIFF file has no page"));
        };
        let page = Page::of(first)?;
        if let Some(said) = first.number(32_997).filter(|said| *said > 1 && page.depth == 1) {
            notes.add(note::field_left_out("ImageDepth", &said.to_string()));
        }
        page.check(1, limits, file.bytes.len() as u64)?;
        // Of whichever page: a cut file is not shown as if it were whole.
        for directory in directories {
            if let Ok(page) = Page::of(directory) {
                page.parts(directory, file)?;
            }
        }
        let declared = declared::images(first, &page);
        if let ([only], Some(declared), Some(each)) = (directories, declared, page.plain_bytes())
            && declared > 1
            && page.depth == 1
            && page.packing == Packing::None
            && !page.planar
            && is_one_piece(&page.parts(only, file)?, only)
            && let Some(offset) = only.number(273)
        {
            let there = (file.bytes.len() as u64).saturating_sub(offset) / each.max(1);
            let frames = u32::try_from(there.min(u64::from(declared))).unwrap_or(declared).max(1);
            if frames < declared {
                notes.add(note::frames_missing(frames, declared));
            }
            let places = Places::Behind { offset, each, frames };
            return Ok(Self { page, places });
        }
        // One page is one image, however it is packed.
        let alike = |directory: &&Directory<'_>| {
            Page::of(directory).is_ok_and(|other| {
                Page {
                    packing: page.packing,
                    predictor: page.predictor,
                    planar: page.planar,
                    low_bit_first: page.low_bit_first,
                    ..other
                } == page
            })
        };
        let shown: Vec<_> = directories.iter().filter(alike).collect();
        if shown.len() < directories.len() {
            notes.add(note::pages_left_out(directories.len() - shown.len(), directories.len()));
        }
        // Programs say how many there are, also where each has a directory of its own.
        if let Some(declared) = declared
            && let Ok(there) = u32::try_from(directories.len())
            && there < declared
            && page.depth <= 1
        {
            notes.add(note::frames_missing(there, declared));
        }
        let places = Places::Pages(shown);
        Ok(Self { page, places })
    }

    fn frames(&self) -> u32 {
        match &self.places {
            Places::Pages(pages) => {
                let pages = u32::try_from(pages.len()).unwrap_or(u32::MAX);
                pages.saturating_mul(self.page.depth)
            }
            Places::Behind { frames, .. } => *frames,
        }
    }

    /// Samples of one frame, little endian, interleaved.
    fn frame(&self, file: &File<'_>, frame: u32) -> Result<Vec<u8>, DecodeError> {
        let missing = || DecodeError::corrupt("the TIFF file lost a page");
        match &self.places {
            Places::Pages(pages) => {
                let (at, slice) = (frame / self.page.depth.max(1), frame % self.page.depth.max(1));
                let directory = pages.get(at as usize).ok_or_else(missing)?;
                let page = Page::of(directory)?;
                let parts = page.parts(directory, file)?;
                assembled(file, directory, &page, &parts, slice)
            }
            Places::Behind { offset, each, .. } => {
                let place = (offset + u64::from(frame) * each, *each);
                let size = Size {
                    rows: self.page.rows as usize,
                    cols: self.page.cols as usize,
                    samples: self.page.samples as usize,
                };
                parts::samples(file, &self.page, place, size, &[])
            }
        }
    }
}

/// Whether the strips of a page lie behind one another, so that the next image may follow the last one.
fn is_one_piece(parts: &page::Parts, directory: &Directory<'_>) -> bool {
    let mut pairs = parts.places.windows(2);
    let follows = |pair: &[(u64, u64)]| matches!(pair, [(at, length), (next, _)] if at + length == *next);
    directory.number(322).is_none() && pairs.all(follows)
}

/// Strips or tiles of one slice put together, inks and YCbCr turned into RGB.
fn assembled(
    file: &File<'_>,
    directory: &Directory<'_>,
    page: &Page,
    parts: &page::Parts,
    slice: u32,
) -> Result<Vec<u8>, DecodeError> {
    let tables = directory.bytes(347);
    let (rows, cols) = (page.rows as usize, page.cols as usize);
    let (part_rows, part_cols) = (parts.rows as usize, parts.cols as usize);
    let samples = page.samples as usize;
    let planes = if page.planar { samples } else { 1 };
    let width = page.decoded_bits().div_ceil(8) as usize;
    let pixel = samples * width;
    let line = cols * pixel;
    let mut out = room_for(rows * line).map_err(|_| DecodeError::limit("the TIFF image does not fit into memory"))?;
    out.resize(rows * line, 0);
    let (down, across) = (rows.div_ceil(part_rows), cols.div_ceil(part_cols));
    let tiled = part_cols != cols || directory.number(322).is_some();
    // Parts lie slice by slice, or block by block of as many slices as one holds.
    let (block, within) = ((slice / parts.depth) as usize, (slice % parts.depth) as usize);
    let blocks = page.depth.div_ceil(parts.depth) as usize;
    let of_slice = down * across;
    for index in 0..of_slice * planes {
        let (plane, at) = (index / of_slice, index % of_slice);
        let Some(place) = parts.places.get((plane * blocks + block) * of_slice + at) else {
            break;
        };
        let (top, left) = (at / across * part_rows, at % across * part_cols);
        // A strip at the end has fewer rows, a tile has all of them, of each of its slices.
        let part_rows = if tiled { part_rows } else { part_rows.min(rows - top) };
        let size = Size {
            rows: part_rows * parts.depth as usize,
            cols: part_cols,
            samples: samples / planes,
        };
        let part = parts::samples(file, page, *place, size, tables)?;
        let of_part = size.samples * width;
        let lines = part.chunks_exact((size.cols * of_part).max(1));
        let lines = lines.skip(within * part_rows).take(part_rows);
        for (part_line, to) in lines.zip(out.chunks_exact_mut(line.max(1)).skip(top)) {
            let places = to.chunks_exact_mut(pixel).skip(left);
            for (from, to) in part_line.chunks_exact(of_part).zip(places) {
                let start = plane * of_part;
                if let Some(to) = to.get_mut(start..start + of_part) {
                    to.copy_from_slice(from);
                }
            }
        }
    }
    Ok(match page.colours {
        Colours::Inks => inks_to_rgb(&out, width),
        // Within JPEG the codec has done it.
        Colours::YCbCr { .. } if page.packing != Packing::Jpeg => ycbcr_to_rgb(&out, directory),
        _ => out,
    })
}

fn sample_type(page: &Page) -> SampleType {
    match (page.format, page.decoded_bits()) {
        (Format::Float, 64) => SampleType::F64,
        (Format::Float, _) => SampleType::F32,
        (Format::Signed, ..=8) => SampleType::I8,
        (Format::Signed, ..=16) => SampleType::I16,
        (Format::Signed, _) => SampleType::I32,
        (Format::Unsigned, ..=8) => SampleType::U8,
        (Format::Unsigned, ..=16) => SampleType::U16,
        (Format::Unsigned, _) => SampleType::U32,
    }
}

#[cfg(test)]
mod tests;
