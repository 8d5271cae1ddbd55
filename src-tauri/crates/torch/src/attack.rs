//! Images changed by a little so that the network errs: projected gradient descent in the largest
//! norm (Madry et al., 2018), against the score alone or against score and input gate.

use engine::protocol::{AttackSpec, AttackedGate, AttackedPicture};
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;
use tch::{Kind, Tensor};

use crate::layers::Pass;
use crate::network::{Network, views};
use crate::weights::floats;

/// What the attack sees of a bundle's networks.
pub struct Seen {
    /// [n, 1, s, s] logits of the map, mean of the members.
    pub map: Tensor,
    /// [n] logits of being abnormal, mean of the members.
    pub class: Tensor,
    /// [n, d] of the first member; what the gate judges.
    pub features: Tensor,
}

/// The networks on inputs that may carry gradients; in fp32 whatever their weights are kept in.
/// `None` of a bundle without networks.
pub fn see(members: &[Network], x: &Tensor, mirror: bool) -> Option<Seen> {
    let pass = Pass {
        train: false,
        kind: Kind::Float,
    };
    let size = x.size()[3];
    let views = views(members, mirror);
    let count = views.len() as f64;
    let mut sum: Option<Seen> = None;
    for (network, mirrored) in views {
        let turned = |tensor: Tensor| if mirrored { tensor.flip([3]) } else { tensor };
        let output = network.forward(&turned(x.shallow_clone()), pass);
        let map = turned(network.scored_logits(&output, size));
        let class = output.class.select(1, 0);
        sum = Some(match sum {
            Some(seen) => Seen {
                map: seen.map + map,
                class: seen.class + class,
                features: seen.features,
            },
            None => Seen {
                map,
                class,
                features: output.features?,
            },
        });
    }
    sum.map(|seen| Seen {
        map: seen.map / count,
        class: seen.class / count,
        features: seen.features,
    })
}

/// The gate's centres [k, d], inverse covariance [d, d], limit, and plane: weights [d, 1] and intercept.
pub struct Gate {
    pub centres: Tensor,
    pub precision: Tensor,
    pub limit: f64,
    pub contrast: Option<(Tensor, Tensor)>,
}

impl Gate {
    /// Square [n] of the score of `engine::bundle::GateStatistics`.
    fn squared_score(&self, features: &Tensor) -> Tensor {
        let offset = features.unsqueeze(1) - self.centres.unsqueeze(0);
        let distance = (offset.matmul(&self.precision) * offset)
            .sum_dim_intlist([2i64].as_slice(), false, Kind::Float)
            .amin([1i64].as_slice(), false)
            / (self.limit * self.limit);
        match &self.contrast {
            Some((weights, intercept)) => {
                let other = (features.matmul(weights).flatten(0, -1) + intercept).sigmoid() * 2.0;
                distance.maximum(&other.square())
            }
            None => distance,
        }
    }
}

/// Per-image bounds as tensors.
struct Bounds {
    lowest: Tensor,
    highest: Tensor,
    /// [n, 1, 1, 1], +1 where the score is to rise.
    sign: Tensor,
    epsilon: Tensor,
    /// [n, 1, s, s], true on the margin.
    margin: Tensor,
}

/// The inputs [n, 1, s, s], changed within their bounds. `see` runs the networks on tensors that
/// carry gradients; `None` where it sees nothing.
pub fn attack(
    clean: &Tensor,
    spec: &AttackSpec,
    gate: Option<&Gate>,
    see: &dyn Fn(&Tensor) -> Option<Seen>,
) -> Option<Tensor> {
    let bounds = Bounds::of(clean, &spec.pictures);
    // As large that ten steps may cross the allowed range and come back.
    let step = &bounds.epsilon * (2.5 / f64::from(spec.steps.max(1)));
    let allowed = match gate {
        Some(gate) => Some(tch::no_grad(|| Some(gate.squared_score(&see(clean)?.features)))?),
        None => None,
    };
    let mut changed = bounds.project(&(clean + random_start(clean, spec) * &bounds.epsilon));
    for _ in 0..spec.steps {
        let leaf = changed.detach().set_requires_grad(true);
        let uphill = tch::with_grad(|| {
            let seen = see(&leaf)?;
            let score = bounds.score(&seen, spec);
            let [gradient] = gradients(&score, &leaf, gate.is_some());
            Some(match (gate, &allowed) {
                (Some(gate), Some(allowed)) => {
                    let outside = gate.squared_score(&seen.features);
                    // Only an image that moved away from its kind has to come back.
                    let away = outside.gt_tensor(allowed).to_kind(Kind::Float).view([-1, 1, 1, 1]);
                    let [outward] = gradients(&outside.sum(Kind::Float), &leaf, false);
                    unit(&gradient) - unit(&outward) * away
                }
                _ => gradient,
            })
        })?;
        changed = bounds.project(&(&changed + uphill.detach().sign() * &step));
    }
    Some(changed)
}

fn gradients(of: &Tensor, leaf: &Tensor, again: bool) -> [Tensor; 1] {
    let mut found = Tensor::run_backward(&[of], &[leaf], again, false);
    [found.pop().unwrap_or_else(|| leaf.zeros_like())]
}

