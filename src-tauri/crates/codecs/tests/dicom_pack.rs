//! Every decodable file of the `dicom` pack against the reference decoders' stored values.

mod common;

use std::{
    collections::BTreeMap,
    error::Error,
    path::Path,
    time::{Duration, Instant},
};

use common::{Decoder, Done, Row, decoder, rows, sha256_raw};
use decode::Source;
use domain::{Decoded, FailureCode, PixelData};
use needs::{data, need};
use serde_json::Value;

/// Of lossy codecs every decoder rounds differently.
const TOLERANCE: f64 = 2.0;

#[derive(Default)]
struct Tally {
    exact: usize,
    within_tolerance: usize,
    wrong: Vec<String>,
}

#[test]
fn stored_values_are_those_of_the_reference_decoders() -> Done {
    let folder = need!(data("dicom"));
    let mut decoder = decoder();
    let mut tally = Tally::default();
    let blocks = block_means(&folder)?;
    for row in rows(&folder.join("manifest.csv"))?
        .iter()
        .filter(|row| row["decodable"] == "yes")
    {
        if let Err(why) = compare(&folder, row, &blocks, &mut decoder, &mut tally) {
            tally
                .wrong
                .push(format!("{} ({}): {why}", row["file"], row["transfer_syntax"]));
        }
    }
    eprintln!(
        "dicom pack: {} equal in every bit, {} lossy within {TOLERANCE} grey levels, {} wrong",
        tally.exact,
        tally.within_tolerance,
        tally.wrong.len()
    );
    assert!(tally.wrong.is_empty(), "{}", tally.wrong.join("\n"));
    assert!(tally.exact >= 65, "only {} files were compared", tally.exact);
    Ok(())
}

fn compare(
    folder: &Path,
    row: &Row,
    blocks: &BTreeMap<String, Value>,
    decoder: &mut Decoder,
    tally: &mut Tally,
) -> Result<(), String> {
    let file = row["file"].as_str();
    let result = decoder.decode(Source::File(&folder.join(file)));
    let decoded = result.map_err(|error| format!("{:?}: {error}", error.code))?;
    let kind = decoded.pixels.data.sample_type();
    let shape = (decoded.pixels.shape(), kind.to_string());
    if shape != (row["ref_shape"].clone(), row["ref_dtype"].clone()) {
        return Err(format!(
            "{shape:?} instead of {} {}",
            row["ref_shape"], row["ref_dtype"]
        ));
    }
    if row["lossy_codec"] == "1" || row["decoders_agree"] == "no" {
        within_tolerance(&decoded, row)?;
        blocks_within_tolerance(&decoded, blocks.get(file).ok_or("no block means")?)?;
        tally.within_tolerance += 1;
    } else if sha256_raw(&decoded)? == row["ref_sha256_raw"] {
        tally.exact += 1;
    } else {
        let (min, max, mean) = decoded.pixels.data.range_and_mean();
        return Err(format!(
            "other values: {min}..{max}, mean {mean:.4} instead of {}..{}, mean {}",
            row["ref_min"], row["ref_max"], row["ref_mean"]
        ));
    }
    Ok(())
}

fn within_tolerance(decoded: &Decoded, row: &Row) -> Result<(), String> {
    let (min, max, mean) = decoded.pixels.data.range_and_mean();
    for (name, found) in [("ref_min", min), ("ref_max", max), ("ref_mean", mean)] {
        let reference: f64 = row[name].parse().map_err(|e| format!("{name}: {e}"))?;
        if (found - reference).abs() > TOLERANCE {
            return Err(format!("{name} is {reference}, found {found:.4}"));
        }
    }
    Ok(())
}

/// Means of a grid of blocks of the first frame, by file.
fn block_means(folder: &Path) -> Result<BTreeMap<String, Value>, Box<dyn Error>> {
    let text = std::fs::read_to_string(folder.join("reference_blockmeans.jsonl"))?;
    let lines = text.lines().map(|line| {
        let value: Value = serde_json::from_str(line)?;
        Ok((value["file"].as_str().ok_or("a line without a file")?.to_owned(), value))
    });
    lines.collect()
}

