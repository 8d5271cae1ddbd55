//! From a folder of labelled pictures to a bundle that analyses and is judged, on a tiny made set.

use std::path::{Path, PathBuf};

use image::{GrayImage, Luma};
use overread_tests::{Done, Outcome, each, field, number, overread, scratch, text};
use serde_json::Value;

/// Grains like those of ultrasound; a mass is a dark disc, a malignant one has a bright middle.
fn picture(index: u32, label: &str) -> (GrayImage, GrayImage) {
    let (cx, cy) = (28 + index * 7 % 40, 30 + index * 11 % 36);
    let distance = |x: u32, y: u32| (x.abs_diff(cx).pow(2) + y.abs_diff(cy).pow(2)) as f32;
    let inside = |x, y| label != "NORMAL" && distance(x, y) < 150.0;
    let grain = |x: u32, y: u32| (x * 31 + y * 17 + index * 13).wrapping_mul(2_654_435_761) >> 26;
    let image = GrayImage::from_fn(96, 96, |x, y| {
        let tissue = 90 + y / 2 + grain(x, y);
        let core = label == "MALIGNANT" && distance(x, y) < 30.0;
        Luma([if core {
            240
        } else if inside(x, y) {
            15 + grain(x, y) / 4
        } else {
            tissue
        } as u8])
    });
    let mask = GrayImage::from_fn(96, 96, |x, y| Luma([if inside(x, y) { 255 } else { 0 }]));
    (image, mask)
}

/// A pack with its manifest, as `train` reads it: 24 pictures to train on and 12 of other patients.
fn pack(folder: &Path) -> Done {
    std::fs::create_dir_all(folder)?;
    let mut table = "file,mask,label,anomaly,split,group_id\n".to_owned();
    for index in 0..36u32 {
        let label = ["NORMAL", "BENIGN", "MALIGNANT"][index as usize % 3];
        let (image, mask) = picture(index, label);
        let name = format!("p{index}.png");
        image.save(folder.join(&name))?;
        let anomaly = label != "NORMAL";
        let mask_name = if anomaly {
            format!("p{index}_mask.png")
        } else {
            String::new()
        };
        if anomaly {
            mask.save(folder.join(&mask_name))?;
        }
        let split = if index < 24 { "train" } else { "val" };
        table += &format!("{name},{mask_name},{label},{},{split},g{index}\n", u8::from(anomaly));
    }
    std::fs::write(folder.join("manifest.csv"), table)?;
    Ok(())
}

fn train(data: &Path, out: &Path) -> overread_tests::Call {
    overread("train --json --bundle breast-us --device cpu --seed 5 --epochs 4 --data")
        .arg(data)
        .arg("--out")
        .arg(out)
}

fn read(path: PathBuf) -> Outcome<Value> {
    Ok(serde_json::from_slice(&std::fs::read(path)?)?)
}

#[test]
fn a_training_that_was_stopped_ends_with_the_same_bundle_and_its_figures_come_again() -> Done {
    let folder = scratch(env!("CARGO_TARGET_TMPDIR"), "training")?;
    let (data, whole, stopped) = (folder.join("pack"), folder.join("whole"), folder.join("stopped"));
    pack(&data)?;
    train(&data, &whole).run()?.ended(0);

    let mut running = train(&data, &stopped).start()?;
    running.wait_until_it_says("2/4")?;
    overread_tests::interrupt(running.id())?;
    let ran = running.finish()?;
    ran.failed_with("canceled", "goes on where it was")?;
    train(&data, &stopped).run()?.ended(0);

    for bundle in [&whole, &stopped] {
        let curves = read(bundle.join("training_curve.json"))?;
        let members = curves.as_array().ok_or("no curves")?;
        assert_eq!(members.len(), 2, "{curves}");
        for member in members {
            let epochs = member.as_array().ok_or("no epochs")?;
            assert_eq!(epochs.len(), 4);
            let (first, last) = (number(&epochs[0], "loss"), number(&epochs[3], "loss"));
            assert!(last < first, "the loss went from {first} to {last}");
        }
        assert!(!bundle.join(".training").exists());
    }
    let weights = |bundle: &Path| std::fs::read(bundle.join("weights.safetensors"));
    assert!(
        weights(&whole)? == weights(&stopped)?,
        "the weights differ after a stop"
    );

    let metadata = read(whole.join("metadata.json"))?;
    assert_eq!(text(&metadata, "name"), "breast-us");
    assert_eq!(each(&metadata, "kinds").len(), 1);
    let judged = overread("evaluate --json --device cpu --split val --manifest")
        .arg(data.join("manifest.csv"))
        .arg("--bundle")
        .arg(&whole)
        .run()?;
    let (again, kept) = (judged.ended(0).json()?, read(whole.join("evaluation.json"))?);
    for figure in ["image_auc", "slice_dice", "pointing", "ece", "refused"] {
        assert_eq!(field(&again, figure), field(&kept, figure), "{figure}");
    }
    Ok(())
}

#[test]
fn every_fault_of_the_data_is_told_before_anything_is_computed() -> Done {
    let folder = scratch(env!("CARGO_TARGET_TMPDIR"), "training_faults")?;
    let data = folder.join("pack");
    pack(&data)?;
    let path = data.join("manifest.csv");
    let whole = std::fs::read_to_string(&path)?;
    let out = folder.join("out");
    let without = train(&data, &out).args(["--without", "WART"]).run()?;
    assert!(
        without.stderr.contains("'WART'") && without.stderr.contains("MALIGNANT"),
        "{without}"
    );
    assert!(without.code != Some(0) && !out.exists(), "{without}");

    let table = whole
        .replace("p1_mask.png", "gone_mask.png")
        .replace("val,g25", "val,g2");
    std::fs::write(&path, table)?;
    let ran = train(&data, &out).run()?;
    let said = ran.ended(1).json()?;
    assert_eq!(text(&said, "error/code"), "bad_data");
    for fault in ["line 3: the mask 'gone_mask.png'", "lines 4 and 27"] {
        assert!(text(&said, "error/message").contains(fault), "{ran}");
    }
    assert!(!out.exists());

    Ok(())
}
