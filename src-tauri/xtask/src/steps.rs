//! Names each step when it begins and remembers how long it took.

use std::time::{Duration, Instant};

use crate::failure::Failure;

#[derive(Debug, Default)]
pub struct Steps {
    taken: Vec<(String, Duration)>,
}

impl Steps {
    /// # Errors
    /// The step's own failure, with the step's name in it.
    pub fn step<T>(&mut self, name: &str, work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
        eprintln!("==> {name}");
        let start = Instant::now();
        let done = work();
        self.taken.push((name.to_owned(), start.elapsed()));
        done.map_err(|failure| Failure {
            step: Some(name.to_owned()),
            ..failure
        })
    }

    /// One line per step: seconds, name.
    pub fn summary(&self) -> String {
        let line = |(name, time): &(String, Duration)| format!("{:>8.1} s  {name}\n", time.as_secs_f64());
        self.taken.iter().map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_step_carries_its_name_and_still_counts_in_the_summary() {
        let mut steps = Steps::default();
        assert_eq!(steps.step("first", || Ok(3)), Ok(3));
        let failure = steps.step("second", || Err::<(), _>(Failure::new("no", "retry")));
        assert_eq!(failure.err().and_then(|f| f.step).as_deref(), Some("second"));
        let summary = steps.summary();
        let names: Vec<_> = summary.lines().filter_map(|line| line.split(" s  ").nth(1)).collect();
        assert_eq!(names, ["first", "second"]);
    }
}
