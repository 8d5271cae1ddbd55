//! `analyze`: images through a bundle, with or without a vault.

mod item;
mod route;
mod run;
mod stack;
mod stored;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use decode::{Wanted, discover};
use domain::numbers::counted;
use domain::{
    Analysis, AnomalyMap, Device, DeviceChoice, FailedInput, Failure, FailureCode, GreyFrame, InputCheck, InputVerdict,
    OperatingPoint, Permission, Phase, Precision, Ruler, Sentence, SentenceCode, Session, SourceFormat,
    StageMilliseconds, Stated,
};
use engine::bundle::InputSpec;
use engine::gate::{Fit, HeaderFacts, fit};
use engine::{Bundle, FrameFacts, Outcome, Worker, WorkerSettings};

use crate::bundles::{self, Readers};
use crate::decoders::decoders;
use crate::files::{create_folder, keep_out_of_vaults, write_whole};
use crate::frames::{self, Open, Run, Seen, Watch, decode_path};
use crate::permit::permit;
use crate::time::{day, iso_day, now};
use contract::terminal::{AnalysisWire, AnalyzeWire};
use item::{Counted, Item, left};
use route::{FirstKept, Found, Numbered};
use stack::{Slice, Waiting};

pub use stored::{Follow, analyze_followed};
pub use stored::{Target, analyze_stored};

/// With the map, and what lengths on the frame are measured by.
type Analyzed = (Analysis, Option<AnomalyMap>, Ruler);

const APP_VERSION: &str = env!("CARGO_PKG_VERSION");

#[derive(Debug, Clone)]
pub struct AnalyzeRequest {
    /// `None`: the router chooses among those in use.
    pub bundle: Option<String>,
    pub device: DeviceChoice,
    /// Folder for anomaly maps as 16-bit PNG.
    pub maps: Option<PathBuf>,
    /// Files may be read by a bundle that nobody signed; each answer then says so. Of no effect in a vault.
    pub allow_unsigned: bool,
    /// What a person says of all the images whose files do not say it.
    pub stated: Stated,
}

/// What the result keeps of what a person said; `None` where nothing was said.
fn told(stated: &Stated) -> Option<Sentence> {
    let what = (!stated.is_silent()).then(|| stated.in_words())?;
    let (user, day) = by_whom(stated);
    let words = format!("{user} stated on {day}: {what}");
    let values = [
        ("user", user.into()),
        ("day", day.as_str().into()),
        ("what", what.into()),
    ];
    Some(Sentence::new(SentenceCode::GateStated, values, words))
}

/// Where a person said nothing but which model it is for, and the header leaves open what that model needs.
fn named(stated: &Stated, said: &HeaderFacts, spec: &InputSpec) -> Option<Sentence> {
    let unnamed = HeaderFacts {
        named: false,
        ..said.clone()
    };
    let asks = said.named && matches!(fit(&unnamed, spec), Fit::Asks { .. });
    let (user, day) = by_whom(stated);
    let words = format!("{user} named the model on {day}: the header does not say all that it needs");
    let values = [("user", user.into()), ("day", day.into())];
    asks.then(|| Sentence::new(SentenceCode::GateNamed, values, words))
}

/// The person, and the day as ISO 8601 writes it.
fn by_whom(stated: &Stated) -> (&str, String) {
    let day = stated.day.as_deref().map(iso_day).unwrap_or_default();
    (stated.user.as_deref().unwrap_or_default(), day)
}

/// What was said, by this person on this day.
fn said_by(stated: &Stated, session: &Session) -> Stated {
    Stated {
        user: Some(session.user.clone()),
        day: Some(day(now())),
        ..stated.clone()
    }
}

struct Ready {
    readers: Readers,
    worker: Worker,
}

/// The bundles are verified and loaded before anything else, so that their faults are told first.
fn ready(readers: Readers, request: &AnalyzeRequest, watch: &mut Watch<'_>) -> Result<Ready, Failure> {
    if let Some(folder) = &request.maps {
        keep_out_of_vaults(folder)?;
    }
    let mut worker = Worker::new(WorkerSettings::beside_executable(request.device)?);
    let all = readers.all().count() as u64;
    for (done, bundle) in readers.all().enumerate() {
        worker.load(bundle, &mut || watch(Phase::LoadingTheModel, done as u64, all))?;
    }
    if let Some(folder) = &request.maps {
        create_folder(folder)?;
    }
    Ok(Ready { readers, worker })
}

