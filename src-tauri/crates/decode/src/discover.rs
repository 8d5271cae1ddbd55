//! Which files lie under the paths that a person named, and what each of them is.

use std::{
    collections::BTreeSet,
    ffi::OsStr,
    path::{Path, PathBuf},
};

use domain::FailureCode;
use walkdir::WalkDir;

use crate::{
    DecodeError,
    other::describe,
    sniff::{Kind, sniff_file, storage_class},
};

/// What lies under the paths a person named. Every regular file is in exactly one of the lists.
#[derive(Debug, Default)]
pub struct Discovered {
    /// Files to decode: in the order named, folders sorted by path.
    pub files: Vec<PathBuf>,
    /// Files that hold other files, in the same order.
    pub archives: Vec<PathBuf>,
    /// Those of them that lie on a disc (a DICOMDIR, and DICOM files below it): parts of a viewer, in which a scan may
    /// lie all the same.
    pub of_a_disc: BTreeSet<PathBuf>,
    /// DICOMDIR files: each is the index of the folder that it lies in.
    pub indexes: Vec<PathBuf>,
    /// Files of a folder that are no scans, with what they are.
    pub other: Vec<(PathBuf, DecodeError)>,
    /// Paths that gave nothing, with the reason.
    pub failed: Vec<(PathBuf, DecodeError)>,
}

/// Lists the files to decode. A named file is always listed (decoding it says what is wrong with it);
/// of a folder, with all folders below it, only what begins like a supported format, and the rest as `other`.
/// Symbolic links inside a folder are not followed. A path that does not exist, and a folder without scans, are
/// entries of `failed`.
///
/// Where a folder is that of a disc (a DICOMDIR lies in it, and DICOM files below it), images of other formats below
/// it are `other`: a DICOMDIR names DICOM files alone (PS3.10 8.6), and such images are icons and pages of a viewer.
///
/// # Errors
/// `no_scans` when no path was named at all.
pub fn discover(paths: &[PathBuf]) -> Result<Discovered, DecodeError> {
    if paths.is_empty() {
        return Err(DecodeError::new(FailureCode::NoScans, "no file or folder was named"));
    }
    let mut found = Discovered::default();
    for path in paths {
        match std::fs::metadata(path) {
            Err(error) => {
                let what = format!("'{}'", path.display());
                found.failed.push((path.clone(), DecodeError::io(&what, &error)));
            }
            Ok(meta) if meta.is_dir() => discover_folder(path, &mut found),
            Ok(meta) => {
                // What cannot be looked into says why when it is decoded.
                let sniffed = if meta.is_file() { sniff_file(path).ok() } else { None };
                let (kind, head) = sniffed.unwrap_or_default();
                let archive = kind.is_some_and(Kind::is_archive);
                let of_class = kind == Some(Kind::Dicom);
                match path.file_name() {
                    Some(name) if of_class && is_index(name, kind, &head) => found.indexes.push(path.clone()),
                    // A damaged one says so when it is read.
                    Some(name) if meta.is_file() && !of_class && name.eq_ignore_ascii_case("DICOMDIR") => {
                        found.indexes.push(path.clone());
                    }
                    _ if archive && !is_compressed_volume(path) => found.archives.push(path.clone()),
                    _ => found.files.push(path.clone()),
                }
            }
        }
    }
    Ok(found)
}

/// The class of an index in the meta header of its file (PS3.6 A, Media Storage Directory Storage).
const INDEX_CLASS: &str = "1.2.840.10008.1.3.10";

/// Whether a file is the index of the files beside it (PS3.10 8.6): by the class that its meta header states, whatever
/// the file is called, for copies lose its name; by the name where no class is stated.
pub fn is_index(name: &OsStr, kind: Option<Kind>, head: &[u8]) -> bool {
    match storage_class(head) {
        Some(class) if kind == Some(Kind::Dicom) => class == INDEX_CLASS,
        _ => is_index_name(name),
    }
}

