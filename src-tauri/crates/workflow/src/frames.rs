//! Many files through decoding, preparation, the network and back, with the stages overlapped:
//! decoding and preparing on one thread, the network on another, the caller on its own.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use decode::set::FileSet;
use decode::{DecodeError, Decoders, Source, Urgency, Wanted};
use domain::{Decoded, Failure, FailureCode, GreyFrame, OperatingPoint, Phase, Ruler, Sentence, StageMilliseconds};
use engine::bundle::InputSpec;
use engine::gate::HeaderFacts;
use engine::pipeline::{self, Finished, Prepared};
use engine::{Answers, Backend, Bundle, FrameFacts, Lie, ModelInput};

/// Frames that go to the backend together: one batch of the worker.
const LARGEST_BATCH: usize = 16;
const RESULTS_WAITING: usize = 4;
/// Of an item with many frames, so many bytes of pixels are decoded at once.
const PORTION_BYTES: usize = 64 << 20;
/// So often is the caller asked whether to go on while no frame is done.
const ASK_EVERY: Duration = Duration::from_millis(100);

/// Sees the progress of long work, phase by phase, and may ask it to stop by answering `false`.
pub type Watch<'a, P = Phase> = dyn FnMut(P, u64, u64) -> bool + 'a;

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

/// Frames of an item, and how long it took to open it.
pub struct Opened {
    pub decoded: Decoded,
    pub took: Duration,
}

/// What was decided of an item before its frames are looked at.
#[derive(Debug, Clone)]
pub struct About {
    /// What headers and a person say of the images that it belongs to.
    pub said: Arc<HeaderFacts>,
    /// Which stack it is a slice of; the learned gate speaks on each as a whole.
    pub stack: Option<usize>,
}

/// Opens the items one after another; used by the decoding thread alone.
pub trait Open<T>: Send {
    /// # Errors
    /// Why there is nothing to see of the item.
    fn open(&mut self, item: &T, wanted: &Wanted) -> Result<Opened, Failure>;

    /// `None` where each frame speaks for itself, and a person named the bundle that reads it.
    fn about(&self, _: &T) -> Option<&About> {
        None
    }

    /// Whether nothing is wanted of a frame (0 is the first), because it was seen before.
    fn is_done(&self, _: &T, _frame: u32) -> bool {
        false
    }
}

/// How much of an item a failure takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    Frame,
    /// A frame and all that follow it.
    Rest,
}

impl<T, F: FnMut(&T, &Wanted) -> Result<Decoded, Failure> + Send> Open<T> for F {
    fn open(&mut self, item: &T, wanted: &Wanted) -> Result<Opened, Failure> {
        let started = Instant::now();
        let decoded = self(item, wanted)?;
        let took = started.elapsed();
        Ok(Opened { decoded, took })
    }
}

pub enum Seen<T, X> {
    /// Nothing new: the next frame is still in work.
    Nothing,
    Frame(Box<Finished<Tag<T, X>>>),
    /// A frame whose pixel values no model can take, and why.
    Unusable(T, Box<FrameFacts>, Sentence),
    /// The item could not be opened or prepared, or a frame of it.
    Failed(T, Lost, Failure),
}

