//! A WebDriver session: the commands of the W3C protocol that the tests use, one method each.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::http::call;
use crate::Outcome;

/// Under this key a web element travels.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// An element of the page.
#[derive(Debug, Clone)]
pub struct Element(String);

impl Element {
    /// `None` when `value` is not an element.
    pub fn of(value: &Value) -> Option<Self> {
        value.get(ELEMENT)?.as_str().map(|id| Self(id.to_owned()))
    }

    /// As an argument of a script.
    pub fn to_value(&self) -> Value {
        json!({ ELEMENT: self.0 })
    }
}

/// Waits until tauri-driver at the first port and WebKit's driver at the second answer.
pub fn wait_for_both(ports: [u16; 2]) -> Outcome<()> {
    let until = Instant::now() + Duration::from_secs(120);
    for port in ports {
        while call(port, "GET", "/status", None).is_err() {
            if Instant::now() > until {
                return Err("tauri-driver or WebKitWebDriver does not answer".into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    Ok(())
}

pub struct Session {
    port: u16,
    id: String,
}

impl Session {
    /// Has tauri-driver at the first port and WebKit's driver at the second start `program`; both answer already.
    pub fn open(ports: [u16; 2], program: &str, arguments: &[String]) -> Outcome<Self> {
        // tauri-driver knows how to start the program. It also keeps connections that WebKit's driver has closed in the
        // meantime and then answers nothing, so all the rest is said to WebKit's driver itself.
        let [starter, port] = ports;
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "wry",
            "tauri:options": { "application": program, "args": arguments },
            "timeouts": { "script": 180_000, "pageLoad": 60_000, "implicit": 0 },
        } } });
        let opened = answer(call(starter, "POST", "/session", Some(&wanted))?)?;
        let id = opened["sessionId"]
            .as_str()
            .ok_or("a session without an id")?
            .to_owned();
        Ok(Self { port, id })
    }

    fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Outcome<Value> {
        let answered = answer(call(self.port, method, &format!("/session/{}/{path}", self.id), body)?);
        answered.map_err(|error| format!("{method} {path}: {error}").into())
    }

    fn post(&self, path: &str, body: &Value) -> Outcome<Value> {
        self.send("POST", path, Some(body))
    }

    /// The body of a function; its arguments are `arguments`.
    pub fn run(&self, script: &str, arguments: &[Value]) -> Outcome<Value> {
        self.post("execute/sync", &json!({ "script": script, "args": arguments }))
    }

    /// As [`Session::run`]; the function answers by calling its last argument.
    pub fn run_until_called(&self, script: &str, arguments: &[Value]) -> Outcome<Value> {
        self.post("execute/async", &json!({ "script": script, "args": arguments }))
    }

    pub fn click(&self, element: &Element) -> Outcome<()> {
        self.post(&format!("element/{}/click", element.0), &json!({})).map(drop)
    }

    /// Types into `element`.
    pub fn send_keys(&self, element: &Element, text: &str) -> Outcome<()> {
        let path = format!("element/{}/value", element.0);
        self.post(&path, &json!({ "text": text })).map(drop)
    }

    /// Moves of a pointer and presses of keys, as the protocol writes them.
    pub fn act(&self, sources: &Value) -> Outcome<()> {
        self.post("actions", &json!({ "actions": sources })).map(drop)
    }

    pub fn set_size(&self, width: u32, height: u32) -> Outcome<()> {
        self.post(
            "window/rect",
            &json!({ "x": 0, "y": 0, "width": width, "height": height }),
        )
        .map(drop)
    }

    /// PNG bytes in base 64.
    pub fn screenshot(&self) -> Outcome<String> {
        let shot = self.send("GET", "screenshot", None)?;
        Ok(shot.as_str().ok_or("a screenshot that is no text")?.to_owned())
    }

    pub fn close(&self) -> Outcome<()> {
        answer(call(self.port, "DELETE", &format!("/session/{}", self.id), None)?).map(drop)
    }
}

fn answer((status, body): (u16, Value)) -> Outcome<Value> {
    let value = body.get("value").cloned().unwrap_or_default();
    if status == 200 {
        return Ok(value);
    }
    let [error, message] = ["error", "message"].map(|name| value[name].as_str().unwrap_or_default());
    Err(format!("{error}: {message}").into())
}
