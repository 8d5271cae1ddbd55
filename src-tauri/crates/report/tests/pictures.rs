//! Key images and sheets, pixel by pixel.

mod common;

use ::report::{ReportError, key_image_png, render};
use common::*;
use domain::ReportFormat;
use domain::*;
use image::{Rgb, RgbImage};

const CYAN: Rgb<u8> = Rgb([0, 224, 255]);
const FLAT: Rgb<u8> = Rgb([90; 3]);

fn read(png: &[u8]) -> Result<RgbImage, Box<dyn std::error::Error>> {
    let read = image::load_from_memory_with_format(png, image::ImageFormat::Png)?;
    assert_eq!(read.color(), image::ColorType::Rgb8);
    Ok(read.into_rgb8())
}

fn flat(findings: Vec<ReportedFinding>) -> Result<KeyImage, InvalidUid> {
    let mut image = key_image(1, findings)?;
    image.grey = vec![90; image.grey.len()];
    if let Some(map) = &mut image.map {
        map.values = vec![0; map.values.len()];
        for y in 64..128 {
            map.values[y * 256 + 128..y * 256 + 192].fill(60000);
        }
    }
    Ok(image)
}

/// Left, top and side of the first square image of flat grey on the sheet.
fn flat_square(picture: &RgbImage) -> Option<[u32; 3]> {
    for (top, row) in picture.rows().enumerate() {
        let run = |from: usize| row.clone().skip(from).take_while(|pixel| **pixel == FLAT).count();
        let left = row.clone().position(|pixel| *pixel == FLAT);
        if let Some(left) = left.filter(|left| run(*left) > 300) {
            return Some([left as u32, top as u32, run(left) as u32]);
        }
    }
    None
}

/// Smallest box that holds every pixel that is as wanted, as left, top, right, bottom.
fn extent(picture: &RgbImage, wanted: impl Fn(&Rgb<u8>) -> bool) -> Option<[u32; 4]> {
    picture
        .enumerate_pixels()
        .filter(|(_, _, pixel)| wanted(pixel))
        .fold(None, |extent, (x, y, _)| {
            let [left, top, right, bottom] = extent.unwrap_or([x, y, x, y]);
            Some([left.min(x), top.min(y), right.max(x), bottom.max(y)])
        })
}

fn near(pixel: &Rgb<u8>, wanted: [u8; 3]) -> bool {
    pixel.0.iter().zip(wanted).all(|(a, b)| a.abs_diff(b) < 24)
}

/// A colour image keeps its colours beside the outlines; its map lies over its brightness.
#[test]
fn colours_stay_colours() -> Tested {
    const RED: Rgb<u8> = Rgb([200, 30, 10]);
    let mut image = flat(vec![])?;
    image.colours = Some(RED.0.repeat(image.grey.len()));
    let count = |image: &KeyImage| -> Result<usize, Box<dyn std::error::Error>> {
        let sheet = read(&key_image_png(image)?)?;
        Ok(sheet.pixels().filter(|pixel| **pixel == RED).count())
    };
    let coloured = count(&image)?;
    assert!(
        coloured > 300 * 300,
        "{coloured} pixels of the sheet have the image's colour"
    );
    image.colours = None;
    assert_eq!(count(&image)?, 0);
    image.colours = Some(vec![1, 2, 3]);
    assert!(key_image_png(&image).is_err());
    Ok(())
}

#[test]
fn the_outline_stands_where_the_region_is() -> Tested {
    let made = finding(1, "lesion", 0.9, [64, 96, 64, 32])?;
    let picture = read(&key_image_png(&flat(vec![ReportedFinding {
        finding: made,
        review: None,
    }])?)?)?;
    let [left, top, side] = flat_square(&picture).ok_or("no picture on the sheet")?;
    let drawn = image::imageops::crop_imm(&picture, left, top, side, side).to_image();
    let found = extent(&drawn, |p| near(p, CYAN.0)).ok_or("no outline was drawn")?;
    // 64..128 of 256 pixels across, 96..128 down; the chip with the number stands above the box.
    assert!(
        found[0].abs_diff(side / 4) <= 4 && found[2].abs_diff(side / 2) <= 4,
        "{found:?} of {side}"
    );
    assert!(found[3].abs_diff(side / 2) <= 4, "{found:?} of {side}");
    let upper_line = (0..4).any(|dy| near(drawn.get_pixel(side * 3 / 8, side * 3 / 8 - 2 + dy), CYAN.0));
    assert!(upper_line, "no line above the region");
    assert_eq!(
        *drawn.get_pixel(side * 3 / 8, side * 7 / 16),
        FLAT,
        "the region is painted over"
    );
    Ok(())
}

