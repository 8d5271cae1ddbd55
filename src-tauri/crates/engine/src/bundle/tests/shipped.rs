//! The bundles of `models/`, as they are.

use super::*;

#[test]
fn each_shipped_bundle_has_its_tasks_and_outputs() -> Result<(), Box<dyn std::error::Error>> {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../models");
    let told = |name: &str| -> Result<(String, String), EngineError> {
        let Metadata {
            format, tasks, outputs, ..
        } = Bundle::find(&models, name)?.metadata;
        assert_eq!(format, BUNDLE_FORMAT);
        let tasks: Vec<&str> = tasks.iter().map(Task::name).collect();
        let outputs: Vec<&str> = outputs.keys().map(String::as_str).collect();
        Ok((tasks.join(" "), outputs.join(" ")))
    };
    let cases = [
        (
            "brain-mri-flair",
            "segment unusual",
            "class features foreign lesion reconstruction",
        ),
        ("brain-mri-t1c", "segment unusual", "class features foreign lesion"),
        ("breast-us", "segment classify unusual", "class features foreign lesion"),
        (
            "chest-xray-child",
            "classify unusual",
            "class class_map features foreign reconstruction",
        ),
        ("router", "route", "class features"),
    ];
    for (name, tasks, outputs) in cases {
        assert_eq!(told(name)?, (tasks.to_owned(), outputs.to_owned()), "{name}");
    }
    let breast = Bundle::find(&models, "breast-us")?.metadata;
    let scored = breast.scored().ok_or("it gives no score")?;
    assert_eq!((scored.map.as_str(), scored.logits.as_deref()), (LESION, Some(CLASS)));
    assert_eq!((scored.label.as_str(), scored.region.class_share), ("breast mass", 0.5));
    assert_eq!(
        breast.outputs[CLASS].channel_def,
        [(0, "abnormal".into()), (1, "malignant".into())].into()
    );
    Ok(())
}

#[test]
fn what_is_written_again_in_the_newest_format_says_the_same() -> Result<(), Box<dyn std::error::Error>> {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../models");
    for name in names(&models)? {
        let metadata = Bundle::find(&models, &name)?.metadata;
        let written = serde_json::to_vec(&metadata)?;
        assert_eq!(Metadata::parse(&written, &name)?, metadata);
    }
    Ok(())
}

/// Every figure at a threshold is counted by patient; of an outline alone nobody can count it.
#[test]
fn operating_points_of_readers_are_counted_by_patient() -> Result<(), Box<dyn std::error::Error>> {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../models");
    let mut readers = 0;
    for name in names(&models)? {
        let metadata = Bundle::find(&models, &name)?.metadata;
        if metadata.scored().is_none() {
            continue;
        }
        readers += 1;
        for point in &metadata.operating_points {
            assert!(
                point.patients.is_some() || point.name == "outline",
                "{name}: {}",
                point.name
            );
        }
    }
    assert_eq!(readers, 4);
    Ok(())
}
