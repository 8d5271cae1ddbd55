//! Progress on stderr: a bar on a terminal, plain lines otherwise. Ctrl+C asks the job to stop; a
//! second one ends the program at once.

use std::fmt::Display;
use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

const LINE_EVERY: Duration = Duration::from_secs(10);
const INTERRUPTED: i32 = 130;

pub struct Shown {
    bar: Option<ProgressBar>,
    stop: Arc<AtomicBool>,
    last: Option<((String, u64, u64), Instant)>,
}

impl Shown {
    pub fn start() -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let asked = stop.clone();
        // A second handler cannot be set; then Ctrl+C ends the program as usual.
        let _ = ctrlc::set_handler(move || {
            if asked.swap(true, Ordering::Relaxed) {
                std::process::exit(INTERRUPTED);
            }
        });
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}  {per_sec}  {eta} left");
            ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        Self { bar, stop, last: None }
    }

    /// Shows where the job is; `false` when it should stop.
    pub fn watch(&mut self, phase: &impl Display, done: u64, of: u64) -> bool {
        match &self.bar {
            Some(bar) => {
                bar.set_length(of);
                bar.set_position(done);
                bar.set_message(phase.to_string());
            }
            None => self.line(&phase.to_string(), done, of),
        }
        !self.stop.load(Ordering::Relaxed)
    }

    fn line(&mut self, phase: &str, done: u64, of: u64) {
        let now = (phase.to_owned(), done, of);
        let due = match &self.last {
            Some((before, _)) if *before == now => false,
            Some((before, at)) => before.0 != now.0 || done == of || at.elapsed() >= LINE_EVERY,
            None => true,
        };
        if due {
            eprintln!("{phase} {done}/{of}");
            self.last = Some((now, Instant::now()));
        }
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