/// Places and channels, which one mean over the whole picture cannot tell apart.
fn blocks_within_tolerance(decoded: &Decoded, reference: &Value) -> Result<(), String> {
    let edges = |name: &str| -> Vec<usize> {
        let list = reference[name].as_array().map(Vec::as_slice).unwrap_or_default();
        list.iter().filter_map(Value::as_u64).map(|v| v as usize).collect()
    };
    let (row_edges, col_edges) = (edges("rows_edges"), edges("cols_edges"));
    let (cols, samples) = (decoded.pixels.cols as usize, decoded.pixels.samples as usize);
    let values: Vec<f64> = match &decoded.pixels.data {
        PixelData::U8(values) => values.iter().map(|v| f64::from(*v)).collect(),
        PixelData::U16(values) => values.iter().map(|v| f64::from(*v)).collect(),
        PixelData::I16(values) => values.iter().map(|v| f64::from(*v)).collect(),
        other => return Err(format!("no block means of {}", other.sample_type())),
    };
    let mut blocks = 0;
    for sample in 0..samples {
        for (y, rows) in row_edges.windows(2).enumerate() {
            for (x, columns) in col_edges.windows(2).enumerate() {
                let expected = reference["means"][sample][y][x].as_f64().ok_or("a block is missing")?;
                let places = (rows[0]..rows[1]).flat_map(|r| (columns[0]..columns[1]).map(move |c| (r, c)));
                let (sum, count) = places.fold((0.0, 0.0), |(sum, count), (r, c)| {
                    (sum + values[(r * cols + c) * samples + sample], count + 1.0)
                });
                if (sum / count - expected).abs() > TOLERANCE {
                    return Err(format!(
                        "block {y},{x} of sample {sample} is {:.2} instead of {expected}",
                        sum / count
                    ));
                }
                blocks += 1;
            }
        }
    }
    if blocks == 0 {
        Err("no blocks were compared".to_owned())
    } else {
        Ok(())
    }
}

