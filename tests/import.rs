//! Folders, discs and archives as people hand them over: every file is counted once, and persons stay apart.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use needs::{data, need};
use overread_tests::{Done, Outcome, TestVault, each, field, overread, repository, scratch, text};
use serde_json::Value;

fn vault(name: &str) -> Outcome<TestVault> {
    let folder = scratch(env!("CARGO_TARGET_TMPDIR"), &format!("import_{name}"))?;
    let made = TestVault {
        samples: folder.join("samples"),
        vault: folder.join("vault"),
        folder,
    };
    made.call("vault create").run()?.ended(0);
    Ok(made)
}

/// Three slices of one study.
fn slices() -> Outcome<Vec<PathBuf>> {
    let mut all = vec![];
    for study in fs::read_dir(repository().join("sample-data/dicom"))? {
        let files = fs::read_dir(study?.path())?.map(|entry| entry.map(|entry| entry.path()));
        all.push(files.collect::<Result<Vec<PathBuf>, _>>()?);
    }
    all.sort();
    let mut slices = all
        .into_iter()
        .find(|study| study.len() >= 3)
        .ok_or("no study of three slices")?;
    slices.sort();
    slices.truncate(3);
    Ok(slices)
}

/// How many files each list holds: taken, already there, without an image, not taken.
fn counts(answer: &Value) -> [u64; 4] {
    let number = |name: &str| answer[name].as_u64().unwrap_or(u64::MAX);
    let list = |name: &str| each(answer, name).len() as u64;
    [
        number("imported"),
        number("already_there"),
        list("no_image"),
        list("failed"),
    ]
}

fn codes(answer: &Value) -> Vec<(String, String)> {
    let name = |one: &Value| text(one, "file").rsplit('/').next().unwrap_or_default().to_owned();
    let mut codes: Vec<_> = each(answer, "failed")
        .iter()
        .map(|one| (name(one), text(one, "code").to_owned()))
        .collect();
    codes.sort();
    codes
}

fn all_of(folder: &Path) -> Outcome<u64> {
    let mut count = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        count += if entry.file_type()?.is_dir() {
            all_of(&entry.path())?
        } else {
            1
        };
    }
    Ok(count)
}

/// What lies beside scans, in every kind that is told apart.
fn beside(folder: &Path) -> Done {
    fs::create_dir_all(folder.join("deep/er"))?;
    for (name, bytes) in [
        ("notes.txt", &b"Findings: none.\n"[..]),
        ("deep/letter.pdf", b"%PDF-1.7\n"),
        ("deep/VIEWER.EXE", b"MZ\x90\0\x03"),
        ("deep/er/Thumbs.db", b"\xd0\xcf\x11\xe0"),
        ("noise", b"\x01\x02\x00\x09\xfe"),
        ("zeros.dcm", &[0; 400]),
        ("empty.dcm", b""),
    ] {
        fs::write(folder.join(name), bytes)?;
    }
    Ok(())
}

#[test]
fn every_file_of_a_folder_is_in_one_list() -> Done {
    let test = vault("folder")?;
    let folder = test.folder.join("mixed");
    beside(&folder)?;
    for (number, slice) in slices()?.iter().enumerate() {
        fs::copy(slice, folder.join(format!("IM{number}")))?;
    }
    fs::copy(folder.join("IM0"), folder.join("deep/again"))?;
    let whole = fs::read(folder.join("IM1"))?;
    fs::write(folder.join("deep/cut"), &whole[..whole.len() / 2])?;
    std::os::unix::fs::symlink("/etc/passwd", folder.join("link.dcm"))?;
    let answer = test.call("import").arg(&folder).run()?.ended(3).json()?;
    assert_eq!(counts(&answer), [3, 1, 0, 9], "{answer}");
    assert_eq!(counts(&answer).iter().sum::<u64>(), all_of(&folder)?);
    let of = |name: &str, code: &str| (name.to_owned(), code.to_owned());
    assert_eq!(
        codes(&answer),
        [
            of("Thumbs.db", "not_an_image"),
            of("VIEWER.EXE", "not_an_image"),
            of("cut", "truncated"),
            of("empty.dcm", "empty_file"),
            of("letter.pdf", "not_an_image"),
            of("link.dcm", "not_an_image"),
            of("noise", "not_an_image"),
            of("notes.txt", "not_an_image"),
            of("zeros.dcm", "not_an_image"),
        ]
    );
    // What lies beside the scans alone is no failure.
    for gone in ["deep/cut", "empty.dcm"] {
        fs::remove_file(folder.join(gone))?;
    }
    let again = test.call("import").arg(&folder).run()?.ended(0).json()?;
    assert_eq!(counts(&again), [0, 4, 0, 7], "{again}");
    Ok(())
}

