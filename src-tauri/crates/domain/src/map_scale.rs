//! How an anomaly map is drawn: one scale for every image, on the screen and in the report.
//!
//! A map holds 0..=65535 for 0..=1. It is never stretched to its image, so that a healthy one stays dark.

/// Below this share nothing is drawn: a map says nothing there that a person should look at.
pub const FLOOR: f32 = 0.2;
/// The first value that is drawn, [`FLOOR`] of 65,535.
pub const FIRST_DRAWN: u16 = 13_107;
/// How much of the image the colours hide on a screen, 0..=1, as long as nobody chose otherwise.
pub const OPACITY: f64 = 0.5;
/// Likewise in a report, where the image without them stands beside it.
const REPORT_OPACITY: f32 = 0.85;

/// Colours at shares of the scale: dark amber to nearly white. Lightness grows along the whole ramp, so that the order
/// survives grey printing and colour blindness.
const RAMP: [(f32, [f32; 3]); 5] = [
    (0.0, [60.0, 20.0, 8.0]),
    (0.2, [110.0, 36.0, 10.0]),
    (0.5, [214.0, 96.0, 16.0]),
    (0.75, [247.0, 176.0, 60.0]),
    (1.0, [255.0, 247.0, 210.0]),
];

/// Colour (red, green, blue) of a value of a map; `None` below the floor.
pub fn colour(value: u16) -> Option<[u8; 3]> {
    let [level, _] = value.to_be_bytes();
    (value >= FIRST_DRAWN).then(|| colour_of_level(level))
}

/// Colour of the 256 values whose upper byte this is.
pub fn colour_of_level(level: u8) -> [u8; 3] {
    let share = (f32::from(level) + 0.5) / 256.0;
    let mut steps = RAMP.windows(2);
    let Some([(low_at, low), (high_at, high)]) =
        steps.find_map(|pair| <[_; 2]>::try_from(pair).ok().filter(|[_, (high, _)]| share <= *high))
    else {
        return [u8::MAX; 3];
    };
    let part = (share - low_at) / (high_at - low_at);
    std::array::from_fn(|channel| {
        let [low, high] = [low, high].map(|colour| colour.get(channel).copied().unwrap_or_default());
        (low + (high - low) * part).round() as u8
    })
}

/// `value` laid over a grey of 0..=255, as a report shows it.
pub fn over_grey(grey: f32, value: u16) -> [u8; 3] {
    let under = grey.clamp(0.0, 255.0);
    let Some(colour) = colour(value) else {
        return [under.round() as u8; 3];
    };
    colour.map(|channel| (under * (1.0 - REPORT_OPACITY) + f32::from(channel) * REPORT_OPACITY).round() as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance (ITU-R BT.709) of sRGB values 0..=255.
    fn luminance(rgb: [u8; 3]) -> f32 {
        let linear = rgb.map(|c| ((f32::from(c) / 255.0 + 0.055) / 1.055).powf(2.4));
        0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }

    #[test]
    fn higher_values_are_lighter() {
        for level in 0..u8::MAX {
            let [low, high] = [level, level + 1].map(|level| luminance(colour_of_level(level)));
            assert!(high >= low, "the ramp darkens at {level}");
        }
        for level in 0..=u8::MAX - 8 {
            let [low, high] = [level, level + 8].map(|level| luminance(colour_of_level(level)));
            assert!(high > low, "the ramp stands still at {level}");
        }
        assert_eq!(colour_of_level(0), [60, 20, 8]);
        assert_eq!(colour_of_level(u8::MAX), [255, 246, 209]);
    }

    #[test]
    fn nothing_is_drawn_below_the_floor_and_everything_from_it_on() {
        assert_eq!(f32::from(FIRST_DRAWN) / 65_535.0, FLOOR);
        for grey in [0u8, 77, 255] {
            for value in [0, 3_276, FIRST_DRAWN - 1] {
                assert_eq!(colour(value), None);
                assert_eq!(over_grey(grey.into(), value), [grey; 3]);
            }
            for value in [FIRST_DRAWN, 40_000, u16::MAX] {
                assert!(colour(value).is_some());
                assert_ne!(over_grey(grey.into(), value), [grey; 3]);
            }
        }
    }
}