#[test]
fn the_map_colours_its_place_and_nothing_else() -> Tested {
    let picture = read(&key_image_png(&flat(Vec::new())?)?)?;
    let [left, top, side] = flat_square(&picture).ok_or("no picture on the sheet")?;
    // The second image ends as far from the right border as the first begins from the left one.
    let second_left = picture.width() - left - side;
    let at = |x: f64, y: f64| {
        *picture.get_pixel(
            second_left + (x * f64::from(side)) as u32,
            top + (y * f64::from(side)) as u32,
        )
    };
    let hot = at(160.0 / 256.0, 96.0 / 256.0);
    assert!(hot.0[0] > 180 && hot.0[0] > hot.0[2] + 60, "the map's place is {hot:?}");
    for (x, y) in [(0.1, 0.1), (0.4, 0.375), (0.85, 0.375), (0.6, 0.6)] {
        assert_eq!(at(x, y), FLAT, "the normal at {x}, {y} is coloured");
    }
    let left_picture = *picture.get_pixel(left + side * 160 / 256, top + side * 96 / 256);
    assert_eq!(left_picture, FLAT, "the map lies over the outlined picture too");
    Ok(())
}

#[test]
fn a_rejected_finding_is_outlined_in_grey() -> Tested {
    let made = finding(1, "lesion", 0.9, [64, 96, 64, 32])?;
    let review = Some(review(&made, Decision::Rejected, None));
    let picture = read(&key_image_png(&flat(vec![ReportedFinding { finding: made, review }])?)?)?;
    assert!(!picture.pixels().any(|p| near(p, CYAN.0)));
    assert!(picture.pixels().filter(|p| near(p, [168; 3])).count() > 500);
    Ok(())
}

#[test]
fn odd_pictures_are_drawn_and_wrong_ones_refused() -> Tested {
    let mut tiny = key_image(1, Vec::new())?;
    (tiny.rows, tiny.cols, tiny.grey, tiny.map) = (1, 1, vec![200], None);
    read(&key_image_png(&tiny)?)?;
    let mut thin = tiny.clone();
    (thin.rows, thin.cols, thin.grey) = (1, 5000, vec![9; 5000]);
    read(&key_image_png(&thin)?)?;
    let mut short = tiny.clone();
    short.cols = 2;
    assert!(matches!(
        key_image_png(&short),
        Err(ReportError::ValueCount { found: 1, .. })
    ));
    let mut wrong_map = tiny;
    wrong_map.map = Some(AnomalyMap {
        rows: 2,
        cols: 1,
        values: vec![0, 0],
    });
    assert!(matches!(
        key_image_png(&wrong_map),
        Err(ReportError::MapSize { map_rows: 2, .. })
    ));
    Ok(())
}

#[test]
fn the_sheet_shows_every_key_image_and_an_empty_study_says_so() -> Tested {
    let mut study = signed_study()?;
    let two = read(&render(&study, ReportFormat::Png)?)?;
    study.key_images.truncate(1);
    let one = read(&render(&study, ReportFormat::Png)?)?;
    study.key_images.clear();
    let none = read(&render(&study, ReportFormat::Png)?)?;
    assert!(two.height() > one.height() + 500 && one.height() > none.height() + 500);
    assert!(none.pixels().any(|p| p.0[0] < 80), "the empty sheet says nothing");
    Ok(())
}

#[test]
fn the_most_suspicious_image_comes_first_whatever_its_place() -> Tested {
    let study = signed_study()?;
    let mut turned = study.clone();
    turned.key_images.reverse();
    assert!(render(&study, ReportFormat::Png)? == render(&turned, ReportFormat::Png)?);
    Ok(())
}
