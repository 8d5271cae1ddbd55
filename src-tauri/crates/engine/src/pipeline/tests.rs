use super::*;
use crate::backend::Fixed;
use crate::bundle::LESION;
use crate::tensors::Tensor;
use crate::testing::{bundle, facts};
use crate::{prepare, testing};
use domain::{FailureCode, GreyFrame};

fn prepared(tag: usize) -> Prepared<usize> {
    let values = (0..64 * 64).map(|i| ((i * (tag + 3)) % 251) as f32).collect();
    let input = prepare(
        &GreyFrame {
            rows: 64,
            cols: 64,
            values,
        },
        &testing::metadata().input,
    )
    .unwrap_or_default();
    Prepared {
        tag,
        facts: facts(64, 64),
        input,
        times: StageMilliseconds::default(),
        started: Instant::now(),
    }
}

fn drive(backend: &mut dyn Backend, frames: usize) -> Vec<Finished<usize>> {
    let bundle = bundle();
    let point = bundle.metadata.operating_points[0].clone();
    let (feed, input) = sync_channel(4);
    let (output, results) = sync_channel(4);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            for tag in 0..frames {
                if feed.send(prepared(tag)).is_err() {
                    break;
                }
            }
        });
        let collected = scope.spawn(move || results.into_iter().collect::<Vec<_>>());
        run(&bundle, &point, backend, 8, input, output, &AtomicBool::new(false));
        collected.join().unwrap_or_default()
    })
}

fn silent(input: &ModelInput) -> Vec<Tensor> {
    let level = input.values[0].abs().min(0.4);
    testing::tensors(&bundle(), &[(LESION, &[level; 64 * 64])])
}

#[test]
fn every_frame_comes_out_once_and_in_order() {
    let finished = drive(&mut Fixed(silent), 50);
    assert_eq!(
        finished.iter().map(|f| f.tag).collect::<Vec<_>>(),
        (0..50).collect::<Vec<_>>()
    );
    assert!(
        finished
            .iter()
            .all(|f| f.outcome.is_ok() && f.times.total >= f.times.post)
    );
}

/// Fails its second batch, as a worker does that died and was started again.
struct DiesOnce(u32);

impl Backend for DiesOnce {
    fn infer(
        &mut self,
        bundle: &Bundle,
        inputs: &[ModelInput],
        hear: &mut dyn FnMut(Heard) -> bool,
    ) -> Result<(), EngineError> {
        self.0 += 1;
        if self.0 == 2 {
            return Err(EngineError::new(FailureCode::WorkerDied, "killed"));
        }
        Fixed(silent).infer(bundle, inputs, hear)
    }

    fn device(&self) -> domain::Device {
        domain::Device::Cpu
    }

    fn precision(&self) -> domain::Precision {
        domain::Precision::Fp32
    }
}

#[test]
fn a_death_fails_its_own_batch_and_the_rest_goes_on() {
    let finished = drive(&mut DiesOnce(0), 40);
    assert_eq!(finished.len(), 40);
    let failed = finished.iter().filter(|f| f.outcome.is_err()).count();
    assert!((1..=8).contains(&failed), "{failed} failed");
}

/// Counts how often it was asked.
struct Missing(u32);

impl Backend for Missing {
    fn infer(&mut self, _: &Bundle, _: &[ModelInput], _: &mut dyn FnMut(Heard) -> bool) -> Result<(), EngineError> {
        self.0 += 1;
        Err(EngineError::new(FailureCode::LibtorchMissing, "no libtorch"))
    }

    fn device(&self) -> domain::Device {
        domain::Device::Cpu
    }

    fn precision(&self) -> domain::Precision {
        domain::Precision::Fp32
    }
}

#[test]
fn a_broken_backend_fails_every_frame_and_is_not_asked_for_ever() {
    let mut backend = Missing(0);
    let finished = drive(&mut backend, 40);
    assert_eq!(finished.len(), 40);
    let missing = |f: &Finished<usize>| f.outcome.as_ref().err().map(|e| e.code) == Some(FailureCode::LibtorchMissing);
    assert!(finished.iter().all(missing));
    assert_eq!(backend.0, 2);
}

/// Computes an image for each permit that it is given, and counts them.
struct Permitted {
    permits: Receiver<()>,
    computed: usize,
}

impl Backend for Permitted {
    fn infer(
        &mut self,
        bundle: &Bundle,
        inputs: &[ModelInput],
        hear: &mut dyn FnMut(Heard) -> bool,
    ) -> Result<(), EngineError> {
        for input in inputs {
            let _ = self.permits.recv();
            self.computed += 1;
            if !hear(Heard::Answer(bundle.answers(silent(input))?)) {
                return Err(crate::backend::stopped());
            }
        }
        Ok(())
    }

    fn device(&self) -> domain::Device {
        domain::Device::Cpu
    }

    fn precision(&self) -> domain::Precision {
        domain::Precision::Fp32
    }
}

#[test]
fn a_stop_is_heard_within_one_image() {
    let bundle = bundle();
    let point = bundle.metadata.operating_points[0].clone();
    let (permit, permits) = sync_channel(100);
    let mut backend = Permitted { permits, computed: 0 };
    let stop = &AtomicBool::new(false);
    let (feed, input) = sync_channel(64);
    let (output, results) = sync_channel(64);
    for tag in 0..64 {
        assert!(feed.send(prepared(tag)).is_ok());
    }
    drop(feed);
    let seen = std::thread::scope(|scope| {
        let seen = scope.spawn(move || {
            let seen: Vec<usize> = (0..5)
                .flat_map(|_| {
                    let _ = permit.send(());
                    results.recv().map(|one: Finished<usize>| one.tag)
                })
                .collect();
            stop.store(true, Ordering::Relaxed);
            (0..64).for_each(|_| permit.send(()).unwrap_or_default());
            let failed = results.iter().filter(|one| one.outcome.is_err()).count();
            (seen, failed)
        });
        run(&bundle, &point, &mut backend, 16, input, output, stop);
        seen.join().unwrap_or_default()
    });
    assert_eq!(
        seen,
        (vec![0, 1, 2, 3, 4], 0),
        "what was in work is let go without a word"
    );
    let after = backend.computed - 5;
    assert!(after <= 1, "{after} images were computed after the stop was asked");
}
