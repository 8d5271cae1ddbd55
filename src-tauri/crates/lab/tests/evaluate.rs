//! Evaluation from files to figures, with answers whose figures are known beforehand. The network is
//! left out; decoding, preparation, gate, regions and figures are those of use.

use std::error::Error;
use std::fmt::Write;
use std::path::Path;

use domain::{DeviceChoice, Estimate, FailureCode, OperatingPoint, Session, SetRef, Split};
use engine::bundle::{
    CLASS, Calibration, LESION as LESION_MAP, MapKind, NetworkSpec, RegionSpec, of_reader, outputs_of,
};
use engine::tensors::{FEATURES, Tensor};
use engine::{Bundle, Fixed, ModelInput};
use lab::{EvaluateRequest, Judged};
use learn::manifest::{self, Case};
use learn::{Checks, Evaluation, Selection};
use sha2::{Digest, Sha256};

type Checked = Result<(), Box<dyn Error>>;

const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../models/brain-mri-flair");
const SIDE: u32 = 64;
const LESION: u32 = 8;
const HEADER: &str = "file,mask,label,anomaly,split,patient_id,group_id,subset,core,adjacent_to_lesion,sha256";

/// The shipped bundle's way from map to figures, without its gate, for small images.
fn bundle(kinds: &[&str]) -> Result<Bundle, Box<dyn Error>> {
    let mut bundle = Bundle::load(Path::new(SHIPPED))?;
    bundle.gate = None;
    let m = &mut bundle.metadata;
    m.gate = None;
    m.input.size = SIDE;
    m.input.quality = None;
    let region = RegionSpec {
        top_pixels: 4,
        min_pixels: 2,
        map_threshold: 0.5,
        class_share: 0.0,
    };
    let network = NetworkSpec {
        maps: vec![MapKind::Lesion],
        classes: 1 + kinds.len() as u32,
        autoencoder: false,
        ..m.network().clone()
    };
    let kinds: Vec<String> = kinds.iter().map(|kind| (*kind).to_owned()).collect();
    m.tasks = of_reader(&network, region, ["lesion", "unknown"], &kinds);
    m.outputs = outputs_of(&network, SIDE, &m.tasks);
    m.outputs.retain(|name, _| name != FEATURES);
    m.calibration = Calibration {
        slope: 1.0,
        intercept: 0.0,
        made_on: None,
    };
    m.operating_points = vec![OperatingPoint {
        name: "half".into(),
        threshold: 0.5,
        sensitivity: Estimate::bare(1.0),
        specificity: Some(Estimate::bare(1.0)),
        set: SetRef::new("made", None, None),
        chosen_on_it: false,
        patients: None,
    }];
    Ok(bundle)
}

fn random(state: &mut u64) -> f32 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
    ((*state >> 40) as f32) / (1u64 << 24) as f32
}

/// A dim noisy image, with a bright square where there is a lesion, and its mask.
fn write_picture(folder: &Path, name: &str, lesion: Option<(u32, u32)>, seed: u64) -> Checked {
    let inside = |x: u32, y: u32| {
        lesion.is_some_and(|(left, top)| (left..left + LESION).contains(&x) && (top..top + LESION).contains(&y))
    };
    let mut state = seed;
    let picture = image::GrayImage::from_fn(SIDE, SIDE, |x, y| {
        let noise = 40 + (random(&mut state) * 50.0) as u8;
        image::Luma([if inside(x, y) { 255 } else { noise }])
    });
    picture.save(folder.join(format!("{name}.png")))?;
    if lesion.is_some() {
        let mask = image::GrayImage::from_fn(SIDE, SIDE, |x, y| image::Luma([if inside(x, y) { 255 } else { 0 }]));
        mask.save(folder.join(format!("{name}_mask.png")))?;
    }
    Ok(())
}

