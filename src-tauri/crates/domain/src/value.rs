//! Which numbers can be values of an image.

/// Beyond this a number stands for "nothing" in files of floats, and sums of values would not stay finite in f32.
pub const LARGEST_VALUE: f64 = 1e37;

/// Whether a number can be a value of an image: finite, and not beyond [`LARGEST_VALUE`].
#[inline]
pub fn is_value(number: f64) -> bool {
    number.abs() <= LARGEST_VALUE
}
