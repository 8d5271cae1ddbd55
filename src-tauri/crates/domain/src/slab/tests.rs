use super::*;
use crate::testing::header;
use crate::{Header, ImageFacts, InvalidUid, Uid};

const AXIAL: [f64; 6] = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0];
const SAGITTAL: [f64; 6] = [0.0, 1.0, 0.0, 0.0, 0.0, -1.0];

/// Slices numbered from 1, each with its position and how it was made.
struct Made {
    headers: Vec<Header>,
    acquisitions: Vec<Acquisition>,
}

impl Made {
    fn of(slices: impl IntoIterator<Item = ([f64; 3], Acquisition)>) -> Result<Self, InvalidUid> {
        let mut made = Self {
            headers: vec![],
            acquisitions: vec![],
        };
        for (number, (position, acquisition)) in (1..).zip(slices) {
            let mut header = header();
            header.instance.sop_instance_uid = Uid::parse(&format!("1.2.1.{number}"))?;
            header.instance.number = Some(number);
            header.image.orientation = Some(AXIAL);
            header.image.position_mm = Some(position);
            header.image.pixel_spacing_mm = Some([0.8, 0.6]);
            made.headers.push(header);
            made.acquisitions.push(acquisition);
        }
        Ok(made)
    }

    fn heights(heights: &[f64]) -> Result<Self, InvalidUid> {
        Self::of(
            heights
                .iter()
                .map(|height| ([0.0, 0.0, *height], Acquisition::default())),
        )
    }

    fn slabs(&self) -> Result<Vec<Slab>, InvalidUid> {
        let nothing = ImageFacts::default();
        let said = self.headers.iter().map(|header| (header, &nothing));
        let stack = Stack::of(&Uid::parse("1.2.1")?, said);
        let of = |at: &FrameRef| {
            let mut both = self.headers.iter().zip(&self.acquisitions);
            let found = both.find(|(header, _)| header.instance.sop_instance_uid == at.sop_instance_uid);
            found.map(|(_, acquisition)| acquisition.clone()).unwrap_or_default()
        };
        Ok(stack.slabs(of))
    }

    fn one(&self) -> Result<Slab, InvalidUid> {
        let mut slabs = self.slabs()?;
        assert_eq!(slabs.len(), 1);
        Ok(slabs.remove(0))
    }
}

fn numbers(slab: &Slab) -> Vec<i32> {
    slab.slices.iter().filter_map(|slice| slice.instance_number).collect()
}

#[test]
fn distances_are_measured_and_gaps_and_doubles_are_named() -> Result<(), InvalidUid> {
    for (heights, spacing, regular, missing, duplicates, no_volume) in [
        (&[0.0, 2.5, 5.0, 7.5][..], 2.5, true, &[][..], &[][..], None),
        // Numbered from the head down, and rounded as files are.
        (&[1.0, 0.667, 0.333, 0.0], 1.0 / 3.0, true, &[], &[], None),
        (&[0.0, 3.0, 6.0, 12.0, 15.0], 3.0, false, &[2], &[], None),
        (&[0.0, 4.0, 4.0, 8.0, 16.0], 4.0, false, &[3], &[&[1, 2][..]], None),
        (&[0.0, 1.0, 2.0, 3.4, 4.4], 1.0, false, &[], &[], Some(NoVolume::Uneven)),
    ] {
        let slab = Made::heights(heights)?.one()?;
        let measured = slab.laid.spacing_mm.unwrap_or_default();
        assert!((measured - spacing).abs() < 1e-9, "{heights:?}: {measured}");
        assert_eq!((slab.laid.regular, slab.no_volume), (regular, no_volume), "{heights:?}");
        assert_eq!(slab.laid.missing_after, missing, "{heights:?}");
        assert_eq!(slab.laid.duplicates, duplicates, "{heights:?}");
        assert_eq!(slab.along_normal_mm, heights, "{heights:?}");
        assert_eq!(slab.laid.tilt_deg, None);
    }
    Ok(())
}

#[test]
fn what_is_no_volume_says_why() -> Result<(), InvalidUid> {
    assert_eq!(Made::heights(&[1.0])?.one()?.no_volume, Some(NoVolume::OneSlice));
    let same = Made::heights(&[1.0, 1.0, 1.0])?.one()?;
    assert_eq!(
        (same.no_volume, same.laid.spacing_mm),
        (Some(NoVolume::SamePlace), None)
    );
    let without = |change: fn(&mut Header)| {
        let mut made = Made::heights(&[0.0, 1.0, 2.0])?;
        made.headers.iter_mut().for_each(change);
        Ok(made.one()?.no_volume)
    };
    assert_eq!(
        without(|one| one.image.orientation = None)?,
        Some(NoVolume::NoOrientation)
    );
    assert_eq!(
        without(|one| one.image.orientation = Some([1.0; 6]))?,
        Some(NoVolume::NoOrientation)
    );
    assert_eq!(without(|one| one.image.position_mm = None)?, Some(NoVolume::NoPosition));
    assert_eq!(
        without(|one| one.image.pixel_spacing_mm = None)?,
        Some(NoVolume::NoPixelSpacing)
    );
    Ok(())
}

