//! What `decode` says of a file, as lines.

use contract::decoded::DecodedWire;
use domain::numbers::counted;

use super::{line, or_dash};
use crate::text::{person, plain};

pub fn file(d: &DecodedWire) {
    let h = &d.header;
    line(format!(
        "{}: {} {}, {}",
        d.file.display(),
        d.shape,
        d.dtype,
        plain(&h.image.photometric_interpretation)
    ));
    line(format!(
        "modality {}, SOP instance {}",
        plain(&h.series.modality),
        h.instance.sop_instance_uid
    ));
    line(format!(
        "patient {}, id {}",
        person(&h.patient.patient_name),
        or_dash(Some(&h.patient.patient_id))
    ));
    line(format!("min {}, max {}, mean {:.4}", d.min, d.max, d.mean));
    image(d);
    d.notes.iter().for_each(|note| line(format!("note: {}", plain(note))));
    line(format!("sha256_raw {}", d.sha256_raw));
}

/// What is known of the image beyond its stored values.
fn image(d: &DecodedWire) {
    let image = &d.header.image;
    for (frame, one) in d.statistics.iter().enumerate().take(8) {
        if let (Some(min), Some(max), Some(mean)) = (one.min, one.max, one.mean) {
            let unit = plain(&image.unit);
            line(format!(
                "frame {frame}: values {min} to {max}, mean {mean:.4}, unit {unit}"
            ));
        } else {
            line(format!("frame {frame}: no values"));
        }
    }
    for (number, window) in image.windows.iter().enumerate() {
        let name = or_dash(window.name.as_deref());
        line(format!("window {number}: {} / {}, {name}", window.center, window.width));
    }
    for lut in &image.voi_luts {
        line(format!(
            "table {}: {}",
            or_dash(lut.name.as_deref()),
            counted(lut.entries, "entry")
        ));
    }
    if let Some([rows, cols]) = image.pixel_spacing_mm {
        let basis = image.pixel_spacing_basis.map_or("unknown", |basis| basis.as_str());
        line(format!("pixel spacing {rows} x {cols} mm, rests on: {basis}"));
    }
    for region in &image.regions {
        let (x, y) = (region.delta_x, region.delta_y);
        line(format!(
            "region {},{} to {},{}: {x} {} a column, {y} {} a row",
            region.x0, region.y0, region.x1, region.y1, region.unit_x, region.unit_y
        ));
    }
    for overlay in &image.overlays {
        let [row, col] = overlay.origin;
        line(format!(
            "overlay {}: {} x {} pixels from row {row}, column {col}, {} set",
            overlay.group, overlay.rows, overlay.cols, overlay.set
        ));
    }
    if let Some(shutter) = &image.shutter {
        line(format!("shutter of {}", counted(shutter.shapes.len(), "shape")));
    }
}
