//! Which bundle an image is for. A router's network has one logit for each bundle of its routes; an
//! image that is likely of none of them, or unlike all that the router was trained on, is for none.

use domain::InputCheck;

use super::{Image, Interpreter, Outcome};
use crate::bundle::{Bundle, Route};
use crate::error::EngineError;
use crate::gate;
use crate::tensors::{Answers, FEATURES};

impl Interpreter for Route {
    /// What a router is given to read has no reader.
    fn refuse(&self, bundle: &Bundle) -> Option<InputCheck> {
        Some(gate::no_model_verdict(&bundle.metadata.input))
    }

    fn read(&self, _: Image<'_>, _: &Answers, _: &mut Outcome) -> Result<(), EngineError> {
        Ok(())
    }
}

/// The likeliest of the router's routes for images that belong together, such as slices of one
/// series; `None` where none is likely enough, or the bundle routes nothing. Images that the router's own
/// gate refuses do not vote.
///
/// # Errors
/// Where the answers lack the logits or what the gate judges.
pub fn choose<'a>(router: &'a Bundle, answers: &[&Answers]) -> Result<Option<&'a str>, EngineError> {
    let (Some(route), Some(point)) = (router.metadata.route(), router.metadata.operating_points.first()) else {
        return Ok(None);
    };
    let mut votes: Vec<&[f32]> = Vec::with_capacity(answers.len());
    for answer in answers {
        let known = match &router.gate {
            Some(gate) => gate.score(answer.values(FEATURES)?).is_some_and(|score| score <= 1.0),
            None => true,
        };
        if known {
            votes.push(answer.values(&route.logits)?);
        }
    }
    let likely = |class: usize| {
        let of = |logits: &&[f32]| logits.get(class).map_or(0.0, |logit| 1.0 / (1.0 + (-logit).exp()));
        votes.iter().map(of).sum::<f32>() / votes.len().max(1) as f32
    };
    let routes = route.routes.iter().enumerate();
    let likeliest = routes
        .map(|(class, name)| (name.as_str(), likely(class)))
        .max_by(|a, b| a.1.total_cmp(&b.1));
    Ok(likeliest
        .filter(|(_, probability)| *probability >= point.threshold && !votes.is_empty())
        .map(|(name, _)| name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bundle::CLASS;
    use crate::tensors::Tensor;
    use crate::testing::router;

    #[test]
    fn the_likeliest_route_is_taken_and_none_where_none_is_likely() -> Result<(), EngineError> {
        let router = router(&["heads", "chests"]);
        let says = |logits: [f32; 2]| {
            router.answers(vec![
                Tensor::new(CLASS, vec![2], logits.to_vec()),
                Tensor::new(FEATURES, vec![20], vec![0.0; 20]),
            ])
        };
        let (head, chest, neither) = (says([4.0, -4.0])?, says([-4.0, 2.0])?, says([-3.0, -2.0])?);
        assert_eq!(choose(&router, &[&head])?, Some("heads"));
        assert_eq!(choose(&router, &[&head, &chest, &chest])?, Some("chests"), "they vote");
        assert_eq!(choose(&router, &[&neither])?, None);
        assert_eq!(choose(&router, &[])?, None);
        Ok(())
    }
}
