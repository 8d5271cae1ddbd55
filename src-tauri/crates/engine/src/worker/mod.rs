//! One worker process: started when first needed, watched, and started again after it died.

mod attack;
mod process;

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::backend::{Backend, GoOn, Heard, stopped};
use crate::bundle::Bundle;
use crate::error::EngineError;
use crate::input::ModelInput;
use crate::number;
use crate::protocol::{PROTOCOL, Place, Request, Response, WorkerRefusal};
use crate::tensors::{Answers, from_block, put_f32};
use domain::{Device, DeviceChoice, FailureCode, Precision};
use process::Process;

/// Name of the worker's program.
pub const PROGRAM: &str = "overread-worker";
/// Inputs of one request; more go to the worker one request after another.
pub const FORWARD_BATCH: usize = 16;

/// How a worker is started and how long it is waited for.
#[derive(Debug, Clone)]
pub struct WorkerSettings {
    /// The program's file.
    pub program: PathBuf,
    /// What to compute on.
    pub device: DeviceChoice,
    /// Threads of one forward pass on the processor. One is best for single pictures: OpenMP's
    /// threads wait for each other by spinning.
    pub threads: u32,
    /// Time from its start to its hello; libtorch takes its time to load.
    pub start_limit: Duration,
    /// Time for one answer.
    pub answer_limit: Duration,
}

impl WorkerSettings {
    /// With the usual limits and one thread.
    pub fn new(program: PathBuf, device: DeviceChoice) -> Self {
        Self {
            program,
            device,
            threads: 1,
            start_limit: Duration::from_secs(120),
            answer_limit: Duration::from_secs(300),
        }
    }

    /// The worker that lies beside this program, or one folder up.
    pub fn beside_executable(device: DeviceChoice) -> Result<Self, EngineError> {
        let here = std::env::current_exe().map_err(|error| EngineError::new(FailureCode::Io, error.to_string()))?;
        let found = here
            .ancestors()
            .skip(1)
            .take(2)
            .map(|folder| folder.join(PROGRAM))
            .find(|candidate| candidate.is_file());
        found.map(|program| Self::new(program, device)).ok_or_else(|| {
            EngineError::new(
                FailureCode::WorkerMissing,
                format!("{PROGRAM} is not beside {}; install Overread again", here.display()),
            )
        })
    }
}

/// The one worker of its owner.
pub struct Worker {
    settings: WorkerSettings,
    running: Option<Running>,
    hello: Option<Place>,
}

struct Running {
    process: Process,
    /// The requests by which it loaded what it holds.
    loaded: Vec<Request>,
}

impl Worker {
    /// Nothing is started before it is needed.
    pub fn new(settings: WorkerSettings) -> Self {
        Self {
            settings,
            running: None,
            hello: None,
        }
    }

    /// Starts the worker if it is not running and says what it computes with.
    pub fn hello(&mut self, go_on: &mut GoOn<'_>) -> Result<Place, EngineError> {
        self.running(go_on)?;
        self.hello
            .clone()
            .ok_or_else(|| EngineError::new(FailureCode::WorkerDied, "the worker did not say hello"))
    }

    /// Makes the bundle's weights ready in the worker.
    pub fn load(&mut self, bundle: &Bundle, go_on: &mut GoOn<'_>) -> Result<(), EngineError> {
        let request = Request::Load {
            weights_sha256: bundle.model.weights_sha256.clone(),
            runtime: bundle.metadata.runtime.clone(),
            inputs: bundle.metadata.inputs.clone(),
            outputs: bundle.metadata.outputs.clone(),
        };
        if self.running(go_on)?.loaded.contains(&request) {
            return Ok(());
        }
        match self.ask(&request, &bundle.weights, go_on)? {
            (Response::Loaded { .. }, _) => {
                let loaded = &mut self.running(go_on)?.loaded;
                // The worker keeps one bundle of the same weights, the last.
                loaded.retain(|earlier| weights_of(earlier) != weights_of(&request));
                loaded.push(request);
                Ok(())
            }
            (other, _) => Err(self.unexpected(&other)),
        }
    }

