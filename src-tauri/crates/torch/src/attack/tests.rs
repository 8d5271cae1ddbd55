use engine::bundle::{MapKind, NetworkSpec};
use engine::input::Letterbox;
use tch::Device;

use super::*;
use crate::layers::{Conv, Layers};

const SIZE: i64 = 32;

/// Random folded convolutions, the same for the same seed.
struct Random(Pcg64Mcg);

impl Layers for Random {
    fn conv_norm(&mut self, _: &str, inputs: i64, outputs: i64, kernel: i64, stride: i64) -> Conv {
        let scale = (2.0 / (inputs * kernel * kernel) as f32).sqrt();
        let count = outputs * inputs * kernel * kernel;
        let values: Vec<f32> = (0..count).map(|_| self.0.random_range(-1.7f32..1.7) * scale).collect();
        Conv {
            weight: Tensor::from_slice(&values).view([outputs, inputs, kernel, kernel]),
            bias: Some(Tensor::zeros([outputs], (Kind::Float, Device::Cpu))),
            norm: None,
            stride,
        }
    }

    fn conv_bias(&mut self, name: &str, inputs: i64, outputs: i64) -> Conv {
        self.conv_norm(name, inputs, outputs, 1, 1)
    }
}

/// Two members with a lesion map.
fn networks() -> Vec<Network> {
    of_maps(vec![MapKind::Lesion])
}

fn of_maps(maps: Vec<MapKind>) -> Vec<Network> {
    let spec = NetworkSpec {
        family: crate::network::FAMILY.into(),
        widths: vec![8, 8, 16],
        maps,
        classes: 2,
        autoencoder: false,
        members: 2,
    };
    [3, 4]
        .map(|seed| Network::new(&spec, &mut Random(Pcg64Mcg::seed_from_u64(seed))))
        .into()
}

fn run(members: &[Network], clean: &Tensor, spec: &AttackSpec, gate: Option<&Gate>) -> Result<Tensor, &'static str> {
    attack(clean, spec, gate, &|x| see(members, x, true)).ok_or("nothing was seen")
}

fn pictures() -> Tensor {
    let mut rng = Pcg64Mcg::seed_from_u64(8);
    let values: Vec<f32> = (0..2 * SIZE * SIZE).map(|_| rng.random_range(-1.0f32..2.0)).collect();
    Tensor::from_slice(&values).view([2, 1, SIZE, SIZE])
}

/// The first image is to be missed, the second to be flagged; the second has a margin.
fn spec(epsilon: f32) -> AttackSpec {
    let picture = |raise: bool, margin: u32| AttackedPicture {
        raise,
        epsilon,
        low: -1.0,
        high: 2.0,
        letterbox: Letterbox {
            size: SIZE as u32,
            left: 0,
            top: margin,
            width: SIZE as u32,
            height: SIZE as u32 - 2 * margin,
        },
        seed: 5,
    };
    AttackSpec {
        steps: 10,
        top_pixels: 20,
        class_share: 0.4,
        pictures: vec![picture(false, 0), picture(true, 4)],
    }
}

/// Scores as logits.
fn scores(members: &[Network], x: &Tensor, spec: &AttackSpec) -> Result<Vec<f32>, &'static str> {
    let bounds = Bounds::of(x, &spec.pictures);
    let seen = see(members, x, true).ok_or("nothing was seen")?;
    let map = seen.map.masked_fill(&bounds.margin, -1e4);
    let (highest, _) = map.flatten(1, -1).topk(i64::from(spec.top_pixels), 1, true, false);
    let share = f64::from(spec.class_share);
    let mean = highest.mean_dim([1i64].as_slice(), false, Kind::Float);
    Ok(floats(&(mean * (1.0 - share) + seen.class * share)))
}

fn widest(x: &Tensor) -> f64 {
    x.abs().max().double_value(&[])
}

#[test]
fn scores_go_where_they_are_sent_and_pictures_stay_within_bounds() -> Result<(), &'static str> {
    let clean = pictures();
    // With a lesion map, and with the class head's own.
    for members in [networks(), of_maps(vec![])] {
        let before = scores(&members, &clean, &spec(0.1))?;
        let mut moved_before = [0.0f32; 2];
        for epsilon in [0.02f32, 0.1] {
            let spec = spec(epsilon);
            let changed = run(&members, &clean, &spec, None)?;
            assert!(!changed.requires_grad());
            assert!(widest(&(&changed - &clean)) <= f64::from(epsilon) + 1e-6);
            assert!(changed.min().double_value(&[]) >= -1.0 && changed.max().double_value(&[]) <= 2.0);
            let margin = (&changed - &clean).get(1).narrow(1, 0, 4);
            assert_eq!(widest(&margin), 0.0);
            let after = scores(&members, &changed, &spec)?;
            let moved = [before[0] - after[0], after[1] - before[1]];
            assert!(
                moved[0] > moved_before[0] && moved[1] > moved_before[1],
                "{epsilon}: {moved:?} {moved_before:?}"
            );
            moved_before = moved;
        }
    }
    let still = run(&networks(), &clean, &spec(0.0), None)?;
    assert_eq!(widest(&(&still - &clean)), 0.0);
    assert!(run(&[], &clean, &spec(0.1), None).is_err());
    Ok(())
}