/// `patients` x 4 images, the first two of each with a lesion, the third beside one. Patients have
/// no id of their own, as in a pack that knows near-duplicates only.
fn write_set(folder: &Path, patients: u32) -> Checked {
    let mut rows = format!("{HEADER}\n");
    for patient in 0..patients {
        for slice in 0..4 {
            let name = format!("{patient}-{slice}");
            let lesion = (slice < 2).then_some((4 + 9 * slice, 5 + patient * 7 % 40));
            write_picture(folder, &name, lesion, u64::from(100 * patient + slice))?;
            let mask = lesion.map(|_| format!("{name}_mask.png")).unwrap_or_default();
            let (label, anomaly) = if lesion.is_some() { ("LESION", 1) } else { ("NONE", 0) };
            let (core, adjacent) = (u8::from(slice != 3), u8::from(slice == 2));
            writeln!(
                rows,
                "{name}.png,{mask},{label},{anomaly},sealed,,group{patient},,{core},{adjacent},"
            )?;
        }
    }
    std::fs::write(folder.join("manifest.csv"), rows)?;
    Ok(())
}

fn cases(folder: &Path) -> Result<Vec<Case>, Box<dyn Error>> {
    Ok(manifest::load(
        &folder.join("manifest.csv"),
        &Selection::default(),
        Checks::default(),
    )?)
}

fn judge(cases: &[Case], answer: impl FnMut(&ModelInput) -> Vec<Tensor> + Send) -> Result<Evaluation, Box<dyn Error>> {
    let bundle = bundle(&[])?;
    let judged = Judged {
        bundle: &bundle,
        cases,
        training: &[],
        set: &SetRef::new("made set", None, None),
        manifest_sha256: None,
    };
    let session = Session::local_administrator("tests");
    Ok(lab::judge(&session, &judged, &mut Fixed(answer), &mut |_, _, _| true)?)
}

fn output(map: Vec<f32>, logits: &[f32]) -> Vec<Tensor> {
    vec![
        Tensor::new(LESION_MAP, vec![1, SIDE, SIDE], map),
        Tensor::new(CLASS, vec![logits.len() as u32], logits.to_vec()),
    ]
}

/// The bright square, and nothing else.
fn bright(input: &ModelInput) -> Vec<f32> {
    input.values.iter().map(|v| f32::from(u8::from(*v > 3.5))).collect()
}

/// Sees the bright square.
fn perfect(input: &ModelInput) -> Vec<Tensor> {
    output(bright(input), &[0.0])
}

fn value(estimate: Option<Estimate>) -> Option<f64> {
    estimate.map(|e| (e.value * 1e4).round() / 1e4)
}

#[test]
fn a_perfect_predictor_has_perfect_figures_from_the_files_on() -> Checked {
    let folder = tempfile::tempdir()?;
    write_set(folder.path(), 12)?;
    let e = judge(&cases(folder.path())?, perfect)?;
    assert_eq!((e.n_images, e.n_patients, e.n_refused, e.n_scored), (48, 12, 0, 36));
    let f = &e.figures;
    let whole = [
        f.image_auc,
        f.sensitivity,
        f.specificity,
        f.patient_dice,
        f.slice_dice,
        f.pointing,
    ];
    assert_eq!(whole.map(value), [Some(1.0); 6]);
    let none = [f.false_positives_per_image, f.ece, f.ece_before, f.brier, f.refused];
    assert_eq!(none.map(value), [Some(0.0); 5]);
    assert_eq!(f.malignant_auc, None);
    let core = &e.core;
    assert_eq!((core.n_images, value(core.figures.slice_dice)), (36, Some(1.0)));
    // Adjacent images are the only core ones without a lesion, and their label is unsure.
    assert_eq!(core.figures.image_auc, None);
    assert!(e.probe.thumbnail_auc.is_some() && e.probe.centre_pointing.is_some());
    Ok(())
}

