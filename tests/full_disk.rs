//! A full disk stops a job with one sentence; what was there before is still there and whole.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use overread_tests::{BUNDLE, Done, Found, Lack, Outcome, TestVault, each, field, need, overread, repository, text};

/// Mounts a small disk, fills it from one folder, runs the call, and keeps what it left in another.
/// The mount is this process's own and goes with it.
const ON_A_SMALL_DISK: &str = r#"
size=$1 disk=$2 before=$3 after=$4; shift 4
mount -t tmpfs -o size="$size"k none "$disk" && cp -r "$before/." "$disk" || exit 99
"$@"; code=$?
cp -r "$disk/." "$after" || exit 98
exit $code
"#;

/// Whether this user may mount a disk in a namespace of their own.
fn may_mount(folder: &Path) -> Outcome<Found<()>> {
    let mount = ["-rm", "mount", "-t", "tmpfs", "-o", "size=100k", "none"];
    let mounted = Command::new("unshare").args(mount).arg(folder).output()?;
    if mounted.status.success() {
        return Ok(Ok(()));
    }
    let why = String::from_utf8_lossy(&mounted.stderr).into_owned();
    Ok(Err(Lack::of(format!("this user may not mount a small disk: {why}"))))
}

struct SmallDisk {
    disk: PathBuf,
    after: PathBuf,
    under: Vec<String>,
}

impl SmallDisk {
    /// A disk of `kib` with the content of `before` on it, for one call.
    fn new(folder: &Path, kib: u64, before: &Path) -> Outcome<Self> {
        let (disk, after) = (folder.join("disk"), folder.join(format!("after-{kib}")));
        for made in [&disk, &after] {
            fs::create_dir_all(made)?;
        }
        let mut under: Vec<String> = ["unshare", "-rm", "sh", "-c", ON_A_SMALL_DISK, "sh"]
            .map(str::to_owned)
            .into();
        under.push(kib.to_string());
        under.extend([&disk, before, &after].map(|path| path.display().to_string()));
        Ok(Self { disk, after, under })
    }
}

fn kib_of(folder: &Path) -> Outcome<u64> {
    let mut total = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        total += match entry.file_type()?.is_dir() {
            true => kib_of(&entry.path())?,
            false => entry.metadata()?.len().div_ceil(4096) * 4,
        };
    }
    Ok(total)
}

#[test]
fn an_import_onto_a_full_disk_keeps_what_fits_and_goes_on_later() -> Done {
    let folder = tempfile::tempdir()?;
    let place = TestVault::create(folder.path().join("place"))?;
    fs::create_dir(folder.path().join("disk"))?;
    need!(may_mount(&folder.path().join("disk"))?);
    let empty = kib_of(&place.vault)?;
    let mut kept = Vec::new();
    for room in [150, 500, 1200] {
        let small = SmallDisk::new(folder.path(), empty + room, &place.vault)?;
        let import = overread("--json --vault")
            .arg(&small.disk)
            .arg("import")
            .arg(&place.samples);
        import
            .under(&small.under)
            .run()?
            .failed_with("disk_full", "the disk is full")?;
        let after = TestVault {
            folder: place.folder.clone(),
            samples: place.samples.clone(),
            vault: small.after,
        };
        let status = after.json("vault status")?;
        assert_eq!(field(&status, "audit_intact"), true);
        let instances = field(&status, "instances").as_u64().ok_or("no count")?;
        kept.push(instances);
        let rest = after.call("import").arg(&after.samples).run()?.ended(0).json()?;
        assert_eq!(field(&rest, "already_there"), instances, "each that was taken is whole");
        after.is_whole_with(24)?;
    }
    assert!(kept.is_sorted() && kept[0] < kept[2] && kept[2] < 24, "{kept:?}");
    Ok(())
}

#[test]
fn an_analysis_onto_a_full_disk_stores_whole_analyses_only() -> Done {
    let folder = tempfile::tempdir()?;
    let place = TestVault::filled(folder.path().join("place"))?;
    fs::create_dir(folder.path().join("disk"))?;
    need!(may_mount(&folder.path().join("disk"))?);
    let small = SmallDisk::new(folder.path(), kib_of(&place.vault)? + 400, &place.vault)?;
    let analyze = overread("--json --vault")
        .arg(&small.disk)
        .args(["analyze", "--new", "--bundle", BUNDLE]);
    analyze
        .under(&small.under)
        .run()?
        .failed_with("disk_full", "the disk is full")?;
    let after = TestVault {
        folder: place.folder.clone(),
        samples: place.samples.clone(),
        vault: small.after,
    };
    after.is_whole_with(24)?;
    let rest = after
        .call("analyze --new --bundle")
        .arg(BUNDLE)
        .run()?
        .ended(0)
        .json()?;
    assert!(!each(&rest, "analyses").is_empty() && each(&rest, "failed").is_empty());
    let list = after.json("list")?;
    assert!(
        each(&list, "studies").iter().all(|study| study["score"].is_number()),
        "{list:#}"
    );
    Ok(())
}

