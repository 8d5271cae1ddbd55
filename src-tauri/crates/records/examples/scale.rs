//! How the vault behaves at scale; prints milliseconds.
//!
//! `cargo run -p records --example scale -- [STUDIES] [AUDIT_ROWS] [VAULT]`: fills a vault with STUDIES
//! studies (100,000 when not given), lists and searches them, then writes AUDIT_ROWS rows (10,000) and
//! verifies the audit. The vault is made in the folder VAULT and stays there, for the window to be
//! measured with; without it, it is made in a temporary folder and goes.

use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;

use domain::{Analysis, Header, Policy, SourceFormat, StudyState, Timestamp, Uid, WorklistColumn, testing};
use records::{FileId, KdfParameters, Op, Passphrase, StoredFile, Vault, WorklistQuery};

const NOW: Timestamp = Timestamp(1_700_000_000_000);
const ALL: WorklistQuery<'static> = WorklistQuery {
    by: WorklistColumn::Suspicion,
    descending: true,
    find: "",
    states: &[],
    modalities: &[],
    date_from: None,
    date_to: None,
    reader: "admin",
};
const FAMILIES: [&str; 8] = ["Kovács", "Nagy", "Szabó", "Tóth", "Müller", "Łuczak", "Ørsted", "Smith"];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut number = |or| arguments.next().map_or(Ok(or), |text| text.parse::<u32>());
    let (studies, audit_rows) = (number(100_000)?, number(10_000)?);
    let kept = arguments.next().map(PathBuf::from);
    let folder = tempfile::tempdir()?;
    let vault = kept.unwrap_or_else(|| folder.path().join("vault"));
    let started = Instant::now();
    let passphrase = Passphrase::new("a passphrase for measuring");
    let (mut vault, admin) = Vault::create(&vault, "admin", &passphrase, KdfParameters::default(), NOW)?;
    print("create the vault", started);

    let started = Instant::now();
    for batch in (0..studies).collect::<Vec<_>>().chunks(2_000) {
        vault.transact(&admin, Op::DataImport, NOW, |tx| {
            for study in batch {
                let header = header(*study)?;
                let sha256 = format!("{study:064x}");
                let file = StoredFile {
                    id: FileId::parse(&sha256)?,
                    sha256,
                    bytes: 1,
                };
                tx.insert_instance(&header, &file.sha256, &file, None)?;
                tx.insert_analysis(&analysis(&header, *study), None)?;
            }
            Ok(())
        })?;
    }
    print(&format!("insert {studies} studies with an analysis each"), started);

    let (vault, _) = (vault.open_another()?, drop(vault));
    let started = Instant::now();
    let record = vault.study(&uid(&format!("1.2.{}", studies / 2))?)?;
    print(&format!("read one study: {}", record.is_some()), started);
    let started = Instant::now();
    let left = vault.studies_without_analysis(&[])?;
    print(&format!("studies without an analysis: {}", left.len()), started);

    let mut vault = vault.open_another()?;
    scroll(&mut vault)?;
    vault.transact(&admin, Op::PolicyChange, NOW, |tx| {
        tx.set_policy(Policy { read_first: true })
    })?;
    let started = Instant::now();
    let rows = vault.worklist(&ALL)?.rows;
    print(&format!("worklist, read first: {} rows", rows.len()), started);
    let started = Instant::now();
    for _ in 0..audit_rows {
        vault.transact(&admin, Op::AuditLogUsed, NOW, |_| Ok(()))?;
    }
    print(&format!("{audit_rows} transactions, each on the disk"), started);
    let started = Instant::now();
    let verdict = vault.verify_audit()?;
    print(&format!("verify the audit: {verdict:?}"), started);
    Ok(())
}

