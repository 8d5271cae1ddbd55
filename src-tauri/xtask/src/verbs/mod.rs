//! One file per verb of the command line.

pub mod bench;
pub mod cli;
pub mod example;
pub mod run;
pub mod setup;
mod terminal;
pub mod test;
