//! What other machines and archives do to an image: local contrast (CLAHE) and loss of JPEG.

/// Tiles a side, and grey levels, of the local histograms.
const TILES: usize = 4;
const LEVELS: usize = 64;
/// A level of a tile's histogram counts at most this many times its share.
const CLIP: f32 = 3.0;

/// Contrast-limited adaptive histogram equalisation (Zuiderveld, 1994), mixed into the image by
/// `share`. The image keeps its range.
pub fn local_contrast(image: &mut [f32], size: usize, share: f32) {
    let (low, high) = range(image);
    let span = (high - low).max(1e-3);
    let level = |v: f32| (((v - low) / span * (LEVELS - 1) as f32) as usize).min(LEVELS - 1);
    let tile = size.div_ceil(TILES);
    let curves: Vec<[f32; LEVELS]> = (0..TILES * TILES)
        .map(|at| equalising_curve(image, size, tile, (at % TILES, at / TILES), &level))
        .collect();
    let mut equalised = vec![0.0; image.len()];
    for (at, value) in image.iter().enumerate() {
        let along = |place: usize| {
            let place = ((place as f32 + 0.5) / tile as f32 - 0.5).clamp(0.0, (TILES - 1) as f32);
            let first = (place as usize).min(TILES - 2);
            (first, place - first as f32)
        };
        let ((x, fx), (y, fy)) = (along(at % size), along(at / size));
        let curve = |x: usize, y: usize| curves[y * TILES + x][level(*value)];
        let upper = curve(x, y) * (1.0 - fx) + curve(x + 1, y) * fx;
        let lower = curve(x, y + 1) * (1.0 - fx) + curve(x + 1, y + 1) * fx;
        equalised[at] = low + span * (upper * (1.0 - fy) + lower * fy);
    }
    image
        .iter_mut()
        .zip(equalised)
        .for_each(|(v, e)| *v += share * (e - *v));
}

fn equalising_curve(
    image: &[f32],
    size: usize,
    tile: usize,
    (column, row): (usize, usize),
    level: &impl Fn(f32) -> usize,
) -> [f32; LEVELS] {
    let mut counts = [0f32; LEVELS];
    for y in row * tile..((row + 1) * tile).min(size) {
        for x in column * tile..((column + 1) * tile).min(size) {
            counts[level(image[y * size + x])] += 1.0;
        }
    }
    let all: f32 = counts.iter().sum::<f32>().max(1.0);
    let most = CLIP * all / LEVELS as f32;
    let over: f32 = counts.iter().map(|c| (c - most).max(0.0)).sum();
    let mut sum = 0.0;
    counts.map(|c| {
        sum += c.min(most) + over / LEVELS as f32;
        sum / all
    })
}

/// Luminance quantisation of JPEG (ITU-T T.81, table K.1).
const QUANTISATION: [u8; 64] = [
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51,
    87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101,
    72, 92, 95, 98, 112, 100, 103, 99,
];

/// The loss of JPEG without its file: blocks of 8 x 8 through the cosine transform, rounded to
/// `coarseness` fifths of the standard table, and back. Five is the quality 50 of common encoders.
pub fn jpeg(image: &mut [f32], size: usize, coarseness: f32) {
    let (low, high) = range(image);
    let unit = (high - low).max(1e-3) / 255.0;
    let basis: [[f32; 8]; 8] = std::array::from_fn(|k| {
        let scale = if k == 0 { 0.125f32.sqrt() } else { 0.5 };
        std::array::from_fn(|x| scale * ((2 * x + 1) as f32 * k as f32 * std::f32::consts::PI / 16.0).cos())
    });
    for top in (0..size.saturating_sub(7)).step_by(8) {
        for left in (0..size.saturating_sub(7)).step_by(8) {
            let mut block: [[f32; 8]; 8] =
                std::array::from_fn(|y| std::array::from_fn(|x| (image[(top + y) * size + left + x] - low) / unit));
            block = transform(&block, &basis, false);
            for (k, value) in block.iter_mut().flatten().enumerate() {
                let step = f32::from(QUANTISATION[k]) * coarseness / 5.0;
                *value = (*value / step).round() * step;
            }
            block = transform(&block, &basis, true);
            for (y, line) in block.iter().enumerate() {
                let start = (top + y) * size + left;
                image[start..start + 8]
                    .iter_mut()
                    .zip(line)
                    .for_each(|(v, b)| *v = low + b * unit);
            }
        }
    }
}

/// The cosine transform of a block along both sides, or its inverse.
fn transform(block: &[[f32; 8]; 8], basis: &[[f32; 8]; 8], back: bool) -> [[f32; 8]; 8] {
    let weight = |k: usize, x: usize| if back { basis[x][k] } else { basis[k][x] };
    let rows: [[f32; 8]; 8] =
        std::array::from_fn(|y| std::array::from_fn(|k| (0..8).map(|x| block[y][x] * weight(k, x)).sum()));
    std::array::from_fn(|k| std::array::from_fn(|x| (0..8).map(|y| rows[y][x] * weight(k, y)).sum()))
}

fn range(image: &[f32]) -> (f32, f32) {
    image
        .iter()
        .fold((f32::INFINITY, f32::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A fine weave of little contrast, and one bright pixel.
    fn weave(size: usize) -> Vec<f32> {
        (0..size * size)
            .map(|i| if i == 7 { 4.0 } else { 0.1 * ((i + i / size) % 2) as f32 })
            .collect()
    }

    #[test]
    fn local_contrast_spreads_a_narrow_range_and_keeps_the_whole() {
        let before = weave(64);
        let mut after = before.clone();
        local_contrast(&mut after, 64, 1.0);
        let spread = |v: &[f32]| (v[64 * 40 + 31] - v[64 * 40 + 30]).abs();
        assert!(
            spread(&after) > 1.5 * spread(&before),
            "{} {}",
            spread(&before),
            spread(&after)
        );
        let (low, high) = range(&after);
        assert!(low >= -1e-4 && high <= 4.0 + 1e-4);
        let mut same = before.clone();
        local_contrast(&mut same, 64, 0.0);
        assert_eq!(same, before);
    }

    #[test]
    fn jpeg_loses_a_little_and_more_when_coarser() {
        let before: Vec<f32> = (0..64 * 64).map(|i| ((i * 7) % 23) as f32 / 5.0 - 2.0).collect();
        let loss = |coarseness| {
            let mut after = before.clone();
            jpeg(&mut after, 64, coarseness);
            before.iter().zip(&after).map(|(a, b)| (a - b).abs()).sum::<f32>() / before.len() as f32
        };
        assert!(loss(1e-4) < 1e-3, "{}", loss(1e-4));
        assert!(loss(1.0) > 1e-3 && loss(5.0) > loss(1.0));
    }
}
