use super::*;
use crate::InvalidUid;
use crate::testing::header;

const AXIAL: [f64; 6] = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0];
const SAGITTAL: [f64; 6] = [0.0, 1.0, 0.0, 0.0, 0.0, -1.0];

/// A slice: number, height, orientation.
type Made = (Option<i32>, Option<f64>, Option<[f64; 6]>);

fn headers(slices: &[Made]) -> Result<Vec<Header>, InvalidUid> {
    let made = (1..).zip(slices).map(|(at, (number, height, orientation))| {
        let mut header = header();
        header.instance.sop_instance_uid = Uid::parse(&format!("1.2.1.{at}"))?;
        header.instance.number = *number;
        header.image.orientation = *orientation;
        header.image.position_mm = height.map(|height| [0.0, 0.0, height]);
        Ok(header)
    });
    made.collect()
}

fn stack_of(headers: &[Header]) -> Result<Stack, InvalidUid> {
    let nothing = ImageFacts::default();
    let said = headers.iter().map(|header| (header, &nothing));
    Ok(Stack::of(&Uid::parse("1.2.1")?, said))
}

/// The last numbers of the instances, in order, with the rule.
fn order(slices: &[Made]) -> Result<(Vec<u32>, OrderRule, Option<NotAlongNormal>), InvalidUid> {
    order_of(&headers(slices)?)
}

fn order_of(headers: &[Header]) -> Result<(Vec<u32>, OrderRule, Option<NotAlongNormal>), InvalidUid> {
    let stack = stack_of(headers)?;
    let last = |slice: &Slice| {
        let number = slice.at.sop_instance_uid.as_str().rsplit('.').next();
        number.and_then(|n| n.parse().ok()).unwrap_or_default()
    };
    let made = stack.slices.iter().map(last).collect();
    Ok((made, stack.order.rule, stack.order.not_along_normal))
}

#[test]
fn slices_lie_along_their_normal_in_the_direction_of_their_numbers() -> Result<(), InvalidUid> {
    use OrderRule::AlongNormal;
    let at = |number, height| (number, Some(height), Some(AXIAL));
    // Acquired in two passes: the numbers do not follow the body.
    let passes = [at(Some(1), 0.0), at(Some(2), 10.0), at(Some(3), 5.0), at(Some(4), 15.0)];
    assert_eq!(order(&passes)?, (vec![1, 3, 2, 4], AlongNormal, None));
    // From head to foot, and from foot to head: as the device numbered them.
    let down = [at(Some(1), 20.0), at(Some(2), 10.0), at(Some(3), 0.0)];
    assert_eq!(order(&down)?, (vec![1, 2, 3], AlongNormal, None));
    let up = [at(Some(1), 0.0), at(Some(2), 10.0), at(Some(3), 20.0)];
    assert_eq!(order(&up)?, (vec![1, 2, 3], AlongNormal, None));
    // Without numbers of their own, from foot to head.
    for number in [None, Some(7)] {
        let unnumbered = [at(number, 20.0), at(number, 0.0), at(number, 10.0)];
        assert_eq!(order(&unnumbered)?, (vec![2, 3, 1], AlongNormal, None));
    }
    Ok(())
}

#[test]
fn what_cannot_lie_along_a_normal_goes_by_number_else_as_it_is_and_says_why() -> Result<(), InvalidUid> {
    use NotAlongNormal::{NoPlaces, NotParallel, OneSlice, SamePlace};
    use OrderRule::{FileOrder, InstanceNumber};
    let plain = |number| (number, None, None);
    let two = [plain(Some(2)), plain(Some(1))];
    assert_eq!(order(&two)?, (vec![2, 1], InstanceNumber, Some(NoPlaces)));
    let repeated = [plain(Some(1)), plain(None), plain(Some(1))];
    assert_eq!(order(&repeated)?, (vec![2, 1, 3], FileOrder, Some(NoPlaces)));
    // A number that repeats orders nothing, however many others do not.
    let twice = [plain(Some(3)), plain(Some(1)), plain(Some(2)), plain(Some(1))];
    assert_eq!(order(&twice)?, (vec![2, 4, 3, 1], FileOrder, Some(NoPlaces)));
    let here = |number| (Some(number), Some(5.0), Some(AXIAL));
    assert_eq!(
        order(&[here(2), here(1)])?,
        (vec![2, 1], InstanceNumber, Some(SamePlace))
    );
    let away = |orientation| (Some(2), Some(9.0), Some(orientation));
    // A scout among the slices, and a slice that is seen from its other side.
    for other in [SAGITTAL, [-1.0, 0.0, 0.0, 0.0, 1.0, 0.0]] {
        let told = order(&[here(1), away(other)])?;
        assert_eq!(told, (vec![1, 2], InstanceNumber, Some(NotParallel)));
    }
    let one_is_unplaced = [here(2), (Some(1), None, Some(AXIAL)), here(3)];
    assert_eq!(
        order(&one_is_unplaced)?,
        (vec![2, 1, 3], InstanceNumber, Some(NoPlaces))
    );
    assert_eq!(order(&[here(4)])?, (vec![1], InstanceNumber, Some(OneSlice)));
    for nowhere in [f64::NAN, f64::INFINITY] {
        let lost = [
            (Some(2), Some(nowhere), Some(AXIAL)),
            here(1),
            (Some(3), Some(nowhere), Some(AXIAL)),
        ];
        assert_eq!(order(&lost)?, (vec![2, 1, 3], InstanceNumber, Some(SamePlace)));
    }
    assert_eq!(order(&[])?, (vec![], InstanceNumber, Some(OneSlice)));
    Ok(())
}