/// A TAR archive by the system's own program.
fn tar_of(folder: &Path, archive: &Path, options: &str) -> Done {
    let made = Command::new("tar")
        .arg(options)
        .arg(archive)
        .arg("-C")
        .arg(folder)
        .arg(".")
        .status()?;
    assert!(made.success());
    Ok(())
}

#[test]
fn archives_within_archives_count_as_their_files_do() -> Done {
    let test = vault("archive")?;
    let inner = test.folder.join("inner");
    beside(&inner)?;
    for (number, slice) in slices()?.iter().enumerate() {
        fs::copy(slice, inner.join(format!("IM{number}")))?;
    }
    let files = all_of(&inner)?;
    let mut last = inner;
    for level in 1..=4 {
        let outer = test.folder.join(format!("outer{level}"));
        fs::create_dir_all(&outer)?;
        let archive = outer.join(format!("level{level}.tar.gz"));
        tar_of(&last, &archive, "-czf")?;
        let vault = self::vault(&format!("archive_{level}"))?;
        let answer = vault.call("import").arg(&archive).run()?.json()?;
        if level <= 3 {
            assert_eq!(counts(&answer), [3, 0, 0, files - 3], "{level}: {answer}");
            assert_eq!(each(&answer, "also_read").len(), level, "{level}: {answer}");
        } else {
            assert_eq!(counts(&answer), [0, 0, 0, 1], "{level}: {answer}");
            let said = text(&each(&answer, "failed")[0], "message");
            assert!(said.contains("within 3 others"), "{said}");
        }
        last = outer;
    }
    Ok(())
}

#[test]
fn an_archive_that_grows_beyond_all_bounds_is_given_up() -> Done {
    let test = vault("bomb")?;
    let folder = test.folder.join("zeros");
    fs::create_dir_all(&folder)?;
    let mut gzip = flate2::write::GzEncoder::new(vec![], flate2::Compression::best());
    let zeros = vec![0; 16 << 20];
    for _ in 0..80 {
        gzip.write_all(&zeros)?;
    }
    let bomb = gzip.finish()?;
    for name in ["a.gz", "b.gz"] {
        fs::write(folder.join(name), &bomb)?;
    }
    let archive = test.folder.join("bomb.tar");
    tar_of(&folder, &archive, "-cf")?;
    let answer = test.call("import").arg(&archive).run()?.ended(1).json()?;
    assert_eq!(field(&answer, "imported"), 0);
    let said = each(&answer, "failed")
        .iter()
        .map(|one| text(one, "code"))
        .collect::<Vec<_>>();
    assert!(said.contains(&"limit_exceeded"), "{answer}");
    test.is_whole_with(0)
}

/// A file of which nobody knows that it is right is not taken: the checksum of a TAR in gzip stands behind its members.
#[test]
fn nothing_is_taken_of_an_archive_or_a_volume_whose_checksum_is_wrong() -> Done {
    let test = vault("checksum")?;
    let inner = test.folder.join("inner");
    fs::create_dir_all(&inner)?;
    for (number, slice) in slices()?.iter().enumerate() {
        fs::copy(slice, inner.join(format!("IM{number}")))?;
    }
    let archive = test.folder.join("slices.tar.gz");
    tar_of(&inner, &archive, "-czf")?;
    let mut bytes = fs::read(&archive)?;
    let checksum = bytes.len() - 8;
    bytes[checksum] ^= 1;
    fs::write(&archive, &bytes)?;
    let mut volume = b"NRRD0004\ntype: uchar\ndimension: 3\nsizes: 8 8 4\nencoding: gzip\n\n".to_vec();
    let mut gzip = flate2::write::GzEncoder::new(&mut volume, flate2::Compression::fast());
    gzip.write_all(&[7; 256])?;
    gzip.finish()?;
    let checksum = volume.len() - 8;
    volume[checksum] ^= 1;
    let file = test.folder.join("volume.nrrd");
    fs::write(&file, &volume)?;
    for path in [&archive, &file] {
        let answer = test.call("import").arg(path).run()?.ended(1).json()?;
        assert_eq!(counts(&answer), [0, 0, 0, 1], "{answer}");
        let [(_, code)] = &codes(&answer)[..] else {
            return Err(format!("{answer}").into());
        };
        assert_eq!(code, "corrupt", "{answer}");
    }
    test.is_whole_with(0)
}

