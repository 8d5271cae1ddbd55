//! Which numbers can be values of an image.

/// Beyond this a number stands for "nothing" in files of floats, and sums of values would not stay finite in f32.
pub const LARGEST_VALUE: f64 = 1e37;

/// Finite numbers that stand for "nothing" in files of floats, with either sign, as they are in 64 and in 32 bits. The
/// interface has the same list.
const FILL_VALUES: [f64; 6] = [
    // netcdf.h: NC_FILL_FLOAT, NC_FILL_DOUBLE.
    9.969_209_968_386_869e36,
    // The bound itself.
    1e37,
    // CLM and CAM of NCAR: spval.
    1e36,
    // Ferret of NOAA: its flag for bad values.
    1e34,
    // CESM: SHR_CONST_SPVAL; MODFLOW: DHNOFLO, DHDRY.
    1e30,
    // CMIP data request: missing_value.
    1e20,
];

/// Whether a number can be a value of an image: finite, not beyond [`LARGEST_VALUE`], and none that is known to stand for
/// nothing.
#[inline]
pub fn is_value(number: f64) -> bool {
    let size = number.abs();
    // Nearly all of them are below, and the list is looked at for none of these.
    size < 9e19 || (size <= LARGEST_VALUE && !is_fill(size))
}

#[cold]
fn is_fill(size: f64) -> bool {
    FILL_VALUES
        .iter()
        .any(|fill| size == *fill || size == f64::from(*fill as f32))
}

#[cfg(test)]
mod tests {
    use super::is_value;

    #[test]
    fn what_stands_for_nothing_is_no_value_in_either_width() {
        for fill in [
            9.969_209_968_386_869e36,
            1e37,
            1e36,
            1e34,
            1e30,
            1e20,
            3.402_823_5e38,
            1.7e308,
            f64::NAN,
        ] {
            for number in [fill, -fill, f64::from(fill as f32), f64::from(-fill as f32)] {
                assert!(!is_value(number), "{number:e}");
            }
        }
        // Written short, as people do, and read into 32 bits.
        assert!(!is_value(f64::from(9.969_21e36_f32)));
        for number in [0.0, -1024.0, 1e19, 1.000_001e20, 9.99e29, 2e30, 1e33, 9e36, -65_535.0] {
            assert!(is_value(number) && is_value(-number), "{number:e}");
        }
    }
}
