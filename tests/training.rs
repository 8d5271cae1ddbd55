//! From a folder of labelled images to a bundle that analyses and is judged, on a tiny made set.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use image::{GrayImage, Luma};
use overread_tests::{
    Done, Outcome, all_gone, children, each, field, is_running, kill, number, overread, scratch, text,
};
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

/// A pack with its manifest, as `train` reads it: 24 images to train on and 12 of other patients.
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
    let said = train(&data, &whole).run()?.ended(0).json()?;
    let promised = overread_tests::promised_shapes()?;
    let lost = |verb: &str, answer: &Value| overread_tests::not_kept(&promised[verb], answer);
    assert_eq!(lost("train", &said), Vec::<String>::new());

    let mut running = train(&data, &stopped).arg("--no-shifted").start()?;
    running.wait_until_it_says("2/4")?;
    overread_tests::interrupt(running.id())?;
    let ran = running.finish()?;
    ran.failed_with("canceled", "goes on where it was")?;
    train(&data, &stopped).arg("--no-shifted").run()?.ended(0);

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

    let card = |bundle: &Path| std::fs::read_to_string(bundle.join("MODEL_CARD.md"));
    assert!(card(&stopped)?.contains("Not measured on shifted copies"));
    let names = [
        "gamma 0.5",
        "gamma 2",
        "noise 12/255",
        "noise 25/255",
        "blur",
        "half the resolution",
    ];
    for name in names {
        assert!(card(&whole)?.contains(&format!("\n| {name} | ")), "{name}");
    }

    let metadata = read(whole.join("metadata.json"))?;
    assert_eq!(text(&metadata, "name"), "breast-us");
    let classify = each(&metadata, "tasks")
        .iter()
        .find(|task| text(task, "task") == "classify");
    assert_eq!(each(classify.ok_or("it tells no kinds apart")?, "kinds").len(), 1);
    let judged = overread("evaluate --json --device cpu --split val --shifted --manifest")
        .arg(data.join("manifest.csv"))
        .arg("--bundle")
        .arg(&whole)
        .run()?;
    let (again, kept) = (judged.ended(0).json()?, read(whole.join("evaluation.json"))?);
    assert_eq!(lost("evaluate", &again), Vec::<String>::new());
    for figure in ["image_auc", "slice_dice", "pointing", "ece", "refused", "shifted"] {
        assert_eq!(field(&again, figure), field(&kept, figure), "{figure}");
    }
    Ok(())
}

fn folds(data: &Path, out: &Path, words: &str) -> overread_tests::Call {
    let call = overread("train --json --bundle breast-us --device cpu --seed 5 --folds 2 --data")
        .arg(data)
        .arg("--out")
        .arg(out);
    call.args(words.split_whitespace())
}

