//! A sheet of cases: the image with the reference's and the prediction's outlines.

use domain::{PixelPoint, Region};
use image::{Rgb, RgbImage};
use serde::Serialize;

use crate::ReportError;
use crate::legible::Repertoire;
use crate::picture::check_size;
use crate::picture::grey_map::rgb_png;
use crate::picture::outline::{STANDING, draw_outline};
use crate::picture::resample::{DrawnSize, resample};
use crate::png::page_png;
use crate::typeset::{Sheet, VirtualFile};
use crate::view::data_file;

/// Longest side of a drawn case, pixels.
const SIDE: u32 = 320;
const REFERENCE: Rgb<u8> = Rgb([255, 176, 0]);
const PEAK: Rgb<u8> = Rgb([255, 59, 107]);

static TEMPLATE: &str = concat!(
    include_str!("../../templates/common.typ"),
    include_str!("../../templates/cases.typ")
);

/// One image of an evaluation, with what the reference outlines and what the model found.
#[derive(Debug, Clone, PartialEq)]
pub struct CasePicture {
    /// Height in pixels.
    pub rows: u32,
    /// Width in pixels.
    pub cols: u32,
    /// 0..=255, row by row; `rows * cols` values.
    pub grey: Vec<u8>,
    /// What the reference outlines, in pixels of the image.
    pub reference: Vec<Region>,
    /// What the model found, in pixels of the image.
    pub predicted: Vec<Region>,
    /// Where the map is highest.
    pub peak: Option<PixelPoint>,
    /// What is said below the image; the first line is set in bold.
    pub lines: Vec<String>,
}

/// Cases under one heading.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseSection {
    /// The heading.
    pub title: String,
    /// A sentence below the heading.
    pub note: String,
    /// The cases, in the order of the sheet.
    pub pictures: Vec<CasePicture>,
}

#[derive(Serialize)]
struct SheetData<'a> {
    title: &'a str,
    sections: Vec<SectionData<'a>>,
}

#[derive(Serialize)]
struct SectionData<'a> {
    title: &'a str,
    note: &'a str,
    pictures: Vec<PictureData<'a>>,
}

#[derive(Serialize)]
struct PictureData<'a> {
    path: String,
    /// Width over height.
    aspect: f64,
    lines: &'a [String],
}

/// All sections under each other, six cases to a row, as one RGB PNG.
///
/// # Errors
/// When a case does not hold as many values as its size asks for, or the sheet cannot be made.
pub fn cases_png(title: &str, sections: &[CaseSection]) -> Result<Vec<u8>, ReportError> {
    let mut files = Vec::new();
    let mut shown = Vec::new();
    for section in sections {
        let mut pictures = Vec::new();
        for case in &section.pictures {
            let path = format!("/case-{}.png", files.len());
            files.push(VirtualFile::new(path.clone(), rgb_png(&draw(case)?)?));
            pictures.push(PictureData {
                path,
                aspect: f64::from(case.cols) / f64::from(case.rows),
                lines: &case.lines,
            });
        }
        shown.push(SectionData {
            title: &section.title,
            note: &section.note,
            pictures,
        });
    }
    let data = SheetData { title, sections: shown };
    files.push(data_file(&data, Repertoire::Full)?);
    let sheet = Sheet::new(TEMPLATE, files)?;
    let png = page_png(&sheet);
    typst::comemo::evict(0);
    png
}

