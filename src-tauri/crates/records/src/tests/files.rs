//! Vault files: stored once, whole or not at all, and removed when nothing refers to them.

use std::fs;
use std::io::Read;

use sha2::{Digest, Sha256};

use super::Outcome;
use super::sample::{NOW, analysis, header, new_vault};
use crate::{FileId, Op, SweptFiles, hex};

#[test]
fn the_same_content_is_stored_once_under_a_name_that_tells_nothing() -> Outcome {
    let (folder, elsewhere) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let (vault, _) = new_vault(folder.path())?;
    let (other, _) = new_vault(elsewhere.path())?;
    let content = b"the same scan".repeat(10_000);
    let first = vault.put_file(&mut &content[..])?;
    let size = vault.status()?.file_bytes;
    let second = vault.put_file(&mut &content[..])?;
    assert_eq!((&first, vault.status()?.file_bytes), (&second, size));
    assert_eq!(first.sha256, hex::encode(&Sha256::digest(&content)));
    assert_eq!(first.bytes, content.len() as u64);
    assert_ne!(first.id.as_str(), first.sha256);
    assert_ne!(
        first.id,
        other.put_file(&mut &content[..])?.id,
        "two vaults name the same content alike"
    );
    assert_eq!(*vault.read_file(&first.id)?, content);
    assert_eq!(
        *vault.read_file(&vault.put_file(&mut std::io::empty())?.id)?,
        Vec::<u8>::new()
    );
    Ok(())
}

#[test]
fn content_that_breaks_off_leaves_nothing() -> Outcome {
    struct BreaksOff(u32);
    impl Read for BreaksOff {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            self.0 += 1;
            if self.0 > 20 {
                Err(std::io::Error::other("the disc was taken out"))
            } else {
                Ok(buffer.len())
            }
        }
    }
    let folder = tempfile::tempdir()?;
    let (vault, _) = new_vault(folder.path())?;
    let error = vault.put_file(&mut BreaksOff(0)).err().ok_or("it was stored")?;
    assert!(
        error.code().as_str() == "io" && error.to_string().contains("the disc was taken out"),
        "{error}"
    );
    assert_eq!(fs::read_dir(folder.path().join("files"))?.count(), 0);
    Ok(())
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_said_while_a_file_is_stored() -> Outcome {
    let mut full = fs::OpenOptions::new().write(true).open("/dev/full")?;
    let outcome = crate::files::seal(&[1; 32], &mut &b"scan"[..], &mut full);
    assert_eq!(outcome.err().map(|error| error.code().as_str()), Some("disk_full"));
    Ok(())
}

#[test]
fn what_no_row_refers_to_is_set_aside_and_comes_back_with_its_row() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut vault, admin) = new_vault(folder.path())?;
    let scan = header(1, 1);
    let kept = vault.put_file(&mut &b"scan"[..])?;
    let map = vault.put_file(&mut &b"map"[..])?;
    let orphan = vault.put_file(&mut &b"orphan"[..])?;
    vault.transact(&admin, Op::DataImport, NOW, |tx| {
        tx.insert_instance(&scan, &kept.sha256, &kept, None)?;
        tx.insert_analysis(&analysis(&scan, Vec::new()), Some(&map.id))
    })?;
    let half_written = folder.path().join("files/unfinished-0011");
    fs::write(&half_written, b"half")?;

    let other = vault.open_another()?;
    let busy = vault.set_loose_files_aside();
    assert_eq!(
        busy.err().map(|error| error.code().as_str()),
        Some("vault_busy"),
        "the other handle may be storing a file"
    );
    drop(other);
    let (all_bytes, orphan_bytes) = (
        vault.status()?.file_bytes,
        fs::metadata(orphan.id.path_in(folder.path()))?.len(),
    );
    let swept = vault.set_loose_files_aside()?;
    assert_eq!((swept.set_aside, swept.brought_back, swept.unfinished), (1, 0, 1));
    assert!(!half_written.exists());
    assert_eq!(*vault.read_file(&kept.id)?, b"scan");
    assert_eq!(*vault.read_file(&map.id)?, b"map");
    assert_eq!(vault.set_loose_files_aside()?, SweptFiles::default());

    let status = vault.status()?;
    assert_eq!((status.lost.files, status.lost.bytes), (1, orphan_bytes));
    assert_eq!(status.file_bytes, all_bytes - orphan_bytes);
    assert_eq!(*vault.read_file(&orphan.id)?, b"orphan");
    // The same content again is the file that lies there.
    assert_eq!(vault.put_file(&mut &b"orphan"[..])?.id, orphan.id);
    assert_eq!(vault.status()?.lost.files, 0);
    // A second file of a name that lies there takes no other's place.
    vault.set_loose_files_aside()?;
    fs::write(orphan.id.path_in(folder.path()), b"a torn copy")?;
    assert_eq!(vault.set_loose_files_aside()?.set_aside, 1);
    assert_eq!(vault.status()?.lost.files, 2);
    assert_eq!(*vault.read_file(&orphan.id)?, b"orphan");
    Ok(())
}

#[test]
fn a_file_id_is_no_way_out_of_the_vault() {
    for bad in [
        "",
        "../../../../etc/passwd",
        &"g".repeat(64),
        &"A".repeat(64),
        &format!("../{}", "a".repeat(61)),
    ] {
        assert_eq!(
            FileId::parse(bad).err().map(|error| error.code().as_str()),
            Some("invalid_record"),
            "{bad}"
        );
    }
    assert!(FileId::parse(&"a0".repeat(32)).is_ok());
    assert!(serde_json::from_str::<FileId>("\"../x\"").is_err());
}
