//! The story that runs once.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use overread_tests::{BUNDLE, Outcome, Ran, TestVault, each, once, scratch, text};
use serde_json::Value;

pub const LABEL: &str = "artefact <b>& \"quoted\"; =1+1";
pub const NOTE: &str = "Árnyék a széleken; compare with last year";

/// Everything the story's calls answered.
pub struct Story {
    pub place: TestVault,
    pub manifest: Value,
    pub imported: Value,
    pub imported_again: Value,
    pub listed_new: Value,
    pub signed_too_early: Ran,
    pub analyzed: Value,
    pub analyzed_again: Value,
    pub listed: Value,
    /// The lesion series before any decision, after all of them, and signed.
    pub shown: Value,
    pub signed_undecided: Ran,
    pub reviews: Vec<Value>,
    pub shown_reviewed: Value,
    pub signed: Value,
    pub after: After,
    pub shown_signed: Value,
    pub reports: BTreeMap<&'static str, PathBuf>,
    pub report_answers: Vec<Value>,
    pub status: Value,
}

/// What was tried on the signed study.
pub struct After {
    pub review: Ran,
    pub analyze: Ran,
    pub import: Ran,
    pub sign: Ran,
    pub import_same: Value,
}

pub fn story() -> Outcome<&'static Story> {
    static STORY: OnceLock<Result<Story, String>> = OnceLock::new();
    once(&STORY, tell)
}

fn tell() -> Outcome<Story> {
    let place = TestVault::create(scratch(env!("CARGO_TARGET_TMPDIR"), "flow")?)?;
    let manifest = place.manifest()?;
    let study = lesion_study(&manifest)?;
    let import = || place.call("import").arg(&place.samples).run()?.ended(0).json();
    let (imported, imported_again) = (import()?, import()?);
    let listed_new = place.json("list")?;
    let signed_too_early = place.call("sign").arg(&study).run()?;
    let analyze = || place.json(&format!("analyze --new --bundle {BUNDLE} --device cpu"));
    let (analyzed, analyzed_again) = (analyze()?, analyze()?);
    let listed = place.json("list")?;
    let show = || place.call("show").arg(&study).run()?.ended(0).json();
    let shown = show()?;
    let signed_undecided = place.call("sign").arg(&study).run()?;
    let findings = finding_ids(&shown);
    let mut reviews = Vec::new();
    for (index, finding) in findings.iter().enumerate() {
        // The first finding is decided three times: the last word stands.
        let decisions: &[&[&str]] = match index {
            0 => &[&["--accept"], &["--reject"], &["--change", LABEL, "--note", NOTE]],
            n if n % 2 == 1 => &[&["--accept"]],
            _ => &[&["--reject", "--note", NOTE]],
        };
        for decision in decisions {
            reviews.push(
                place
                    .call("review")
                    .arg(finding)
                    .args(*decision)
                    .run()?
                    .ended(0)
                    .json()?,
            );
        }
    }
    let shown_reviewed = show()?;
    let signed = place.call("sign").arg(&study).run()?.ended(0).json()?;
    let first = findings.first().ok_or("the lesion series has no finding at all")?;
    let after = After {
        review: place.call("review --accept").arg(first).run()?,
        analyze: place
            .call("analyze --bundle")
            .arg(BUNDLE)
            .arg("--study")
            .arg(&study)
            .run()?,
        import: place.call("import").arg(another_slice(&place)?).run()?,
        sign: place.call("sign").arg(&study).run()?,
        import_same: import()?,
    };
    let mut reports = BTreeMap::new();
    let mut report_answers = Vec::new();
    for format in ["pdf", "csv", "png"] {
        let out = place.folder.join(format!("report.{format}"));
        let call = place
            .call("report --format")
            .arg(format)
            .arg("--out")
            .arg(&out)
            .arg(&study);
        report_answers.push(call.run()?.ended(0).json()?);
        reports.insert(format, out);
    }
    Ok(Story {
        shown_signed: show()?,
        status: place.json("vault status")?,
        place,
        manifest,
        imported,
        imported_again,
        listed_new,
        signed_too_early,
        analyzed,
        analyzed_again,
        listed,
        shown,
        signed_undecided,
        reviews,
        shown_reviewed,
        signed,
        after,
        reports,
        report_answers,
    })
}

pub fn lesion_study(manifest: &Value) -> Outcome<String> {
    let found = each(manifest, "samples")
        .iter()
        .find(|s| s["lesion"] == true && s["format"] == "dicom");
    Ok(text(found.ok_or("no sample series has a lesion")?, "study_instance_uid").to_owned())
}

/// A copy of a slice of the lesion series as another instance of it.
fn another_slice(place: &TestVault) -> Outcome<PathBuf> {
    let manifest = place.manifest()?;
    let sample = each(&manifest, "samples")
        .iter()
        .find(|s| s["lesion"] == true && s["format"] == "dicom");
    let sample = sample.ok_or("no sample series has a lesion")?;
    let uid = text(sample, "sop_instance_uid");
    let last = if uid.ends_with('1') { "2" } else { "1" };
    let other = format!("{}{last}", &uid[..uid.len() - 1]);
    let mut bytes = fs::read(place.samples.join(text(sample, "file")))?;
    let starts: Vec<usize> = (0..bytes.len() - uid.len())
        .filter(|at| bytes[*at..].starts_with(uid.as_bytes()))
        .collect();
    // Once in the file's meta information and once in the data set.
    assert_eq!(starts.len(), 2, "{uid} stands at {starts:?}");
    for start in starts {
        bytes[start..start + uid.len()].copy_from_slice(other.as_bytes());
    }
    let path = place.folder.join("another.dcm");
    fs::write(&path, bytes)?;
    Ok(path)
}

pub fn finding_ids(analyzed: &Value) -> Vec<String> {
    findings(analyzed)
        .iter()
        .map(|(_, finding)| text(finding, "id").to_owned())
        .collect()
}

/// Each finding with its analysis.
pub fn findings(analyzed: &Value) -> Vec<(&Value, &Value)> {
    let of = |analysis| {
        each(analysis, "findings")
            .iter()
            .map(move |finding| (analysis, finding))
    };
    each(analyzed, "analyses").iter().flat_map(of).collect()
}

pub fn row<'a>(list: &'a Value, study: &str) -> Outcome<&'a Value> {
    let found = each(list, "studies")
        .iter()
        .find(|row| text(row, "study_instance_uid") == study);
    found.ok_or_else(|| format!("{study} is not in {list:#}").into())
}
