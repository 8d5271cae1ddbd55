//! xz (the .xz file format 1.2.1, tukaani.org): the container is read here, LZMA2 within it by a crate. All streams one
//! after the other, and zeros between and behind them.

use std::io::{self, BufReader, Read};

use flate2::Crc;
use lzma_rust2::Lzma2Reader;
use sha2::{Digest as _, Sha256};

use crate::gunzip::OtherData;

/// For a dictionary, in KiB: below what the process may use.
const MEMORY_KB: u32 = 384 << 10;
const MAGIC: [u8; 6] = *b"\xfd7zXZ\0";
const LZMA2: u64 = 0x21;

/// What comes out of a file that is compressed by xz, read to the checks of each block, the index and the footer.
pub(super) struct Xz<R: Read> {
    state: State<R>,
}

enum State<R: Read> {
    /// Before a stream: the first one, or another.
    Outside {
        source: Counted<R>,
        first: bool,
    },
    /// Before a block or the index of a stream.
    Inside {
        source: Counted<R>,
        stream: Stream,
    },
    Block {
        block: Box<Block<R>>,
        stream: Stream,
    },
    Ended,
}

/// What a stream holds so far.
struct Stream {
    check: u8,
    /// Number of blocks, and the sums of their sizes, as the index must have them.
    blocks: [u64; 3],
}

struct Block<R: Read> {
    reader: Lzma2Reader<Counted<R>>,
    /// Bytes of its header.
    header: u64,
    /// Where its compressed bytes begin.
    from: u64,
    /// As the header declares them.
    packed: Option<u64>,
    plain: Option<u64>,
    /// What came out.
    count: u64,
    check: Check,
}

/// Counts what is read.
struct Counted<R> {
    inner: BufReader<R>,
    count: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.count += count as u64;
        Ok(count)
    }
}

enum Check {
    None,
    Crc32(Crc),
    Crc64(u64),
    Sha256(Box<Sha256>),
}

fn damaged(what: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("the {what} of the xz file is damaged"),
    )
}

fn unsupported(what: &str) -> io::Error {
    let message = format!("the xz file {what}, which is not read; unpack it, and import its files");
    io::Error::new(io::ErrorKind::Unsupported, message)
}

impl Check {
    fn of(kind: u8) -> io::Result<Self> {
        match kind {
            0 => Ok(Self::None),
            1 => Ok(Self::Crc32(Crc::new())),
            4 => Ok(Self::Crc64(!0)),
            10 => Ok(Self::Sha256(Box::default())),
            _ => Err(unsupported("has a check of another kind")),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::None => {}
            Self::Crc32(crc) => crc.update(bytes),
            Self::Crc64(crc) => {
                for byte in bytes {
                    let [low, ..] = crc.to_le_bytes();
                    let entry = CRC64.get(usize::from(low ^ byte)).copied().unwrap_or_default();
                    *crc = entry ^ (*crc >> 8);
                }
            }
            Self::Sha256(hash) => hash.update(bytes),
        }
    }

    fn bytes(self) -> Vec<u8> {
        match self {
            Self::None => vec![],
            Self::Crc32(crc) => crc.sum().to_le_bytes().to_vec(),
            Self::Crc64(crc) => (!crc).to_le_bytes().to_vec(),
            Self::Sha256(hash) => hash.finalize().to_vec(),
        }
    }
}

/// Of the polynomial of ECMA-182, bits reversed.
const CRC64: [u64; 256] = {
    let mut table = [0; 256];
    let mut at = 0;
    while at < 256 {
        let mut value = at as u64;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 == 1 {
                value >> 1 ^ 0xC96C_5795_D787_0F42
            } else {
                value >> 1
            };
            bit += 1;
        }
        table[at] = value;
        at += 1;
    }
    table
};

fn crc32(bytes: &[u8]) -> [u8; 4] {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum().to_le_bytes()
}

