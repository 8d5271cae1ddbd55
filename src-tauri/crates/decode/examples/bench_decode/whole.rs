//! A whole process: `overread decode` beside the program of dcmtk that decodes the same transfer syntax.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use super::Outcome;
use super::table::median;

/// Both read the file, decode it and write what they decoded; the last two take uncompressed files too.
const PROGRAMS: [&str; 4] = ["dcmdjpeg", "dcmdjpls", "dcmdrle", "dcmconv"];

pub fn print(files: &[PathBuf], overread: &Path, rounds: usize) -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let output = folder.path().join("output");
    let mut ratios = vec![];
    for program in PROGRAMS {
        let mut of_program = vec![];
        for file in files
            .iter()
            .filter(|file| fs::read(file).is_ok_and(|bytes| takes(program, &bytes)))
        {
            let ours = || {
                run(
                    overread,
                    &[OsStr::new("decode"), file.as_ref(), "--raw".as_ref(), output.as_ref()],
                    &output,
                )
            };
            let theirs = || run(program.as_ref(), &[file.as_ref(), output.as_ref()], &output);
            if let (Some(_), Some(_)) = (ours()?, theirs()?) {
                let (mut one, mut other) = (vec![], vec![]);
                for _ in 0..rounds {
                    one.extend(ours()?);
                    other.extend(theirs()?);
                }
                of_program.push(median(one) / median(other));
            }
        }
        println!(
            "whole process: overread decode against {program}, {} files: median ratio {:.2}",
            of_program.len(),
            median(of_program.clone())
        );
        ratios.extend(of_program);
    }
    println!(
        "all {} files: median ratio {:.2}; less is better",
        ratios.len(),
        median(ratios)
    );
    Ok(())
}

/// Seconds; `None` when the program refuses the file.
fn run(program: &Path, args: &[&OsStr], output: &Path) -> Outcome<Option<f64>> {
    fs::remove_file(output).or_else(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    })?;
    let start = Instant::now();
    let status = Command::new(program)
        .args(args)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    let time = start.elapsed().as_secs_f64();
    match status {
        Ok(status) => Ok(status.success().then_some(time)),
        Err(error) => Err(format!("{}: {error}; install dcmtk", program.display()).into()),
    }
}

/// By the transfer syntax, which stands in the meta group near the start.
fn takes(program: &str, bytes: &[u8]) -> bool {
    let meta = bytes.get(..1024).unwrap_or(bytes);
    let syntax = meta
        .windows(6)
        .position(|part| part == b"\x02\x00\x10\x00UI")
        .and_then(|at| meta.get(at + 8..at + 30))
        .map(|uid| String::from_utf8_lossy(uid).into_owned())
        .unwrap_or_default();
    let starts = |ends: &[&str]| {
        ends.iter()
            .any(|end| syntax.starts_with(&format!("1.2.840.10008.1.2{end}")))
    };
    match program {
        "dcmdjpeg" => starts(&[".4.50", ".4.51", ".4.53", ".4.55", ".4.57", ".4.70"]),
        "dcmdjpls" => starts(&[".4.80", ".4.81"]),
        "dcmdrle" => starts(&[".5"]),
        _ => starts(&["\0", ".1\0", ".2\0"]),
    }
}
