//! What one key costs: a finding is accepted in a study of 500 slices, and the study is read again.

use contract::commands::*;
use std::time::Instant;

use decode::{Decoders, Limits, Source, Urgency, Wanted};
use domain::{Analysis, Decision, Header, Timestamp, Uid, testing};
use records::{FileId, Op, StoredFile, Vault};
use workstation::Workstation;

use super::{Outcome, median, milliseconds};

const SLICES: u32 = 500;
/// Slices with a finding, each accepted once.
const FINDINGS: u32 = 20;
const STUDY: &str = "1.2.500";
const PASSPHRASE: &str = "a passphrase for measuring";

pub fn accept(scan: &std::path::Path) -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let vault = folder.path().join("vault");
    let station = Workstation::new(folder.path().join("config"));
    station.create_vault(&vault, "bench", PASSPHRASE)?;
    station.lock()?;
    fill(&vault, scan)?;
    station.unlock(&vault, "bench", PASSPHRASE)?;
    station.open_study(OpenStudy {
        study_instance_uid: STUDY.to_string(),
    })?;
    let (mut accepted, mut read) = (vec![], vec![]);
    for slice in 0..FINDINGS {
        let start = Instant::now();
        station.review(ReviewFinding {
            finding_id: finding_id(slice),
            decision: Decision::Accepted,
            note: None,
        })?;
        let decided = start.elapsed();
        station.refresh_study(RefreshStudy {
            study_instance_uid: STUDY.to_string(),
        })?;
        accepted.push(milliseconds(decided));
        read.push(milliseconds(start.elapsed() - decided));
    }
    println!(
        "accepting a finding in a study of {SLICES} slices: {:.1} ms, and {:.1} ms to read the study again",
        median(accepted),
        median(read)
    );
    station.close(false);
    Ok(())
}

/// Rows alone: nothing of a decision looks at pixels.
fn fill(vault: &std::path::Path, scan: &std::path::Path) -> Outcome<()> {
    let decoders = Decoders::beside_executable(Limits::default())?;
    let like = decoders.ask(Source::File(scan), &Wanted::Header, Urgency::Work)?.header;
    let (mut vault, reader) = Vault::open(vault, "bench", &records::Passphrase::new(PASSPHRASE), Timestamp(1))?;
    let study = Uid::parse(STUDY)?;
    for slice in 0..SLICES {
        let header = header(&like, slice)?;
        let sha256 = format!("{slice:064x}");
        let file = StoredFile {
            id: FileId::parse(&sha256)?,
            sha256,
            bytes: 1,
        };
        vault.transact(&reader, Op::DataImport, Timestamp(2), |tx| {
            tx.insert_instance(&header, &file.sha256, &file, None)
        })?;
        let analysis = analysis(&header, slice);
        let op = Op::Analyze { study: study.clone() };
        vault.transact(&reader, op, Timestamp(3), |tx| tx.insert_analysis(&analysis, None))?;
    }
    Ok(())
}

fn header(like: &Header, slice: u32) -> Outcome<Header> {
    let mut header = like.clone();
    header.study.study_instance_uid = Uid::parse(STUDY)?;
    header.series.series_instance_uid = Uid::parse(&format!("{STUDY}.1"))?;
    header.instance.sop_instance_uid = Uid::parse(&format!("{STUDY}.1.{}", slice + 1))?;
    header.instance.number = i32::try_from(slice).ok();
    Ok(header)
}

fn finding_id(slice: u32) -> String {
    format!("{slice:032x}")
}

fn analysis(header: &Header, slice: u32) -> Analysis {
    let mut analysis = testing::analysis(
        &header.instance.sop_instance_uid,
        testing::finding(&finding_id(slice), 0.9),
    );
    if slice >= FINDINGS {
        (analysis.reached, analysis.findings) = (false, Vec::new());
    }
    analysis
}
