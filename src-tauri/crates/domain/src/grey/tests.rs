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
        padding: None,
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
        for none in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 3e38] {
            assert_eq!(grey_of(none, &window, polarity), 0, "{none}");
        }
    }
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

#[test]
fn padding_is_black_and_in_no_window_and_no_statistics() -> Result<(), NoRoom> {
    let samples = [-2000_i16, -1999, 100, 200, 300];
    for padding in [[-2000.0, -1999.0], [-3000.0, -1500.0]] {
        let values = Values {
            samples: Samples::I16(Cow::Borrowed(&samples)),
            slope: 2.0,
            intercept: -24.0,
            padding: Some(padding),
        };
        let (least, greatest, first) = first_look::first_look(&values, None);
        assert_eq!((least, greatest), (100.0, 300.0));
        for polarity in [Polarity::BrightIsHigh, Polarity::BrightIsLow] {
            assert_eq!(shown(&values, &first, polarity)?.get(..2), Some(&[0, 0][..]));
        }
        let statistics = values.statistics();
        assert_eq!((statistics.count, statistics.mean), (3, Some(376.0)));
        assert_eq!((statistics.min, statistics.max), (Some(176.0), Some(576.0)));
    }
    let nothing = Statistics::of([f64::NAN, f64::INFINITY, 3e38].into_iter());
    assert_eq!((nothing.count, nothing.min, nothing.mean), (0, None, None));
    Ok(())
}

/// A table stands for a window, a function for its curve, and without one it is LINEAR wherever that has a meaning.
#[test]
fn a_choice_of_the_file_is_shown_as_it_says() {
    use crate::{LookupTable, VoiChoice, VoiFunction};
    let curve = |slope: f64, width: f64, function| {
        let values = Values {
            samples: Samples::U16(Cow::Borrowed(&[])),
            slope,
            intercept: 0.0,
            padding: None,
        };
        let choice = VoiChoice {
            function,
            ..VoiChoice::plain(Window { center: 8.0, width })
        };
        first_look::voi_of(&values, &choice).curve
    };
    for width in [0.02, 0.9, 1.0, 1.5, 400.0] {
        assert_eq!(curve(1.0, width, Some(VoiFunction::Sigmoid)), Curve::Sigmoid);
        assert_eq!(curve(1.0, width, Some(VoiFunction::LinearExact)), Curve::LinearExact);
        for function in [None, Some(VoiFunction::Linear)] {
            let wanted = |counts: bool| if counts { Curve::Linear } else { Curve::LinearExact };
            assert_eq!(curve(1.0, width, function), wanted(width >= 1.0), "{width}");
            assert_eq!(
                curve(0.01, width, function),
                wanted(width > 1.0 || (width == 1.0 && function.is_some())),
                "{width} of fractions"
            );
        }
    }
    let table = LookupTable {
        first: 100,
        bits: 10,
        values: vec![0, 1023, 512],
    };
    let shown = Voi {
        window: VoiChoice::of_table(None, table.clone()).window(),
        curve: Curve::Table(table),
    };
    let levels = [f64::NAN, -5.0, 100.0, 101.0, 102.0, 1e6].map(|value| shown.level(value));
    assert_eq!(levels, [0, 0, 0, 255, 128, 128]);
    let curve = voi(40.0, 300.0, Curve::Sigmoid);
    assert_eq!(
        [-1e6, 40.0, 115.0, 1e6].map(|value| curve.level(value)),
        [0, 128, 186, 255]
    );
}