#[test]
fn series_decode_to_the_reference_with_their_geometry() -> Done {
    let folder = need!(data("dicom"));
    let mut decoder = decoder();
    let mut wrong = Vec::new();
    let all = rows(&folder.join("series_manifest.csv"))?;
    let (mut spent, mut bytes) = (Duration::ZERO, 0);
    for row in &all {
        let started = Instant::now();
        let decoded = decoder.decode(Source::File(&folder.join(&row["file"])))?;
        spent += started.elapsed();
        bytes += row["size_bytes"].parse::<u64>()?;
        let image = &decoded.header.image;
        let number = |name: &str| row[name].parse::<f64>().unwrap_or(f64::NAN);
        let spacing: Vec<f64> = row["pixel_spacing"]
            .trim_matches(['[', ']'])
            .split(',')
            .filter_map(|v| v.trim().parse().ok())
            .collect();
        let mut expect = |what: &str, right: bool| {
            if !right {
                wrong.push(format!("{}: {what}", row["file"]));
            }
        };
        expect("pixels", sha256_raw(&decoded)? == row["ref_sha256_raw"]);
        expect(
            "series",
            decoded.header.series.series_instance_uid.as_str() == row["series_uid"],
        );
        expect("modality", decoded.header.series.modality == row["modality"]);
        expect("photometric", image.photometric_interpretation == row["photometric"]);
        expect(
            "spacing",
            spacing.len() != 2 || image.pixel_spacing_mm.is_some_and(|s| s == *spacing),
        );
        if !row["rescale_slope"].is_empty() {
            expect("slope", image.rescale.slope == number("rescale_slope"));
            expect("intercept", image.rescale.intercept == number("rescale_intercept"));
        }
        if !row["slice_location_computed"].is_empty() {
            let along = image
                .position_mm
                .zip(image.orientation)
                .map(|(p, o)| along_normal(p, o));
            expect(
                "position",
                along.is_some_and(|v| (v - number("slice_location_computed")).abs() < 0.01),
            );
        }
    }
    let each = spent / u32::try_from(all.len())?;
    eprintln!(
        "dicom series: {} files, {} KiB, {each:?} a file through the child",
        all.len(),
        bytes >> 10
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(!all.is_empty(), "the manifest has no rows");
    Ok(())
}

/// Projection of the position on the slice normal.
fn along_normal(p: [f64; 3], o: [f64; 6]) -> f64 {
    let normal = [
        o[1] * o[5] - o[2] * o[4],
        o[2] * o[3] - o[0] * o[5],
        o[0] * o[4] - o[1] * o[3],
    ];
    p.iter().zip(normal).map(|(a, b)| a * b).sum()
}

/// Three files of the pack declare a spectral selection that their process does not allow; one of them lies there
/// with the right one too.
#[test]
fn a_wrong_spectral_selection_is_put_right_and_said() -> Done {
    let folder = need!(data("dicom"));
    let mut decoder = decoder();
    let mut read = |name: &str| decoder.decode(Source::File(&folder.join("files").join(name)));
    let whole = read("JPGExtended.dcm")?;
    assert_eq!(whole.facts.notes, []);
    assert_eq!(read("JPEG-lossy.dcm")?.pixels, whole.pixels);
    for name in ["JPEG-lossy.dcm", "MR3_JPLY.dcm", "XA1_JPLY.dcm"] {
        let repaired = read(name)?;
        let codes: Vec<_> = repaired
            .facts
            .notes
            .iter()
            .filter_map(|note| note.code_name())
            .collect();
        assert_eq!(codes, ["file.selection_repaired"], "{name}");
        let (min, max, _) = repaired.pixels.data.range_and_mean();
        assert!(
            repaired.header.image.lossy && min >= 0.0 && max < 4096.0 && max > min,
            "{name}: {min} to {max}"
        );
    }
    Ok(())
}

#[test]
fn tiles_of_a_slide_are_frames_and_said() -> Done {
    let folder = need!(data("dicom"));
    let slide = decoder().decode(Source::File(&folder.join("files/sm_image.dcm")))?;
    assert_eq!(slide.pixels.frames, 25);
    let codes: Vec<_> = slide.facts.notes.iter().filter_map(|note| note.code_name()).collect();
    assert!(codes.contains(&"file.slide_in_tiles"), "{codes:?}");
    Ok(())
}

#[test]
fn files_that_the_reference_does_not_decode_end_clearly() -> Done {
    let folder = need!(data("dicom"));
    let mut decoder = decoder();
    for row in rows(&folder.join("manifest.csv"))?
        .iter()
        .filter(|row| row["decodable"] != "yes")
    {
        match decoder.decode(Source::File(&folder.join(&row["file"]))) {
            Ok(decoded) if row["file"] == "files/emri_small_jpeg_2k_lossless_too_short.dcm" => {
                // The closing delimiter is missing, and nothing of the picture.
                let whole = decoder.decode(Source::File(&folder.join("files/emri_small_jpeg_2k_lossless.dcm")))?;
                assert_eq!(decoded.pixels, whole.pixels);
            }
            Ok(decoded) if row["file"] == "files/liver_deflate.dcm" => {
                let plain = decoder.decode(Source::File(&folder.join("files/liver.dcm")))?;
                assert_eq!(decoded.pixels, plain.pixels);
            }
            Ok(decoded) if row["alt_ref_sha256_raw"].is_empty() => {
                eprintln!("{}: a picture of {}", row["file"], decoded.pixels.shape());
            }
            Ok(decoded) => assert_eq!(sha256_raw(&decoded)?, row["alt_ref_sha256_raw"], "{}", row["file"]),
            Err(error) => {
                eprintln!("{}: {}: {error}", row["file"], error.code.as_str());
                assert_ne!(error.code, FailureCode::DecoderDied, "{}: {error}", row["file"]);
                assert_ne!(error.code, FailureCode::TimedOut, "{}: {error}", row["file"]);
            }
        }
    }
    Ok(())
}
