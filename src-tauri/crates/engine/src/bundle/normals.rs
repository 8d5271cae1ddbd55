//! `normals.json`: how the heads that look for what nobody outlined answer to normal images.

use serde::{Deserialize, Serialize};

/// A head that looks for what nobody outlined.
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
    /// Which head.
    pub head: Head,
    /// In the head's own unit, see `engine::task::unusual::head_score`.
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
    /// One for each head of the network.
    pub heads: Vec<HeadNormals>,
}

impl Normals {
    /// Scores in order and finite, a limit that is a share.
    pub(super) fn check(&self) -> Result<(), String> {
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

#[cfg(test)]
mod tests {
    use super::*;

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
