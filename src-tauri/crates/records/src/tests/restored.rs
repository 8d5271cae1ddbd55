//! Records that were put back from elsewhere: nothing is written before an administrator accepts
//! them, and no file that was ever stored is lost, whatever was put back and in whatever order.

use std::fs;
use std::path::Path;

use domain::{ReadOnly, Session};

use super::Outcome;
use super::sample::{NOW, header, new_vault, passphrase, uid};
use crate::layout::database_path;
use crate::{AuditVerdict, FileId, Op, Passphrase, Vault};

fn open(folder: &Path) -> crate::Result<(Vault, Session)> {
    Vault::open(folder, "admin", &passphrase(), NOW)
}

fn content(study: u32) -> Vec<u8> {
    format!("scan {study} ").into_bytes().repeat(20 + study as usize)
}

fn import(vault: &mut Vault, admin: &Session, study: u32) -> crate::Result<FileId> {
    let file = vault.put_file(&mut content(study).as_slice())?;
    vault.transact(admin, Op::DataImport, NOW, |tx| {
        tx.insert_instance(&header(study, 1), &file.sha256, &file, None)
    })?;
    Ok(file.id)
}

/// The parts of a vault's state that a person may put back by hand.
struct Moment {
    database: Vec<u8>,
    anchor: Option<Vec<u8>>,
}

const SIDES: [&str; 2] = ["records.db-wal", "records.db-shm"];

impl Moment {
    fn of(folder: &Path) -> std::io::Result<Self> {
        Ok(Self {
            database: fs::read(database_path(folder))?,
            anchor: fs::read(folder.join("audit.anchor")).ok(),
        })
    }

    fn restore_database(&self, folder: &Path) -> std::io::Result<()> {
        for name in SIDES {
            let _ = fs::remove_file(folder.join(name));
        }
        fs::write(database_path(folder), &self.database)
    }
}

/// A vault of five studies, and how it stood after each.
fn history(folder: &Path) -> Result<(Vec<FileId>, Vec<Moment>), Box<dyn std::error::Error>> {
    drop(new_vault(folder)?);
    let (mut files, mut moments) = (Vec::new(), vec![Moment::of(folder)?]);
    for study in 1..=5 {
        let (mut vault, admin) = open(folder)?;
        files.push(import(&mut vault, &admin, study)?);
        drop(vault);
        moments.push(Moment::of(folder)?);
    }
    Ok((files, moments))
}

#[track_caller]
fn nothing_is_lost(vault: &Vault, files: &[FileId], when: &str) {
    for (study, id) in (1..).zip(files) {
        let read = vault.read_file(id).map(|bytes| bytes.to_vec());
        assert_eq!(
            read.ok(),
            Some(content(study)),
            "the scan of study {study} is lost {when}"
        );
    }
}

#[track_caller]
fn refuses_every_change(vault: &mut Vault, admin: &Session, elsewhere: &Path) {
    let code = |outcome: crate::Result<()>| outcome.err().map(|error| error.code().as_str());
    let refused = Some("vault_read_only");
    assert_eq!(code(import(vault, admin, 9).map(|_| ())), refused);
    let op = Op::FilterChange;
    assert_eq!(code(vault.transact(admin, op, NOW, |_| Ok(())).map(|_| ())), refused);
    assert_eq!(code(vault.set_loose_files_aside().map(|_| ())), refused);
    let target = elsewhere.join("backup");
    let copied = vault.back_up(&target, &mut |_, _, _| true);
    assert_eq!(code(copied.map(|_| ())), refused);
    assert!(!target.exists());
}

/// Every way to part the anchor from the database, and why the vault is then open for reading only.
type Parting = fn(&Path, &Moment) -> std::io::Result<()>;
const PARTINGS: [(&str, Parting, ReadOnly); 5] = [
    (
        "an older database",
        |folder, older| older.restore_database(folder),
        ReadOnly::RecordsReplaced,
    ),
    (
        "no anchor",
        |folder, _| fs::remove_file(folder.join("audit.anchor")),
        ReadOnly::AnchorMissing,
    ),
    (
        "an empty anchor",
        |folder, _| fs::write(folder.join("audit.anchor"), b""),
        ReadOnly::AnchorMissing,
    ),
    (
        "the anchor of another vault",
        |folder, _| fs::copy(folder.join("../other/audit.anchor"), folder.join("audit.anchor")).map(|_| ()),
        ReadOnly::AnchorMissing,
    ),
    (
        "an older database and no anchor",
        |folder, older| {
            older.restore_database(folder)?;
            fs::remove_file(folder.join("audit.anchor"))
        },
        ReadOnly::AnchorMissing,
    ),
];

