//! The heads that look for what nobody outlined: the map learned from pasted patches and the
//! autoencoder. Each head's score becomes a p-value among held-out images without an anomaly, and
//! the p-values are fused by Bonferroni's bound, which holds however the heads depend on each other.

use domain::room::NoRoom;
use serde::{Deserialize, Serialize};

use crate::analysis::top_mean;
use crate::backend::RawOutput;
use crate::bundle::RegionSpec;
use crate::preprocess::ModelInput;
use crate::resample::{crop, resize};

/// Side of the autoencoder's error map.
pub const RECONSTRUCTION_SIDE: u32 = 64;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Head {
    /// Learned from pasted patches.
    Foreign,
    /// The autoencoder.
    Reconstruction,
}

/// A head's scores of held-out images without an anomaly, lowest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HeadNormals {
    pub head: Head,
    pub scores: Vec<f32>,
}

/// `normals.json`: how the heads answer to images without an anomaly.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Normals {
    /// What the images are, in words.
    pub set: String,
    /// An image with a fused p-value at or below this is unusual: the share of normal ones that is.
    pub limit: f32,
    pub heads: Vec<HeadNormals>,
}

/// What the heads say together, and which of them speaks loudest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Unusual {
    /// 0..=1: how often a normal image would look as unusual.
    pub p: f32,
    pub head: Head,
}

impl Normals {
    /// `None` where the network has none of the heads.
    pub fn judge(&self, spec: &RegionSpec, input: &ModelInput, raw: &RawOutput) -> Option<Unusual> {
        let spoken = self.heads.iter().filter_map(|normals| {
            let score = head_score(normals.head, spec, input, raw)?;
            let p = p_value(&normals.scores, score);
            Some(Unusual { p, head: normals.head })
        });
        let loudest = spoken.min_by(|a, b| a.p.total_cmp(&b.p))?;
        let fused = (loudest.p * self.heads.len() as f32).min(1.0);
        Some(Unusual { p: fused, ..loudest })
    }

    /// Scores in order and finite, a limit that is a share.
    pub(crate) fn check(&self) -> Result<(), String> {
        if !(0.0..=1.0).contains(&self.limit) {
            return Err(format!("the limit {} is not within 0 and 1", self.limit));
        }
        let sound = |head: &HeadNormals| head.scores.iter().all(|v| v.is_finite()) && head.scores.is_sorted();
        match self.heads.iter().find(|head| head.scores.is_empty() || !sound(head)) {
            Some(head) => Err(format!(
                "the scores of {:?} are missing, not finite or not in order",
                head.head
            )),
            None => Ok(()),
        }
    }
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

    #[test]
    fn tables_out_of_order_or_empty_are_refused() {
        let table = |limit, scores: &[f32]| Normals {
            set: "toys".into(),
            limit,
            heads: vec![HeadNormals {
                head: Head::Foreign,
                scores: scores.to_vec(),
            }],
        };
        assert!(table(0.02, &[0.1, 0.2]).check().is_ok());
        for bad in [
            table(2.0, &[0.1]),
            table(0.02, &[]),
            table(0.02, &[0.2, 0.1]),
            table(0.02, &[f32::NAN]),
        ] {
            assert!(bad.check().is_err(), "{bad:?}");
        }
    }
}
