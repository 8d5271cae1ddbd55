//! What a person is told when a step cannot be done.

use std::fmt;

/// Which step failed, how, what it ran, and what to do about it.
#[derive(Debug, PartialEq, Eq)]
pub struct Failure {
    pub step: Option<String>,
    pub what: String,
    pub ran: Option<String>,
    pub advice: String,
}

impl Failure {
    pub fn new(what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            step: None,
            what: what.into(),
            ran: None,
            advice: advice.into(),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.step {
            Some(step) => write!(f, "xtask: the step '{step}' failed: {}", self.what)?,
            None => write!(f, "xtask: {}", self.what)?,
        }
        if let Some(ran) = &self.ran {
            write!(f, "\n  it ran:     {ran}")?;
        }
        write!(f, "\n  what to do: {}", self.advice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_says_the_step_the_command_and_the_way_out() {
        let failure = Failure {
            step: Some("format".into()),
            ran: Some("cargo fmt --all --check".into()),
            ..Failure::new("it ended with exit code 1", "run `cargo fmt --all`")
        };
        assert_eq!(
            failure.to_string(),
            "xtask: the step 'format' failed: it ended with exit code 1\n  \
             it ran:     cargo fmt --all --check\n  what to do: run `cargo fmt --all`"
        );
    }
}
