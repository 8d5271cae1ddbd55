//! Whether a path lies in a vault, so that nothing is written over the records from outside.

use std::io;
use std::path::{Component, Path, PathBuf};

use super::FORMAT;

/// What a vault's folder holds; one of them may be away while a vault is restored by hand.
const NAMES: [&str; 3] = ["vault.json", "records.db", "audit.anchor"];
/// As many links in a row as Linux follows.
const MOST_LINKS: u32 = 40;

/// The vault that holds `path`, whether the path is there or not: through links, `..` and relative
/// paths. A backup is a vault too.
///
/// # Errors
/// When a link cannot be read or links go round in a circle.
pub fn vault_around(path: &Path) -> io::Result<Option<PathBuf>> {
    let real = resolve(path)?;
    Ok(real.ancestors().find(|folder| is_vault(folder)).map(Path::to_owned))
}

fn is_vault(folder: &Path) -> bool {
    let there = NAMES.iter().filter(|name| folder.join(name).is_file()).count();
    there >= 2 || there == 1 && holds_manifest(folder)
}

fn holds_manifest(folder: &Path) -> bool {
    let text = std::fs::read_to_string(folder.join(NAMES[0])).unwrap_or_default();
    text.contains(&format!("\"{FORMAT}\""))
}

/// Where a path leads, step by step, for what is not there yet cannot be asked of the system.
fn resolve(path: &Path) -> io::Result<PathBuf> {
    let mut real = PathBuf::new();
    let mut rest: Vec<PathBuf> = components(&std::path::absolute(path)?);
    let mut links = 0;
    while let Some(step) = rest.pop() {
        match step.components().next() {
            Some(Component::ParentDir) => {
                real.pop();
            }
            Some(Component::Normal(name)) => {
                real.push(name);
                if !real.is_symlink() {
                    continue;
                }
                links += 1;
                if links > MOST_LINKS {
                    return Err(io::Error::other("its links go round in a circle"));
                }
                let target = real.read_link()?;
                real.pop();
                rest.extend(components(&target));
            }
            Some(root @ (Component::RootDir | Component::Prefix(_))) => real.push(root),
            Some(Component::CurDir) | None => {}
        }
    }
    Ok(real)
}

/// The steps of a path, the first one last.
fn components(path: &Path) -> Vec<PathBuf> {
    path.components()
        .rev()
        .map(|step| PathBuf::from(step.as_os_str()))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    type Checked = Result<(), Box<dyn std::error::Error>>;

    #[test]
    fn every_way_into_a_vault_is_seen_and_what_lies_beside_it_is_free() -> Checked {
        let place = tempfile::tempdir()?;
        let base = place.path().canonicalize()?;
        let vault = base.join("vault");
        fs::create_dir_all(vault.join("files/ab"))?;
        for name in NAMES {
            fs::write(vault.join(name), b"")?;
        }
        fs::create_dir_all(base.join("out/deep"))?;
        symlink(&vault, base.join("link"))?;
        symlink("../../vault/records.db", base.join("out/deep/report.pdf"))?;
        symlink("../vault/not there yet", base.join("out/dangling"))?;
        symlink(base.join("out/dangling"), base.join("out/twice"))?;
        symlink(base.join("out"), vault.join("way out"))?;
        for inside in [
            "vault",
            "vault/records.db",
            "vault/new.pdf",
            "vault/files/ab/cd",
            "vault/new/deep/report.pdf",
            "link/report.pdf",
            "out/../vault/report.pdf",
            "nowhere/../vault/report.pdf",
            "out/./deep/../../vault/x",
            "out/deep/report.pdf",
            "out/dangling",
            "out/twice",
            "out/twice/below",
            "link/files/../records.db",
        ] {
            assert_eq!(vault_around(&base.join(inside))?.as_ref(), Some(&vault), "{inside}");
        }
        for beside in [
            "",
            "out/report.pdf",
            "vault.pdf",
            "vault/../x",
            "link/way out/report.pdf",
            "new/x",
        ] {
            assert_eq!(vault_around(&base.join(beside))?, None, "{beside}");
        }
        // One part may be away; a file of such a name alone makes no vault.
        for name in NAMES {
            fs::rename(vault.join(name), base.join("away"))?;
            assert!(vault_around(&vault.join("x"))?.is_some(), "without {name}");
            fs::rename(base.join("away"), vault.join(name))?;
        }
        fs::create_dir(base.join("other"))?;
        fs::write(base.join("other/vault.json"), "{}")?;
        assert_eq!(vault_around(&base.join("other/x"))?, None);
        fs::write(base.join("other/vault.json"), format!("{{\"format\": \"{FORMAT}\"}}"))?;
        assert!(vault_around(&base.join("other/x"))?.is_some());
        symlink(base.join("round"), base.join("round"))?;
        assert!(vault_around(&base.join("round/x")).is_err());
        Ok(())
    }
}
