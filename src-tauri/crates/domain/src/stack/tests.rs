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
    Ok(Stack::of(&Uid::parse("1.2.1")?, headers))
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
