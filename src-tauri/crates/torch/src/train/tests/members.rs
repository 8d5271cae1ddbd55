//! What several members answer together.

use engine::bundle::CLASS_MAP;
use engine::protocol::Request;
use engine::tensors::{f32_from_bytes, f32_to_bytes};

use super::worker::{ask, load};
use super::*;

#[test]
fn members_are_averaged_and_half_precision_keeps_the_answer() -> Checked {
    let members: Vec<_> = [11, 12]
        .map(|seed| {
            let (store, _) = fresh();
            tch::manual_seed(seed);
            tch::no_grad(|| {
                variables(&store)
                    .values_mut()
                    .for_each(|t| *t *= 1.0 + 0.1 * (seed - 11) as f64)
            });
            variables(&store)
        })
        .into();
    let joined: BTreeMap<String, Tensor> = (0..2)
        .flat_map(|place| {
            members[place]
                .iter()
                .map(move |(name, t)| (format!("{place}.{name}"), t.shallow_clone()))
        })
        .collect();
    let picture: Vec<f32> = (0..SIZE * SIZE).map(|i| (i % 9) as f32 / 4.0 - 1.0).collect();
    let turned = |plane: &[f32]| -> Vec<f32> {
        let rows = plane.chunks(SIZE).map(|row| row.iter().rev().copied());
        rows.flatten().collect()
    };
    let answer =
        |weights: Vec<u8>, count: u32, mirror: bool, picture: &[f32]| -> Result<Vec<f32>, Box<dyn std::error::Error>> {
            let sha = sha256_hex(&weights);
            let network = NetworkSpec {
                members: count,
                ..spec()
            };
            let mut load = load(&sha, network, mirror);
            // In this order: the logit, the features, the map of what does not belong there, that of lesions.
            if let Request::Load { outputs, .. } = &mut load {
                outputs.remove(CLASS_MAP);
            }
            let infer = Request::Infer {
                weights_sha256: sha,
                count: 1,
            };
            let answers = ask(Precision::Fp32, &[(load, weights), (infer, f32_to_bytes(picture))])?;
            Ok(f32_from_bytes(&answers[1].1))
        };
    let maps = 33..33 + 2 * SIZE * SIZE;
    let one = |place: usize, mirror: bool, picture: &[f32]| {
        answer(to_safetensors(&members[place], Stored::Exact)?, 1, mirror, picture)
    };
    // As an answer to the image itself what was said of its mirror image.
    let back = |mut said: Vec<f32>| {
        let own: Vec<f32> = said[maps.clone()].chunks(SIZE * SIZE).flat_map(turned).collect();
        said[maps.clone()].copy_from_slice(&own);
        said
    };
    let mean_of = |found: &[f32], first: &[f32], second: &[f32]| {
        for at in (0..found.len()).filter(|at| !(1..33).contains(at)) {
            assert!((found[at] - (first[at] + second[at]) / 2.0).abs() < 1e-5, "{at}");
        }
        assert_eq!(
            found[1..33],
            first[1..33],
            "the features are those of the first, straight"
        );
    };
    let first = one(0, false, &picture)?;
    let both = answer(to_safetensors(&joined, Stored::Exact)?, 2, false, &picture)?;
    mean_of(&both, &first, &one(1, false, &picture)?);
    let alternating = answer(to_safetensors(&joined, Stored::Exact)?, 2, true, &picture)?;
    mean_of(&alternating, &first, &back(one(1, false, &turned(&picture))?));
    mean_of(
        &one(0, true, &picture)?,
        &first,
        &back(one(0, false, &turned(&picture))?),
    );
    let half = answer(to_safetensors(&joined, Stored::Half)?, 2, false, &picture)?;
    let score = |said: &[f32]| {
        let mut map = said[33 + SIZE * SIZE..].to_vec();
        map.sort_by(|a, b| b.total_cmp(a));
        map[..20].iter().sum::<f32>() / 20.0
    };
    let apart = (score(&both) - score(&half)).abs();
    assert!(apart < 1e-3, "{apart}");
    Ok(())
}
