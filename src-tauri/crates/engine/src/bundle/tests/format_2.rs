//! Bundles of format 2, one of each kind, as they were shipped: `tests/format_2` keeps their metadata and normals. The
//! shipped ones are of a later format now.

use domain::OperatingPoint;
use serde::Deserialize;
use serde_json::Value;

use super::*;

fn file(name: &str, file: &str) -> std::io::Result<Vec<u8>> {
    std::fs::read(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/format_2")
            .join(name)
            .join(file),
    )
}

/// As it was written, and as it is read.
fn kept(name: &str) -> Result<(Value, Metadata), Box<dyn std::error::Error>> {
    let bytes = file(name, METADATA_FILE)?;
    let written: Value = serde_json::from_slice(&bytes)?;
    assert_eq!(written["format"], 2, "{name}");
    let read = Metadata::parse(&bytes, name)?;
    assert_eq!(read.format, BUNDLE_FORMAT, "{name}");
    Ok((written, read))
}

const READERS: [&str; 4] = ["brain-mri-flair", "brain-mri-t1c", "breast-us", "chest-xray-child"];

#[test]
fn heads_of_format_2_become_tasks_with_their_labels_and_tensors() -> Result<(), Box<dyn std::error::Error>> {
    for (name, tasks, outputs) in [
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
    ] {
        let (written, read) = kept(name)?;
        let told: Vec<&str> = read.tasks.iter().map(Task::name).collect();
        let tensors: Vec<&str> = read.outputs.keys().map(String::as_str).collect();
        assert_eq!(
            (told.join(" "), tensors.join(" ")),
            (tasks.to_owned(), outputs.to_owned()),
            "{name}"
        );
        let scored = read.scored().ok_or("it gives no score")?;
        assert_eq!(written["labels"][0], scored.label.as_str(), "{name}");
        let kinds = read.tasks.iter().find_map(|task| match task {
            Task::Classify(classify) => Some(serde_json::json!(classify.kinds)),
            _ => None,
        });
        let said = written["kinds"].as_array().filter(|kinds| !kinds.is_empty());
        assert_eq!(
            kinds
                .filter(|kinds| kinds != &serde_json::json!([]))
                .as_ref()
                .and_then(Value::as_array),
            said,
            "{name}"
        );
    }
    Ok(())
}

#[test]
fn the_region_rule_of_format_2_is_kept_to_the_last_digit() -> Result<(), Box<dyn std::error::Error>> {
    for name in READERS {
        let (written, read) = kept(name)?;
        let scored = read.scored().ok_or("it gives no score")?;
        let (region, said) = (&scored.region, &written["region"]);
        let number = |field: &str| said[field].as_f64().ok_or(format!("{name}: no {field}"));
        let same = [
            (number("top_pixels")?, f64::from(region.top_pixels)),
            (number("map_threshold")?, f64::from(region.map_threshold)),
            (number("min_pixels")?, f64::from(region.min_pixels)),
            (number("class_share")?, f64::from(region.class_share)),
        ];
        assert!(same.iter().all(|(then, now)| then == now), "{name}: {same:?}");
        assert_eq!(said["mirror"], serde_json::to_value(&read.runtime)?["mirror"], "{name}");
    }
    Ok(())
}

#[test]
fn what_format_2_says_of_a_set_in_a_sentence_is_read_as_facts() -> Result<(), Box<dyn std::error::Error>> {
    for name in READERS {
        let (written, read) = kept(name)?;
        let sets: Vec<String> = read.operating_points.iter().map(OperatingPoint::set_sentence).collect();
        let points = written["operating_points"].as_array().ok_or("no operating points")?;
        let said: Vec<&str> = points.iter().filter_map(|point| point["set"].as_str()).collect();
        assert_eq!(sets, said, "{name}");
    }
    let set = |name: &str| -> Result<_, Box<dyn std::error::Error>> {
        let point = kept(name)?.1.operating_points[0].clone();
        Ok((
            point.set.images,
            point.set.patients,
            point.chosen_on_it,
            point.set.to_string(),
        ))
    };
    let flair = "brain-mri/lgg-flair val".to_owned();
    assert_eq!(set("brain-mri-flair")?, (Some(367), Some(12), true, flair));
    let t1c = "brain-mri/cheng-t1c val".to_owned();
    assert_eq!(set("brain-mri-t1c")?, (Some(250), None, false, t1c));
    Ok(())
}

#[test]
fn normals_of_format_2_are_read_for_each_head_that_has_them() -> Result<(), Box<dyn std::error::Error>> {
    for (name, heads) in [("brain-mri-flair", 2), ("chest-xray-child", 2)] {
        let bytes = file(name, NORMALS_FILE)?;
        let read = normals(&bytes)?;
        let written: Value = serde_json::from_slice(&bytes)?;
        for (head, then) in read.heads.iter().zip(written["heads"].as_array().ok_or("no heads")?) {
            assert_eq!(serde_json::to_value(head.head)?, then["head"], "{name}");
            assert_eq!(head.scores, Vec::<f32>::deserialize(&then["scores"])?, "{name}");
            assert!(head.scores.len() > 20, "{name}");
        }
        assert_eq!(read.heads.len(), heads, "{name}");
        let (_, metadata) = kept(name)?;
        let unusual = metadata.tasks.iter().find_map(|task| match task {
            Task::Unusual(heads) => Some(heads),
            _ => None,
        });
        let unusual = unusual.ok_or("it looks for nothing unusual")?;
        assert!(
            read.heads.iter().all(|head| unusual.tensor(head.head).is_some()),
            "{name}"
        );
    }
    Ok(())
}

#[test]
fn what_was_read_of_format_2_says_the_same_when_it_is_written_again() -> Result<(), Box<dyn std::error::Error>> {
    for name in READERS {
        let (_, read) = kept(name)?;
        assert_eq!(Metadata::parse(&serde_json::to_vec(&read)?, name)?, read, "{name}");
    }
    Ok(())
}
