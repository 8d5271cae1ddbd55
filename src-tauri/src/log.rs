//! The log: `log/overread.log` in the settings folder, one file a day, a week of them.
//!
//! It holds counts and codes. Paths, names and the words of an error can name a patient, so they stay out.

use std::fs;
use std::io;
use std::panic::PanicHookInfo;
use std::path::Path;

use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::EnvFilter;

const KEPT: usize = 7;

/// # Errors
/// When the folder cannot be written.
pub fn start(folder: &Path) -> io::Result<()> {
    let folder = folder.join("log");
    fs::create_dir_all(&folder)?;
    let files = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("overread")
        .filename_suffix("log")
        .latest_symlink("overread.log")
        .max_log_files(KEPT)
        .build(folder)
        .map_err(io::Error::other)?;
    let filter = EnvFilter::try_from_env("OVERREAD_LOG")
        .unwrap_or_else(|_| EnvFilter::new("warn,overread_desktop=info,workflow=info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(files)
        .init();
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        tracing::error!("{}", where_it_was(panic));
        usual(panic);
    }));
    Ok(())
}

/// The place, and the words only where they are the program's own: put together, they may hold anybody's name.
fn where_it_was(panic: &PanicHookInfo<'_>) -> String {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    let words = panic.payload().downcast_ref::<&'static str>().unwrap_or(&"");
    format!("panic at {place} {words}")
}