/// Every frame of every item, each told to `see` once. `see` is asked several times a second and stops the
/// run by answering `false`: the frames in work are abandoned. A failed item does not stop the others.
///
/// # Errors
/// Only where no item can be processed.
pub fn run<T: Clone + Send, X: Send>(
    items: Vec<T>,
    open: impl Open<T>,
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
        let mut feeder = Feeder {
            open,
            observe,
            spec,
            feed,
            say: say.clone(),
        };
        scope.spawn(move || {
            for item in items {
                if feeder.item(&item).is_err() {
                    return;
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

/// Nobody listens any more.
struct Gone;

/// Decodes and prepares one item after the other.
struct Feeder<'a, T, X, O, F> {
    open: O,
    observe: F,
    spec: &'a InputSpec,
    feed: SyncSender<Prepared<Tag<T, X>>>,
    say: SyncSender<Seen<T, X>>,
}

impl<T: Clone, X, O: Open<T>, F: Fn(&T, &GreyFrame) -> X> Feeder<'_, T, X, O, F> {
    /// Every frame of the item that is not done, a portion after the other, so that a long run of frames does not lie
    /// in memory whole.
    fn item(&mut self, item: &T) -> Result<(), Gone> {
        let first = self.not_done(item, 0..u32::MAX);
        let mut frames = first..first.saturating_add(1);
        loop {
            let opened = match self.open.open(item, &Wanted::Frames(frames.clone())) {
                Ok(opened) => opened,
                Err(failure) => return self.say(Seen::Failed(item.clone(), Lost::Rest, failure)),
            };
            let Decoded { header, pixels, .. } = &opened.decoded;
            if let Some(what) = header.no_picture() {
                let message = format!("there is nothing to analyse: it is {what}");
                let failure = Failure::new(FailureCode::NoPicture, message);
                return self.say(Seen::Failed(item.clone(), Lost::Rest, failure));
            }
            self.portion(item, frames.start, &opened)?;
            let next = self.not_done(item, frames.start + pixels.frames..header.image.frames);
            if pixels.frames == 0 || next >= header.image.frames {
                return Ok(());
            }
            let one = pixels.data.size_in_bytes() / pixels.frames as usize;
            let more = u32::try_from(PORTION_BYTES / one.max(1)).unwrap_or(u32::MAX);
            frames = next..next.saturating_add(more.max(1));
        }
    }

    /// The first frame among these of which something is wanted, else the one after them.
    fn not_done(&self, item: &T, mut frames: Range<u32>) -> u32 {
        let end = frames.end;
        frames.find(|frame| !self.open.is_done(item, *frame)).unwrap_or(end)
    }

    /// The frames that were opened, of which the first is the item's frame `first`.
    fn portion(&mut self, item: &T, first: u32, Opened { decoded, took }: &Opened) -> Result<(), Gone> {
        let opened = Instant::now();
        let decode = took.as_secs_f64() * 1e3 / f64::from(decoded.pixels.frames.max(1));
        for at in 0..decoded.pixels.frames {
            // The first frame carries the time of opening the file.
            let started = match at {
                0 => opened.checked_sub(*took).unwrap_or(opened),
                _ => Instant::now(),
            };
            let before = Instant::now();
            let frame = first + at;
            if self.open.is_done(item, frame) {
                continue;
            }
            let grey = match GreyFrame::of(decoded, at) {
                Ok(grey) => grey,
                Err(error) => {
                    let size = (decoded.pixels.rows, decoded.pixels.cols);
                    self.say(match error.sentence() {
                        Some(why) => {
                            let facts = facts(decoded, frame, size, self.open.about(item));
                            Seen::Unusable(item.clone(), Box::new(facts), why)
                        }
                        None => Seen::Failed(item.clone(), Lost::Frame, error.into()),
                    })?;
                    continue;
                }
            };
            let input = match engine::prepare_lying(&grey, Lie::of(decoded, at), self.spec) {
                Ok(input) => input,
                Err(no_room) => {
                    self.say(Seen::Failed(item.clone(), Lost::Frame, no_room.into()))?;
                    continue;
                }
            };
            let times = StageMilliseconds {
                decode,
                preprocess: milliseconds_since(before),
                ..Default::default()
            };
            let tag = Tag {
                item: item.clone(),
                extra: (self.observe)(item, &grey),
            };
            let prepared = Prepared {
                tag,
                facts: facts(decoded, frame, (grey.rows, grey.cols), self.open.about(item)),
                input,
                times,
                started,
            };
            self.feed.send(prepared).map_err(|_| Gone)?;
        }
        Ok(())
    }

    fn say(&self, seen: Seen<T, X>) -> Result<(), Gone> {
        self.say.send(seen).map_err(|_| Gone)
    }
}

fn facts(decoded: &Decoded, frame: u32, (rows, cols): (u32, u32), about: Option<&About>) -> FrameFacts {
    let header = &decoded.header;
    let own = || HeaderFacts {
        named: true,
        ..HeaderFacts::of(header, &decoded.facts, frame)
    };
    FrameFacts {
        sop_instance_uid: header.instance.sop_instance_uid.clone(),
        frame,
        frames: header.image.frames,
        rows,
        cols,
        ruler: Ruler::of_frame(header, &decoded.facts, frame),
        header: about.map_or_else(own, |about| about.said.as_ref().clone()),
        in_stack: about.is_some_and(|about| about.stack.is_some()),
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

/// Decodes a file by its path, with the files that hold its data, as work that nobody waits for at a screen.
///
/// # Errors
/// Why it was not read or not decoded.
pub fn decode_path(path: &std::path::Path, wanted: &Wanted, decoders: &Decoders) -> Result<Decoded, DecodeError> {
    match FileSet::of(path, decoders)? {
        None => decoders.ask(Source::File(path), wanted, Urgency::Work),
        Some(set) => {
            let name = format!("the file '{}'", path.file_name().unwrap_or_default().display());
            let (mut stream, length) = set.open().map_err(|error| DecodeError::io(&name, &error))?;
            decoders.ask(Source::Stream(&mut stream, length, name), wanted, Urgency::Work)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::path::Path;

    use domain::PixelData;

    use super::*;
    use crate::pixels::tests::picture;

    /// Of a frame of 16 bits a pixel, so that eight make a portion.
    const SIDE: u32 = 2048;

    /// An item of so many frames, of which each holds its own number; which of them were asked for.
    struct Numbered {
        of: u32,
        done: Vec<u32>,
        asked: RefCell<Vec<Range<u32>>>,
    }

    impl Open<()> for &mut Numbered {
        fn open(&mut self, _: &(), wanted: &Wanted) -> Result<Opened, Failure> {
            let Wanted::Frames(frames) = wanted else {
                return Err(Failure::usage("frames were to be asked for"));
            };
            self.asked.borrow_mut().push(frames.clone());
            let frames = frames.start..frames.end.min(self.of);
            let data: Vec<u16> = frames
                .clone()
                .flat_map(|frame| vec![frame as u16; (SIDE * SIDE) as usize])
                .collect();
            let count = frames.end - frames.start;
            let mut decoded = picture(1, [count, SIDE, SIDE], PixelData::U16(data), "MONOCHROME2");
            decoded.header.image.frames = self.of;
            let took = Duration::ZERO;
            Ok(Opened { decoded, took })
        }

        fn is_done(&self, _: &(), frame: u32) -> bool {
            self.done.contains(&frame)
        }
    }

    /// The frames that were given to the network, each with the number that stands in it, and those that were asked for.
    type Fed = (Vec<u32>, Vec<Range<u32>>);

    fn fed(of: u32, done: Vec<u32>) -> Result<Fed, Box<dyn std::error::Error>> {
        let bundle = Bundle::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../models/brain-mri-flair"))?;
        let (feed, prepared) = sync_channel(100);
        let (say, said) = sync_channel(100);
        let mut item = Numbered {
            of,
            done,
            asked: RefCell::default(),
        };
        let mut feeder = Feeder {
            open: &mut item,
            observe: |_: &(), grey: &GreyFrame| grey.values.first().copied(),
            spec: &bundle.metadata.input,
            feed,
            say,
        };
        assert!(feeder.item(&()).is_ok());
        drop(feeder);
        let number = |one: Prepared<Tag<(), Option<f32>>>| {
            assert_eq!(one.tag.extra, Some(one.facts.frame as f32));
            one.facts.frame
        };
        let seen = prepared.iter().map(number).collect();
        assert!(said.iter().next().is_none());
        Ok((seen, item.asked.into_inner()))
    }

    #[test]
    fn a_long_run_of_frames_comes_in_portions_and_each_frame_once() -> Result<(), Box<dyn std::error::Error>> {
        let (seen, asked) = fed(18, vec![])?;
        assert_eq!(seen, (0..18).collect::<Vec<_>>());
        assert_eq!(asked, [0..1, 1..9, 9..17, 17..25]);
        Ok(())
    }

    #[test]
    fn frames_that_are_done_are_neither_decoded_first_nor_given_to_the_network()
    -> Result<(), Box<dyn std::error::Error>> {
        let (seen, asked) = fed(18, (0..11).collect())?;
        assert_eq!((seen, asked), ((11..18).collect(), vec![11..12, 12..20]));
        // A gap, as a frame leaves that could not be read, and the end.
        let (seen, asked) = fed(18, [1, 2, 4, 5, 6, 16, 17].into())?;
        assert_eq!(seen, [vec![0, 3], (7..16).collect()].concat());
        assert_eq!(asked, [0..1, 3..11, 11..19]);
        Ok(())
    }
}
