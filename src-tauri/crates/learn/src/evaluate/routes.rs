//! Where a router sends the images of a set.

use std::collections::BTreeMap;

use domain::Estimate;

use super::{Evaluation, Figures, Options, Probe, Subset};
use crate::LearnError;
use crate::metrics::{PatientRatio, Resamples};

/// An image and the bundle that it was sent to; `None` where it was sent to none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoutedCase {
    /// Draws are by patient.
    pub patient: String,
    /// The bundle.
    pub route: Option<String>,
}

/// The share of the images that each bundle got, by patient-level bootstrap, and in `refused` that
/// of those that none got. All other figures are null.
///
/// Errors: no cases.
pub fn evaluate_routes(cases: &[RoutedCase], options: &Options) -> Result<Evaluation, LearnError> {
    if cases.is_empty() {
        return Err(LearnError::TooFew {
            what: "an evaluation",
            needed: 1,
            got: 0,
        });
    }
    let mut places: BTreeMap<&str, usize> = cases.iter().map(|case| (case.patient.as_str(), 0)).collect();
    places
        .values_mut()
        .enumerate()
        .for_each(|(place, value)| *value = place);
    let draws = Resamples::draw(places.len(), options.rounds, options.seed);
    let share = |of: &dyn Fn(Option<&str>) -> bool| -> Option<Estimate> {
        let mut ratio = PatientRatio::new(places.len());
        for case in cases {
            let counts = f64::from(u8::from(of(case.route.as_deref())));
            ratio.add(places[case.patient.as_str()], counts, 1.0);
        }
        draws.estimate(|weights| ratio.value(weights))
    };
    let taken: std::collections::BTreeSet<&str> = cases.iter().filter_map(|case| case.route.as_deref()).collect();
    let routed = taken
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), share(&|route| route == Some(name))?)));
    let refused = cases.iter().filter(|case| case.route.is_none()).count();
    Ok(Evaluation {
        set: options.set.clone(),
        n_images: cases.len(),
        n_patients: places.len(),
        n_refused: refused,
        n_scored: 0,
        figures: Figures {
            refused: share(&|route| route.is_none()),
            ..Figures::default()
        },
        core: Subset {
            name: "core".into(),
            ..Subset::default()
        },
        probe: Probe::default(),
        operating_points: vec![],
        notes: vec!["a router gives no scores: the figures are the shares of images that each bundle got".into()],
        attack: None,
        gate: None,
        shifted: vec![],
        protocol: None,
        routed: Some(routed.collect()),
        subgroups: vec![],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_routes_are_those_of_the_pictures() -> Result<(), LearnError> {
        let case = |patient: &str, route: Option<&str>| RoutedCase {
            patient: patient.into(),
            route: route.map(str::to_owned),
        };
        let cases = [
            case("a", Some("heads")),
            case("a", Some("heads")),
            case("b", Some("chests")),
            case("c", None),
        ];
        let told = evaluate_routes(&cases, &Options::new("toys val", vec![]))?;
        let routed = told.routed.unwrap_or_default();
        let value = |name: &str| routed.get(name).map(|share| share.value);
        assert_eq!(
            (value("heads"), value("chests"), value("knees")),
            (Some(0.5), Some(0.25), None)
        );
        assert_eq!(told.figures.refused.map(|share| share.value), Some(0.25));
        assert_eq!((told.n_images, told.n_patients, told.n_refused), (4, 3, 1));
        assert!(evaluate_routes(&[], &Options::new("none", vec![])).is_err());
        Ok(())
    }
}
