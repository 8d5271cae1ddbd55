//! What programs of microscopy and research write into the ImageDescription of a TIFF file: lines of ImageJ (ij.io.FileSaver),
//! the XML of OME (OME-XML 2016-06), the line of Aperio.

use domain::Sentence;

use crate::{note, unit::millimetres};

/// What a description says of its image.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Calibration {
    /// Who wrote it.
    pub by: &'static str,
    /// Millimetres between rows, between columns; ImageJ leaves that to the resolution.
    pub pixel_mm: Option<[f64; 2]>,
    /// The unit of the resolution, in millimetres.
    pub unit_mm: Option<f64>,
    /// Between slices.
    pub slice_mm: Option<f64>,
    /// From stored values to those that are meant: slope and intercept.
    pub rescale: Option<(f64, f64)>,
    /// Unit of these.
    pub value_unit: Option<String>,
    /// Lowest and highest stored value that is shown.
    pub range: Option<[f64; 2]>,
    pub notes: Vec<Sentence>,
}

/// `None` for a description of another program, or of a person.
pub(crate) fn of_description(text: &str) -> Option<Calibration> {
    if text.starts_with("ImageJ=") {
        return Some(of_imagej(text));
    }
    if text.starts_with("Aperio") {
        return of_aperio(text);
    }
    let begin = text.trim_start_matches('\u{feff}').trim_start();
    let is_ome = begin.starts_with('<')
        && begin
            .get(..begin.len().min(2000))
            .is_none_or(|head| head.contains("<OME"));
    is_ome.then(|| of_ome(begin))
}

fn finite(text: &str) -> Option<f64> {
    text.trim().parse::<f64>().ok().filter(|value| value.is_finite())
}

fn of_imagej(text: &str) -> Calibration {
    let said = |name: &str| {
        let mut lines = text.lines();
        lines
            .find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
            .map(str::trim)
    };
    let number = |name: &str| said(name).and_then(finite);
    let mut notes = vec![];
    let unit = said("unit").filter(|unit| !matches!(*unit, "" | "pixel" | "pixels"));
    let unit_mm = unit.and_then(millimetres);
    if let (Some(unit), None) = (unit, unit_mm) {
        notes.push(note::no_unit(unit));
    }
    let other_unit = |name: &str| said(name).filter(|own| Some(*own) != said("unit"));
    // Another unit down than across: of two names of one unit nothing is doubted.
    let doubted = other_unit("yunit").is_some_and(|own| millimetres(own).is_none_or(|own| Some(own) != unit_mm));
    let unit_mm = unit_mm.filter(|_| !doubted);
    for name in ["yunit", "zunit"] {
        if let Some(own) = other_unit(name) {
            notes.push(note::field_left_out(name, own));
        }
    }
    let steps = number("spacing").filter(|step| *step > 0.0);
    // 0 is a straight line (ij.measure.Calibration); 20 and above is none.
    let (function, c0, c1) = (number("cf"), number("c0"), number("c1"));
    let rescale = match (function, c0, c1) {
        (Some(0.0), Some(c0), Some(c1)) if c1 != 0.0 => Some((c1, c0)),
        _ => None,
    };
    if let (Some(function), None) = (said("cf"), rescale)
        && function != "20"
    {
        notes.push(note::field_left_out("ImageJ calibration function", function));
    }
    // Channels lie closest together, then slices, then times (ij.io.FileInfo, XYCZT).
    let axes: [u32; 3] =
        ["channels", "slices", "frames"].map(|name| said(name).and_then(|n| n.parse().ok()).unwrap_or(1));
    if axes.iter().filter(|count| **count > 1).count() > 1 {
        notes.push(note::axes(axes));
    }
    let range = number("min").zip(number("max")).filter(|(low, high)| low < high);
    if let Some(interval) = said("finterval").filter(|interval| finite(interval).is_some_and(|step| step > 0.0)) {
        notes.push(note::field_left_out("finterval", interval));
    }
    Calibration {
        by: "ImageJ",
        pixel_mm: None,
        unit_mm,
        slice_mm: unit_mm
            .zip(steps)
            .filter(|_| other_unit("zunit").is_none())
            .map(|(unit, steps)| unit * steps),
        rescale,
        value_unit: rescale
            .and(said("vunit"))
            .filter(|unit| !matches!(*unit, "" | "Gray Value"))
            .map(str::to_owned),
        range: range.map(|(low, high)| [low, high]),
        notes,
    }
}