#[test]
fn whatever_parts_anchor_and_database_nothing_is_written_until_it_is_accepted() -> Outcome {
    for (name, part, why) in PARTINGS {
        for moment in [1, 3] {
            let place = tempfile::tempdir()?;
            let (folder, other) = (place.path().join("vault"), place.path().join("other"));
            drop(new_vault(&other)?);
            let (files, moments) = history(&folder)?;
            part(&folder, &moments[moment])?;
            let database = fs::read(database_path(&folder))?;
            let anchor = fs::read(folder.join("audit.anchor")).ok();

            let (mut vault, admin) = open(&folder)?;
            let rows = vault.status()?.counts.audit_rows;
            assert_eq!(vault.read_only()?, Some(why), "{name}");
            assert!(vault.study(&uid("1.2.1"))?.is_some());
            vault.note_access(&admin, &uid("1.2.1"), NOW)?;
            refuses_every_change(&mut vault, &admin, place.path());
            nothing_is_lost(&vault, &files, name);
            assert_eq!(vault.status()?.counts.audit_rows, rows, "{name}");
            drop(vault);
            assert_eq!(
                fs::read(database_path(&folder))?,
                database,
                "{name}: the database was written"
            );
            assert_eq!(
                fs::read(folder.join("audit.anchor")).ok(),
                anchor,
                "{name}: the anchor was written"
            );

            let (mut vault, admin) = open(&folder)?;
            vault.accept_restored(&admin, NOW)?;
            assert_eq!(vault.read_only()?, None);
            assert!(matches!(vault.verify_audit()?, AuditVerdict::Intact { .. }), "{name}");
            let ops: Vec<String> = vault
                .audit_rows(rows, 100)?
                .into_iter()
                .map(|row| row.deed.op)
                .collect();
            let expected = [
                "user_authentication",
                "instances_accessed",
                "user_authentication",
                "restored_accepted",
            ];
            assert_eq!(ops, expected, "{name}");
            assert!(!folder.join("audit.waiting").exists());
            let again = vault.accept_restored(&admin, NOW);
            assert_eq!(again.err().map(|error| error.code().as_str()), Some("invalid_record"));
            vault.set_loose_files_aside()?;
            nothing_is_lost(&vault, &files, name);
            for study in 1..=5 {
                import(&mut vault, &admin, study)?;
            }
            nothing_is_lost(&vault, &files, name);
            assert_eq!(
                (vault.status()?.lost.files, vault.status()?.counts.studies),
                (0, 5),
                "{name}"
            );
            assert_eq!(vault.check()?.faults, Vec::<String>::new(), "{name}");
        }
    }
    Ok(())
}

#[test]
fn the_newest_database_put_back_is_vouched_for_and_learns_what_was_done_without_it() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (files, moments) = history(folder.path())?;
    moments[2].restore_database(folder.path())?;
    let (mut vault, admin) = open(folder.path())?;
    vault.note_access(&admin, &uid("1.2.1"), NOW)?;
    drop(vault);
    let attempt = Vault::open(folder.path(), "admin", &Passphrase::new("wrong"), NOW);
    assert!(attempt.is_err());

    moments[5].restore_database(folder.path())?;
    let (vault, _) = open(folder.path())?;
    assert_eq!(vault.read_only()?, None);
    nothing_is_lost(&vault, &files, "after the newest database came back");
    let rows = vault.audit_rows(0, 100)?;
    let newest: Vec<_> = rows
        .iter()
        .rev()
        .take(4)
        .rev()
        .map(|row| row.deed.op.as_str())
        .collect();
    let expected = [
        "user_authentication",
        "instances_accessed",
        "authentication_failure",
        "user_authentication",
    ];
    assert_eq!(newest, expected);
    assert!(matches!(vault.verify_audit()?, AuditVerdict::Intact { .. }));
    Ok(())
}

