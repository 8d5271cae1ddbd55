//! The phantom's promises, over many heads.

use samples::{CaseSpec, MAX_VALUE, Slice, lesion_height_mm, slice, volume};

fn case(seed: u64, lesion: bool) -> CaseSpec {
    CaseSpec {
        seed,
        lesion,
        size: 256,
    }
}

/// The slice through the middle of the case's lesion, and the same head without it.
fn pair(seed: u64) -> (Slice, Slice) {
    let (height, _) = lesion_height_mm(case(seed, true)).expect("the case was asked for with a lesion");
    (slice(case(seed, true), height), slice(case(seed, false), height))
}

fn mean(values: impl Iterator<Item = u16>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + f64::from(value), count + 1.0));
    sum / count
}

fn mean_where(slice: &Slice, mask: &[bool]) -> f64 {
    mean(
        slice
            .values
            .iter()
            .zip(mask)
            .filter(|(_, inside)| **inside)
            .map(|(value, _)| *value),
    )
}

/// Pixels outside of the mask that have one of it within `reach` pixels.
fn ring(mask: &[bool], size: usize, reach: usize) -> Vec<bool> {
    let near = |index: usize| {
        let (row, col) = (index / size, index % size);
        (row.saturating_sub(reach)..(row + reach + 1).min(size))
            .any(|r| (col.saturating_sub(reach)..(col + reach + 1).min(size)).any(|c| mask[r * size + c]))
    };
    (0..mask.len()).map(|index| !mask[index] && near(index)).collect()
}

#[test]
fn a_seed_gives_one_slice_and_another_seed_another() {
    assert_eq!(slice(case(5, true), 20.0), slice(case(5, true), 20.0));
    assert_ne!(slice(case(5, true), 20.0).values, slice(case(6, true), 20.0).values);
    assert_ne!(slice(case(5, true), 20.0).values, slice(case(5, true), 20.5).values);
}

#[test]
fn a_slice_does_not_hang_on_what_was_made_before() {
    let volume = volume(case(9, true), 5, 6.0);
    for picture in volume.iter().rev() {
        let alone = slice(case(9, true), picture.position_mm[2] as f32);
        assert_eq!(&alone, picture, "at {} mm", picture.position_mm[2]);
    }
}

#[test]
fn a_volume_is_evenly_spaced_and_shows_its_lesion() {
    for seed in 0..6 {
        let with = volume(case(seed, true), 9, 8.0);
        for two in with.windows(2) {
            assert!((two[1].position_mm[2] - two[0].position_mm[2] - 8.0).abs() < 1e-4);
        }
        let lesion_px = |slices: &[Slice]| slices.iter().flat_map(|s| &s.mask).filter(|inside| **inside).count();
        let (_, radius_mm) = lesion_height_mm(case(seed, true)).expect("asked for with a lesion");
        assert!(
            radius_mm < 8.0 || lesion_px(&with) > 50,
            "seed {seed}: radius {radius_mm} mm is not seen"
        );
        assert_eq!(lesion_px(&volume(case(seed, false), 9, 8.0)), 0, "seed {seed}");
    }
    assert!(volume(case(1, true), 0, 8.0).is_empty());
}

#[test]
fn only_a_case_with_a_lesion_has_a_mask_and_a_height() {
    for seed in 0..60 {
        let (with, without) = pair(seed);
        let area_mm2 = with.mask.iter().filter(|inside| **inside).count() as f64
            * with.pixel_spacing_mm[0]
            * with.pixel_spacing_mm[1];
        // A disk of 3.4 mm, and one of 70 mm.
        assert!(
            (9.0..3900.0).contains(&area_mm2),
            "seed {seed}: lesion of {area_mm2} mm2"
        );
        assert!(without.mask.iter().all(|inside| !inside), "seed {seed}");
        assert_eq!(lesion_height_mm(case(seed, false)), None);
    }
}

#[test]
fn lesions_are_brighter_than_what_surrounds_them_and_not_saturated() {
    let seeds = 60;
    let mut brighter = 0;
    for seed in 0..seeds {
        let (with, without) = pair(seed);
        let around = ring(&with.mask, 256, 6);
        let inside = mean_where(&with, &with.mask);
        // The same pixels of the same head without its lesion.
        assert!(
            inside > 1.05 * mean_where(&without, &with.mask),
            "seed {seed}: not brighter than healthy tissue"
        );
        brighter += u64::from(inside > 1.05 * mean_where(&with, &around));
        let saturated = with
            .values
            .iter()
            .zip(&with.mask)
            .filter(|(v, m)| **m && **v >= MAX_VALUE)
            .count();
        assert_eq!(saturated, 0, "seed {seed}");
    }
    assert_eq!(brighter, seeds, "lesions that are brighter than the ring around them");
}

#[test]
fn far_from_the_lesion_the_head_is_the_same_with_and_without() {
    for seed in [3, 8, 21] {
        let (with, without) = pair(seed);
        let corner = |s: &Slice| s.values[..256 * 12].to_vec();
        assert_eq!(corner(&with), corner(&without), "seed {seed}");
        assert_eq!(with.pixel_spacing_mm, without.pixel_spacing_mm);
    }
}

#[test]
fn the_head_lies_in_the_middle_on_a_dark_ground() {
    for seed in 0..40 {
        let picture = slice(case(seed, false), 15.0);
        let bright = |index: usize| picture.values[index] > 25 * 16;
        let cols: Vec<usize> = (0..256)
            .filter(|col| (0..256).filter(|row| bright(row * 256 + col)).count() > 3)
            .collect();
        let (first, last) = (cols[0], cols[cols.len() - 1]);
        let width = last - first + 1;
        assert!(
            (135..=195).contains(&width),
            "seed {seed}: the head is {width} pixels wide"
        );
        assert!(
            (108..=148).contains(&((first + last) / 2)),
            "seed {seed}: centred at {}",
            (first + last) / 2
        );
        let ground = mean(picture.values[..256 * 8].iter().copied());
        assert!(ground < 6.0 * 16.0, "seed {seed}: ground {ground}");
        let middle: Vec<u16> = (110..146)
            .flat_map(|row| picture.values[row * 256 + 100..row * 256 + 156].to_vec())
            .collect();
        let brain = mean(middle.into_iter());
        assert!(
            (22.0 * 16.0..80.0 * 16.0).contains(&brain),
            "seed {seed}: brain {brain}"
        );
    }
}

#[test]
fn other_sizes_show_the_same_head() {
    let small = slice(
        CaseSpec {
            seed: 4,
            lesion: true,
            size: 64,
        },
        20.0,
    );
    let large = slice(
        CaseSpec {
            seed: 4,
            lesion: true,
            size: 256,
        },
        20.0,
    );
    assert_eq!(
        (small.rows, small.cols, small.values.len(), small.mask.len()),
        (64, 64, 4096, 4096)
    );
    let extent = |s: &Slice| s.pixel_spacing_mm[0] * f64::from(s.rows);
    assert!((extent(&small) - extent(&large)).abs() < 1e-3);
    let (a, b) = (mean(small.values.into_iter()), mean(large.values.into_iter()));
    assert!((a - b).abs() < 0.1 * b, "mean {a} at 64, {b} at 256");
}
