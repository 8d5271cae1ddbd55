//! A image file as it is to be seen: turned by its Orientation tag, with a pixel spacing where its resolution is one.

use domain::{Decoded, PixelArray, PixelData, Sentence, SpacingBasis};

use crate::exif::Tags;

/// Turns pixels and says what was done.
pub(crate) fn apply(decoded: &mut Decoded, tags: &Tags) {
    if let Some((spacing, words)) = spacing(tags) {
        match spacing {
            Some(spacing) => {
                decoded.header.image.pixel_spacing_mm = Some(spacing);
                decoded.facts.shared.pixel_spacing_mm = Some(spacing);
                decoded.facts.shared.pixel_spacing_basis = Some(SpacingBasis::ResolutionTag);
            }
            None => decoded.facts.notes.push(words),
        }
    }
    if tags.orientation == 1 {
        return;
    }
    turn(&mut decoded.pixels, tags.orientation);
    // Where no frame was wanted the pixels have their shape all the same.
    if let (true, Some([down, across])) = (tags.orientation >= 5, decoded.facts.shared.pixel_spacing_mm) {
        let swapped = Some([across, down]);
        decoded.header.image.pixel_spacing_mm = swapped;
        decoded.facts.shared.pixel_spacing_mm = swapped;
    }
    let words = "the file says how it is to be turned (its Orientation tag), and is shown so";
    decoded.facts.notes.push(Sentence::new("told.turned", [], words));
}

/// Row and column spacing in mm. ImageJ writes the unit of its calibration; any other resolution is that of a screen,
/// a scanner or a print, and only told.
fn spacing(tags: &Tags) -> Option<(Option<[f64; 2]>, Sentence)> {
    let [across, down] = tags.resolution;
    let (across, down) = (across?, down.or(across)?);
    let said = |name: &str| {
        let lines = tags.description.lines();
        lines.filter_map(|line| line.strip_prefix(name)).map(str::trim).next()
    };
    let imagej = tags.description.starts_with("ImageJ=");
    let unit_mm = match said("unit=").filter(|_| imagej) {
        Some("mm" | "millimeter" | "millimetre" | "millimeters") => Some(1.0),
        Some("cm" | "centimeter" | "centimetre") => Some(10.0),
        Some("m" | "meter" | "metre") => Some(1000.0),
        Some("inch" | "in") => Some(25.4),
        Some("um" | "micron" | "microns" | "micrometer" | "\u{b5}m" | "\u{3bc}m" | "\\u00B5m" | "\\u03BCm") => {
            Some(0.001)
        }
        Some("nm") => Some(0.000_001),
        _ => None,
    };
    let length = |per: f64, unit: f64| unit / per;
    let spacing = unit_mm.map(|unit| [length(down, unit), length(across, unit)]);
    // A file without a unit states a shape at most.
    let inch = match tags.unit {
        Some(2) => 1.0,
        Some(3) => 2.54,
        _ if spacing.is_some() => 1.0,
        _ => return None,
    };
    let dots = (across * inch).round();
    let words =
        format!("the file states {dots} dots an inch, which may be that of a screen or a print: lengths are in pixels");
    let values = [("dots", format!("{dots}").into())];
    Some((spacing, Sentence::new("told.resolution", values, words)))
}

/// Orientation 2 to 8 (TIFF 6.0, section 8): which corner of what is seen the first row and column lie at.
fn turn(pixels: &mut PixelArray, orientation: u8) {
    let (rows, cols) = (pixels.rows as usize, pixels.cols as usize);
    let swapped = orientation >= 5;
    let (new_rows, new_cols) = if swapped { (cols, rows) } else { (rows, cols) };
    // Where the pixel that is seen at a place lies in the file.
    let from = |row: usize, col: usize| match orientation {
        2 => (row, cols - 1 - col),
        3 => (rows - 1 - row, cols - 1 - col),
        4 => (rows - 1 - row, col),
        5 => (col, row),
        6 => (rows - 1 - col, row),
        7 => (rows - 1 - col, cols - 1 - row),
        8 => (col, cols - 1 - row),
        _ => (row, col),
    };
    let samples = pixels.samples as usize;
    let frame = pixels.frame_len();
    macro_rules! turned {
        ($($kind:ident),*) => {
            match &mut pixels.data {
                $(PixelData::$kind(values) => {
                    let mut seen = Vec::with_capacity(values.len());
                    for one in values.chunks_exact(frame.max(1)) {
                        for place in 0..new_rows * new_cols {
                            let (row, col) = from(place / new_cols, place % new_cols);
                            let at = (row * cols + col) * samples;
                            seen.extend_from_slice(one.get(at..at + samples).unwrap_or_default());
                        }
                    }
                    *values = seen;
                })*
            }
        };
    }
    turned!(U8, I8, U16, I16, U32, I32, F32, F64);
    if swapped {
        std::mem::swap(&mut pixels.rows, &mut pixels.cols);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn array(rows: u32, cols: u32, samples: u32, data: Vec<u8>) -> PixelArray {
        PixelArray {
            frames: 2,
            rows,
            cols,
            samples,
            data: PixelData::U8(data),
        }
    }

    #[test]
    fn an_image_is_seen_as_its_tag_says() {
        // F, which no turn and no mirror leaves as it is.
        let upright = ["##", "# ", "# "];
        let seen_as = [
            ["##", "# ", "# "],
            ["##", " #", " #"],
            [" #", " #", "##"],
            ["# ", "# ", "##"],
        ];
        let lying = [["###", "#  "], ["#  ", "###"], ["  #", "###"], ["###", "  #"]];
        let bytes = |lines: &[&str]| -> Vec<u8> { lines.concat().bytes().flat_map(|b| [b, b + 1]).collect() };
        let twice = |one: Vec<u8>| [one.clone(), one].concat();
        // What the file holds, so that turned by 1 to 8 it is upright.
        let holds = [
            (1, seen_as[0].to_vec()),
            (2, seen_as[1].to_vec()),
            (3, seen_as[2].to_vec()),
            (4, seen_as[3].to_vec()),
            (5, lying[0].to_vec()),
            (6, lying[1].to_vec()),
            (7, lying[2].to_vec()),
            (8, lying[3].to_vec()),
        ];
        for (orientation, file) in holds {
            let (rows, cols) = (file.len() as u32, file[0].len() as u32);
            let mut pixels = array(rows, cols, 2, twice(bytes(&file)));
            turn(&mut pixels, orientation);
            assert_eq!(pixels, array(3, 2, 2, twice(bytes(&upright))), "{orientation}");
        }
    }

    #[test]
    fn a_resolution_is_a_spacing_only_with_a_unit_of_imagej() {
        let tags = |unit, description: &str| Tags {
            orientation: 1,
            resolution: [Some(2.5), Some(5.0)],
            unit,
            description: description.into(),
        };
        let seen = |tags: &Tags| spacing(tags).map(|(spacing, _)| spacing);
        assert_eq!(seen(&tags(Some(1), "ImageJ=1.53\nunit=mm\n")), Some(Some([0.2, 0.4])));
        assert_eq!(seen(&tags(Some(3), "ImageJ=1.53\nunit=cm\n")), Some(Some([2.0, 4.0])));
        assert_eq!(seen(&tags(Some(2), "ImageJ=1.53\nunit=pixel\n")), Some(None));
        assert_eq!(seen(&tags(Some(2), "unit=mm")), Some(None));
        assert_eq!(seen(&tags(Some(1), "")), None);
        assert_eq!(seen(&Tags::default()), None);
    }
}
