//! Many files through decoding, preparation, the network and back, with the stages overlapped:
//! decoding and preparing on one thread, the network on another, the caller on its own.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use decode::{DecodeError, Decoder, Limits};
use domain::{
    Decoded, Failure, FailureCode, GreyFrame, Header, OperatingPoint, Sentence, SourceFormat, StageMilliseconds,
};
use engine::gate::HeaderFacts;
use engine::pipeline::{self, Finished, Prepared};
use engine::{Answers, Backend, Bundle, FrameFacts, ModelInput};

/// Frames that go to the backend together: one batch of the worker.
const LARGEST_BATCH: usize = 16;
const RESULTS_WAITING: usize = 4;
/// So often is the caller asked whether to go on while no frame is done.
const ASK_EVERY: Duration = Duration::from_millis(100);

/// Sees the progress of long work and may ask it to stop by answering `false`.
pub type Watch<'a> = dyn FnMut(&str, u64, u64) -> bool + 'a;

/// Network and conditions of a run.
pub struct Run<'a> {
    pub bundle: &'a Bundle,
    pub operating_point: &'a OperatingPoint,
    pub backend: &'a mut dyn Backend,
}

/// A frame's way through the pipeline. `extra` is what the caller took from its grey values.
pub struct Tag<T, X> {
    pub item: T,
    pub extra: X,
}

/// Opens the items one after another; used by the decoding thread alone.
pub trait Open<T>: Send {
    fn open(&mut self, item: &T, decoder: &mut Decoder) -> Result<Decoded, Failure>;
}

impl<T, F: FnMut(&T, &mut Decoder) -> Result<Decoded, Failure> + Send> Open<T> for F {
    fn open(&mut self, item: &T, decoder: &mut Decoder) -> Result<Decoded, Failure> {
        self(item, decoder)
    }
}

pub enum Seen<T, X> {
    /// Nothing new: the next frame is still in work.
    Nothing,
    Frame(Box<Finished<Tag<T, X>>>),
    /// A frame whose pixel values no model can take, and why.
    Unusable(T, Box<FrameFacts>, Sentence),
    /// The item could not be opened or prepared.
    Failed(T, Failure),
}

