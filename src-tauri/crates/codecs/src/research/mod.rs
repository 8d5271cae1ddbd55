//! Volumes as they come in research: NIfTI, NRRD, MetaImage. Each reader describes its file as a [`Volume`]; samples,
//! geometry and header are made here, in one place for all of them.

mod detached;
mod geometry;
mod head;
mod meta_image;
mod nifti;
mod nrrd;
mod samples;
mod text;

use std::io::Read;

use archives::{Gunzip, is_other_data};
use decode::{
    DecodeError, Limits,
    limits::{Declared, OnDeclared},
    protocol::Wanted,
    set::InTurn,
    sniff::{Kind, sniff},
};
use domain::{Decoded, Header, PixelArray, Rescale, Sentence, SourceFormat, Window};

use crate::{
    frames::Frames,
    note,
    opacity::Beside,
    raster::header::{Samples, header},
};
pub(crate) use detached::{decode_set, names};
use geometry::{Place, Shear, View};
use samples::{Kind as SampleKind, frame_of, is_opaque, pixels_of};

/// Axes beyond rows, columns and slices are volumes of one series, the last one slowest.
struct Volume {
    format: SourceFormat,
    /// Columns, rows, slices, volumes, as they are stored.
    size: [u64; 4],
    sample: SampleKind,
    /// Of each voxel, one after the other.
    components: u32,
    /// What the last of four is.
    beside: Beside,
    big_endian: bool,
    place: Place,
    rescale: Rescale,
    /// Of the values, as the file names it.
    unit: Option<String>,
    window: Option<Window>,
    description: Option<String>,
    notes: Vec<Sentence>,
}

/// The bytes behind a header: as they are, or what comes out of them.
enum Content<'a> {
    Bytes(&'a [u8]),
    Stream(Box<dyn Read + 'a>),
}

/// Decodes a file of one of the three formats, or a NIfTI file that is compressed by gzip.
pub(crate) fn decode(
    bytes: &[u8],
    kind: Kind,
    limits: &Limits,
    wanted: &Wanted,
    on_declared: OnDeclared<'_>,
) -> Result<Decoded, DecodeError> {
    let (volume, content) = match kind {
        Kind::Nifti => nifti::open(bytes)?,
        Kind::Gzip => nifti::open_compressed(bytes)?,
        Kind::Nrrd => nrrd::open(bytes, &[])?,
        _ => meta_image::open(bytes, &[])?,
    };
    voxels(volume, content, bytes, limits, wanted, on_declared)
}

/// Whether the beginning of what gzip holds is a NIfTI file.
pub(crate) fn is_compressed_nifti(bytes: &[u8]) -> bool {
    let mut head = Vec::with_capacity(decode::sniff::SNIFF_BYTES);
    // Damage is told by whoever reads it.
    let _ = Gunzip::new(bytes)
        .take(decode::sniff::SNIFF_BYTES as u64)
        .read_to_end(&mut head);
    sniff(&head) == Some(Kind::Nifti)
}

/// Pieces of voxels, each opened by `open`, as one stream.
fn chained<'a>(
    pieces: Vec<&'a [u8]>,
    open: impl Fn(&'a [u8]) -> Result<Box<dyn Read + 'a>, DecodeError>,
) -> Result<Content<'a>, DecodeError> {
    let all = pieces.into_iter().map(open).collect::<Result<_, _>>()?;
    Ok(Content::Stream(Box::new(InTurn(all))))
}

impl Volume {
    /// What of a piece are its voxels, where they are the last bytes of each of so many files.
    fn last_bytes<'a>(&self, piece: &'a [u8], pieces: usize) -> &'a [u8] {
        let voxels = self.size.iter().fold(1_u64, |all, count| all.saturating_mul(*count));
        let bytes = voxels.saturating_mul(u64::from(self.components) * u64::from(self.sample.bytes()));
        let of_one = usize::try_from(bytes).unwrap_or(usize::MAX) / pieces.max(1);
        piece.get(piece.len().saturating_sub(of_one)..).unwrap_or_default()
    }
}