    /// Milliseconds of `rounds` answers to `count` inputs by all members and heads, timed inside the worker.
    pub fn measure(&mut self, bundle: &Bundle, count: u32, rounds: u32) -> Result<Vec<f64>, EngineError> {
        self.load(bundle, &mut || true)?;
        let request = Request::Measure {
            weights_sha256: bundle.model.weights_sha256.clone(),
            count,
            rounds,
        };
        match self.ask(&request, &[], &mut || true)? {
            (Response::Measured { milliseconds }, _) => Ok(milliseconds),
            (other, _) => Err(self.unexpected(&other)),
        }
    }

    /// The worker's process id while it runs; for tests that kill it.
    pub fn process_id(&self) -> Option<u32> {
        self.running.as_ref().map(|running| running.process.id())
    }

    fn running(&mut self, go_on: &mut GoOn<'_>) -> Result<&mut Running, EngineError> {
        // One that died between two jobs is replaced without a word.
        if self.running.as_mut().is_some_and(|running| !running.process.is_alive()) {
            self.running = None;
        }
        if self.running.is_none() {
            let (process, hello) = start(&self.settings, go_on)?;
            self.hello = Some(hello);
            self.running = Some(Running {
                process,
                loaded: vec![],
            });
        }
        self.running.as_mut().ok_or_else(gone)
    }

    /// One exchange. A dead or silent worker is dropped, so that the next job starts a new one.
    fn ask(
        &mut self,
        request: &Request,
        block: &[u8],
        go_on: &mut GoOn<'_>,
    ) -> Result<(Response, Vec<u8>), EngineError> {
        let limit = self.settings.answer_limit;
        match self.running(go_on)?.process.exchange(request, block, limit, go_on) {
            Ok((Response::Refused { code, message }, _)) => Err(refused(code, &message)),
            Ok(answer) => Ok(answer),
            Err(error) => {
                self.running = None;
                Err(error)
            }
        }
    }

    fn send_batch(&mut self, bundle: &Bundle, batch: &[ModelInput]) -> Result<(), EngineError> {
        let mut block = Vec::new();
        batch.iter().for_each(|input| put_f32(&input.values, &mut block));
        let request = Request::Infer {
            weights_sha256: bundle.model.weights_sha256.clone(),
            count: number::count(batch.len()),
        };
        match &mut self.running {
            Some(running) => running.process.send(&request, &block),
            None => Err(gone()),
        }
    }

    /// The answer to the next input.
    fn receive_one(&mut self, bundle: &Bundle, go_on: &mut GoOn<'_>) -> Result<Answers, EngineError> {
        let limit = self.settings.answer_limit;
        let answer = match &mut self.running {
            Some(running) => running.process.receive(limit, go_on)?,
            None => return Err(gone()),
        };
        match answer {
            (Response::Output { tensors }, block) => {
                let misfit = || {
                    EngineError::new(
                        FailureCode::WorkerDied,
                        format!(
                            "the worker's answer of {} bytes does not fit its tensors; install Overread again",
                            block.len()
                        ),
                    )
                };
                bundle.answers(from_block(tensors, &block).ok_or_else(misfit)?)
            }
            (Response::Refused { code, message }, _) => Err(refused(code, &message)),
            (other, _) => Err(self.unexpected(&other)),
        }
    }

    /// One request is on its way while the worker computes the one before, so it never waits for us.
    fn infer_in_turn(
        &mut self,
        bundle: &Bundle,
        inputs: &[ModelInput],
        hear: &mut dyn FnMut(Heard) -> bool,
    ) -> Result<(), EngineError> {
        let mut batches = inputs.chunks(FORWARD_BATCH);
        for batch in batches.by_ref().take(2) {
            self.send_batch(bundle, batch)?;
        }
        for batch in inputs.chunks(FORWARD_BATCH) {
            for _ in batch {
                let answers = self.receive_one(bundle, &mut || hear(Heard::Nothing))?;
                if !hear(Heard::Answer(answers)) {
                    return Err(stopped());
                }
            }
            if let Some(next) = batches.next() {
                self.send_batch(bundle, next)?;
            }
        }
        Ok(())
    }

    fn unexpected(&mut self, response: &Response) -> EngineError {
        self.running = None;
        EngineError::new(
            FailureCode::WorkerDied,
            format!("the worker gave an answer to another question: {response:?}"),
        )
    }
}