/// A number in pieces of seven bits, the lowest first (section 1.2).
fn number(bytes: &mut impl Read) -> io::Result<u64> {
    let mut value = 0;
    for at in 0..9 {
        let [byte] = exact(bytes)?;
        value |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return if byte == 0 && at > 0 {
                Err(damaged("header"))
            } else {
                Ok(value)
            };
        }
    }
    Err(damaged("header"))
}

fn exact<const N: usize>(from: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

impl<R: Read> Xz<R> {
    /// Reads what is compressed as it is asked for.
    pub(super) fn new(compressed: R) -> Self {
        let source = Counted {
            inner: BufReader::new(compressed),
            count: 0,
        };
        Self {
            state: State::Outside { source, first: true },
        }
    }
}

impl<R: Read> Read for Xz<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            match std::mem::replace(&mut self.state, State::Ended) {
                State::Ended => return Ok(0),
                State::Outside { source, first } => self.state = begin(source, first)?,
                State::Inside { source, stream } => self.state = next(source, stream)?,
                State::Block { mut block, stream } => {
                    let count = block.reader.read(buffer)?;
                    if count > 0 {
                        block.count += count as u64;
                        block.check.update(buffer.get(..count).unwrap_or_default());
                        self.state = State::Block { block, stream };
                        return Ok(count);
                    }
                    self.state = end_of_block(*block, stream)?;
                }
            }
        }
    }
}

/// The header of a stream (2.1.1), or the end. Behind a stream stand zeros, four by four (2.2).
fn begin<R: Read>(mut source: Counted<R>, first: bool) -> io::Result<State<R>> {
    let mut head = [0; 6];
    let (four, two) = head.split_at_mut(4);
    loop {
        let mut there = vec![];
        source.by_ref().take(4).read_to_end(&mut there)?;
        match there.len() {
            0 if !first => return Ok(State::Ended),
            4 if !first && there == [0; 4] => {}
            4 => {
                four.copy_from_slice(&there);
                break;
            }
            _ if first => return Err(io::ErrorKind::UnexpectedEof.into()),
            _ => return Err(other_data()),
        }
    }
    if !first && !MAGIC.starts_with(four) {
        return Err(other_data());
    }
    source.read_exact(two)?;
    if head != MAGIC {
        return Err(damaged("beginning"));
    }
    let flags: [u8; 2] = exact(&mut source)?;
    let [0, check @ 0..16] = flags else {
        return Err(unsupported("is of a later version"));
    };
    if exact::<4>(&mut source)? != crc32(&flags) {
        return Err(damaged("header"));
    }
    source.count = 0;
    let stream = Stream { check, blocks: [0; 3] };
    Ok(State::Inside { source, stream })
}

