//! pydicom in one process for all files. It measures itself, so that what is asked of it over the pipe costs it nothing.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

use super::Outcome;

pub struct Reference {
    packages: PathBuf,
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

/// Seconds.
pub struct Times {
    pub pydicom: f64,
    /// The codec alone, where the file is JPEG 2000.
    pub openjpeg: Option<f64>,
}

impl Reference {
    pub fn start(packages: &Path) -> Outcome<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/bench_decode/reference.py");
        let mut child = Command::new("python3")
            .arg(script)
            .env("PYTHONPATH", packages)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let stdin = child.stdin.take().ok_or("the reference has no input")?;
        let stdout = child.stdout.take().ok_or("the reference has no output")?;
        Ok(Self {
            packages: packages.to_owned(),
            child,
            stdin,
            stdout: BufReader::new(stdout),
        })
    }

    /// The times and the name of the transfer syntax; `None` when pydicom refuses the file or ends over it.
    pub fn ask(&mut self, file: &Path) -> Outcome<Option<(Times, String)>> {
        writeln!(self.stdin, "{}", file.display())?;
        let mut line = String::new();
        if self.stdout.read_line(&mut line)? == 0 {
            let packages = self.packages.clone();
            *self = Self::start(&packages)?;
            return Ok(None);
        }
        let said: Value = serde_json::from_str(&line)?;
        let Some(pydicom) = said["pydicom"].as_f64() else {
            return Ok(None);
        };
        let times = Times {
            pydicom,
            openjpeg: said["openjpeg"].as_f64(),
        };
        Ok(Some((times, said["syntax"].as_str().unwrap_or_default().to_owned())))
    }
}

impl Drop for Reference {
    fn drop(&mut self) {
        // Its end is all that is wanted.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
