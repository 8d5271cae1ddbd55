//! Small files that declare a large image, of every format and compression.

#![allow(dead_code, reason = "each test program uses its part of these")]

use flate2::{Compress, Compression, Crc, FlushCompress};

pub struct Bomb {
    pub name: &'static str,
    pub file: Vec<u8>,
    /// Whether a decoder without limits makes the image of it.
    pub whole: bool,
}

/// `wide` is a frame over the limit: 858 MiB at a byte a pixel. The others are allowed frames, of 346 MiB in colour and
/// 231 in 16 bits.
pub fn all() -> Vec<Bomb> {
    made(30_000, 11_000, 400)
}

/// The same, so small that they do no harm.
pub fn harmless() -> Vec<Bomb> {
    made(64, 48, 2)
}

fn made(wide: u32, side: u32, many: usize) -> Vec<Bomb> {
    let (grey, rgb) = (Png { colour: 0, samples: 1 }, Png { colour: 2, samples: 3 });
    let line = 3 * side as usize;
    let zeros = zlib_of_zeros(line);
    let cut = jpeg(side, 1)[..140].to_vec();
    let whole = [
        ("wide.png", grey.file(wide, 8)),
        ("zeros.png", rgb.file(side, 8)),
        ("deep.png", grey.file(side, 16)),
        ("wide.jpg", jpeg(wide, 1)),
        ("blank.jpg", jpeg(side, 3)),
        ("wide.bmp", bmp(wide)),
        ("blank.bmp", bmp(side)),
        ("wide.tif", tiff(wide, 1, 8, &zlib_of_zeros(3 * wide as usize))),
        ("pages.tif", tiff(512, many as u32, 8, &zlib_of_zeros(3 * 512))),
        ("lzw.tif", tiff(side, 1, 5, &lzw_of_zeros(line))),
        ("deflate.tif", tiff(side, 1, 8, &zeros)),
        ("old-deflate.tif", tiff(side, 1, 32_946, &zeros)),
        ("packbits.tif", tiff(side, 1, 32_773, &rle_of_zeros(line))),
        (
            "wide-rle.dcm",
            dicom("5", wide, 8, &[rle_of_zeros(wide as usize * wide as usize)]),
        ),
        ("wide-jpeg.dcm", dicom("4.50", wide, 8, &[jpeg(wide, 1)])),
        ("wide-jpeg2000.dcm", dicom("4.90", wide, 8, &[jpeg2000(wide, 8)])),
        ("deep-jpeg2000.dcm", dicom("4.90", side, 16, &[jpeg2000(side, 16)])),
        (
            "many-jpeg2000.dcm",
            dicom("4.90", 512, 16, &vec![jpeg2000(512, 16); many]),
        ),
        ("deep-deflated.dcm", deflated(side)),
    ];
    let damaged = [
        ("none.tif", tiff(side, 1, 1, &[0; 64])),
        ("jpeg.tif", tiff(side, 1, 7, &jpeg(64, 3))),
        ("many-jpeg.dcm", dicom("4.50", side, 8, &vec![cut; 4])),
    ];
    let bomb = |whole| move |(name, file)| Bomb { name, file, whole };
    let whole = whole.into_iter().map(bomb(true));
    whole.chain(damaged.into_iter().map(bomb(false))).collect()
}

/// A zlib stream of `count` zeros at about 1 to 1000, made of one packed part again and again.
fn zlib_of_zeros(count: usize) -> Vec<u8> {
    let mut stream = vec![0x78, 0x9c];
    stream.extend(deflate_of_zeros(count));
    // Adler-32 of zeros (RFC 1950): the first sum stays 1, the second counts.
    stream.extend(((count as u32 % 65_521) << 16 | 1).to_be_bytes());
    stream
}

fn deflate_of_zeros(count: usize) -> Vec<u8> {
    const PART: usize = 4 << 20;
    let packed = |bytes: usize, end: FlushCompress| {
        let mut out = Vec::with_capacity(bytes / 500 + 1024);
        let done = Compress::new(Compression::best(), false).compress_vec(&vec![0; bytes], &mut out, end);
        assert!(done.is_ok(), "zeros cannot be packed: {done:?}");
        out
    };
    let mut stream = packed(PART, FlushCompress::Full).repeat(count / PART);
    stream.extend(packed(count % PART, FlushCompress::Finish));
    stream
}

/// PackBits, which RLE of DICOM is too: 128 zeros in two bytes.
fn rle_of_zeros(count: usize) -> Vec<u8> {
    [0x81, 0].repeat(count.div_ceil(128))
}

