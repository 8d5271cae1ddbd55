//! What a written set holds, and what writing never does.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use dicom_dictionary_std::{tags, uids};
use domain::{SourceFormat, Uid};
use samples::label::{LABEL_VALUE, label_pixels};
use samples::{CaseSpec, Manifest, SampleEntry, SampleSet, SamplesError, read_manifest, volume, write_set};
use sha2::{Digest, Sha256};

type Outcome = Result<(), Box<dyn Error>>;

/// Every file below `dir` relative to it, ordered.
fn files_below(dir: &Path) -> Result<Vec<PathBuf>, std::io::Error> {
    let (mut found, mut folders) = (Vec::new(), vec![dir.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(dir).map(Path::to_owned).unwrap_or(path));
            }
        }
    }
    found.sort();
    Ok(found)
}

fn sha256(path: &Path) -> Result<String, std::io::Error> {
    Ok(Sha256::digest(fs::read(path)?)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

fn grey(dir: &Path, entry: &SampleEntry) -> Result<Vec<u16>, Box<dyn Error>> {
    let path = dir.join(&entry.file);
    if entry.format == SourceFormat::Dicom {
        let object = dicom_object::open_file(path)?;
        return Ok(object.element(tags::PIXEL_DATA)?.to_multi_int()?);
    }
    if entry.format == SourceFormat::Tiff {
        return tiff(&fs::read(path)?).ok_or_else(|| format!("{} is no TIFF of one strip", entry.file).into());
    }
    Ok(match image::open(path)? {
        image::DynamicImage::ImageLuma8(picture) => picture.into_raw().into_iter().map(|v| u16::from(v) << 4).collect(),
        image::DynamicImage::ImageLuma16(picture) => picture.into_raw(),
        other => return Err(format!("{} holds {:?}", entry.file, other.color()).into()),
    })
}

/// The samples of a little endian TIFF whose 16-bit values lie in strips that follow each other (TIFF 6.0, sections 2, 3).
fn tiff(bytes: &[u8]) -> Option<Vec<u16>> {
    let short = |at: usize| bytes[at..].first_chunk().map(|b| u16::from_le_bytes(*b));
    let long = |at: usize| bytes[at..].first_chunk().map(|b| u32::from_le_bytes(*b) as usize);
    let directory = long(4)?;
    let entry = |tag: u16| {
        let mut entries = (0..usize::from(short(directory)?)).map(|one| directory + 2 + 12 * one);
        entries.find(|at| short(*at) == Some(tag))
    };
    let value = |tag: u16| match short(entry(tag)? + 2)? {
        3 => short(entry(tag)? + 8).map(usize::from),
        _ => long(entry(tag)? + 8),
    };
    let strips = long(entry(273)? + 4)?;
    let first = if strips == 1 { value(273)? } else { long(value(273)?)? };
    let samples = value(256)? * value(257)?;
    (value(259)? == 1 && value(258)? == 16).then_some(())?;
    let words = bytes.get(first..first + 2 * samples)?.as_chunks().0;
    Some(words.iter().map(|word| u16::from_le_bytes(*word)).collect())
}

fn check_listing(dir: &Path, manifest: &Manifest) -> Outcome {
    let mut listed: Vec<PathBuf> = manifest
        .samples
        .iter()
        .map(|entry| PathBuf::from(&entry.file))
        .collect();
    listed.push("manifest.json".into());
    listed.sort();
    assert_eq!(files_below(dir)?, listed);
    for entry in &manifest.samples {
        assert_eq!(sha256(&dir.join(&entry.file))?, entry.sha256, "{}", entry.file);
        assert_eq!(entry.lesion, entry.lesion_px > 0, "{}", entry.file);
        assert_eq!(entry.lesion, entry.lesion_box.is_some(), "{}", entry.file);
    }
    Ok(())
}

#[test]
fn the_small_set_is_listed_labelled_and_small() -> Outcome {
    let folder = tempfile::tempdir()?;
    let manifest = write_set(folder.path(), SampleSet::Small)?;
    check_listing(folder.path(), &manifest)?;
    assert_eq!(read_manifest(folder.path())?, Some(manifest.clone()));

    let mut total = 0;
    for file in files_below(folder.path())? {
        total += fs::metadata(folder.path().join(file))?.len();
    }
    assert!(total < 3_000_000, "{total} bytes");

    for entry in &manifest.samples {
        let bytes = fs::read(folder.path().join(&entry.file))?;
        let says_so = bytes.windows(17).any(|part| part == b"Synthetic phantom");
        assert!(
            says_so,
            "the header of {} does not say that it is synthetic",
            entry.file
        );
        let values = grey(folder.path(), entry)?;
        assert_eq!(values.len(), 256 * 256, "{}", entry.file);
        let letters = label_pixels(256, 256);
        assert!(
            letters
                .iter()
                .all(|(x, y)| values[(y * 256 + x) as usize] >= LABEL_VALUE),
            "{}",
            entry.file
        );
        // Around the letters the ground is dark, or nobody could read them.
        assert!(
            values[(241 * 256)..(242 * 256)]
                .iter()
                .all(|value| *value < LABEL_VALUE),
            "{}",
            entry.file
        );
    }
    let with_lesion = manifest.samples.iter().filter(|entry| entry.lesion).count();
    assert!(
        with_lesion >= 5 && manifest.samples.len() - with_lesion >= 5,
        "{with_lesion} with a lesion"
    );
    Ok(())
}

#[test]
fn a_second_run_leaves_the_same_bytes_and_the_full_set_has_ten_of_either_kind() -> Outcome {
    let (first, second) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let manifest = write_set(first.path(), SampleSet::Full)?;
    check_listing(first.path(), &manifest)?;
    assert_eq!(write_set(second.path(), SampleSet::Full)?, manifest);
    let before = fs::read(first.path().join("manifest.json"))?;
    assert_eq!(write_set(first.path(), SampleSet::Full)?, manifest);
    assert_eq!(fs::read(first.path().join("manifest.json"))?, before);
    check_listing(first.path(), &manifest)?;
    for format in [SourceFormat::Dicom, SourceFormat::Png] {
        let of_format = || manifest.samples.iter().filter(|entry| entry.format == format);
        let with_lesion = of_format().filter(|entry| entry.lesion).count();
        assert!(
            with_lesion >= 10 && of_format().count() - with_lesion >= 10,
            "{format:?}: {with_lesion}"
        );
    }
    let mut instances: Vec<&Uid> = manifest
        .samples
        .iter()
        .filter_map(|entry| entry.sop_instance_uid.as_ref())
        .collect();
    let count = instances.len();
    instances.sort();
    instances.dedup();
    assert_eq!(instances.len(), count, "two instances share a UID");
    Ok(())
}

#[test]
fn dicom_files_read_back_with_the_phantoms_pixels_and_names() -> Outcome {
    let folder = tempfile::tempdir()?;
    let manifest = write_set(folder.path(), SampleSet::Small)?;
    let of_patient = |id: &str| {
        manifest
            .samples
            .iter()
            .filter(move |entry| entry.patient_id == id)
            .collect::<Vec<_>>()
    };
    let letters = label_pixels(256, 256);
    for (patient, seed, lesion, name) in [
        ("SYN-0001", 2, true, "Synthetic^Lesion One"),
        ("SYN-0002", 11, false, "Szintetikus^Ép Kettő"),
    ] {
        let slices = volume(
            CaseSpec {
                seed,
                lesion,
                size: 256,
            },
            9,
            8.0,
        );
        let entries = of_patient(patient);
        assert_eq!(entries.len(), slices.len());
        for (entry, slice) in entries.iter().zip(&slices) {
            let object = dicom_object::open_file(folder.path().join(&entry.file))?;
            let text = |tag| -> Result<String, Box<dyn Error>> { Ok(object.element(tag)?.to_str()?.trim().to_owned()) };
            assert_eq!(object.meta().transfer_syntax(), uids::EXPLICIT_VR_LITTLE_ENDIAN);
            assert_eq!(text(tags::PATIENT_NAME)?, name);
            assert_eq!(text(tags::BURNED_IN_ANNOTATION)?, "YES");
            assert_eq!(text(tags::SERIES_DESCRIPTION)?, "SYNTHETIC FLAIR phantom");
            assert_eq!(
                Some(Uid::parse(&text(tags::SOP_INSTANCE_UID)?)?),
                entry.sop_instance_uid
            );
            assert_eq!(
                Some(Uid::parse(&text(tags::STUDY_INSTANCE_UID)?)?),
                entry.study_instance_uid
            );
            let position = object.element(tags::IMAGE_POSITION_PATIENT)?.to_multi_float64()?;
            assert!(
                (position[2] - slice.position_mm[2]).abs() < 1e-3,
                "{}: {position:?}",
                entry.file
            );
            let spacing = object.element(tags::PIXEL_SPACING)?.to_multi_float64()?;
            assert!(
                (spacing[0] - slice.pixel_spacing_mm[0]).abs() < 1e-4,
                "{}: {spacing:?}",
                entry.file
            );

            let values = grey(folder.path(), entry)?;
            for (index, (read, made)) in (0..).zip(values.iter().zip(&slice.values)) {
                let lettered = letters.contains(&(index % 256, index / 256));
                assert!(
                    read == made || lettered,
                    "{} pixel {index}: {read}, not {made}",
                    entry.file
                );
            }
        }
    }
    Ok(())
}

#[test]
fn the_box_of_the_manifest_holds_a_bright_place() -> Outcome {
    let folder = tempfile::tempdir()?;
    let manifest = write_set(folder.path(), SampleSet::Small)?;
    for entry in manifest.samples.iter().filter(|entry| entry.lesion_px > 400) {
        let bounds = entry.lesion_box.ok_or("a lesion without a box")?;
        assert!(bounds.width * bounds.height >= entry.lesion_px, "{}", entry.file);
        let values = grey(folder.path(), entry)?;
        let at = |x: u32, y: u32| f64::from(values[(y * 256 + x) as usize]);
        let mut inside: Vec<f64> = (0..bounds.height)
            .flat_map(|row| (0..bounds.width).map(move |col| (bounds.x + col, bounds.y + row)))
            .map(|(x, y)| at(x, y))
            .collect();
        inside.sort_by(f64::total_cmp);
        let mut middle: Vec<f64> = (90..170)
            .flat_map(|y| (90..170).map(move |x| (x, y)))
            .map(|(x, y)| at(x, y))
            .collect();
        middle.sort_by(f64::total_cmp);
        let (upper, typical) = (inside[inside.len() * 4 / 5], middle[middle.len() / 4]);
        assert!(
            upper > 1.15 * typical,
            "{}: {upper} in the box, {typical} in the brain",
            entry.file
        );
    }
    Ok(())
}

#[test]
fn a_foreign_file_is_refused_and_nothing_is_written() -> Outcome {
    let folder = tempfile::tempdir()?;
    let foreign = folder.path().join("png/clean-01.png");
    fs::create_dir_all(folder.path().join("png"))?;
    fs::write(&foreign, b"someone's own picture")?;
    let refused = write_set(folder.path(), SampleSet::Small);
    assert!(
        matches!(&refused, Err(SamplesError::Foreign { path }) if *path == foreign),
        "{refused:?}"
    );
    assert_eq!(fs::read(&foreign)?, b"someone's own picture");
    assert_eq!(files_below(folder.path())?, [PathBuf::from("png/clean-01.png")]);
    Ok(())
}

#[test]
fn a_foreign_manifest_is_refused() -> Outcome {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("manifest.json"), b"{\"name\": \"a web page\"}")?;
    let refused = write_set(folder.path(), SampleSet::Small);
    assert!(matches!(refused, Err(SamplesError::Foreign { .. })), "{refused:?}");
    assert_eq!(files_below(folder.path())?, [PathBuf::from("manifest.json")]);
    Ok(())
}

#[test]
fn a_damaged_sample_is_not_taken_for_ours() -> Outcome {
    let folder = tempfile::tempdir()?;
    let manifest = write_set(folder.path(), SampleSet::Small)?;
    let victim = folder.path().join(&manifest.samples[0].file);
    let mut bytes = fs::read(&victim)?;
    bytes[5000] ^= 1;
    fs::write(&victim, &bytes)?;
    assert!(matches!(
        write_set(folder.path(), SampleSet::Small),
        Err(SamplesError::Foreign { .. })
    ));
    fs::remove_file(&victim)?;
    write_set(folder.path(), SampleSet::Small)?;
    check_listing(folder.path(), &manifest)
}

#[test]
fn the_set_in_the_repository_is_what_the_generator_makes() -> Outcome {
    let committed = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../sample-data"));
    let folder = tempfile::tempdir()?;
    let made = write_set(folder.path(), SampleSet::Small)?;
    for file in files_below(folder.path())? {
        let same = fs::read(committed.join(&file))? == fs::read(folder.path().join(&file))?;
        assert!(
            same,
            "sample-data/{} differs; run the command in sample-data/README.md again",
            file.display()
        );
    }
    let listed = made.samples.len() + 1;
    let present = files_below(committed)?
        .into_iter()
        .filter(|file| file != Path::new("README.md"))
        .count();
    assert_eq!(
        present, listed,
        "sample-data holds files that the generator does not make"
    );
    Ok(())
}
