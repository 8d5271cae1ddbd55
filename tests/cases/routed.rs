//! Which bundle scores what, by the built program: the cases of the kind `routing`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use overread_tests::{Outcome, each, overread, text};
use serde_json::Value;

/// An answer by the path of its file.
pub struct Routed(BTreeMap<String, Value>);

impl Routed {
    /// All files of the cases in one run.
    ///
    /// # Errors
    /// Where the program gives no answer at all.
    pub fn of(pack: &Path, cases: &[Value]) -> Outcome<Self> {
        let files: BTreeSet<&str> = cases
            .iter()
            .flat_map(|case| case["files"].as_array().into_iter().flatten())
            .filter_map(Value::as_str)
            .collect();
        let call = overread("--json analyze --device cpu").args(files.iter().map(|file| pack.join(file)));
        let answers = call.run()?.json()?;
        let by_file = |one: &Value| (text(one, "file").to_owned(), one.clone());
        Ok(Self(each(&answers, "analyses").iter().map(by_file).collect()))
    }

    /// What of a case is not right, in words.
    pub fn wrong(&self, pack: &Path, case: &Value) -> Vec<String> {
        let checks = case["right"].as_array().into_iter().flatten();
        checks
            .filter_map(|check| self.of_check(pack, case, check).err())
            .collect()
    }

    fn of_check(&self, pack: &Path, case: &Value, check: &Value) -> Result<(), String> {
        let answer = |name: &str| {
            let file = pack
                .join("files")
                .join(case["id"].as_str().unwrap_or_default())
                .join(name);
            self.0
                .get(&file.display().to_string())
                .ok_or_else(|| format!("{name} was not analysed"))
        };
        let names = |of: &Value| -> Vec<String> {
            let file_name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
            of.as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(file_name)
                .collect()
        };
        match check["what"].as_str() {
            Some("route") => {
                let name = names(&case["files"]).into_iter().next().unwrap_or_default();
                route(answer(&name)?, check)
            }
            Some("route_each") => {
                for (name, bundle) in check["files"].as_object().into_iter().flatten() {
                    let check = serde_json::json!({ "scored": bundle.is_string(), "bundle": bundle });
                    route(answer(name)?, &check)?;
                }
                Ok(())
            }
            Some("same_score") => {
                let scores = names(&check["files"])
                    .iter()
                    .map(|name| {
                        answer(name)?["score"]
                            .as_f64()
                            .ok_or_else(|| format!("{name} has no score"))
                    })
                    .collect::<Result<Vec<f64>, String>>()?;
                let (low, high) = scores.iter().fold((1.0_f64, 0.0_f64), |(low, high), score| {
                    (score.min(low), score.max(high))
                });
                if high - low <= check["tolerance"].as_f64().unwrap_or(0.0) {
                    Ok(())
                } else {
                    Err(format!("scores {scores:?}"))
                }
            }
            other => Err(format!("this test does not know how to check {other:?}")),
        }
    }
}

fn route(answer: &Value, check: &Value) -> Result<(), String> {
    let (scored, bundle) = (!answer["score"].is_null(), &answer["bundle"]);
    let reason = &answer["input"]["reason"];
    match check["scored"].as_bool() {
        None if scored && *bundle == check["not_bundle"] => Err(format!("scored by {bundle}")),
        Some(true) if !scored => Err(format!("not scored: {reason}")),
        Some(true) if *bundle != check["bundle"] => Err(format!("scored by {bundle}")),
        Some(false) if scored => Err(format!("scored {} by {bundle}", answer["score"])),
        Some(false) if !reason.is_string() => Err("refused without a reason".to_owned()),
        _ => Ok(()),
    }
}