#[test]
fn folds_judge_every_image_once_and_go_on_after_a_cut_to_the_same_predictions() -> Done {
    let folder = scratch(env!("CARGO_TARGET_TMPDIR"), "training_folds")?;
    let (data, whole, stopped) = (folder.join("pack"), folder.join("whole"), folder.join("stopped"));
    pack(&data)?;
    let said = folds(&data, &whole, "--epochs 2").run()?.ended(0).json()?;
    assert_eq!((number(&said, "patients"), number(&said, "images")), (36.0, 36.0));

    let table = std::fs::read_to_string(whole.join("folds.csv"))?;
    let dealt: BTreeMap<&str, &str> = table.lines().skip(1).filter_map(|line| line.split_once(',')).collect();
    assert_eq!(dealt.len(), 36);
    let mut judged = BTreeSet::new();
    for fold in 0..2 {
        let kept = read(whole.join(format!("fold-{fold}.json")))?;
        assert_eq!(text(&kept, "folds_sha256"), text(&said, "folds_sha256"));
        assert_eq!((number(&kept, "epochs"), number(&kept, "trained_on")), (2.0, 18.0));
        for image in each(&kept, "images") {
            assert_eq!(dealt.get(text(image, "patient")), Some(&fold.to_string().as_str()));
            assert!(
                judged.insert(text(image, "name").to_owned()),
                "{image} was judged twice"
            );
            let outlined = image["overlap"].is_object();
            assert_eq!(outlined, image["anomaly"] == true, "{image}");
        }
    }
    assert_eq!(judged.len(), 36);
    assert!(!whole.join(".training").exists());

    let mut running = folds(&data, &stopped, "--epochs 2").start()?;
    running.wait_until_it_says("min left")?;
    let beside = folds(&data, &stopped, "--epochs 2").run()?;
    beside
        .ended(2)
        .error_is("wrong_usage", "another training writes into")?;
    overread_tests::interrupt(running.id())?;
    running.finish()?.failed_with("canceled", "goes on where it was")?;

    // Killed, it cannot end its workers; they end with it.
    let mut killed = folds(&data, &folder.join("killed"), "--epochs 400").start()?;
    killed.wait_until_it_says("min left")?;
    let workers = children(killed.id());
    assert!(!workers.is_empty());
    killed.kill()?;
    all_gone(&workers);
    folds(&data, &stopped, "--epochs 2").run()?.ended(0);
    for file in ["folds.csv", "fold-0.json", "fold-1.json"] {
        let bytes = |of: &Path| std::fs::read(of.join(file));
        assert!(bytes(&whole)? == bytes(&stopped)?, "{file} differs after a stop");
    }

    let mixed = folds(&data, &whole, "--epochs 3").run()?;
    mixed.failed_with("bad_data", "another value of the number of epochs")?;
    let others = overread("train --json --bundle breast-us --device cpu --seed 6 --folds 2 --epochs 2 --data");
    let others = others.arg(&data).arg("--out").arg(&whole).run()?;
    others.failed_with("bad_data", "deals the patients out otherwise")?;
    // What cannot judge is told before anything is trained.
    std::fs::remove_file(stopped.join("fold-1.json"))?;
    let halved = train(&data, &folder.join("halved"))
        .arg("--predictions")
        .arg(&stopped)
        .run()?;
    halved.failed_with("bad_data", "not all folds are there yet")?;
    assert!(!folder.join("halved").exists());
    let many = overread("train --json --bundle breast-us --device cpu --folds 20 --epochs 1 --data");
    let many = many.arg(&data).arg("--out").arg(folder.join("many")).run()?;
    many.failed_with("bad_data", "would hold no image without an anomaly")?;
    let from = folds(&data, &folder.join("from"), "--from breast-us").run()?;
    from.ended(2);
    Ok(())
}

