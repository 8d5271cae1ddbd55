//! One arm for each verb: ask `workflow`, print.

mod learning;
mod stored;

use std::fmt::Display;
use std::path::PathBuf;

use contract::terminal::AnalyzeWire;
use domain::{FailedInput, Failure, Session};
use workflow::{AnalyzeRequest, DecodeRequest, GivenPatient, ImportRequest, JobUrgency, Jobs, OpenVault, Target};

use crate::End;
use crate::arguments::{Analyze, Arguments, Common, ModelsVerb, VaultVerb, Verb};
use crate::progress::Shown;
use crate::{print, secret};

impl Common {
    fn vault_folder(&self) -> Result<&PathBuf, Failure> {
        self.vault
            .as_ref()
            .ok_or_else(|| Failure::usage("this needs a vault: give --vault DIR, or set OVERREAD_VAULT"))
    }

    fn open(&self) -> Result<OpenVault, Failure> {
        let folder = self.vault_folder()?;
        let passphrase = secret::passphrase(self.passphrase_file.as_deref(), false)?;
        let open = workflow::open_vault(folder, &self.user, &passphrase)?;
        if open.read_only()?.is_some() {
            eprintln!("note: the vault is open for reading only; 'overread vault status' says why");
        }
        Ok(open)
    }

    /// Whoever works without a vault.
    fn local_session(&self) -> Session {
        Session::local_administrator(&self.user)
    }

    fn show<W: serde::Serialize>(&self, wire: &W, lines: impl FnOnce(&W)) {
        if self.json { print::json(wire) } else { lines(wire) }
    }
}

pub fn run(arguments: Arguments) -> Result<End, Failure> {
    let Arguments { common, verb } = arguments;
    match verb {
        Verb::Vault(VaultVerb::Create) => stored::create(&common),
        Verb::Vault(VaultVerb::Status) => stored::status(&common),
        Verb::Vault(VaultVerb::Backup { folder }) => stored::backup(&common, folder),
        Verb::Vault(VaultVerb::AcceptRestored) => stored::accept_restored(&common),
        Verb::Import {
            paths,
            patient,
            patient_name,
            stated,
        } => stored::import(
            &common,
            ImportRequest {
                paths,
                patient: patient.map(|id| GivenPatient {
                    id,
                    name: patient_name.unwrap_or_default(),
                }),
                stated: stated.into(),
            },
        ),
        Verb::List { sort, find } => stored::list(&common, sort.into(), find),
        Verb::Show { study } => stored::show(&common, &study),
        Verb::Patient(words) => stored::patient(&common, words),
        Verb::Vault(VaultVerb::Policy { read_first }) => stored::policy(&common, read_first),
        Verb::Opinion(opinion) => stored::opinion(&common, opinion),
        Verb::Review(review) => stored::review(&common, review),
        Verb::Sign { study } => stored::sign(&common, &study),
        Verb::Report { study, format, out } => stored::report(&common, &study, format, &out),
        Verb::Analyze(request) => analyze(&common, request),
        Verb::Models(verb) => models(&common, verb),
        Verb::Samples { folder, set } => {
            let written = workflow::write_samples(&common.local_session(), &folder, set.into())?;
            common.show(&written, |w| {
                let (files, lesions) = (w.files, w.with_lesion);
                print::line(format!(
                    "{files} synthetic scans in {}, {lesions} with a lesion",
                    w.folder.display()
                ));
            });
            Ok(End::Done)
        }
        Verb::Decode {
            file,
            raw,
            png,
            frame,
            window,
            overlays,
            modality_values,
        } => {
            let request = DecodeRequest {
                file,
                raw,
                png,
                frame,
                window,
                overlays,
                modality_values,
            };
            let decoded = workflow::decode_file(&common.local_session(), &request)?;
            common.show(&decoded, print::decoded::file);
            Ok(End::Done)
        }
        Verb::Train(request) => learning::train(&common, request),
        Verb::Evaluate(request) => learning::evaluate(&common, request),
    }
}

fn analyze(common: &Common, words: Analyze) -> Result<End, Failure> {
    let request = AnalyzeRequest {
        bundle: words.bundle,
        device: words.device,
        maps: words.maps,
        allow_unsigned: words.allow_unsigned,
        stated: words.stated.into(),
    };
    let target = match (words.study, words.new, words.paths.is_empty()) {
        (Some(study), _, _) => Some(Target::Study(study)),
        (None, true, _) => Some(Target::New),
        (None, false, false) => None,
        (None, false, true) => {
            return Err(Failure::usage(
                "name files or folders to analyse, or --study UID or --new with a vault",
            ));
        }
    };
    let analyzed: AnalyzeWire = match target {
        Some(target) => {
            let mut open = common.open()?;
            background(move |watch| workflow::analyze_stored(&mut open, &target, &request, watch))?
        }
        None => {
            let session = common.local_session();
            background(move |watch| workflow::analyze_files(&session, &words.paths, &request, watch))?
        }
    };
    common.show(&analyzed, print::analyses);
    if common.json {
        print::failed(&analyzed.failed);
    }
    Ok(end(
        analyzed.analyses.len() + analyzed.hidden as usize,
        &analyzed.failed,
    ))
}

fn models(common: &Common, verb: ModelsVerb) -> Result<End, Failure> {
    let list = || match common.vault {
        Some(_) => workflow::list_models_of(&common.open()?),
        None => workflow::list_models(&common.local_session()),
    };
    let models = match verb {
        ModelsVerb::Prevalence {
            name,
            state,
            clear,
            estimate,
        } => return stored::prevalence(common, &name, (state, clear), estimate),
        ModelsVerb::List => list()?,
        ModelsVerb::Verify => workflow::verify_models(list()?)?,
        ModelsVerb::Install { folder } => workflow::install_bundle(&mut common.open()?, &folder)?,
        ModelsVerb::Activate(one) => {
            let models = workflow::use_bundle(&mut common.open()?, &one.name, &one.version, true)?;
            print::activated(&models, &one.name, &one.version);
            models
        }
        ModelsVerb::Retire(one) => workflow::use_bundle(&mut common.open()?, &one.name, &one.version, false)?,
    };
    common.show(&models, print::models);
    if models.bundles.iter().all(|bundle| bundle.ok) {
        Ok(End::Done)
    } else {
        Ok(End::AllInputsFailed)
    }
}

/// Runs a verb as a job, shows its progress, and passes Ctrl+C on to it.
fn background<R: Send + 'static, P: Display + Clone + PartialEq + Send + 'static>(
    verb: impl FnOnce(&mut workflow::Watch<'_, P>) -> Result<R, Failure> + Send + 'static,
) -> Result<R, Failure> {
    let jobs = Jobs::start();
    let mut shown = Shown::start();
    let job = jobs.submit(JobUrgency::Waiting, verb);
    jobs.wait(job, &mut |phase, done, of| shown.watch(&phase, done, of))
}

/// Nothing done and something failed is a failed job; some of both is its own code.
fn end(done: usize, failed: &[FailedInput]) -> End {
    match (done, failed.is_empty()) {
        (_, true) => End::Done,
        (0, false) => End::AllInputsFailed,
        _ => End::SomeInputsFailed,
    }
}