/// Each image's gradient with a mean absolute value of 1, so that two of them can be weighed.
fn unit(gradient: &Tensor) -> Tensor {
    let mean = gradient.abs().mean_dim([1i64, 2, 3].as_slice(), true, Kind::Float);
    gradient / mean.clamp_min(1e-12)
}

/// Uniform in -1..1, by the seed of each image.
fn random_start(like: &Tensor, spec: &AttackSpec) -> Tensor {
    let pixels = like.numel() / spec.pictures.len().max(1);
    let mut values = Vec::with_capacity(like.numel());
    for picture in &spec.pictures {
        let mut rng = Pcg64Mcg::seed_from_u64(picture.seed);
        values.extend((0..pixels).map(|_| rng.random_range(-1.0f32..1.0)));
    }
    Tensor::from_slice(&values)
        .view(like.size().as_slice())
        .to_device(like.device())
}

impl Bounds {
    fn of(clean: &Tensor, pictures: &[AttackedPicture]) -> Self {
        let size = clean.size()[3];
        let each = |of: &dyn Fn(&AttackedPicture) -> f32| {
            let values: Vec<f32> = pictures.iter().map(of).collect();
            Tensor::from_slice(&values)
                .view([-1, 1, 1, 1])
                .to_device(clean.device())
        };
        let epsilon = each(&|picture| picture.epsilon);
        let margin = Tensor::ones_like(clean);
        for (index, picture) in pictures.iter().enumerate() {
            let at = picture.letterbox;
            let (left, top) = (i64::from(at.left), i64::from(at.top));
            let (width, height) = (
                i64::from(at.width).min(size - left),
                i64::from(at.height).min(size - top),
            );
            let _ = margin
                .get(index as i64)
                .narrow(1, top, height)
                .narrow(2, left, width)
                .fill_(0.0);
        }
        let inside = 1.0 - &margin;
        let lowest = (clean - &epsilon).maximum(&each(&|picture| picture.low));
        let highest = (clean + &epsilon).minimum(&each(&|picture| picture.high));
        Self {
            lowest: lowest * &inside + clean * &margin,
            highest: highest * &inside + clean * &margin,
            sign: each(&|picture| if picture.raise { 1.0 } else { -1.0 }),
            epsilon,
            margin: margin.to_kind(Kind::Bool),
        }
    }

    fn project(&self, changed: &Tensor) -> Tensor {
        changed.maximum(&self.lowest).minimum(&self.highest)
    }

    /// Sum over the images of their scores as logits, each with its sign: what is to rise.
    fn score(&self, seen: &Seen, spec: &AttackSpec) -> Tensor {
        let flat = seen.map.masked_fill(&self.margin, -1e4).flatten(1, -1);
        let count = i64::from(spec.top_pixels).clamp(1, flat.size()[1]);
        let (highest, _) = flat.topk(count, 1, true, false);
        let mean = highest.mean_dim([1i64].as_slice(), false, Kind::Float);
        let share = f64::from(spec.class_share);
        let score = mean * (1.0 - share) + &seen.class * share;
        (score * self.sign.flatten(0, -1)).sum(Kind::Float)
    }
}

/// Inputs and gate out of a request's block; the sentence says what does not fit.
pub fn read_block(
    values: &[f32],
    pictures: &[AttackedPicture],
    size: i64,
    gate: Option<AttackedGate>,
    device: tch::Device,
) -> Result<(Tensor, Option<Gate>), String> {
    let count = pictures.len() as i64;
    let (centres, features) = gate.map_or((0, 0), |g| (i64::from(g.centres), i64::from(g.features)));
    let plane = gate.map_or(0, |g| if g.contrast { features + 1 } else { 0 });
    let inputs = count * size * size;
    let needed = inputs + centres * features + features * features + plane;
    if count == 0 || values.len() as i64 != needed {
        return Err(format!(
            "{count} inputs of {size} x {size} with {centres} centres of {features} features were announced, and {} \
             values came",
            values.len()
        ));
    }
    let fits = |p: &AttackedPicture| {
        let at = p.letterbox;
        let inside = |from: u32, length: u32| length > 0 && i64::from(from) + i64::from(length) <= size;
        inside(at.left, at.width) && inside(at.top, at.height) && p.epsilon >= 0.0 && p.low <= p.high
    };
    if let Some(at) = pictures.iter().position(|picture| !fits(picture)) {
        return Err(format!("the bounds of input {at} do not fit {size} x {size} pixels"));
    }
    let tensor = |part: &[f32], shape: &[i64]| Tensor::from_slice(part).view(shape).to_device(device);
    let (pictures, rest) = values.split_at(inputs as usize);
    let (middles, rest) = rest.split_at((centres * features) as usize);
    let (precision, rest) = rest.split_at((features * features) as usize);
    let gate = gate.map(|gate| Gate {
        centres: tensor(middles, &[centres, features]),
        precision: tensor(precision, &[features, features]),
        limit: f64::from(gate.limit),
        contrast: rest
            .split_at_checked(features as usize)
            .filter(|_| gate.contrast)
            .map(|(weights, intercept)| (tensor(weights, &[features, 1]), tensor(intercept, &[1]))),
    });
    Ok((tensor(pictures, &[count, 1, size, size]), gate))
}

/// The changed inputs as the block of the answer.
pub fn block_of(changed: &Tensor) -> Vec<u8> {
    engine::tensors::f32_to_bytes(&floats(changed))
}

#[cfg(test)]
mod tests;