#[test]
fn an_image_without_a_patient_is_given_one_or_counted() -> Done {
    let test = vault("patient")?;
    overread("samples").arg(&test.samples).run()?.ended(0);
    let picture = fs::read_dir(&test.samples)?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .find(|path| path.extension().is_some_and(|end| end == "png"));
    let picture = match picture {
        Some(picture) => picture,
        None => {
            let path = test.folder.join("scan.png");
            let grey = test.folder.join("grey.raw");
            overread("decode")
                .arg(&slices()?[0])
                .arg("--raw")
                .arg(&grey)
                .arg("--png")
                .arg(&path)
                .run()?
                .ended(0);
            path
        }
    };
    let answer = test.call("import").arg(&picture).run()?.ended(0).json()?;
    assert_eq!((&answer["imported"], &answer["nameless"]), (&1.into(), &1.into()));
    let other = vault("patient_given")?;
    let answer = other
        .call("import --patient 0042 --patient-name Doe^Anna")
        .arg(&picture)
        .run()?
        .ended(0)
        .json()?;
    assert_eq!((&answer["imported"], &answer["nameless"]), (&1.into(), &0.into()));
    let listed = other.json("list")?;
    let study = each(&listed, "studies").first().ok_or("no study")?;
    assert_eq!(
        (text(study, "patient_id"), text(study, "patient_name")),
        ("0042", "Doe^Anna")
    );
    other.call("import --patient-name Doe^Anna x.png").run()?.ended(2);
    Ok(())
}

#[test]
fn a_header_is_read_with_its_data_and_not_without() -> Done {
    let test = vault("header")?;
    let folder = test.folder.join("volume");
    fs::create_dir_all(&folder)?;
    let head = "ObjectType = Image\nNDims = 3\nDimSize = 8 8 4\nElementType = MET_UCHAR\nOffset = 0 0 0\n\
                ElementSpacing = 1 1 2\nElementDataFile = a.raw\n";
    fs::write(folder.join("a.mhd"), head)?;
    let missing = test.call("import").arg(&folder).run()?.ended(1).json()?;
    assert!(
        text(&each(&missing, "failed")[0], "message").contains("a.raw"),
        "{missing}"
    );
    let voxels: Vec<u8> = (0..=255).collect();
    fs::write(folder.join("a.raw"), voxels)?;
    let answer = test.call("import").arg(&folder).run()?.ended(0).json()?;
    assert_eq!(counts(&answer), [1, 0, 0, 0], "{answer}");
    assert_eq!(each(&answer, "also_read").len(), 1, "{answer}");
    let shown = overread("decode --json")
        .arg(folder.join("a.mhd"))
        .run()?
        .ended(0)
        .json()?;
    assert_eq!(text(&shown, "shape"), "4x8x8");
    let again = test.call("import").arg(&folder).run()?.ended(0).json()?;
    assert_eq!(counts(&again), [0, 1, 0, 0], "{again}");
    Ok(())
}