/// Whether a file of this name may be such an index before anything of it was read: `DICOMDIR`, with the version or the
/// dot of a disc, an ending, or the number of a copy.
pub fn is_index_name(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    let stem = name.split([';', '.', ' ', '(', '_', '-']).next().unwrap_or_default();
    stem.eq_ignore_ascii_case("DICOMDIR")
}

/// Whether gzip holds a volume by the file's name; its content is asked of the child.
pub fn is_compressed_volume(path: &Path) -> bool {
    path.as_os_str()
        .to_string_lossy()
        .to_ascii_lowercase()
        .ends_with(".nii.gz")
}

/// Why a picture file on a disc is not taken.
pub fn not_of_the_disc(what: &str) -> DecodeError {
    DecodeError::new(
        FailureCode::NotAnImage,
        format!("{what} is not named by the disc's DICOMDIR: an icon, a page or a part of its viewer, not a scan"),
    )
}

fn discover_folder(folder: &Path, found: &mut Discovered) {
    let before = (found.files.len(), found.failed.len(), found.archives.len());
    // Of each file, whether it is an image of no DICOM format.
    let mut pictures = vec![];
    let mut programs = vec![];
    for entry in WalkDir::new(folder).sort_by_file_name() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let path = error.path().unwrap_or(folder).to_owned();
                let what = format!("'{}'", path.display());
                let io = error
                    .into_io_error()
                    .unwrap_or_else(|| std::io::Error::other("the folders form a loop"));
                found.failed.push((path, DecodeError::io(&what, &io)));
                continue;
            }
        };
        let (kind, path) = (entry.file_type(), entry.path());
        if kind.is_dir() {
            continue;
        }
        if !kind.is_file() {
            let what = if kind.is_symlink() {
                "a link, which is not followed"
            } else {
                "not a regular file"
            };
            found
                .other
                .push((path.to_owned(), no_image(path, &format!("it is {what}"))));
            continue;
        }
        match sniff_file(path) {
            Ok((kind @ Some(Kind::Dicom), head)) if is_index(entry.file_name(), kind, &head) => {
                found.indexes.push(entry.into_path());
            }
            Ok((Some(kind), _)) if kind.is_archive() && !is_compressed_volume(path) => {
                programs.push(kind == Kind::SelfExtracting);
                found.archives.push(entry.into_path());
            }
            Ok((Some(kind), _)) => {
                pictures.push(kind.is_picture());
                found.files.push(entry.into_path());
            }
            Ok((None, head)) => {
                let name = entry.file_name().to_string_lossy();
                let error = match head.is_empty() {
                    true => empty(&format!("the file '{name}'")),
                    false => no_image(path, &describe(&name, &head)),
                };
                found.other.push((entry.into_path(), error));
            }
            Err(error) => {
                let what = format!("'{}'", entry.path().display());
                found.failed.push((entry.into_path(), DecodeError::io(&what, &error)));
            }
        }
    }
    if before == (found.files.len(), found.failed.len(), found.archives.len()) {
        let message = format!(
            "the folder '{}' holds no scans: {READ_FORMATS} are read, and no file in it is one of these",
            folder.display()
        );
        found
            .failed
            .push((folder.to_owned(), DecodeError::new(FailureCode::NoScans, message)));
    }
    leave_out_viewers((before.0, &pictures), (before.2, &programs), found);
}

/// Formats that are read, in words.
pub const READ_FORMATS: &str =
    "DICOM, PNG, JPEG, JPEG-LS, JPEG 2000, JPEG XL, TIFF, BMP, WebP, NIfTI, NRRD and MetaImage";