fn start(settings: &WorkerSettings, go_on: &mut GoOn<'_>) -> Result<(Process, Place), EngineError> {
    if !settings.program.is_file() {
        return Err(EngineError::new(
            FailureCode::WorkerMissing,
            format!("{} is not there; install Overread again", settings.program.display()),
        ));
    }
    check_libtorch(&settings.program)?;
    let mut process = Process::start(settings)?;
    let hello = Request::Hello { protocol: PROTOCOL };
    let answer = process.exchange(&hello, &[], settings.start_limit, go_on)?;
    match answer.0 {
        Response::Hello {
            protocol: PROTOCOL,
            place,
            ..
        } => {
            let Place {
                device,
                device_name,
                precision,
                ..
            } = &place;
            tracing::info!(%device, device_name, precision = precision.as_str(), "worker started");
            Ok((process, place))
        }
        Response::Refused { code, message } => Err(refused(code, &message)),
        other => Err(EngineError::new(
            FailureCode::WorkerDied,
            format!(
                "{} does not fit this version: {other:?}; install both together",
                settings.program.display()
            ),
        )),
    }
}

fn weights_of(load: &Request) -> Option<&str> {
    match load {
        Request::Load { weights_sha256, .. } => Some(weights_sha256),
        _ => None,
    }
}

fn gone() -> EngineError {
    EngineError::new(FailureCode::WorkerDied, "the worker is gone")
}

fn check_libtorch(program: &Path) -> Result<(), EngineError> {
    let folder = crate::libtorch::folder_beside(program)
        .ok_or_else(|| crate::libtorch::missing(format!("there is no lib folder beside {}", program.display())))?;
    crate::libtorch::check_folder(&folder)
}

fn refused(code: WorkerRefusal, message: &str) -> EngineError {
    let engine_code = match code {
        WorkerRefusal::BadWeights => FailureCode::BundleDamaged,
        WorkerRefusal::DeviceUnavailable => FailureCode::DeviceUnavailable,
        WorkerRefusal::BadInput => FailureCode::BadInput,
        WorkerRefusal::Protocol | WorkerRefusal::NotLoaded | WorkerRefusal::OutOfMemory | WorkerRefusal::Failed => {
            FailureCode::WorkerRefused
        }
    };
    EngineError::new(engine_code, format!("the model could not run: {message}"))
}

impl Backend for Worker {
    /// After an error or a stop other answers may be on their way, so the worker is dropped; the next
    /// batch starts another.
    fn infer(
        &mut self,
        bundle: &Bundle,
        inputs: &[ModelInput],
        hear: &mut dyn FnMut(Heard) -> bool,
    ) -> Result<(), EngineError> {
        self.load(bundle, &mut || hear(Heard::Nothing))?;
        let end = self.infer_in_turn(bundle, inputs, hear);
        end.inspect_err(|_| self.running = None)
    }

    fn device(&self) -> Device {
        self.hello.as_ref().map_or(Device::Cpu, |hello| hello.device)
    }

    fn precision(&self) -> Precision {
        self.hello.as_ref().map_or(Precision::Fp32, |hello| hello.precision)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_read_as_they_are_written() {
        for text in ["auto", "cpu", "cuda:0", "cuda:3"] {
            assert_eq!(text.parse::<DeviceChoice>().map(|d| d.to_string()), Ok(text.to_owned()));
        }
        assert_eq!("cuda".parse(), Ok(DeviceChoice::Cuda(0)));
        for bad in ["gpu", "cuda:", "cuda:-1", "CPU", ""] {
            assert!(bad.parse::<DeviceChoice>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_missing_worker_and_a_foreign_program_are_clear_errors() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let program = folder.path().join(PROGRAM);
        let mut worker = Worker::new(WorkerSettings::new(program.clone(), DeviceChoice::Cpu));
        assert_eq!(
            worker.hello(&mut || true).err().map(|e| e.code),
            Some(FailureCode::WorkerMissing)
        );

        std::fs::create_dir(folder.path().join("lib"))?;
        std::fs::write(
            folder.path().join("lib/manifest.json"),
            r#"{"version":"2.11.0","files":[]}"#,
        )?;
        std::os::unix::fs::symlink("/bin/cat", &program)?;
        let error = worker.hello(&mut || true).err().ok_or("cat was taken for a worker")?;
        assert_eq!(error.code, FailureCode::WorkerDied, "{error}");
        Ok(())
    }
}
