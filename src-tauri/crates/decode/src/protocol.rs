//! What parent and child say to each other over the child's standard input and output.
//!
//! Child, once: [`HELLO`]. Parent, for each file: a [`request`] (its length and what is wanted of it), then its
//! bytes.
//! Child, for each file: any number of `Declared` frames, then one `Failed` or `Picture` frame. A frame
//! is a kind (u8), the length of its body (u64, little endian) and the body; a `Picture` frame is
//! followed by its samples, little endian, whose length follows from the body.

use std::io::{self, Read, Write};
use std::ops::Range;

use domain::{Decoded, Header, ImageFacts, PixelArray, PixelData, SampleType, room::room_for};
use serde::{Deserialize, Serialize};

use crate::{DecodeError, Limits, limits::Declared};

/// Name of the protocol and its version; a child of another version is not talked to.
pub const HELLO: [u8; 8] = *b"OVRDEC\x05\x00";

/// A header is small; a palette of 65,536 colours takes about 1.3 MB as JSON, the facts of a frame about 100 bytes.
const MAX_BODY_BYTES: u64 = 32 << 20;
const CHUNK_BYTES: usize = 256 << 10;

const DECLARED: u8 = 1;
const FAILED: u8 = 2;
const PICTURE: u8 = 3;

/// What is asked of a file. An object without an image answers each with its header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// What it says of itself: no frame is decoded.
    Header,
    /// The frame in its [`middle`].
    Middle,
    /// Every frame is decoded, so that damage is found, and the one in the middle is handed over.
    Checked,
    /// These, as far as the file has them; 0 is the first. None of them is `no_such_frame`.
    Frames(Range<u32>),
    /// Every frame.
    All,
}

/// The frame that stands for a file of so many.
pub fn middle(frames: u32) -> u32 {
    frames.saturating_sub(1) / 2
}

/// Bytes of a [`request`].
pub const REQUEST_BYTES: usize = 17;

/// What goes before the bytes of a file: its length (u64), what is wanted (u8), first frame and frame after the last
/// (u32 each), little endian.
pub fn request(length: u64, wanted: &Wanted) -> [u8; REQUEST_BYTES] {
    let (kind, frames) = match wanted {
        Wanted::All => (0, 0..0),
        Wanted::Middle => (1, 0..0),
        Wanted::Header => (2, 0..0),
        Wanted::Checked => (3, 0..0),
        Wanted::Frames(frames) => (4, frames.clone()),
    };
    let mut head = [0; REQUEST_BYTES];
    let parts = [
        &length.to_le_bytes()[..],
        &[kind],
        &frames.start.to_le_bytes(),
        &frames.end.to_le_bytes(),
    ];
    head.iter_mut().zip(parts.concat()).for_each(|(to, from)| *to = from);
    head
}

/// The length of a file and what is wanted of it; `None` when it is no [`request`].
pub fn read_request(head: [u8; REQUEST_BYTES]) -> Option<(u64, Wanted)> {
    let (length, rest) = head.split_first_chunk::<8>()?;
    let (kind, rest) = rest.split_first()?;
    let (start, end) = rest.split_first_chunk::<4>()?;
    let wanted = match kind {
        0 => Wanted::All,
        1 => Wanted::Middle,
        2 => Wanted::Header,
        3 => Wanted::Checked,
        4 => Wanted::Frames(u32::from_le_bytes(*start)..u32::from_le_bytes(*end.first_chunk()?)),
        _ => return None,
    };
    Some((u64::from_le_bytes(*length), wanted))
}

/// One frame of the child's answer.
pub enum Answer {
    /// The picture will take so many bytes; sent before it is decoded.
    Declared(u64),
    /// The file did not become an image.
    Failed(DecodeError),
    /// The head of the image; its samples follow ([`read_pixels`]).
    Picture(Box<PictureHeader>),
}

/// What precedes the samples of an image.
#[derive(Serialize, Deserialize)]
pub struct PictureHeader {
    /// What the file says of itself.
    pub header: Header,
    /// What it says of its images beyond that.
    #[serde(default)]
    pub facts: ImageFacts,
    /// The first frame that is sent, counted in the file from 0.
    #[serde(default)]
    pub first_frame: u32,
    frames: u32,
    rows: u32,
    cols: u32,
    samples: u32,
    dtype: SampleType,
}

