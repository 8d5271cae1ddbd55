use super::*;

fn voi(center: f64, width: f64, curve: Curve) -> Voi {
    Voi {
        window: Window { center, width },
        curve,
    }
}

#[test]
fn a_window_that_counts_values_follows_the_standard() {
    // PS3.3 C.11.2.1.2.1: the example of a window of 400 about 40.
    let soft = voi(40.0, 400.0, Curve::Linear);
    for (value, level) in [(-160.0, 0), (-159.0, 1), (239.0, 255), (39.5, 128), (5000.0, 255)] {
        assert_eq!(soft.level(value), level, "{value}");
    }
    let all = voi(128.0, 256.0, Curve::Linear);
    assert!((0..=255u8).all(|value| all.level(f64::from(value)) == value));
    // A width of one is a threshold.
    let threshold = voi(100.0, 1.0, Curve::Linear);
    assert_eq!(
        (threshold.level(99.0), threshold.level(99.5), threshold.level(100.0)),
        (0, 0, 255)
    );
}

#[test]
fn a_window_that_measures_takes_fractions_and_has_no_least_width() {
    let narrow = voi(0.5, 0.2, Curve::LinearExact);
    assert_eq!((narrow.level(0.4), narrow.level(0.41), narrow.level(0.5)), (0, 13, 128));
    assert_eq!(voi(0.5, 0.2, Curve::Linear).level(0.5), 128);
    let none = voi(0.5, 0.0, Curve::LinearExact);
    assert_eq!((none.level(0.4), none.level(0.6)), (0, 255));
}

#[test]
fn polarity_turns_what_the_window_made_and_not_the_values() -> Result<(), NoRoom> {
    let window = voi(1000.0, 800.0, Curve::Linear);
    let samples = [0u16, 600, 1000, 1399, 4095];
    let values = Values {
        samples: Samples::U16(Cow::Borrowed(&samples)),
        slope: 1.0,
        intercept: 0.0,
    };
    let plain = shown(&values, &window, Polarity::BrightIsHigh)?;
    let turned = shown(&values, &window, Polarity::BrightIsLow)?;
    assert_eq!(plain, [0, 0, 128, 255, 255]);
    assert_eq!(turned, [255, 255, 127, 0, 0]);
    Ok(())
}

#[test]
fn what_is_no_number_is_black_in_both_polarities() {
    let window = voi(0.5, 1.0, Curve::LinearExact);
    for polarity in [Polarity::BrightIsHigh, Polarity::BrightIsLow] {
        assert_eq!(grey_of(f64::NAN, &window, polarity), 0);
    }
    assert_eq!(grey_of(f64::INFINITY, &window, Polarity::BrightIsHigh), 255);
    assert_eq!(grey_of(f64::INFINITY, &window, Polarity::BrightIsLow), 0);
}

#[test]
fn what_a_model_is_given_is_drawn_over_its_whole_range() -> Result<(), NoRoom> {
    let frame = |values: Vec<f32>| GreyFrame {
        rows: 1,
        cols: values.len() as u32,
        values,
    };
    assert_eq!(of_signal(&frame(vec![-1000.0, 0.0, 1000.0]))?, [0, 128, 255]);
    assert_eq!(of_signal(&frame(vec![7.0]))?, [128]);
    assert_eq!(of_signal(&frame(vec![]))?, Vec::<u8>::new());
    Ok(())
}
