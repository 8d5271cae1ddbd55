//! `evaluate` on real slices, as a person calls it: figures, plots, cases, attack.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use overread_tests::{Done, data, each, field, need, number, overread, repository, text};

/// Rows of the validation split with their files copied: twelve with a lesion and twelve without, two
/// of each at most of a patient.
fn small_pack(from: &Path, to: &Path) -> Done {
    let table = fs::read_to_string(from.join("manifest.csv"))?;
    let mut lines = table.lines();
    let header = lines.next().ok_or("an empty manifest")?;
    let mut kept = vec![header.to_owned()];
    let mut counts = [0, 0];
    let mut of_patient: BTreeMap<(String, usize), usize> = BTreeMap::new();
    for line in lines.filter(|line| line.starts_with("lgg-flair/val/")) {
        let cells: Vec<&str> = line.split(',').collect();
        let lesion = usize::from(cells[3] == "1");
        let own = of_patient.entry((cells[6].to_owned(), lesion)).or_default();
        if counts[lesion] == 12 || *own == 2 || !line.contains(",1,0,MR FLAIR") {
            continue;
        }
        *own += 1;
        counts[lesion] += 1;
        for name in cells[..2].iter().filter(|name| !name.is_empty()) {
            let target = to.join(name);
            fs::create_dir_all(target.parent().ok_or("a file without a folder")?)?;
            fs::copy(from.join(name), target)?;
        }
        // A sealed set carries another split name.
        kept.push(line.replacen(",val,", ",sealed,", 1));
    }
    assert_eq!(counts, [12, 12]);
    fs::write(to.join("manifest.csv"), kept.join("\n") + "\n")?;
    Ok(())
}

#[test]
fn figures_plots_cases_and_attack_of_a_set_with_another_split_name() -> Done {
    let from = need!(data("brain-mri"));
    let folder = tempfile::tempdir()?;
    let pack = folder.path().join("pack");
    fs::create_dir(&pack)?;
    small_pack(&from, &pack)?;
    let out = folder.path().join("out");
    let call = || {
        overread("evaluate --device cpu --subset lgg-flair --bundle")
            .arg(repository().join("models/brain-mri-flair"))
            .arg("--manifest")
            .arg(pack.join("manifest.csv"))
            .limit(std::time::Duration::from_secs(1800))
    };
    let ran = call()
        .args(["--json", "--attack", "pgd", "--attack-images", "2", "--out"])
        .arg(&out)
        .run()?;
    ran.ended(0);
    let found = ran.json()?;
    for key in [
        "image_auc",
        "sensitivity",
        "specificity",
        "patient_dice",
        "slice_dice",
        "pointing",
        "false_positives_per_image",
        "ece",
        "ece_before",
        "brier",
        "refused",
        "core/image_auc",
        "core/pointing",
        "probe/thumbnail_auc",
        "probe/border_auc",
        "probe/centre_pointing",
        "probe/ece_if_calibrated",
    ] {
        let value = number(&found, &format!("{key}/value"));
        assert!((0.0..=24.0).contains(&value), "{key}: {value}");
        assert!(number(&found, &format!("{key}/low")) <= value, "{key}");
        assert!(number(&found, &format!("{key}/high")) >= value, "{key}");
    }
    assert!(field(&found, "malignant_auc").is_null());
    assert_eq!(
        (number(&found, "n_images"), text(&found, "set")),
        (24.0, "pack/lgg-flair")
    );
    let runs = each(&found, "attack/runs");
    let kinds: Vec<(&str, f64)> = runs
        .iter()
        .map(|run| (text(run, "kind"), number(run, "epsilon_255")))
        .collect();
    let expected = [1.0, 2.0, 4.0].map(|e| [("static", e), ("adaptive", e)]).concat();
    assert_eq!(kinds, expected);
    let clean = number(&found, "attack/clean/image_auc/value");
    let strongest = number(&runs[4], "image_auc/value");
    assert!(strongest < clean, "the attack left {strongest} of {clean}");

    let written: serde_json::Value = serde_json::from_slice(&fs::read(out.join("evaluation.json"))?)?;
    assert_eq!(written, found);
    for name in ["roc", "reliability", "froc"] {
        assert!(fs::read_to_string(out.join(format!("{name}.svg")))?.starts_with("<svg"));
        assert!(image::open(out.join(format!("{name}.png")))?.width() > 600);
    }
    assert!(image::open(out.join("cases.png"))?.height() > 1000);
    Ok(())
}
