//! A stop is heard within one image. Counted in images, with the built programs; nothing here asks the clock.

use std::error::Error;
use std::path::{Path, PathBuf};

use domain::{DeviceChoice, Failure, FailureCode, Phase, Session, Stated};
use engine::{Backend, Bundle, Heard, ModelInput, Worker, WorkerSettings};
use lab::{EvaluateRequest, evaluate};
use workflow::{AnalyzeRequest, analyze_files};

type Checked = Result<(), Box<dyn Error>>;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../..");

fn session() -> Session {
    Session::local_administrator("tests")
}

fn flagship() -> Result<Bundle, Box<dyn Error>> {
    Ok(Bundle::load(&Path::new(ROOT).join("models/brain-mri-flair"))?)
}

fn worker() -> Result<Worker, Box<dyn Error>> {
    Ok(Worker::new(WorkerSettings::beside_executable(DeviceChoice::Cpu)?))
}

fn inputs(bundle: &Bundle, count: usize) -> Result<Vec<ModelInput>, Box<dyn Error>> {
    let frame = domain::GreyFrame {
        rows: 192,
        cols: 192,
        values: (0..192 * 192).map(|at| (at % 191) as f32).collect(),
    };
    Ok(vec![engine::prepare(&frame, &bundle.metadata.input)?; count])
}

fn is_there(process: u32) -> bool {
    Path::new("/proc").join(process.to_string()).exists()
}

/// Files of one image, each with bytes of its own behind the end.
fn many(folder: &Path, count: usize) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let picture = std::fs::read(Path::new(ROOT).join("sample-data/png/lesion-01.png"))?;
    let write = |number: usize| {
        let path = folder.join(format!("{number:03}.png"));
        std::fs::write(&path, [picture.as_slice(), &number.to_le_bytes()].concat())?;
        Ok(path)
    };
    (0..count).map(write).collect()
}

#[test]
fn the_worker_is_stopped_between_two_images_of_one_batch() -> Checked {
    let (bundle, mut worker) = (flagship()?, worker()?);
    let inputs = inputs(&bundle, 16)?;
    worker.load(&bundle, &mut || true)?;
    let process = worker.process_id().ok_or("no worker runs")?;
    let mut answers = 0;
    let end = worker.infer(&bundle, &inputs, &mut |heard| {
        answers += u32::from(matches!(heard, Heard::Answer(_)));
        answers < 3
    });
    assert_eq!(end.err().map(|error| error.code), Some(FailureCode::Canceled));
    assert_eq!(answers, 3);
    assert!(!is_there(process), "the worker computes on what nobody wants");
    let again = worker.infer_all(&bundle, &inputs[..2], &mut || true)?;
    assert_eq!(again.len(), 2, "the next batch has a worker of its own");
    Ok(())
}

#[test]
fn the_worker_is_stopped_while_it_starts_loads_and_computes() -> Checked {
    let bundle = flagship()?;
    let canceled = |error: engine::EngineError| assert_eq!(error.code, FailureCode::Canceled, "{error}");
    let mut fresh = worker()?;
    fresh
        .load(&bundle, &mut || false)
        .err()
        .map(canceled)
        .ok_or("it loaded")?;
    assert_eq!(fresh.process_id(), None);

    let mut ready = worker()?;
    ready.hello(&mut || true)?;
    let process = ready.process_id().ok_or("no worker runs")?;
    ready
        .load(&bundle, &mut || false)
        .err()
        .map(canceled)
        .ok_or("it loaded")?;
    assert!(!is_there(process));

    // Not a single answer is waited for.
    ready.load(&bundle, &mut || true)?;
    let process = ready.process_id().ok_or("no worker runs")?;
    let stopped = ready.infer(&bundle, &inputs(&bundle, 16)?, &mut |_| false);
    stopped.err().map(canceled).ok_or("it answered")?;
    assert!(!is_there(process));
    Ok(())
}

