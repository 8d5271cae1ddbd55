//! Every file of the `formats` pack against Pillow's and tifffile's samples.

mod common;

use common::{Done, Row, decoder, rows, sha256_raw};
use decode::Source;
use domain::{Decoded, PixelArray};
use needs::{data, need};

/// Files whose samples differ from the reference by intent.
const EXCEPTIONS: [(&str, &str); 1] = [(
    "files/ct_cmyk.jpg",
    "the codec turns CMYK into RGB: 3 samples instead of 4",
)];

const TOLERANCE: f64 = 1.0;

#[test]
fn samples_are_those_of_the_reference_readers() -> Done {
    let folder = need!(data("formats"));
    let mut decoder = decoder();
    let (mut exact, mut close, mut excepted, mut wrong) = (0, 0, 0, Vec::new());
    let all = rows(&folder.join("manifest.csv"))?;
    for row in &all {
        let file = row["file"].as_str();
        let decoded = match decoder.decode(Source::File(&folder.join(file))) {
            Ok(decoded) => first_page(decoded)?,
            Err(error) => {
                wrong.push(format!("{file}: {error}"));
                continue;
            }
        };
        if let Some((_, why)) = EXCEPTIONS.iter().find(|(name, _)| *name == file) {
            eprintln!("{file}: {why}");
            assert_eq!(decoded.pixels.shape(), "512x512x3");
            excepted += 1;
            continue;
        }
        match compare(&decoded, row) {
            Ok(true) => exact += 1,
            Ok(false) => close += 1,
            Err(why) => wrong.push(format!("{file}: {why}")),
        }
    }
    eprintln!(
        "formats pack: {exact} equal in every bit, {close} lossy within {TOLERANCE}, {excepted} by exception, {} wrong",
        wrong.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let lossless = all.iter().filter(|row| row["lossy"] == "0").count();
    assert!(
        lossless > 30 && exact >= lossless,
        "{exact} of {lossless} lossless files are equal"
    );
    Ok(())
}

fn first_page(mut decoded: Decoded) -> Result<Decoded, domain::room::NoRoom> {
    let PixelArray {
        rows, cols, samples, ..
    } = decoded.pixels;
    let bytes = decoded.pixels.data.to_le_bytes()?;
    let page = bytes.len() / decoded.pixels.frames as usize;
    if let Some(data) = domain::PixelData::from_le_bytes(decoded.pixels.data.sample_type(), &bytes[..page]) {
        decoded.pixels = PixelArray {
            frames: 1,
            rows,
            cols,
            samples,
            data,
        };
    }
    Ok(decoded)
}

/// `true` when every bit is equal.
fn compare(decoded: &Decoded, row: &Row) -> Result<bool, String> {
    let pixels = &decoded.pixels;
    // The one file in planes is listed by planes; here samples are always interleaved.
    let planar = row["shape"] == "3x512x512";
    let shape = if planar { "512x512x3" } else { row["shape"].as_str() };
    if pixels.shape() != shape || pixels.data.sample_type().as_str() != row["dtype"] {
        return Err(format!(
            "{} {} instead of {shape} {}",
            pixels.shape(),
            pixels.data.sample_type(),
            row["dtype"]
        ));
    }
    let sha256 = if planar {
        sha256_raw(&planes(decoded))?
    } else {
        sha256_raw(decoded)?
    };
    if sha256 == row["ref_sha256_pixels_page0"] {
        return Ok(true);
    }
    let (_, _, mean) = pixels.data.range_and_mean();
    let reference: f64 = row["mean"].parse().map_err(|e| format!("mean: {e}"))?;
    if row["lossy"] == "1" && (mean - reference).abs() <= TOLERANCE {
        return Ok(false);
    }
    Err(format!("other values: mean {mean:.4} instead of {reference}"))
}

fn planes(decoded: &Decoded) -> Decoded {
    let mut planes = decoded.clone();
    if let domain::PixelData::U8(values) = &decoded.pixels.data {
        let by_plane = (0..3).flat_map(|plane| values.iter().skip(plane).step_by(3).copied());
        planes.pixels.data = domain::PixelData::U8(by_plane.collect());
    }
    planes
}

#[test]
fn pages_palettes_and_inverted_greys_are_described() -> Done {
    let folder = need!(data("formats"));
    let mut decoder = decoder();
    let mut read = |name: &str| decoder.decode(Source::File(&folder.join("files").join(name)));
    assert_eq!(read("ct_u8_multipage.tif")?.pixels.shape(), "3x128x128");
    assert_eq!(
        read("ct_u8_miniswhite_packbits.tif")?
            .header
            .image
            .photometric_interpretation,
        "MONOCHROME1"
    );
    let palette = read("ct_palette.png")?.header.image;
    assert_eq!(palette.photometric_interpretation, "PALETTE COLOR");
    assert!(palette.palette.is_some_and(|p| !p.colours.is_empty()));
    let jpeg = read("ct_progressive.jpg")?.header;
    assert!(jpeg.image.lossy && jpeg.patient.patient_name.is_empty() && jpeg.image.pixel_spacing_mm.is_none());
    Ok(())
}
