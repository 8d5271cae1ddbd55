//! The map's colours: one fixed scale for every image.

/// Colours at equal steps of the map value 0..=1: dark violet, crimson, orange, amber, pale yellow.
/// Lightness grows along the whole ramp, so the order survives grey printing and colour blindness.
const RAMP: [[f32; 3]; 6] = [
    [38.0, 8.0, 64.0],
    [104.0, 16.0, 96.0],
    [178.0, 32.0, 76.0],
    [232.0, 92.0, 32.0],
    [250.0, 176.0, 44.0],
    [255.0, 248.0, 200.0],
];

/// Below this map value nothing is drawn.
const CLEAR_BELOW: f32 = 0.05;
/// From this map value on the colour hides most of the image.
const FULL_FROM: f32 = 0.70;
const FULL_OPACITY: f32 = 0.85;

/// Colour of a map value 0..=1.
pub fn colour(value: f32) -> [f32; 3] {
    let steps = (RAMP.len() - 1) as f32;
    let place = value.clamp(0.0, 1.0) * steps;
    let low = (place as usize).min(RAMP.len() - 2);
    let share = place - low as f32;
    std::array::from_fn(|channel| RAMP[low][channel] * (1.0 - share) + RAMP[low + 1][channel] * share)
}

/// Opacity of a map value 0..=1: none for the normal, growing smoothly with the value.
pub fn opacity(value: f32) -> f32 {
    let share = ((value - CLEAR_BELOW) / (FULL_FROM - CLEAR_BELOW)).clamp(0.0, 1.0);
    FULL_OPACITY * share * share * (3.0 - 2.0 * share)
}

/// The colour of `value` laid over a grey of 0..=255.
pub fn over_grey(grey: f32, value: f32) -> [u8; 3] {
    let share = opacity(value);
    colour(value).map(|channel| (grey * (1.0 - share) + channel * share).round().clamp(0.0, 255.0) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance (ITU-R BT.709) of sRGB values 0..=255.
    fn luminance(rgb: [f32; 3]) -> f32 {
        let linear = rgb.map(|c| ((c / 255.0 + 0.055) / 1.055).powf(2.4));
        0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }

    #[test]
    fn higher_values_are_lighter_and_more_opaque() {
        for step in 0..1000 {
            let (low, high) = (step as f32 / 1000.0, (step + 1) as f32 / 1000.0);
            assert!(
                luminance(colour(high)) > luminance(colour(low)),
                "the ramp darkens at {low}"
            );
            assert!(opacity(high) >= opacity(low), "the ramp clears at {low}");
        }
    }

    #[test]
    fn normals_stay_clear_and_full_values_are_coloured() {
        for grey in [0.0, 77.0, 255.0] {
            assert_eq!(over_grey(grey, 0.0), [grey as u8; 3]);
            assert_eq!(over_grey(grey, 0.049), [grey as u8; 3]);
        }
        let [r, g, b] = over_grey(0.0, 0.8);
        assert!(r > g && g > b, "amber was {r},{g},{b}");
    }
}
