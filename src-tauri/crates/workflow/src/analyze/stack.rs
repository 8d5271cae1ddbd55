//! Slices of a stack wait for one verdict of the learned gate on all of them.

use std::collections::BTreeMap;

use domain::InputCheck;
use engine::bundle::InputSpec;
use engine::gate::stack_verdict;
use engine::pipeline::Finished;

use super::route::ENOUGH_SLICES;
use crate::frames::Tag;

/// A frame that came out of the network.
pub type Slice<T> = Finished<Tag<T, ()>>;

/// Slices of the stack in work, until enough of it is known.
pub struct Waiting<'a, T> {
    spec: &'a InputSpec,
    /// Files of each stack.
    files: BTreeMap<usize, usize>,
    /// The verdicts on stacks of which slices were analysed before.
    before: BTreeMap<usize, InputCheck>,
    stack: Option<usize>,
    /// Files of the stack in work that were seen to their last frame.
    ended: usize,
    slices: Vec<Slice<T>>,
    verdict: Option<InputCheck>,
}

impl<'a, T> Waiting<'a, T> {
    pub fn new(spec: &'a InputSpec, files: BTreeMap<usize, usize>, before: BTreeMap<usize, InputCheck>) -> Self {
        Self {
            spec,
            files,
            before,
            stack: None,
            ended: 0,
            slices: vec![],
            verdict: None,
        }
    }

    /// The slices whose verdict is known with this one. Stacks come one after the other; an image of none is by itself.
    pub fn push(&mut self, stack: Option<usize>, one: Slice<T>) -> Vec<Slice<T>> {
        let mut known = vec![];
        if stack != self.stack {
            known = self.rest();
            self.stack = stack;
            self.verdict = stack.and_then(|stack| self.before.remove(&stack));
            self.ended = 0;
        }
        let Some(stack) = stack else {
            known.push(one);
            return known;
        };
        self.ended += usize::from(one.facts.frame + 1 >= one.facts.frames);
        self.slices.push(one);
        let whole = self.files.get(&stack).is_some_and(|files| self.ended >= *files);
        if whole || self.verdict.is_some() || self.slices.len() >= ENOUGH_SLICES {
            known.extend(self.rest());
        }
        known
    }

    /// Those that wait, with the verdict on their stack.
    pub fn rest(&mut self) -> Vec<Slice<T>> {
        let mut slices = std::mem::take(&mut self.slices);
        if self.verdict.is_none() {
            let judged = slices
                .iter()
                .filter_map(|slice| Some((slice.outcome.as_ref().ok()?, &slice.input)));
            let (checks, noise): (Vec<&InputCheck>, Vec<f32>) = judged
                .filter(|(outcome, _)| outcome.input.score.is_some())
                .map(|(outcome, input)| (&outcome.input, input.noise))
                .unzip();
            self.verdict = stack_verdict(&checks, &noise, self.spec);
        }
        if let Some(verdict) = &self.verdict {
            for slice in &mut slices {
                let judge = |outcome: engine::Outcome| match outcome.input.score {
                    Some(_) => outcome.judged(verdict.clone()),
                    // The header spoke, or there is nothing to see on it.
                    None => outcome,
                };
                let outcome = std::mem::replace(&mut slice.outcome, Err(lost()));
                slice.outcome = outcome.map(judge);
            }
        }
        slices
    }
}

fn lost() -> engine::EngineError {
    engine::EngineError::new(domain::FailureCode::Internal, "a slice lost its outcome")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use domain::{GreyFrame, InputVerdict, Ruler, StageMilliseconds, Uid};
    use engine::gate::HeaderFacts;
    use engine::{Bundle, FrameFacts, Outcome};

    use super::*;

    #[test]
    fn slices_of_a_stack_that_was_judged_before_wait_for_nobody() -> Result<(), Box<dyn std::error::Error>> {
        let bundle = Bundle::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../models/brain-mri-flair"))?;
        let spec = &bundle.metadata.input;
        let check = |score| InputCheck {
            verdict: InputVerdict::InRange,
            reason: None,
            score: Some(score),
        };
        let grey = GreyFrame {
            rows: 64,
            cols: 64,
            values: (0..64 * 64).map(|at| (at % 61) as f32).collect(),
        };
        let input = engine::prepare(&grey, spec)?;
        let slice = |frame| Slice {
            tag: Tag { item: (), extra: () },
            facts: FrameFacts {
                sop_instance_uid: Uid::from_bits([1; 16]),
                frame,
                frames: 300,
                rows: 64,
                cols: 64,
                ruler: Ruler::default(),
                header: HeaderFacts::default(),
                in_stack: true,
            },
            outcome: Ok(Outcome::silent(check(0.9), 0.0)),
            times: StageMilliseconds::default(),
            answers: None,
            input: input.clone(),
        };
        let judged = |known: Vec<Slice<()>>| -> Vec<Option<f32>> {
            let score = |one: Slice<()>| one.outcome.ok().and_then(|outcome| outcome.input.score);
            known.into_iter().map(score).collect()
        };
        let files = BTreeMap::from([(0, 1), (1, 1)]);
        let mut waiting = Waiting::new(spec, files, BTreeMap::from([(0, check(0.4))]));
        for frame in [100, 101] {
            assert_eq!(judged(waiting.push(Some(0), slice(frame))), [Some(0.4)], "{frame}");
        }
        // Of another stack nothing is known yet.
        assert!(waiting.push(Some(1), slice(0)).is_empty());
        assert_eq!(judged(waiting.rest()), [Some(0.9)]);
        Ok(())
    }
}
