//! One file per verb of the command line.

pub mod bench;
pub mod cli;
pub mod run;
pub mod setup;
pub mod test;
