//! What `analyze` and `decode` print for single files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use overread_tests::{
    BUNDLE, Done, Outcome, assert_keys, csv_rows, data, each, field, need, number, overread, text, texts,
};
use serde_json::Value;

use crate::{analyze, sample};

/// Losslessly coded files of the DICOM pack, one or two for each way of storing pixels.
const DECODED: [&str; 14] = [
    "files/6_1.dcm",
    "files/CR-ModalitySequenceLUT.dcm",
    "files/CT0012.fragmented_no_bot_jpeg_lossless.57.dcm",
    "files/CT0012.not_fragmented_no_bot_rle.dcm",
    "files/CT1_J2KR.dcm",
    "files/CT1_JPLL.dcm",
    "files/CT1_RLE.dcm",
    "files/ExplVR_BigEnd.dcm",
    "files/MR_small_bigendian.dcm",
    "files/SC_rgb_expb_16bit.dcm",
    "files/chrGreek.dcm",
    "files/emri_small_jpeg_2k_lossless.dcm",
    "files/gdcm-US-ALOKA-16.dcm",
    "files/image_dfl.dcm",
];

/// A real slice with a lesion, of the patients that no bundle was trained on.
const REAL_JPEG: &str = "brain-mri/lgg-flair/val/TCGA_HT_8105_021.jpg";

/// Every key of an analysis, its type and its range.
pub fn check_analysis(analysis: &Value) {
    let keys = [
        "file",
        "sop_instance_uid",
        "frame",
        "frame_number",
        "bundle",
        "version",
        "weights_sha256",
        "input",
        "score",
        "says",
        "flagged",
        "outlined",
        "flags",
        "heads",
        "operating_point",
        "prevalence",
        "findings",
        "anomaly_map",
        "device",
        "precision",
        "milliseconds",
    ];
    assert_keys(analysis, &keys);
    assert_keys(&analysis["input"], &["verdict", "reason", "score"]);
    assert_keys(
        &analysis["operating_point"],
        &[
            "name",
            "threshold",
            "sensitivity",
            "specificity",
            "set",
            "chosen_on_it",
            "patients",
        ],
    );
    assert_keys(
        &analysis["milliseconds"],
        &["decode", "preprocess", "infer", "post", "total"],
    );
    for name in [
        "file",
        "sop_instance_uid",
        "version",
        "operating_point/name",
        "operating_point/set",
    ] {
        assert!(!text(analysis, name).is_empty(), "{name}");
    }
    assert_eq!(text(analysis, "bundle"), BUNDLE);
    assert!(field(analysis, "frame").is_u64());
    let sha256 = text(analysis, "weights_sha256");
    assert!(
        sha256.len() == 64 && sha256.chars().all(|c| c.is_ascii_hexdigit()),
        "{sha256}"
    );
    // No patient of its data is without a lesion.
    assert!(field(analysis, "operating_point/specificity").is_null());
    for name in ["threshold", "sensitivity"] {
        let value = number(analysis, &format!("operating_point/{name}"));
        assert!((0.0..=1.0).contains(&value), "{name} is {value}");
    }
    assert_eq!(text(analysis, "device"), "cpu");
    assert!(["fp32", "bf16"].contains(&text(analysis, "precision")));
    for name in ["decode", "preprocess", "infer", "post"] {
        let stage = number(analysis, &format!("milliseconds/{name}"));
        assert!(
            stage >= 0.0 && stage <= number(analysis, "milliseconds/total"),
            "{name}: {analysis:#}"
        );
    }
    let verdict = text(analysis, "input/verdict");
    assert!(["in_range", "out_of_range", "unknown"].contains(&verdict), "{verdict}");
    if verdict == "out_of_range" {
        assert!(text(analysis, "input/reason").len() > 20, "{analysis:#}");
        assert_eq!(
            (&analysis["score"], &analysis["flagged"], &analysis["outlined"]),
            (&Value::Null, &Value::Bool(false), &Value::Bool(false))
        );
        assert_eq!(
            each(analysis, "findings").len(),
            0,
            "a decision outside the input range: {analysis:#}"
        );
    } else {
        check_answer(analysis);
    }
}

