//! Inks and YCbCr to RGB.

use super::{super::jpeg::lit, directory::Directory};

/// Four inks a pixel, 0 none and the largest value all of it, of one or two bytes each, little endian.
pub(super) fn inks_to_rgb(inks: &[u8], width: usize) -> Vec<u8> {
    if width == 1 {
        let pixels = inks.as_chunks::<4>().0.iter();
        return pixels
            .flat_map(|pixel| {
                let [c, m, y, k] = pixel.map(|ink| u32::from(255 - ink));
                [c, m, y].map(|light| lit(light, k))
            })
            .collect();
    }
    let words = inks
        .as_chunks::<2>()
        .0
        .iter()
        .map(|word| u64::from(0xffff - u16::from_le_bytes(*word)));
    let light: Vec<u64> = words.collect();
    light
        .as_chunks::<4>()
        .0
        .iter()
        .flat_map(|[c, m, y, k]| [c, m, y].map(|light| (light * k + 0x7fff) / 0xffff))
        .flat_map(|light| u16::try_from(light).unwrap_or(u16::MAX).to_le_bytes())
        .collect()
}

/// TIFF 6.0 section 21: by the luma coefficients and the values of black and white that the file gives.
pub(super) fn ycbcr_to_rgb(samples: &[u8], directory: &Directory<'_>) -> Vec<u8> {
    let (red, green, blue) = match directory.fractions(529)[..] {
        [red, green, blue] if green > 0.0 => (red, green, blue),
        _ => (0.299, 0.587, 0.114),
    };
    let levels = match directory.fractions(532)[..] {
        [y0, y1, b0, b1, r0, r1] if y1 > y0 && b1 > b0 && r1 > r0 => [y0, y1, b0, b1, r0, r1],
        _ => [0.0, 255.0, 128.0, 255.0, 128.0, 255.0],
    };
    let [black, white, blue_zero, blue_one, red_zero, red_one] = levels;
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to a byte"
    )]
    let byte = |value: f64| value.round().clamp(0.0, 255.0) as u8;
    let pixels = samples.as_chunks::<3>().0.iter();
    pixels
        .flat_map(|pixel| {
            let [y, cb, cr] = pixel.map(f64::from);
            let y = (y - black) * 255.0 / (white - black);
            let cb = (cb - blue_zero) * 127.0 / (blue_one - blue_zero);
            let cr = (cr - red_zero) * 127.0 / (red_one - red_zero);
            let r = cr * (2.0 - 2.0 * red) + y;
            let b = cb * (2.0 - 2.0 * blue) + y;
            [r, (y - b * blue - r * red) / green, b].map(byte)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inks_of_both_widths_give_the_same_colours() {
        // Pure red: no cyan, all magenta and yellow, no black; then black.
        let bytes = [0, 255, 255, 0, 0, 0, 0, 255];
        assert_eq!(inks_to_rgb(&bytes, 1), [255, 0, 0, 0, 0, 0]);
        let words: Vec<u8> = bytes.iter().flat_map(|ink| [*ink, *ink]).collect();
        assert_eq!(inks_to_rgb(&words, 2), [255, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    }
}
