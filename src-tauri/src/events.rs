//! What the core and the shell tell the interface without being asked: one channel, one kind of event.

use std::sync::{Mutex, PoisonError};

use contract::window::AppEvent;
use tauri::ipc::Channel;

#[derive(Default)]
pub struct Events {
    channel: Mutex<Option<Channel<AppEvent>>>,
}

impl Events {
    /// A reloaded page takes the place of the one before it.
    pub fn subscribe(&self, channel: Channel<AppEvent>) {
        *self.channel.lock().unwrap_or_else(PoisonError::into_inner) = Some(channel);
    }

    /// Whether somebody listened.
    pub fn tell(&self, event: AppEvent) -> bool {
        // Told outside the lock: the channel may wait for the main thread.
        let channel = self.channel.lock().unwrap_or_else(PoisonError::into_inner).clone();
        channel.is_some_and(|channel| channel.send(event).is_ok())
    }
}