/// A bundle that says whether flags, one that says where outlines, and neither says the other's word.
#[test]
fn a_bundle_flags_or_outlines_and_never_both() -> Done {
    let chest = need!(data("chest-xray/images/val"));
    let scans = [sample("png/lesion-01.png"), sample("png/clean-01.png")];
    let films = ["PNEUMONIA/person1110_bacteria_3051.jpg", "NORMAL/IM-0135-0001.jpg"].map(|film| chest.join(film));
    let sentence = "This model says where, not whether: it was not established how often it stays silent on patients \
                    without a lesion.";
    for (bundle, images, says, words, others) in [
        (
            BUNDLE,
            &scans,
            "where",
            ["outlined     1 region, score", "nothing outlined  score"],
            "flag",
        ),
        (
            "chest-xray-child",
            &films,
            "whether",
            ["FLAGGED      score", "not flagged  score"],
            "outlined",
        ),
    ] {
        let call = |how: &str| overread(how).arg(bundle).args(images).run();
        let told = call("analyze --device cpu --bundle")?.ended(0).stdout.clone();
        assert!(words.iter().all(|word| told.contains(word)), "{told}");
        assert!(!told.to_lowercase().contains(others), "{told}");
        assert_eq!(told.contains(sentence), says == "where", "{told}");
        let json = call("analyze --json --device cpu --bundle")?.ended(0).json()?;
        for (analysis, reached) in each(&json, "analyses").iter().zip([true, false]) {
            let got = (
                text(analysis, "says"),
                field(analysis, "flagged"),
                field(analysis, "outlined"),
            );
            let (flagged, outlined) = (reached && says == "whether", reached && says == "where");
            assert_eq!(
                got,
                (says, &Value::Bool(flagged), &Value::Bool(outlined)),
                "{analysis:#}"
            );
            assert_eq!(each(analysis, "heads").is_empty(), !reached, "{analysis:#}");
            assert_eq!(each(analysis, "flags").is_empty(), !flagged, "{analysis:#}");
            assert_eq!(each(analysis, "findings").is_empty(), !reached, "{analysis:#}");
        }
    }
    Ok(())
}

fn check_answer(analysis: &Value) {
    assert!((0.0..=1.0).contains(&number(analysis, "score")));
    let reached = number(analysis, "score") >= number(analysis, "operating_point/threshold");
    // The bundle says where and not whether.
    assert_eq!(
        (text(analysis, "says"), field(analysis, "flagged")),
        ("where", &Value::Bool(false))
    );
    assert_eq!(field(analysis, "outlined"), reached);
    assert_eq!(
        (each(analysis, "flags").len(), each(analysis, "heads").is_empty()),
        (0, !reached)
    );
    for finding in each(analysis, "findings") {
        assert_keys(
            finding,
            &[
                "id",
                "label",
                "score",
                "box",
                "peak",
                "area_px",
                "area_mm2",
                "diameter_mm",
                "size_rests_on",
            ],
        );
        assert!(
            text(finding, "id").len() == 32 && !text(finding, "label").is_empty(),
            "{finding}"
        );
        assert!((0.0..=1.0).contains(&number(finding, "score")), "{finding}");
        assert_eq!(
            (each(finding, "box").len(), each(finding, "peak").len()),
            (4, 2),
            "{finding}"
        );
        assert!(
            each(finding, "box")
                .iter()
                .chain(each(finding, "peak"))
                .all(Value::is_u64),
            "{finding}"
        );
        assert!(field(finding, "area_px").is_u64(), "{finding}");
        assert!(
            finding["area_mm2"].is_null() || finding["area_mm2"].is_f64(),
            "{finding}"
        );
    }
}

#[test]
fn analyze_prints_the_contract_for_a_real_picture() -> Done {
    let picture = need!(data(REAL_JPEG));
    let ran = analyze().arg(&picture).run()?;
    let json = ran.ended(0).json()?;
    assert_keys(&json, &["analyses", "hidden", "failed"]);
    assert_eq!((each(&json, "analyses").len(), each(&json, "failed").len()), (1, 0));
    let analysis = &json["analyses"][0];
    check_analysis(analysis);
    assert_eq!(text(analysis, "file"), picture.display().to_string());
    assert_eq!(text(analysis, "input/verdict"), "in_range", "{ran}");
    assert_eq!(analysis["anomaly_map"], Value::Null);
    Ok(())
}

#[test]
fn a_picture_of_something_else_gets_no_score() -> Done {
    let ct = need!(data("dicom/files/CT1_RLE.dcm"));
    let json = analyze().arg(&ct).run()?.ended(0).json()?;
    let analysis = &json["analyses"][0];
    check_analysis(analysis);
    assert_eq!(text(analysis, "input/verdict"), "out_of_range", "{analysis:#}");
    assert!(text(analysis, "input/reason").contains("CT"), "{analysis:#}");
    Ok(())
}

#[test]
fn each_frame_of_a_file_is_analysed() -> Done {
    let file = need!(data("dicom/files/emri_small_RLE.dcm"));
    let json = analyze().arg(&file).run()?.ended(0).json()?;
    let frames: Vec<u64> = each(&json, "analyses")
        .iter()
        .filter_map(|a| a["frame"].as_u64())
        .collect();
    assert_eq!(frames, (0..10).collect::<Vec<_>>());
    each(&json, "analyses").iter().for_each(check_analysis);
    Ok(())
}

