//! A backup is a vault that was tried: it opens by the same passphrase, and damage fails the drill.

use domain::Phase;
use std::fs;
use std::path::Path;

use super::Outcome;
use super::sample::{NOW, header, new_vault, passphrase};
use crate::layout::{database_path, files_path};
use crate::{AuditVerdict, Op, Vault};

fn filled(folder: &Path) -> crate::Result<Vault> {
    let (mut vault, admin) = new_vault(folder)?;
    for study in 1..=5_u8 {
        let content = vec![study; 100_000];
        let file = vault.put_file(&mut &content[..])?;
        vault.transact(&admin, Op::DataImport, NOW, |tx| {
            tx.insert_instance(&header(study.into(), 1), &file.sha256, &file, None)
        })?;
    }
    Ok(vault)
}

fn copied_files(folder: &Path) -> std::io::Result<Vec<std::path::PathBuf>> {
    let mut paths = Vec::new();
    for shelf in fs::read_dir(files_path(folder))? {
        for file in fs::read_dir(shelf?.path())? {
            paths.push(file?.path());
        }
    }
    paths.sort();
    Ok(paths)
}

#[test]
fn a_backup_opens_as_a_vault_and_holds_everything() -> Outcome {
    let folder = tempfile::tempdir()?;
    let vault = filled(&folder.path().join("vault"))?;
    let target = folder.path().join("backup");
    let mut phases = Vec::new();
    let report = vault.back_up(&target, &mut |phase, done, total| {
        phases.push((phase, done, total));
        true
    })?;
    assert_eq!(
        (report.copied.files, report.copied.studies, &report.folder),
        (5, 5, &target)
    );
    assert!(report.copied.bytes > 500_000, "{report:?}");
    assert!(phases.contains(&(Phase::Copying, 5, 5)) && phases.contains(&(Phase::Checking, 4, 5)));
    let names: Vec<_> = fs::read_dir(folder.path())?
        .map(|entry| entry.map(|e| e.file_name()))
        .collect::<Result<_, _>>()?;
    assert_eq!(names.len(), 2, "something was left over: {names:?}");

    // Restoring is opening; the original may be gone.
    let original = vault.study(&super::sample::uid("1.2.3"))?;
    drop(vault);
    fs::remove_dir_all(folder.path().join("vault"))?;
    let (restored, _) = Vault::open(&target, "admin", &passphrase(), NOW)?;
    let record = restored.study(&super::sample::uid("1.2.3"))?;
    assert_eq!(record, original);
    let file = &record.ok_or("the study is gone")?.instances[0].file_id;
    assert_eq!(*restored.read_file(file)?, vec![3; 100_000]);
    assert!(matches!(restored.verify_audit()?, AuditVerdict::Intact { .. }));
    Ok(())
}

#[test]
fn a_flipped_byte_a_missing_file_and_a_strange_vault_fail_the_drill() -> Outcome {
    let folder = tempfile::tempdir()?;
    let vault = filled(&folder.path().join("vault"))?;
    let target = folder.path().join("backup");
    vault.back_up(&target, &mut |_, _, _| true)?;
    let drill = || vault.faults_of_copy(&target, None, &mut |_, _, _| true);
    assert_eq!(drill()?, Vec::<String>::new());

    let file = copied_files(&target)?.swap_remove(2);
    let sound = fs::read(&file)?;
    let mut flipped = sound.clone();
    flipped[50_000] ^= 1;
    fs::write(&file, &flipped)?;
    assert_eq!(drill()?.len(), 1);
    fs::remove_file(&file)?;
    assert_eq!(drill()?.len(), 1);
    fs::write(&file, &sound)?;
    assert_eq!(drill()?, Vec::<String>::new());

    let database = database_path(&target);
    let sound = fs::read(&database)?;
    let mut flipped = sound.clone();
    flipped[3 * 4096 + 100] ^= 1;
    fs::write(&database, &flipped)?;
    assert_ne!(drill()?, Vec::<String>::new());
    fs::write(&database, &sound)?;

    let other = filled(&folder.path().join("other"))?;
    assert_eq!(other.faults_of_copy(&target, None, &mut |_, _, _| true)?.len(), 1);
    Ok(())
}

#[test]
fn damage_while_copying_and_a_stop_leave_no_backup() -> Outcome {
    let folder = tempfile::tempdir()?;
    let vault = filled(&folder.path().join("vault"))?;
    let target = folder.path().join("backup");
    let damaging = vault.back_up(&target, &mut |phase, done, _| {
        if phase == Phase::Checking && done == 0 {
            let partial = folder.path().join("backup.partial");
            for path in copied_files(&partial).unwrap_or_default() {
                let _ = fs::write(path, b"not what was copied");
            }
        }
        true
    });
    assert_eq!(damaging.map_err(|e| e.code().as_str()), Err("backup_unsound"));
    for stop_at in [Phase::Copying, Phase::Checking] {
        let stopped = vault.back_up(&target, &mut |phase, done, _| phase != stop_at || done < 2);
        assert_eq!(stopped.map_err(|e| e.code().as_str()), Err("canceled"), "{stop_at}");
    }
    assert_eq!(fs::read_dir(folder.path())?.count(), 1, "a failed backup was left");
    vault.back_up(&target, &mut |_, _, _| true)?;
    let again = vault.back_up(&target, &mut |_, _, _| true);
    assert_eq!(again.map_err(|e| e.code().as_str()), Err("vault_exists"));
    Ok(())
}

#[test]
fn a_backup_taken_while_others_write_is_of_one_moment() -> Outcome {
    let folder = tempfile::tempdir()?;
    let vault = filled(&folder.path().join("vault"))?;
    let mut other = vault.open_another()?;
    let admin = domain::Session {
        user: "admin".to_owned(),
        role: domain::Role::Administrator,
    };
    let mut study = 100_u32;
    let report = vault.back_up(&folder.path().join("backup"), &mut |_, _, _| {
        study += 1;
        let write = |vault: &mut Vault| {
            let file = vault.put_file(&mut &[study.to_le_bytes().as_slice(), b"scan"].concat()[..])?;
            vault.transact(&admin, Op::DataImport, NOW, |tx| {
                tx.insert_instance(&header(study, 1), &file.sha256, &file, None)
            })
        };
        write(&mut other).is_ok()
    })?;
    assert!(study > 103, "nobody wrote during the backup");
    let (restored, _) = Vault::open(&report.folder, "admin", &passphrase(), NOW)?;
    assert_eq!(restored.status()?.counts.studies, report.copied.studies);
    Ok(())
}
