//! What real files say of themselves, as their other readers show it.

mod common;

use common::{Done, decoder};
use decode::Source;
use domain::{Header, SourceFormat, Window};
use needs::{data, need};

#[test]
fn attributes_of_real_files_are_read() -> Done {
    let folder = need!(data("dicom"));
    let mut decoder = decoder();
    let mut header = |name: &str| -> Result<Header, decode::DecodeError> {
        Ok(decoder.decode(Source::File(&folder.join("files").join(name)))?.header)
    };

    let ct = header("CT1_UNC.dcm")?;
    assert_eq!(ct.instance.format, SourceFormat::Dicom);
    assert_eq!(
        ct.instance.transfer_syntax_uid.as_ref().map(|u| u.as_str()),
        Some("1.2.840.10008.1.2.1")
    );
    assert_eq!(
        (ct.study.date.as_deref(), ct.study.time.as_deref()),
        (Some("20040826"), Some("185059"))
    );
    assert_eq!((ct.image.rescale.slope, ct.image.rescale.intercept), (1.0, -1024.0));
    assert_eq!(ct.image.position_mm, Some([-158.135803, -179.035797, -75.699997]));
    assert_eq!(ct.image.orientation, Some([1.0, 0.0, 0.0, 0.0, 1.0, 0.0]));
    assert_eq!(
        ct.image.frame_of_reference_uid.as_ref().map(|u| u.as_str()),
        Some("1.3.6.1.4.1.5962.1.4.1.1.20040826185059.5457")
    );
    assert_eq!(ct.series.modality, "CT");

    // Shared and per-frame functional groups.
    let enhanced = header("eCT_Supplemental.dcm")?.image;
    assert_eq!((enhanced.rescale.slope, enhanced.rescale.intercept), (1.0, -1024.0));
    assert_eq!(enhanced.pixel_spacing_mm, Some([0.388672, 0.388672]));
    assert_eq!(
        enhanced.windows.first(),
        Some(&Window {
            center: 49.0,
            width: 102.0
        })
    );
    assert_eq!(enhanced.position_mm, Some([99.5, -301.5, -159.0]));

    // Specific Character Set.
    assert_eq!(header("chrGreek.dcm")?.patient.patient_name, "Διονυσιος");
    assert_eq!(
        header("chrH31.dcm")?.patient.patient_name,
        "Yamada^Tarou=山田^太郎=やまだ^たろう"
    );

    // Imager Pixel Spacing stands in for Pixel Spacing.
    let projection = header("CR-ModalitySequenceLUT.dcm")?.image;
    assert_eq!(projection.pixel_spacing_mm, Some([0.15, 0.15]));
    assert_eq!(projection.photometric_interpretation, "MONOCHROME1");

    // What a codec made of the colours, and whether detail was lost.
    let jpeg2000 = header("VL1_J2KI.dcm")?.image;
    assert_eq!(
        (jpeg2000.photometric_interpretation.as_str(), jpeg2000.lossy),
        ("RGB", true)
    );
    let jpeg = header("examples_ybr_color.dcm")?.image;
    assert_eq!(
        (jpeg.photometric_interpretation.as_str(), jpeg.lossy),
        ("YBR_FULL", true)
    );

    // A file without preamble and file meta information.
    let bare = header("OT-PAL-8-face.dcm")?;
    assert_eq!(bare.instance.transfer_syntax_uid, None);
    assert_eq!(bare.image.palette.map(|p| (p.first, p.colours.len())), Some((0, 200)));

    // A date of zeros is none.
    assert_eq!(header("JPEGLossless_1s_1f_i_16_16_bad.dcm")?.study.date, None);
    Ok(())
}

#[test]
fn a_palette_gives_each_stored_value_its_colour() -> Done {
    let folder = need!(data("dicom"));
    let decoded = decoder().decode(Source::File(&folder.join("files/examples_palette.dcm")))?;
    let palette = decoded.header.image.palette.ok_or("the file has a palette")?;
    assert_eq!(palette.colours.len(), 256);
    assert_eq!(palette.colour(0.0), [0, 0, 0]);
    assert_eq!(palette.colour(-5.0), palette.colours[0]);
    assert_eq!(palette.colour(999.0), palette.colours[255]);
    Ok(())
}
