//! Lossless JPEG (ISO/IEC 10918-1 annex H) of every option, written here: the values that went in are the right ones.

mod common;

use common::{
    Decoder, Done, decoder,
    encapsulated::{Said, encapsulated, integers, lying, noise, stored_in},
};
use decode::Source;
use domain::FailureCode;

const ROWS: usize = 11;
const COLS: usize = 13;

#[derive(Debug, Clone, Copy)]
struct Options {
    bits: u32,
    predictor: u8,
    /// Low bits that are left out.
    transform: u32,
    /// Lines between two restart markers; 0 is none.
    restart: usize,
    samples: usize,
    /// A scan for each component instead of one for all.
    scans: bool,
}

/// Smooth, with noise, a flat area and the full range.
fn image(options: Options) -> Vec<u32> {
    let top = (1_u32 << options.bits) - 1;
    let mut state = u64::from(options.bits) + 99;
    let mut values: Vec<u32> = (0..ROWS * COLS * options.samples)
        .map(|at| {
            let smooth = at as u64 * u64::from(top) / (ROWS * COLS * options.samples) as u64;
            ((smooth + noise(&mut state) % 5) as u32).min(top)
        })
        .collect();
    values[..COLS * options.samples].fill(top / 3);
    let last = values.len() - 1;
    (values[last], values[last - 1]) = (0, top);
    values
}

struct Bits {
    bytes: Vec<u8>,
    held: u32,
    count: u32,
}

impl Bits {
    fn push(&mut self, value: u32, count: u32) {
        for bit in (0..count).rev() {
            self.held = self.held << 1 | (value >> bit & 1);
            self.count += 1;
            if self.count == 8 {
                self.bytes.push(self.held as u8);
                if self.held == 0xff {
                    self.bytes.push(0);
                }
                (self.held, self.count) = (0, 0);
            }
        }
    }

    /// Ones up to a whole byte.
    fn flush(&mut self) {
        while self.count != 0 {
            self.push(1, 1);
        }
    }
}

/// The difference's number of bits, in five bits each (the table below), then its bits.
fn push_difference(bits: &mut Bits, difference: i32) {
    // Modulo 2^16, between -32767 and 32768.
    let difference = (difference + 32_767).rem_euclid(65_536) - 32_767;
    let size = 32 - difference.unsigned_abs().leading_zeros();
    bits.push(size, 5);
    if size < 16 {
        let value = if difference < 0 { difference - 1 } else { difference };
        bits.push(value as u32 & ((1 << size) - 1), size);
    }
}

fn scan(out: &mut Vec<u8>, options: Options, image: &[u32], components: &[usize]) {
    out.extend([0xff, 0xda, 0, 6 + 2 * components.len() as u8, components.len() as u8]);
    components
        .iter()
        .for_each(|component| out.extend([*component as u8 + 1, 0]));
    out.extend([options.predictor, 0, options.transform as u8]);
    let at = |row: usize, col: usize, component: usize| {
        (image[(row * COLS + col) * options.samples + component] >> options.transform) as i32
    };
    let mut bits = Bits {
        bytes: vec![],
        held: 0,
        count: 0,
    };
    let mut restarts = 0;
    for row in 0..ROWS {
        let first_line = row == 0 || (options.restart > 0 && row % options.restart == 0);
        if first_line && row > 0 {
            bits.flush();
            bits.bytes.extend([0xff, 0xd0 + restarts % 8]);
            restarts += 1;
        }
        for col in 0..COLS {
            for &component in components {
                let left = || at(row, col - 1, component);
                let above = || at(row - 1, col, component);
                let corner = || at(row - 1, col - 1, component);
                let predicted = match (first_line, col, options.predictor) {
                    (true, 0, _) => 1 << (options.bits - options.transform - 1),
                    (true, ..) => left(),
                    (false, 0, _) => above(),
                    (_, _, 1) => left(),
                    (_, _, 2) => above(),
                    (_, _, 3) => corner(),
                    (_, _, 4) => left() + above() - corner(),
                    (_, _, 5) => left() + ((above() - corner()) >> 1),
                    (_, _, 6) => above() + ((left() - corner()) >> 1),
                    _ => (left() + above()) >> 1,
                };
                push_difference(&mut bits, at(row, col, component) - predicted);
            }
        }
    }
    bits.flush();
    out.extend(bits.bytes);
}

fn stream(options: Options) -> Vec<u8> {
    let mut out = vec![0xff, 0xd8];
    let samples = options.samples as u8;
    out.extend([
        0xff,
        0xc3,
        0,
        8 + 3 * samples,
        options.bits as u8,
        0,
        ROWS as u8,
        0,
        COLS as u8,
        samples,
    ]);
    (1..=samples).for_each(|id| out.extend([id, 0x11, 0]));
    // Seventeen codes of five bits: the sizes 0 to 16.
    out.extend([0xff, 0xc4, 0, 36, 0, 0, 0, 0, 0, 17]);
    out.extend([0; 11]);
    out.extend(0..17);
    if options.restart > 0 {
        let interval = (options.restart * COLS) as u16;
        out.extend([0xff, 0xdd, 0, 4]);
        out.extend(interval.to_be_bytes());
    }
    let image = image(options);
    let all: Vec<usize> = (0..options.samples).collect();
    if options.scans {
        all.iter()
            .for_each(|component| scan(&mut out, options, &image, &[*component]));
    } else {
        scan(&mut out, options, &image, &all);
    }
    out.extend([0xff, 0xd9]);
    out
}