#[test]
fn a_restored_database_beside_the_log_of_the_newer_one_costs_no_file() -> Outcome {
    for moment in 0..=5 {
        let folder = tempfile::tempdir()?;
        let (mut files, moments) = history(folder.path())?;
        let (mut vault, admin) = open(folder.path())?;
        files.push(import(&mut vault, &admin, 6)?);
        // Killed: the log is not written back.
        let log = fs::read(folder.path().join("records.db-wal"))?;
        assert!(!log.is_empty());
        drop(vault);
        moments[moment].restore_database(folder.path())?;
        fs::write(folder.path().join("records.db-wal"), &log)?;

        let mut vault = match open(folder.path()) {
            Ok((vault, _)) => vault,
            // A mixture that is no database says so; the files are where they were.
            Err(error) => {
                assert_eq!(error.code().as_str(), "vault_damaged", "moment {moment}: {error}");
                moments[moment].restore_database(folder.path())?;
                open(folder.path())?.0
            }
        };
        nothing_is_lost(&vault, &files, "beside a strange log");
        if let Err(error) = vault.set_loose_files_aside() {
            assert!(
                ["vault_read_only", "vault_damaged"].contains(&error.code().as_str()),
                "moment {moment}: {error}"
            );
        }
        nothing_is_lost(&vault, &files, "after a sweep beside a strange log");
    }
    Ok(())
}

/// Numbers of a generator with a fixed multiplier (Knuth, MMIX), so that a failing story can be told again.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }
}

#[test]
fn no_story_of_restoring_importing_and_accepting_loses_a_scan() -> Outcome {
    for seed in 1..=40 {
        let mut dice = Dice(seed);
        let place = tempfile::tempdir()?;
        let folder = place.path().join("vault");
        let (mut files, mut moments) = history(&folder)?;
        let mut told = Vec::new();
        for step in 0..12 {
            match dice.throw(7) {
                0 => {
                    let at = dice.throw(moments.len());
                    moments[at].restore_database(&folder)?;
                    told.push(format!("database {at}"));
                }
                1 => {
                    // The whole of a backup but for its files, over the folder.
                    let at = dice.throw(moments.len());
                    moments[at].restore_database(&folder)?;
                    match &moments[at].anchor {
                        Some(anchor) => fs::write(folder.join("audit.anchor"), anchor)?,
                        None => drop(fs::remove_file(folder.join("audit.anchor"))),
                    }
                    told.push(format!("database and anchor {at}"));
                }
                2 => {
                    let _ = fs::remove_file(folder.join("audit.anchor"));
                    told.push("no anchor".to_owned());
                }
                3 => {
                    let (mut vault, admin) = open(&folder)?;
                    if vault.read_only()?.is_some() {
                        vault.accept_restored(&admin, NOW)?;
                    }
                    told.push("accepted".to_owned());
                }
                4 => {
                    let (mut vault, _) = open(&folder)?;
                    let swept = vault.set_loose_files_aside().map_err(|error| error.code().as_str());
                    told.push(format!("swept: {swept:?}"));
                }
                5 => {
                    let (vault, _) = open(&folder)?;
                    let target = place.path().join(format!("backup-{step}"));
                    let made = vault
                        .back_up(&target, &mut |_, _, _| true)
                        .map_err(|error| error.code().as_str());
                    if made.is_ok() {
                        nothing_is_lost_of_a_backup(&target, &vault, &files)?;
                    }
                    told.push(format!("backup: {:?}", made.map(|made| made.copied.studies)));
                }
                _ => {
                    let (mut vault, admin) = open(&folder)?;
                    let study = u32::try_from(files.len())? + 1;
                    let taken = import(&mut vault, &admin, study);
                    drop(vault);
                    told.push(format!(
                        "import: {:?}",
                        taken.as_ref().map_err(crate::Error::code).map(|_| study)
                    ));
                    if let Ok(id) = taken {
                        files.push(id);
                        moments.push(Moment::of(&folder)?);
                    }
                }
            }
            let (vault, _) = open(&folder)?;
            nothing_is_lost(&vault, &files, &format!("(seed {seed}: {})", told.join(", ")));
        }
    }
    Ok(())
}

/// A backup brings every file that its records name.
fn nothing_is_lost_of_a_backup(target: &Path, vault: &Vault, files: &[FileId]) -> Outcome {
    let (copy, _) = open(target)?;
    for id in vault.referenced_files()? {
        copy.read_file(&FileId::parse(&id)?)?;
    }
    // Those that lay among the lost ones came along.
    assert_eq!(copy.lost_files()?, vault.lost_files()?);
    assert!(copy.lost_files()?.files <= files.len() as u64);
    Ok(())
}
