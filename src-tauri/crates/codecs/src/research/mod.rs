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

use archives::Gunzip;
use decode::{
    DecodeError, Limits,
    limits::{Declared, OnDeclared},
    protocol::Wanted,
    sniff::{Kind, sniff},
};
use domain::{Decoded, Header, PixelArray, Rescale, Sentence, SourceFormat, Window};

use crate::{
    frames::Frames,
    note,
    raster::header::{Samples, header},
};
pub(crate) use detached::{decode_set, names};
use geometry::{Place, Shear, View};
use samples::{Kind as SampleKind, frame_of, pixels_of};

/// Axes beyond rows, columns and slices are volumes of one series, the last one slowest.
struct Volume {
    format: SourceFormat,
    /// Columns, rows, slices, volumes, as they are stored.
    size: [u64; 4],
    sample: SampleKind,
    /// Of each voxel, one after the other.
    components: u32,
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
    let read = Gunzip::new(bytes)
        .take(decode::sniff::SNIFF_BYTES as u64)
        .read_to_end(&mut head);
    read.is_ok() && sniff(&head) == Some(Kind::Nifti)
}

/// Pieces of voxels, each opened by `open`, as one stream.
fn chained<'a>(
    pieces: Vec<&'a [u8]>,
    open: impl Fn(&'a [u8]) -> Result<Box<dyn Read + 'a>, DecodeError>,
) -> Result<Content<'a>, DecodeError> {
    let mut all: Box<dyn Read + 'a> = Box::new(std::io::empty());
    for piece in pieces {
        all = Box::new(all.chain(open(piece)?));
    }
    Ok(Content::Stream(all))
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
    let (data, surplus) = read_frames(&volume, content, &wanted, &frame, &view)?;
    if surplus > 0 {
        volume.notes.push(note::frames_surplus(surplus, frames));
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

/// The bytes of the frames that are kept, each as it is shown, and how many whole frames follow the last one, up to as
/// many as are declared. Every frame that is decoded must be there.
fn read_frames(
    volume: &Volume,
    content: Content<'_>,
    wanted: &Frames,
    frame: &samples::Frame,
    view: &View,
) -> Result<(Vec<u8>, u64), DecodeError> {
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
    let mut kept = vec![];
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
        if wanted.keep.contains(&number) {
            kept.extend(view.turned(&one, frame.pixel_bytes));
        }
    }
    let [_, _, slices, volumes] = volume.size;
    let declared = slices * volumes;
    if wanted.is_none() || u64::from(wanted.decode.end) < declared {
        return Ok((kept, 0));
    }
    // What does not come out of it any more is damage behind the voxels, and none of theirs.
    let most = declared.saturating_mul(frame.bytes as u64);
    let behind = std::io::copy(&mut stream.take(most), &mut std::io::sink()).unwrap_or(0);
    Ok((kept, behind / (frame.bytes as u64).max(1)))
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
