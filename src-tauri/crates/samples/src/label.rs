//! The word SYNTHETIC, drawn into the image with a small font of our own.

use crate::Slice;

/// The word that every written sample carries in its lower left corner.
pub const LABEL: &str = "SYNTHETIC";

/// Level of the letters: visible, and below the brain's own.
pub const LABEL_VALUE: u16 = 28 * 16;

const GLYPH_COLS: u32 = 5;
const GLYPH_ROWS: u32 = 7;
const MARGIN: u32 = 5;

/// One glyph as seven rows of five bits, the left pixel highest.
const GLYPHS: [(char, [u8; 7]); 8] = [
    ('C', [0b01110, 0b10001, 0b10000, 0b10000, 0b10000, 0b10001, 0b01110]),
    ('E', [0b11111, 0b10000, 0b10000, 0b11110, 0b10000, 0b10000, 0b11111]),
    ('H', [0b10001, 0b10001, 0b10001, 0b11111, 0b10001, 0b10001, 0b10001]),
    ('I', [0b01110, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110]),
    ('N', [0b10001, 0b11001, 0b10101, 0b10101, 0b10011, 0b10001, 0b10001]),
    ('S', [0b01111, 0b10000, 0b10000, 0b01110, 0b00001, 0b00001, 0b11110]),
    ('T', [0b11111, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100]),
    ('Y', [0b10001, 0b10001, 0b01010, 0b00100, 0b00100, 0b00100, 0b00100]),
];

/// Draws the label; pixels that are already brighter stay. Images too small for the word lose its end.
pub fn burn_in(slice: &mut Slice) {
    for (x, y) in label_pixels(slice.rows, slice.cols) {
        if let Some(value) = slice.values.get_mut((y * slice.cols + x) as usize) {
            *value = (*value).max(LABEL_VALUE);
        }
    }
}

/// The label's pixels (x, y) in an image of this size.
pub fn label_pixels(rows: u32, cols: u32) -> Vec<(u32, u32)> {
    let top = rows.saturating_sub(GLYPH_ROWS + MARGIN);
    let mut pixels = Vec::new();
    for (place, letter) in (0..).zip(LABEL.chars()) {
        let glyph = GLYPHS
            .iter()
            .find(|(known, _)| *known == letter)
            .map_or([0; 7], |(_, rows)| *rows);
        let left = MARGIN + place * (GLYPH_COLS + 1);
        for (row, bits) in (0..).zip(glyph) {
            for col in 0..GLYPH_COLS {
                let (x, y) = (left + col, top + row);
                if bits >> (GLYPH_COLS - 1 - col) & 1 == 1 && x < cols && y < rows {
                    pixels.push((x, y));
                }
            }
        }
    }
    pixels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_of_the_label_has_a_glyph() {
        for letter in LABEL.chars() {
            assert!(
                GLYPHS.iter().any(|(known, _)| *known == letter),
                "no glyph for {letter}"
            );
        }
    }

    #[test]
    fn the_label_reads_as_the_word() {
        let pixels = label_pixels(20, 70);
        let drawn: Vec<String> = (8..15)
            .map(|y| {
                (5..16)
                    .map(|x| if pixels.contains(&(x, y)) { '#' } else { '.' })
                    .collect()
            })
            .collect();
        let s_and_y = [
            ".####.#...#",
            "#.....#...#",
            "#......#.#.",
            ".###....#..",
            "....#...#..",
            "....#...#..",
            "####....#..",
        ];
        assert_eq!(drawn, s_and_y);
    }
}