fn draw(case: &CasePicture) -> Result<RgbImage, ReportError> {
    check_size(case.rows, case.cols, case.grey.len())?;
    let longest = f64::from(case.rows.max(case.cols));
    let scale = f64::from(SIDE) / longest;
    let drawn = |side: u32| ((f64::from(side) * scale).round() as u32).max(1);
    let size = DrawnSize {
        width: drawn(case.cols),
        height: drawn(case.rows),
    };
    let grey = resample(&case.grey, case.rows, case.cols, size, f32::from)?;
    let mut picture = RgbImage::from_fn(size.width, size.height, |x, y| {
        Rgb([grey[y as usize * size.width as usize + x as usize].round() as u8; 3])
    });
    for (regions, colour) in [(&case.reference, REFERENCE), (&case.predicted, STANDING)] {
        for region in regions {
            draw_outline(&mut picture, region, case.rows, case.cols, colour);
        }
    }
    if let Some(peak) = case.peak {
        let place = |at: u32| ((f64::from(at) + 0.5) * scale) as i64;
        let (x, y) = (place(peak.x), place(peak.y));
        for (dx, dy) in (-4..=4).flat_map(|d| [(d, 0), (0, d), (d, 1), (1, d)]) {
            let (x, y) = (u32::try_from(x + dx), u32::try_from(y + dy));
            if let (Ok(x), Ok(y)) = (x, y)
                && x < size.width
                && y < size.height
            {
                picture.put_pixel(x, y, PEAK);
            }
        }
    }
    Ok(picture)
}

#[cfg(test)]
mod tests {
    use domain::PixelBox;

    use super::*;

    fn square(left: u32, right: u32) -> Region {
        Region {
            bounds: PixelBox {
                x: left,
                y: 2,
                width: right - left,
                height: 3,
            },
            peak: PixelPoint { x: left, y: 2 },
            area_px: 3 * (right - left),
            area_mm2: None,
            outlines: vec![vec![[left, 2], [right, 2], [right, 5], [left, 5]]],
        }
    }

    fn case() -> CasePicture {
        CasePicture {
            rows: 10,
            cols: 20,
            grey: vec![90; 200],
            reference: vec![square(2, 5)],
            predicted: vec![square(10, 14)],
            peak: Some(PixelPoint { x: 17, y: 8 }),
            lines: vec!["P1 <#panic()>".into(), "score .912".into()],
        }
    }

    #[test]
    fn both_outlines_and_the_peak_are_where_they_belong() -> Result<(), ReportError> {
        let picture = draw(&case())?;
        assert_eq!((picture.width(), picture.height()), (320, 160));
        let found = |colour: Rgb<u8>| {
            let columns: Vec<u32> = picture
                .enumerate_pixels()
                .filter(|(_, _, p)| **p == colour)
                .map(|(x, _, _)| x)
                .collect();
            (columns.iter().min().copied(), columns.iter().max().copied())
        };
        assert_eq!(found(REFERENCE), (Some(31), Some(80)));
        assert_eq!(found(STANDING), (Some(159), Some(224)));
        assert_eq!(found(PEAK), (Some(276), Some(284)));
        Ok(())
    }

    #[test]
    fn a_sheet_grows_with_its_sections_and_takes_names_as_text() -> Result<(), Box<dyn std::error::Error>> {
        let section = |count: usize| CaseSection {
            title: "Worst".into(),
            note: "by Dice".into(),
            pictures: vec![case(); count],
        };
        let read = |png: Vec<u8>| image::load_from_memory(&png).map(|p| (p.width(), p.height()));
        let one = read(cases_png("made set", &[section(6)])?)?;
        let two = read(cases_png("made set", &[section(7), section(1)])?)?;
        let none = read(cases_png("made set", &[])?)?;
        assert_eq!((one.0, none.0), (two.0, two.0));
        assert!(none.1 < one.1 && one.1 < two.1, "{none:?} {one:?} {two:?}");
        Ok(())
    }

    #[test]
    fn a_case_with_too_few_values_is_refused() {
        let cut = CasePicture {
            grey: vec![0; 3],
            ..case()
        };
        let section = CaseSection {
            title: String::new(),
            note: String::new(),
            pictures: vec![cut],
        };
        assert!(matches!(
            cases_png("x", &[section]),
            Err(ReportError::ValueCount { found: 3, .. })
        ));
    }
}