#[test]
fn a_random_predictor_has_the_figures_of_chance_from_the_files_on() -> Checked {
    let folder = tempfile::tempdir()?;
    write_set(folder.path(), 60)?;
    let mut state = 7;
    let guess = |input: &ModelInput| {
        let mut map = vec![0.0; input.values.len()];
        let (x, y) = (
            (random(&mut state) * (SIDE - 2) as f32) as usize,
            (random(&mut state) * (SIDE - 2) as f32) as usize,
        );
        let height = random(&mut state);
        for at in [0, 1, SIDE as usize, SIDE as usize + 1] {
            map[y * SIDE as usize + x + at] = height;
        }
        output(map, &[0.0])
    };
    let e = judge(&cases(folder.path())?, guess)?;
    let f = &e.figures;
    let near = |name: &str, found: Option<Estimate>, expected: f64, slack: f64| {
        let found = value(found).ok_or(name.to_owned())?;
        assert!(
            (found - expected).abs() < slack,
            "{name}: {found} is not near {expected}"
        );
        Ok::<(), String>(())
    };
    near("image_auc", f.image_auc, 0.5, 0.1)?;
    near("sensitivity", f.sensitivity, 0.5, 0.12)?;
    near("specificity", f.specificity, 0.5, 0.16)?;
    // Uniform scores: the mean squared distance from either end is a third.
    near("brier", f.brier, 1.0 / 3.0, 0.05)?;
    // 64 of 4096 pixels are lesion.
    near("pointing", f.pointing, 64.0 / 4096.0, 0.04)?;
    near("slice_dice", f.slice_dice, 0.0, 0.01)?;
    // Every second guess is flagged and shows its one region.
    near("false_positives_per_image", f.false_positives_per_image, 0.5, 0.1)?;
    Ok(())
}

#[test]
fn a_set_of_lesions_alone_and_one_of_labels_alone_have_null_figures_and_say_so() -> Checked {
    let folder = tempfile::tempdir()?;
    write_set(folder.path(), 4)?;
    let mut lesions = cases(folder.path())?;
    lesions.retain(|case| case.anomaly);
    let e = judge(&lesions, perfect)?;
    let f = &e.figures;
    assert_eq!((f.image_auc, f.specificity, e.probe.thumbnail_auc), (None, None, None));
    assert_eq!([f.slice_dice, f.pointing, f.sensitivity].map(value), [Some(1.0); 3]);
    assert!(
        e.notes.iter().any(|note| note.contains("no image without an anomaly")),
        "{:?}",
        e.notes
    );

    let mut labels = cases(folder.path())?;
    labels.iter_mut().for_each(|case| case.mask = None);
    let e = judge(&labels, perfect)?;
    let f = &e.figures;
    assert_eq!((f.slice_dice, f.patient_dice, f.pointing), (None, None, None));
    assert_eq!(value(f.image_auc), Some(1.0));
    assert!(
        e.notes.iter().any(|note| note.contains("no outlined lesion")),
        "{:?}",
        e.notes
    );
    Ok(())
}

#[test]
fn malignant_is_the_output_of_that_kind() -> Checked {
    let folder = tempfile::tempdir()?;
    write_set(folder.path(), 4)?;
    let mut lesions = cases(folder.path())?;
    lesions.retain(|case| case.anomaly);
    // Lesions on the left are malignant.
    for (index, case) in lesions.iter_mut().enumerate() {
        case.label = if index % 2 == 0 { "MALIGNANT" } else { "BENIGN" }.into();
    }
    let telling = |input: &ModelInput| {
        let map = bright(input);
        let left = map.iter().position(|v| *v > 0.5).unwrap_or_default() % SIDE as usize;
        output(map, &[0.0, -3.0, -(left as f32)])
    };
    let bundle = self::bundle(&["odd", "malignant"])?;
    let judged = Judged {
        bundle: &bundle,
        cases: &lesions,
        training: &[],
        set: &SetRef::new("made set", None, None),
        manifest_sha256: None,
    };
    let session = Session::local_administrator("tests");
    let e = lab::judge(&session, &judged, &mut Fixed(telling), &mut |_, _, _| true)?;
    assert_eq!(value(e.figures.malignant_auc), Some(1.0));
    let other = self::bundle(&["odd", "other"])?;
    let judged = Judged {
        bundle: &other,
        ..judged
    };
    let e = lab::judge(&session, &judged, &mut Fixed(telling), &mut |_, _, _| true)?;
    assert_eq!(e.figures.malignant_auc, None);
    Ok(())
}

