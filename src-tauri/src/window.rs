//! The one window: how it opens, shows, closes, and what is dropped on it.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use contract::window::{AppEvent, DropState};
use tauri::utils::config::Color;
use tauri::webview::NewWindowResponse;
use tauri::{
    AppHandle, DragDropEvent, Manager, Runtime, WebviewUrl, WebviewWindow, WebviewWindowBuilder, Window, WindowEvent,
};
use webkit2gtk::WebViewExt;

use crate::placement::{Placement, SMALLEST};
use crate::shell::Shell;

pub const LABEL: &str = "main";
/// The interface shows the window when it has something to show; one that is broken shows all the same.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long an interface that has nothing to ask may take to store what was typed.
const LAST_WORDS: Duration = Duration::from_secs(3);
/// One that breaks again and again is not loaded for ever.
const MOST_MENDED: u32 = 10;
/// The interface's own, so that nothing flashes before it is there.
const DARK: Color = Color(20, 24, 29, 255);
const LIGHT: Color = Color(244, 246, 248, 255);

/// # Errors
/// When there is no screen to open it on.
pub fn open<R: Runtime>(app: &AppHandle<R>, shell: &Shell) -> tauri::Result<WebviewWindow<R>> {
    let placement = *shell.placement();
    let light = shell.station.settings().theme == domain::Theme::Light;
    let window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::default())
        .title("Overread")
        .inner_size(placement.width, placement.height)
        .min_inner_size(SMALLEST.0, SMALLEST.1)
        .prevent_overflow()
        .maximized(placement.maximized)
        .background_color(if light { LIGHT } else { DARK })
        .data_directory(shell.station.config().join("webview"))
        .devtools(false)
        .visible(false)
        // The page is ours and stays; nothing it holds leads anywhere.
        .on_navigation(|url| url.scheme() == "tauri")
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .build()?;
    mend_when_broken(&window)?;
    let late = window.clone();
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(PATIENCE).await;
        if !late.is_visible().unwrap_or(true) {
            tracing::warn!("the interface did not say that it is ready");
            show(&late);
        }
    });
    Ok(window)
}

/// A page whose own process ended (a crash, no memory) is loaded again: the vault is still open, and the page finds it so.
fn mend_when_broken<R: Runtime>(window: &WebviewWindow<R>) -> tauri::Result<()> {
    window.with_webview(|webview| {
        let mended = Cell::new(0);
        webview.inner().connect_web_process_terminated(move |page, reason| {
            mended.set(mended.get() + 1);
            tracing::error!(?reason, times = mended.get(), "the page's process ended");
            if mended.get() <= MOST_MENDED {
                page.reload();
            }
        });
    })
}

pub fn show<R: Runtime>(window: &WebviewWindow<R>) {
    let shown = window.show().and_then(|()| window.set_focus());
    if let Err(error) = shown {
        tracing::warn!(%error, "the window could not be shown");
    }
}

/// For a second start: out of the panel, before all others.
pub fn to_front<R: Runtime>(app: &AppHandle<R>) {
    if let Some(window) = app.get_webview_window(LABEL) {
        if let Err(error) = window.unminimize() {
            tracing::warn!(%error, "the window could not be brought to front");
        }
        show(&window);
    }
}

pub fn toggle_fullscreen<R: Runtime>(window: &WebviewWindow<R>) -> tauri::Result<()> {
    window.set_fullscreen(!window.is_fullscreen()?)
}

pub fn on_event<R: Runtime>(window: &Window<R>, event: &WindowEvent) {
    let shell = window.state::<Arc<Shell>>();
    match event {
        WindowEvent::CloseRequested { api, .. } => {
            let running_jobs = shell.station.running_jobs();
            // An interface that does not listen cannot ask, and a window must close.
            if !shell.may_close.load(Ordering::Acquire) && shell.events.tell(AppEvent::CloseRequested { running_jobs })
            {
                api.prevent_close();
                if running_jobs == 0 {
                    close_soon(window.clone(), shell.inner().clone());
                }
            }
        }
        WindowEvent::Resized(_) => remember_size(window, &shell),
        WindowEvent::DragDrop(dragged) => on_drag(&shell, dragged),
        _ => {}
    }
}

/// With nothing to ask, the interface stores what was typed and closes; a stuck one does not keep the window.
fn close_soon<R: Runtime>(window: Window<R>, shell: Arc<Shell>) {
    std::thread::spawn(move || {
        std::thread::sleep(LAST_WORDS);
        shell.may_close.store(true, Ordering::Release);
        if let Err(error) = window.close() {
            tracing::warn!(%error, "the window could not be closed");
        }
    });
}

/// The size of the window as it is when it does not fill the screen, to be written when the program ends.
fn remember_size<R: Runtime>(window: &Window<R>, shell: &Shell) {
    let size = || -> tauri::Result<Option<Placement>> {
        if window.is_fullscreen()? || window.is_minimized()? || !window.is_visible()? {
            return Ok(None);
        }
        let size = window.inner_size()?.to_logical::<f64>(window.scale_factor()?);
        Ok(Some(Placement {
            width: size.width,
            height: size.height,
            maximized: window.is_maximized()?,
        }))
    };
    // A window that cannot say its size keeps the one it had.
    if let Ok(Some(now)) = size() {
        let mut kept = shell.placement();
        *kept = match now.maximized {
            true => Placement {
                maximized: true,
                ..*kept
            },
            false => now,
        };
    }
}

fn on_drag(shell: &Arc<Shell>, dragged: &DragDropEvent) {
    let tell = |state, count: usize| {
        shell.events.tell(AppEvent::Drop {
            state,
            count: count as u64,
        });
    };
    match dragged {
        DragDropEvent::Enter { paths, .. } if !paths.is_empty() => tell(DropState::Over, paths.len()),
        DragDropEvent::Leave => tell(DropState::Left, 0),
        DragDropEvent::Drop { paths, .. } if !paths.is_empty() => {
            tell(DropState::Dropped, paths.len());
            let (shell, paths) = (shell.clone(), paths.clone());
            // Not here: this is the thread that draws.
            tauri::async_runtime::spawn_blocking(move || shell.bring_in(paths));
        }
        _ => {}
    }
}
