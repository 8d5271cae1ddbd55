//! Units of length as writers of image files name them.

/// Millimetres of one such unit; `None` where the name is none of a length that is known. Symbols of SI count with
/// their case (`Mm` is not `mm`), written names without it.
pub(crate) fn millimetres(name: &str) -> Option<f64> {
    let name = name.trim().trim_matches('"');
    let symbol = match name {
        "km" => Some(1e6),
        "m" => Some(1000.0),
        "dm" => Some(100.0),
        "cm" => Some(10.0),
        "mm" => Some(1.0),
        // Micro and mu, also as Java writes them out.
        "um" | "\u{b5}m" | "\u{3bc}m" | "\\u00B5m" | "\\u00b5m" | "\\u03BCm" | "\\u03bcm" => Some(0.001),
        "nm" => Some(1e-6),
        "pm" => Some(1e-9),
        "\u{c5}" | "\u{212b}" | "\\u00C5" | "\\u00c5" => Some(1e-7),
        _ => None,
    };
    if symbol.is_some() {
        return symbol;
    }
    let lower = name.to_lowercase();
    let singular = lower.strip_suffix('s').unwrap_or(&lower);
    match singular {
        "kilometer" | "kilometre" => Some(1e6),
        "meter" | "metre" => Some(1000.0),
        "centimeter" | "centimetre" => Some(10.0),
        "millimeter" | "millimetre" => Some(1.0),
        "micrometer" | "micrometre" | "micron" => Some(0.001),
        "nanometer" | "nanometre" => Some(1e-6),
        "angstrom" => Some(1e-7),
        "in" | "inch" | "inche" => Some(25.4),
        "ft" | "foot" | "feet" => Some(304.8),
        "thou" | "mil" => Some(0.0254),
        "pt" | "point" => Some(25.4 / 72.0),
        // In capitals a program's own spelling; mega is no unit of an image.
        "mm" | "cm" | "um" | "nm" if name != "Mm" => millimetres(singular),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::millimetres;

    #[test]
    fn names_of_lengths_are_known_and_others_are_not() {
        for (names, length) in [
            (&["mm", " mm", "\"mm\"", "MM", "Millimeters", "millimetre"][..], 1.0),
            (
                &[
                    "um",
                    "\u{b5}m",
                    "\u{3bc}m",
                    "micron",
                    "microns",
                    "Micrometers",
                    "\\u00B5m",
                ],
                0.001,
            ),
            (&["cm", "centimeter", "CM"], 10.0),
            (&["m", "meters", "Metre"], 1000.0),
            (&["nm", "nanometer"], 1e-6),
            (&["in", "inch", "inches", "Inch"], 25.4),
        ] {
            for name in names {
                assert_eq!(millimetres(name), Some(length), "{name}");
            }
        }
        for name in [
            "", "pixel", "pixels", "Mm", "s", "sec", "px", "voxel", "M", "mmm", "uM2", "none", "???",
        ] {
            assert_eq!(millimetres(name), None, "{name}");
        }
    }
}
