//! How every test ended, in Rust and in the interface.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use super::programs::Program;
use super::run::Ran;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Passed,
    Failed,
    Skipped,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Test {
    pub program: String,
    pub name: String,
    pub end: End,
    pub took: Duration,
}

/// Something that the machine lacks, with the tests that ended for it.
#[derive(Debug, Default)]
pub struct Tally {
    pub tests: Vec<Test>,
    /// What was lacking, whether that is hardware, and which tests ended for it.
    pub lacks: BTreeMap<(String, bool), BTreeSet<String>>,
    /// Programs that ended before their tests did.
    pub cut_off: Vec<String>,
}

impl Tally {
    /// `lacks` and `interface` are the files of [`super::Notes`].
    pub fn of(ran: Vec<(Program, Ran)>, lacks: &str, interface: &str) -> Self {
        let mut tally = Self::default();
        let mut names = BTreeMap::new();
        for (program, ran) in ran {
            if !ran.whole {
                tally.cut_off.push(program.name.clone());
            }
            names.insert(program.executable, program.name);
            tally.tests.extend(ran.tests);
        }
        tally.tests.extend(interface.lines().filter_map(of_interface));
        for line in lacks.lines() {
            let fields: Vec<&str> = line.splitn(4, '\t').collect();
            let &[kind, program, name, what] = fields.as_slice() else {
                continue;
            };
            let of = names.get(Path::new(program)).map_or(program, String::as_str);
            let lacking = tally.lacks.entry((what.to_owned(), kind == "hardware")).or_default();
            lacking.insert(format!("{of} {name}"));
            // It passed without having checked all that it is there for.
            let same = |test: &&mut Test| test.program == of && test.name == name && test.end == End::Passed;
            if let Some(test) = tally.tests.iter_mut().find(same) {
                test.end = End::Skipped;
            }
        }
        tally
    }

    pub fn count(&self, end: End) -> usize {
        let cut_off = if end == End::Failed { self.cut_off.len() } else { 0 };
        self.tests.iter().filter(|test| test.end == end).count() + cut_off
    }

    pub fn has_failed(&self) -> bool {
        self.count(End::Failed) > 0
    }

    /// What lacks and is no hardware: with `OVERREAD_REQUIRE_ALL` nothing may.
    pub fn could_be_there(&self) -> Vec<&str> {
        let others = self.lacks.keys().filter(|(_, is_hardware)| !is_hardware);
        others.map(|(what, _)| what.as_str()).collect()
    }
}

/// Of a line "state TAB milliseconds TAB name".
fn of_interface(line: &str) -> Option<Test> {
    let mut fields = line.splitn(3, '\t');
    let end = match fields.next()? {
        "passed" => End::Passed,
        "failed" => End::Failed,
        _ => End::Skipped,
    };
    let took = Duration::from_millis(fields.next()?.parse().ok()?);
    Some(Test {
        program: "ui".into(),
        name: fields.next()?.to_owned(),
        end,
        took,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(name: &str) -> Program {
        Program {
            name: name.into(),
            executable: format!("/t/{name}-1").into(),
            folder: "/w".into(),
        }
    }

    fn ran(name: &str, tests: &[(&str, End)]) -> (Program, Ran) {
        let test = |(test, end): &(&str, End)| Test {
            program: name.into(),
            name: (*test).into(),
            end: *end,
            took: Duration::ZERO,
        };
        let ran = Ran {
            tests: tests.iter().map(test).collect(),
            whole: true,
            ..Ran::default()
        };
        (program(name), ran)
    }

    #[test]
    fn a_test_that_lacked_something_is_skipped_and_counted_once() {
        let all = vec![
            ran("a", &[("one", End::Passed), ("two", End::Passed), ("bad", End::Failed)]),
            ran("b", &[("one", End::Passed)]),
        ];
        let lacks = "other\t/t/a-1\tone\tno data\nother\t/t/a-1\tone\tno tool\nhardware\t/t/b-1\tone\tno bf16\n\
            other\t/t/a-1\tbad\tno data\nother\tui\t-\tno browser\n";
        let tally = Tally::of(
            all,
            lacks,
            "passed\t12\tx.ts a\nskipped\t0\tx.ts b\nfailed\t3\tx.ts c\n",
        );
        assert_eq!(tally.count(End::Passed), 2);
        assert_eq!(tally.count(End::Failed), 2);
        assert_eq!(tally.count(End::Skipped), 3);
        assert_eq!(tally.could_be_there(), ["no browser", "no data", "no tool"]);
        let of_data = &tally.lacks[&("no data".to_owned(), false)];
        assert_eq!(
            of_data.iter().map(String::as_str).collect::<Vec<_>>(),
            ["a bad", "a one"]
        );
    }

    #[test]
    fn a_program_that_was_cut_off_counts_as_a_failure() {
        let (program, mut cut) = ran("a", &[("one", End::Passed)]);
        cut.whole = false;
        let tally = Tally::of(vec![(program, cut)], "", "");
        assert_eq!((tally.count(End::Passed), tally.count(End::Failed)), (1, 1));
        assert_eq!(tally.cut_off, ["a"]);
    }
}
