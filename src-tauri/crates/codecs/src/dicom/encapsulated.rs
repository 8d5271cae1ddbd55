//! Encapsulated pixel data (PS3.5 A.4): one code stream a frame, each by its codec.

use std::{borrow::Cow, io::Read};

use flate2::read::DeflateDecoder;

use super::{
    data_set::Encoding, jpeg, jpeg_ls, jpeg_xl, jpeg2000, marks::Embedded, native, rle, shape::Shape,
    transfer_syntax::Codec,
};
use crate::{
    frames::Frames,
    jpeg_ls_stream,
    jpeg_stream::{self, ToldBy},
    jpeg_xl_stream, jpeg2000_stream,
    note::{self, Notes},
};
use decode::{
    DecodeError,
    limits::{OnDeclared, in_memory},
};

/// What came out of code streams.
pub(super) struct Samples {
    /// Of the frames that are kept, little endian, interleaved.
    pub bytes: Vec<u8>,
    /// What they mean now.
    pub photometric: String,
    /// Whether a stream lost detail, whatever the transfer syntax says.
    pub lossy: bool,
    /// Whether they are the words of the file, the stored bits where High Bit says; else the stored values.
    pub words: bool,
    /// Whether what lies beside the stored bits of these words is that of the file, too.
    pub whole_words: bool,
}

/// What the head of a frame's code stream says.
enum Head {
    Rle,
    Native { deflated: bool },
    Jpeg(jpeg_stream::FrameHeader),
    JpegLs(jpeg_ls_stream::Head),
    Jpeg2000(jpeg2000_stream::Siz),
    JpegXl(jpeg_xl_stream::Head),
}

impl Head {
    /// Checks a frame against what the data set declares, before it is decoded.
    fn of(codec: Codec, stream: &[u8], shape: &Shape) -> Result<Self, DecodeError> {
        Ok(match codec {
            Codec::Rle => Head::Rle,
            Codec::Native => Head::Native { deflated: false },
            Codec::Deflated => Head::Native { deflated: true },
            // JPEG-LS under the name of JPEG, and the reverse, are told apart by their streams.
            Codec::Jpeg | Codec::JpegLs if jpeg_ls_stream::head(stream).is_some() => {
                Head::JpegLs(jpeg_ls::check(stream, shape)?)
            }
            Codec::JpegLs if jpeg_stream::frame_header(stream).is_none() => {
                Head::JpegLs(jpeg_ls::check(stream, shape)?)
            }
            Codec::Jpeg | Codec::JpegLs => Head::Jpeg(jpeg::check(stream, shape)?),
            Codec::Jpeg2000 => Head::Jpeg2000(jpeg2000::check(stream, shape)?),
            Codec::JpegXl => Head::JpegXl(jpeg_xl::check(stream, shape)?),
        })
    }

    fn lossy(&self) -> bool {
        match self {
            Head::Rle | Head::Native { .. } => false,
            Head::Jpeg(head) => !head.is_lossless(),
            Head::JpegLs(head) => head.near > 0,
            Head::Jpeg2000(siz) => !siz.reversible,
            Head::JpegXl(head) => head.lossy,
        }
    }

    /// How many bits of each word went through the codec.
    fn bits(&self, shape: &Shape) -> u32 {
        match self {
            Head::Rle | Head::Native { .. } => shape.bits_allocated,
            Head::Jpeg(head) => head.precision.into(),
            Head::JpegLs(head) => head.precision.into(),
            Head::Jpeg2000(siz) => siz.precision,
            Head::JpegXl(head) => head.bits.into(),
        }
    }

    /// Whether the stream holds words of the file, in which the stored bits lie by High Bit (PS3.5 8.1.1): it has more
    /// bits than are stored, and they lie further up. A stream of just the stored bits holds values.
    fn holds_words(&self, shape: &Shape) -> bool {
        match self {
            Head::Rle | Head::Native { .. } => true,
            _ => shape.shift > 0 && self.bits(shape) > shape.bits_stored,
        }
    }

    /// What three samples mean once decoded.
    fn colours<'a>(&self, declared: &'a str) -> &'a str {
        match self {
            Head::Jpeg(head) => jpeg_colours(declared, *head),
            // Decoding undoes the transform.
            Head::Jpeg2000(siz) if siz.colour_transform => "RGB",
            Head::JpegXl(_) => "RGB",
            _ if declared == "YBR_FULL_422" => "YBR_FULL",
            _ => declared,
        }
    }

    fn decode(&self, stream: &[u8], shape: &Shape, out: &mut [u8]) -> Result<(), DecodeError> {
        match *self {
            Head::Rle => rle::decode_frame(stream, shape, out),
            Head::Native { deflated } => native_frame(stream, deflated, shape, out),
            Head::Jpeg(head) => jpeg::decode_frame(stream, head, shape, out),
            Head::JpegLs(head) => jpeg_ls::decode_frame(stream, head, shape, out),
            Head::Jpeg2000(siz) => jpeg2000::decode_frame(stream, siz, shape, out),
            Head::JpegXl(head) => jpeg_xl::decode_frame(stream, head, shape, out),
        }
    }
}

