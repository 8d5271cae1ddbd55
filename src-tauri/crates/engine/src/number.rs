//! Conversions between kinds of numbers in which something may be lost, and where that is meant.

/// To the nearest 32-bit float: figures are computed in 64 bits and kept in 32.
#[allow(
    clippy::cast_possible_truncation,
    reason = "the loss of precision is what is asked for"
)]
pub fn narrow(value: f64) -> f32 {
    value as f32
}

/// The nearest whole number; the nearest end of its range for what lies outside, 0 for what is no number.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast from a float ends at the ends of the range"
)]
pub fn rounded(value: f64) -> u32 {
    value.round() as u32
}

/// A count of things in memory; of more than a u32 holds, as many as it holds.
pub fn count(things: usize) -> u32 {
    u32::try_from(things).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_outside_becomes_the_nearest_end() {
        assert_eq!(
            [2.5, -3.0, 1e300, f64::NAN, f64::INFINITY].map(rounded),
            [3, 0, u32::MAX, 0, u32::MAX]
        );
        assert_eq!(count(usize::MAX), u32::MAX);
        assert!((narrow(0.1) - 0.1f32).abs() < f32::EPSILON);
    }
}
