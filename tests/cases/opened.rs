//! A file as the built program decodes it.

use std::path::{Path, PathBuf};

use overread_tests::{Outcome, overread};
use serde_json::Value;
use tempfile::TempDir;

pub struct Opened {
    file: PathBuf,
    folder: TempDir,
    pub json: Value,
    /// Frames, rows, columns, samples of a pixel.
    pub shape: [usize; 4],
    /// As stored.
    pub values: Vec<f64>,
    /// All values of all frames; not-a-number where there is none. Empty of colour.
    pub modality: Vec<f64>,
}

impl Opened {
    /// # Errors
    /// What the program says of the file instead.
    pub fn of(file: &Path) -> Outcome<Self> {
        let folder = tempfile::tempdir()?;
        let raw = folder.path().join("raw");
        let ran = overread("--json decode --modality-values --raw")
            .arg(&raw)
            .arg(file)
            .run()?;
        if ran.code != Some(0) {
            return Err(format!("not opened: {}", ran.stderr.trim()).into());
        }
        let json = ran.json()?;
        let image = &json["header"]["image"];
        let number = |name: &str| image[name].as_u64().unwrap_or(1) as usize;
        let shape = [number("frames"), number("rows"), number("cols"), number("samples")];
        let values = numbers(json["dtype"].as_str().unwrap_or_default(), &std::fs::read(&raw)?)?;
        let told = json["modality_values"].as_array().cloned().unwrap_or_default();
        Ok(Self {
            file: file.to_owned(),
            folder,
            shape,
            values,
            modality: told.iter().map(|v| v.as_f64().unwrap_or(f64::NAN)).collect(),
            json,
        })
    }

    pub fn image(&self) -> &Value {
        &self.json["header"]["image"]
    }

    /// Greys of a frame under a window, with the switches that are given.
    pub fn greys(&self, frame: u64, window: Option<&str>, overlays: bool) -> Outcome<Vec<u8>> {
        let png = self.folder.path().join("shown.png");
        let mut call = overread("--json decode --png")
            .arg(&png)
            .arg("--frame")
            .arg(frame.to_string());
        if let Some(window) = window {
            call = call.arg("--window").arg(window);
        }
        if overlays {
            call = call.arg("--overlays");
        }
        let ran = call.arg(&self.file).run()?;
        if ran.code != Some(0) {
            return Err(format!("frame {frame} under {window:?} is not shown: {}", ran.stderr.trim()).into());
        }
        Ok(image::open(&png)?.to_luma8().into_raw())
    }

    /// Place of a pixel's first sample in all samples.
    pub fn place(&self, [frame, row, col]: [usize; 3]) -> Option<usize> {
        let [frames, rows, cols, samples] = self.shape;
        (frame < frames && row < rows && col < cols).then_some(((frame * rows + row) * cols + col) * samples)
    }
}

fn numbers(dtype: &str, bytes: &[u8]) -> Outcome<Vec<f64>> {
    macro_rules! read {
        ($kind:ty) => {{
            let (chunks, _) = bytes.as_chunks::<{ size_of::<$kind>() }>();
            chunks.iter().map(|c| f64::from(<$kind>::from_le_bytes(*c))).collect()
        }};
    }
    Ok(match dtype {
        "uint8" => read!(u8),
        "int8" => read!(i8),
        "uint16" => read!(u16),
        "int16" => read!(i16),
        "uint32" => read!(u32),
        "int32" => read!(i32),
        "float32" => read!(f32),
        "float64" => bytes
            .as_chunks::<8>()
            .0
            .iter()
            .map(|c| f64::from_le_bytes(*c))
            .collect(),
        other => return Err(format!("samples of type {other}").into()),
    })
}
