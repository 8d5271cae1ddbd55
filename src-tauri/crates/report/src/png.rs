//! The PNG sheets: key images with outlines, map, legend and captions burnt in.

use domain::{KeyImage, ReportSnapshot};
use image::{DynamicImage, ImageFormat, RgbaImage};
use typst_render::RenderOptions;

use crate::ReportError;
use crate::legible::Repertoire;
use crate::typeset::{Sheet, VirtualFile, compile};
use crate::view::{self, FrameNames, KeyImageView, SheetView};

static TEMPLATE: &str = concat!(
    include_str!("../templates/common.typ"),
    include_str!("../templates/sheet.typ")
);

/// One key image as an RGB PNG: the grey image with outlined, numbered regions; beside it the
/// anomaly map over it in colours of one fixed scale; caption and legend below.
pub fn key_image_png(image: &KeyImage) -> Result<Vec<u8>, ReportError> {
    let (panel, files) = KeyImageView::of(image, 0, &FrameNames::default(), &|index, _| Some(index + 1))?;
    typeset(&SheetView::single(panel), files)
}

/// The most suspicious key images on one sheet.
pub fn sheet_png(snapshot: &ReportSnapshot) -> Result<Vec<u8>, ReportError> {
    let (sheet, files) = SheetView::of(snapshot)?;
    typeset(&sheet, files)
}

fn typeset(view: &SheetView, mut files: Vec<VirtualFile>) -> Result<Vec<u8>, ReportError> {
    files.push(view::data_file(view, Repertoire::Full)?);
    let png = page_png(&Sheet::new(TEMPLATE, files)?);
    // What was remembered between layouts holds patient data; no other sheet would use it.
    typst::comemo::evict(0);
    png
}

/// The sheet's pages under each other as an RGB PNG.
pub fn page_png(sheet: &Sheet) -> Result<Vec<u8>, ReportError> {
    let canvas = typst_render::render_merged(&compile(sheet)?, &RenderOptions::default(), Default::default(), None);
    let (cols, rows) = (canvas.width(), canvas.height());
    let found = canvas.data().len();
    let rgba = RgbaImage::from_raw(cols, rows, canvas.take()).ok_or(ReportError::ValueCount { rows, cols, found })?;
    let mut bytes = std::io::Cursor::new(Vec::new());
    // The page is opaque, so nothing is lost with the transparency.
    DynamicImage::ImageRgba8(rgba)
        .to_rgb8()
        .write_to(&mut bytes, ImageFormat::Png)?;
    Ok(bytes.into_inner())
}