#[test]
fn a_tilt_is_an_angle_and_a_jump_is_no_volume() -> Result<(), InvalidUid> {
    let steps = |across: fn(f64) -> f64| {
        let at = (0..7).map(f64::from);
        Made::of(at.map(|at| ([0.0, across(at), at * 4.0], Acquisition::default())))?.one()
    };
    let tilted = steps(|at| at * 4.0 * 15_f64.to_radians().tan())?;
    assert!(
        tilted
            .laid
            .tilt_deg
            .is_some_and(|degrees| (degrees - 15.0).abs() < 1e-6)
    );
    assert_eq!(tilted.no_volume, None);
    let moved = steps(|at| if at > 3.0 { 5.0 } else { 0.0 })?;
    assert_eq!((moved.no_volume, moved.laid.tilt_deg), (Some(NoVolume::Shifted), None));
    Ok(())
}

#[test]
fn slices_that_look_another_way_or_are_of_another_size_stand_apart() -> Result<(), InvalidUid> {
    let changes: [fn(&mut Header); 4] = [
        |one| one.image.orientation = Some(SAGITTAL),
        |one| one.image.rows = 256,
        |one| one.image.pixel_spacing_mm = Some([0.9, 0.6]),
        |one| one.image.position_mm = None,
    ];
    for change in changes {
        let mut made = Made::heights(&[0.0, 1.0, 2.0, 3.0])?;
        made.headers.iter_mut().skip(3).for_each(change);
        let slabs: Vec<_> = made
            .slabs()?
            .iter()
            .map(|slab| (numbers(slab), slab.no_volume))
            .collect();
        let mut sorted = slabs.clone();
        sorted.sort_by_key(|(numbers, _)| numbers.len());
        assert_eq!(sorted, [(vec![4], Some(NoVolume::OneSlice)), (vec![1, 2, 3], None)]);
    }
    Ok(())
}

#[test]
fn what_lies_at_the_same_places_is_told_apart_by_what_differs_else_by_number() -> Result<(), InvalidUid> {
    let of = |apart: &dyn Fn(usize) -> Acquisition, outer: bool| {
        // Three places of two: place by place, or one run after the other.
        let slices = (0..6_usize).map(|at| {
            let (place, run) = if outer { (at % 3, at / 3) } else { (at / 2, at % 2) };
            ([0.0, 0.0, place as f64 * 5.0], apart(run))
        });
        Made::of(slices)
    };
    type Differ = fn(usize) -> Acquisition;
    let cases: [(Apart, Differ, [&str; 2]); 4] = [
        (
            Apart::EchoTime,
            |run| Acquisition {
                echo_ms: Some([10.0, 80.0][run]),
                ..Acquisition::default()
            },
            ["10", "80"],
        ),
        (
            Apart::TemporalPosition,
            |run| Acquisition {
                temporal_position: Some(run as i32 + 1),
                ..Acquisition::default()
            },
            ["1", "2"],
        ),
        (
            Apart::ImageType,
            |run| Acquisition {
                image_type: vec!["ORIGINAL".into(), ["M", "P"][run].into()],
                ..Acquisition::default()
            },
            ["ORIGINAL\\M", "ORIGINAL\\P"],
        ),
        (Apart::Repetition, |_| Acquisition::default(), ["1", "2"]),
    ];
    for (by, apart, values) in cases {
        for outer in [false, true] {
            let slabs = of(&apart, outer)?.slabs()?;
            let want = if outer {
                [[1, 2, 3], [4, 5, 6]]
            } else {
                [[1, 3, 5], [2, 4, 6]]
            };
            for ((slab, value), want) in slabs.iter().zip(values).zip(want) {
                assert_eq!(numbers(slab), want, "{by} {outer}");
                let value = value.to_owned();
                assert_eq!(slab.laid.told_apart, [ToldApart { by, value }]);
                assert_eq!(
                    (slab.laid.spacing_mm, slab.laid.regular, slab.no_volume),
                    (Some(5.0), true, None)
                );
            }
            assert_eq!(slabs.len(), 2, "{by} {outer}");
        }
    }
    // One of six is not there: what differs still tells them apart, numbers do not.
    let mut echoes = of(&cases[0].1, false)?;
    let mut plain = of(&cases[3].1, false)?;
    for made in [&mut echoes, &mut plain] {
        made.headers.remove(3);
        made.acquisitions.remove(3);
    }
    let slabs = echoes.slabs()?;
    assert_eq!(
        slabs.iter().map(numbers).collect::<Vec<_>>(),
        [vec![1, 3, 5], vec![2, 6]]
    );
    let slab = plain.one()?;
    assert_eq!(slab.laid.duplicates, [[0, 1], [3, 4]]);
    Ok(())
}