/// LZW as TIFF has it: code 258 stands for two zeros, 259 for three, and so on.
fn lzw_of_zeros(count: usize) -> Vec<u8> {
    let (mut bits, mut stream) = (String::new(), vec![]);
    let mut width = 9;
    let mut write = |code: usize, width: usize| bits.push_str(&format!("{code:0width$b}"));
    write(256, width);
    let (mut left, mut run) = (count, 1);
    while left > 0 {
        let length = run.min(left);
        write(if length == 1 { 0 } else { 256 + length }, width);
        left -= length;
        run += 1;
        // The writer's table is full for nine bits once it has the entry 511.
        if 256 + run >= 511 {
            width = 10;
        }
    }
    write(257, width);
    while !bits.len().is_multiple_of(8) {
        bits.push('0');
    }
    let bits = bits.as_bytes();
    stream.extend(
        bits.chunks(8)
            .map(|byte| byte.iter().fold(0, |sum, bit| sum << 1 | (bit - b'0'))),
    );
    stream
}

struct Png {
    colour: u8,
    samples: usize,
}

impl Png {
    /// A square of zeros.
    fn file(&self, side: u32, depth: u8) -> Vec<u8> {
        let line = 1 + side as usize * self.samples * usize::from(depth) / 8;
        let mut head = [side.to_be_bytes(), side.to_be_bytes()].concat();
        head.extend([depth, self.colour, 0, 0, 0]);
        let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
        let data = zlib_of_zeros(line * side as usize);
        for (kind, body) in [(b"IHDR", &head), (b"IDAT", &data), (b"IEND", &vec![])] {
            let named = [kind.as_slice(), body].concat();
            let mut crc = Crc::new();
            crc.update(&named);
            file.extend((body.len() as u32).to_be_bytes());
            file.extend(named);
            file.extend(crc.sum().to_be_bytes());
        }
        file
    }
}

/// Baseline, blank; in colour with one chroma sample for four pixels. A block takes two bits: no change of its mean,
/// and its end.
fn jpeg(side: u32, components: u8) -> Vec<u8> {
    let mut file = vec![0xff, 0xd8, 0xff, 0xdb, 0, 67, 0];
    file.extend([1; 64]);
    let [_, _, high, low] = side.to_be_bytes();
    file.extend([0xff, 0xc0, 0, 8 + 3 * components, 8, high, low, high, low, components]);
    for id in 1..=components {
        file.extend([id, if id == 1 && components == 3 { 0x22 } else { 0x11 }, 0]);
    }
    for table in [0x00, 0x10] {
        file.extend([0xff, 0xc4, 0, 20, table, 1]);
        file.extend([0; 16]);
    }
    file.extend([0xff, 0xda, 0, 6 + 2 * components, components]);
    (1..=components).for_each(|id| file.extend([id, 0]));
    file.extend([0, 63, 0]);
    let unit = if components == 3 { 16 } else { 8 };
    let units = side.div_ceil(unit).pow(2) as usize;
    let blocks = if components == 3 { 6 * units } else { units };
    file.extend(vec![0; blocks.div_ceil(4)]);
    file.extend([0xff, 0xd9]);
    file
}

/// One tile, one resolution, one layer, and in it one empty packet (ISO/IEC 15444-1 annexes A and B).
fn jpeg2000(side: u32, bits: u8) -> Vec<u8> {
    let mut stream = b"\xff\x4f\xff\x51\0\x29\0\0".to_vec();
    for word in [side, side, 0, 0, side, side, 0, 0] {
        stream.extend(word.to_be_bytes());
    }
    stream.extend([0, 1, bits - 1, 1, 1]);
    // No decomposition, blocks of 64 x 64, the reversible filter; no quantisation.
    stream.extend(b"\xff\x52\0\x0c\0\0\0\x01\0\0\x04\x04\0\x01");
    stream.extend(b"\xff\x5c\0\x04\x40\x40");
    stream.extend(b"\xff\x90\0\x0a\0\0\0\0\0\x0f\0\x01\xff\x93\0\xff\xd9");
    stream
}

/// Runs of one palette entry, of which there are none: the file ends its bitmap at once.
fn bmp(side: u32) -> Vec<u8> {
    let mut file = b"BM".to_vec();
    let word = |file: &mut Vec<u8>, value: u32| file.extend(value.to_le_bytes());
    for value in [14 + 40 + 8 + 2, 0, 14 + 40 + 8, 40, side, side] {
        word(&mut file, value);
    }
    file.extend([1, 0, 8, 0]);
    // RLE8, two colours.
    for value in [1, 2, 0, 0, 2, 2, 0, 0x00ff_ffff] {
        word(&mut file, value);
    }
    file.extend([0, 1]);
    file
}