#[test]
fn places_in_different_frames_of_reference_give_no_order() -> Result<(), InvalidUid> {
    let at = |number, height| (Some(number), Some(height), Some(AXIAL));
    let mut both = headers(&[at(2, 1.0), at(1, 2.0)])?;
    assert_eq!(order_of(&both)?.1, OrderRule::AlongNormal);
    both[0].image.frame_of_reference_uid = Some(Uid::parse("1.9")?);
    let told = (
        vec![2, 1],
        OrderRule::InstanceNumber,
        Some(NotAlongNormal::FramesOfReference),
    );
    assert_eq!(order_of(&both)?, told);
    Ok(())
}

#[test]
fn a_stack_has_a_slice_for_each_frame_and_none_for_what_holds_no_image() -> Result<(), InvalidUid> {
    let mut headers = headers(&[(Some(3), None, None), (Some(2), None, None), (Some(1), None, None)])?;
    headers[0].image.frames = 3;
    headers[1].image.frames = 0;
    let stack = stack_of(&headers)?;
    let seen: Vec<_> = stack
        .slices
        .iter()
        .map(|slice| (slice.instance_number, slice.at.frame))
        .collect();
    assert_eq!(seen, [(Some(1), 0), (Some(3), 0), (Some(3), 1), (Some(3), 2)]);
    assert_eq!(stack.order.rule, OrderRule::InstanceNumber);
    // A frame of a file of many is called by its number in the file.
    assert_eq!([0, 1, 2, 3].map(|place| stack.name(place)), [1, 1, 2, 3]);
    Ok(())
}

#[test]
fn a_slice_is_called_by_its_number_and_without_one_by_its_place() -> Result<(), InvalidUid> {
    let stack = stack_of(&headers(&[(Some(40), None, None), (None, None, None)])?)?;
    assert_eq!([0, 1].map(|place| stack.name(place)), [1, 40]);
    Ok(())
}

fn axial(heights: &[f64], frame_of_reference: Option<&str>) -> Result<Stack, InvalidUid> {
    let slices: Vec<Made> = (1..)
        .zip(heights)
        .map(|(number, height)| (Some(number), Some(*height), Some(AXIAL)))
        .collect();
    let mut headers = headers(&slices)?;
    for header in &mut headers {
        header.image.frame_of_reference_uid = frame_of_reference.map(Uid::parse).transpose()?;
    }
    stack_of(&headers)
}

/// Places in the other stack, and whether all of them meet in the patient.
fn places(from: &Stack, to: &Stack, same_study: bool) -> (Vec<u32>, bool) {
    let found = counterparts(from, to, same_study);
    assert_eq!(found.places.len(), found.by_place.len());
    (found.places, found.by_place.iter().all(|by_place| *by_place))
}

#[test]
fn slices_meet_at_the_same_place_in_the_patient_within_a_study() -> Result<(), InvalidUid> {
    let thick = axial(&[0.0, 10.0, 20.0, 30.0], None)?;
    let heights: Vec<f64> = (0..31).map(f64::from).collect();
    let thin = axial(&heights, None)?;
    assert_eq!(places(&thick, &thin, true), (vec![0, 10, 20, 30], true));
    let back = places(&thin, &thick, true).0;
    assert_eq!((back[14], back[16]), (1, 2));
    // Also where one stack runs from the feet and one from the head.
    let down = axial(&[30.0, 20.0, 10.0, 0.0], None)?;
    assert_eq!(places(&thick, &down, true), (vec![3, 2, 1, 0], true));
    Ok(())
}

#[test]
fn slices_meet_across_studies_by_place_where_both_name_the_same_frame_of_reference() -> Result<(), InvalidUid> {
    let now = axial(&[0.0, 10.0, 20.0, 30.0, 40.0], Some("1.9.1"))?;
    let before = axial(&[20.0, 30.0, 40.0], Some("1.9.1"))?;
    assert_eq!(places(&now, &before, false), (vec![0, 0, 0, 1, 2], true));
    let moved = axial(&[20.0, 30.0, 40.0], Some("1.9.2"))?;
    assert_eq!(places(&now, &moved, true), (vec![0, 1, 1, 2, 2], false));
    let unnamed = axial(&[500.0, 510.0, 520.0], None)?;
    assert_eq!(places(&now, &unnamed, false), (vec![0, 1, 1, 2, 2], false));
    assert_eq!(places(&unnamed, &now, true), (vec![4, 4, 4], true));
    Ok(())
}

#[test]
fn slices_meet_at_the_same_share_where_a_stack_has_no_places_or_looks_another_way() -> Result<(), InvalidUid> {
    let three = axial(&[0.0, 10.0, 20.0], None)?;
    let plain: Vec<Made> = (1..=5).map(|number| (Some(number), None, None)).collect();
    let plain = stack_of(&headers(&plain)?)?;
    assert_eq!(places(&three, &plain, true), (vec![0, 2, 4], false));
    let sagittal: Vec<Made> = (1..=3)
        .map(|number| (Some(number), Some(f64::from(number)), Some(SAGITTAL)))
        .collect();
    let sagittal = stack_of(&headers(&sagittal)?)?;
    assert_eq!(places(&three, &sagittal, true), (vec![0, 1, 2], false));
    let nowhere = axial(&[f64::NAN, f64::NAN], None)?;
    assert_eq!(places(&three, &nowhere, true), (vec![0, 1, 1], false));
    let empty = stack_of(&[])?;
    assert_eq!(counterparts(&three, &empty, true), Counterparts::default());
    assert_eq!(counterparts(&empty, &three, true), Counterparts::default());
    assert_eq!(places(&axial(&[0.0], None)?, &plain, true), (vec![0], false));
    Ok(())
}