/// Supplemental palettes (PS3.3 C.7.6.19): greys below the first entry under the file's window or the middle of the
/// greys alone, colours from there on; a frame without such values stays grey, and what a model is given are values.
#[test]
fn the_greatest_values_have_colours_of_their_own() -> Result<(), Box<dyn std::error::Error>> {
    let palette = Palette {
        first: 256,
        colours: (0..=255).map(|at| [at * 257, 65_535 - at * 257, 0x4D4D]).collect(),
    };
    for (photometric, window) in [("MONOCHROME2", true), ("MONOCHROME1", true), ("MONOCHROME2", false)] {
        let mut header = crate::testing::header();
        header.image.photometric_interpretation = photometric.into();
        header.image.palette = Some(palette.clone());
        header.image.cols = 512;
        header.image.frames = 2;
        if window {
            header.image.windows = vec![Window {
                center: 128.0,
                width: 256.0,
            }];
        }
        let stored: Vec<u16> = (0..512).chain([7; 512]).collect();
        let pixels = crate::PixelArray {
            frames: 2,
            rows: 1,
            cols: 512,
            samples: 1,
            data: PixelData::U16(stored),
        };
        let decoded = Decoded::new(header, pixels);
        let Shown::Colour(rgb) = Shown::of(&decoded, 0)? else {
            return Err("no colours".into());
        };
        for (at, pixel) in rgb.as_chunks::<3>().0.iter().enumerate() {
            let wanted = match at {
                256.. => [(at - 256) as u8, (511 - at) as u8, 0x4D],
                // A window of 256 about 128 shows bytes as they are.
                grey if photometric == "MONOCHROME2" => [grey as u8; 3],
                grey => [255 - grey as u8; 3],
            };
            let apart = pixel.iter().zip(wanted).map(|(a, b)| a.abs_diff(b)).max();
            assert!(
                apart.is_some_and(|apart| apart <= u8::from(!window)),
                "{photometric} {at} {pixel:?} {wanted:?}"
            );
        }
        assert!(matches!(Shown::of(&decoded, 1)?, Shown::Grey(_)));
        let signal = GreyFrame::of(&decoded, 0)?;
        let (low, high) = (signal.values[0], signal.values[511]);
        assert_eq!((low.min(high), low.max(high)), (0.0, 511.0));
    }
    Ok(())
}

/// Long samples beside each other, wherever they lie: each step is told apart, and statistics are to the last digit.
#[test]
fn samples_of_32_bits_lose_no_step() -> Result<(), Box<dyn std::error::Error>> {
    use crate::{Decoded, PixelArray, testing::header};
    let of = |data: PixelData| {
        let mut header = header();
        header.image.bits_stored = 32;
        header.image.rescale = crate::Rescale {
            slope: 2.0,
            intercept: -7.0,
        };
        let cols = data.len() as u32;
        Decoded::new(
            header,
            PixelArray {
                frames: 1,
                rows: 1,
                cols,
                samples: 1,
                data,
            },
        )
    };
    let steps = 0..300_u32;
    for least in [0, 1 << 23, 1 << 24, (1 << 30) + 1, u32::MAX - 300] {
        for signed in [false, true] {
            let values: Vec<i64> = steps
                .clone()
                .map(|step| {
                    let stored = i64::from(least) + i64::from(step);
                    if signed { stored / 2 - (1 << 31) } else { stored }
                })
                .collect();
            let decoded = of(match signed {
                true => PixelData::I32(values.iter().map(|v| *v as i32).collect()),
                false => PixelData::U32(values.iter().map(|v| *v as u32).collect()),
            });
            let wanted: Vec<f64> = values.iter().map(|v| *v as f64 * 2.0 - 7.0).collect();
            let seen: Vec<f64> = match Shown::of(&decoded, 0)? {
                Shown::Grey(grey) => (0..300).filter_map(|place| grey.values.at(place)).collect(),
                Shown::Colour(_) => vec![],
            };
            assert_eq!(seen, wanted, "{least} {signed}");
            let told = statistics(&decoded, 0).map(|told| (told.count, told.min, told.max));
            assert_eq!(told, Some((300, wanted.first().copied(), wanted.last().copied())));
        }
    }
    let ends = of(PixelData::I32(vec![i32::MIN, i32::MAX]));
    let told = statistics(&ends, 0).and_then(|told| Some((told.min?, told.max?)));
    assert_eq!(told, Some((-4_294_967_303.0, 4_294_967_287.0)));
    Ok(())
}
