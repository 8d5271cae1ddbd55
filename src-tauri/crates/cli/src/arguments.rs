//! The words of the command line.

mod learning;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use domain::{DeviceChoice, ReportFormat, Stated, StatedSequence};
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
        /// Files, folders, archives and images of discs
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
        /// By what the studies are sorted
        #[arg(long, value_enum, default_value = "suspicion")]
        sort: Sort,
        /// Only studies with all these words in name, ID, date, modality or description
        #[arg(long, value_name = "TEXT")]
        find: Option<String>,
    },
    /// Show one study with its analyses and decisions
    Show {
        /// Study Instance UID, as 'overread list' prints it
        #[arg(value_name = "STUDY_UID")]
        study: String,
    },
    /// Name the patient of a study whose files name nobody; do it again to correct it, until it is signed
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
        /// Study Instance UID, as 'overread list' prints it
        #[arg(value_name = "STUDY_UID")]
        study: String,
    },
    /// Write the report of a study
    Report {
        /// Study Instance UID, as 'overread list' prints it
        #[arg(value_name = "STUDY_UID")]
        study: String,
        /// What is written
        #[arg(long, default_value = ReportFormat::Pdf.as_str(), value_name = "FORMAT", value_parser = report_format(), ignore_case = true)]
        format: ReportFormat,
        /// File to write, outside of every vault; an ordinary file of that name is replaced
        #[arg(long, value_name = "PATH")]
        out: PathBuf,
    },
    /// List and check bundles, install them, put them to use or out of it
    #[command(subcommand)]
    Models(ModelsVerb),
    /// Write synthetic scans to try the program with
    Samples {
        /// Folder to write to
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// How many scans
        #[arg(long, value_enum, default_value = "small")]
        set: Set,
    },
    /// Describe the content of a file
    Decode {
        /// File to describe
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
    /// Study Instance UID, as 'overread list' prints it
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
        /// Folder to write to
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
        /// Folder of the bundle
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
    /// Use a version of a bundle in the vault; the activation holds for its files as they are now
    Activate(BundleVersion),
    /// Use a version of a bundle no more
    Retire(BundleVersion),
    /// How frequent what a bundle looks for is among the images of this site. It moves the scores and thresholds that are
    /// told from then on, and never what is flagged; without an option it is printed
    Prevalence {
        /// Name of the bundle
        #[arg(value_name = "NAME")]
        name: String,
        /// State it: the share of the images with an anomaly, such as 0.08
        #[arg(long, value_name = "SHARE", conflicts_with_all = ["clear", "estimate"])]
        state: Option<f64>,
        /// Take back what was stated
        #[arg(long, conflicts_with = "estimate")]
        clear: bool,
        /// Print also what the scores in this vault speak for; it changes nothing until it is stated
        #[arg(long)]
        estimate: bool,
    },
}

#[derive(Args)]
pub struct BundleVersion {
    /// Name of the bundle
    #[arg(value_name = "NAME")]
    pub name: String,
    // `version` itself is the flag of every verb.
    /// Version of the bundle, as 'overread models list' prints it
    #[arg(id = "bundle_version", value_name = "VERSION")]
    pub version: String,
}

#[derive(Args)]
pub struct Analyze {
    /// Files, folders, archives and images of discs to analyse without storing an answer
    #[arg(value_name = "PATH", conflicts_with_all = ["study", "new"])]
    pub paths: Vec<PathBuf>,
    /// Analyse this study of the vault
    #[arg(long, value_name = "UID", conflicts_with = "new")]
    pub study: Option<String>,
    /// Analyse every image (frame) of the vault that the bundles in use, or the one named, have not analysed yet
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
    #[arg(long, value_name = "SEQUENCE", value_parser = domain::kind::sequence_of)]
    pub sequence: Option<StatedSequence>,
    /// Age in years of the patient, where the files do not say it
    #[arg(long, value_name = "YEARS", value_parser = domain::kind::age_of, allow_hyphen_values = true)]
    pub age: Option<f32>,
    /// View of a film whose file does not say it, as View Position writes it: AP, PA, LL, RL, RLD, LLD, RLO, LLO, or of a breast CC, MLO, ML, LM
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
    /// Study Instance UID, as 'overread list' prints it
    #[arg(value_name = "STUDY_UID")]
    pub study: String,
    #[command(flatten)]
    pub given: Given,
    /// Remark that is kept with the opinion
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct Given {
    /// Nothing that matters was seen
    #[arg(long)]
    pub normal: bool,
    /// Something was seen that matters
    #[arg(long)]
    pub suspicious: bool,
    /// It cannot be told
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
    /// Finding, as 'overread show' prints it
    #[arg(value_name = "FINDING_ID")]
    pub finding: String,
    #[command(flatten)]
    pub decision: Decision,
    /// Remark that is kept with the decision
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct Decision {
    /// The finding is real
    #[arg(long)]
    pub accept: bool,
    /// It is not a finding
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

fn report_format() -> impl clap::builder::TypedValueParser<Value = ReportFormat> {
    use clap::builder::TypedValueParser;
    let words = ReportFormat::ALL.iter().map(|format| format.as_str());
    clap::builder::PossibleValuesParser::new(words)
        .try_map(|word| ReportFormat::parse(&word.to_ascii_lowercase()).ok_or("it is not a report format"))
}

fn device(text: &str) -> Result<DeviceChoice, String> {
    text.parse()
}

#[cfg(test)]
mod tests;