/// Analyses files and stores nothing but the maps that were asked for.
pub fn analyze_files(
    session: &Session,
    paths: &[PathBuf],
    request: &AnalyzeRequest,
    watch: &mut Watch<'_>,
) -> Result<AnalyzeWire, Failure> {
    permit(session, Permission::Analyze)?;
    let found = discover(paths)?;
    let mut result = AnalyzeWire::default();
    result.failed.extend(
        found
            .failed
            .into_iter()
            .map(|(path, error)| FailedInput::new(path.display().to_string(), error.into())),
    );
    // An archive, and an index that was named, say themselves what they are.
    let named = found.indexes.into_iter().filter(|index| paths.contains(index));
    let files: Vec<PathBuf> = found.files.into_iter().chain(found.archives).chain(named).collect();
    if files.is_empty() {
        return Ok(result);
    }
    let readers = bundles::readers_of_files(request.bundle.as_deref(), request.allow_unsigned)?;
    let mut ready = ready(readers, request, watch)?;
    let open = |file: &Item<PathBuf>, wanted: &Wanted| Ok(decode_path(&file.of, wanted, &decoders()?)?);
    let mut names = BTreeSet::new();
    let stated = said_by(&request.stated, session);
    let places: BTreeMap<String, usize> = files.iter().map(|file| file.display().to_string()).zip(0..).collect();
    each_analysis(
        series_of(files),
        || Ok(open),
        &|_| stated.clone(),
        &mut ready,
        watch,
        |file, analyzed| {
            let path = &file.of;
            let analyzed = analyzed.and_then(|(analysis, map, ruler)| {
                let saved = save_map(request.maps.as_deref(), path, &analysis, map.as_ref(), &mut names)?;
                Ok(AnalysisWire::of(path.display().to_string(), &analysis, &ruler, saved))
            });
            match analyzed {
                Ok(analysis) => result.analyses.push(analysis),
                Err(failure) => result
                    .failed
                    .push(FailedInput::new(path.display().to_string(), failure)),
            }
            Ok(())
        },
    )
    .map_err(|failure| match failure.is_a_stop() {
        true => Failure::new(
            failure.code,
            format!("{}; without a vault no answer is kept", failure.message),
        ),
        false => failure,
    })?;
    // Of a long stack some came first from everywhere.
    for together in result.analyses.chunk_by_mut(|a, b| a.model == b.model) {
        together.sort_by_key(|one| (places.get(&one.file).copied(), one.at.frame));
    }
    Ok(result)
}

/// Slices of one series together, other files each by itself, in the order in which they were named.
fn series_of(files: Vec<PathBuf>) -> Vec<Vec<Item<PathBuf>>> {
    let mut series: Vec<Vec<Item<PathBuf>>> = vec![];
    // Without decoders each file is told by itself why it is not read.
    let Ok(decoders) = decoders() else {
        return files.into_iter().map(|file| vec![Item::new(file, 1)]).collect();
    };
    let mut places = BTreeMap::new();
    for file in files {
        let header = decode_path(&file, &Wanted::Header, &decoders).map(|decoded| decoded.header);
        let header = header.ok();
        let frames = header.as_ref().map_or(1, |header| header.image.frames);
        let of = header.filter(|header| header.instance.format == SourceFormat::Dicom);
        let place = match of.map(|header| header.series.series_instance_uid) {
            Some(uid) => *places.entry(uid).or_insert(series.len()),
            None => series.len(),
        };
        let file = Item::new(file, frames);
        match series.get_mut(place) {
            Some(together) => together.push(file),
            None => series.push(vec![file]),
        }
    }
    series
}