fn file(options: Options, stream: &[u8]) -> Vec<u8> {
    let said = Said {
        rows: ROWS as u16,
        cols: COLS as u16,
        samples: options.samples as u16,
        bits: options.bits as u16,
        signed: false,
    };
    encapsulated("4.57", said, stream)
}

fn every_option() -> Vec<Options> {
    let mut all = vec![];
    for bits in 2..=16 {
        for predictor in 1..=7 {
            for transform in [0, 1, 3] {
                for restart in [0, 1, 4] {
                    for (samples, scans) in [(1, false), (3, false), (3, true)] {
                        let coloured = samples == 1 || (matches!(bits, 8 | 12 | 16) && matches!(predictor, 1 | 4 | 7));
                        if transform < bits && coloured {
                            all.push(Options {
                                bits,
                                predictor,
                                transform,
                                restart,
                                samples,
                                scans,
                            });
                        }
                    }
                }
            }
        }
    }
    all
}

fn wrong(decoder: &mut Decoder, options: Options) -> Option<String> {
    let decoded = match decoder.decode(Source::Bytes(&file(options, &stream(options)))) {
        Ok(decoded) => decoded,
        Err(error) => return Some(format!("{options:?}: {error}")),
    };
    let right: Vec<i32> = image(options)
        .into_iter()
        .map(|value| (value >> options.transform << options.transform) as i32)
        .collect();
    let same = integers(&decoded.pixels.data) == right && decoded.facts.notes.is_empty() && !decoded.header.image.lossy;
    (!same).then(|| format!("{options:?}: other values, notes {:?}", decoded.facts.notes))
}

#[test]
fn every_predictor_transform_restart_and_precision_comes_back() -> Done {
    let mut decoder = decoder();
    let all = every_option();
    let wrong: Vec<String> = all.iter().filter_map(|options| wrong(&mut decoder, *options)).collect();
    eprintln!("lossless JPEG: {} streams, {} wrong", all.len(), wrong.len());
    assert!(all.len() > 1000, "{} streams", all.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

/// The last bytes may hold no more than the padding of the last sample.
#[test]
fn every_cut_is_refused() -> Done {
    let mut decoder = decoder();
    for (restart, scans) in [(0, false), (1, false), (0, true)] {
        let options = Options {
            bits: 12,
            predictor: 4,
            transform: 0,
            restart,
            samples: 3,
            scans,
        };
        let whole = stream(options);
        for cut in 0..whole.len() - 4 {
            let told = decoder
                .decode(Source::Bytes(&file(options, &whole[..cut])))
                .map_err(|e| e.code);
            let code = told
                .err()
                .ok_or(format!("{options:?}: {cut} of {} bytes gave an image", whole.len()))?;
            assert!(
                matches!(
                    code,
                    FailureCode::Truncated | FailureCode::Corrupt | FailureCode::Unsupported
                ),
                "{options:?}: {cut} bytes: {code:?}"
            );
        }
    }
    Ok(())
}

/// Words of a stream hold the stored bits where High Bit says (PS3.5 8.1.1); just the stored bits are values.
#[test]
fn every_place_of_the_stored_bits_is_followed() -> Done {
    let mut decoder = decoder();
    for (bits, stored) in (2..=16_u16).flat_map(|bits| (1..=bits).map(move |stored| (bits, stored))) {
        let options = Options {
            bits: u32::from(bits),
            predictor: 1,
            transform: 0,
            restart: 0,
            samples: 1,
            scans: false,
        };
        let whole = file(options, &stream(options));
        let words: Vec<i32> = image(options).into_iter().map(|value| value as i32).collect();
        for high in stored..=bits.next_multiple_of(8) - 1 {
            let right = match stored == bits {
                true => words.clone(),
                false => stored_in(&words, stored, high, false),
            };
            let found = decoder.decode(Source::Bytes(&lying(whole.clone(), stored, high)))?;
            let what = format!("{stored} bits up to bit {high} of {bits}");
            assert_eq!(integers(&found.pixels.data), right, "{what}");
        }
    }
    Ok(())
}

/// What a codec that misreads a stream leaves: bits above those that are stored.
#[test]
fn a_value_beyond_the_stored_bits_is_an_alarm() -> Done {
    let options = Options {
        bits: 12,
        predictor: 1,
        transform: 0,
        restart: 0,
        samples: 1,
        scans: false,
    };
    let mut file = file(options, &stream(options));
    // Bits Stored and High Bit.
    for (element, bits) in [(b"\x28\0\x01\x01US", 10), (b"\x28\0\x02\x01US", 9)] {
        let at = file.windows(6).position(|w| w == element).ok_or("it is there")?;
        file[at + 8] = bits;
    }
    let decoded = decoder().decode(Source::Bytes(&file))?;
    let codes: Vec<_> = decoded.facts.notes.iter().filter_map(|note| note.code_name()).collect();
    assert_eq!(codes, ["file.beyond_stored_bits"]);
    Ok(())
}
