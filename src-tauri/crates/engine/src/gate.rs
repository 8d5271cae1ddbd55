//! The input gate: is this image of the kind that the model was made for?
//!
//! Rules on the file's own header speak first, then the Mahalanobis distance of the network's
//! pooled features from those of the training images: from the nearest of several centres under
//! one shared covariance (Lee et al., NeurIPS 2018); then the side on which the features lie of a
//! plane between the training images and known others.

use domain::{FailureCode, InputCheck, InputVerdict, Sentence, SentenceValue};
use safetensors::SafeTensors;

use crate::bundle::{Bundle, GateSpec, InputSpec};
use crate::error::EngineError;
use crate::protocol::{f32_from_bytes, f32_to_bytes};

/// What the header says, as far as the gate asks. `None` where the file does not say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HeaderFacts {
    /// DICOM modality; `None` for an image file without a header.
    pub modality: Option<String>,
    pub body_part_examined: Option<String>,
    /// Photometric Interpretation; `None` for an image file without a header.
    pub photometric: Option<String>,
    /// Of the patient at the study, in years.
    pub age_years: Option<f32>,
    pub view_position: Option<String>,
}

/// Centres of the features of training images, one for each kind of them, their shared inverse
/// covariance (row major), and the distance at which an image is out of range.
#[derive(Debug, Clone, PartialEq)]
pub struct GateStatistics {
    pub centres: Vec<Vec<f32>>,
    pub precision: Vec<f32>,
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
        let distance = (nearest.max(0.0).sqrt() / f64::from(self.limit)) as f32;
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
        Some((2.0 / (1.0 + (-(sum + f64::from(*intercept))).exp())) as f32)
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

/// What the header alone decides; `None` when it does not forbid the image.
pub fn header_verdict(facts: &HeaderFacts, spec: &InputSpec) -> Option<InputCheck> {
    let reason = other_code(facts, spec)
        .or_else(|| other_body_part(facts, spec))
        .or_else(|| other_age(facts, spec))?;
    Some(InputCheck {
        verdict: InputVerdict::OutOfRange,
        reason: Some(reason),
        score: None,
    })
}

#[derive(Clone, Copy, PartialEq)]
enum CodedFact {
    Modality,
    Photometric,
    View,
}

/// A coded fact that is none of those accepted. Of what a bundle names no values, any will do, but for the modality.
fn other_code(facts: &HeaderFacts, spec: &InputSpec) -> Option<Sentence> {
    let rules = [
        (CodedFact::Modality, &facts.modality, &spec.modalities, "modality is"),
        (
            CodedFact::Photometric,
            &facts.photometric,
            &spec.photometric,
            "pixels are",
        ),
        (CodedFact::View, &facts.view_position, &spec.views, "view is"),
    ];
    rules.into_iter().find_map(|(fact, found, accepted, says)| {
        let found = found.as_deref()?;
        let any = accepted.is_empty() && fact != CodedFact::Modality;
        if any || accepted.iter().any(|one| one.eq_ignore_ascii_case(found)) {
            return None;
        }
        let (made_for, found, or) = (&spec.description, code_text(found), accepted.join(" or "));
        let words = format!("this model was made for {made_for}; the file's {says} {found}, not {or}");
        let values = [
            made_for_value(spec),
            ("found", found.into()),
            ("accepted", accepted.join(" / ").into()),
        ];
        Some(match fact {
            CodedFact::Modality => Sentence::new("gate.modality", values, words),
            CodedFact::Photometric => Sentence::new("gate.photometric", values, words),
            CodedFact::View => Sentence::new("gate.view", values, words),
        })
    })
}

fn other_body_part(facts: &HeaderFacts, spec: &InputSpec) -> Option<Sentence> {
    let part = facts.body_part_examined.as_deref()?;
    if spec.body_parts.is_empty() || spec.body_parts.iter().any(|p| p.eq_ignore_ascii_case(part)) {
        return None;
    }
    let (made_for, found) = (&spec.description, code_text(part));
    let words = format!("this model was made for {made_for}; the file's body part is {found}");
    Some(Sentence::new(
        "gate.body_part",
        [made_for_value(spec), ("found", found.into())],
        words,
    ))
}

fn other_age(facts: &HeaderFacts, spec: &InputSpec) -> Option<Sentence> {
    let (age, [youngest, oldest]) = (facts.age_years?, spec.ages?);
    if (youngest as f32..(oldest + 1) as f32).contains(&age) {
        return None;
    }
    let (made_for, age) = (&spec.description, age.floor());
    let words = format!("this model was made for {made_for}; the file's patient is {age} years old");
    Some(Sentence::new(
        "gate.age",
        [made_for_value(spec), ("count", (age as i64).into())],
        words,
    ))
}

fn made_for_value(spec: &InputSpec) -> (&'static str, SentenceValue) {
    ("made_for", spec.description.as_str().into())
}

/// A code string (VR CS, PS3.5 6.2) as it stands; anything else could be a name and is not repeated.
fn code_text(value: &str) -> &str {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b' ' || b == b'_';
    if value.len() <= 16 && value.bytes().all(plain) {
        value
    } else {
        "not a valid code"
    }
}

/// The learned gate's verdict on a network's features.
pub fn feature_verdict(bundle: &Bundle, features: &[f32]) -> InputCheck {
    let Some(gate) = &bundle.gate else {
        return InputCheck {
            verdict: InputVerdict::Unknown,
            reason: Some(Sentence::new(
                "gate.no_statistics",
                [],
                "this bundle has no gate statistics, so it cannot tell whether the image suits it",
            )),
            score: None,
        };
    };
    match gate.score(features) {
        Some(score) if score <= 1.0 => InputCheck {
            verdict: InputVerdict::InRange,
            reason: None,
            score: Some(score),
        },
        score => InputCheck {
            verdict: InputVerdict::OutOfRange,
            reason: Some(Sentence::new(
                "gate.unlike",
                [made_for_value(&bundle.metadata.input)],
                format!(
                    "this model was made for {}; the image is unlike those it was trained on",
                    bundle.metadata.input.description
                ),
            )),
            score,
        },
    }
}

/// An image that the router gave to no model in use.
pub fn no_model_verdict(spec: &InputSpec) -> InputCheck {
    InputCheck {
        verdict: InputVerdict::OutOfRange,
        reason: Some(Sentence::new(
            "gate.no_model",
            [made_for_value(spec)],
            format!(
                "no model in use was made for this image; there are models for {}",
                spec.description
            ),
        )),
        score: None,
    }
}

/// A frame whose percentiles coincide: one value, or one value but for a few pixels.
pub fn blank_verdict() -> InputCheck {
    InputCheck {
        verdict: InputVerdict::OutOfRange,
        reason: Some(Sentence::new(
            "gate.blank",
            [],
            "the image is blank: all but a few of its pixels have the same value",
        )),
        score: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec() -> InputSpec {
        InputSpec {
            size: 64,
            percentiles: [0.0, 100.0],
            body_threshold: 0.1,
            modalities: vec!["MR".into()],
            photometric: vec![],
            body_parts: vec!["HEAD".into(), "BRAIN".into()],
            ages: Some([18, 120]),
            views: vec!["PA".into(), "AP".into()],
            description: "axial FLAIR slices of the head".into(),
        }
    }

    #[test]
    fn another_modality_or_body_part_is_refused_in_words() {
        let facts = |m: &str, b: &str| HeaderFacts {
            modality: Some(m.into()),
            body_part_examined: Some(b.into()),
            ..HeaderFacts::default()
        };
        assert_eq!(header_verdict(&facts("mr", "Head"), &spec()), None);
        assert_eq!(header_verdict(&HeaderFacts::default(), &spec()), None);
        let ct = header_verdict(&facts("CT", "HEAD"), &spec())
            .and_then(|c| c.reason)
            .map_or_else(String::new, |reason| reason.words);
        assert!(ct.contains("modality is CT"), "{ct}");
        let coded = header_verdict(&facts("CT", "HEAD"), &spec()).and_then(|check| check.reason?.coded);
        let coded = coded.map(|coded| {
            (
                coded.code,
                coded.values["found"].clone(),
                coded.values["accepted"].clone(),
            )
        });
        assert_eq!(coded, Some(("gate.modality".into(), "CT".into(), "MR".into())));
        let knee = header_verdict(&facts("MR", "KNEE"), &spec())
            .and_then(|c| c.reason)
            .map_or_else(String::new, |reason| reason.words);
        assert!(knee.contains("body part is KNEE"), "{knee}");
        let odd = header_verdict(&facts("MR", "\u{1b}[2JDOE^JANE"), &spec())
            .and_then(|c| c.reason)
            .map_or_else(String::new, |reason| reason.words);
        assert!(odd.contains("not a valid code") && !odd.contains("JANE"), "{odd}");
    }

    #[test]
    fn another_age_or_view_is_refused_in_words() {
        let said = |age_years, view: Option<&str>| {
            let facts = HeaderFacts {
                age_years,
                view_position: view.map(str::to_owned),
                ..HeaderFacts::default()
            };
            header_verdict(&facts, &spec())
                .and_then(|check| check.reason)
                .map(|reason| reason.words)
        };
        assert_eq!((said(Some(18.0), Some("pa")), said(None, None)), (None, None));
        assert_eq!(said(Some(120.9), None), None);
        assert!(said(Some(17.9), None).is_some_and(|why| why.contains("17 years old")));
        assert!(said(Some(0.02), None).is_some_and(|why| why.contains("0 years old")));
        assert!(said(None, Some("LL")).is_some_and(|why| why.contains("view is LL")));
    }

    #[test]
    fn colours_are_refused_in_words_by_a_model_of_grey_pictures() {
        let said = |found: &str| {
            let facts = HeaderFacts {
                photometric: Some(found.into()),
                ..HeaderFacts::default()
            };
            let spec = InputSpec {
                photometric: vec!["MONOCHROME1".into(), "MONOCHROME2".into()],
                ..spec()
            };
            header_verdict(&facts, &spec)
                .and_then(|check| check.reason)
                .map(|reason| reason.words)
        };
        assert_eq!(said("MONOCHROME2"), None);
        let why = said("YBR_FULL").unwrap_or_default();
        assert!(
            why.contains("pixels are YBR_FULL, not MONOCHROME1 or MONOCHROME2"),
            "{why}"
        );
        let colours = HeaderFacts {
            photometric: Some("RGB".into()),
            ..HeaderFacts::default()
        };
        assert_eq!(
            header_verdict(&colours, &spec()),
            None,
            "a bundle that names none takes any"
        );
    }

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
