//! What the interface may ask, made from the table of commands (`contract::commands`). The workstation answers on another
//! thread, for any answer may take longer than a glance; [`shell`] answers what needs a dialog, a folder or the window.

#[cfg(test)]
mod names;
mod shell;

use tauri::Runtime;
use tauri::ipc::Invoke;

macro_rules! handlers {
    (
        station { $(
            $(#[doc = $about:literal])*
            $name:ident($($request:ident { $($field:ident: $type:ty),* $(,)? })?) -> $answer:ty;
        )* }
        bytes { $(
            $(#[doc = $bytes_about:literal])*
            $bytes:ident($bytes_request:ident { $($bytes_field:ident: $bytes_type:ty),* $(,)? });
        )* }
        shell { $(
            $(#[doc = $shell_about:literal])*
            $shell:ident($($shell_request:ident { $($shell_field:ident: $shell_type:ty),* $(,)? })?) -> $shell_answer:ty;
        )* }
    ) => {
        mod answered {
            use contract::commands::*;
            use contract::window::*;
            use tauri::ipc::Response;

            use crate::shell::{Answer, Held};

            $(
                #[tauri::command(rename_all = "snake_case")]
                pub async fn $name(shell: Held<'_> $($(, $field: $type)*)?) -> Answer<$answer> {
                    shell.work(move |station| Commands::$name(station $(, $request { $($field),* })?)).await
                }
            )*
            $(
                #[tauri::command(rename_all = "snake_case")]
                pub async fn $bytes(shell: Held<'_> $(, $bytes_field: $bytes_type)*) -> Answer<Response> {
                    let answer = move |station: &_| Commands::$bytes(station, $bytes_request { $($bytes_field),* });
                    shell.work(answer).await.map(Response::new)
                }
            )*
        }

        pub fn handler<R: Runtime>() -> impl Fn(Invoke<R>) -> bool + Send + Sync + 'static {
            tauri::generate_handler![
                shell::subscribe,
                $(answered::$name,)*
                $(answered::$bytes,)*
                $(shell::$shell,)*
            ]
        }
    };
}

contract::each_command!(handlers);

#[cfg(test)]
mod tests;