#[test]
fn all_problems_of_text_files_and_pictures_come_in_one_list() -> Checked {
    let folder = tempfile::tempdir()?;
    let path = folder.path();
    for name in ["a", "b", "c", "f", "g"] {
        write_picture(path, name, Some((5, 5)), 1)?;
    }
    image::GrayImage::new(SIDE, SIDE / 2).save(path.join("b_mask.png"))?;
    std::fs::write(path.join("d.png"), "not an image")?;
    std::fs::write(path.join("f_mask.png"), "nor this")?;
    let hash = |name: &str| -> Result<String, std::io::Error> {
        let digest = Sha256::digest(std::fs::read(path.join(name))?);
        Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
    };
    let rows = [
        "a.png,a_none.png,LESION,1,val,P1,,,,,".to_owned(),
        "b.png,b_mask.png,LESION,1,val,P2,,,,,".to_owned(),
        format!("c.png,c_mask.png,LESION,1,val,P3,,,,,{}", "0".repeat(64)),
        "d.png,,NONE,0,val,P4,,,,,".to_owned(),
        "e.png,,NONE,0,val,P5,,,,,".to_owned(),
        "f.png,f_mask.png,LESION,1,val,P6,,,,,".to_owned(),
        format!("g.png,g_mask.png,LESION,1,train,P6,,,,,{}", hash("g.png")?),
        "h.png,,,0,val,P7,,,,,".to_owned(),
    ];
    let manifest = path.join("manifest.csv");
    std::fs::write(&manifest, format!("{HEADER}\n{}\n", rows.join("\n")))?;
    let out = path.join("out");
    let ask = |split: Option<Split>| {
        let request = EvaluateRequest {
            bundle: SHIPPED.into(),
            manifest: manifest.clone(),
            stated: domain::Stated::default(),
            split,
            subset: None,
            device: DeviceChoice::Cpu,
            out: Some(out.clone()),
            shifted: false,
            others: None,
            attack: None,
        };
        let session = Session::local_administrator("tests");
        lab::evaluate(&session, &request, &mut |_, _, _| true)
    };
    let failure = ask(Some(Split::Val)).err().ok_or("a broken manifest was taken")?;
    assert_eq!(failure.code, FailureCode::BadData);
    for expected in [
        "line 2: the mask 'a_none.png' is not there",
        "line 3: the mask of 'b.png' is 32 x 64, the image 64 x 64",
        "the sha256 of 'c.png' is",
        "line 5: 'd.png' cannot be read",
        "line 6: the image 'e.png' is not there",
        "line 7: 'f_mask.png' cannot be read",
        "leakage: lines 7 and 8 belong to one patient",
        "line 9: the column 'label' is empty",
    ] {
        assert!(
            failure.message.contains(expected),
            "{expected:?} is not in:\n{}",
            failure.message
        );
    }
    assert!(
        failure.message.starts_with("the manifest has 8 problems"),
        "{}",
        failure.message
    );
    assert!(
        !out.join("evaluation.json").exists(),
        "something was computed all the same"
    );

    std::fs::write(&manifest, "file,mask\na.png,\n")?;
    let failure = ask(None).err().ok_or("missing columns were taken")?;
    for column in ["label", "anomaly", "split", "patient_id' or 'group_id"] {
        assert!(
            failure.message.contains(&format!("the column '{column}' is missing")),
            "{}",
            failure.message
        );
    }
    Ok(())
}