#[test]
fn descent_beats_the_random_change_it_starts_from() -> Result<(), &'static str> {
    let (members, clean, spec) = (networks(), pictures(), spec(0.05));
    let start = AttackSpec {
        steps: 0,
        ..spec.clone()
    };
    let random = scores(&members, &run(&members, &clean, &start, None)?, &spec)?;
    let led = scores(&members, &run(&members, &clean, &spec, None)?, &spec)?;
    assert!(led[0] < random[0] && led[1] > random[1], "{led:?} {random:?}");
    Ok(())
}

#[test]
fn the_adaptive_attack_stays_nearer_to_its_kind() -> Result<(), &'static str> {
    let (members, clean, spec) = (networks(), pictures(), spec(0.1));
    let features = |x: &Tensor| {
        see(&members, x, false)
            .map(|seen| seen.features)
            .ok_or("nothing was seen")
    };
    let own = features(&clean)?;
    let gate = Gate {
        // Each image is the middle of its kind, so that every change leads away from it.
        centres: own.shallow_clone(),
        precision: Tensor::eye(own.size()[1], (Kind::Float, Device::Cpu)),
        limit: 1.0,
        contrast: None,
    };
    let distance = |x: &Tensor| -> Result<f64, &'static str> {
        let squared = gate.squared_score(&features(x)?);
        Ok(squared.sum(Kind::Float).double_value(&[]))
    };
    let (plain, adaptive) = (
        run(&members, &clean, &spec, None)?,
        run(&members, &clean, &spec, Some(&gate))?,
    );
    let (far, near) = (distance(&plain)?, distance(&adaptive)?);
    assert!(near < far, "{near} is not below {far}");
    let (before, after) = (scores(&members, &clean, &spec)?, scores(&members, &adaptive, &spec)?);
    assert!(after[0] < before[0] && after[1] > before[1], "{before:?} {after:?}");
    assert!(widest(&(&adaptive - &clean)) <= 0.1 + 1e-6);
    Ok(())
}

#[test]
fn the_score_is_the_gates_own() {
    for contrast in [None, Some(vec![0.7, -0.4, 0.1])] {
        let gate = engine::bundle::GateStatistics {
            centres: vec![vec![0.0, 1.0], vec![4.0, 4.0]],
            precision: vec![2.0, 0.5, 0.5, 1.0],
            limit: 3.0,
            contrast,
        };
        let plane = gate.contrast.iter().flatten().copied();
        let block: Vec<f32> = vec![0.0; (2 * SIZE * SIZE) as usize]
            .into_iter()
            .chain(gate.centres.concat())
            .chain(gate.precision.clone())
            .chain(plane)
            .collect();
        let shape = AttackedGate {
            features: 2,
            centres: 2,
            limit: gate.limit,
            contrast: gate.contrast.is_some(),
        };
        let read = read_block(&block, &spec(0.1).pictures, SIZE, Some(shape), Device::Cpu);
        let ours = read.ok().and_then(|(_, gate)| gate).map(|gate| {
            [[0.0f32, 1.0], [1.0, -2.0], [5.0, 3.0]].map(|features| {
                let found = floats(&gate.squared_score(&Tensor::from_slice(&features).view([1, 2])));
                (found[0], features)
            })
        });
        for (found, features) in ours.into_iter().flatten() {
            let expected = gate.score(&features).unwrap_or(f32::NAN).powi(2);
            assert!((found - expected).abs() < 1e-4, "{found} is not {expected}");
        }
        assert!(ours.is_some(), "the block was refused");
    }
}

#[test]
fn a_block_that_does_not_fit_is_refused_in_words() {
    let pictures = spec(0.1).pictures;
    let inputs = (2 * SIZE * SIZE) as usize;
    let read = |values: usize, pictures: &[AttackedPicture], gate| {
        read_block(&vec![0.0; values], pictures, SIZE, gate, Device::Cpu).err()
    };
    assert_eq!(read(inputs, &pictures, None), None);
    let gate = |contrast| {
        Some(AttackedGate {
            features: 3,
            centres: 2,
            limit: 1.0,
            contrast,
        })
    };
    assert_eq!(read(inputs + 2 * 3 + 9, &pictures, gate(false)), None);
    assert_eq!(read(inputs + 2 * 3 + 9 + 4, &pictures, gate(true)), None);
    let short = read(inputs, &pictures, gate(false)).unwrap_or_default();
    assert!(short.contains("2 centres of 3 features"), "{short}");
    assert!(read(0, &[], None).is_some());
    let mut outside = pictures.clone();
    outside[1].letterbox.left = 1;
    let words = read(inputs, &outside, None).unwrap_or_default();
    assert!(words.contains("input 1"), "{words}");
}