/// `MPP = 0.2520`: micrometres of a pixel.
fn of_aperio(text: &str) -> Option<Calibration> {
    let mut parts = text.split('|').map(str::trim);
    let size = parts.find_map(|part| part.strip_prefix("MPP")?.trim_start().strip_prefix('='))?;
    let size = finite(size).filter(|size| *size > 0.0)? / 1000.0;
    Some(Calibration {
        by: "Aperio",
        pixel_mm: Some([size, size]),
        ..Calibration::default()
    })
}

fn of_ome(text: &str) -> Calibration {
    let mut calibration = Calibration {
        by: "OME",
        ..Calibration::default()
    };
    // No document type, so that no entity grows.
    let Ok(document) = roxmltree::Document::parse(text) else {
        calibration.notes.push(note::field_left_out("OME-XML", "damaged"));
        return calibration;
    };
    let named = |name: &'static str| {
        document
            .descendants()
            .filter(move |node| node.tag_name().name() == name)
    };
    let Some(pixels) = named("Pixels").next() else {
        return calibration;
    };
    let notes = &mut calibration.notes;
    let images = named("Pixels").count();
    if images > 1 {
        notes.push(note::field_left_out("number of OME images", &images.to_string()));
    }
    let mut unknown = None;
    let mut size = |axis: &str| {
        let size = finite(pixels.attribute(format!("PhysicalSize{axis}").as_str())?).filter(|size| *size > 0.0)?;
        let unit = pixels
            .attribute(format!("PhysicalSize{axis}Unit").as_str())
            .unwrap_or("um");
        let known = millimetres(unit);
        if known.is_none() && !matches!(unit, "pixel" | "reference frame") {
            unknown = Some(unit.to_owned());
        }
        Some(size * known?)
    };
    let (x, y, z) = (size("X"), size("Y"), size("Z"));
    notes.extend(unknown.map(|unit| note::no_unit(&unit)));
    let count = |axis: &str| pixels.attribute(axis).and_then(finite).unwrap_or(1.0);
    let long = ["SizeC", "SizeT", "SizeZ"]
        .iter()
        .filter(|axis| count(axis) > 1.0)
        .count();
    if let Some(order) = pixels.attribute("DimensionOrder").filter(|_| long > 1) {
        notes.push(note::field_left_out("DimensionOrder", order));
    }
    let mut files: Vec<&str> = named("UUID").filter_map(|node| node.attribute("FileName")).collect();
    files.sort_unstable();
    files.dedup();
    if files.len() > 1 {
        notes.push(note::other_files(files.len() - 1));
    }
    calibration.pixel_mm = y.zip(x).map(|(y, x)| [y, x]);
    calibration.slice_mm = z.filter(|_| count("SizeZ") > 1.0);
    calibration
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(calibration: &Calibration) -> Vec<&str> {
        calibration.notes.iter().filter_map(|note| note.code_name()).collect()
    }

    #[test]
    fn imagej_says_units_slices_values_and_range() -> Result<(), &'static str> {
        for (unit, mm) in [
            ("mm", 1.0),
            ("micron", 0.001),
            ("\\u00B5m", 0.001),
            ("inch", 25.4),
            ("cm", 10.0),
        ] {
            let text = format!(
                "ImageJ=1.53\nimages=3\nslices=3\nunit={unit}\nspacing=2.5\nc0=-1024.0\nc1=0.5\ncf=0\nvunit=HU\nmin=0.0\nmax=80.0\n"
            );
            let said = of_description(&text).ok_or("nothing")?;
            assert_eq!(said.unit_mm, Some(mm), "{unit}");
            assert_eq!(said.slice_mm, Some(mm * 2.5), "{unit}");
            assert_eq!(said.rescale, Some((0.5, -1024.0)));
            assert_eq!(said.value_unit.as_deref(), Some("HU"));
            assert_eq!(said.range, Some([0.0, 80.0]));
            assert!(said.notes.is_empty(), "{:?}", said.notes);
        }
        for (line, code) in [
            ("unit=furlong", Some("volume.no_unit")),
            ("unit=pixel", None),
            ("cf=1\nc0=1\nc1=2\nc2=3", Some("file.field_left_out")),
            ("cf=21", Some("file.field_left_out")),
            ("cf=20", None),
            ("unit=mm\nyunit=cm", Some("file.field_left_out")),
            ("finterval=0.5", Some("file.field_left_out")),
            ("channels=2\nslices=3", Some("told.axes")),
            ("channels=2\nslices=3\nframes=2\nhyperstack=true", Some("told.axes")),
            ("slices=3\nframes=2", Some("told.axes")),
            ("channels=1\nslices=3\nframes=1", None),
            ("frames=7", None),
        ] {
            let said = of_description(&format!("ImageJ=1.53\n{line}\n")).ok_or("nothing")?;
            assert_eq!(codes(&said), code.into_iter().collect::<Vec<_>>(), "{line}");
            assert_eq!(said.rescale, None, "{line}");
        }
        // Two names of one unit agree, two units do not, whichever of them is known.
        for (line, mm) in [
            ("unit=mm\nyunit=millimeter", Some(1.0)),
            ("unit=um\nyunit=micron", Some(0.001)),
            ("unit=mm\nyunit=cm", None),
            ("unit=mm\nyunit=pixel", None),
            ("unit=mm\nyunit=furlong", None),
            ("unit=mm\nzunit=cm", Some(1.0)),
        ] {
            let said = of_description(&format!("ImageJ=1.53\n{line}\nspacing=2\n")).ok_or("nothing")?;
            assert_eq!(said.unit_mm, mm, "{line}");
        }
        Ok(())
    }

    #[test]
    fn ome_says_sizes_with_their_units_and_what_is_not_followed() -> Result<(), &'static str> {
        let xml = |attributes: &str, rest: &str| {
            format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?><!-- a comment --><OME xmlns=\"http://www.openmicroscopy.org/Schemas/OME/2016-06\"><Image ID=\"Image:0\"><Pixels ID=\"Pixels:0\" {attributes}>{rest}</Pixels></Image></OME>"
            )
        };
        for (unit, mm) in [("", 0.001), ("mm", 1.0), ("nm", 1e-6), ("\u{b5}m", 0.001), ("cm", 10.0)] {
            let unit = if unit.is_empty() {
                String::new()
            } else {
                format!("PhysicalSizeXUnit=\"{unit}\" PhysicalSizeYUnit=\"{unit}\" PhysicalSizeZUnit=\"{unit}\"")
            };
            let text = xml(
                &format!("SizeZ=\"3\" PhysicalSizeX=\"2\" PhysicalSizeY=\"3\" PhysicalSizeZ=\"5\" {unit}"),
                "",
            );
            let said = of_description(&text).ok_or("nothing")?;
            let near = |got: f64, want: f64| (got - want).abs() < want * 1e-9;
            assert!(
                said.pixel_mm
                    .is_some_and(|[y, x]| near(y, 3.0 * mm) && near(x, 2.0 * mm)),
                "{text}"
            );
            assert!(said.slice_mm.is_some_and(|z| near(z, 5.0 * mm)), "{text}");
            assert!(said.notes.is_empty(), "{:?}", said.notes);
        }
        for (attributes, rest, code) in [
            (
                "PhysicalSizeX=\"2\" PhysicalSizeXUnit=\"pc\"",
                "",
                Some("volume.no_unit"),
            ),
            ("PhysicalSizeX=\"2\" PhysicalSizeXUnit=\"pixel\"", "", None),
            (
                "SizeC=\"2\" SizeT=\"1\" SizeZ=\"4\" DimensionOrder=\"XYCZT\"",
                "",
                Some("file.field_left_out"),
            ),
            ("SizeC=\"1\" SizeT=\"1\" SizeZ=\"4\" DimensionOrder=\"XYCZT\"", "", None),
            (
                "SizeZ=\"2\"",
                "<TiffData><UUID FileName=\"a\">x</UUID></TiffData><TiffData><UUID FileName=\"b\">y</UUID></TiffData>",
                Some("file.other_files"),
            ),
        ] {
            let said = of_description(&xml(attributes, rest)).ok_or("nothing")?;
            assert_eq!(codes(&said), code.into_iter().collect::<Vec<_>>(), "{attributes}");
            assert_eq!(said.pixel_mm, None);
        }
        let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaa\">]><OME><Image><Pixels PhysicalSizeX=\"&a;\"/></Image></OME>";
        assert_eq!(codes(&of_description(bomb).ok_or("nothing")?), ["file.field_left_out"]);
        assert_eq!(of_description("<html>"), None);
        assert_eq!(of_description("a person's words"), None);
        Ok(())
    }

    #[test]
    fn aperio_says_micrometres() {
        let said = of_description("Aperio Image Library v11.2.1 \r\n46000x32914 |AppMag = 20|MPP = 0.4990");
        assert_eq!(said.and_then(|said| said.pixel_mm), Some([0.000_499; 2]));
    }
}
