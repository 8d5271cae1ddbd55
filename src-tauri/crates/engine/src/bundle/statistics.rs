//! `gate.safetensors`: what the input gate learned of the features of training images.
//!
//! The Mahalanobis distance from the nearest of several centres under one shared covariance (Lee et
//! al., NeurIPS 2018), and a plane between the training images and known others.

use domain::FailureCode;
use safetensors::SafeTensors;

use super::GateSpec;
use crate::error::EngineError;
use crate::number::narrow;
use crate::tensors::{f32_from_bytes, f32_to_bytes};

/// Centres of the features of training images, one for each kind of them, their shared inverse
/// covariance (row major), and the distance at which an image is out of range.
#[derive(Debug, Clone, PartialEq)]
pub struct GateStatistics {
    /// \[k\]\[d\]: the mean features of each kind of training images.
    pub centres: Vec<Vec<f32>>,
    /// \[d, d\] in row-major order: inverse of the covariance within the kinds.
    pub precision: Vec<f32>,
    /// Mahalanobis distance, above 0.
    pub limit: f32,
    /// Weights of the features and, last, an intercept: above 0 an image is rather one of the others
    /// that were known at training.
    pub contrast: Option<Vec<f32>>,
}

impl GateStatistics {
    /// Reads `gate.safetensors`: F32 tensors `centres` [k, d], `precision` [d, d] and, where others
    /// were known, `contrast` [d + 1].
    pub fn parse(bytes: &[u8], spec: &GateSpec) -> Result<Self, EngineError> {
        let bad = |what: String| {
            EngineError::new(
                FailureCode::BundleDamaged,
                format!("the gate statistics of the bundle are damaged: {what}"),
            )
        };
        let tensors = SafeTensors::deserialize(bytes).map_err(|error| bad(error.to_string()))?;
        let (d, k) = (spec.features as usize, spec.centres as usize);
        let read = |name: &str, shape: &[usize]| {
            let tensor = tensors.tensor(name).map_err(|error| bad(error.to_string()))?;
            if tensor.shape() != shape || tensor.dtype() != safetensors::Dtype::F32 {
                return Err(bad(format!("{name} has the shape {:?}, not {shape:?}", tensor.shape())));
            }
            let values = f32_from_bytes(tensor.data());
            if values.iter().all(|v| v.is_finite()) {
                Ok(values)
            } else {
                Err(bad(format!("{name} is not finite")))
            }
        };
        if !(spec.limit.is_finite() && spec.limit > 0.0) || d == 0 || k == 0 {
            return Err(bad(format!("{d} features, {k} centres and the limit {}", spec.limit)));
        }
        let contrast = match tensors.names().contains(&"contrast") {
            true => Some(read("contrast", &[d + 1])?),
            false => None,
        };
        let centres = read("centres", &[k, d])?.chunks_exact(d).map(<[f32]>::to_vec).collect();
        Ok(Self {
            centres,
            precision: read("precision", &[d, d])?,
            limit: spec.limit,
            contrast,
        })
    }

    /// The bytes that [`Self::parse`] reads.
    pub fn to_safetensors(&self) -> Result<Vec<u8>, EngineError> {
        let (centres, precision) = (f32_to_bytes(&self.centres.concat()), f32_to_bytes(&self.precision));
        let contrast = self.contrast.as_ref().map(|plane| f32_to_bytes(plane));
        let (d, k) = (self.features(), self.centres.len());
        let view = |shape: Vec<usize>, data| safetensors::tensor::TensorView::new(safetensors::Dtype::F32, shape, data);
        let write = || {
            let mut tensors = vec![
                ("centres", view(vec![k, d], &centres)?),
                ("precision", view(vec![d, d], &precision)?),
            ];
            if let Some(contrast) = &contrast {
                tensors.push(("contrast", view(vec![d + 1], contrast)?));
            }
            safetensors::serialize(tensors, None)
        };
        write()
            .map_err(|error| EngineError::new(FailureCode::Io, format!("gate statistics cannot be written: {error}")))
    }

    /// Length of a feature vector.
    pub fn features(&self) -> usize {
        self.centres.first().map_or(0, Vec::len)
    }