/// Images and programs on a disc, of which its index knows nothing: from the first file and archive of the folder on,
/// whether each is one. Other archives are opened, for a scan may lie in one, and are marked as a part of the disc.
fn leave_out_viewers(
    (first_file, pictures): (usize, &[bool]),
    (first_archive, programs): (usize, &[bool]),
    found: &mut Discovered,
) {
    let files = found.files.split_off(first_file);
    let archives = found.archives.split_off(first_archive);
    let discs: Vec<PathBuf> = found
        .indexes
        .iter()
        .filter_map(|index| index.parent().map(Path::to_owned))
        .collect();
    let of_a_disc = |path: &Path| discs.iter().find(|disc| path.starts_with(disc));
    // A DICOMDIR without any of its files is no disc.
    let real: Vec<&PathBuf> = files
        .iter()
        .zip(pictures)
        .filter(|(_, picture)| !**picture)
        .filter_map(|(path, _)| of_a_disc(path))
        .collect();
    let of_a_viewer = |path: &Path| of_a_disc(path).is_some_and(|disc| real.contains(&disc));
    for (found_in, flags, kept) in [
        (&files, pictures, &mut found.files),
        (&archives, programs, &mut found.archives),
    ] {
        for (path, flag) in found_in.iter().zip(flags) {
            if *flag && of_a_viewer(path) {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                found
                    .other
                    .push((path.clone(), not_of_the_disc(&format!("the file '{name}'"))));
            } else {
                kept.push(path.clone());
            }
        }
    }
    let kept = found.archives.iter().skip(first_archive);
    found.of_a_disc.extend(kept.filter(|path| of_a_viewer(path)).cloned());
}

fn no_image(path: &Path, what: &str) -> DecodeError {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    DecodeError::new(
        FailureCode::NotAnImage,
        format!("the file '{name}' is not taken: {what}"),
    )
}