/// The code stream's own markers stand over the data set, where they speak: many files say RGB and hold YCbCr. But
/// Adobe's marker against the data set does not count, as no other reader goes by it.
fn jpeg_colours(declared: &str, head: jpeg_stream::FrameHeader) -> &str {
    let by_adobe = head.told_by == Some(ToldBy::Adobe);
    match (head.rgb, declared) {
        (Some(true), "YBR_FULL" | "YBR_FULL_422") if !head.is_lossless() && !head.named_rgb => "YBR_FULL",
        (Some(false), "RGB") if by_adobe => "RGB",
        (Some(true), _) => "RGB",
        (Some(false), _) if !head.is_lossless() => "YBR_FULL",
        // What other codecs transform by, this one does not; without a marker it is YCbCr.
        (None, "YBR_RCT" | "YBR_ICT" | "XYB") if !head.is_lossless() => "YBR_FULL",
        (_, "YBR_FULL_422") => "YBR_FULL",
        _ => declared,
    }
}

/// Tells where the code stream says otherwise than the data set how its colours are coded.
fn tell_of_colours(declared: &str, head: &Head, notes: &mut Notes) {
    let Head::Jpeg(jpeg) = head else { return };
    let of_file = match declared {
        "RGB" => true,
        "YBR_FULL" | "YBR_FULL_422" => false,
        _ => return,
    };
    if let Some(rgb) = jpeg.rgb.filter(|rgb| *rgb != of_file && !jpeg.is_lossless()) {
        let named = |rgb| if rgb { "RGB" } else { "YCbCr" };
        let shown = head.colours(declared) == "RGB";
        notes.add(note::marker_and_colours(named(rgb), declared, named(shown)));
    }
}