#[test]
fn a_training_begins_with_a_bundle_and_with_no_epochs_makes_all_but_its_weights_again() -> Done {
    let folder = scratch(env!("CARGO_TARGET_TMPDIR"), "training_from")?;
    let (data, first) = (folder.join("pack"), folder.join("first"));
    pack(&data)?;
    train(&data, &first).run()?.ended(0);
    let from = |bundle: &Path, epochs: &str, out: &Path| {
        overread("train --json --bundle breast-us --device cpu --seed 6 --epochs")
            .arg(epochs)
            .arg("--data")
            .arg(&data)
            .arg("--from")
            .arg(bundle)
            .arg("--out")
            .arg(out)
            .run()
    };
    let weights = |bundle: &Path| std::fs::read(bundle.join("weights.safetensors"));

    let again = folder.join("again");
    from(&first, "0", &again)?.ended(0);
    assert!(weights(&again)? == weights(&first)?);
    for file in ["metadata.json", "evaluation.json", "training_curve.json"] {
        assert_eq!(read(again.join(file))?, read(first.join(file))?, "{file}");
    }

    let further = folder.join("further");
    from(&first, "1", &further)?.ended(0);
    assert!(weights(&further)? != weights(&first)?);
    let loss = |bundle: &Path, epoch: usize| -> Outcome<f64> {
        Ok(number(
            &read(bundle.join("training_curve.json"))?,
            &format!("0/{epoch}/loss"),
        ))
    };
    assert!(loss(&further, 0)? < loss(&first, 0)?);
    let metadata = read(further.join("metadata.json"))?;
    let begun = text(&read(first.join("metadata.json"))?, "version").to_owned();
    assert!(text(&metadata, "training/command").contains(&format!("--from <breast-us {begun}>")));
    let sha256 = text(&metadata, "training/from/weights_sha256");
    let card = std::fs::read_to_string(further.join("MODEL_CARD.md"))?;
    assert!(card.contains(&format!(
        "It began with the weights of `breast-us` {begun} (sha256 `{sha256}`)"
    )));

    let refused = folder.join("refused");
    let none = overread("train --bundle breast-us --epochs 0 --data")
        .arg(&data)
        .arg("--out")
        .arg(&refused);
    let ran = none.run()?;
    assert!(
        ran.code != Some(0) && ran.stderr.contains("--epochs 0 trains nothing"),
        "{ran}"
    );
    let other = overread_tests::repository().join("models/router");
    let ran = from(&other, "1", &refused)?;
    assert!(
        ran.code != Some(0) && ran.stderr.contains("another network than the recipe of breast-us"),
        "{ran}"
    );
    assert!(!refused.exists());
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
    std::fs::write(&path, &whole)?;

    // What only a look into the images tells, in one list too.
    GrayImage::new(50, 40).save(data.join("p1_mask.png"))?;
    std::fs::write(data.join("p5.png"), b"no picture")?;
    let ran = train(&data, &out).run()?;
    let said = ran.ended(1).json()?;
    for fault in [
        "line 3: the mask of 'p1.png' is 40 x 50",
        "line 7: 'p5.png' cannot be read",
    ] {
        assert!(text(&said, "error/message").contains(fault), "{ran}");
    }
    assert!(!out.exists());
    Ok(())
}

#[test]
fn packs_for_the_gate_are_looked_into_before_the_training_too() -> Done {
    let folder = scratch(env!("CARGO_TARGET_TMPDIR"), "training_others")?;
    let (data, packs, out) = (folder.join("pack"), folder.join("packs"), folder.join("out"));
    pack(&data)?;
    let with_others = || train(&data, &out).arg("--others").arg(&packs).run();
    std::fs::create_dir_all(&packs)?;
    let ran = with_others()?;
    assert!(ran.code != Some(0) && ran.stderr.contains("holds no pack"), "{ran}");

    pack(&packs.join("strangers"))?;
    std::fs::write(packs.join("strangers/p9.png"), b"no picture")?;
    // A pack for decoding names no labels and is left out.
    std::fs::create_dir(packs.join("files"))?;
    std::fs::write(packs.join("files/manifest.csv"), "file,what\na.dcm,a slice\n")?;
    let ran = with_others()?;
    assert!(
        ran.code != Some(0) && ran.stderr.contains("'strangers: p9.png' cannot be read"),
        "{ran}"
    );
    assert!(!out.exists());
    Ok(())
}

#[test]
fn a_member_that_dies_ends_the_training_at_once_with_its_reason() -> Done {
    let folder = scratch(env!("CARGO_TARGET_TMPDIR"), "training_death")?;
    let (data, out) = (folder.join("pack"), folder.join("out"));
    pack(&data)?;
    let call = overread("train --bundle breast-us --device cpu --epochs 5000 --data").arg(&data);
    let mut running = call.arg("--out").arg(&out).start()?;
    running.wait_until_it_says("/5000")?;
    // A decoder may still wait for the next file.
    let mut workers = children(running.id());
    workers.retain(|(_, name)| name == "overread-worker");
    assert_eq!(workers.len(), 2, "{workers:?}");
    kill(workers[1].0)?;
    let ran = running.finish()?;
    assert!(
        ran.code != Some(0) && ran.stderr.contains("the training ended by signal: 9"),
        "{ran}"
    );
    assert!(!is_running(workers[0].0), "the other member computes on");
    Ok(())
}
