//! A test ends because it has checked what it is there for, or it says aloud what it lacks, by `need!` or
//! `Lack::end` of `tests/needs`. A quiet way out is refused here.

use std::collections::BTreeSet;
use std::ops::Range;

use overread_tests::Done;

use super::source::{close_of, code, files, first_word, is_ours, line_of, test_items, words};

/// The one place in each language that may skip.
const SKIPS: [&str; 2] = ["tests/needs/lib.rs", "ui/tests/needs.ts"];

/// Ways to end a function of a test early and well.
const QUIET_ENDS: [&str; 3] = ["return Ok(())", "return;", "return }"];

/// Another of a test itself: one arm of a match ends it well, while another one checks. What a test calls may say so of
/// a case.
const QUIET_ARMS: [&str; 2] = ["=> Ok(()),", "=> Ok(()) }"];

struct Function {
    name: String,
    at: usize,
    is_test: bool,
    body: Range<usize>,
}

/// Functions that stand in `region`, in order.
fn functions(code: &str, region: &Range<usize>) -> Vec<Function> {
    let mut found = Vec::new();
    for at in words(&code[region.clone()], "fn").map(|at| region.start + at) {
        let name = first_word(&code[at + 2..]);
        let head = code[at..region.end].find(['{', ';']).map(|head| at + head);
        let Some(open) = head.filter(|open| !name.is_empty() && code[*open..].starts_with('{')) else {
            continue;
        };
        let before = &code[region.start..at];
        let attributes = &before[before.rfind(['}', ';', '{']).map_or(0, |end| end + 1)..];
        found.push(Function {
            name: name.to_owned(),
            at,
            is_test: attributes.contains("#[test]"),
            body: open..close_of(code, open).min(region.end),
        });
    }
    found
}

/// Lines on which a test, or a function of the same file that it calls, ends early and well.
fn quiet_ends(code: &str, regions: &[Range<usize>]) -> Vec<(usize, String)> {
    let functions: Vec<Function> = regions.iter().flat_map(|region| functions(code, region)).collect();
    let calls = |function: &Function, name: &str| {
        words(&code[function.body.clone()], name).any(|at| {
            let rest = &code[function.body.start + at + name.len()..];
            rest.starts_with('(') || rest.starts_with("::<")
        })
    };
    let mut reached: BTreeSet<usize> = (0..functions.len()).filter(|at| functions[*at].is_test).collect();
    let mut open: Vec<usize> = reached.iter().copied().collect();
    while let Some(at) = open.pop() {
        for (other, function) in functions.iter().enumerate() {
            if !reached.contains(&other) && calls(&functions[at], &function.name) {
                reached.insert(other);
                open.push(other);
            }
        }
    }
    let mut found = Vec::new();
    for function in reached.into_iter().map(|at| &functions[at]) {
        let body = code[function.body.clone()]
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        let arms: &[&str] = if function.is_test { &QUIET_ARMS } else { &[] };
        if let Some(end) = QUIET_ENDS.iter().chain(arms).find(|end| body.contains(*end)) {
            found.push((line_of(code, function.at), format!("{} ends by `{end}`", function.name)));
        }
    }
    found
}

/// The parts of a file that only tests run.
fn regions(path: &str, code: &str) -> Vec<Range<usize>> {
    let file = path.rsplit('/').next().unwrap_or_default();
    let whole = path.starts_with("tests/") || path.contains("/tests/") || file.ends_with("tests.rs");
    if whole {
        std::iter::once(0..code.len()).collect()
    } else {
        test_items(code)
    }
}

#[test]
fn no_test_ends_without_a_check_and_without_a_word() -> Done {
    let mut wrong = Vec::new();
    for folder in ["src-tauri", "tests"] {
        for source in files(folder, &[".rs"], |folder| is_ours(folder) && folder != "examples")? {
            if SKIPS.contains(&source.path.as_str()) {
                continue;
            }
            let code = code(&source.text);
            let regions = regions(&source.path, &code);
            for (line, what) in quiet_ends(&code, &regions) {
                wrong.push(format!(
                    "{}:{line}: {what}; a test that lacks something ends by `need!`",
                    source.path
                ));
            }
            if !regions.is_empty() {
                // A reason that is only printed, and data that is looked for without telling where it lacks.
                for quiet in [concat!("ln!(\"skip", "ped"), concat!("OVERREAD", "_DATA")] {
                    if source.text.contains(quiet) {
                        wrong.push(format!("{}: {quiet} belongs to tests/needs alone", source.path));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    Ok(())
}

/// How a line of the interface's tests leaves a test out.
fn left_out(line: &str) -> Option<&'static str> {
    [".skip", ".todo", ".only", ".runIf", ".fails"]
        .into_iter()
        .find(|way| line.contains(way))
}

#[test]
fn no_test_of_the_interface_is_left_out_but_by_the_one_way() -> Done {
    let mut wrong = Vec::new();
    for source in files("ui", &[".test.ts", ".browser.ts", ".ts"], is_ours)? {
        let is_test = source.path.starts_with("ui/tests/") || source.path.ends_with(".test.ts");
        if !is_test || SKIPS.contains(&source.path.as_str()) {
            continue;
        }
        for (index, line) in source.text.lines().enumerate() {
            if let Some(way) = left_out(line) {
                wrong.push(format!("{}:{}: {way}; needs.ts is the way", source.path, index + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    Ok(())
}

#[test]
fn a_quiet_end_is_seen_also_where_a_test_calls_it_and_a_told_one_is_not() {
    let ends = |text: &str| -> Vec<String> {
        let code = code(text);
        let whole = 0..code.len();
        quiet_ends(&code, &[whole]).into_iter().map(|(_, what)| what).collect()
    };
    assert_eq!(
        ends("#[test]\nfn a() -> Done { if x { return Ok(()); } Ok(()) }"),
        ["a ends by `return Ok(())`"]
    );
    assert_eq!(
        ends("#[test]\nfn a() { let Some(b) = c() else { return };\n d(b) }"),
        ["a ends by `return }`"]
    );
    assert_eq!(
        ends("#[test]\nfn a() -> Done { match b() { None => Ok(()), Some(b) => c(b) } }"),
        ["a ends by `=> Ok(()),`"]
    );
    assert!(
        ends("fn a() -> Done { match b() { None => Ok(()), Some(b) => c(b) } }\n#[test]\nfn d() { a() }").is_empty()
    );
    let called = "fn each() -> Done { let Some(a) = b() else { return Ok(()) }; Ok(()) }\n\
        fn other() { return; }\n#[test]\n#[cfg(unix)]\nfn c() -> Done { each() }";
    assert_eq!(ends(called), ["each ends by `return Ok(())`"]);
    assert!(ends("#[test]\nfn a() -> Done { let b = need!(data(\"c\")); d(b); Ok(()) }").is_empty());
    assert!(ends("#[test]\nfn a() -> Done { if b { return Lack::of(\"no c\").end(); } Ok(()) }").is_empty());
    assert!(ends("fn a() { return; }\n#[test]\nfn b() { let a = \"return;\"; }").is_empty());

    assert_eq!(regions("src/a.rs", "fn a() {}").len(), 0);
    assert!(regions("tests/a.rs", "fn a() {}").contains(&(0..9)));

    assert_eq!(left_out("  it.skip('x', () => {})"), Some(".skip"));
    assert_eq!(left_out("describe.skipIf(!browser)('x', () => {"), Some(".skip"));
    assert_eq!(left_out("it('x', () => {})"), None);
}
