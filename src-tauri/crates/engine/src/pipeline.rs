//! Many frames through the network with the stages overlapped: the caller decodes and prepares on
//! its own threads, this thread feeds the backend in batches, another one turns raw output into
//! outcomes. Channels are bounded, so memory does not grow with the number of frames.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Instant;

use domain::{OperatingPoint, StageMilliseconds};

use crate::analysis::{FrameFacts, Outcome, analyze_output};
use crate::backend::{Backend, RawOutput};
use crate::bundle::Bundle;
use crate::error::{EngineCode, EngineError};
use crate::preprocess::ModelInput;

/// A frame ready for the network. `tag` is the caller's own and comes back with the outcome.
pub struct Prepared<T> {
    pub tag: T,
    pub facts: FrameFacts,
    pub input: ModelInput,
    /// `decode` and `preprocess` are filled in.
    pub times: StageMilliseconds,
    /// When work on the frame began.
    pub started: Instant,
}

pub struct Finished<T> {
    pub tag: T,
    pub facts: FrameFacts,
    pub outcome: Result<Outcome, EngineError>,
    pub times: StageMilliseconds,
    /// What the network said; for those who measure it.
    pub raw: Option<RawOutput>,
    pub input: ModelInput,
}

struct Inferred<T> {
    prepared: Prepared<T>,
    raw: Result<RawOutput, EngineError>,
    milliseconds: f64,
}

/// Runs until `prepared` closes. An error of one batch is told for each of its frames; an error
/// that would befall every batch ends the run. `finished` may be dropped to stop early.
pub fn run<T: Send>(
    bundle: &Bundle,
    operating_point: &OperatingPoint,
    backend: &mut dyn Backend,
    largest_batch: usize,
    prepared: Receiver<Prepared<T>>,
    finished: SyncSender<Finished<T>>,
) -> Result<(), EngineError> {
    std::thread::scope(|scope| {
        let (send, inferred) = sync_channel::<Inferred<T>>(2 * largest_batch.max(1));
        scope.spawn(move || {
            for one in inferred {
                if finished.send(finish(bundle, operating_point, one)).is_err() {
                    return;
                }
            }
        });
        let mut failed_before = false;
        while let Ok(first) = prepared.recv() {
            let mut batch = vec![first];
            batch.extend(prepared.try_iter().take(largest_batch.max(1) - 1));
            let inputs: Vec<ModelInput> = batch.iter_mut().map(|p| std::mem::take(&mut p.input)).collect();
            let start = Instant::now();
            let answer = backend.infer(bundle, &inputs);
            let milliseconds = start.elapsed().as_secs_f64() * 1e3 / batch.len() as f64;
            let raws: Vec<Result<RawOutput, EngineError>> = match answer {
                Ok(outputs) => {
                    failed_before = false;
                    outputs.into_iter().map(Ok).collect()
                }
                Err(error) if failed_before || befalls_all(error.code) => return Err(error),
                Err(error) => {
                    failed_before = true;
                    batch.iter().map(|_| Err(error.clone())).collect()
                }
            };
            for ((mut prepared, input), raw) in batch.into_iter().zip(inputs).zip(raws) {
                prepared.input = input;
                if send
                    .send(Inferred {
                        prepared,
                        raw,
                        milliseconds,
                    })
                    .is_err()
                {
                    return Ok(());
                }
            }
        }
        Ok(())
    })
}

fn befalls_all(code: EngineCode) -> bool {
    matches!(
        code,
        EngineCode::LibtorchMissing
            | EngineCode::LibtorchDamaged
            | EngineCode::WorkerMissing
            | EngineCode::DeviceUnavailable
            | EngineCode::BundleDamaged
    )
}

fn finish<T>(bundle: &Bundle, operating_point: &OperatingPoint, one: Inferred<T>) -> Finished<T> {
    let Inferred {
        prepared,
        raw,
        milliseconds,
    } = one;
    let start = Instant::now();
    let outcome = raw
        .as_ref()
        .map(|raw| analyze_output(bundle, operating_point, &prepared.facts, &prepared.input, raw))
        .map_err(Clone::clone);
    let mut times = prepared.times;
    times.infer = milliseconds;
    times.post = start.elapsed().as_secs_f64() * 1e3;
    times.total = prepared.started.elapsed().as_secs_f64() * 1e3;
    Finished {
        tag: prepared.tag,
        facts: prepared.facts,
        outcome,
        times,
        raw: raw.ok(),
        input: prepared.input,
    }
}

#[cfg(test)]
mod tests;
