use std::collections::BTreeSet;
use std::error::Error;
use std::sync::Arc;

use domain::FailureCode;
use serde_json::{Value, json};
use tauri::ipc::{CallbackFn, InvokeBody};
use tauri::test::{INVOKE_KEY, MockRuntime, get_ipc_response, mock_builder, mock_context, noop_assets};
use tauri::webview::InvokeRequest;
use tauri::{App, WebviewWindow, WebviewWindowBuilder};
use workstation::Workstation;

use super::names::NAMES;
use crate::app::configure;
use crate::shell::Shell;
use crate::window::LABEL;

type Done = Result<(), Box<dyn Error>>;

#[test]
fn the_names_that_need_a_permission_are_those_of_the_table_and_each_has_one() -> Done {
    let listed: BTreeSet<&str> = NAMES.into_iter().collect();
    assert_eq!(listed, contract::commands::NAMES.iter().copied().collect());
    let capability: Value = serde_json::from_str(include_str!("../../capabilities/main.json"))?;
    assert_eq!(capability["permissions"].as_array().map(Vec::len), Some(listed.len()));
    assert_eq!(capability["windows"], json!([LABEL]));
    Ok(())
}

/// The shell in a runtime without a screen, with settings of its own.
struct Open {
    shell: Arc<Shell>,
    window: WebviewWindow<MockRuntime>,
    _app: App<MockRuntime>,
    folder: tempfile::TempDir,
}

fn open() -> Result<Open, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let station = Workstation::new(folder.path().to_owned());
    let shell = Shell::new(station);
    let app = configure(mock_builder(), shell.clone()).build(mock_context(noop_assets()))?;
    Ok(Open {
        window: WebviewWindowBuilder::new(&app, LABEL, Default::default()).build()?,
        _app: app,
        shell,
        folder,
    })
}

impl Drop for Open {
    /// As the program does when it ends.
    fn drop(&mut self) {
        self.shell.station.close(true);
    }
}

impl Open {
    fn invoke(&self, command: &str, arguments: Value) -> Result<Value, Value> {
        let unusable = |error: tauri::Error| json!(error.to_string());
        let request = InvokeRequest {
            cmd: command.to_owned(),
            callback: CallbackFn(0),
            error: CallbackFn(1),
            url: self.window.url().map_err(unusable)?,
            body: InvokeBody::Json(arguments),
            headers: Default::default(),
            invoke_key: INVOKE_KEY.to_owned(),
        };
        let answer = get_ipc_response(&self.window, request)?;
        answer.deserialize().map_err(|error| json!(error.to_string()))
    }
}

#[test]
fn settings_travel_to_the_workstation_and_back() -> Done {
    let open = open()?;
    let start = open.invoke("start_info", json!({})).map_err(|e| e.to_string())?;
    assert_eq!(start["session"], Value::Null);
    assert_eq!(start["waiting_paths"], 0);
    let mut settings = start["settings"].clone();
    settings["theme"] = json!("light");
    let saved = open.invoke("save_settings", json!({ "settings": settings }));
    assert_eq!(saved, Ok(settings.clone()));
    let start = open.invoke("start_info", json!({})).map_err(|e| e.to_string())?;
    assert_eq!(start["settings"], settings);
    Ok(())
}

#[test]
fn a_failure_arrives_as_a_code_and_a_sentence() -> Done {
    let open = open()?;
    let inside = open.folder.path().join("vault").display().to_string();
    let words = json!({ "folder": inside, "user": "ann", "passphrase": "x" });
    for command in ["create_vault", "unlock", "forget_vault"] {
        let failure = open
            .invoke(command, words.clone())
            .err()
            .ok_or("a folder nobody picked was taken")?;
        assert_eq!(failure["code"], "not_granted", "{command}");
        assert!(
            failure["message"].as_str().is_some_and(|text| text.contains(&inside)),
            "{failure}"
        );
    }
    let failure = open
        .invoke("frame", json!({ "sop_instance_uid": "1.2", "frame": 0 }))
        .err();
    let failure = failure.ok_or("a picture was shown without a vault")?;
    assert!(
        failure["code"].is_string() && failure["message"].is_string(),
        "{failure}"
    );
    Ok(())
}

#[test]
fn a_folder_that_was_picked_becomes_a_vault_and_what_waited_is_imported() -> Done {
    let open = open()?;
    let scan = open.folder.path().join("not-a-scan.txt");
    std::fs::write(&scan, "words")?;
    open.shell.bring_in(vec![scan]);
    let start = open.invoke("start_info", json!({})).map_err(|e| e.to_string())?;
    assert_eq!(start["waiting_paths"], 1, "nothing is imported before a vault is open");
    let folder = open.shell.grant(open.folder.path().join("vault"));
    let words = json!({ "folder": folder, "user": "ann", "passphrase": "correct horse battery" });
    let session = open.invoke("create_vault", words).map_err(|e| e.to_string())?;
    assert_eq!(session["user"], "ann");
    let start = open.invoke("start_info", json!({})).map_err(|e| e.to_string())?;
    assert_eq!(start["waiting_paths"], 0);
    let jobs = open.invoke("jobs", json!({})).map_err(|e| e.to_string())?;
    assert_eq!(jobs[0]["kind"], "import", "{jobs}");
    Ok(())
}

#[test]
fn a_verb_that_breaks_is_a_failure_with_words() -> Done {
    let open = open()?;
    // Unwinds as a panic does, without its words on the terminal.
    let broken = open.shell.work::<()>(|_| std::panic::resume_unwind(Box::new("broken")));
    let failure = tauri::async_runtime::block_on(broken)
        .err()
        .ok_or("it broke and was not told")?;
    assert_eq!(failure.code, FailureCode::Internal);
    assert!(open.invoke("start_info", json!({})).is_ok(), "the next command works");
    Ok(())
}

#[test]
fn no_command_of_the_shell_is_longer_than_eight_lines() {
    for command in include_str!("shell.rs").split("#[tauri::command").skip(1) {
        let body = command.split(" {\n").nth(1).unwrap_or_default();
        let lines = body.lines().take_while(|line| *line != "}").count();
        let name = command.lines().nth(1).unwrap_or_default();
        assert!((1..=8).contains(&lines), "{name} has {lines} lines");
    }
}
