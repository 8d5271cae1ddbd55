//! The closing lines of a run.

use std::cmp::Reverse;
use std::fmt;

use super::tally::{End, Tally, Test};

const SLOWEST: usize = 10;

impl fmt::Display for Tally {
    /// The slowest tests, what was skipped and why, what failed; the last line holds the counts alone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut tests: Vec<&Test> = self.tests.iter().collect();
        tests.sort_by_key(|test| Reverse(test.took));
        writeln!(f, "the slowest tests:")?;
        for test in tests.iter().take(SLOWEST) {
            writeln!(f, "{:>8.1} s  {} {}", test.took.as_secs_f64(), test.program, test.name)?;
        }
        if !self.lacks.is_empty() {
            writeln!(f, "skipped, for this machine lacks something:")?;
        }
        for ((what, is_hardware), tests) in &self.lacks {
            let hardware = if *is_hardware { " (hardware)" } else { "" };
            writeln!(f, "  {what}{hardware}")?;
            for test in tests {
                writeln!(f, "      {test}")?;
            }
        }
        let failed = tests.iter().filter(|test| test.end == End::Failed);
        let failed: Vec<String> = failed.map(|test| format!("  {} {}", test.program, test.name)).collect();
        if !failed.is_empty() {
            writeln!(f, "failed:\n{}", failed.join("\n"))?;
        }
        for program in &self.cut_off {
            writeln!(f, "ended before its tests did: {program}")?;
        }
        let [passed, failed, skipped] = [End::Passed, End::Failed, End::Skipped].map(|end| self.count(end));
        write!(f, "{passed} passed, {failed} failed, {skipped} skipped")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_last_line_is_the_counts_and_the_slowest_come_first() {
        let test = |name: &str, end, seconds| Test {
            program: "p".into(),
            name: name.into(),
            end,
            took: Duration::from_secs(seconds),
        };
        let mut tally = Tally {
            tests: (0..12).map(|n| test(&format!("t{n}"), End::Passed, n)).collect(),
            ..Tally::default()
        };
        tally.tests.push(test("bad", End::Failed, 0));
        tally
            .lacks
            .insert(("no bf16".into(), true), [String::from("p t1")].into());
        let text = tally.to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.last().copied(), Some("12 passed, 1 failed, 0 skipped"));
        assert_eq!(lines[1].trim(), "11.0 s  p t11");
        assert!(!text.contains("p t0"), "only the slowest are named: {text}");
        assert!(text.contains("no bf16 (hardware)\n      p t1"), "{text}");
        assert!(text.contains("failed:\n  p bad"), "{text}");
    }
}
