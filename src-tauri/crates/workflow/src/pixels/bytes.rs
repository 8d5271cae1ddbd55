//! One frame as the window takes it: a header of 96 bytes, the samples, and what follows them, little endian.
//!
//! `OVF2` · type of the samples (1 uint8, 2 int8, 3 uint16, 4 int16, 5 float32) · samples of a pixel
//! (1 grey, 3 RGB) · 1 when low values are bright · how the window works (0 counts whole values, LINEAR; 1 measures,
//! LINEAR_EXACT; 2 SIGMOID; 3 a table) · rows u32 · columns u32 · slope, intercept, least and greatest stored value,
//! window centre, window width, first and last stored value that is padding (not-a-number where there is none), each
//! f64 · runs of overlay planes, runs of the shutter and entries of the table, each a count in u32 · grey of the
//! shutter u32. After the samples, at the next multiple of four: the runs, u32 each (so many pixels without, so many
//! with, row by row), then the table: its first value i32, its greatest entry u32, its entries u16.

use domain::grey::{Curve, Samples, Shown, ShownGrey};
use domain::marks::paint;
use domain::room::{NoRoom, room_for};
use domain::{Bitmap, Decoded, Failure, LookupTable, Polarity, Shutter};

pub const HEADER_BYTES: usize = 96;

/// All conversions are done in `domain::grey`, so that the interface knows two kinds of images only.
pub fn frame_bytes(decoded: &Decoded, frame: u32) -> Result<Vec<u8>, Failure> {
    let after = After::of(decoded, frame);
    Ok(match Shown::of(decoded, frame)? {
        Shown::Colour(rgb) => {
            let (least, greatest) = rgb.iter().fold((u8::MAX, 0), |(l, g), v| (l.min(*v), g.max(*v)));
            let numbers = [1.0, 0.0, f64::from(least), f64::from(greatest), 127.5, 255.0];
            let head = Head {
                marks: [1, 3, 0, 1],
                numbers: with_padding(numbers, None),
                after: &after,
                table: None,
            };
            head.and(decoded, &rgb, |v| [v])?
        }
        Shown::Grey(grey) => match &grey.values.samples {
            Samples::U8(samples) => Head::of(&grey, 1, &after).and(decoded, samples, |v| [v])?,
            Samples::I8(samples) => Head::of(&grey, 2, &after).and(decoded, samples, i8::to_le_bytes)?,
            Samples::U16(samples) => Head::of(&grey, 3, &after).and(decoded, samples, u16::to_le_bytes)?,
            Samples::I16(samples) => Head::of(&grey, 4, &after).and(decoded, samples, i16::to_le_bytes)?,
            Samples::F32(samples) => Head::of(&grey, 5, &after).and(decoded, samples, f32::to_le_bytes)?,
        },
    })
}

/// What lies over the samples.
struct After {
    overlay: Vec<u32>,
    shutter: Vec<u32>,
    level: u8,
}

impl After {
    fn of(decoded: &Decoded, at: u32) -> Self {
        let (rows, cols) = (decoded.pixels.rows, decoded.pixels.cols);
        let frame = decoded.first_frame.saturating_add(at);
        let facts = &decoded.facts;
        let runs = |mask: Vec<bool>| match mask.contains(&true) {
            true => Bitmap::of(None, mask).runs,
            false => vec![],
        };
        let mut drawn = vec![];
        for overlay in facts.overlays.iter().filter(|overlay| !facts.hides_by(overlay)) {
            drawn.resize(rows as usize * cols as usize, false);
            paint(&mut drawn, rows, cols, overlay.pixels(frame));
        }
        let shutter = facts.shutter_of(frame);
        let hidden = shutter.map(|shutter| shutter.mask(rows, cols, frame, &facts.overlays));
        Self {
            overlay: runs(drawn),
            shutter: runs(hidden.unwrap_or_default()),
            level: shutter.map_or(0, Shutter::level),
        }
    }
}

struct Head<'a> {
    /// Type and number of the samples, polarity, curve.
    marks: [u8; 4],
    numbers: [f64; 8],
    after: &'a After,
    table: Option<&'a LookupTable>,
}

fn with_padding([a, b, c, d, e, f]: [f64; 6], padding: Option<[f64; 2]>) -> [f64; 8] {
    let [low, high] = padding.unwrap_or([f64::NAN; 2]);
    [a, b, c, d, e, f, low, high]
}

impl<'a> Head<'a> {
    fn of(grey: &'a ShownGrey<'_>, kind: u8, after: &'a After) -> Self {
        let low_is_bright = grey.polarity == Polarity::BrightIsLow;
        let (curve, table) = match &grey.first.curve {
            Curve::Linear => (0, None),
            Curve::LinearExact => (1, None),
            Curve::Sigmoid => (2, None),
            Curve::Table(table) => (3, Some(table)),
        };
        let (values, window) = (&grey.values, grey.first.window);
        let numbers = [
            values.slope,
            values.intercept,
            grey.least,
            grey.greatest,
            window.center,
            window.width,
        ];
        Self {
            marks: [kind, 1, u8::from(low_is_bright), curve],
            numbers: with_padding(numbers, values.padding),
            after,
            table,
        }
    }

    /// Bytes of what follows the samples.
    fn bytes_after(&self) -> usize {
        let runs = self.after.overlay.len() + self.after.shutter.len();
        4 + 4 * runs + self.table.map_or(0, |table| 8 + 2 * table.values.len())
    }

    fn write(&self, decoded: &Decoded, samples_bytes: usize) -> Result<Vec<u8>, NoRoom> {
        let mut bytes = room_for(HEADER_BYTES + samples_bytes + self.bytes_after())?;
        bytes.extend_from_slice(b"OVF2");
        bytes.extend_from_slice(&self.marks);
        bytes.extend_from_slice(&decoded.pixels.rows.to_le_bytes());
        bytes.extend_from_slice(&decoded.pixels.cols.to_le_bytes());
        for number in self.numbers {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        let entries = self.table.map_or(0, |table| table.values.len());
        for count in [self.after.overlay.len(), self.after.shutter.len(), entries] {
            bytes.extend_from_slice(&u32::try_from(count).unwrap_or(0).to_le_bytes());
        }
        bytes.extend_from_slice(&u32::from(self.after.level).to_le_bytes());
        Ok(bytes)
    }

    /// The header, the samples, and what follows them.
    fn and<const N: usize, T: Copy>(
        &self,
        decoded: &Decoded,
        samples: &[T],
        little_endian: fn(T) -> [u8; N],
    ) -> Result<Vec<u8>, NoRoom> {
        let mut bytes = self.write(decoded, N * samples.len())?;
        bytes.resize(HEADER_BYTES + N * samples.len(), 0);
        let places = bytes[HEADER_BYTES..].as_chunks_mut::<N>().0.iter_mut();
        places.zip(samples).for_each(|(place, v)| *place = little_endian(*v));
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        for run in self.after.overlay.iter().chain(&self.after.shutter) {
            bytes.extend_from_slice(&run.to_le_bytes());
        }
        if let Some(table) = self.table {
            bytes.extend_from_slice(&table.first.to_le_bytes());
            bytes.extend_from_slice(&(table.greatest() as u32).to_le_bytes());
            table
                .values
                .iter()
                .for_each(|v| bytes.extend_from_slice(&v.to_le_bytes()));
        }
        Ok(bytes)
    }
}