/// Says that an image of so many bytes is about to be decoded.
///
/// # Errors
/// Like those of `out`.
pub fn write_declared(out: &mut impl Write, bytes: u64) -> io::Result<()> {
    write_frame(out, DECLARED, &bytes.to_le_bytes())
}

/// Says that the file did not become an image.
///
/// # Errors
/// Like those of `out`.
pub fn write_failed(out: &mut impl Write, error: &DecodeError) -> io::Result<()> {
    write_frame(out, FAILED, &serde_json::to_vec(error)?)
}

/// Sends an image, its samples little endian.
///
/// # Errors
/// Like those of `out`.
pub fn write_picture(out: &mut impl Write, decoded: Decoded) -> io::Result<()> {
    let Decoded {
        header,
        facts,
        first_frame,
        pixels,
    } = decoded;
    let body = PictureHeader {
        header,
        facts,
        first_frame,
        frames: pixels.frames,
        rows: pixels.rows,
        cols: pixels.cols,
        samples: pixels.samples,
        dtype: pixels.data.sample_type(),
    };
    write_frame(out, PICTURE, &serde_json::to_vec(&body)?)?;
    write_samples(out, &pixels.data)
}

fn write_frame(out: &mut impl Write, kind: u8, body: &[u8]) -> io::Result<()> {
    out.write_all(&[kind])?;
    out.write_all(&(body.len() as u64).to_le_bytes())?;
    out.write_all(body)
}

/// Reads one frame. `InvalidData` means that the child does not keep to the protocol.
pub fn read_answer(input: &mut impl Read) -> io::Result<Answer> {
    let mut head = [0; 9];
    input.read_exact(&mut head)?;
    let [kind, length @ ..] = head;
    let length = u64::from_le_bytes(length);
    if length > MAX_BODY_BYTES {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("a frame of {length} bytes"),
        ));
    }
    let body = read_bytes(input, length)?;
    match kind {
        DECLARED => match body.first_chunk::<8>() {
            Some(bytes) => Ok(Answer::Declared(u64::from_le_bytes(*bytes))),
            None => Err(io::Error::new(io::ErrorKind::InvalidData, "a short frame")),
        },
        FAILED => Ok(Answer::Failed(serde_json::from_slice(&body)?)),
        PICTURE => Ok(Answer::Picture(serde_json::from_slice(&body)?)),
        other => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("a frame of kind {other}"),
        )),
    }
}

/// Reads the samples that follow a `Picture` frame, of a file of `file_bytes`. Nothing is allocated for an image
/// over the limits, and never twice as much as has arrived, so that a child gone wrong cannot fill the parent's
/// memory. `OutOfMemory` where there is no room.
pub fn read_pixels(
    input: &mut impl Read,
    head: &PictureHeader,
    limits: &Limits,
    file_bytes: u64,
) -> io::Result<PixelArray> {
    let invalid = |what: String| io::Error::new(io::ErrorKind::InvalidData, what);
    let width = head.dtype.bytes() as u64;
    if head.frames == 0 {
        // The header alone was wanted, or the object holds no image.
        return Ok(PixelArray {
            frames: 0,
            rows: head.rows,
            cols: head.cols,
            samples: head.samples,
            data: PixelData::U8(vec![]),
        });
    }
    let stored = u64::from(head.header.image.bits_stored);
    let declared = Declared {
        frames: u64::from(head.frames),
        // Bytes may be packed in the file; words of which few bits are stored are not.
        bits: if width == 1 && stored < 8 {
            stored.max(1)
        } else {
            8 * width
        },
        ..Declared::frame(head.rows, head.cols, head.samples)
    };
    let bytes = limits.check(&declared, file_bytes).map_err(|e| invalid(e.message))?;
    let data = match head.dtype {
        SampleType::U8 => PixelData::U8(read_bytes(input, bytes)?),
        SampleType::I8 => PixelData::I8(read_values(input, bytes, i8::from_le_bytes)?),
        SampleType::U16 => PixelData::U16(read_values(input, bytes, u16::from_le_bytes)?),
        SampleType::I16 => PixelData::I16(read_values(input, bytes, i16::from_le_bytes)?),
        SampleType::U32 => PixelData::U32(read_values(input, bytes, u32::from_le_bytes)?),
        SampleType::I32 => PixelData::I32(read_values(input, bytes, i32::from_le_bytes)?),
        SampleType::F32 => PixelData::F32(read_values(input, bytes, f32::from_le_bytes)?),
        SampleType::F64 => PixelData::F64(read_values(input, bytes, f64::from_le_bytes)?),
    };
    Ok(PixelArray {
        frames: head.frames,
        rows: head.rows,
        cols: head.cols,
        samples: head.samples,
        data,
    })
}

