//! A key image as two images: with outlines, and with its map laid over.

use domain::map_scale::{colour, over_grey};
use domain::{AnomalyMap, Decision, KeyImage, ReportedFinding};
use image::{Rgb, RgbImage};

use super::check_size;
use super::outline::{REJECTED, STANDING, draw_outline};
use super::resample::{DrawnSize, drawn_size, resample};
use crate::ReportError;

pub struct Drawn {
    pub size: DrawnSize,
    /// The image with the outline of every finding.
    pub outlined: RgbImage,
    /// The grey image under the map's colours; `None` when there is no map.
    pub mapped: Option<RgbImage>,
}

/// Draws both images at display size.
pub fn draw(image: &KeyImage) -> Result<Drawn, ReportError> {
    check_size(image.rows, image.cols, image.grey.len())?;
    if let Some(map) = &image.map {
        check_map(image, map)?;
    }
    let size = drawn_size(image.rows, image.cols, image.pixel_aspect);
    let grey = resample(&image.grey, image.rows, image.cols, size, f32::from)?;
    let mut outlined = match &image.colours {
        Some(colours) => {
            check_size(image.rows, image.cols, colours.len() / 3)?;
            let channel = |first: usize| {
                let levels: Vec<u8> = colours.iter().skip(first).step_by(3).copied().collect();
                resample(&levels, image.rows, image.cols, size, f32::from)
            };
            let [red, green, blue] = [channel(0)?, channel(1)?, channel(2)?];
            paint(size, |index| {
                [&red, &green, &blue].map(|levels| levels[index].round() as u8)
            })
        }
        None => paint(size, |index| [grey[index].round() as u8; 3]),
    };
    // Rejected ones first, so that a finding that stands is never hidden.
    let (rejected, standing): (Vec<_>, Vec<_>) = image.findings.iter().partition(|finding| is_rejected(finding));
    for (findings, colour) in [(rejected, REJECTED), (standing, STANDING)] {
        for reported in findings {
            draw_outline(&mut outlined, &reported.finding.region, image.rows, image.cols, colour);
        }
    }
    let mapped = match &image.map {
        Some(map) => {
            let values = resample(&map.values, map.rows, map.cols, size, f32::from)?;
            Some(paint(size, |index| {
                over_grey(grey[index], values[index].round() as u16)
            }))
        }
        None => None,
    };
    Ok(Drawn { size, outlined, mapped })
}

/// Width and height of the legend, in pixels that are nearly square where it is set.
const LEGEND: (u32, u32) = (512, 15);
/// From one line of its hatching to the next, in pixels.
const HATCHED_EVERY: u32 = 8;
const HATCHING: [u8; 3] = [150; 3];

/// The map's scale from 0 (left) to 1 (right) in its own colours, as the window shows it; hatched where nothing is drawn.
pub fn draw_legend() -> RgbImage {
    let (width, height) = LEGEND;
    RgbImage::from_fn(width, height, |x, y| {
        let value = (x as f32 / (width - 1) as f32 * 65_535.0).round() as u16;
        let line = (x + y) % HATCHED_EVERY < 2;
        Rgb(colour(value).unwrap_or(if line { HATCHING } else { [u8::MAX; 3] }))
    })
}

fn paint(size: DrawnSize, pixel: impl Fn(usize) -> [u8; 3]) -> RgbImage {
    RgbImage::from_fn(size.width, size.height, |x, y| {
        Rgb(pixel(y as usize * size.width as usize + x as usize))
    })
}

fn is_rejected(reported: &ReportedFinding) -> bool {
    reported
        .review
        .as_ref()
        .is_some_and(|review| review.decision == Decision::Rejected)
}

fn check_map(image: &KeyImage, map: &AnomalyMap) -> Result<(), ReportError> {
    if (map.rows, map.cols) != (image.rows, image.cols) {
        return Err(ReportError::MapSize {
            instance: image.sop_instance_uid.clone(),
            rows: image.rows,
            cols: image.cols,
            map_rows: map.rows,
            map_cols: map.cols,
        });
    }
    check_size(map.rows, map.cols, map.values.len())
}

#[cfg(test)]
mod tests {
    use domain::map_scale::{FIRST_DRAWN, FLOOR};

    use super::*;

    #[test]
    fn the_legend_has_the_colours_of_the_map_and_hatching_where_nothing_is_drawn() {
        let legend = draw_legend();
        let last = (legend.width() - 1) as f32;
        let mut hatched = vec![];
        for (x, _, Rgb(pixel)) in legend.enumerate_pixels() {
            match colour((x as f32 / last * 65_535.0).round() as u16) {
                Some(drawn) => assert_eq!(*pixel, drawn, "{x}"),
                None => hatched.push(*pixel),
            }
        }
        let share = hatched.len() as f32 / (legend.width() * legend.height()) as f32;
        assert!((share - FLOOR).abs() < 0.01, "{share}");
        assert!(hatched.iter().all(|pixel| [HATCHING, [255; 3]].contains(pixel)));
        assert!(hatched.contains(&HATCHING) && hatched.contains(&[255; 3]));
    }

    #[test]
    fn the_report_draws_a_map_from_the_floor_on_that_its_legend_names() -> Result<(), ReportError> {
        let template = include_str!("../../templates/common.typ");
        let floor = format!("#let map-floor = {}%", (FLOOR * 100.0).round());
        assert!(template.contains(&floor), "the template has another floor than {floor}");
        let image = |value: u16| KeyImage {
            map: Some(AnomalyMap {
                rows: 8,
                cols: 8,
                values: vec![value; 64],
            }),
            series_instance_uid: domain::Uid::from_bits([1; 16]),
            sop_instance_uid: domain::Uid::from_bits([2; 16]),
            frame: 0,
            instance_number: None,
            rows: 8,
            cols: 8,
            grey: vec![77; 64],
            colours: None,
            findings: vec![],
            pixel_aspect: 1.0,
        };
        for value in [0, 8_000, FIRST_DRAWN - 1, FIRST_DRAWN, 40_000, u16::MAX] {
            let mapped = draw(&image(value))?.mapped;
            let drawn = mapped
                .iter()
                .flat_map(|image| image.pixels())
                .any(|pixel| *pixel != Rgb([77; 3]));
            assert_eq!(drawn, colour(value).is_some(), "{value}");
        }
        Ok(())
    }
}