/// The map has the image's size and 16 bits, and its highest value lies where the finding says.
fn check_map(picture: &Path, size: (u32, u32)) -> Done {
    let folder = tempfile::tempdir()?;
    let maps = folder.path().join("maps");
    let json = analyze().arg(picture).arg("--maps").arg(&maps).run()?.ended(0).json()?;
    let analysis = &json["analyses"][0];
    let path = text(analysis, "anomaly_map");
    assert!(Path::new(path).starts_with(&maps), "{path}");
    let image::DynamicImage::ImageLuma16(map) = image::open(path)? else {
        return Err(format!("{path} is not a 16-bit grey picture").into());
    };
    assert_eq!(map.dimensions(), size);
    let highest = map.pixels().map(|p| p.0[0]).max().unwrap_or_default();
    let at = |finding: &Value| -> Outcome<u16> {
        let [x, y] = [0, 1].map(|i| field(finding, &format!("peak/{i}")).as_u64());
        let (x, y) = x.zip(y).ok_or("a peak is a pixel")?;
        Ok(map.get_pixel(u32::try_from(x)?, u32::try_from(y)?).0[0])
    };
    let peaks = each(analysis, "findings")
        .iter()
        .map(at)
        .collect::<Outcome<Vec<u16>>>()?;
    assert_eq!(
        peaks.iter().max(),
        Some(&highest),
        "no peak at the map's maximum: {analysis:#}"
    );
    assert!(
        highest > 1 << 14 && map.pixels().any(|p| p.0[0] < 1 << 12),
        "a flat map up to {highest}"
    );
    Ok(())
}

#[test]
fn the_anomaly_map_of_a_sample_peaks_where_its_finding_does() -> Done {
    check_map(&sample("png/lesion-02.png"), (256, 256))
}

#[test]
fn the_anomaly_map_of_a_real_picture_peaks_where_its_finding_does() -> Done {
    data(REAL_JPEG).map_or(Ok(()), |picture| check_map(&picture, (256, 256)))
}

#[test]
fn the_same_picture_gives_the_same_findings_again() -> Done {
    let pictures = || analyze().arg(sample("png")).arg(sample("dicom/lesion-1/IM0006.dcm"));
    let [first, second] = [pictures().run()?.ended(0).json()?, pictures().run()?.ended(0).json()?];
    let kept = |json: &Value| -> Vec<(Value, Value)> {
        each(json, "analyses")
            .iter()
            .map(|a| (a["score"].clone(), a["findings"].clone()))
            .collect()
    };
    assert_eq!(kept(&first), kept(&second));
    let ids: Vec<&str> = each(&first, "analyses")
        .iter()
        .flat_map(|a| texts(a, "findings", "id"))
        .collect();
    let distinct: BTreeSet<_> = ids.iter().collect();
    assert!(ids.len() >= 3 && distinct.len() == ids.len(), "{ids:?}");
    Ok(())
}

#[test]
fn decode_agrees_with_the_reference() -> Done {
    use sha2::{Digest, Sha256};
    let pack = need!(data("dicom"));
    let rows = csv_rows(&pack.join("manifest.csv"))?;
    let rows: BTreeMap<&str, _> = rows.iter().map(|row| (row["file"].as_str(), row)).collect();
    let folder = tempfile::tempdir()?;
    let raw = folder.path().join("raw");
    for file in DECODED {
        let row = rows.get(file).ok_or_else(|| format!("{file} is not in the manifest"))?;
        let ran = overread("decode --json")
            .arg(pack.join(file))
            .arg("--raw")
            .arg(&raw)
            .run()?;
        let json = ran.ended(0).json()?;
        let keys = [
            "file",
            "header",
            "shape",
            "dtype",
            "sha256_raw",
            "min",
            "max",
            "mean",
            "statistics",
            "notes",
            "milliseconds",
        ];
        assert_keys(&json, &keys);
        for (name, column) in [
            ("shape", "ref_shape"),
            ("dtype", "ref_dtype"),
            ("sha256_raw", "ref_sha256_raw"),
        ] {
            assert_eq!(text(&json, name), row[column], "{name} of {file}");
        }
        for (name, column) in [("min", "ref_min"), ("max", "ref_max"), ("mean", "ref_mean")] {
            let wanted: f64 = row[column].parse()?;
            // The manifest has four decimals.
            assert!(
                (number(&json, name) - wanted).abs() < 6e-5,
                "{name} of {file} is not {wanted}: {ran}"
            );
        }
        let sha256: String = Sha256::digest(fs::read(&raw)?)
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        assert_eq!(sha256, row["ref_sha256_raw"], "the raw bytes of {file}");
    }
    Ok(())
}

#[test]
fn decode_draws_the_first_frame() -> Done {
    let folder = tempfile::tempdir()?;
    let out = folder.path().join("x.png");
    overread("decode --json")
        .arg(sample("dicom/lesion-1/IM0005.dcm"))
        .arg("--png")
        .arg(&out)
        .run()?
        .ended(0);
    let image::DynamicImage::ImageLuma8(drawn) = image::open(&out)? else {
        return Err("not an 8-bit grey picture".into());
    };
    assert_eq!(drawn.dimensions(), (256, 256));
    assert!(drawn.pixels().any(|p| p.0[0] == 0) && drawn.pixels().any(|p| p.0[0] > 200));
    Ok(())
}