/// Of a declared size, so much is made room for before the first value has arrived.
const AHEAD_BYTES: usize = 64 << 20;

fn read_bytes(input: &mut impl Read, bytes: u64) -> io::Result<Vec<u8>> {
    read_values(input, bytes, |[byte]| byte)
}

fn read_values<const N: usize, T>(
    input: &mut impl Read,
    bytes: u64,
    value: impl Fn([u8; N]) -> T,
) -> io::Result<Vec<T>> {
    let no_room = |_| io::Error::from(io::ErrorKind::OutOfMemory);
    let mut left = usize::try_from(bytes).map_err(|_| io::ErrorKind::OutOfMemory)?;
    let mut values = room_for(left.min(AHEAD_BYTES) / N).map_err(no_room)?;
    let mut chunk = vec![0; left.min(CHUNK_BYTES)];
    while left > 0 {
        let part = &mut chunk[..left.min(CHUNK_BYTES)];
        input.read_exact(part)?;
        if values.capacity() - values.len() < part.len() / N {
            let more = (left / N).min(values.len());
            values.try_reserve_exact(more).map_err(|_| io::ErrorKind::OutOfMemory)?;
        }
        values.extend(part.as_chunks::<N>().0.iter().map(|bytes| value(*bytes)));
        left -= part.len();
    }
    Ok(values)
}

fn write_samples(out: &mut impl Write, data: &PixelData) -> io::Result<()> {
    match data {
        PixelData::U8(values) => out.write_all(values),
        PixelData::I8(values) => write_values(out, values, |v| v.to_le_bytes()),
        PixelData::U16(values) => write_values(out, values, |v| v.to_le_bytes()),
        PixelData::I16(values) => write_values(out, values, |v| v.to_le_bytes()),
        PixelData::U32(values) => write_values(out, values, |v| v.to_le_bytes()),
        PixelData::I32(values) => write_values(out, values, |v| v.to_le_bytes()),
        PixelData::F32(values) => write_values(out, values, |v| v.to_le_bytes()),
        PixelData::F64(values) => write_values(out, values, |v| v.to_le_bytes()),
    }
}