    /// How far out of range: above 1 is out. The greater of the Mahalanobis distance from the nearest
    /// centre in units of the limit and of the plane's answer, which lies between 0 and 2.
    pub fn score(&self, features: &[f32]) -> Option<f32> {
        if features.len() != self.features() || features.iter().any(|v| !v.is_finite()) {
            return None;
        }
        let distances = self
            .centres
            .iter()
            .map(|centre| self.squared_distance(features, centre));
        let nearest = distances.min_by(f64::total_cmp)?;
        let distance = narrow(nearest.max(0.0).sqrt() / f64::from(self.limit));
        Some(distance.max(self.other(features).unwrap_or(0.0)))
    }

    /// Twice the probability of being one of the known others, at even odds where the limit is.
    fn other(&self, features: &[f32]) -> Option<f32> {
        let (intercept, weights) = self.contrast.as_ref()?.split_last()?;
        let sum: f64 = features
            .iter()
            .zip(weights)
            .map(|(f, w)| f64::from(*f) * f64::from(*w))
            .sum();
        Some(narrow(2.0 / (1.0 + (-(sum + f64::from(*intercept))).exp())))
    }

    fn squared_distance(&self, features: &[f32], centre: &[f32]) -> f64 {
        let offset: Vec<f32> = features.iter().zip(centre).map(|(f, c)| f - c).collect();
        self.precision
            .chunks_exact(offset.len().max(1))
            .zip(&offset)
            .map(|(row, c)| f64::from(*c) * f64::from(row.iter().zip(&offset).map(|(p, x)| p * x).sum::<f32>()))
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_is_mahalanobis_in_units_of_the_limit() {
        let gate = GateStatistics {
            centres: vec![vec![1.0, 2.0], vec![9.0, 9.0]],
            precision: vec![4.0, 0.0, 0.0, 1.0],
            limit: 2.0,
            contrast: None,
        };
        assert_eq!(gate.score(&[1.0, 2.0]), Some(0.0));
        assert_eq!(gate.score(&[2.0, 2.0]), Some(1.0));
        assert_eq!(gate.score(&[1.0, 5.0]), Some(1.5));
        assert_eq!(gate.score(&[9.0, 9.0]), Some(0.0));
        assert_eq!(gate.score(&[1.0]), None);
        assert_eq!(gate.score(&[f32::NAN, 0.0]), None);
    }

    #[test]
    fn a_picture_on_the_others_side_of_the_plane_is_out_however_near_it_lies() {
        let gate = GateStatistics {
            centres: vec![vec![0.0, 0.0]],
            precision: vec![1.0, 0.0, 0.0, 1.0],
            limit: 10.0,
            contrast: Some(vec![1.0, 0.0, -2.0]),
        };
        let score = |x| gate.score(&[x, 0.0]).unwrap_or(f32::NAN);
        assert!(score(0.0) < 0.3 && (score(2.0) - 1.0).abs() < 1e-6 && score(6.0) > 1.9);
        assert!(score(-30.0) >= 3.0, "far away is out on either side");
    }

    #[test]
    fn statistics_survive_the_file_and_a_wrong_size_is_refused() -> Result<(), EngineError> {
        let gate = GateStatistics {
            centres: vec![vec![1.0, 2.0]],
            precision: vec![4.0, 0.5, 0.5, 1.0],
            limit: 2.0,
            contrast: Some(vec![1.0, -1.0, 0.5]),
        };
        let bytes = gate.to_safetensors()?;
        assert_eq!(
            GateStatistics::parse(
                &bytes,
                &GateSpec {
                    features: 2,
                    centres: 1,
                    limit: 2.0
                }
            )?,
            gate
        );
        assert!(
            GateStatistics::parse(
                &bytes,
                &GateSpec {
                    features: 3,
                    centres: 1,
                    limit: 2.0
                }
            )
            .is_err()
        );
        assert!(
            GateStatistics::parse(
                &bytes,
                &GateSpec {
                    features: 2,
                    centres: 1,
                    limit: f32::NAN
                }
            )
            .is_err()
        );
        assert!(
            GateStatistics::parse(
                &bytes[..20],
                &GateSpec {
                    features: 2,
                    centres: 1,
                    limit: 2.0
                }
            )
            .is_err()
        );
        Ok(())
    }
}