fn voxels(
    mut volume: Volume,
    content: Content<'_>,
    file: &[u8],
    limits: &Limits,
    wanted: &Wanted,
    on_declared: OnDeclared<'_>,
) -> Result<Decoded, DecodeError> {
    let [cols, rows, slices, volumes] = volume.size;
    let frames = slices.checked_mul(volumes).ok_or_else(|| too_large(&volume))?;
    let bits = u64::from(volume.sample.bytes()) * 8;
    let declared = Declared {
        frames,
        rows,
        cols,
        samples: u64::from(volume.components),
        bits,
    };
    limits.check_size(&declared)?;
    let stored_bytes = file.len() as u64;
    if matches!(content, Content::Stream(_)) {
        limits.check_ratio(&declared, stored_bytes)?;
    }
    let small = |value: u64| u32::try_from(value).map_err(|_| too_large(&volume));
    let (cols, rows, frames) = (small(cols)?, small(rows)?, small(frames)?);
    let axes = (small(slices)?, small(volumes)?);
    let wanted = Frames::of(wanted, frames)?;
    let mut view = View::of(volume.place.affine.as_ref(), volume.place.spacing, [cols, rows]);
    // A single slice that lies in space has no distance to another one.
    if volume.place.spacing.is_some_and(|[_, _, step]| step.is_nan()) {
        view.slice_spacing_mm = None;
    }
    if !volume.place.measured {
        view = view.without_lengths();
    }
    volume.notes.extend(match view.shear {
        Shear::None => None,
        Shear::OfPixels => Some(note::sheared()),
        Shear::OfSlices => (slices > 1).then(note::tilted),
    });
    if volumes > 1 && slices > 1 {
        volume.notes.push(note::axes([1, axes.0, axes.1]));
    }
    if volume.place.affine.is_none() {
        volume.notes.insert(0, note::no_place());
    }
    let kept = Declared {
        frames: u64::from(wanted.keep.end - wanted.keep.start),
        ..declared
    };
    let kept_bytes = kept.rows * kept.cols * kept.frames * kept.samples * bits / 8;
    on_declared(kept_bytes);
    let frame = frame_of(&volume, rows, cols)?;
    let FramesRead { data, surplus, opaque } = read_frames(&volume, content, stored_bytes, &wanted, &frame, &view)?;
    if surplus > 0 {
        volume.notes.push(note::frames_surplus(surplus, frames));
    }
    if !opaque {
        volume.notes.push(volume.beside.note());
    }
    let samples = volume.components;
    let pixels = PixelArray {
        frames: wanted.keep.end - wanted.keep.start,
        rows: view.rows,
        cols: view.cols,
        samples,
        data: pixels_of(&mut volume, data)?,
    };
    let header = header_of(&volume, &view, file, frames);
    let mut decoded = Decoded::new(header, pixels);
    decoded.facts.notes = volume.notes;
    decoded.facts.shared.unit = volume.unit;
    // Frames are slices, and then volumes, which lie in the same places.
    decoded.facts.frames = view.positions(slices, frames);
    Ok(decoded)
}

/// What was read of the voxels.
struct FramesRead {
    /// Of the frames that are kept, each as it is shown.
    data: Vec<u8>,
    /// Whole frames that follow the last one, up to as many as are declared.
    surplus: u64,
    /// Whether every frame that was decoded is.
    opaque: bool,
}

