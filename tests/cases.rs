//! Every case of the pack `cases`, by the built program: right, or named with a reason.

#[path = "cases/imported.rs"]
mod imported;
#[path = "cases/judge.rs"]
mod judge;
#[path = "cases/opened.rs"]
mod opened;
#[path = "cases/routed.rs"]
mod routed;
#[path = "cases/volumes.rs"]
mod volumes;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use needs::{data, need};
use overread_tests::{Done, Outcome};
use serde_json::Value;

/// Kinds of fault that are judged: 1 value to grey, 2 per frame, 3 geometry and units, 4 sentinels, 5 nothing dropped,
/// 6 identity, 7 codecs, 8 overlays and marks.
const KINDS: [u64; 8] = [1, 2, 3, 4, 5, 6, 7, 8];

/// Cases that are not right yet, each with its reason. One that became right fails the test until it is struck.
const OPEN: [(&str, &str); 0] = [];

const AT_ONCE: usize = 4;

pub struct Case {
    id: String,
    /// A folder is imported as one; of other actions the first file counts.
    is_folder: bool,
    files: Vec<String>,
    right: Vec<Value>,
}

fn cases(manifest: &str) -> Outcome<Vec<Case>> {
    let mut cases = Vec::new();
    for line in manifest.lines().filter(|line| !line.trim().is_empty()) {
        let case: Value = serde_json::from_str(line)?;
        if !case["kind"].as_u64().is_some_and(|kind| KINDS.contains(&kind)) {
            continue;
        }
        let texts = |of: &Value| {
            of.as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect()
        };
        cases.push(Case {
            id: case["id"].as_str().ok_or("a case without an id")?.to_owned(),
            is_folder: case["action"] == "folder",
            files: texts(&case["files"]),
            right: case["right"].as_array().cloned().unwrap_or_default(),
        });
    }
    Ok(cases)
}

#[test]
fn every_case_is_right_or_named_with_its_reason() -> Done {
    let pack = need!(data("cases"));
    let cases = cases(&std::fs::read_to_string(pack.join("manifest.jsonl"))?)?;
    assert!(cases.len() > 100, "only {} cases were found", cases.len());
    let next = AtomicUsize::new(0);
    let wrong: Mutex<BTreeMap<String, String>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = judge::judge(&pack, case);
                    let found: Vec<String> = match found {
                        Ok(found) => found,
                        Err(error) => vec![error.to_string()],
                    };
                    if let (false, Ok(mut wrong)) = (found.is_empty(), wrong.lock()) {
                        wrong.insert(case.id.clone(), found.join("; "));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap_or_default();
    let open: BTreeSet<&str> = OPEN.iter().map(|(id, _)| *id).collect();
    eprintln!("{} of {} cases right", cases.len() - wrong.len(), cases.len());
    for (id, reason) in OPEN {
        eprintln!("open: {id}: {reason}");
    }
    let mut said: Vec<String> = wrong
        .iter()
        .filter(|(id, _)| !open.contains(id.as_str()))
        .map(|(id, what)| format!("{id}: {what}"))
        .collect();
    let mended = open.iter().filter(|id| !wrong.contains_key(**id));
    said.extend(mended.map(|id| format!("{id} is right: strike it from the list of open ones")));
    assert!(said.is_empty(), "{}", said.join("\n"));
    Ok(())
}

#[test]
fn every_routing_case_is_scored_by_its_bundle_or_refused() -> Done {
    let pack = need!(data("cases"));
    let manifest = std::fs::read_to_string(pack.join("manifest.jsonl"))?;
    let lines = manifest.lines().filter(|line| !line.trim().is_empty());
    let mut cases: Vec<Value> = lines.map(serde_json::from_str).collect::<Result<_, _>>()?;
    cases.retain(|case| case["kind"] == "routing");
    assert!(cases.len() > 30, "only {} cases were found", cases.len());
    let routed = routed::Routed::of(&pack, &cases)?;
    let wrong: Vec<String> = cases
        .iter()
        .flat_map(|case| {
            let id = case["id"].as_str().unwrap_or_default();
            let wrong = routed.wrong(&pack, case).into_iter();
            wrong.map(move |what| format!("{id}: {what}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

#[test]
fn every_geometry_case_lies_as_its_slices_do() -> Done {
    let pack = need!(data("cases"));
    let manifest = std::fs::read_to_string(pack.join("manifest.jsonl"))?;
    let lines = manifest.lines().filter(|line| !line.trim().is_empty());
    let mut cases: Vec<Value> = lines.map(serde_json::from_str).collect::<Result<_, _>>()?;
    cases.retain(|case| case["kind"] == "geometry");
    assert!(cases.len() > 10, "only {} cases were found", cases.len());
    let mut wrong = vec![];
    for case in &cases {
        let id = case["id"].as_str().ok_or("a case without an id")?;
        let imported = imported::Imported::of(&pack.join("files").join(id))?;
        for check in case["right"].as_array().into_iter().flatten() {
            wrong.extend(imported.stacks(check)?.map(|what| format!("{id}: {what}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}
