//! `overread-desktop`: the window. Like the terminal it holds no rule: it shows, asks `workflow`, and shows what came
//! back.

mod app;
mod arguments;
mod commands;
mod dialogs;
mod events;
mod instance;
mod log;
mod placement;
mod shell;
mod window;

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use workstation::Workstation;

use arguments::Order;
use instance::Start;
use shell::Shell;

const FAILED: u8 = 1;
const WRONG_USAGE: u8 = 2;

/// For the page's garbage collector: told of all the workstation's memory, it leaves dropped images in memory until
/// they are as many again as those that are kept (decision record 16).
const COLLECTOR: (&str, &str) = ("JSC_forceRAMSize", "268435456");

#[allow(
    unsafe_code,
    reason = "no other thread runs yet that could read the environment at the same time"
)]
fn main() -> ExitCode {
    if std::env::var_os(COLLECTOR.0).is_none() {
        unsafe { std::env::set_var(COLLECTOR.0, COLLECTOR.1) };
    }
    let paths = match arguments::parse(std::env::args_os().skip(1)) {
        Ok(Order::Open(paths)) => paths,
        Ok(Order::Help) => {
            println!("{}", arguments::USAGE);
            return ExitCode::SUCCESS;
        }
        Ok(Order::Version) => {
            println!("overread-desktop {}", env!("CARGO_PKG_VERSION"));
            return ExitCode::SUCCESS;
        }
        Err(message) => {
            eprintln!("overread-desktop: {message}\n\n{}", arguments::USAGE);
            return ExitCode::from(WRONG_USAGE);
        }
    };
    match open(paths) {
        Ok(code) => code,
        Err(message) => {
            eprintln!("overread-desktop: {message}");
            ExitCode::from(FAILED)
        }
    }
}

/// A sentence where it fails: there is no window yet to say it in.
fn open(paths: Vec<PathBuf>) -> Result<ExitCode, String> {
    let folder = workstation::config_folder().map_err(|failure| failure.message)?;
    let unusable = |error: io::Error| format!("the settings folder {} cannot be used: {error}", folder.display());
    make_private(&folder).map_err(unusable)?;
    let first = match instance::start(&folder, &paths).map_err(unusable)? {
        Start::First(first) => first,
        Start::Second => return Ok(ExitCode::SUCCESS),
    };
    if !has_screen() {
        return Err("there is no screen (neither DISPLAY nor WAYLAND_DISPLAY is set); \
                    `overread` does the same work in a terminal"
            .to_owned());
    }
    log::start(&folder).map_err(unusable)?;
    tracing::info!(version = env!("CARGO_PKG_VERSION"), paths = paths.len(), "started");
    let shell = Shell::new(Workstation::new(folder.clone()));
    shell.bring_in(paths);
    let code = app::run(&shell, first).map_err(|error| format!("the window could not be opened: {error}"))?;
    Ok(if code == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn has_screen() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    set("DISPLAY") || set("WAYLAND_DISPLAY")
}

/// Others cannot look into it: names of vaults and of users stand there.
fn make_private(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}