fn write_values<const N: usize, T: Copy>(
    out: &mut impl Write,
    values: &[T],
    bytes: impl Fn(T) -> [u8; N],
) -> io::Result<()> {
    let mut chunk = vec![[0; N]; (CHUNK_BYTES / N).min(values.len())];
    for part in values.chunks(CHUNK_BYTES / N) {
        let filled = &mut chunk[..part.len()];
        filled.iter_mut().zip(part).for_each(|(to, v)| *to = bytes(*v));
        out.write_all(filled.as_flattened())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::FailureCode;

    type Done = Result<(), Box<dyn std::error::Error>>;

    /// Of a grey image of 8 bits.
    fn header() -> serde_json::Result<Header> {
        serde_json::from_str(
            r#"{
            "patient": {"patient_id": "", "patient_name": ""},
            "study": {"study_instance_uid": "2.25.1"},
            "series": {"series_instance_uid": "2.25.2", "modality": "OT"},
            "instance": {"sop_instance_uid": "2.25.3", "format": "png"},
            "image": {
                "photometric_interpretation": "MONOCHROME2", "bits_allocated": 8, "bits_stored": 8,
                "rescale": {"slope": 1.0, "intercept": 0.0}, "windows": [], "lossy": false
            }}"#,
        )
    }

    /// However few bits of a sample are stored: what is left over would be taken for the next answer.
    #[test]
    fn nothing_is_left_of_an_image_once_it_was_read() -> Done {
        for (dtype, width) in [
            (SampleType::U8, 1),
            (SampleType::I8, 1),
            (SampleType::U16, 2),
            (SampleType::I16, 2),
            (SampleType::U32, 4),
            (SampleType::F64, 8),
        ] {
            for bits_stored in 1..=8 * width {
                let mut header = header()?;
                header.image.bits_stored = bits_stored;
                let bytes: Vec<u8> = (0..12 * width).map(|at| at as u8).collect();
                let data = PixelData::from_le_bytes(dtype, &bytes).ok_or("the length fits every type")?;
                let pixels = PixelArray {
                    frames: 1,
                    rows: 3,
                    cols: 4,
                    samples: 1,
                    data,
                };
                let mut wire = vec![];
                write_picture(&mut wire, Decoded::new(header, pixels.clone()))?;
                let mut left = wire.as_slice();
                let Answer::Picture(head) = read_answer(&mut left)? else {
                    return Err("no image".into());
                };
                let read = read_pixels(&mut left, &head, &Limits::default(), 1 << 20)?;
                assert_eq!((read, left.len()), (pixels, 0), "{bits_stored} bits of {dtype}");
            }
        }
        Ok(())
    }

    #[test]
    fn samples_of_every_type_arrive_as_they_left() -> Done {
        let limits = Limits::default();
        let bytes: Vec<u8> = (0..4096_u32 * 8).map(|i| (i * 7 % 251) as u8).collect();
        for dtype in [
            SampleType::U8,
            SampleType::I8,
            SampleType::U16,
            SampleType::I16,
            SampleType::U32,
            SampleType::I32,
            SampleType::F32,
            SampleType::F64,
        ] {
            let data = PixelData::from_le_bytes(dtype, &bytes).ok_or("the length fits every type")?;
            let mut wire = Vec::new();
            write_samples(&mut wire, &data)?;
            let cols = data.len() as u32 / 64;
            let head = PictureHeader {
                header: header()?,
                facts: ImageFacts::default(),
                first_frame: 0,
                frames: 1,
                rows: 64,
                cols,
                samples: 1,
                dtype,
            };
            let back = read_pixels(&mut wire.as_slice(), &head, &limits, 1 << 20)?;
            assert_eq!(back.data.to_le_bytes()?, bytes, "{dtype}");
            assert!(
                read_pixels(&mut &wire[1..], &head, &limits, 1 << 20).is_err(),
                "{dtype}: one byte short"
            );
        }
        Ok(())
    }

    #[test]
    fn a_request_arrives_as_it_left() {
        for wanted in [
            Wanted::Header,
            Wanted::Middle,
            Wanted::Checked,
            Wanted::Frames(3..70_000),
            Wanted::All,
        ] {
            assert_eq!(read_request(request(1 << 40, &wanted)), Some((1 << 40, wanted)));
        }
        let mut unknown = request(1, &Wanted::All);
        unknown[8] = 9;
        assert_eq!(read_request(unknown), None);
    }

    #[test]
    fn the_middle_is_a_frame_of_the_file() {
        assert_eq!([0, 1, 2, 3, 4, 5].map(middle), [0, 0, 0, 1, 1, 2]);
    }

    #[test]
    fn a_child_gone_wrong_is_refused() -> Done {
        let kind = |wire: &[u8]| read_answer(&mut &*wire).err().map(|e| e.kind());
        assert_eq!(kind(&[9, 0, 0, 0, 0, 0, 0, 0, 0]), Some(io::ErrorKind::InvalidData));
        assert_eq!(
            kind(&[3, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0]),
            Some(io::ErrorKind::InvalidData)
        );
        assert_eq!(
            kind(&[2, 4, 0, 0, 0, 0, 0, 0, 0, b'{']),
            Some(io::ErrorKind::UnexpectedEof)
        );
        let mut wire = Vec::new();
        write_failed(&mut wire, &DecodeError::new(FailureCode::Corrupt, "why"))?;
        let Answer::Failed(error) = read_answer(&mut wire.as_slice())? else {
            return Err("not a failure".into());
        };
        assert_eq!((error.code, error.message.as_str()), (FailureCode::Corrupt, "why"));
        Ok(())
    }

    #[test]
    fn a_declared_picture_over_the_limit_is_not_allocated() -> Done {
        let head = PictureHeader {
            header: header()?,
            facts: ImageFacts::default(),
            first_frame: 0,
            frames: 1,
            rows: u32::MAX,
            cols: u32::MAX,
            samples: 4,
            dtype: SampleType::F64,
        };
        let refused = read_pixels(&mut io::repeat(0), &head, &Limits::default(), 1 << 30);
        assert_eq!(refused.err().map(|e| e.kind()), Some(io::ErrorKind::InvalidData));
        Ok(())
    }
}
