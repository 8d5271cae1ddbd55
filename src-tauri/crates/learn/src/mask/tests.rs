use std::error::Error;

use domain::PixelPoint;
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64;

use super::Mask;
use crate::LearnError;

/// `#` is set.
fn drawn(lines: &[&str]) -> Result<Mask, LearnError> {
    let cols = lines.first().map_or(0, |line| line.len());
    let pixels: Vec<u8> = lines.iter().flat_map(|line| line.bytes()).collect();
    Mask::from_fn(lines.len() as u32, cols as u32, |index| pixels[index] == b'#')
}

#[test]
fn counts_and_points_match_the_pixels_they_came_from() -> Result<(), Box<dyn Error>> {
    let mut rng = Pcg64::seed_from_u64(3);
    for _ in 0..40 {
        let (rows, cols) = (rng.random_range(1..20u32), rng.random_range(1..20u32));
        let one: Vec<bool> = (0..rows * cols).map(|_| rng.random_bool(0.4)).collect();
        let two: Vec<bool> = (0..rows * cols).map(|_| rng.random_bool(0.3)).collect();
        let (first, second) = (
            Mask::from_fn(rows, cols, |i| one[i])?,
            Mask::from_fn(rows, cols, |i| two[i])?,
        );
        assert_eq!(first.area_px() as usize, one.iter().filter(|set| **set).count());
        let shared = one.iter().zip(&two).filter(|(a, b)| **a && **b).count();
        assert_eq!(first.intersection_px(&second) as usize, shared);
        assert_eq!(second.intersection_px(&first) as usize, shared);
        for y in 0..rows {
            for x in 0..cols {
                assert_eq!(first.contains(PixelPoint { x, y }), one[(y * cols + x) as usize]);
            }
        }
        assert!(!first.contains(PixelPoint { x: cols, y: 0 }));
        assert!(!first.contains(PixelPoint { x: 0, y: rows }));
    }
    Ok(())
}

#[test]
fn components_join_over_corners_and_not_over_row_ends() -> Result<(), Box<dyn Error>> {
    let mask = drawn(&["##..#", "..#..", "#...#", "#.#.#"])?;
    let areas: Vec<u32> = mask.components().iter().map(Mask::area_px).collect();
    // Top left with the diagonal pixel; the diagonal meets the top right pixel only through (3, 0): it does not.
    assert_eq!(areas, [3, 1, 2, 2, 1]);
    // The last pixel of a row and the first of the next are neighbours in memory only.
    assert_eq!(drawn(&["..#", "#.."])?.components().len(), 2);
    assert!(drawn(&["...", "..."])?.components().is_empty());
    Ok(())
}

#[test]
fn components_match_a_flood_fill() -> Result<(), Box<dyn Error>> {
    let mut rng = Pcg64::seed_from_u64(11);
    for _ in 0..60 {
        let (rows, cols) = (rng.random_range(1..16u32), rng.random_range(1..16u32));
        let pixels: Vec<bool> = (0..rows * cols).map(|_| rng.random_bool(0.35)).collect();
        let mask = Mask::from_fn(rows, cols, |i| pixels[i])?;
        let mut expected = flood_fill_areas(rows as i32, cols as i32, &pixels);
        let mut found: Vec<u32> = mask.components().iter().map(Mask::area_px).collect();
        expected.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, expected);
    }
    Ok(())
}

fn flood_fill_areas(rows: i32, cols: i32, pixels: &[bool]) -> Vec<u32> {
    let mut left = pixels.to_vec();
    let mut areas = Vec::new();
    for start in 0..rows * cols {
        let mut stack = vec![start];
        let mut area = 0;
        while let Some(at) = stack.pop() {
            if !std::mem::take(&mut left[at as usize]) {
                continue;
            }
            area += 1;
            for (dy, dx) in (-1..=1).flat_map(|dy| (-1..=1).map(move |dx| (dy, dx))) {
                let (y, x) = (at / cols + dy, at % cols + dx);
                if (0..rows).contains(&y) && (0..cols).contains(&x) {
                    stack.push(y * cols + x);
                }
            }
        }
        if area > 0 {
            areas.push(area);
        }
    }
    areas
}

#[test]
fn outlines_fill_their_inside_and_cut_holes() -> Result<(), Box<dyn Error>> {
    let square = vec![[1, 1], [5, 1], [5, 5], [1, 5]];
    let hole = vec![[2, 2], [3, 2], [3, 3], [2, 3]];
    let filled = Mask::from_outlines(6, 6, std::slice::from_ref(&square))?;
    assert_eq!(
        filled,
        drawn(&["......", ".####.", ".####.", ".####.", ".####.", "......"])?
    );
    let cut = Mask::from_outlines(6, 6, &[square, hole])?;
    assert_eq!(
        cut,
        drawn(&["......", ".####.", ".#.##.", ".####.", ".####.", "......"])?
    );
    // Two squares side by side are one run per row.
    let left = vec![[0, 0], [2, 0], [2, 1], [0, 1]];
    let right = vec![[2, 0], [4, 0], [4, 1], [2, 1]];
    assert_eq!(Mask::from_outlines(1, 4, &[left, right])?, drawn(&["####"])?);
    Ok(())
}

#[test]
fn an_outline_beyond_the_picture_and_a_huge_mask_are_refused() {
    let below = vec![[0, 0], [1, 0], [1, 9], [0, 9]];
    assert_eq!(
        Mask::from_outlines(4, 4, &[below]),
        Err(LearnError::BrokenOutline { row: 4 })
    );
    for broken in [vec![[0, 0], [2, 2], [0, 2]], vec![[0, 0], [9, 0], [9, 1], [0, 1]]] {
        assert_eq!(
            Mask::from_outlines(4, 4, &[broken]),
            Err(LearnError::BrokenOutline { row: 0 })
        );
    }
    assert!(matches!(Mask::empty(70_000, 1), Err(LearnError::MaskTooLarge { .. })));
    assert!(matches!(
        Mask::at_or_above(2, 2, &[1u8, 2, 3], 1),
        Err(LearnError::Length {
            expected: 4,
            got: 3,
            ..
        })
    ));
}
