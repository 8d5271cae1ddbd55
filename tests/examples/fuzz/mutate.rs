//! Damage of the kinds that files meet: bits, bytes, lengths, cuts, parts that are doubled, moved or of another file.

use rand::Rng;
use rand::rngs::SmallRng;

/// Numbers at the ends of their kind.
const ENDS: [u32; 12] = [
    0,
    1,
    0x7f,
    0x80,
    0xff,
    0x7fff,
    0x8000,
    0xffff,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_fff0,
    0xffff_ffff,
];
/// Headers lie in front: half of the damage goes there.
const FRONT: usize = 1024;
const MOST_STEPS: u32 = 6;
const LONGEST_PART: usize = 512;

/// One of the seeds, damaged.
pub fn mutated(seeds: &[Vec<u8>], random: &mut SmallRng) -> Vec<u8> {
    let mut bytes = pick(seeds, random).to_vec();
    for _ in 0..random.random_range(1..=MOST_STEPS) {
        if bytes.is_empty() {
            return bytes;
        }
        step(&mut bytes, seeds, random);
    }
    bytes
}

fn pick<'a>(seeds: &'a [Vec<u8>], random: &mut SmallRng) -> &'a [u8] {
    match seeds.len() {
        0 => &[],
        count => seeds.get(random.random_range(0..count)).map_or(&[], Vec::as_slice),
    }
}

fn step(bytes: &mut Vec<u8>, seeds: &[Vec<u8>], random: &mut SmallRng) {
    let at = place(bytes.len(), random);
    match random.random_range(0..10) {
        0 | 1 => flip(bytes, at, random),
        2 => set(bytes, at, &[random.random()]),
        3 | 4 => {
            let end = ENDS[random.random_range(0..ENDS.len())];
            let number = if random.random() {
                end.to_le_bytes()
            } else {
                end.to_be_bytes()
            };
            let width = [1, 2, 4][random.random_range(0..3)];
            // The low bytes of the number, whichever end they lie at.
            let low = if number == end.to_le_bytes() {
                &number[..width]
            } else {
                &number[4 - width..]
            };
            set(bytes, at, low);
        }
        5 => bytes.truncate(at),
        6 => {
            let part = part(bytes, at, random).to_vec();
            let to = place(bytes.len(), random);
            bytes.splice(to..to, part);
        }
        7 => {
            let length = part(bytes, at, random).len();
            bytes.drain(at..at + length);
        }
        8 => {
            let other = pick(seeds, random);
            if !other.is_empty() {
                let from = place(other.len(), random);
                set(bytes, at, part(other, from, random));
            }
        }
        _ => {
            let old = bytes.get(at).copied().unwrap_or_default();
            let by: i8 = random.random_range(-3..=3);
            set(bytes, at, &[old.wrapping_add_signed(by)]);
        }
    }
}

fn place(length: usize, random: &mut SmallRng) -> usize {
    let end = if random.random() { length.min(FRONT) } else { length };
    random.random_range(0..end.max(1))
}

fn flip(bytes: &mut [u8], at: usize, random: &mut SmallRng) {
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= 1 << random.random_range(0..8);
    }
}

/// Writes `new` over what is there, as far as it reaches.
fn set(bytes: &mut [u8], at: usize, new: &[u8]) {
    bytes.iter_mut().skip(at).zip(new).for_each(|(old, new)| *old = *new);
}

fn part<'a>(bytes: &'a [u8], at: usize, random: &mut SmallRng) -> &'a [u8] {
    let rest = bytes.get(at..).unwrap_or_default();
    let length = random.random_range(1..=LONGEST_PART).min(rest.len());
    rest.get(..length).unwrap_or_default()
}
