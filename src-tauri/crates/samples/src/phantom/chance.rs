//! Draws from PCG-32. The steps from bits to numbers are our own, so that a new release of a
//! random number library cannot change what a seed means.

use rand::RngCore;
use rand_pcg::Pcg32;

pub struct Chance(Pcg32);

impl Chance {
    /// Streams of one seed are independent: drawing from one never moves another.
    pub fn new(seed: u64, stream: u64) -> Self {
        // Neighbouring seeds are spread apart (finaliser of SplitMix64).
        let mut state = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Self(Pcg32::new(state ^ (state >> 31), stream))
    }

    /// 0 <= value < 1, in steps of 2^-24.
    pub fn unit(&mut self) -> f32 {
        (self.0.next_u32() >> 8) as f32 / 16_777_216.0
    }

    pub fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    pub fn happens(&mut self, probability: f32) -> bool {
        self.unit() < probability
    }

    /// 0..count; the bias is below count / 2^32.
    pub fn below(&mut self, count: u32) -> u32 {
        ((u64::from(self.0.next_u32()) * u64::from(count)) >> 32) as u32
    }

    /// Two values of a nearly normal distribution, mean 0, variance 1 (each the sum of four even ones).
    pub fn normal_pair(&mut self) -> [f32; 2] {
        [self.normal(), self.normal()]
    }

    fn normal(&mut self) -> f32 {
        let bits = [self.0.next_u32(), self.0.next_u32()];
        let sum: u32 = bits.iter().map(|b| (b >> 16) + (b & 0xffff)).sum();
        (sum as f32 / 65_536.0 - 2.0) * 1.732_050_8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_normal_values_have_mean_zero_and_variance_one() {
        let mut chance = Chance::new(3, 9);
        let values: Vec<f64> = (0..50_000).flat_map(|_| chance.normal_pair()).map(f64::from).collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / values.len() as f64;
        assert!(mean.abs() < 0.02, "mean {mean}");
        assert!((variance - 1.0).abs() < 0.03, "variance {variance}");
    }

    #[test]
    fn streams_and_seeds_differ() {
        let first = |seed, stream| Chance::new(seed, stream).unit();
        assert_eq!(first(1, 1), first(1, 1));
        assert_ne!(first(1, 1), first(1, 2));
        assert_ne!(first(1, 1), first(2, 1));
    }
}
