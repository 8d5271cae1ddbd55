//! An image file as it is to be seen: turned by its Orientation tag, with a pixel spacing where it states one in a unit
//! of length, and with the values and the range that its program wrote beside it.

use domain::{Decoded, PixelArray, PixelData, Rescale, Sentence, SentenceCode, SpacingBasis, Window};

use crate::{
    calibration::{Calibration, of_description},
    exif::Tags,
    note,
};

/// Turns pixels and says what was done.
pub(crate) fn apply(decoded: &mut Decoded, tags: &Tags) {
    let calibration = of_description(&tags.description).unwrap_or_default();
    let (spacing, said) = spacing(tags, &calibration);
    if let Some(spacing) = spacing {
        decoded.header.image.pixel_spacing_mm = Some(spacing);
        decoded.facts.shared.pixel_spacing_mm = Some(spacing);
        decoded.facts.shared.pixel_spacing_basis = Some(SpacingBasis::ResolutionTag);
    }
    decoded.facts.notes.extend(said);
    calibrate(decoded, calibration);
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
    let words = "the file says how it is to be turned (its Orientation tag); it is shown turned";
    decoded
        .facts
        .notes
        .push(Sentence::new(SentenceCode::ToldTurned, [], words));
}

/// Slices, values and the range that is shown, of an image of one number for each pixel.
fn calibrate(decoded: &mut Decoded, calibration: Calibration) {
    let image = &mut decoded.header.image;
    if image.frames > 1 {
        image.slice_thickness_mm = calibration.slice_mm.or(image.slice_thickness_mm);
    }
    let grey = image.photometric_interpretation.starts_with("MONOCHROME");
    let (slope, intercept) = calibration.rescale.filter(|_| grey).unwrap_or((1.0, 0.0));
    if calibration.rescale.is_some() && grey {
        image.rescale = Rescale { slope, intercept };
        decoded.facts.shared.unit = calibration.value_unit;
    }
    if let Some([low, high]) = calibration.range.filter(|_| grey) {
        image.windows = vec![Window {
            center: intercept + slope * (low + high) / 2.0,
            width: slope.abs() * (high - low),
        }];
    }
    decoded.facts.notes.extend(calibration.notes);
}

/// Row and column spacing in mm, and what is said of it. This is the one rule for every format: a program that wrote the
/// size of a pixel in a unit of length is believed; any other resolution may be that of a screen, a scanner or a print,
/// and is told; pixels that are not square are told too.
fn spacing(tags: &Tags, calibration: &Calibration) -> (Option<[f64; 2]>, Vec<Sentence>) {
    let by = calibration.by;
    if calibration.pixel_mm.is_some() {
        return (calibration.pixel_mm, vec![note::pixel_size(by)]);
    }
    let [across, down] = tags.resolution;
    let Some((across, down)) = across.zip(down.or(across)) else {
        return (None, vec![]);
    };
    if let Some(unit) = calibration.unit_mm {
        return (Some([unit / down, unit / across]), vec![note::pixel_size(by)]);
    }
    let mut said = vec![];
    if (across / down - 1.0).abs() > 0.01 {
        let shape = format!("{across:.4} : {down:.4}");
        said.push(note::field_left_out("pixels across : down for a length", &shape));
    }
    // A file without a unit states a shape at most.
    let inch = match tags.unit {
        Some(2) | None => 1.0,
        Some(3) => 2.54,
        _ => return (None, said),
    };
    said.push(note::resolution((across * inch).round()));
    (None, said)
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
    fn a_resolution_is_a_spacing_only_with_a_unit_that_a_program_wrote() {
        let tags = |unit, description: &str| Tags {
            orientation: 1,
            resolution: [Some(2.5), Some(5.0)],
            unit,
            description: description.into(),
        };
        let seen = |tags: &Tags| {
            let calibration = of_description(&tags.description).unwrap_or_default();
            let (found, said) = spacing(tags, &calibration);
            let codes: Vec<String> = said
                .iter()
                .filter_map(|note| note.code_name())
                .map(str::to_owned)
                .collect();
            (found, codes.join(" "))
        };
        let shape = "file.field_left_out";
        for (unit, description, found, said) in [
            (Some(1), "ImageJ=1.53\nunit=mm\n", Some([0.2, 0.4]), "told.pixel_size"),
            (Some(3), "ImageJ=1.53\nunit=cm\n", Some([2.0, 4.0]), "told.pixel_size"),
            (
                Some(2),
                "ImageJ=1.53\nunit=pixel\n",
                None,
                "file.field_left_out told.resolution",
            ),
            (Some(2), "unit=mm", None, "file.field_left_out told.resolution"),
            (None, "", None, "file.field_left_out told.resolution"),
            (Some(1), "", None, shape),
            (
                Some(2),
                "<OME><Image><Pixels PhysicalSizeX=\"2\" PhysicalSizeY=\"4\"/></Image></OME>",
                Some([0.004, 0.002]),
                "told.pixel_size",
            ),
        ] {
            assert_eq!(
                seen(&tags(unit, description)),
                (found, said.to_owned()),
                "{unit:?} {description}"
            );
        }
        assert_eq!(seen(&Tags::default()), (None, String::new()));
    }
}
