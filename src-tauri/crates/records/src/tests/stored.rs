//! What old signatures hashed is what is hashed today, byte by byte. The golden files were written by
//! the first program that signed; they never change.

use domain::Decision;
use serde_json::Value;

use super::Outcome;
use super::reading::{annotation, form, write};
use super::sample::{analyse, analysis, decide, finding, header, import, new_vault, refusal, review, uid};
use crate::StudyRecord;
use crate::stored::signed_bytes;

#[test]
fn the_bytes_of_a_signature_are_those_of_the_first_program() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut vault, admin) = new_vault(folder.path())?;
    let study = uid("1.2.1");
    let (strong, weak) = (finding('a', 0.9), finding('b', 0.2));
    let (first, second) = (header(1, 1), header(1, 2));
    for header in [&first, &second] {
        import(&mut vault, &admin, header)?;
    }
    analyse(&mut vault, &admin, 1, &analysis(&first, vec![weak.clone()]))?;
    analyse(&mut vault, &admin, 1, &analysis(&first, vec![strong.clone(), weak]))?;
    analyse(&mut vault, &admin, 1, &refusal(&second))?;
    let label = "cyst".to_owned();
    for decision in [Decision::Accepted, Decision::Changed { label }] {
        decide(&mut vault, &admin, &review(&strong, decision))?;
    }
    let bytes = |vault: &crate::Vault| -> Result<String, Box<dyn std::error::Error>> {
        let record = vault.study(&study)?.ok_or("no study")?;
        Ok(String::from_utf8(signed_bytes(&record)?)?)
    };
    let bare = bytes(&vault)?;
    write(&mut vault, &admin, 10, |tx| tx.save_form(&study, &form("Kein Anhalt")))?;
    write(&mut vault, &admin, 20, |tx| {
        tx.save_annotation(&study, &annotation('a', "new"))
    })?;
    assert_eq!(bare, include_str!("golden/signed.json").trim_end());
    assert_eq!(bytes(&vault)?, include_str!("golden/signed_with_words.json").trim_end());
    Ok(())
}

/// Series and instances with the same, with no and with several numbers, against their numbers in place and in time of
/// import; frames analysed last to first.
fn awkward_order(folder: &std::path::Path) -> Result<StudyRecord, Box<dyn std::error::Error>> {
    let (mut vault, admin) = new_vault(folder)?;
    let study = uid("1.2.1");
    for (series, number) in [(5, Some(2)), (4, Some(2)), (6, None), (3, Some(-1)), (12, Some(10))] {
        for (instance, number_of_instance) in [(9, Some(1)), (10, Some(1)), (11, None), (2, Some(10)), (1, Some(9))] {
            let mut header = header(1, instance);
            header.series.series_instance_uid = uid(&format!("1.2.1.{series}"));
            header.series.number = number;
            header.instance.sop_instance_uid = uid(&format!("1.2.1.{series}.{instance}"));
            header.instance.number = number_of_instance;
            header.image.frames = if instance == 2 { 3 } else { u32::from(instance != 11) };
            header.image.position_mm = Some([0.0, 0.0, -f64::from(instance)]);
            header.image.orientation = Some([1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
            import(&mut vault, &admin, &header)?;
            for frame in (0..header.image.frames).rev() {
                let mut one = analysis(&header, Vec::new());
                one.frame = frame;
                analyse(&mut vault, &admin, 1, &one)?;
            }
        }
    }
    Ok(vault.study(&study)?.ok_or("no study")?)
}

/// What a signature hashes, in its order: the images by their UIDs, the analyses by UID and frame.
fn hashed(record: &StudyRecord) -> Result<(Vec<String>, Vec<String>), Box<dyn std::error::Error>> {
    let (_, images, decided): (String, Vec<String>, Vec<(Value, Value)>) =
        serde_json::from_slice(&signed_bytes(record)?)?;
    let uid_of = |content: &String| {
        let instance = record.instances.iter().find(|one| one.content_sha256 == *content)?;
        Some(instance.header.instance.sop_instance_uid.to_string())
    };
    let images: Option<Vec<String>> = images.iter().map(uid_of).collect();
    let frame = |(analysis, _): &(Value, Value)| {
        let uid = analysis["sop_instance_uid"].as_str()?;
        Some(format!("{uid}/{}", analysis["frame"]))
    };
    let frames: Option<Vec<String>> = decided.iter().map(frame).collect();
    Ok(images
        .zip(frames)
        .ok_or("an image or an analysis that is not in the record")?)
}

#[test]
fn a_signature_hashes_images_and_analyses_in_the_order_of_the_first_program() -> Outcome {
    let folder = tempfile::tempdir()?;
    let mut record = awkward_order(folder.path())?;
    // By number, without one first, then by the letters of the UID; never along the body.
    let (series, instances) = ([6, 3, 4, 5, 12], [11, 10, 9, 1, 2]);
    let frames = ["10/0", "9/0", "1/0", "2/0", "2/1", "2/2"];
    let images: Vec<String> = series
        .iter()
        .flat_map(|s| instances.map(|i| format!("1.2.1.{s}.{i}")))
        .collect();
    let frames: Vec<String> = series
        .iter()
        .flat_map(|s| frames.map(|f| format!("1.2.1.{s}.{f}")))
        .collect();
    assert_eq!(hashed(&record)?, (images.clone(), frames.clone()));
    // Whatever order the record has.
    record.instances.reverse();
    record.analyses.reverse();
    record.series.reverse();
    assert_eq!(hashed(&record)?, (images, frames));
    Ok(())
}
