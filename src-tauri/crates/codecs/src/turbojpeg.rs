//! libjpeg-turbo, by its own interface: all kinds of JPEG but hierarchical ones. The only place here that calls C by
//! hand; whoever calls it sees values alone.

#![allow(
    unsafe_code,
    reason = "the crate gives bare bindings; each call stands below with what it relies on"
)]

use std::ffi::{CStr, c_int};

use decode::DecodeError;
use turbojpeg_sys as tj;

/// A pass over the image costs time however short its scan is.
const MOST_SCANS: c_int = 500;

/// What the samples of a pixel become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    Grey,
    /// RGB, or three samples as they were coded where the stream says that they are RGB.
    Rgb,
    /// Four samples; an Adobe file stores them inverted.
    Cmyk,
}

impl Layout {
    /// Of a stream with so many components.
    pub(crate) fn of(components: u8) -> Option<Self> {
        match components {
            1 => Some(Layout::Grey),
            3 => Some(Layout::Rgb),
            4 => Some(Layout::Cmyk),
            _ => None,
        }
    }

    pub(crate) fn samples(self) -> usize {
        match self {
            Layout::Grey => 1,
            Layout::Rgb => 3,
            Layout::Cmyk => 4,
        }
    }

    fn pixel_format(self) -> c_int {
        match self {
            Layout::Grey => tj::TJPF_TJPF_GRAY,
            Layout::Rgb => tj::TJPF_TJPF_RGB,
            Layout::Cmyk => tj::TJPF_TJPF_CMYK,
        }
    }
}

/// What surplus bytes before the end of a stream are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Surplus {
    /// Padding: one scan ends there, and it has no restart markers.
    Padding,
    /// A sign of what is missing before them.
    Damage,
}

/// Samples, interleaved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decoded {
    /// Up to 8 bits.
    Bytes(Vec<u8>),
    /// Up to 16 bits.
    Words(Vec<u16>),
}

/// Decodes a whole stream of this size and of so many bits a sample. What libjpeg-turbo only warns of is an error, for
/// it fills with grey what it cannot read; but for surplus bytes before the end, which change nothing.
pub(crate) fn decode(
    stream: &[u8],
    layout: Layout,
    (rows, cols): (usize, usize),
    (precision, surplus): (u8, Surplus),
) -> Result<Decoded, DecodeError> {
    let handle = Handle::new(surplus)?;
    // SAFETY: the handle is live and `stream` outlives the call.
    handle.check(unsafe { tj::tj3DecompressHeader(handle.0, stream.as_ptr(), stream.len() as _) })?;
    let found = [
        tj::TJPARAM_TJPARAM_JPEGHEIGHT,
        tj::TJPARAM_TJPARAM_JPEGWIDTH,
        tj::TJPARAM_TJPARAM_PRECISION,
    ]
    .map(|name| usize::try_from(handle.get(name)).unwrap_or(0));
    // What is written below fits these sizes, which the library reads again from the same bytes.
    if found != [rows, cols, usize::from(precision)] {
        let [rows, cols, bits] = found;
        return Err(DecodeError::corrupt(format!(
            "the JPEG stream gives two sizes, one of them {rows} x {cols} pixels of {bits} bits: it is damaged"
        )));
    }
    let count = rows * cols * layout.samples();
    let format = layout.pixel_format();
    let (source, length) = (stream.as_ptr(), stream.len() as _);
    // SAFETY, for the three calls: the buffer holds rows x cols x samples values of the kind that the function writes,
    // line after line without a gap (pitch 0), and the size was compared above.
    if precision <= 8 {
        let mut samples = vec![0_u8; count];
        handle.check(unsafe { tj::tj3Decompress8(handle.0, source, length, samples.as_mut_ptr(), 0, format) })?;
        return Ok(Decoded::Bytes(samples));
    }
    let mut samples = vec![0_u16; count];
    let place = samples.as_mut_ptr();
    // Of the 12-bit kind the library writes `short`, of values up to 4095: the bits of an unsigned word.
    handle.check(if precision <= 12 {
        unsafe { tj::tj3Decompress12(handle.0, source, length, place.cast(), 0, format) }
    } else {
        unsafe { tj::tj3Decompress16(handle.0, source, length, place, 0, format) }
    })?;
    Ok(Decoded::Words(samples))
}

struct Handle(tj::tjhandle, Surplus);

impl Handle {
    fn new(surplus: Surplus) -> Result<Self, DecodeError> {
        // SAFETY: takes a number.
        let handle = Self(unsafe { tj::tj3Init(tj::TJINIT_TJINIT_DECOMPRESS as c_int) }, surplus);
        if handle.0.is_null() {
            return Err(DecodeError::limit("there is no memory for the JPEG decoder"));
        }
        let set = |name: tj::TJPARAM, value: c_int| {
            // SAFETY: the handle is live.
            let done = unsafe { tj::tj3Set(handle.0, name as c_int, value) };
            debug_assert_eq!(done, 0, "parameter {name}");
        };
        set(tj::TJPARAM_TJPARAM_SCANLIMIT, MOST_SCANS);
        // No segment is kept.
        set(tj::TJPARAM_TJPARAM_SAVEMARKERS, 0);
        Ok(handle)
    }

    fn get(&self, name: tj::TJPARAM) -> c_int {
        // SAFETY: the handle is live.
        unsafe { tj::tj3Get(self.0, name as c_int) }
    }

    fn check(&self, done: c_int) -> Result<(), DecodeError> {
        if done == 0 {
            return Ok(());
        }
        // SAFETY: the handle is live; the text belongs to it and is copied at once.
        let said = unsafe { CStr::from_ptr(tj::tj3GetErrorStr(self.0)) }.to_string_lossy();
        let said: String = said.chars().filter(|c| !c.is_control()).take(200).collect();
        // The first warning alone is told. Behind one scan without restart markers there is no other.
        if said.contains("extraneous bytes before marker 0xd9") && self.1 == Surplus::Padding {
            return Ok(());
        }
        // Behind a cut the end was put: data that end early meet it.
        let ends = said.contains("remature end");
        Err(if ends {
            DecodeError::truncated(format!(
                "the JPEG stream ends early or is damaged ({said}); copy the file again from its source"
            ))
        } else if said.contains("nsufficient memory") {
            DecodeError::limit(format!("the JPEG stream needs more memory than it may use ({said})"))
        } else if said.contains("nsupported") || said.contains("not supported") {
            DecodeError::unsupported(format!("this kind of JPEG is not decoded: {said}"))
        } else {
            DecodeError::corrupt(format!("the JPEG stream is damaged: {said}"))
        })
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: the handle is live, or null, and not used again.
        unsafe { tj::tj3Destroy(self.0) }
    }
}