/// Copies of a disc get an ending, and files beside that its index does not name: the first are what it names, the others
/// are taken and told.
#[test]
fn a_disc_is_what_its_index_names_and_more_is_told() -> Done {
    let pack = need!(data("cases"));
    let vault = vault("disc")?;
    let disc = vault.folder.join("disc");
    let copied = Command::new("cp")
        .arg("-r")
        .args([pack.join("files/k5-dicomdir-whole"), disc.clone()])
        .status()?;
    assert!(copied.success());
    let series = disc.join("PT000000/ST000000/SE000000");
    for name in ["IM000000", "IM000001"] {
        fs::rename(series.join(name), series.join(format!("{name}.DCM")))?;
    }
    fs::create_dir_all(disc.join("VIEWER/DEMO"))?;
    fs::copy(&slices()?[0], disc.join("VIEWER/DEMO/9.dcm"))?;
    let zip = vault.folder.join("disc.zip");
    zip_of(&[&disc], &zip)?;
    for (from, vault) in [(&disc, &vault), (&zip, &self::vault("disc_zip")?)] {
        let answer = vault.call("import").arg(from).run()?.ended(0).json()?;
        assert_eq!(counts(&answer), [3, 0, 0, 0], "{answer:#}");
        let told: Vec<&str> = each(&answer, "notes")
            .iter()
            .filter(|note| text(note, "message").contains("DICOMDIR beside it does not name"))
            .map(|note| text(note, "file"))
            .collect();
        assert!(told.len() == 1 && told[0].ends_with("9.dcm"), "{told:?}");
    }
    Ok(())
}

/// What an index names is there where its instance was read, whatever the file is called; where the index takes a file
/// for another instance, that is told.
#[test]
fn files_of_a_disc_are_known_by_their_instance() -> Done {
    let pack = need!(data("cases"));
    const SERIES: &str = "PT000000/ST000000/SE000000";
    for (name, counted, told) in [
        ("moved", [2, 0, 0, 0], 0),
        ("lower", [2, 0, 0, 0], 0),
        ("swapped", [2, 0, 0, 0], 2),
        ("gone", [1, 0, 0, 1], 0),
    ] {
        let folder = vault(&format!("instances_{name}"))?.folder;
        let disc = folder.join("disc");
        let copied = Command::new("cp")
            .arg("-r")
            .args([pack.join("files/k5-dicomdir-whole"), disc.clone()])
            .status()?;
        assert!(copied.success());
        let series = disc.join(SERIES);
        let [first, second] = ["IM000000", "IM000001"].map(|file| series.join(file));
        match name {
            "moved" => {
                fs::rename(&first, disc.join("a.dcm"))?;
                fs::rename(&second, series.join("b"))?;
            }
            "lower" => {
                fs::rename(&first, series.join("im000000.dcm"))?;
                fs::rename(disc.join("PT000000"), disc.join("pt000000"))?;
            }
            "swapped" => {
                fs::rename(&first, series.join("other"))?;
                fs::rename(&second, &first)?;
                fs::rename(series.join("other"), &second)?;
            }
            _ => fs::remove_file(&first)?,
        }
        let zip = folder.join("disc.zip");
        zip_of(&[&disc], &zip)?;
        let mut ways = vec![disc.clone(), zip];
        if name != "moved" {
            // An index alone finds what lies where it says.
            ways.push(disc.join("DICOMDIR"));
        }
        for (number, from) in ways.iter().enumerate() {
            let vault = vault(&format!("instances_{name}_{number}"))?;
            let answer = vault.call("import").arg(from).run()?.json()?;
            assert_eq!(counts(&answer), counted, "{}: {answer:#}", from.display());
            let notes = each(&answer, "notes").iter();
            let another = notes.filter(|note| text(note, "message").contains("is another instance"));
            assert_eq!(another.count(), told, "{answer:#}");
        }
    }
    Ok(())
}

fn zip_of(files: &[&Path], archive: &Path) -> Done {
    let zipped = Command::new("python3")
        .args(["-m", "zipfile", "-c"])
        .arg(archive)
        .args(files)
        .status()?;
    assert!(zipped.success());
    Ok(())
}

