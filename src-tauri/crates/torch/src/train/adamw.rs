//! AdamW (Loshchilov and Hutter, 2019, arXiv:1711.05101), with moments that a checkpoint can keep;
//! those of libtorch's own optimizer cannot be read.

use std::collections::BTreeMap;

use tch::{Kind, Tensor};

const BETA_1: f64 = 0.9;
const BETA_2: f64 = 0.999;
const EPSILON: f64 = 1e-8;

/// One trained tensor with its moments.
struct Slot {
    name: String,
    value: Tensor,
    first: Tensor,
    second: Tensor,
    decay: bool,
}

pub struct AdamW {
    slots: Vec<Slot>,
    weight_decay: f64,
    steps: i64,
}

impl AdamW {
    /// Over the variables that want a gradient. Only tensors of more than one dimension decay:
    /// not the biases, nor what normalisation learns.
    pub fn new(variables: &BTreeMap<String, Tensor>, weight_decay: f64) -> Self {
        let slots = variables
            .iter()
            .filter(|(_, value)| value.requires_grad())
            .map(|(name, value)| Slot {
                name: name.clone(),
                value: value.shallow_clone(),
                first: value.zeros_like().set_requires_grad(false),
                second: value.zeros_like().set_requires_grad(false),
                decay: value.dim() > 1,
            })
            .collect();
        Self {
            slots,
            weight_decay,
            steps: 0,
        }
    }

    /// Gradients of `loss`, their common norm held below `clip`, and one step.
    pub fn step(&mut self, loss: &Tensor, rate: f64, clip: f64) {
        self.slots.iter_mut().for_each(|slot| slot.value.zero_grad());
        loss.backward();
        self.steps += 1;
        tch::no_grad(|| {
            let gradients: Vec<Tensor> = self.slots.iter().map(|slot| slot.value.grad()).collect();
            let squares: Vec<Tensor> = gradients
                .iter()
                .filter(|g| g.defined())
                .map(|g| g.square().sum(Kind::Float))
                .collect();
            let norm = Tensor::stack(&squares, 0).sum(Kind::Float).sqrt().double_value(&[]);
            let scale = if norm > clip { clip / (norm + 1e-6) } else { 1.0 };
            let steps = self.steps as f64;
            let (bias_1, bias_2) = (1.0 - BETA_1.powf(steps), 1.0 - BETA_2.powf(steps));
            for (slot, gradient) in self.slots.iter_mut().zip(&gradients) {
                if !gradient.defined() {
                    continue;
                }
                let gradient = gradient * scale;
                let _ = slot.first.lerp_(&gradient, 1.0 - BETA_1);
                slot.second *= BETA_2;
                slot.second += gradient.square() * (1.0 - BETA_2);
                if slot.decay {
                    slot.value *= 1.0 - rate * self.weight_decay;
                }
                let root = (&slot.second / bias_2).sqrt() + EPSILON;
                slot.value -= &slot.first / root * (rate / bias_1);
            }
        });
    }

    pub fn steps(&self) -> i64 {
        self.steps
    }

    /// The moments by name, `first.NAME` and `second.NAME`.
    pub fn moments(&self) -> impl Iterator<Item = (String, &Tensor)> {
        self.slots.iter().flat_map(|slot| {
            [("first", &slot.first), ("second", &slot.second)]
                .map(|(kind, tensor)| (format!("{kind}.{}", slot.name), tensor))
        })
    }

    /// Goes on where another left off; the moments are overwritten through [`Self::moments`].
    pub fn resume_at(&mut self, steps: i64) {
        self.steps = steps;
    }
}
