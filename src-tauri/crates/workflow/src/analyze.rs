//! `analyze`: pictures through a bundle, with or without a vault.

mod stored;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use decode::{Decoder, discover};
use domain::{
    Analysis, AnomalyMap, Device, GreyFrame, InputCheck, InputVerdict, OperatingPoint, Permission, Precision, Session,
    StageMilliseconds,
};
use engine::{Bundle, DeviceChoice, FrameFacts, Outcome, Worker, WorkerSettings};

use crate::error::Failure;
use crate::files::{create_folder, write_whole};
use crate::frames::{self, Run, Seen, Watch, decode_path};
use crate::permit::permit;
use crate::places;
use crate::wire::{AnalysisWire, AnalyzeWire, failed};

pub(crate) use stored::{Follow, analyze_followed};
pub use stored::{Target, analyze_stored};

const APP_VERSION: &str = env!("CARGO_PKG_VERSION");

#[derive(Debug, Clone)]
pub struct AnalyzeRequest {
    /// `None` takes the only one there is.
    pub bundle: Option<String>,
    pub device: DeviceChoice,
    /// Folder for anomaly maps as 16-bit PNG.
    pub maps: Option<PathBuf>,
}

struct Ready {
    bundle: Bundle,
    point: OperatingPoint,
    worker: Worker,
}

/// The bundle is verified and loaded before anything else, so that its faults are told first.
fn ready(bundle: Bundle, request: &AnalyzeRequest) -> Result<Ready, Failure> {
    let point = bundle.metadata.operating_points[0].clone();
    let mut worker = Worker::new(WorkerSettings::beside_executable(request.device)?);
    worker.load(&bundle)?;
    if let Some(folder) = &request.maps {
        create_folder(folder)?;
    }
    Ok(Ready { bundle, point, worker })
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
            .map(|(path, error)| failed(path.display().to_string(), error.into())),
    );
    if found.files.is_empty() {
        return Ok(result);
    }
    let mut ready = ready(places::bundle(request.bundle.as_deref())?, request)?;
    let total = found.files.len() as u64;
    let open = |path: &PathBuf, decoder: &mut Decoder| Ok(decode_path(path, decoder)?);
    let mut names = BTreeSet::new();
    each_analysis(found.files, open, &mut ready, total, watch, |path, analyzed| {
        let analyzed = analyzed.and_then(|(analysis, map)| {
            let saved = save_map(request.maps.as_deref(), path, &analysis, map.as_ref(), &mut names)?;
            Ok(AnalysisWire::of(path.display().to_string(), &analysis, saved))
        });
        match analyzed {
            Ok(analysis) => result.analyses.push(analysis),
            Err(failure) => result.failed.push(failed(path.display().to_string(), failure)),
        }
        Ok(())
    })?;
    Ok(result)
}

/// Hands each analysed frame, or the failure of its file, to `take`, whose error ends the run.
fn each_analysis<T: Clone + Send>(
    items: Vec<T>,
    open: impl frames::Open<T>,
    ready: &mut Ready,
    total: u64,
    watch: &mut Watch<'_>,
    mut take: impl FnMut(&T, Result<(Analysis, Option<AnomalyMap>), Failure>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let Ready { bundle, point, worker } = ready;
    let hello = worker.hello()?;
    let mut done = 0;
    let mut stopped = None;
    let run = Run {
        bundle,
        operating_point: point,
        backend: worker,
    };
    let end = frames::run(
        items,
        open,
        |_: &T, _: &GreyFrame| (),
        run,
        |seen| {
            let told = match seen {
                Seen::Frame(one) => {
                    done += u64::from(one.facts.frame == 0);
                    let analyzed = one.outcome.map_err(Failure::from).map(|outcome| {
                        let on = (hello.device, hello.precision);
                        outcome.into_analysis(bundle, &one.facts, point, on, one.times, APP_VERSION)
                    });
                    take(&one.tag.item, analyzed)
                }
                Seen::Unusable(item, facts, reason) => {
                    done += u64::from(facts.frame == 0);
                    let on = (hello.device, hello.precision);
                    take(&item, Ok(refusal(bundle, &facts, point, on, reason)))
                }
                Seen::Failed(item, failure) => {
                    done += 1;
                    take(&item, Err(failure))
                }
            };
            let told = told.and_then(|()| match watch("analysing", done.min(total), total) {
                true => Ok(()),
                false => Err(Failure::new(
                    "canceled",
                    format!("the analysis was stopped after {done} of {total} files"),
                )),
            });
            stopped = told.err();
            stopped.is_none()
        },
    );
    match stopped {
        Some(failure) => Err(failure),
        None => end,
    }
}

/// Pixels that no model can take are a refusal with its reason, as the gate's are: the study is not
/// left unanalysed for ever.
fn refusal(
    bundle: &Bundle,
    facts: &FrameFacts,
    point: &OperatingPoint,
    on: (Device, Precision),
    reason: String,
) -> (Analysis, Option<AnomalyMap>) {
    let outcome = Outcome {
        input: InputCheck {
            verdict: InputVerdict::OutOfRange,
            reason: Some(format!("{reason}; such a picture is not analysed")),
            score: None,
        },
        raw_score: 0.0,
        score: None,
        flagged: false,
        findings: vec![],
        map: None,
    };
    outcome.into_analysis(bundle, facts, point, on, StageMilliseconds::default(), APP_VERSION)
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
