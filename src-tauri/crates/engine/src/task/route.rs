//! Which bundle an image is for. A router's network has one class for each bundle of its `routes`;
//! an image that is likely of none of them, or unlike all that the router was trained on, is for none.

use crate::backend::RawOutput;
use crate::bundle::Bundle;

/// The likeliest of the router's routes for images that belong together, such as slices of one
/// series; `None` where none is likely enough. Images that the router's own gate refuses do not vote.
pub fn choose<'a>(router: &'a Bundle, answers: &[&RawOutput]) -> Option<&'a str> {
    let known = |answer: &&&RawOutput| match &router.gate {
        Some(gate) => gate.score(&answer.features).is_some_and(|score| score <= 1.0),
        None => true,
    };
    let votes: Vec<&RawOutput> = answers.iter().filter(known).copied().collect();
    let threshold = router.metadata.operating_points.first()?.threshold;
    let likely = |class: usize| {
        let of = |answer: &&RawOutput| {
            answer
                .class_logits
                .get(class)
                .map_or(0.0, |logit| 1.0 / (1.0 + (-logit).exp()))
        };
        votes.iter().map(of).sum::<f32>() / votes.len().max(1) as f32
    };
    let routes = router.metadata.routes.iter().enumerate();
    let (name, probability) = routes
        .map(|(class, name)| (name.as_str(), likely(class)))
        .max_by(|a, b| a.1.total_cmp(&b.1))?;
    (probability >= threshold && !votes.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::bundle;

    fn says(logits: [f32; 2]) -> RawOutput {
        RawOutput {
            class_logits: logits.to_vec(),
            map: vec![],
            foreign: vec![],
            reconstruction: vec![],
            features: vec![],
        }
    }

    #[test]
    fn the_likeliest_route_is_taken_and_none_where_none_is_likely() {
        let mut router = bundle();
        router.metadata.routes = vec!["heads".into(), "chests".into()];
        let (head, chest, neither) = (says([4.0, -4.0]), says([-4.0, 2.0]), says([-3.0, -2.0]));
        assert_eq!(choose(&router, &[&head]), Some("heads"));
        assert_eq!(choose(&router, &[&head, &chest, &chest]), Some("chests"), "they vote");
        assert_eq!(choose(&router, &[&neither]), None);
        assert_eq!(choose(&router, &[]), None);
    }
}
