//! Which test programs cargo built.

use std::path::{Path, PathBuf};

use crate::call;
use crate::failure::Failure;
use crate::json::first_string;
use crate::place::Place;
use crate::programs::{BUILD_ADVICE, WITH_SCRIPTED_DIALOGS};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Room and file: `decode dicom_pack`; of a room's own unit tests the room alone.
    pub name: String,
    pub executable: PathBuf,
    /// Where cargo would start it: the folder of its manifest.
    pub folder: PathBuf,
}

/// Programs that take the longest, first of all: what is started last should end soon.
const LONGEST: [&str; 1] = ["desktop"];

/// # Errors
/// When cargo cannot build them.
pub fn built(place: &Place) -> Result<Vec<Program>, Failure> {
    let mut cargo = place.cargo();
    cargo.args(["test", "--workspace", "--tests", "--no-run", "--quiet"]);
    cargo.args(WITH_SCRIPTED_DIALOGS).arg("--message-format=json");
    let messages = call::stdout(&mut cargo, BUILD_ADVICE)?;
    let mut programs: Vec<Program> = messages.lines().filter_map(program).collect();
    let rank = |program: &Program| LONGEST.iter().position(|name| *name == program.name);
    programs.sort_by_key(|program| rank(program).unwrap_or(LONGEST.len()));
    Ok(programs)
}

/// The test program that a line of cargo's messages tells of.
fn program(line: &str) -> Option<Program> {
    let (target, profile) = line.split_once("\"target\":")?.1.split_once("\"profile\":")?;
    if !profile.split('}').next()?.contains("\"test\":true") {
        return None;
    }
    let executable = PathBuf::from(first_string(profile, "executable")?);
    let folder = Path::new(&first_string(line, "manifest_path")?).parent()?.to_owned();
    let package = folder.file_name()?.to_string_lossy().into_owned();
    let target = first_string(target, "name")?;
    let name = match package.as_str() {
        // The workspace's own folder of tests: each file is a flow.
        "tests" => target,
        room if target.contains(room) => target,
        room => format!("{room} {target}"),
    };
    Some(Program {
        name,
        executable,
        folder,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(kind: &str, name: &str, test: bool, executable: &str) -> String {
        format!(
            r#"{{"reason":"compiler-artifact","package_id":"path+file:///w/decode#0.1.0","manifest_path":"/w/decode/Cargo.toml","target":{{"kind":["{kind}"],"crate_types":["bin"],"name":"{name}","src_path":"/w/x.rs","edition":"2024","doc":false,"doctest":false,"test":true}},"profile":{{"opt_level":"2","debuginfo":1,"debug_assertions":true,"overflow_checks":true,"test":{test}}},"features":[],"filenames":["/w/x"],"executable":{executable},"fresh":true}}"#
        )
    }

    #[test]
    fn only_artifacts_of_the_test_profile_with_a_program_are_tests() {
        let found = program(&line("test", "dicom_pack", true, r#""/t/dicom_pack-1""#));
        let expected = Program {
            name: "decode dicom_pack".into(),
            executable: "/t/dicom_pack-1".into(),
            folder: "/w/decode".into(),
        };
        assert_eq!(found, Some(expected));
        assert_eq!(
            program(&line("bin", "overread-decoder", false, r#""/t/overread-decoder""#)),
            None
        );
        assert_eq!(program(&line("lib", "decode", true, "null")), None);
        assert_eq!(program(r#"{"reason":"build-finished","success":true}"#), None);
        let unit = program(&line("lib", "decode", true, r#""/t/decode-1""#));
        assert_eq!(unit.map(|found| found.name).as_deref(), Some("decode"));
    }
}
