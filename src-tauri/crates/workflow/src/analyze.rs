//! `analyze`: pictures through a bundle, with or without a vault.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use decode::{Decoder, Source, discover};
use domain::{Analysis, AnomalyMap, GreyFrame, OperatingPoint, Permission, Session, Uid};
use engine::{Bundle, DeviceChoice, Worker, WorkerSettings};
use records::{FileId, JobId, JobProgress, JobState, Op, Vault};

use crate::error::Failure;
use crate::files::{create_folder, write_whole};
use crate::frames::{self, Run, Seen, Watch, decode_path};
use crate::permit::permit;
use crate::places;
use crate::studies::find;
use crate::time::now;
use crate::vault::OpenVault;
use crate::wire::{AnalysisWire, AnalyzeWire, failed};

const APP_VERSION: &str = env!("CARGO_PKG_VERSION");

#[derive(Debug, Clone)]
pub struct AnalyzeRequest {
    /// `None` takes the only one there is.
    pub bundle: Option<String>,
    pub device: DeviceChoice,
    /// Folder for anomaly maps as 16-bit PNG.
    pub maps: Option<PathBuf>,
}

/// Which studies of the vault.
#[derive(Debug, Clone)]
pub enum Target {
    Study(String),
    /// All that this version of the bundle has not seen.
    New,
}

struct Ready {
    bundle: Bundle,
    point: OperatingPoint,
    worker: Worker,
}

/// The bundle is verified and loaded before anything else, so that its faults are told first.
fn ready(request: &AnalyzeRequest) -> Result<Ready, Failure> {
    let bundle = places::bundle(request.bundle.as_deref())?;
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
    let mut ready = ready(request)?;
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

/// Analyses stored studies. Each analysis, its findings, its map and its audit row become permanent
/// together, one frame at a time; the job is a row that says how far it came.
pub fn analyze_stored(
    open: &mut OpenVault,
    target: &Target,
    request: &AnalyzeRequest,
    watch: &mut Watch<'_>,
) -> Result<AnalyzeWire, Failure> {
    permit(&open.session, Permission::Analyze)?;
    let mut ready = ready(request)?;
    let studies: Vec<String> = match target {
        Target::Study(uid) => vec![uid.clone()],
        Target::New => {
            let model = &ready.bundle.model;
            let new = open
                .vault
                .studies_without_analysis(&model.bundle, Some(&model.version))?;
            new.iter().map(Uid::to_string).collect()
        }
    };
    let mut result = AnalyzeWire::default();
    let count = studies.len() as u64;
    for (index, study) in studies.into_iter().enumerate() {
        let record = find(open, &study)?;
        if record.sign_off.is_some() {
            return Err(Failure::new(
                "study_signed",
                format!("study {study} is signed; nothing of it can be changed any more"),
            ));
        }
        let uid = record.study.study_instance_uid.clone();
        let items: Vec<Stored> = record
            .instances
            .iter()
            .map(|i| Stored {
                uid: i.header.instance.sop_instance_uid.to_string(),
                file: i.file_id.clone(),
            })
            .collect();
        let job = begin(open, &uid, &ready.bundle, items.len() as u64)?;
        // Of many studies the person wants to know how many are done, of one how many pictures.
        let mut told = |phase: &str, done: u64, of: u64| match count {
            1 => watch(phase, done, of),
            _ => watch("analysing studies", index as u64 + u64::from(done == of), count),
        };
        let failed_before = result.failed.len();
        let end = analyze_study(open, &uid, items, &mut ready, request, &mut told, &mut result);
        // Pictures that the model never saw make the job a failed one, so that it is made again.
        let cut_short = result.failed[failed_before..]
            .iter()
            .find(|input| input.code.starts_with("worker_"));
        let cause = end
            .as_ref()
            .err()
            .cloned()
            .or(cut_short.map(|f| Failure::new(&f.code, f.message.clone())));
        let told = finish(open, job, record.instances.len() as u64, cause.as_ref());
        end?;
        told?;
    }
    Ok(result)
}

#[derive(Clone)]
struct Stored {
    uid: String,
    file: FileId,
}

fn analyze_study(
    open: &mut OpenVault,
    study: &Uid,
    items: Vec<Stored>,
    ready: &mut Ready,
    request: &AnalyzeRequest,
    watch: &mut Watch<'_>,
    result: &mut AnalyzeWire,
) -> Result<(), Failure> {
    let reader: Vault = open.vault.open_another()?;
    let total = items.len() as u64;
    let read = move |item: &Stored, decoder: &mut Decoder| {
        let content = reader.read_file(&item.file)?;
        Ok(decoder.decode(Source::Bytes(&content))?)
    };
    let mut names = BTreeSet::new();
    each_analysis(items, read, ready, total, watch, |item, analyzed| {
        match analyzed {
            Ok((analysis, map)) => {
                store(open, study, &analysis, map.as_ref())?;
                let path = PathBuf::from(&item.uid);
                let saved = save_map(request.maps.as_deref(), &path, &analysis, map.as_ref(), &mut names)?;
                result
                    .analyses
                    .push(AnalysisWire::of(item.uid.clone(), &analysis, saved));
            }
            Err(failure) => result.failed.push(failed(item.uid.clone(), failure)),
        }
        Ok(())
    })
}

/// The map first, then the row that refers to it: a crash between leaves a file that nobody names.
fn store(open: &mut OpenVault, study: &Uid, analysis: &Analysis, map: Option<&AnomalyMap>) -> Result<(), Failure> {
    let stored = match map {
        Some(map) => Some(open.vault.put_file(&mut report::map_png(map)?.as_slice())?),
        None => None,
    };
    open.vault
        .transact(&open.session, Op::Analyze { study: study.clone() }, now(), |tx| {
            tx.insert_analysis(analysis, stored.as_ref().map(|file| &file.id))
        })?;
    Ok(())
}

fn begin(open: &mut OpenVault, study: &Uid, bundle: &Bundle, total: u64) -> Result<JobId, Failure> {
    let parameters = serde_json::json!({ "bundle": bundle.model.bundle, "version": bundle.model.version });
    let op = Op::JobChange;
    let (job, _) = open.vault.transact(&open.session, op, now(), |tx| {
        let job = tx.insert_job("analyze", Some(study), &parameters, total)?;
        let running = JobProgress {
            state: JobState::Running,
            phase: Some("analysing".into()),
            done: 0,
            total,
            message: None,
        };
        tx.update_job(job, &running)?;
        Ok(job)
    })?;
    Ok(job)
}

fn finish(open: &mut OpenVault, job: JobId, total: u64, failure: Option<&Failure>) -> Result<(), Failure> {
    let (state, message) = match failure {
        None => (JobState::Done, None),
        Some(failure) if failure.code == "canceled" => (JobState::Canceled, None),
        Some(failure) => (JobState::Failed, Some(failure.message.clone())),
    };
    let done = if state == JobState::Done { total } else { 0 };
    let progress = JobProgress {
        state,
        phase: None,
        done,
        total,
        message,
    };
    open.vault
        .transact(&open.session, Op::JobChange, now(), |tx| tx.update_job(job, &progress))?;
    Ok(())
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
