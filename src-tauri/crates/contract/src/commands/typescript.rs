//! Writes the table as the interface's host, as the names that the shell may handle and as the window's capability,
//! and compares them with the committed files.

use ts_rs::{Config, TS};

use super::*;
use crate::written::{GENERATED, compare};

/// A row in TypeScript.
struct Row {
    name: &'static str,
    about: String,
    /// Name and type.
    arguments: Vec<(&'static str, String)>,
    answer: String,
}

fn rows(config: &Config) -> Vec<Row> {
    let answer = |name: String| if name == "null" { "void".to_owned() } else { name };
    macro_rules! rows {
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
            vec![
                $(Row {
                    name: stringify!($name),
                    about: concat!($($about,)*).trim().to_owned(),
                    arguments: vec![$($((stringify!($field), <$type as TS>::name(config)),)*)?],
                    answer: answer(<$answer as TS>::name(config)),
                },)*
                $(Row {
                    name: stringify!($bytes),
                    about: concat!($($bytes_about,)*).trim().to_owned(),
                    arguments: vec![$((stringify!($bytes_field), <$bytes_type as TS>::name(config)),)*],
                    answer: "ArrayBuffer".to_owned(),
                },)*
                $(Row {
                    name: stringify!($shell),
                    about: concat!($($shell_about,)*).trim().to_owned(),
                    arguments: vec![$($((stringify!($shell_field), <$shell_type as TS>::name(config)),)*)?],
                    answer: answer(<$shell_answer as TS>::name(config)),
                },)*
            ]
        };
    }
    crate::each_command!(rows)
}

/// Names of our own types in a type, for the import.
fn types_of(text: &str, found: &mut std::collections::BTreeSet<String>) {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let ours = words.filter(|word| word.starts_with(|c: char| c.is_ascii_uppercase()));
    found.extend(
        ours.filter(|word| !["Array", "ArrayBuffer", "Promise"].contains(word))
            .map(str::to_owned),
    );
}

fn host(rows: &[Row]) -> String {
    let mut types = std::collections::BTreeSet::from(["AppEvent".to_owned()]);
    let mut methods = String::new();
    for row in rows {
        types_of(&row.answer, &mut types);
        let arguments: Vec<String> = row
            .arguments
            .iter()
            .map(|(name, ty)| {
                types_of(ty, &mut types);
                format!("{name}: {ty}")
            })
            .collect();
        if !row.about.is_empty() {
            methods += &format!("  /** {} */\n", row.about);
        }
        methods += &format!("  {}({}): Promise<{}>;\n", row.name, arguments.join(", "), row.answer);
    }
    let types: Vec<String> = types.into_iter().collect();
    format!(
        "{GENERATED}/**\n * The seam between the interface and the program: one method for each command, under the command's own name.\n \
         * Every method rejects with a `Failure`. Paths never pass here: the shell opens dialogs, sees drops and reads the\n \
         * command line.\n */\nimport type {{ {} }} from './wire';\n\nexport interface Host {{\n  \
         /** Events of the program; the answer ends the subscription. */\n  \
         subscribe(listen: (event: AppEvent) => void): Promise<() => void>;\n{methods}}}\n",
        types.join(", ")
    )
}

fn tauri_host(rows: &[Row]) -> String {
    let mut methods = String::new();
    for row in rows {
        let names: Vec<&str> = row.arguments.iter().map(|(name, _)| *name).collect();
        let names = names.join(", ");
        let passed = if names.is_empty() {
            String::new()
        } else {
            format!(", {{ {names} }}")
        };
        methods += &format!("  {name}: ({names}) => invoke('{name}'{passed}),\n", name = row.name);
    }
    format!(
        "{GENERATED}/** The real program. This file alone names `@tauri-apps`. */\n\
         import {{ Channel, invoke }} from '@tauri-apps/api/core';\n\
         import type {{ AppEvent }} from './wire';\n\
         import type {{ Host }} from './host';\n\n\
         async function subscribe(listen: (event: AppEvent) => void): Promise<() => void> {{\n  \
         const channel = new Channel<AppEvent>();\n  let listening = true;\n  \
         channel.onmessage = (event) => {{\n    if (listening) listen(event);\n  }};\n  \
         await invoke('{SUBSCRIBE}', {{ channel }});\n  return () => {{\n    listening = false;\n  }};\n}}\n\n\
         export const tauri_host: Host = {{\n  subscribe,\n{methods}}};\n"
    )
}

/// What the shell's `build.rs` reads: it cannot wait for this room to be built.
fn names() -> String {
    let names: Vec<String> = sorted().into_iter().map(|name| format!("    \"{name}\",\n")).collect();
    format!(
        "{GENERATED}// Every command that the interface may call: each needs a permission, and `capabilities/main.json` gives it.\n\
         pub const NAMES: [&str; {}] = [\n{}];\n",
        names.len(),
        names.concat()
    )
}

fn sorted() -> Vec<&'static str> {
    let mut names = NAMES.to_vec();
    names.sort_unstable();
    names
}

fn capability() -> String {
    let permissions: Vec<String> = sorted()
        .into_iter()
        .map(|name| format!("    \"allow-{}\"", name.replace('_', "-")))
        .collect();
    format!(
        "{{\n  \"identifier\": \"main\",\n  \"description\": \"What the one window may call: our own commands, each by name, and nothing of \
         Tauri's. Written from contract/src/commands.rs\",\n  \"local\": true,\n  \"windows\": [\n    \"main\"\n  ],\n  \
         \"permissions\": [\n{}\n  ]\n}}\n",
        permissions.join(",\n")
    )
}

#[test]
fn the_committed_host_names_and_capability_are_those_of_the_table() -> Result<(), Box<dyn std::error::Error>> {
    let config = crate::written::config();
    let rows = rows(&config);
    compare("ui/src/ipc/generated/host.ts", &host(&rows))?;
    compare("ui/src/ipc/generated/tauri_host.ts", &tauri_host(&rows))?;
    compare("src-tauri/src/commands/names.rs", &names())?;
    compare("src-tauri/capabilities/main.json", &capability())
}

#[test]
fn no_command_stands_twice() {
    let names = sorted();
    assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
}
