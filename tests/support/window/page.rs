//! What a person does in the window.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Element, Window};
use crate::Outcome;

const PAGE: &str = include_str!("page.js");
/// Far above what anything on a busy machine needs; what does not come within it is missing.
const PATIENCE: Duration = Duration::from_secs(120);

/// The code of a key in WebDriver; a character is its own.
fn key_code(name: &str) -> String {
    let code = match name {
        "Ctrl" => '\u{e009}',
        "Shift" => '\u{e008}',
        "Alt" => '\u{e00a}',
        "Enter" => '\u{e007}',
        "Tab" => '\u{e004}',
        "Backspace" => '\u{e003}',
        "Escape" => '\u{e00c}',
        "Space" => ' ',
        "PageUp" => '\u{e00e}',
        "PageDown" => '\u{e00f}',
        "End" => '\u{e010}',
        "Home" => '\u{e011}',
        "ArrowLeft" => '\u{e012}',
        "ArrowUp" => '\u{e013}',
        "ArrowRight" => '\u{e014}',
        "ArrowDown" => '\u{e015}',
        "Delete" => '\u{e017}',
        "F11" => '\u{e03b}',
        other => return other.to_owned(),
    };
    code.to_string()
}

impl Window<'_> {
    /// The body of a function that runs in the page; its arguments are `arguments`.
    pub fn run(&self, script: &str, arguments: &[Value]) -> Outcome<Value> {
        self.session.run(script, arguments)
    }

    /// As [`Window::run`]; the function answers by calling its last argument.
    pub fn run_until_called(&self, script: &str, arguments: &[Value]) -> Outcome<Value> {
        self.session.run_until_called(script, arguments)
    }

    /// As [`Window::run`], where `page` holds the functions of `page.js`.
    pub fn ask(&self, script: &str, arguments: &[Value]) -> Outcome<Value> {
        self.run(&format!("const page = {PAGE};\n{script}"), arguments)
    }

    /// Asks until the answer is something, for at most a minute.
    #[track_caller]
    fn wait_for(&self, what: &str, patience: Duration, ask: impl Fn() -> Outcome<Value>) -> Outcome<Value> {
        let until = Instant::now() + patience;
        loop {
            // A page that is just being changed may refuse once.
            let answer = ask().unwrap_or_default();
            if !matches!(answer, Value::Null | Value::Bool(false)) {
                return Ok(answer);
            }
            if Instant::now() > until {
                return Err(self.missing(what)?.into());
            }
            std::thread::sleep(Duration::from_millis(60));
        }
    }

    /// A sentence about what did not come, with the words on the screen, and the screen itself in a file.
    fn missing(&self, what: &str) -> Outcome<String> {
        let shows = self.ask("return page.text().slice(0, 1500)", &[]).unwrap_or_default();
        let file = self.keep_picture("failed")?;
        Ok(format!(
            "{what}: not seen in time. The screen ({}) says: {shows}",
            file.display()
        ))
    }

    /// Writes a screenshot of the window beside the log.
    pub fn keep_picture(&self, name: &str) -> Outcome<PathBuf> {
        let file = self.desk.folder.join(format!("{name}.png"));
        self.picture()?.save(&file)?;
        Ok(file)
    }

    #[track_caller]
    pub fn wait_until(&self, what: &str, script: &str) -> Outcome<Value> {
        self.wait_for(what, PATIENCE, || self.ask(script, &[]))
    }

    #[track_caller]
    pub fn wait_until_with(&self, what: &str, script: &str, arguments: &[Value]) -> Outcome<Value> {
        self.wait_for(what, PATIENCE, || self.ask(script, arguments))
    }

    /// Waits until these words show.
    #[track_caller]
    pub fn see(&self, words: &str) -> Outcome<()> {
        self.wait_until_with(
            &format!("the words {words:?}"),
            "return page.says(arguments[0])",
            &[json!(words)],
        )
        .map(drop)
    }

    #[track_caller]
    pub fn see_no_more(&self, words: &str) -> Outcome<()> {
        let script = "return !page.says(arguments[0])";
        self.wait_until_with(&format!("the end of the words {words:?}"), script, &[json!(words)])
            .map(drop)
    }

    pub fn says(&self, words: &str) -> Outcome<bool> {
        Ok(self.ask("return page.says(arguments[0])", &[json!(words)])? == Value::Bool(true))
    }

    /// The element of this role whose name is, or else begins with, `name`; waits for it.
    #[track_caller]
    pub fn find(&self, role: &str, name: &str) -> Outcome<Element> {
        let script = "return page.first(arguments[0], arguments[1])";
        let found = self.wait_until_with(&format!("the {role} {name:?}"), script, &[json!(role), json!(name)])?;
        Element::of(&found).ok_or_else(|| format!("the {role} {name:?} is no element").into())
    }

    pub fn there_is(&self, role: &str, name: &str) -> Outcome<bool> {
        let script = "return page.first(arguments[0], arguments[1]) !== null";
        Ok(self.ask(script, &[json!(role), json!(name)])? == Value::Bool(true))
    }

    /// The names of all elements of this role.
    pub fn names(&self, role: &str) -> Outcome<Vec<String>> {
        let names = self.ask("return page.names(arguments[0])", &[json!(role)])?;
        let names = names.as_array().cloned().unwrap_or_default();
        Ok(names
            .iter()
            .filter_map(|name| name.as_str().map(str::to_owned))
            .collect())
    }

    #[track_caller]
    pub fn click(&self, role: &str, name: &str) -> Outcome<()> {
        // What moves away between the look and the click is looked for again.
        let until = Instant::now() + PATIENCE;
        loop {
            let element = self.find(role, name)?;
            match self.session.click(&element) {
                Ok(()) => return Ok(()),
                Err(error) if Instant::now() > until => {
                    return Err(format!("clicking the {role} {name:?}: {error}; {}", self.missing("it")?).into());
                }
                Err(_) => std::thread::sleep(Duration::from_millis(100)),
            }
        }
    }

    /// Puts `text` in the place of what stands in a field.
    #[track_caller]
    pub fn write(&self, field: &str, text: &str) -> Outcome<()> {
        let element = self.find_field(field)?;
        self.run("arguments[0].focus(); arguments[0].select?.()", &[element.to_value()])?;
        self.press("Delete")?;
        self.session.send_keys(&element, text)
    }

    /// A field that takes text, by its label.
    #[track_caller]
    pub fn find_field(&self, label: &str) -> Outcome<Element> {
        let script = "return page.first('textbox', arguments[0]) ?? page.first('searchbox', arguments[0])";
        let found = self.wait_until_with(&format!("the field {label:?}"), script, &[json!(label)])?;
        Element::of(&found).ok_or_else(|| format!("the field {label:?} is no element").into())
    }

    /// What stands in a field.
    pub fn written(&self, field: &str) -> Outcome<String> {
        let element = self.find_field(field)?;
        let value = self.run("return arguments[0].value", &[element.to_value()])?;
        Ok(value.as_str().unwrap_or_default().to_owned())
    }

    /// Types where the cursor is.
    pub fn type_text(&self, text: &str) -> Outcome<()> {
        let stroke = |letter: char| {
            let key = letter.to_string();
            [
                json!({ "type": "keyDown", "value": key }),
                json!({ "type": "keyUp", "value": key }),
            ]
        };
        let strokes: Vec<Value> = text.chars().flat_map(stroke).collect();
        self.session
            .act(&json!([{ "type": "key", "id": "keyboard", "actions": strokes }]))
    }

    /// Presses keys as `Ctrl+Enter` names them, wherever the focus is.
    pub fn press(&self, keys: &str) -> Outcome<()> {
        let parts: Vec<String> = keys.split('+').map(key_code).collect();
        let down = parts.iter().map(|key| json!({ "type": "keyDown", "value": key }));
        let up = parts.iter().rev().map(|key| json!({ "type": "keyUp", "value": key }));
        let strokes: Vec<Value> = down.chain(up).collect();
        self.session
            .act(&json!([{ "type": "key", "id": "keyboard", "actions": strokes }]))
    }

    /// Presses Tab until the element of this role and name has the focus.
    #[track_caller]
    pub fn tab_to(&self, role: &str, name: &str) -> Outcome<()> {
        self.find(role, name)?;
        let script = "return document.activeElement === page.first(arguments[0], arguments[1])";
        for _ in 0..120 {
            if self.ask(script, &[json!(role), json!(name)])? == Value::Bool(true) {
                return Ok(());
            }
            self.press("Tab")?;
        }
        Err(self
            .missing(&format!("the {role} {name:?} with the focus, by Tab alone"))?
            .into())
    }

    /// Drags with the left button from one place of the page to another.
    pub fn drag(&self, from: (f64, f64), to: (f64, f64)) -> Outcome<()> {
        let to_place = |(x, y): (f64, f64), duration: u32| {
            let [x, y] = [x, y].map(|place| place.round() as i64);
            json!({ "type": "pointerMove", "origin": "viewport", "duration": duration, "x": x, "y": y })
        };
        let middle = ((from.0 + to.0) / 2.0, (from.1 + to.1) / 2.0);
        let steps = json!([
            to_place(from, 0), { "type": "pointerDown", "button": 0 },
            to_place(middle, 50), to_place(to, 50), { "type": "pointerUp", "button": 0 },
        ]);
        let mouse =
            json!({ "type": "pointer", "id": "mouse", "parameters": { "pointerType": "mouse" }, "actions": steps });
        self.session.act(&json!([mouse]))
    }

    pub fn set_size(&self, width: u32, height: u32) -> Outcome<()> {
        self.session.set_size(width, height)
    }

    /// Waits for two frames, after which the screen shows what the page is.
    pub fn settle(&self) -> Outcome<()> {
        let two_frames =
            "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done(true)))";
        self.run_until_called(two_frames, &[]).map(drop)
    }

    /// Base 64 of a PNG of the page, as the screen has it.
    pub(super) fn screenshot(&self) -> Outcome<String> {
        self.settle()?;
        self.session.screenshot()
    }
}
