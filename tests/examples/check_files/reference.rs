//! The reference as a child: pydicom may abort, hang or take all memory on a file, and the check goes on.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

use super::Outcome;

/// Far above what a whole file takes: it only tells a hang.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Reference {
    packages: PathBuf,
    values: PathBuf,
    child: Option<Running>,
}

struct Running {
    child: Child,
    stdin: ChildStdin,
    lines: Receiver<String>,
}

/// What the reference says of one file.
pub struct Answer {
    /// Transfer syntax, or the format of a picture file.
    pub kind: String,
    pub modality: String,
    pub maker: String,
    pub lossy: bool,
    /// Stored values, and colours where they are others; or why there are none.
    pub values: Result<Values, String>,
}

pub struct Values {
    pub stored: Vec<f64>,
    pub colours: Option<Vec<f64>>,
    pub bits: u32,
}

impl Reference {
    /// `packages` is the folder that `cargo xtask setup` puts pydicom and its plug-ins into.
    pub fn new(packages: PathBuf, scratch: &Path) -> Self {
        Self {
            packages,
            values: scratch.join("values"),
            child: None,
        }
    }

    pub fn ask(&mut self, file: &Path) -> Outcome<Answer> {
        let request = json!({"file": file, "values": self.values});
        let mut running = match self.child.take() {
            Some(running) => running,
            None => self.start()?,
        };
        writeln!(running.stdin, "{request}")?;
        match running.lines.recv_timeout(PATIENCE) {
            Ok(line) => {
                self.child = Some(running);
                self.read(&serde_json::from_str(&line)?)
            }
            Err(_) => {
                running.child.kill()?;
                let status = running.child.wait()?;
                Ok(Answer {
                    kind: "not told".into(),
                    modality: String::new(),
                    maker: String::new(),
                    lossy: false,
                    values: Err(format!("the reference itself ended by {status}")),
                })
            }
        }
    }

    fn start(&self) -> Outcome<Running> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/check_files/reference.py");
        let mut child = Command::new("python3")
            .arg(script)
            .env("PYTHONPATH", &self.packages)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let stdin = child.stdin.take().ok_or("the reference has no input")?;
        let stdout = child.stdout.take().ok_or("the reference has no output")?;
        let (send, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    return;
                }
            }
        });
        Ok(Running { child, stdin, lines })
    }

    fn read(&self, said: &Value) -> Outcome<Answer> {
        let text = |name: &str| said[name].as_str().unwrap_or_default().trim().to_owned();
        let values = match said["refused"].as_str() {
            Some(why) => Err(why.to_owned()),
            None => Ok(Values {
                stored: floats(&self.values)?,
                colours: match said["colour"].as_bool() {
                    Some(true) => Some(floats(&self.values.with_added_extension("colour"))?),
                    _ => None,
                },
                bits: u32::try_from(said["bits"].as_u64().unwrap_or(8))?,
            }),
        };
        Ok(Answer {
            kind: text("kind"),
            modality: text("modality"),
            maker: text("maker"),
            lossy: said["lossy"] == true,
            values,
        })
    }
}

impl Drop for Reference {
    fn drop(&mut self) {
        if let Some(mut running) = self.child.take() {
            // Its end is all that is wanted.
            running.child.kill().ok();
            running.child.wait().ok();
        }
    }
}

fn floats(path: &Path) -> Outcome<Vec<f64>> {
    let bytes = std::fs::read(path)?;
    let (chunks, _) = bytes.as_chunks::<8>();
    Ok(chunks.iter().map(|chunk| f64::from_le_bytes(*chunk)).collect())
}
