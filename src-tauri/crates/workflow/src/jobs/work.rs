//! What a job does, as its row remembers it: enough to do it again after a restart.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use domain::{JobKind, JobRow, Permission, ReportFormat};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "work", rename_all = "snake_case")]
pub enum Work {
    Import {
        paths: Vec<StoredPath>,
        /// Show the study when all files belong to one.
        show: bool,
        /// Analyse what is new afterwards.
        analyze: bool,
    },
    AnalyzeStudy {
        study: String,
    },
    AnalyzeNew,
    Export {
        study: String,
        format: ReportFormat,
        out: StoredPath,
    },
    Backup {
        folder: StoredPath,
    },
}

/// Jobs of one lane wait for each other; nobody who waits stands behind a long import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    Import,
    Analysis,
    /// What one person waits for: one study, one file.
    Waited,
}

impl Work {
    pub fn kind(&self) -> JobKind {
        match self {
            Work::Import { .. } => JobKind::Import,
            Work::AnalyzeStudy { .. } | Work::AnalyzeNew => JobKind::Analyze,
            Work::Export { .. } => JobKind::Export,
            Work::Backup { .. } => JobKind::Backup,
        }
    }

    pub fn lane(&self) -> Lane {
        match self {
            Work::Import { .. } => Lane::Import,
            Work::AnalyzeNew => Lane::Analysis,
            Work::AnalyzeStudy { .. } | Work::Export { .. } | Work::Backup { .. } => Lane::Waited,
        }
    }

    pub fn permission(&self) -> Permission {
        match self {
            Work::Import { .. } => Permission::Import,
            Work::AnalyzeStudy { .. } | Work::AnalyzeNew => Permission::Analyze,
            Work::Export { .. } => Permission::Export,
            Work::Backup { .. } => Permission::ManageVault,
        }
    }

    /// The kind of its row. Not the `analyze` of a run's own rows, whose last one tells whether a
    /// study was cut short.
    pub fn row(&self) -> JobRow {
        match self {
            Work::Import { .. } => JobRow::Import,
            Work::AnalyzeStudy { .. } => JobRow::AnalyzeStudy,
            Work::AnalyzeNew => JobRow::AnalyzeNew,
            Work::Export { .. } => JobRow::Export,
            Work::Backup { .. } => JobRow::Backup,
        }
    }

    /// The study whose state is "analysing" while the job waits or runs.
    pub fn analysed_study(&self) -> Option<&str> {
        match self {
            Work::AnalyzeStudy { study } => Some(study),
            _ => None,
        }
    }

    pub fn study(&self) -> Option<&str> {
        match self {
            Work::AnalyzeStudy { study } | Work::Export { study, .. } => Some(study),
            _ => None,
        }
    }

    /// What it is about, for a list of jobs.
    pub fn subject(&self) -> Option<String> {
        let name = |path: &StoredPath| {
            let named = path.0.file_name().unwrap_or(path.0.as_os_str());
            named.to_string_lossy().into_owned()
        };
        match self {
            Work::Import { paths, .. } => match paths.as_slice() {
                [] => None,
                [only] => Some(name(only)),
                [first, others @ ..] => Some(format!("{} + {}", name(first), others.len())),
            },
            // A study is named by its own field.
            Work::AnalyzeStudy { .. } | Work::AnalyzeNew => None,
            Work::Export { out, .. } => Some(name(out)),
            Work::Backup { folder } => Some(name(folder)),
        }
    }
}

/// A path that survives JSON whatever its bytes: as text where it is text, otherwise byte by byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPath(pub PathBuf);

impl AsRef<Path> for StoredPath {
    fn as_ref(&self) -> &Path {
        &self.0
    }
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Text(String),
    Bytes(Vec<u8>),
}

impl Serialize for StoredPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let written = match self.0.to_str() {
            Some(text) => Written::Text(text.to_owned()),
            None => Written::Bytes(self.0.as_os_str().as_bytes().to_vec()),
        };
        written.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for StoredPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(match Written::deserialize(deserializer)? {
            Written::Text(text) => text.into(),
            Written::Bytes(bytes) => OsString::from_vec(bytes).into(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_comes_back_from_its_row_and_other_rows_are_none() -> Result<(), serde_json::Error> {
        let odd = StoredPath(OsString::from_vec(b"/data/caf\xe9".to_vec()).into());
        let works = [
            Work::Import {
                paths: vec![StoredPath("/data/sc\u{e4}n".into()), odd],
                show: true,
                analyze: false,
            },
            Work::AnalyzeStudy { study: "1.2.3".into() },
            Work::AnalyzeNew,
            Work::Export {
                study: "1.2.3".into(),
                format: ReportFormat::Pdf,
                out: StoredPath("/scans/a.pdf".into()),
            },
            Work::Backup {
                folder: StoredPath("/scans/b".into()),
            },
        ];
        for work in works {
            let row = serde_json::to_value(&work)?;
            assert_eq!(serde_json::from_value::<Work>(row)?, work);
        }
        let of_the_terminal = serde_json::json!({ "bundle": "brain", "version": "1.0.0" });
        assert!(serde_json::from_value::<Work>(of_the_terminal).is_err());
        Ok(())
    }
}
