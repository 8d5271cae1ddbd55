use super::*;
use crate::testing::metadata;
use domain::FailureCode;

fn write(folder: &Path, metadata: &Metadata) -> Result<(), Box<dyn std::error::Error>> {
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join(METADATA_FILE), serde_json::to_vec_pretty(metadata)?)?;
    std::fs::write(folder.join(WEIGHTS_FILE), b"weights")?;
    std::fs::write(folder.join(CARD_FILE), b"# Toy")?;
    write_manifest(folder)?;
    Ok(())
}

fn code(folder: &Path) -> Option<FailureCode> {
    Bundle::load(folder).err().map(|error| error.code)
}

#[test]
fn a_whole_bundle_loads_and_names_its_weights() -> Result<(), Box<dyn std::error::Error>> {
    let models = tempfile::tempdir()?;
    write(&models.path().join("toy"), &metadata())?;
    let bundle = Bundle::find(models.path(), "toy")?;
    assert_eq!(bundle.metadata, metadata());
    assert_eq!(bundle.model.weights_sha256, sha256_hex(b"weights"));
    assert_eq!(names(models.path())?, vec!["toy"]);
    Ok(())
}

#[test]
fn one_flipped_byte_in_any_file_is_found_and_named() -> Result<(), Box<dyn std::error::Error>> {
    for file in [METADATA_FILE, WEIGHTS_FILE, CARD_FILE] {
        let models = tempfile::tempdir()?;
        let folder = models.path().join("toy");
        write(&folder, &metadata())?;
        let mut bytes = std::fs::read(folder.join(file))?;
        bytes[3] ^= 1;
        std::fs::write(folder.join(file), bytes)?;
        let error = Bundle::load(&folder).err().ok_or("a flipped byte was accepted")?;
        assert!(
            error.code == FailureCode::BundleDamaged && error.message.contains(file),
            "{error}"
        );
    }
    Ok(())
}

#[test]
fn missing_extra_and_foreign_files_are_refused() -> Result<(), Box<dyn std::error::Error>> {
    let models = tempfile::tempdir()?;
    let folder = models.path().join("toy");
    write(&folder, &metadata())?;
    std::fs::write(folder.join("extra.py"), b"print()")?;
    assert_eq!(code(&folder), Some(FailureCode::BundleDamaged));
    std::fs::remove_file(folder.join("extra.py"))?;
    std::fs::remove_file(folder.join(WEIGHTS_FILE))?;
    assert_eq!(code(&folder), Some(FailureCode::BundleDamaged));
    std::fs::write(
        folder.join("manifest.json"),
        r#"{"format":1,"files":[{"name":"../../etc/passwd","bytes":1,"sha256":""}]}"#,
    )?;
    assert_eq!(code(&folder), Some(FailureCode::BundleDamaged));
    for name in ["", "..", "nope", "a/b"] {
        let error = Bundle::find(models.path(), name).err().ok_or("a bundle was found")?;
        assert_eq!(error.code, FailureCode::BundleNotFound, "{name}");
    }
    Ok(())
}

#[test]
fn a_newer_format_says_so() -> Result<(), Box<dyn std::error::Error>> {
    let models = tempfile::tempdir()?;
    let folder = models.path().join("toy");
    write(
        &folder,
        &Metadata {
            format: BUNDLE_FORMAT + 1,
            ..metadata()
        },
    )?;
    assert_eq!(code(&folder), Some(FailureCode::BundleTooNew));
    Ok(())
}

#[test]
fn metadata_that_makes_no_sense_is_refused() -> Result<(), Box<dyn std::error::Error>> {
    let mut odd_size = metadata();
    odd_size.input.size = 63;
    let mut upside_down = metadata();
    upside_down.calibration.slope = -1.0;
    let mut no_point = metadata();
    no_point.operating_points.clear();
    let mut far = metadata();
    far.region.map_threshold = 1.5;
    for bad in [odd_size, upside_down, no_point, far] {
        let models = tempfile::tempdir()?;
        let folder = models.path().join("toy");
        write(&folder, &bad)?;
        assert_eq!(code(&folder), Some(FailureCode::BundleDamaged), "{bad:?}");
    }
    Ok(())
}