/// Icons in a viewer's own archives are parts of it wherever the archive lies; a DICOM file among them is taken and told.
/// An index is one whatever a copy of it is called.
#[test]
fn icons_in_the_archives_of_a_viewer_are_no_scans() -> Done {
    let pack = need!(data("cases"));
    for (name, index) in [("jar", "DICOMDIR"), ("odd", "DICOMDIR;1"), ("other", "INDEX.DCM")] {
        let made = vault(&format!("viewer_{name}"))?;
        let disc = made.folder.join("disc");
        let copied = Command::new("cp")
            .arg("-r")
            .args([pack.join("files/k5-dicomdir-whole"), disc.clone()])
            .status()?;
        assert!(copied.success());
        fs::rename(disc.join("DICOMDIR"), disc.join(index))?;
        fs::create_dir_all(disc.join("viewer/bundle"))?;
        let icon = repository().join("sample-data/png/lesion-01.png");
        let inner = made.folder.join("inner.zip");
        zip_of(&[&icon], &inner)?;
        zip_of(&[&icon, &slices()?[0], &inner], &disc.join("viewer/bundle/core.jar"))?;
        let zip = made.folder.join("disc.zip");
        zip_of(&[&disc], &zip)?;
        let other = vault(&format!("viewer_{name}_zip"))?;
        for (from, vault) in [(&disc, &made), (&zip, &other)] {
            let answer = vault.call("import").arg(from).run()?.ended(0).json()?;
            assert_eq!(counts(&answer), [3, 0, 0, 2], "{index}: {answer:#}");
            assert!(
                codes(&answer).iter().all(|(_, code)| code == "not_an_image"),
                "{answer:#}"
            );
            let told = |note: &&Value| text(note, "message").contains("DICOMDIR beside it does not name");
            assert_eq!(each(&answer, "notes").iter().filter(told).count(), 1, "{answer:#}");
        }
    }
    Ok(())
}

/// Padding behind the data set (PS3.10 7.2) is no other content; another value is, wherever it stands.
#[test]
fn a_copy_that_another_program_wrote_is_there_already() -> Done {
    let test = vault("copies")?;
    let own = fs::read(&slices()?[0])?;
    let padded = |bytes: usize| -> Vec<u8> {
        let mut copy = own.clone();
        copy.extend(b"\xfc\xff\xfc\xffOB\0\0");
        copy.extend((bytes as u32).to_le_bytes());
        copy.resize(copy.len() + bytes, 0);
        copy
    };
    let mut other = own.clone();
    let last = other.len() - 2;
    other[last] ^= 1;
    let folder = test.folder.join("copies");
    fs::create_dir_all(&folder)?;
    for (name, bytes) in [("1", &own), ("2", &padded(2)), ("3", &padded(200)), ("4", &other)] {
        fs::write(folder.join(name), bytes)?;
    }
    // Together with the first one, and when it is there.
    for first in [1, 0] {
        let answer = test.call("import").arg(&folder).run()?.json()?;
        assert_eq!(counts(&answer), [first, 3 - first, 0, 1], "{answer:#}");
        assert_eq!(codes(&answer), [("4".to_owned(), "uid_conflict".to_owned())]);
    }
    Ok(())
}

#[test]
fn links_are_not_followed_and_endings_are_not_believed() -> Done {
    let test = vault("links")?;
    let folder = test.folder.join("links");
    fs::create_dir_all(&folder)?;
    fs::write(test.folder.join("secret.raw"), [7; 128])?;
    std::os::unix::fs::symlink(test.folder.join("secret.raw"), folder.join("a.raw"))?;
    std::os::unix::fs::symlink(&test.folder, folder.join("out"))?;
    let head = "ObjectType = Image\nNDims = 2\nDimSize = 8 8\nElementType = MET_SHORT\nElementDataFile = ";
    for (name, data) in [("a.mhd", "a.raw"), ("b.mhd", "out/secret.raw")] {
        fs::write(folder.join(name), format!("{head}{data}\n"))?;
        let ran = overread("decode --json").arg(folder.join(name)).run()?;
        ran.failed_with("unsupported", name)?;
    }
    let answer = test.call("import").arg(&folder).run()?.ended(1).json()?;
    assert_eq!(counts(&answer), [0, 0, 0, 4], "{answer:#}");
    assert_eq!(each(&answer, "also_read").len(), 0);
    // A DICOM file that is packed and called a volume.
    let packed = Command::new("gzip").arg("-c").arg(&slices()?[0]).output()?;
    let volume = folder.join("volume.nii.gz");
    fs::write(&volume, packed.stdout)?;
    let answer = test.call("import").arg(&volume).run()?.ended(0).json()?;
    assert_eq!(counts(&answer), [1, 0, 0, 0], "{answer:#}");
    Ok(())
}