/// Every frame of every item, each told to `see` once. `see` is asked several times a second and stops the
/// run by answering `false`: the frames in work are abandoned. A failed item does not stop the others.
///
/// # Errors
/// Only where no item can be processed.
pub fn run<T: Clone + Send, X: Send>(
    items: Vec<T>,
    mut open: impl Open<T>,
    observe: impl Fn(&T, &GreyFrame) -> X + Send,
    run: Run<'_>,
    mut see: impl FnMut(Seen<T, X>) -> bool,
) -> Result<(), Failure> {
    let Run {
        bundle,
        operating_point,
        backend,
    } = run;
    let spec = &bundle.metadata.input;
    let stop = AtomicBool::new(false);
    let stop = &stop;
    std::thread::scope(|scope| {
        let (feed, prepared) = sync_channel::<Prepared<Tag<T, X>>>(2 * LARGEST_BATCH);
        // Results carry maps at full size, so few of them wait.
        let (finished_here, finished) = sync_channel::<Finished<Tag<T, X>>>(RESULTS_WAITING);
        let (say, said) = sync_channel::<Seen<T, X>>(RESULTS_WAITING);
        let say_failed = say.clone();
        scope.spawn(move || {
            let mut decoder = match Decoder::beside_executable(Limits::default()) {
                Ok(decoder) => decoder,
                Err(error) => {
                    for item in items {
                        let _ = say_failed.send(Seen::Failed(item, error.clone().into()));
                    }
                    return;
                }
            };
            for item in items {
                let started = Instant::now();
                let decoded = match open.open(&item, &mut decoder) {
                    Ok(decoded) => decoded,
                    Err(failure) => {
                        if say_failed.send(Seen::Failed(item, failure)).is_err() {
                            return;
                        }
                        continue;
                    }
                };
                if let Some(what) = decoded.header.no_picture() {
                    let failure = Failure::new(
                        FailureCode::NoPicture,
                        format!("there is nothing to analyse: it is {what}"),
                    );
                    if say_failed.send(Seen::Failed(item, failure)).is_err() {
                        return;
                    }
                    continue;
                }
                let decode = milliseconds_since(started) / f64::from(decoded.pixels.frames.max(1));
                let header = &decoded.header;
                for frame in 0..decoded.pixels.frames {
                    // The first frame carries the time of opening the file.
                    let started = if frame == 0 { started } else { Instant::now() };
                    let before = Instant::now();
                    let grey = match GreyFrame::of(&decoded, frame) {
                        Ok(grey) => grey,
                        Err(error) => {
                            let size = (decoded.pixels.rows, decoded.pixels.cols);
                            let seen = match error.sentence() {
                                Some(why) => Seen::Unusable(item.clone(), Box::new(facts(header, frame, size)), why),
                                None => Seen::Failed(item.clone(), error.into()),
                            };
                            if say_failed.send(seen).is_err() {
                                return;
                            }
                            continue;
                        }
                    };
                    let input = match engine::prepare(&grey, spec) {
                        Ok(input) => input,
                        Err(no_room) => {
                            if say_failed.send(Seen::Failed(item.clone(), no_room.into())).is_err() {
                                return;
                            }
                            continue;
                        }
                    };
                    let times = StageMilliseconds {
                        decode,
                        preprocess: milliseconds_since(before),
                        ..Default::default()
                    };
                    let facts = facts(header, frame, (grey.rows, grey.cols));
                    let tag = Tag {
                        item: item.clone(),
                        extra: observe(&item, &grey),
                    };
                    if feed
                        .send(Prepared {
                            tag,
                            facts,
                            input,
                            times,
                            started,
                        })
                        .is_err()
                    {
                        return;
                    }
                }
            }
        });
        let network = scope.spawn(move || {
            pipeline::run(
                bundle,
                operating_point,
                backend,
                LARGEST_BATCH,
                prepared,
                finished_here,
                stop,
            )
        });
        scope.spawn(move || {
            for one in finished {
                if say.send(Seen::Frame(Box::new(one))).is_err() {
                    return;
                }
            }
        });
        loop {
            let seen = match said.recv_timeout(ASK_EVERY) {
                Ok(seen) => seen,
                Err(RecvTimeoutError::Timeout) => Seen::Nothing,
                Err(RecvTimeoutError::Disconnected) => break,
            };
            if !see(seen) {
                stop.store(true, Ordering::Relaxed);
                break;
            }
        }
        // Whoever still has something to say finds nobody listening.
        drop(said);
        network.join().map_err(|_| {
            Failure::new(
                FailureCode::Internal,
                "the analysis ended by an internal error; what was stored before it stays",
            )
        })
    })
}

fn facts(header: &Header, frame: u32, (rows, cols): (u32, u32)) -> FrameFacts {
    FrameFacts {
        sop_instance_uid: header.instance.sop_instance_uid.clone(),
        frame,
        rows,
        cols,
        pixel_spacing_mm: header.image.pixel_spacing_mm,
        header: HeaderFacts {
            // A picture file says nothing of its modality; the learned gate judges it alone.
            modality: (header.instance.format == SourceFormat::Dicom).then(|| header.series.modality.clone()),
            // Of a picture file it would be that of the decoder.
            photometric: Some(header.image.photometric_interpretation.clone())
                .filter(|found| header.instance.format == SourceFormat::Dicom && !found.trim().is_empty()),
            body_part_examined: header
                .series
                .body_part_examined
                .clone()
                .filter(|part| !part.trim().is_empty()),
            age_years: header.age_years(),
            view_position: header
                .series
                .view_position
                .clone()
                .filter(|view| !view.trim().is_empty()),
        },
    }
}

/// The backend's answers to all inputs; `go_on` is asked several times a second, and its error ends the work.
///
/// # Errors
/// That of `go_on`, else that of the backend.
pub fn answers(
    backend: &mut dyn Backend,
    bundle: &Bundle,
    inputs: &[ModelInput],
    go_on: &mut dyn FnMut() -> Result<(), Failure>,
) -> Result<Vec<Answers>, Failure> {
    let mut stopped = None;
    let answers = backend.infer_all(bundle, inputs, &mut || {
        stopped = go_on().err();
        stopped.is_none()
    });
    match stopped {
        Some(failure) => Err(failure),
        None => Ok(answers?),
    }
}

pub fn milliseconds_since(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1e3
}

/// Decodes a file by its path.
pub fn decode_path(path: &std::path::Path, decoder: &mut Decoder) -> Result<Decoded, DecodeError> {
    decoder.decode(decode::Source::File(path))
}
