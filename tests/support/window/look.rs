//! What a person sees: the window as pixels.

use std::path::Path;

use image::RgbImage;
use serde_json::{Value, json};

use super::Window;
use crate::{Outcome, number};

/// The window as it looks, in pixels of the screen.
pub struct Picture(pub RgbImage);

/// A part of the window.
#[derive(Debug, Clone, Copy)]
pub struct Area {
    pub left: f64,
    pub top: f64,
    pub width: f64,
    pub height: f64,
}

impl Window<'_> {
    pub fn picture(&self) -> Outcome<Picture> {
        let png = from_base64(&self.screenshot()?)?;
        Ok(Picture(image::load_from_memory(&png)?.to_rgb8()))
    }

    /// Where the first element that `selector` finds lies.
    pub fn area(&self, selector: &str) -> Outcome<Area> {
        let script = "const box = document.querySelector(arguments[0])?.getBoundingClientRect(); \
                      return box === undefined ? null : { left: box.left, top: box.top, width: box.width, height: box.height }";
        let found = self.run(script, &[json!(selector)])?;
        if found == Value::Null {
            return Err(format!("nothing is {selector:?}").into());
        }
        let [left, top, width, height] = ["left", "top", "width", "height"].map(|name| number(&found, name));
        Ok(Area {
            left,
            top,
            width,
            height,
        })
    }
}

impl Picture {
    pub fn save(&self, file: &Path) -> Outcome<()> {
        Ok(self.0.save(file)?)
    }

    /// `None` outside the window.
    pub fn at(&self, x: f64, y: f64) -> Option<[u8; 3]> {
        if x < 0.0 || y < 0.0 {
            return None;
        }
        self.0.get_pixel_checked(x as u32, y as u32).map(|pixel| pixel.0)
    }

    pub fn brightness(&self, x: f64, y: f64) -> f64 {
        let [r, g, b] = self.at(x, y).unwrap_or_default().map(f64::from);
        0.299 * r + 0.587 * g + 0.114 * b
    }

    /// Least, mean and greatest brightness of an area.
    pub fn brightness_of(&self, area: Area) -> (f64, f64, f64) {
        let values: Vec<f64> = area.pixels().map(|(x, y)| self.brightness(x, y)).collect();
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let greatest = values.iter().copied().fold(0.0, f64::max);
        (least, values.iter().sum::<f64>() / values.len().max(1) as f64, greatest)
    }
}

impl Area {
    /// The middles of its pixels.
    pub fn pixels(self) -> impl Iterator<Item = (f64, f64)> {
        let rows = 0..self.height as u32;
        rows.flat_map(move |y| {
            (0..self.width as u32).map(move |x| (self.left + f64::from(x) + 0.5, self.top + f64::from(y) + 0.5))
        })
    }

    pub fn middle(self) -> (f64, f64) {
        (self.left + self.width / 2.0, self.top + self.height / 2.0)
    }

    /// The largest area in the middle of this one that has the shape of `cols` by `rows` pixels of these sizes in mm.
    pub fn fitted(self, cols: f64, rows: f64, [row_mm, col_mm]: [f64; 2]) -> Self {
        let (wide, high) = (cols * col_mm, rows * row_mm);
        let scale = (self.width / wide).min(self.height / high);
        let (width, height) = (wide * scale, high * scale);
        let (x, y) = self.middle();
        Self {
            left: x - width / 2.0,
            top: y - height / 2.0,
            width,
            height,
        }
    }
}

fn from_base64(text: &str) -> Outcome<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held) = (0_u32, 0);
    for letter in text
        .bytes()
        .filter(|letter| !letter.is_ascii_whitespace() && *letter != b'=')
    {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return Err("not base 64".into()),
        };
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held & 0xff) as u8);
        }
    }
    Ok(bytes)
}