/// How a verb ends that is told to stop when `at` says so, and how often it asked after that.
fn stopped<R, P>(
    verb: impl FnOnce(&mut workflow::Watch<'_, P>) -> Result<R, Failure>,
    at: impl Fn(&P, u64) -> bool,
) -> Result<(String, u32), Box<dyn Error>> {
    let (mut asked, mut after) = (false, 0);
    let end = verb(&mut |phase, done, _| {
        after += u32::from(asked);
        asked |= at(&phase, done);
        !asked
    });
    let failure = end.err().ok_or("it went on to its end")?;
    assert_eq!(failure.code, FailureCode::Canceled, "{failure}");
    Ok((failure.message, after))
}

#[test]
fn an_analysis_stops_where_it_is_told_to() -> Checked {
    let folder = tempfile::tempdir()?;
    let files = many(folder.path(), 24)?;
    let analyze = |bundle: Option<&str>, at: &dyn Fn(&Phase, u64) -> bool| {
        let request = AnalyzeRequest {
            bundle: bundle.map(str::to_owned),
            device: DeviceChoice::Cpu,
            maps: None,
            allow_unsigned: false,
            stated: Stated::default(),
        };
        stopped(|watch| analyze_files(&session(), &files, &request, watch), at)
    };
    let flagship = Path::new(ROOT).join("models/brain-mri-flair");
    let flagship = flagship.to_str();
    let reading = analyze(flagship, &|phase, done| *phase == Phase::Analysing && done == 2)?;
    assert_eq!(
        reading,
        (
            "the analysis was stopped after 2 of 24 images; without a vault no answer is kept".to_owned(),
            0
        )
    );
    let loading = analyze(flagship, &|phase, _| *phase == Phase::LoadingTheModel)?;
    assert_eq!(loading.1, 0, "{loading:?}");
    // Nothing is done while images are routed.
    let routing = analyze(None, &|phase, _| *phase == Phase::Analysing)?;
    assert_eq!(
        routing,
        (
            "the analysis was stopped after 0 of 24 images; without a vault no answer is kept".to_owned(),
            0
        )
    );
    Ok(())
}

#[test]
fn a_stop_counts_no_slice_that_still_waits_for_the_verdict_on_its_stack() -> Checked {
    let series = Path::new(ROOT).join("sample-data/dicom/lesion-1");
    let request = AnalyzeRequest {
        bundle: Path::new(ROOT)
            .join("models/brain-mri-flair")
            .to_str()
            .map(str::to_owned),
        device: DeviceChoice::Cpu,
        maps: None,
        allow_unsigned: false,
        stated: Stated::default(),
    };
    for (seen, kept) in [(1, 0), (4, 0), (8, 0), (9, 9)] {
        let folder = [series.clone()];
        let (message, _) = stopped(
            |watch| analyze_files(&session(), &folder, &request, watch),
            |phase, done| *phase == Phase::Analysing && done == seen,
        )?;
        assert!(
            message.starts_with(&format!("the analysis was stopped after {kept} of 9 images")),
            "{seen}: {message}"
        );
    }
    Ok(())
}

#[test]
fn an_evaluation_stops_where_it_is_told_to() -> Checked {
    let folder = tempfile::tempdir()?;
    let files = many(folder.path(), 24)?;
    let mut rows = "file,label,anomaly,split,patient_id\n".to_owned();
    for (number, file) in files.iter().enumerate() {
        let name = file.file_name().ok_or("a file without a name")?.to_string_lossy();
        rows.push_str(&format!("{name},LESION,{},val,P{number}\n", number % 2));
    }
    let manifest = folder.path().join("manifest.csv");
    std::fs::write(&manifest, rows)?;
    for (bundle, phase) in [
        ("brain-mri-flair", lab::Phase::Evaluating),
        ("router", lab::Phase::Routing),
    ] {
        let request = EvaluateRequest {
            bundle: Path::new(ROOT).join("models").join(bundle).display().to_string(),
            manifest: manifest.clone(),
            stated: domain::Stated::default(),
            split: None,
            subset: None,
            device: DeviceChoice::Cpu,
            out: None,
            attack: None,
            shifted: false,
            others: None,
        };
        let end = stopped(
            |watch| evaluate(&session(), &request, watch),
            |now, done| *now == phase && (phase == lab::Phase::Routing || done == 2),
        )?;
        assert_eq!(end, ("the evaluation was stopped".to_owned(), 0), "{bundle}");
    }
    Ok(())
}