/// Hands each analysed frame, or the failure of its file, to `take`, whose error ends the run. Items
/// that belong together are read by one bundle, which is chosen by all of their frames, those that are done too. `stated`
/// is what a person said of an item. Progress counts the frames that are not done.
fn each_analysis<T: Clone + Send, O: Open<Item<T>>>(
    series: Vec<Vec<Item<T>>>,
    open: impl Fn() -> Result<O, Failure>,
    stated: &dyn Fn(&Item<T>) -> Stated,
    ready: &mut Ready,
    watch: &mut Watch<'_>,
    mut take: impl FnMut(&Item<T>, Result<Analyzed, Failure>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let Ready { readers, worker } = ready;
    // A router that nobody signed chose who answers.
    let signer = readers.all().map(Bundle::signer).min();
    let total = left(series.iter().flatten());
    let mut before = 0;
    for portion in portions(series) {
        let mut go_on = || match watch(Phase::Analysing, before, total) {
            true => Ok(()),
            false => Err(stopped_after(before, total)),
        };
        let mut next = 0..;
        let mut numbered = |item: Item<T>| (next.next().unwrap_or(usize::MAX), item);
        let portion = portion
            .into_iter()
            .map(|items| items.into_iter().map(&mut numbered).collect())
            .collect();
        let (shared, found) = route::share_out(readers, worker, portion, open()?, stated, &mut go_on)?;
        let Found { mut kept, abouts } = found;
        for (reader, mut items) in shared {
            let stack_of = |(number, _): &Numbered<Item<T>>| abouts.get(number).and_then(|about| about.stack);
            let model = &readers.get(reader).0.model;
            let verdict = |one: &Numbered<Item<T>>| Some((stack_of(one)?, one.1.verdict_by(model)?.clone()));
            let verdicts = items.iter().filter_map(verdict).collect();
            items.retain(|(_, item)| item.left() > 0);
            let here = left(items.iter().map(|(_, item)| item));
            let open = FirstKept {
                kept: &mut kept,
                abouts: &abouts,
                open: open()?,
            };
            let spec = readers.get(reader).0.metadata.input.clone();
            read(
                items,
                open,
                (&stack_of, verdicts),
                readers.get(reader),
                worker,
                (before, total),
                watch,
                &mut |(number, item), analyzed| {
                    let with_statement = |(mut analysis, map, ruler): Analyzed| {
                        analysis.signer = signer;
                        // A refusal says its own reason.
                        if analysis.input.reason.is_none() {
                            let (stated, about) = (stated(item), abouts.get(number));
                            let named = || named(&stated, &about?.said, &spec);
                            analysis.input.reason = told(&stated).or_else(named);
                        }
                        (analysis, map, ruler)
                    };
                    take(item, analyzed.map(with_statement))
                },
            )?;
            before += here;
        }
    }
    Ok(())
}

/// Series for a whole vault are routed and read one portion after the other: the images that the
/// router is shown lie in memory, and the first results shall not wait for the last series.
fn portions<T>(series: Vec<Vec<T>>) -> Vec<Vec<Vec<T>>> {
    const PICTURES: usize = 256;
    let mut portions: Vec<Vec<Vec<T>>> = vec![];
    let mut room = 0;
    for items in series {
        if room == 0 {
            room = PICTURES;
            portions.push(vec![]);
        }
        room = room.saturating_sub(items.len().max(1));
        if let Some(last) = portions.last_mut() {
            last.push(items);
        }
    }
    portions
}

/// `done` frames that were handed over; what waits for the verdict on its stack was not.
fn stopped_after(done: u64, total: u64) -> Failure {
    Failure::new(
        FailureCode::Canceled,
        format!("the analysis was stopped after {done} of {}", counted(total, "image")),
    )
}

/// The stack that an item is a slice of.
type StackOf<'a, T> = &'a dyn Fn(&Numbered<Item<T>>) -> Option<usize>;

/// All items through one bundle, after `before` other frames of a `total`. `stacks`: which one an item is a slice of, and
/// the verdicts on those of which slices were analysed before.
#[allow(clippy::too_many_arguments, reason = "each is a thing of its own")]
fn read<T: Clone + Send>(
    items: Vec<Numbered<Item<T>>>,
    open: impl Open<Numbered<Item<T>>>,
    (stack_of, verdicts): (StackOf<'_, T>, BTreeMap<usize, InputCheck>),
    (bundle, point): (&Bundle, &OperatingPoint),
    worker: &mut Worker,
    (before, total): (u64, u64),
    watch: &mut Watch<'_>,
    take: &mut impl FnMut(&Numbered<Item<T>>, Result<Analyzed, Failure>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let hello = worker.hello(&mut || watch(Phase::Analysing, before, total))?;
    let on = (hello.device, hello.precision);
    let (mut seen_of, mut kept) = (Counted::default(), Counted::default());
    let mut stopped = None;
    let run = Run {
        bundle,
        operating_point: point,
        backend: worker,
    };
    let finish = |one: Slice<Numbered<Item<T>>>| {
        let analyzed = one.outcome.map_err(Failure::from).map(|outcome| {
            let (analysis, map) = outcome.into_analysis(bundle, &one.facts, point, on, one.times, APP_VERSION);
            (analysis, map, one.facts.ruler.clone())
        });
        (one.tag.item, analyzed)
    };
    let mut files = BTreeMap::new();
    for stack in items.iter().filter_map(stack_of) {
        *files.entry(stack).or_default() += 1;
    }
    let mut waiting = Waiting::new(&bundle.metadata.input, files, verdicts);
    let end = frames::run(
        items,
        open,
        |_: &Numbered<Item<T>>, _: &GreyFrame| (),
        run,
        |seen| {
            let told = match seen {
                Seen::Nothing => Ok(()),
                Seen::Frame(one) => {
                    seen_of.frame(one.tag.item.0, &one.tag.item.1);
                    let stack = stack_of(&one.tag.item);
                    let mut judged = waiting.push(stack, *one).into_iter().map(&finish);
                    judged.try_for_each(|(item, analyzed)| {
                        kept.frame(item.0, &item.1);
                        take(&item, analyzed)
                    })
                }
                Seen::Unusable(item, facts, why) => {
                    for counted in [&mut seen_of, &mut kept] {
                        counted.frame(item.0, &item.1);
                    }
                    take(&item, Ok(refusal(bundle, &facts, point, on, why)))
                }
                Seen::Failed(item, lost, failure) => {
                    for counted in [&mut seen_of, &mut kept] {
                        counted.lost(item.0, &item.1, lost);
                    }
                    take(&item, Err(failure))
                }
            };
            let told = told.and_then(|()| match watch(Phase::Analysing, before + seen_of.sum(), total) {
                true => Ok(()),
                false => Err(stopped_after(before + kept.sum(), total)),
            });
            stopped = told.err();
            stopped.is_none()
        },
    );
    if let Some(failure) = stopped {
        return Err(failure);
    }
    end?;
    let mut judged = waiting.rest().into_iter().map(finish);
    judged.try_for_each(|(item, analyzed)| take(&item, analyzed))
}

/// Pixels that no model can take are a refusal with its reason, as the gate's are: the study is not
/// left unanalysed for ever.
fn refusal(
    bundle: &Bundle,
    facts: &FrameFacts,
    point: &OperatingPoint,
    on: (Device, Precision),
    why: Sentence,
) -> Analyzed {
    let check = InputCheck {
        verdict: InputVerdict::OutOfRange,
        reason: Some(why),
        score: None,
    };
    let (analysis, map) =
        Outcome::silent(check, 0.0).into_analysis(bundle, facts, point, on, StageMilliseconds::default(), APP_VERSION);
    (analysis, map, facts.ruler.clone())
}

/// Maps of files with the same name in different folders get a number.
fn save_map(
    folder: Option<&Path>,
    source: &Path,
    analysis: &Analysis,
    map: Option<&AnomalyMap>,
    names: &mut BTreeSet<String>,
) -> Result<Option<PathBuf>, Failure> {
    let (Some(folder), Some(map)) = (folder, map) else {
        return Ok(None);
    };
    let stem = source
        .file_name()
        .map_or_else(|| "map".into(), |name| name.to_string_lossy().into_owned());
    let frame = if analysis.frame > 0 {
        format!("-{}", analysis.frame)
    } else {
        String::new()
    };
    let mut name = format!("{stem}{frame}.map.png");
    for again in 2.. {
        if names.insert(name.clone()) {
            break;
        }
        name = format!("{stem}{frame}-{again}.map.png");
    }
    let path = folder.join(name);
    write_whole(&path, &report::map_png(map)?)?;
    Ok(Some(path))
}

#[cfg(test)]
mod tests {
    use super::portions;

    #[test]
    fn portions_keep_series_whole_and_in_order() {
        let series: Vec<Vec<usize>> = (0..300).map(|at| vec![at; at % 11]).collect();
        let cut = portions(series.clone());
        assert!(cut.len() > 1);
        let pictures = |portion: &Vec<Vec<usize>>| portion.iter().map(Vec::len).sum::<usize>();
        assert!(cut.iter().all(|portion| pictures(portion) < 256 + 11));
        assert_eq!(cut.into_iter().flatten().collect::<Vec<_>>(), series);
        assert!(portions::<u8>(vec![]).is_empty());
    }
}
