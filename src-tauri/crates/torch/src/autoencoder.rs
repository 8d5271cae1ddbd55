//! The uncertainty autoencoder (AE-U: Mao et al., MICCAI 2020): it learns to draw small normal
//! images again and to say of each pixel how far it may be off. What is further off than it says
//! was not in a normal image.

use tch::{Kind, Tensor};

use crate::layers::{Conv, Layers, Pass, channels_last};

/// Side of the images it draws.
pub const SIDE: i64 = 64;
const WIDTHS: [i64; 5] = [16, 32, 64, 64, 64];
/// Channels of the code, of 2 x 2 places.
const CODE: i64 = 8;
/// Log-variances beyond these would let one pixel outweigh all others.
const LOG_VARIANCE: (f64, f64) = (-5.0, 3.0);

pub struct Autoencoder {
    encoder: Vec<Conv>,
    code: Conv,
    decoder: Vec<Conv>,
    output: Conv,
}

impl Autoencoder {
    pub fn new(layers: &mut dyn Layers) -> Self {
        let mut inputs = 1;
        let mut stage = |layers: &mut dyn Layers, name: String, outputs: i64, kernel: i64, stride: i64| {
            let conv = layers.conv_norm(&name, inputs, outputs, kernel, stride);
            inputs = outputs;
            conv
        };
        let encoder = (WIDTHS.iter().enumerate())
            .map(|(place, width)| stage(layers, format!("autoencoder.encoder.{place}"), *width, 3, 2))
            .collect();
        let code = stage(layers, "autoencoder.code".into(), CODE, 1, 1);
        let decoder = (WIDTHS.iter().enumerate().rev())
            .map(|(place, width)| stage(layers, format!("autoencoder.decoder.{place}"), *width, 3, 1))
            .collect();
        Self {
            encoder,
            code,
            decoder,
            output: layers.conv_bias("autoencoder.output", WIDTHS[0], 2),
        }
    }

    /// Of images [n, 1, s, s]: the small images, what was drawn, and the log-variance, each
    /// [n, 1, 64, 64].
    fn draw(&self, x: &Tensor, pass: Pass) -> [Tensor; 3] {
        let small = x.to_kind(Kind::Float).adaptive_avg_pool2d([SIDE, SIDE]);
        let mut h = channels_last(&small.to_kind(pass.kind));
        for conv in &self.encoder {
            h = conv.forward(&h, pass).relu_();
        }
        h = self.code.forward(&h, pass);
        for conv in &self.decoder {
            let (rows, cols) = (h.size()[2] * 2, h.size()[3] * 2);
            h = conv
                .forward(&h.upsample_nearest2d([rows, cols], None, None), pass)
                .relu_();
        }
        let drawn = self.output.forward(&h, pass).to_kind(Kind::Float);
        let log_variance = drawn.narrow(1, 1, 1).clamp(LOG_VARIANCE.0, LOG_VARIANCE.1);
        [small, drawn.narrow(1, 0, 1), log_variance]
    }

    /// Mean negative log-likelihood of the pixels, up to a constant.
    pub fn loss(&self, x: &Tensor, pass: Pass) -> Tensor {
        let [small, mean, log_variance] = self.draw(x, pass);
        ((small - mean).square() * log_variance.neg().exp() + log_variance).mean(Kind::Float)
    }

    /// [n, 64, 64]: squared errors in units of the variance that was owned up to.
    pub fn errors(&self, x: &Tensor, pass: Pass) -> Tensor {
        let [small, mean, log_variance] = self.draw(x, pass);
        ((small - mean).square() * log_variance.neg().exp()).select(1, 0)
    }
}

#[cfg(test)]
mod tests {
    use tch::{Device, nn, nn::OptimizerConfig};

    use super::*;
    use crate::train::TrainableLayers;

    /// Slopes of any direction, 64 x 64; and with a spot on them.
    fn slopes(count: i64, spot: bool) -> Tensor {
        let line = Tensor::linspace(-1.0, 1.0, SIDE, (Kind::Float, Device::Cpu));
        let angle = Tensor::rand([count, 1, 1, 1], (Kind::Float, Device::Cpu)) * std::f64::consts::TAU;
        let x = angle.cos() * line.view([1, 1, 1, SIDE]) + angle.sin() * line.view([1, 1, SIDE, 1]);
        if spot {
            let _ = x.narrow(2, 20, 8).narrow(3, 30, 8).g_add_scalar_(3.0);
        }
        x
    }

    #[test]
    fn what_it_never_saw_it_draws_badly_and_where() -> Result<(), Box<dyn std::error::Error>> {
        tch::manual_seed(1);
        let store = nn::VarStore::new(Device::Cpu);
        let autoencoder = Autoencoder::new(&mut TrainableLayers(store.root()));
        let mut optimizer = nn::Adam::default().build(&store, 2e-3)?;
        let pass = |train| Pass {
            train,
            kind: Kind::Float,
        };
        // Enough for any start: other tests draw from the same generator beside this one.
        for _ in 0..160 {
            optimizer.backward_step(&autoencoder.loss(&slopes(16, false), pass(true)));
        }
        let mean = |spot| tch::no_grad(|| autoencoder.errors(&slopes(16, spot), pass(false)));
        let (plain, spotted) = (mean(false), mean(true));
        let of = |t: &Tensor| t.mean(Kind::Float).double_value(&[]);
        assert!(
            of(&spotted) > 3.0 * of(&plain),
            "{} beside {}",
            of(&spotted),
            of(&plain)
        );
        let inside = spotted.narrow(1, 20, 8).narrow(2, 30, 8);
        assert!(
            of(&inside) > 10.0 * of(&spotted) / 2.0,
            "the spot itself: {}",
            of(&inside)
        );
        Ok(())
    }
}
