//! A screen in memory that a window can be opened on.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::Outcome;

/// Ends with its value.
pub struct Screen {
    xvfb: Child,
    display: String,
}

impl Screen {
    /// Takes the first display that is free. What Xvfb says goes to `log`.
    pub fn start(log: &Path) -> Outcome<Self> {
        let mut command = Command::new("Xvfb");
        // Nobody outside this machine may connect, and the last window's end does not end the screen.
        command.args([
            "-displayfd",
            "1",
            "-screen",
            "0",
            "1920x1080x24",
            "-nolisten",
            "tcp",
            "-noreset",
        ]);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        command.stderr(std::fs::File::options().create(true).append(true).open(log)?);
        let mut xvfb = command.spawn()?;
        let mut number = String::new();
        if let Some(said) = xvfb.stdout.take() {
            BufReader::new(said).read_line(&mut number)?;
        }
        let display = format!(":{}", number.trim());
        let screen = Self { xvfb, display };
        match screen.display.len() > 1 {
            true => Ok(screen),
            false => Err(format!("Xvfb did not start; see {}", log.display()).into()),
        }
    }

    pub fn display(&self) -> &str {
        &self.display
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.xvfb.kill();
        let _ = self.xvfb.wait();
    }
}