/// The header of a block (3.1), or the index.
fn next<R: Read>(mut source: Counted<R>, stream: Stream) -> io::Result<State<R>> {
    let [size] = exact(&mut source)?;
    if size == 0 {
        return end_of_stream(source, &stream);
    }
    let header = (u64::from(size) + 1) * 4;
    let mut bytes = vec![size];
    source.by_ref().take(header - 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 != header {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let Some((mut fields, check)) = bytes.split_last_chunk::<4>() else {
        return Err(damaged("header"));
    };
    if *check != crc32(fields) {
        return Err(damaged("header"));
    }
    let [_, flags] = exact(&mut fields)?;
    if flags & 0x3f != 0 {
        return Err(unsupported("is compressed by several filters"));
    }
    let packed = if flags & 0x40 != 0 {
        Some(number(&mut fields)?)
    } else {
        None
    };
    let plain = if flags & 0x80 != 0 {
        Some(number(&mut fields)?)
    } else {
        None
    };
    if [number(&mut fields)?, number(&mut fields)?] != [LZMA2, 1] {
        return Err(unsupported("is compressed by another method"));
    }
    // 5.3.1: two of a power of two, or three.
    let [bits] = exact(&mut fields)?;
    let dictionary = match bits {
        0..40 => (2 | u32::from(bits & 1)) << (bits / 2 + 11),
        40 => u32::MAX,
        _ => return Err(damaged("header")),
    };
    if fields.iter().any(|byte| *byte != 0) {
        return Err(damaged("header"));
    }
    let from = source.count;
    let check = Check::of(stream.check)?;
    let reader = Lzma2Reader::new_mem_limit(source, dictionary, MEMORY_KB, None)
        .map_err(|_| unsupported("needs more memory than it may use"))?;
    let block = Box::new(Block {
        reader,
        header,
        from,
        packed,
        plain,
        count: 0,
        check,
    });
    Ok(State::Block { block, stream })
}

fn end_of_block<R: Read>(block: Block<R>, mut stream: Stream) -> io::Result<State<R>> {
    let mut source = block.reader.into_inner();
    let packed = source.count - block.from;
    let same = |declared: Option<u64>, found: u64| declared.is_none_or(|declared| declared == found);
    if !same(block.packed, packed) || !same(block.plain, block.count) {
        return Err(damaged("size"));
    }
    padding(&mut source, packed)?;
    let wanted = block.check.bytes();
    let mut found = vec![];
    source.by_ref().take(wanted.len() as u64).read_to_end(&mut found)?;
    if found.len() < wanted.len() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    if found != wanted {
        return Err(damaged("checksum"));
    }
    add(
        &mut stream.blocks,
        [1, block.header + packed + wanted.len() as u64, block.count],
    );
    Ok(State::Inside { source, stream })
}

fn add(sums: &mut [u64; 3], more: [u64; 3]) {
    sums.iter_mut()
        .zip(more)
        .for_each(|(sum, more)| *sum = sum.wrapping_add(more));
}

/// Zeros up to a multiple of four bytes.
fn padding(source: &mut impl Read, length: u64) -> io::Result<()> {
    for _ in length..length.next_multiple_of(4) {
        if exact(source)? != [0] {
            return Err(damaged("padding"));
        }
    }
    Ok(())
}

/// The index (4), whose first byte was read, and the footer (2.1.2).
fn end_of_stream<R: Read>(source: Counted<R>, stream: &Stream) -> io::Result<State<R>> {
    let mut index = Summed {
        inner: source,
        crc: Crc::new(),
        count: 1,
    };
    index.crc.update(&[0]);
    let mut sums = [0; 3];
    for _ in 0..number(&mut index)? {
        let record = [1, number(&mut index)?, number(&mut index)?];
        add(&mut sums, record);
        // A file that tells of more blocks than there are is not followed to its end.
        if sums[0] > stream.blocks[0] {
            return Err(damaged("index"));
        }
    }
    let count = index.count;
    padding(&mut index, count)?;
    let Summed {
        inner: mut source,
        crc,
        count,
    } = index;
    if exact::<4>(&mut source)? != crc.sum().to_le_bytes() || sums != stream.blocks {
        return Err(damaged("index"));
    }
    let check: [u8; 4] = exact(&mut source)?;
    let fields: [u8; 6] = exact(&mut source)?;
    let [a, b, c, d, flags @ ..] = fields;
    let backward = (u64::from(u32::from_le_bytes([a, b, c, d])) + 1) * 4;
    let whole = check == crc32(&fields) && flags == [0, stream.check] && backward == count + 4;
    if !whole || exact(&mut source)? != *b"YZ" {
        return Err(damaged("end"));
    }
    Ok(State::Outside { source, first: false })
}

/// Takes the sum of what is read.
struct Summed<R> {
    inner: R,
    crc: Crc,
    count: u64,
}

impl<R: Read> Read for Summed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.crc.update(buffer.get(..count).unwrap_or_default());
        self.count += count as u64;
        Ok(count)
    }
}

fn other_data() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, OtherData)
}

#[cfg(test)]
pub(crate) mod tests;