/// The list as the window asks for it: every column, searches, and pages from anywhere in it.
fn scroll(vault: &mut Vault) -> records::Result<()> {
    let by = |by, descending| WorklistQuery { by, descending, ..ALL };
    let flagged = [StudyState::Flagged];
    let modalities = ["MR".to_owned()];
    for (what, query) in [
        ("first", ALL),
        ("by suspicion", ALL),
        ("by suspicion, rising", by(WorklistColumn::Suspicion, false)),
        ("by name", by(WorklistColumn::Name, false)),
        ("by patient ID", by(WorklistColumn::PatientId, true)),
        ("by date", by(WorklistColumn::Date, true)),
        ("by modality", by(WorklistColumn::Modality, true)),
        ("by state", by(WorklistColumn::State, false)),
        ("by instances", by(WorklistColumn::Instances, true)),
        ("by import", by(WorklistColumn::Imported, true)),
        (
            "flagged",
            WorklistQuery {
                states: &flagged,
                ..ALL
            },
        ),
        (
            "of a modality and since 2020",
            WorklistQuery {
                modalities: &modalities,
                date_from: Some("20200101"),
                ..ALL
            },
        ),
        ("find one by ID", WorklistQuery { find: "P77777", ..ALL }),
        (
            "find 'luczak 2024'",
            WorklistQuery {
                find: "luczak 2024",
                ..ALL
            },
        ),
    ] {
        let started = Instant::now();
        let rows = vault.worklist(&query)?.rows;
        print(&format!("worklist, {what}: {} rows", rows.len()), started);
        if let Some(page) = rows
            .len()
            .checked_sub(200)
            .and_then(|end| rows.get(end / 2..end / 2 + 200))
        {
            let started = Instant::now();
            let shown = vault.worklist_rows(page, query.reader)?;
            print(&format!("  a page of {} from its middle", shown.len()), started);
        }
    }
    Ok(())
}

fn print(what: &str, started: Instant) {
    println!("{:10.1} ms  {what}", started.elapsed().as_secs_f64() * 1e3);
}

fn uid(text: &str) -> records::Result<Uid> {
    Uid::parse(text).map_err(|error| records::Error::Invalid(error.to_string()))
}

fn header(study: u32) -> records::Result<Header> {
    let family = FAMILIES[study as usize % FAMILIES.len()];
    let mut header = testing::header();
    header.patient.patient_id = format!("P{study}");
    header.patient.patient_name = format!("{family}^Person {}", study * 7919 % 100_003);
    header.patient.birth_date = Some("19700101".to_owned());
    header.study.study_instance_uid = uid(&format!("1.2.{study}"))?;
    let (year, month, day) = (2015 + study % 11, study % 12 + 1, study % 28 + 1);
    header.study.date = Some(format!("{year}{month:02}{day:02}"));
    header.study.accession_number = Some(format!("A{study}"));
    header.study.description = Some("MR of the head without contrast".to_owned());
    header.series.series_instance_uid = uid(&format!("1.2.{study}.1"))?;
    header.series.modality = "MR".to_owned();
    header.series.number = Some(1);
    header.series.description = Some("FLAIR axial".to_owned());
    header.series.body_part_examined = Some("HEAD".to_owned());
    header.instance.sop_instance_uid = uid(&format!("1.2.{study}.1.1"))?;
    header.instance.number = Some(1);
    header.instance.format = SourceFormat::Dicom;
    (header.image.rows, header.image.cols, header.image.bits_stored) = (256, 256, 12);
    header.image.pixel_spacing_mm = Some([0.5, 0.5]);
    Ok(header)
}

fn analysis(header: &Header, study: u32) -> Analysis {
    let value = (study * 31 % 997) as f32 / 997.0;
    let finding = testing::finding(&format!("{study:032x}"), value);
    let mut analysis = testing::analysis(&header.instance.sop_instance_uid, finding);
    analysis.operating_point.patients = Some(testing::counted(0.7));
    if value <= 0.5 {
        (analysis.reached, analysis.findings) = (false, Vec::new());
    }
    analysis
}
