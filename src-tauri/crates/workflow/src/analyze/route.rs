//! Which bundle reads which pictures. Pictures that belong together, such as those of a series, go
//! the same way: a few of them vote.

use std::collections::BTreeMap;

use decode::{Decoder, Limits};
use domain::{Failure, GreyFrame};
use engine::task::route;
use engine::{Answers, Bundle, ModelInput, Worker};

use crate::frames::{self, Open};
use crate::models::{Reader, Readers};

/// Pictures of a series that the router is shown.
const VOTES: usize = 5;

/// The items by who reads them, in their order. Without a router the only bundle reads all. `go_on`
/// is asked before each image; its error ends the routing.
pub fn share_out<T: Clone>(
    readers: &Readers,
    worker: &mut Worker,
    series: Vec<Vec<T>>,
    mut open: impl Open<T>,
    go_on: &mut dyn FnMut() -> Result<(), Failure>,
) -> Result<BTreeMap<Reader, Vec<T>>, Failure> {
    let mut shared: BTreeMap<Reader, Vec<T>> = BTreeMap::new();
    let Some(router) = readers.router() else {
        shared.insert(Reader::Bundle(0), series.into_iter().flatten().collect());
        return Ok(shared);
    };
    let mut decoder = Decoder::beside_executable(Limits::default())?;
    let mut shown: Vec<(usize, ModelInput)> = Vec::new();
    for (place, items) in series.iter().enumerate() {
        let step = items.len().div_ceil(VOTES).max(1);
        // From within the steps, for a series begins and ends where there is little to see.
        let some = items.iter().skip(step / 2).step_by(step);
        for item in some {
            go_on()?;
            shown.extend(input(item, router, &mut open, &mut decoder).map(|input| (place, input)));
        }
    }
    let mut answers: Vec<Vec<Answers>> = vec![vec![]; series.len()];
    let (places, inputs): (Vec<usize>, Vec<ModelInput>) = shown.into_iter().unzip();
    for (place, answer) in places.into_iter().zip(frames::answers(worker, router, &inputs, go_on)?) {
        answers[place].push(answer);
    }
    for (items, answers) in series.into_iter().zip(answers) {
        let votes: Vec<&Answers> = answers.iter().collect();
        let reader = readers.routed(route::choose(router, &votes)?);
        shared.entry(reader).or_default().extend(items);
    }
    Ok(shared)
}

/// The middle frame as the router sees it; `None` where there is nothing to see. What is wrong with
/// the file is told when it is analysed.
fn input<T>(item: &T, router: &Bundle, open: &mut impl Open<T>, decoder: &mut Decoder) -> Option<ModelInput> {
    let decoded = open.open(item, decoder).ok()?;
    let middle = decoded.pixels.frames.checked_sub(1)? / 2;
    let grey = GreyFrame::of(&decoded, middle).ok()?;
    let input = engine::prepare(&grey, &router.metadata.input).ok()?;
    (!input.blank).then_some(input)
}
