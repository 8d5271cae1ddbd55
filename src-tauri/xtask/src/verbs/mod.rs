//! One file per verb of the command line.

pub mod bench;
pub mod check;
pub mod cli;
pub mod example;
pub mod keys;
pub mod run;
pub mod setup;
pub mod sign;
mod terminal;
pub mod test;
