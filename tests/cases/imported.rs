//! What an import did with each file of a case, and which persons and studies the vault holds after it.

use std::path::Path;

use overread_tests::{Outcome, overread};
use serde_json::Value;
use tempfile::TempDir;

type Verdict = Outcome<Option<String>>;

/// A vault into which the files of one case were imported.
pub struct Imported {
    folder: TempDir,
    result: Value,
}

impl Imported {
    /// # Errors
    /// Where no vault is made. A refused import is a result.
    pub fn of(path: &Path) -> Outcome<Self> {
        let folder = tempfile::tempdir()?;
        let made = Self {
            result: Value::Null,
            folder,
        };
        made.call("vault create")?;
        let result = made.call_with("import", Some(path))?;
        Ok(Self { result, ..made })
    }

    fn call(&self, words: &str) -> Outcome<Value> {
        self.call_with(words, None)
    }

    fn call_with(&self, words: &str, path: Option<&Path>) -> Outcome<Value> {
        let call = overread("--json --vault")
            .arg(self.folder.path().join("vault"))
            .args(words.split_whitespace());
        path.into_iter().fold(call, |call, path| call.arg(path)).run()?.json()
    }

    fn failed(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_lowercase();
        let list = self.result["failed"].as_array().into_iter().flatten();
        let mut failed: Vec<_> = list.map(|one| (text(&one["file"]), text(&one["message"]))).collect();
        if self.result["error"].is_object() {
            failed.push((String::new(), text(&self.result["error"]["message"])));
        }
        failed
    }

    /// Each file is counted once, and what is not taken is named with its reason.
    pub fn accounts(&self, check: &Value) -> Verdict {
        let number = |name: &str| self.result[name].as_u64().unwrap_or(0);
        let length = |name: &str| self.result[name].as_array().map_or(0, Vec::len) as u64;
        let counts = [
            ("taken", number("imported")),
            ("no_image", length("no_image")),
            ("already_there", number("already_there")),
            ("studies", length("studies")),
        ];
        for (name, got) in counts {
            if check[name].as_u64().unwrap_or(0) != got {
                return Ok(Some(format!("{name} {got}, not {}: {}", check[name], self.result)));
            }
        }
        let failed = self.failed();
        let not_taken = check["not_taken"].as_array().cloned().unwrap_or_default();
        for one in &not_taken {
            let file = one["file"].as_str().unwrap_or_default().to_lowercase();
            let told = failed
                .iter()
                .find(|(path, message)| path.contains(&file) || message.contains(&file));
            let Some((_, message)) = told else {
                return Ok(Some(format!("{file} is not named in {failed:?}")));
            };
            if !has_one(message, &one["words"]) {
                return Ok(Some(format!("{file} is named for another reason: {message}")));
            }
        }
        Ok((failed.len() > not_taken.len()).then(|| format!("more is refused: {failed:?}")))
    }

    /// Who and what is in the vault; a refusal that says why is as good.
    pub fn identity(&self, check: &Value) -> Verdict {
        let status = self.call("vault status")?;
        let counts = ["studies", "patients", "instances"].map(|name| status[name].as_u64().unwrap_or(0));
        let wanted = ["studies", "patients", "instances"].map(|name| check[name].as_u64().unwrap_or(0));
        if counts != wanted {
            let failed = self.failed();
            let refused = failed
                .first()
                .is_some_and(|(_, message)| has_one(message, &check["words"]));
            let all = counts[2] + failed.len() as u64 == wanted[2];
            return Ok((!(refused && all)).then(|| format!("{counts:?}, not {wanted:?}; {failed:?}")));
        }
        let list = self.call("list")?;
        let rows = list["studies"].as_array().cloned().unwrap_or_default();
        let uids = check["study_uids"].as_array().into_iter().flatten();
        if let Some(gone) = uids
            .into_iter()
            .find(|uid| !rows.iter().any(|row| row["study_instance_uid"] == **uid))
        {
            return Ok(Some(format!("the study {gone} is not listed")));
        }
        for (id, name) in check["names"].as_object().into_iter().flatten() {
            let family = name.as_str().unwrap_or_default().split('^').next().unwrap_or_default();
            let listed = |row: &Value| {
                row["patient_id"] == id.as_str()
                    && row["patient_name"]
                        .as_str()
                        .is_some_and(|name| name.starts_with(family))
            };
            if !rows.iter().any(listed) {
                return Ok(Some(format!("{id} {name} is not listed")));
            }
        }
        Ok(None)
    }
}

impl Imported {
    /// Slices lie together as they should, in this order or the opposite one.
    pub fn stacks(&self, check: &Value) -> Verdict {
        let list = self.call("list")?;
        let mut shown = vec![];
        for row in list["studies"].as_array().into_iter().flatten() {
            let study = row["study_instance_uid"].as_str().unwrap_or_default();
            shown.extend(
                self.call(&format!("show {study}"))?["stacks"]
                    .as_array()
                    .cloned()
                    .unwrap_or_default(),
            );
        }
        let wanted = check["stacks"].as_array().cloned().unwrap_or_default();
        if shown.len() != wanted.len() {
            return Ok(Some(format!("{} stacks, not {}", shown.len(), wanted.len())));
        }
        for want in &wanted {
            let found = shown.iter().find_map(|stack| Some((stack, turned(stack, want)?)));
            let Some((stack, turned)) = found else {
                return Ok(Some(format!("no stack of {} in {shown:?}", want["order"])));
            };
            let near = |name: &str| match (want[name].as_f64(), stack[name].as_f64()) {
                (Some(want), Some(got)) => (want - got).abs() < 1e-3,
                (want, got) => want == got,
            };
            let count = each(want, "order").len();
            // Of an order that is turned, a place counts from the other end.
            let behind = |at: &Value| at.as_u64().map(|at| if turned { count as u64 - 2 - at } else { at });
            let missing: Vec<_> = each(stack, "missing_after").iter().map(behind).collect();
            let named: Vec<_> = each(want, "missing_after").iter().map(Value::as_u64).collect();
            let files = each(stack, "files");
            let of_place = |place: &Value| -> Vec<Value> {
                let at = place.as_array().into_iter().flatten().filter_map(Value::as_u64);
                at.filter_map(|at| files.get(at as usize).cloned()).collect()
            };
            let mut double: Vec<Vec<Value>> = each(stack, "duplicates").iter().map(of_place).collect();
            double.iter_mut().for_each(|files| files.sort_by_key(Value::to_string));
            let alike = near("spacing_mm")
                && near("tilt_deg")
                && missing == named
                && serde_json::to_value(double)? == *want.get("duplicates").unwrap_or(&Value::Array(vec![]))
                && stack["volume"] == want["volume"]
                && (want["regular"].is_null() || stack["regular"] == want["regular"]);
            if !alike {
                return Ok(Some(format!("{stack}, not {want}")));
            }
        }
        Ok(None)
    }
}

fn each<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().map_or(&[], Vec::as_slice)
}

/// Whether the order is the opposite one; `None` where it is neither.
fn turned(stack: &Value, want: &Value) -> Option<bool> {
    let (got, want) = (each(stack, "files"), each(want, "order"));
    let backwards: Vec<&Value> = want.iter().rev().collect();
    match got == want {
        true => Some(false),
        false => (got.iter().collect::<Vec<_>>() == backwards).then_some(true),
    }
}

/// Whether one of the words is in the text; no words ask for none.
pub fn has_one(text: &str, words: &Value) -> bool {
    let words: Vec<&str> = words
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let text = text.to_lowercase();
    words.is_empty() || words.iter().any(|word| text.contains(&word.to_lowercase()))
}