/// Every frame that is decoded must be there.
fn read_frames(
    volume: &Volume,
    content: Content<'_>,
    stored_bytes: u64,
    wanted: &Frames,
    frame: &samples::Frame,
    view: &View,
) -> Result<FramesRead, DecodeError> {
    let mut stream: Box<dyn Read + '_> = match content {
        Content::Bytes(bytes) => {
            let skip = u64::from(wanted.decode.start).saturating_mul(frame.bytes as u64);
            let from = usize::try_from(skip).unwrap_or(usize::MAX).min(bytes.len());
            Box::new(bytes.get(from..).unwrap_or_default())
        }
        Content::Stream(mut stream) => {
            let skip = u64::from(wanted.decode.start).saturating_mul(frame.bytes as u64);
            std::io::copy(&mut (&mut stream).take(skip), &mut std::io::sink()).map_err(|e| damaged(&e))?;
            stream
        }
    };
    let (mut kept, mut opaque) = (vec![], true);
    let mut one = vec![0; if wanted.is_none() { 0 } else { frame.bytes }];
    for number in wanted.decode.clone() {
        let mut filled = 0;
        while filled < one.len() {
            let rest = one.get_mut(filled..).unwrap_or_default();
            match stream.read(rest) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => break,
                Err(error) => return Err(damaged(&error)),
            }
        }
        if filled < one.len() {
            let [_, _, slices, volumes] = volume.size;
            return Err(DecodeError::truncated(format!(
                "the file is cut: it declares {} slices, and ends within number {}; copy it again from its source",
                slices * volumes,
                u64::from(number) + 1
            )));
        }
        opaque &= is_opaque(volume, &one);
        if wanted.keep.contains(&number) {
            kept.extend(view.turned(&one, frame.pixel_bytes));
        }
    }
    let [_, _, slices, volumes] = volume.size;
    let declared = slices * volumes;
    if wanted.is_none() || u64::from(wanted.decode.end) < declared {
        return Ok(FramesRead {
            data: kept,
            surplus: 0,
            opaque,
        });
    }
    let voxels = declared.saturating_mul(frame.bytes as u64);
    // What is stored as it is, or as numbers in words, ends with its file.
    let most = voxels.max(MOST_BEHIND).max(stored_bytes.saturating_mul(8));
    let behind = to_the_end(&mut *stream, most)?.min(voxels);
    Ok(FramesRead {
        data: kept,
        surplus: behind / (frame.bytes as u64).max(1),
        opaque,
    })
}

/// Bytes that are looked at behind the voxels, at least.
const MOST_BEHIND: u64 = 256 << 20;

/// Reads what follows the voxels: the checksum of all that was compressed stands at its end (gzip, RFC 1952 2.3.1; zlib,
/// RFC 1950 2.2; bzip2), and where it is wrong nobody knows which voxels are. How many more bytes came out.
fn to_the_end(stream: &mut dyn Read, most: u64) -> Result<u64, DecodeError> {
    let mut behind = 0;
    let mut piece = vec![0; 64 << 10];
    loop {
        match stream.read(&mut piece) {
            Ok(0) => return Ok(behind),
            Ok(count) => behind += count as u64,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) if is_other_data(&error) => return Ok(behind),
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                return Err(DecodeError::truncated(
                    "the file is cut: the checksum behind its voxels is not there, and damage would not be noticed; copy \
                     it again from its source",
                ));
            }
            Err(error) => return Err(damaged(&error)),
        }
        if behind > most {
            return Err(DecodeError::limit(
                "far more comes out of the compressed file than the voxels that it declares; it is damaged",
            ));
        }
    }
}

fn header_of(volume: &Volume, view: &View, file: &[u8], frames: u32) -> Header {
    let bits = volume.sample.bytes() * 8;
    let described = Samples {
        photometric: if volume.components >= 3 { "RGB" } else { "MONOCHROME2" },
        bits_allocated: bits,
        bits_stored: bits,
        lossy: false,
        palette: None,
    };
    let mut header = header(file, volume.format, described, frames);
    header.series.description.clone_from(&volume.description);
    let image = &mut header.image;
    image.rescale = volume.rescale;
    image.windows = volume.window.into_iter().collect();
    image.pixel_spacing_mm = view.pixel_spacing_mm;
    image.position_mm = view.position_mm;
    image.orientation = view.orientation;
    image.slice_thickness_mm = view.slice_spacing_mm;
    header
}

fn too_large(volume: &Volume) -> DecodeError {
    let [cols, rows, slices, volumes] = volume.size;
    DecodeError::limit(format!(
        "the file declares {cols} x {rows} x {slices} x {volumes} voxels, more than can be read"
    ))
}

fn damaged(error: &std::io::Error) -> DecodeError {
    DecodeError::corrupt(format!(
        "the compressed voxels are damaged: {error}; copy the file again from its source"
    ))
}

#[cfg(test)]
mod tests;
