//! The words of the command line.

mod learning;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use domain::{DeviceChoice, Stated, StatedSequence};
use workflow::{SampleSize, StudyOrder};

pub use learning::{Attack, Evaluate, Train};

/// Offline second reader for medical images. Not a medical device; not for diagnosis.
#[derive(Parser)]
#[command(name = "overread", version, propagate_version = true)]
pub struct Arguments {
    #[command(flatten)]
    pub common: Common,
    #[command(subcommand)]
    pub verb: Verb,
}

/// What every verb needs of the command line.
#[derive(Args)]
pub struct Common {
    /// Folder of the vault
    #[arg(long, global = true, env = "OVERREAD_VAULT", value_name = "DIR")]
    pub vault: Option<PathBuf>,
    /// Print exactly one JSON document on stdout
    #[arg(long, global = true)]
    pub json: bool,
    /// User of the vault
    #[arg(
        long,
        global = true,
        env = "OVERREAD_USER",
        default_value = "admin",
        value_name = "NAME"
    )]
    pub user: String,
    /// File whose first line is the passphrase (otherwise OVERREAD_PASSPHRASE, otherwise a prompt)
    #[arg(long, global = true, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
}

#[derive(Subcommand)]
pub enum Verb {
    /// Make, describe, restrict or back up a vault, or accept one that was restored
    #[command(subcommand)]
    Vault(VaultVerb),
    /// Import files, folders, archives and images of discs into the vault
    Import {
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<PathBuf>,
        /// Patient ID of the images that name no patient, such as PNG and NIfTI files
        #[arg(long, value_name = "ID")]
        patient: Option<String>,
        /// Name of that patient, as FAMILY^GIVEN
        #[arg(long, value_name = "NAME", requires = "patient")]
        patient_name: Option<String>,
        #[command(flatten)]
        stated: StatedWords,
    },
    /// List the studies of the vault
    List {
        #[arg(long, value_enum, default_value = "suspicion")]
        sort: Sort,
        /// Only studies with all these words in name, ID, date, modality or description
        #[arg(long, value_name = "TEXT")]
        find: Option<String>,
    },
    /// Show one study with its analyses and decisions
    Show {
        #[arg(value_name = "STUDY_UID")]
        study: String,
    },
    /// Say who the patient of a study is whose files name nobody; say it again to correct it, until it is signed
    Patient(PatientWords),
    /// Analyse files (nothing is stored), or studies of the vault
    Analyze(Analyze),
    /// Give your own opinion on a study, once; where the vault's policy asks for it first, the model's answer is shown
    /// from then on
    Opinion(Opinion),
    /// Accept, reject or change a finding, or leave it open as unsure
    Review(Review),
    /// Sign a study: nothing in it can be changed any more
    Sign {
        #[arg(value_name = "STUDY_UID")]
        study: String,
    },
    /// Write the report of a study
    Report {
        #[arg(value_name = "STUDY_UID")]
        study: String,
        #[arg(long, default_value = "pdf")]
        format: String,
        #[arg(long, value_name = "PATH")]
        out: PathBuf,
    },
    /// List and check bundles, install them, put them to use or out of it
    #[command(subcommand)]
    Models(ModelsVerb),
    /// Write synthetic scans to try the program with
    Samples {
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        #[arg(long, value_enum, default_value = "small")]
        set: Set,
    },
    /// Describe the content of a file
    Decode {
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Write the stored pixel values, little endian; what colours mean says photometric_interpretation (with --json)
        #[arg(long, value_name = "OUT")]
        raw: Option<PathBuf>,
        /// Write a frame as an 8-bit PNG, as it is first shown: grey, or RGB where it has colours
        #[arg(long, value_name = "OUT")]
        png: Option<PathBuf>,
        /// Which frame --png writes; 0 is the first
        #[arg(long, value_name = "N", default_value_t = 0, requires = "png")]
        frame: u32,
        /// Under which window: its number from 0 (tables behind the windows, or by 'lut:0'), its name, or 'auto' for the middle of the values
        #[arg(long, value_name = "N|NAME", requires = "png")]
        window: Option<String>,
        /// Draw the overlay planes on the PNG
        #[arg(long, requires = "png")]
        overlays: bool,
        /// Tell the modality value of every pixel (with --json)
        #[arg(long)]
        modality_values: bool,
    },
    /// Train a bundle on labelled images
    Train(Train),
    /// Evaluate a bundle on labelled images
    Evaluate(Evaluate),
}