/// Pages of RGB of 8 bits, each of lines that all lie in the same place of the file.
fn tiff(side: u32, pages: u32, compression: u32, strip: &[u8]) -> Vec<u8> {
    let mut file = b"II\x2a\0".to_vec();
    let at = |file: &Vec<u8>| file.len() as u32;
    file.extend([0; 4]);
    let strip_at = at(&file);
    file.extend(strip);
    file.resize(file.len().next_multiple_of(4), 0);
    let list = |file: &mut Vec<u8>, value: u32| {
        let start = at(file);
        (0..side).for_each(|_| file.extend(value.to_le_bytes()));
        start
    };
    let offsets = list(&mut file, strip_at);
    let counts = list(&mut file, strip.len() as u32);
    let bits = at(&file);
    file.extend([8, 0, 8, 0, 8, 0, 0, 0]);
    let mut link = 4;
    for _ in 0..pages {
        let directory = at(&file);
        file[link..link + 4].copy_from_slice(&directory.to_le_bytes());
        let entries: [(u16, u16, u32, u32); 9] = [
            (256, 4, 1, side),
            (257, 4, 1, side),
            (258, 3, 3, bits),
            (259, 3, 1, compression),
            (262, 3, 1, if compression == 7 { 6 } else { 2 }),
            (273, 4, side, offsets),
            (277, 3, 1, 3),
            (278, 4, 1, 1),
            (279, 4, side, counts),
        ];
        file.extend((entries.len() as u16).to_le_bytes());
        for (tag, kind, count, value) in entries {
            file.extend([tag.to_le_bytes(), kind.to_le_bytes()].concat());
            file.extend([count.to_le_bytes(), value.to_le_bytes()].concat());
        }
        link = file.len();
        file.extend([0; 4]);
    }
    file
}

/// One element with explicit VR, little endian.
pub fn element(group: u16, element: u16, vr: &[u8; 2], value: &[u8]) -> Vec<u8> {
    let mut bytes = [group.to_le_bytes(), element.to_le_bytes()].concat();
    bytes.extend(vr);
    if matches!(vr, b"OB" | b"OW" | b"SQ" | b"UN") {
        bytes.extend([0, 0]);
        bytes.extend((value.len() as u32).to_le_bytes());
    } else {
        bytes.extend((value.len() as u16).to_le_bytes());
    }
    bytes.extend(value);
    bytes
}

/// Meta information with the transfer syntax, whose UID ends as given, and what precedes the pixel data.
fn head(syntax: &str) -> Vec<u8> {
    let mut uid = format!("1.2.840.10008.1.2.{syntax}").into_bytes();
    uid.resize(uid.len().next_multiple_of(2), 0);
    let mut file = [vec![0; 128], b"DICM".to_vec()].concat();
    file.extend(element(2, 0x10, b"UI", &uid));
    file
}

fn image(side: u32, bits: u16, frames: usize) -> Vec<u8> {
    let short = |number: u16, value: u16| element(0x28, number, b"US", &value.to_le_bytes());
    let frames = format!("{frames:<6}");
    [
        element(0x10, 0x20, b"LO", b"BOMB"),
        short(0x02, 1),
        element(0x28, 0x08, b"IS", frames.as_bytes()),
        short(0x10, side as u16),
        short(0x11, side as u16),
        short(0x100, bits),
        short(0x101, bits),
        short(0x103, 0),
    ]
    .concat()
}

/// One fragment a frame.
fn dicom(syntax: &str, side: u32, bits: u16, frames: &[Vec<u8>]) -> Vec<u8> {
    let mut file = head(syntax);
    file.extend(image(side, bits, frames.len()));
    file.extend(b"\xe0\x7f\x10\0OB\0\0\xff\xff\xff\xff\xfe\xff\0\xe0\0\0\0\0");
    for frame in frames {
        let rle = if syntax == "5" {
            let mut header = [1_u32.to_le_bytes(), 64_u32.to_le_bytes()].concat();
            header.resize(64, 0);
            header
        } else {
            vec![]
        };
        let length = (rle.len() + frame.len()).next_multiple_of(2);
        file.extend(b"\xfe\xff\0\xe0");
        file.extend((length as u32).to_le_bytes());
        file.extend(&rle);
        file.extend(frame);
        file.extend(vec![0; length - rle.len() - frame.len()]);
    }
    file.extend(b"\xfe\xff\xdd\xe0\0\0\0\0");
    file
}

fn deflated(side: u32) -> Vec<u8> {
    let pixels = 2 * side * side;
    let mut data_set = image(side, 16, 1);
    data_set.extend(b"\xe0\x7f\x10\0OW\0\0");
    data_set.extend(pixels.to_le_bytes());
    let mut part = Vec::with_capacity(4096);
    let done = Compress::new(Compression::best(), false).compress_vec(&data_set, &mut part, FlushCompress::Full);
    assert!(done.is_ok(), "the data set cannot be packed: {done:?}");
    let mut file = head("1.99");
    file.extend(part);
    file.extend(deflate_of_zeros(pixels as usize));
    file
}
