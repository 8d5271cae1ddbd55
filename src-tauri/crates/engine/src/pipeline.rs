//! Many frames through the network with the stages overlapped: the caller decodes and prepares on
//! its own threads, this thread feeds the backend in batches, another one turns raw output into
//! outcomes. Channels are bounded, so memory does not grow with the number of frames.

use domain::{FailureCode, OperatingPoint, StageMilliseconds};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Instant;

use crate::backend::{Backend, Heard};
use crate::bundle::Bundle;
use crate::error::EngineError;
use crate::input::ModelInput;
use crate::task::{self, FrameFacts, Image, Outcome};
use crate::tensors::Answers;

/// A backend that failed so often is not asked again in this run.
const FAILURES_IN_A_ROW: u32 = 2;

/// A frame ready for the network. `tag` is the caller's own and comes back with the outcome.
pub struct Prepared<T> {
    /// The caller's own.
    pub tag: T,
    /// What is known of it beside its pixels.
    pub facts: FrameFacts,
    /// What the network is given.
    pub input: ModelInput,
    /// `decode` and `preprocess` are filled in.
    pub times: StageMilliseconds,
    /// When work on the frame began.
    pub started: Instant,
}

/// A frame that came out.
pub struct Finished<T> {
    /// The caller's own, as it came.
    pub tag: T,
    /// As they came.
    pub facts: FrameFacts,
    /// What the bundle makes of it, or why it made nothing.
    pub outcome: Result<Outcome, EngineError>,
    /// All of them are filled in.
    pub times: StageMilliseconds,
    /// What the network said; for those who measure it.
    pub answers: Option<Answers>,
    /// What the network was given.
    pub input: ModelInput,
}

struct Inferred<T> {
    prepared: Prepared<T>,
    answers: Result<Answers, EngineError>,
    milliseconds: f64,
}

/// Runs until `prepared` closes, or until `stop` is set: then the frames in work are abandoned. Else every
/// frame comes out, with its outcome or the error that hit it; when the backend fails twice in a row, the
/// frames that follow fail by the same error at once.
pub fn run<T: Send>(
    bundle: &Bundle,
    operating_point: &OperatingPoint,
    backend: &mut dyn Backend,
    largest_batch: usize,
    prepared: Receiver<Prepared<T>>,
    finished: SyncSender<Finished<T>>,
    stop: &AtomicBool,
) {
    std::thread::scope(|scope| {
        let (send, inferred) = sync_channel::<Inferred<T>>(2 * largest_batch.max(1));
        scope.spawn(move || {
            for one in inferred {
                if finished.send(finish(bundle, operating_point, one)).is_err() {
                    return;
                }
            }
        });
        let mut failures = 0;
        let mut broken: Option<EngineError> = None;
        while let Ok(first) = prepared.recv() {
            if stop.load(Ordering::Relaxed) {
                return;
            }
            let mut batch = vec![first];
            batch.extend(prepared.try_iter().take(largest_batch.max(1) - 1));
            let inputs: Vec<ModelInput> = batch.iter().map(|one| one.input.clone()).collect();
            let mut waiting = batch.into_iter();
            let mut since = Instant::now();
            let mut pass_on = |answers| {
                let Some(prepared) = waiting.next() else { return false };
                let milliseconds = since.elapsed().as_secs_f64() * 1e3;
                since = Instant::now();
                let one = Inferred {
                    prepared,
                    answers,
                    milliseconds,
                };
                send.send(one).is_ok()
            };
            let end = match &broken {
                Some(error) => Err(error.clone()),
                None => backend.infer(bundle, &inputs, &mut |heard| match heard {
                    Heard::Nothing => !stop.load(Ordering::Relaxed),
                    Heard::Answer(answers) => pass_on(Ok(answers)) && !stop.load(Ordering::Relaxed),
                }),
            };
            match end {
                Ok(()) => failures = 0,
                Err(error) if error.code == FailureCode::Canceled => return,
                Err(error) => {
                    failures += 1;
                    while pass_on(Err(error.clone())) {}
                    broken = (failures >= FAILURES_IN_A_ROW).then_some(error);
                }
            }
        }
    });
}

fn finish<T>(bundle: &Bundle, operating_point: &OperatingPoint, one: Inferred<T>) -> Finished<T> {
    let Inferred {
        prepared,
        answers,
        milliseconds,
    } = one;
    let start = Instant::now();
    let image = Image {
        bundle,
        operating_point,
        facts: &prepared.facts,
        input: &prepared.input,
    };
    let (answers, outcome) = match answers {
        Ok(answers) => {
            let outcome = task::read(image, &answers);
            (Some(answers), outcome)
        }
        Err(error) => (None, Err(error)),
    };
    let mut times = prepared.times;
    times.infer = milliseconds;
    times.post = start.elapsed().as_secs_f64() * 1e3;
    times.total = prepared.started.elapsed().as_secs_f64() * 1e3;
    Finished {
        tag: prepared.tag,
        facts: prepared.facts,
        outcome,
        times,
        answers,
        input: prepared.input,
    }
}

#[cfg(test)]
mod tests;
