//! The heads that look for what nobody outlined: the map learned from pasted patches and the
//! autoencoder. Each head's score becomes a p-value among held-out images without an anomaly, and
//! the p-values are fused by Bonferroni's bound, which holds however the heads depend on each other.

use domain::room::NoRoom;

use super::top_mean;
use crate::backend::RawOutput;
use crate::bundle::{Head, Normals, RegionSpec};
use crate::input::{ModelInput, crop, resize};

/// Side of the autoencoder's error map.
pub const RECONSTRUCTION_SIDE: u32 = 64;

/// What the heads say together, and which of them speaks loudest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Unusual {
    /// 0..=1: how often a normal image would look as unusual.
    pub p: f32,
    pub head: Head,
}

/// What the heads make of an image; `None` where the network has none of them.
pub fn judge(normals: &Normals, spec: &RegionSpec, input: &ModelInput, raw: &RawOutput) -> Option<Unusual> {
    let spoken = normals.heads.iter().filter_map(|normals| {
        let score = head_score(normals.head, spec, input, raw)?;
        let p = p_value(&normals.scores, score);
        Some(Unusual { p, head: normals.head })
    });
    let loudest = spoken.min_by(|a, b| a.p.total_cmp(&b.p))?;
    let fused = (loudest.p * normals.heads.len() as f32).min(1.0);
    Some(Unusual { p: fused, ..loudest })
}

/// A head's score of an image: the mean of its highest pixels, or the mean error of the whole.
pub fn head_score(head: Head, spec: &RegionSpec, input: &ModelInput, raw: &RawOutput) -> Option<f32> {
    match head {
        Head::Foreign if raw.foreign.is_empty() => None,
        Head::Foreign => Some(top_mean(&crop(&raw.foreign, input.letterbox), spec.top_pixels as usize)),
        Head::Reconstruction if raw.reconstruction.is_empty() => None,
        Head::Reconstruction => Some(raw.reconstruction.iter().sum::<f32>() / raw.reconstruction.len() as f32),
    }
}

/// A head's map inside the letterbox, at the size it has there.
///
/// # Errors
/// [`NoRoom`].
pub fn head_map(head: Head, input: &ModelInput, raw: &RawOutput) -> Result<Vec<f32>, NoRoom> {
    let size = input.letterbox.size;
    Ok(match head {
        Head::Foreign => crop(&raw.foreign, input.letterbox),
        Head::Reconstruction => {
            let whole = resize(
                &raw.reconstruction,
                RECONSTRUCTION_SIDE,
                RECONSTRUCTION_SIDE,
                size,
                size,
            )?;
            crop(&whole, input.letterbox)
        }
    })
}

/// Share of normal images with a score at least as high, the image itself counted with them.
fn p_value(normals: &[f32], score: f32) -> f32 {
    let below = normals.partition_point(|normal| *normal < score);
    (normals.len() - below + 1) as f32 / (normals.len() + 1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p_values_count_the_picture_itself() {
        let normals = [0.1, 0.2, 0.3, 0.4];
        assert_eq!(p_value(&normals, 0.5), 0.2);
        assert_eq!(p_value(&normals, 0.4), 0.4);
        assert_eq!(p_value(&normals, 0.0), 1.0);
    }
}