/// What is said of a file without content.
pub fn empty(what: &str) -> DecodeError {
    let message = format!("{what} is empty (0 bytes); copy it again from its source");
    DecodeError::new(FailureCode::EmptyFile, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::error::Error;

    fn dicom_head() -> Vec<u8> {
        [vec![0; 128], b"DICM".to_vec()].concat()
    }

    #[test]
    fn a_folder_gives_its_scans_sorted_and_nothing_else() -> Result<(), Box<dyn Error>> {
        let dir = tempfile::tempdir()?;
        let inner = dir.path().join("a").join("deep");
        std::fs::create_dir_all(&inner)?;
        std::fs::write(inner.join("2"), dicom_head())?;
        std::fs::write(dir.path().join("b.txt"), b"\x89PNG\r\n\x1a\n")?;
        std::fs::write(dir.path().join("note.dcm"), "only text")?;
        std::fs::write(dir.path().join("DICOMDIR"), dicom_head())?;
        std::os::unix::fs::symlink(dir.path(), dir.path().join("loop"))?;
        let found = discover(&[dir.path().to_owned()])?;
        // The image lies on a disc whose index does not name it.
        assert_eq!(found.files, [inner.join("2")]);
        assert_eq!(found.indexes, [dir.path().join("DICOMDIR")]);
        assert!(found.failed.is_empty(), "{:?}", found.failed);
        let other: Vec<_> = found.other.iter().map(|(path, e)| (path.clone(), e.code)).collect();
        let named = |name: &str| (dir.path().join(name), FailureCode::NotAnImage);
        assert_eq!(other, [named("loop"), named("note.dcm"), named("b.txt")]);
        Ok(())
    }

    /// The head of a file whose meta header states this class.
    fn of_class(class: &str) -> Vec<u8> {
        let padded = format!("{class}{}", if class.len() % 2 == 1 { "\0" } else { "" });
        let mut head = [dicom_head(), b"\x02\0\0\0UL\x04\0\x50\0\0\0".to_vec()].concat();
        head.extend(b"\x02\0\x01\0OB\0\0\x02\0\0\0\0\x01\x02\0\x02\0UI");
        head.extend([padded.len() as u8, 0]);
        head.extend(padded.bytes());
        head
    }

    #[test]
    fn an_index_is_known_by_its_class_and_by_its_name_where_none_is_stated() -> Result<(), Box<dyn Error>> {
        let index = of_class("1.2.840.10008.1.3.10");
        let scan = of_class("1.2.840.10008.5.1.4.1.1.2");
        let names = [
            "DICOMDIR",
            "dicomdir",
            "DICOMDIR;1",
            "DICOMDIR.",
            "DICOMDIR.;1",
            "DICOMDIR.DCM",
            "DICOMDIR (1)",
            "Dicomdir_2",
            "INDEX",
            "x.dcm",
            "DICOMDIRECTORY",
        ];
        for (place, name) in names.iter().enumerate() {
            for (head, is) in [(&index, true), (&scan, false), (&dicom_head(), place < 8)] {
                let dir = tempfile::tempdir()?;
                let path = dir.path().join(name);
                std::fs::write(&path, head)?;
                let wanted = if is { vec![path.clone()] } else { vec![] };
                assert_eq!(discover(&[dir.path().to_owned()])?.indexes, wanted, "{name}");
                assert_eq!(discover(&[path])?.indexes, wanted, "{name}, named");
            }
            assert_eq!(is_index_name(name.as_ref()), place < 8, "{name}");
        }
        Ok(())
    }

    #[test]
    fn archives_on_a_disc_are_marked_as_a_part_of_it() -> Result<(), Box<dyn Error>> {
        for (index, scan, of_a_disc) in [(true, true, true), (true, false, false), (false, true, false)] {
            let dir = tempfile::tempdir()?;
            std::fs::create_dir_all(dir.path().join("viewer/bundle"))?;
            if index {
                std::fs::write(dir.path().join("DICOMDIR"), dicom_head())?;
            }
            if scan {
                std::fs::write(dir.path().join("IM1"), dicom_head())?;
            }
            let archive = dir.path().join("viewer/bundle/core.jar");
            std::fs::write(&archive, b"PK\x03\x04")?;
            let found = discover(&[dir.path().to_owned()])?;
            assert_eq!(found.archives, [archive]);
            assert_eq!(found.of_a_disc.len(), usize::from(of_a_disc), "{index} {scan}");
        }
        Ok(())
    }

    #[test]
    fn without_files_of_its_own_an_index_is_no_disc() -> Result<(), Box<dyn Error>> {
        let dir = tempfile::tempdir()?;
        std::fs::write(dir.path().join("b.png"), b"\x89PNG\r\n\x1a\n")?;
        std::fs::write(dir.path().join("DICOMDIR"), dicom_head())?;
        std::fs::write(dir.path().join("empty.dcm"), b"")?;
        std::fs::write(dir.path().join("a.zip"), b"PK\x03\x04")?;
        let found = discover(&[dir.path().to_owned()])?;
        assert_eq!(found.files, [dir.path().join("b.png")]);
        assert_eq!(found.archives, [dir.path().join("a.zip")]);
        let codes: Vec<_> = found.other.iter().map(|(_, e)| e.code).collect();
        assert_eq!(codes, [FailureCode::EmptyFile]);
        Ok(())
    }

    #[test]
    fn what_gives_nothing_is_said() -> Result<(), Box<dyn Error>> {
        let dir = tempfile::tempdir()?;
        std::fs::write(dir.path().join("note.dcm"), "only text")?;
        let missing = dir.path().join("missing.dcm");
        let named = dir.path().join("note.dcm");
        let found = discover(&[dir.path().to_owned(), missing.clone(), named.clone()])?;
        assert_eq!(found.files, [named]);
        let codes: Vec<_> = found.failed.iter().map(|(path, e)| (path.clone(), e.code)).collect();
        assert_eq!(
            codes,
            [
                (dir.path().to_owned(), FailureCode::NoScans),
                (missing, FailureCode::FileNotFound)
            ]
        );
        assert!(discover(&[]).is_err_and(|e| e.code == FailureCode::NoScans));
        Ok(())
    }
}
