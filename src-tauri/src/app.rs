//! Puts the window together and keeps it going until it is closed.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use tauri::{AppHandle, Builder, RunEvent, Runtime, Wry};
use tokio::signal::unix::{SignalKind, signal};

use crate::commands;
use crate::instance::First;
use crate::shell::Shell;
use crate::window;

/// All that the window and its tests have in common.
pub fn configure<R: Runtime>(builder: Builder<R>, shell: Arc<Shell>) -> Builder<R> {
    builder
        .manage(shell)
        .invoke_handler(commands::handler())
        .on_window_event(window::on_event)
}

/// Opens the window and returns when it was closed.
///
/// # Errors
/// When the window cannot be opened.
pub fn run(shell: &Arc<Shell>, first: First) -> tauri::Result<i32> {
    let (opening, ending) = (shell.clone(), shell.clone());
    let app = configure(Builder::<Wry>::default(), shell.clone())
        .setup(move |app| {
            window::open(app.handle(), &opening)?;
            end_on_signals(app.handle())?;
            let (app, shell) = (app.handle().clone(), opening);
            first.listen(move |paths| arrive(&app, &shell, paths))?;
            Ok(())
        })
        .build(context())?;
    Ok(app.run_return(move |_, event| {
        if matches!(event, RunEvent::Exit) {
            end(&ending);
        }
    }))
}

/// What the build wrote down of the window: its pages, its rules, its permissions.
#[allow(
    clippy::unwrap_used,
    reason = "the code that tauri-build writes unwraps what it parsed itself"
)]
fn context() -> tauri::Context {
    tauri::tauri_build_context!()
}

/// A second start: its paths come in here, and the window comes to front.
fn arrive(app: &AppHandle, shell: &Shell, paths: Vec<PathBuf>) {
    window::to_front(app);
    shell.bring_in(paths);
}

/// The polite signals close the program as its own button does, without a question: jobs go on at the next start.
fn end_on_signals(app: &AppHandle) -> io::Result<()> {
    let _runtime = tauri::async_runtime::handle().inner().enter();
    for kind in [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()] {
        let mut signal = signal(kind)?;
        let app = app.clone();
        tauri::async_runtime::spawn(async move {
            if signal.recv().await.is_some() {
                app.exit(0);
            }
        });
    }
    Ok(())
}

fn end(shell: &Shell) {
    if let Err(error) = shell.placement().write(shell.station.config()) {
        tracing::warn!(%error, "the window's size could not be kept");
    }
    shell.station.close(false);
    tracing::info!("closed");
}