#[test]
fn a_report_onto_a_full_disk_is_not_half_written() -> Done {
    let folder = tempfile::tempdir()?;
    let place = TestVault::create(folder.path().join("place"))?;
    place
        .call("import")
        .arg(place.samples.join("dicom/lesion-1"))
        .run()?
        .ended(0);
    let analyzed = place
        .call("analyze --new --bundle")
        .arg(BUNDLE)
        .run()?
        .ended(0)
        .json()?;
    assert_eq!(each(&analyzed, "analyses").len(), 9);
    let list = place.json("list")?;
    let study = text(&list, "studies/0/study_instance_uid");
    let exports_before = field(&place.json("vault status")?, "audit_rows").clone();

    let outside = folder.path().join("outside");
    fs::create_dir(&outside)?;
    let old = outside.join("report.pdf");
    fs::write(&old, "last week's report")?;
    for (format, name) in [("pdf", "report.pdf"), ("png", "new.png")] {
        let report = place
            .call("report --format")
            .arg(format)
            .arg("--out")
            .arg(outside.join(name))
            .arg(study);
        // Enough for what the database writes, too little for the images.
        report.with_largest_file(600).run()?.failed_with("disk_full", name)?;
    }
    assert_eq!(fs::read(&old)?, b"last week's report");
    assert_eq!(fs::read_dir(&outside)?.count(), 1);
    // Opening the vault three times is all that the audit has seen: no export that did not happen.
    let exports_after = field(&place.json("vault status")?, "audit_rows").as_u64();
    assert_eq!(exports_after, exports_before.as_u64().map(|rows| rows + 3));
    place.is_whole_with(9)?;

    fs::create_dir(folder.path().join("disk"))?;
    need!(may_mount(&folder.path().join("disk"))?);
    let small = SmallDisk::new(folder.path(), 300, &outside)?;
    let report = place.call("report --out").arg(small.disk.join("report.pdf")).arg(study);
    report
        .under(&small.under)
        .run()?
        .failed_with("disk_full", "report.pdf")?;
    assert_eq!(fs::read(small.after.join("report.pdf"))?, b"last week's report");
    assert_eq!(fs::read_dir(&small.after)?.count(), 1);
    Ok(())
}

#[test]
fn a_file_that_may_not_grow_is_not_half_written() -> Done {
    let folder = tempfile::tempdir()?;
    let scan = repository().join("sample-data/dicom/lesion-1/IM0005.dcm");
    let raw = folder.path().join("out.raw");
    let decode = overread("decode --json").arg(&scan).arg("--raw").arg(&raw);
    decode
        .with_largest_file(64)
        .run()?
        .failed_with("disk_full", "out.raw")?;
    let maps = folder.path().join("maps");
    let analyze = overread("analyze --json --bundle")
        .arg(BUNDLE)
        .arg(&scan)
        .arg("--maps")
        .arg(&maps);
    let ran = analyze.with_largest_file(1).run()?;
    ran.ended(1).input_failed_with(&scan, "disk_full", "map.png")?;
    assert_eq!(
        (fs::read_dir(&maps)?.count(), fs::read_dir(folder.path())?.count()),
        (0, 1)
    );
    Ok(())
}

#[test]
fn an_import_that_may_not_grow_leaves_the_vault_whole() -> Done {
    let folder = tempfile::tempdir()?;
    let place = TestVault::create(folder.path().join("place"))?;
    let import = place.call("import").arg(&place.samples).with_largest_file(100);
    import.run()?.failed_with("disk_full", "the disk is full")?;
    place.is_whole_with(0)?;
    place.call("import").arg(&place.samples).run()?.ended(0);
    place.is_whole_with(24)
}

#[test]
fn a_vault_is_not_half_made() -> Done {
    let folder = tempfile::tempdir()?;
    let vault = folder.path().join("vault");
    let create = || overread("--json vault create --vault").arg(&vault);
    let ran = create().with_largest_file(20).run()?;
    ran.ended(1)
        .error_is(text(&ran.json()?, "error/code"), "the vault's database")?;
    assert!(!vault.exists());
    create().run()?.ended(0);
    Ok(())
}
