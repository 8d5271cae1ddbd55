//! `cargo xtask VERB`: sets a fresh machine up, starts the main job, runs every check.
//!
//! Few plain crates, so that it builds in seconds. It speaks on stderr; stdout belongs to
//! the program that it starts.

mod args;
mod call;
mod failure;
mod json;
mod links;
mod place;
mod programs;
mod setup;
mod steps;
mod suite;
mod verbs;

use std::process::ExitCode;

use args::Verb;

fn main() -> ExitCode {
    let verb = match args::parse(std::env::args_os().skip(1).collect()) {
        Ok(verb) => verb,
        Err(message) => {
            eprintln!("xtask: {message}\n\n{}", args::USAGE);
            return ExitCode::from(2);
        }
    };
    let done = match verb {
        Verb::Help => {
            println!("{}", args::USAGE);
            Ok(())
        }
        Verb::Setup { cuda } => verbs::setup::setup(cuda),
        Verb::Run { terminal } => verbs::run::run(terminal),
        Verb::Test => verbs::test::test(),
        Verb::Cli { args } => verbs::cli::cli(&args),
        Verb::CheckFiles { folders } => verbs::check::files(&folders),
        Verb::Bench { args } => verbs::bench::bench(&args),
        Verb::BenchUi { args } => verbs::example::example("bench_ui", &args),
        Verb::Sign { key, bundles } => verbs::sign::sign(key.as_deref(), &bundles),
        Verb::MakeKeys { out } => verbs::keys::make(&out),
        Verb::Fuzz { args } => verbs::example::example("fuzz", &args),
        Verb::Screenshots { args } => verbs::example::example("screenshots", &args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\n{failure}");
            ExitCode::FAILURE
        }
    }
}