#[derive(Args)]
pub struct PatientWords {
    #[arg(value_name = "STUDY_UID")]
    pub study: String,
    /// Patient ID
    #[arg(long, value_name = "ID", required_unless_present = "name")]
    pub id: Option<String>,
    /// Name, as FAMILY^GIVEN
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Date of birth, as YYYY-MM-DD
    #[arg(long, value_name = "DATE")]
    pub birth_date: Option<String>,
    /// M, F or O
    #[arg(long, value_name = "SEX")]
    pub sex: Option<String>,
}

#[derive(Subcommand)]
pub enum VaultVerb {
    /// Make a vault with one administrator
    Create,
    /// Show versions, counts, and whether the audit chain is intact
    Status,
    /// Copy the vault into a new folder below DIR and read the copy back; it opens as a vault
    Backup {
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
    /// Take records that were put back from elsewhere as they are, so that the vault may be changed again
    AcceptRestored,
    /// What holds for everybody who works in the vault
    Policy {
        /// Hide the model's answer on an unsigned study until the reader has given an own opinion
        #[arg(long, value_enum, value_name = "ON_OR_OFF")]
        read_first: Option<Switch>,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    On,
    Off,
}

#[derive(Subcommand)]
pub enum ModelsVerb {
    /// With a vault also what was installed, and what the vault uses
    List,
    /// Check every byte of every bundle and of libtorch
    Verify,
    /// Copy a bundle to this machine; a vault uses it once it is activated
    Install {
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
    /// Use a version of a bundle in the vault; the activation holds for its files as they are now
    Activate(BundleVersion),
    /// Use a version of a bundle no more
    Retire(BundleVersion),
}

#[derive(Args)]
pub struct BundleVersion {
    #[arg(value_name = "NAME")]
    pub name: String,
    /// `version` itself is the flag of every verb.
    #[arg(id = "bundle_version", value_name = "VERSION")]
    pub version: String,
}

#[derive(Args)]
pub struct Analyze {
    #[arg(value_name = "PATH", conflicts_with_all = ["study", "new"])]
    pub paths: Vec<PathBuf>,
    /// Analyse this study of the vault
    #[arg(long, value_name = "UID", conflicts_with = "new")]
    pub study: Option<String>,
    /// Analyse every study that the bundles in use, or the one named, have not analysed yet
    #[arg(long)]
    pub new: bool,
    /// Name of a bundle, or path of one that is not installed
    #[arg(long, value_name = "NAME")]
    pub bundle: Option<String>,
    /// Let a bundle of that path read files although nobody signed it; every answer says so
    #[arg(long, requires = "bundle", conflicts_with_all = ["study", "new"])]
    pub allow_unsigned: bool,
    /// auto, cpu, cuda or cuda:N
    #[arg(long, default_value = "auto", value_parser = device)]
    pub device: DeviceChoice,
    /// Write each anomaly map as a 16-bit PNG into this folder
    #[arg(long, value_name = "DIR")]
    pub maps: Option<PathBuf>,
    #[command(flatten)]
    pub stated: StatedWords,
}

/// What a person says of images whose files do not say it. It is kept with who said it and when.
#[derive(Args)]
pub struct StatedWords {
    /// Sequence of images of the head whose files do not say it: flair, t1c (T1 with contrast agent) or other
    #[arg(long, value_name = "SEQUENCE", value_parser = sequence)]
    pub sequence: Option<StatedSequence>,
    /// Age in years of the patient, where the files do not say it
    #[arg(long, value_name = "YEARS", value_parser = domain::kind::age_of, allow_hyphen_values = true)]
    pub age: Option<f32>,
    /// View of a film whose file does not say it, such as PA, AP or LL
    #[arg(long, value_name = "VIEW", value_parser = domain::kind::view_of)]
    pub view: Option<String>,
}

impl From<StatedWords> for Stated {
    fn from(words: StatedWords) -> Self {
        Self {
            sequence: words.sequence,
            age_years: words.age,
            view: words.view,
            ..Self::default()
        }
    }
}

#[derive(Args)]
pub struct Opinion {
    #[arg(value_name = "STUDY_UID")]
    pub study: String,
    #[command(flatten)]
    pub given: Given,
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct Given {
    #[arg(long)]
    pub normal: bool,
    #[arg(long)]
    pub suspicious: bool,
    #[arg(long)]
    pub unsure: bool,
}

impl From<Given> for domain::Opinion {
    /// clap made sure that exactly one was given.
    fn from(words: Given) -> Self {
        match words {
            Given { suspicious: true, .. } => Self::Suspicious,
            Given { unsure: true, .. } => Self::Unsure,
            Given { .. } => Self::Normal,
        }
    }
}

#[derive(Args)]
pub struct Review {
    #[arg(value_name = "FINDING_ID")]
    pub finding: String,
    #[command(flatten)]
    pub decision: Decision,
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct Decision {
    #[arg(long)]
    pub accept: bool,
    #[arg(long)]
    pub reject: bool,
    /// Keep the finding under another label
    #[arg(long, value_name = "LABEL")]
    pub change: Option<String>,
    /// Leave the finding undecided on purpose
    #[arg(long)]
    pub unsure: bool,
}

impl From<Decision> for domain::Decision {
    /// clap made sure that exactly one was given.
    fn from(words: Decision) -> Self {
        match words.change {
            Some(label) => Self::Changed { label },
            None if words.reject => Self::Rejected,
            None if words.unsure => Self::Unsure,
            None => Self::Accepted,
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Sort {
    Suspicion,
    Date,
    Name,
}

impl From<Sort> for StudyOrder {
    fn from(sort: Sort) -> Self {
        match sort {
            Sort::Suspicion => Self::Suspicion,
            Sort::Date => Self::Date,
            Sort::Name => Self::Name,
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Set {
    Small,
    Full,
}

impl From<Set> for SampleSize {
    fn from(set: Set) -> Self {
        match set {
            Set::Small => Self::Small,
            Set::Full => Self::Full,
        }
    }
}

fn minutes(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(minutes) if minutes > 0.0 && minutes < 1e5 => Ok(minutes),
        _ => Err("give a number of minutes above 0".into()),
    }
}

fn sequence(text: &str) -> Result<StatedSequence, String> {
    let known = || StatedSequence::ALL.iter().map(|one| one.as_str());
    StatedSequence::parse(&text.to_ascii_lowercase())
        .ok_or_else(|| format!("give one of {}", known().collect::<Vec<_>>().join(", ")))
}

fn device(text: &str) -> Result<DeviceChoice, String> {
    text.parse()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }

    /// The words of a line of shell: quoted ones stay together.
    fn shell_words(line: &str) -> Vec<String> {
        let mut words = vec![String::new()];
        for (at, part) in line.split('\'').enumerate() {
            let last = words.len() - 1;
            if at % 2 == 1 {
                words[last].push_str(part);
                continue;
            }
            let mut pieces = part.split(' ');
            words[last].push_str(pieces.next().unwrap_or_default());
            words.extend(pieces.map(str::to_owned));
        }
        words.retain(|word| !word.is_empty());
        words
    }

    #[test]
    fn every_command_of_the_guide_is_understood() {
        let guide = include_str!("../../../docs/guide/command-line.md");
        let code = guide.split("```").skip(1).step_by(2);
        let lines = code.flat_map(str::lines).map(|line| line.trim_start_matches("$ "));
        let commands: Vec<&str> = lines.filter(|line| line.starts_with("overread ")).collect();
        assert!(commands.len() > 10, "the guide's commands were not found: {commands:?}");
        for command in commands {
            let parsed = Arguments::try_parse_from(shell_words(command));
            assert!(
                parsed.is_ok(),
                "{command}: {}",
                parsed.err().map(|e| e.to_string()).unwrap_or_default()
            );
        }
    }

    #[test]
    fn wrong_usage_is_refused() {
        for words in [
            "overread",
            "overread frobnicate",
            "overread review abc",
            "overread review abc --accept --reject",
            "overread review abc --unsure --accept",
            "overread opinion 1.2.3",
            "overread opinion 1.2.3 --normal --unsure",
            "overread vault policy --read-first maybe",
            "overread vault backup",
            "overread import",
            "overread list --sort size",
            "overread analyze a.png --new",
            "overread analyze a.png --device gpu",
            "overread analyze --new --bundle b --allow-unsigned",
            "overread analyze a.png --age 0",
            "overread analyze a.png --age 200",
            "overread analyze a.png --age -3",
            "overread analyze a.png --sequence t2",
            "overread import a.png --age 0",
            "overread import a.png --view sideways-or-so-it-seems",
            "overread models activate brain",
            "overread train --data d --out o",
            "overread train --data d --out o --bundle b --recipe r.json",
            "overread evaluate --bundle b --manifest m.csv --attack fgsm",
            "overread evaluate --bundle b --manifest m.csv --attack-images 20",
        ] {
            assert!(Arguments::try_parse_from(words.split(' ')).is_err(), "{words}");
        }
        for words in [
            "overread list --json --vault v",
            "overread analyze a.png --sequence FLAIR --age 45",
            "overread import a.png --sequence t1c --age 4.5 --view pa",
            "overread models activate brain 0.3.0 --vault v",
            "overread train --data d --out o --recipe r.json",
            "overread evaluate --bundle b --manifest m.csv",
            "overread evaluate --bundle b --manifest m.csv --split val --out o --attack pgd --attack-images 20",
        ] {
            assert!(Arguments::try_parse_from(words.split(' ')).is_ok(), "{words}");
        }
    }
}
