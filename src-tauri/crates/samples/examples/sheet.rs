//! Contact sheet of the phantom: `cargo run -p samples --example sheet -- OUT.png [SEED]`.
//! Rows of pairs: a case without and with its lesion at the lesion's height, then a volume.

use std::error::Error;

use samples::{CaseSpec, Slice, lesion_height_mm, slice, volume};

const SIZE: u32 = 256;
const COLS: u32 = 6;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let out = arguments.next().ok_or("usage: sheet OUT.png [SEED]")?;
    let seed: u64 = arguments.next().map_or(Ok(1), |text| text.parse())?;
    let start = std::time::Instant::now();
    let mut slices = Vec::new();
    for case in 0..9 {
        for lesion in [false, true] {
            let spec = CaseSpec {
                seed: seed + case,
                lesion,
                size: SIZE,
            };
            let z_mm = lesion_height_mm(CaseSpec { lesion: true, ..spec }).map_or(20.0, |(z, _)| z);
            slices.push(slice(spec, z_mm));
        }
    }
    slices.extend(volume(
        CaseSpec {
            seed: seed + 100,
            lesion: true,
            size: SIZE,
        },
        6,
        16.0,
    ));
    eprintln!(
        "{:.1} ms a slice",
        start.elapsed().as_secs_f64() * 1000.0 / slices.len() as f64
    );
    sheet(&slices).save(&out)?;
    Ok(())
}

fn sheet(slices: &[Slice]) -> image::GrayImage {
    let rows = (slices.len() as u32).div_ceil(COLS);
    let mut sheet = image::GrayImage::new(COLS * SIZE, rows * SIZE);
    for (index, slice) in (0..).zip(slices) {
        for (pixel, value) in (0..).zip(&slice.values) {
            let (x, y) = (index % COLS * SIZE + pixel % SIZE, index / COLS * SIZE + pixel / SIZE);
            sheet.put_pixel(x, y, image::Luma([(value >> 4) as u8]));
        }
    }
    sheet
}
