use super::*;
use crate::testing::metadata;
use domain::FailureCode;

#[path = "tests/format_2.rs"]
mod format_2;
#[path = "tests/shipped.rs"]
mod shipped;

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
    for bad in [odd_size, upside_down, no_point] {
        let models = tempfile::tempdir()?;
        let folder = models.path().join("toy");
        write(&folder, &bad)?;
        assert_eq!(code(&folder), Some(FailureCode::BundleDamaged), "{bad:?}");
    }
    Ok(())
}

/// Why a bundle with these metadata is refused, after `change` to what stands in the file.
fn refusal(change: impl FnOnce(&mut serde_json::Value)) -> Result<EngineError, Box<dyn std::error::Error>> {
    let models = tempfile::tempdir()?;
    let folder = models.path().join("toy");
    write(&folder, &metadata())?;
    let path = folder.join(METADATA_FILE);
    let mut said: serde_json::Value = serde_json::from_slice(&std::fs::read(&path)?)?;
    change(&mut said);
    std::fs::write(&path, said.to_string())?;
    write_manifest(&folder)?;
    Ok(Bundle::load(&folder).err().ok_or(format!("{said} was taken"))?)
}

#[test]
fn tasks_and_tensors_that_do_not_fit_are_refused_by_name() -> Result<(), Box<dyn std::error::Error>> {
    type Change = fn(&mut serde_json::Value);
    let cases: [(Change, &str); 12] = [
        (
            |m| m["tasks"][0]["map"] = "lesoin".into(),
            "segment reads the tensor 'lesoin', and the outputs are class",
        ),
        (
            |m| m["tasks"][0]["map"] = "class".into(),
            "segment reads the tensor 'class' with the shape [1], and needs [1, 64, 64]",
        ),
        (
            |m| m["tasks"][0]["region"]["map_threshold"] = 1.5.into(),
            "the threshold 1.5",
        ),
        (
            |m| m["tasks"][0]["region"]["class_share"] = 0.5.into(),
            "no logits for it",
        ),
        (|m| m["tasks"] = serde_json::json!([]), "the tasks [] make no bundle"),
        (
            |m| m["tasks"][1]["reconstruction"] = "class".into(),
            "unusual reads the tensor 'class'",
        ),
        (
            |m| m["outputs"]["lesion"]["spatial_shape"] = serde_json::json!([32, 32]),
            "'lesion' is said to have the shape [1, 32, 32], and the network gives [1, 64, 64]",
        ),
        (
            |m| m["outputs"]["depth"] = m["outputs"]["lesion"].clone(),
            "gives no tensor 'depth'",
        ),
        (|m| m["outputs"]["lesion"]["type"] = "volume".into(), "volume"),
        (|m| m["inputs"]["image"]["num_channels"] = 3.into(), "the network takes"),
        (|m| m["inputs"] = serde_json::json!({}), "the network takes"),
        (|m| m["runtime"]["kind"] = "onnx".into(), "onnx"),
    ];
    for (change, said) in cases {
        let error = refusal(change)?;
        assert_eq!(error.code, FailureCode::BundleDamaged, "{error}");
        assert!(
            error.message.contains("'toy'") && error.message.contains(said),
            "{error} does not say {said:?}"
        );
    }
    let unknown = refusal(|m| m["tasks"][1]["task"] = "detect".into())?;
    assert_eq!(unknown.code, FailureCode::BundleTooNew);
    assert!(
        unknown
            .message
            .contains("'toy' has the task 'detect', and this version knows segment"),
        "{unknown}"
    );
    Ok(())
}

/// The files of shipped bundles stay as they were signed; what they do not state is told by the names of their licences.
#[test]
fn commercial_use_is_stated_or_told_by_the_names_of_licences() -> Result<(), Box<dyn std::error::Error>> {
    use domain::CommercialUse::{Allowed, NotAllowed, NotStated};
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../models");
    for (name, wanted) in [
        ("brain-mri-flair", NotAllowed),
        ("brain-mri-t1c", Allowed),
        ("breast-us", NotStated),
        ("chest-xray-child", Allowed),
        ("router", NotAllowed),
    ] {
        assert_eq!(Bundle::find(&models, name)?.metadata.commercial_use, wanted, "{name}");
    }
    let read = |format: u32, licence: &str, stated: Option<&str>| {
        let mut written = serde_json::to_value(metadata()).unwrap_or_default();
        (written["format"], written["data"][0]["licence"]) = (format.into(), licence.into());
        match (stated, written.as_object_mut()) {
            (Some(stated), _) => written["commercial_use"] = stated.into(),
            (None, fields) => drop(fields.and_then(|fields| fields.remove("commercial_use"))),
        }
        Metadata::parse(written.to_string().as_bytes(), "toy").map(|metadata| metadata.commercial_use)
    };
    assert_eq!(read(4, "CC BY 4.0", None)?, Allowed);
    assert_eq!(read(4, "for research, non-commercial or not", None)?, NotStated);
    assert_eq!(
        read(BUNDLE_FORMAT, "CC BY 4.0", None)?,
        NotStated,
        "what states nothing"
    );
    assert_eq!(read(BUNDLE_FORMAT, "words of somebody", Some("allowed"))?, Allowed);
    assert_eq!(read(BUNDLE_FORMAT, "CC BY 4.0", Some("not_allowed"))?, NotAllowed);
    assert!(read(BUNDLE_FORMAT, "CC BY 4.0", Some("perhaps")).is_err());
    Ok(())
}