/// Samples of the frames that are kept, of code streams for all frames. `of_planes`: the bits beside the stored ones
/// that hold overlay planes. `lossless`: the transfer syntax says so.
pub(super) fn decode(
    streams: &[Cow<'_, [u8]>],
    (whole, of_planes): (&Shape, Embedded),
    frames: &Frames,
    (codec, lossless): (Codec, bool),
    (on_declared, notes): (OnDeclared<'_>, &mut Notes),
) -> Result<Samples, DecodeError> {
    // The first one tells what the samples mean, also where none is decoded.
    let looked_at = if frames.is_none() { 0..1 } else { frames.decode.clone() };
    let streams = streams
        .get(looked_at.start as usize..looked_at.end as usize)
        .ok_or_else(|| DecodeError::corrupt("the pixel data hold fewer frames than are declared"))?;
    let declared = whole.of_frames(looked_at.end - looked_at.start).total_bytes;
    if codec == Codec::Rle {
        let packed = if whole.bits_allocated == 1 {
            declared / 8
        } else {
            declared
        };
        rle::check(streams, packed)?;
    }
    let heads = streams.iter().map(|stream| Head::of(codec, stream, whole));
    let heads = heads.collect::<Result<Vec<_>, _>>()?;
    let lossy = heads.iter().any(Head::lossy);
    if lossy && lossless {
        notes.add(note::lossy_as_lossless());
    }
    if heads
        .iter()
        .any(|head| matches!(head, Head::Jpeg(head) if head.wrong_selection))
    {
        notes.add(note::selection_repaired());
    }
    let photometric = match heads.first() {
        Some(head) if whole.samples == 3 => {
            tell_of_colours(&whole.photometric, head, notes);
            head.colours(&whole.photometric)
        }
        _ => &whole.photometric,
    };
    let words = heads.iter().any(|head| head.holds_words(whole));
    let bytes = each_frame(streams, &heads, (whole, words), frames, &|| on_declared(declared))?;
    // A code stream of whole words keeps overlay planes, too (PS3.5 8.1.2).
    let holds_planes = of_planes.bits != 0
        && !lossy
        && (words || whole.shift == 0)
        && heads
            .iter()
            .all(|head| of_planes.bits.checked_shr(head.bits(whole)).unwrap_or(0) == 0);
    let words = words || holds_planes;
    if !lossy && goes_beyond(&bytes, (whole, words), of_planes.within(&bytes, whole)) {
        notes.add(note::beyond_stored_bits(whole.bits_stored));
    }
    Ok(Samples {
        bytes,
        photometric: photometric.to_owned(),
        lossy,
        words,
        whole_words: codec.keeps_words() || holds_planes,
    })
}

/// Decodes one frame after the other. There is room for those that are kept, and for one more. `words`: values of a
/// frame become words, as those of another frame are.
fn each_frame(
    streams: &[Cow<'_, [u8]>],
    heads: &[Head],
    (whole, words): (&Shape, bool),
    frames: &Frames,
    before: &dyn Fn(),
) -> Result<Vec<u8>, DecodeError> {
    if frames.is_none() {
        return Ok(vec![]);
    }
    let kept = whole.of_frames(frames.keep.end - frames.keep.start);
    let total = in_memory(kept.total_bytes)?;
    before();
    let mut samples = vec![0; total];
    let mut places = samples.chunks_exact_mut(whole.frame_bytes());
    let mut aside = vec![];
    for (frame, (stream, head)) in frames.decode.clone().zip(streams.iter().zip(heads)) {
        let kept = frames.keep.contains(&frame).then(|| places.next()).flatten();
        match kept {
            Some(place) => {
                head.decode(stream, whole, place)?;
                if words && !head.holds_words(whole) {
                    raise(place, whole);
                }
            }
            None => {
                aside.resize(whole.frame_bytes(), 0);
                head.decode(stream, whole, &mut aside)?;
            }
        }
    }
    Ok(samples)
}

/// Stored values to where High Bit has them in a word.
fn raise(samples: &mut [u8], shape: &Shape) {
    for sample in samples.chunks_exact_mut(shape.sample_type.bytes()) {
        let value = sample
            .iter()
            .rev()
            .fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
        let word = (value << shape.shift).to_le_bytes();
        sample.iter_mut().zip(word).for_each(|(to, byte)| *to = byte);
    }
}

/// A frame as it would lie uncompressed, in a fragment of its own (PS3.5 A.4.11 and A.4.12).
fn native_frame(stream: &[u8], deflated: bool, shape: &Shape, out: &mut [u8]) -> Result<(), DecodeError> {
    let one = shape.of_frames(1);
    let stored = if deflated {
        let mut stored = Vec::new();
        // As much as the frame takes, and a byte of padding.
        let most = shape.frame_bytes() as u64 + 1;
        DeflateDecoder::new(stream)
            .take(most)
            .read_to_end(&mut stored)
            .map_err(|error| DecodeError::corrupt(format!("a deflated frame is damaged or truncated: {error}")))?;
        Cow::Owned(stored)
    } else {
        Cow::Borrowed(stream)
    };
    out.copy_from_slice(&native::decode(&stored, &one, Encoding::EXPLICIT, false)?);
    Ok(())
}

/// Whether a sample has bits set beyond those that are declared as stored: what a wrong codec or a wrong description
/// leaves. A signed sample may repeat its sign there, and bits that hold overlay planes do not count.
fn goes_beyond(bytes: &[u8], (shape, words): (&Shape, bool), of_planes: u64) -> bool {
    // Up to the High Bit, where samples lie further up in their word.
    let stored = shape.bits_stored + if words { shape.shift } else { 0 };
    let allocated = shape.bits_allocated;
    if stored >= allocated || !matches!(allocated, 8 | 16 | 32) {
        return false;
    }
    let of = |bytes: &[u8]| {
        bytes
            .iter()
            .rev()
            .fold(0_u32, |value, byte| value << 8 | u32::from(*byte))
    };
    let counts = u32::try_from(!of_planes & u64::from(u32::MAX)).unwrap_or(u32::MAX) >> stored;
    let ones = (u32::MAX >> (32 - allocated)) >> stored & counts;
    bytes.chunks_exact(shape.sample_type.bytes()).map(of).any(|value| {
        let above = value >> stored & counts;
        let negative = shape.signed && value >> (stored - 1) & 1 == 1;
        above != 0 && !(negative && above == ones)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use decode::limits::Declared;
    use domain::SampleType;
    use std::io::Write;

    fn shape(stored: u32, signed: bool) -> Shape {
        Shape {
            frames: 1,
            rows: 2,
            cols: 2,
            samples: 1,
            bits_allocated: 16,
            bits_stored: stored,
            signed,
            shift: 0,
            planar: false,
            photometric: "MONOCHROME2".into(),
            sample_type: if signed { SampleType::I16 } else { SampleType::U16 },
            declared: Declared::frame(2, 2, 1),
            total_bytes: 8,
        }
    }

    #[test]
    fn bits_beyond_the_stored_ones_are_seen_and_signs_are_none() {
        let words = |values: [u16; 4]| values.map(u16::to_le_bytes).concat();
        assert!(!goes_beyond(&words([0, 4095, 1, 2048]), (&shape(12, false), true), 0));
        assert!(goes_beyond(&words([0, 4096, 1, 2]), (&shape(12, false), true), 0));
        assert!(!goes_beyond(
            &words([0xffff, 0xf800, 0x7ff, 0x0fff]),
            (&shape(12, true), true),
            0
        ));
        assert!(goes_beyond(&words([0x1fff, 0, 0, 0]), (&shape(12, true), true), 0));
        assert!(!goes_beyond(&words([0xffff, 0, 0, 0]), (&shape(16, false), true), 0));
    }

    /// Markers, names of components, and what the data set says, each beside each.
    #[test]
    fn colours_of_jpeg_are_those_that_other_readers_agree_on_and_contradictions_are_told() {
        // Declared, marker (Adobe's with its transform), names of components: shown as.
        for (declared, told_by, rgb, named_rgb, shown) in [
            ("YBR_FULL_422", None, None, false, "YBR_FULL"),
            ("YBR_FULL", Some(ToldBy::Jfif), Some(false), false, "YBR_FULL"),
            ("YBR_FULL_422", Some(ToldBy::Adobe), Some(true), false, "YBR_FULL"),
            ("YBR_FULL", Some(ToldBy::Adobe), Some(true), false, "YBR_FULL"),
            ("YBR_FULL", Some(ToldBy::Adobe), Some(false), false, "YBR_FULL"),
            ("YBR_FULL", None, Some(true), true, "RGB"),
            ("YBR_FULL", Some(ToldBy::Adobe), Some(true), true, "RGB"),
            ("RGB", None, None, false, "RGB"),
            ("RGB", None, Some(true), true, "RGB"),
            ("RGB", Some(ToldBy::Jfif), Some(false), false, "YBR_FULL"),
            ("RGB", Some(ToldBy::Adobe), Some(true), false, "RGB"),
            ("RGB", Some(ToldBy::Adobe), Some(false), false, "RGB"),
            ("YBR_ICT", None, None, false, "YBR_FULL"),
        ] {
            for process in [0, 1, 2] {
                let head = Head::Jpeg(jpeg_stream::FrameHeader {
                    process,
                    precision: 8,
                    rows: 2,
                    cols: 2,
                    components: 3,
                    rgb,
                    told_by,
                    named_rgb,
                    adobe: told_by == Some(ToldBy::Adobe),
                    single_scan: true,
                    wrong_selection: false,
                    restarts: false,
                });
                assert_eq!(
                    head.colours(declared),
                    shown,
                    "{declared} {told_by:?} {rgb:?} {named_rgb}"
                );
                let mut notes = Notes::default();
                tell_of_colours(declared, &head, &mut notes);
                let odd = rgb.is_some_and(|rgb| rgb != (declared == "RGB"));
                assert_eq!(
                    notes.into_vec().len(),
                    usize::from(odd),
                    "{declared} {told_by:?} {rgb:?}"
                );
            }
        }
    }

    /// More bits than are stored, which lie further up; of just the stored bits a stream has values.
    #[test]
    fn a_stream_holds_words_where_it_has_more_bits_than_are_stored() {
        for (precision, stored) in (2..=16_u8).flat_map(|bits| (1..=16_u32).map(move |stored| (bits, stored))) {
            for shift in 0..=16 - stored {
                let head = Head::JpegLs(jpeg_ls_stream::Head {
                    precision,
                    rows: 2,
                    cols: 2,
                    components: 1,
                    near: 0,
                    planar: false,
                });
                let lies = Shape {
                    shift,
                    ..shape(stored, false)
                };
                let wanted = shift > 0 && u32::from(precision) > stored;
                assert_eq!(head.holds_words(&lies), wanted, "{stored} of {precision}, {shift} up");
            }
        }
        let lies = Shape {
            shift: 4,
            ..shape(12, false)
        };
        let mut samples = [0x0FFF_u16, 0x0801].map(u16::to_le_bytes).concat();
        raise(&mut samples, &lies);
        assert_eq!(samples, [0xFFF0_u16, 0x8010].map(u16::to_le_bytes).concat());
    }

    #[test]
    fn a_deflated_frame_is_what_went_in_and_a_cut_one_is_refused() -> Result<(), Box<dyn std::error::Error>> {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(b"abcdefgh")?;
        let stream = encoder.finish()?;
        let mut out = [0; 8];
        native_frame(&stream, true, &shape(16, false), &mut out)?;
        assert_eq!(&out, b"abcdefgh");
        assert!(native_frame(&stream[..stream.len() - 3], true, &shape(16, false), &mut out).is_err());
        native_frame(b"12345678", false, &shape(16, false), &mut out)?;
        assert_eq!(&out, b"12345678");
        Ok(())
    }
}
