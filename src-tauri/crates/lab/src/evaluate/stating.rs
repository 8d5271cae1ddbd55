//! The cases of a manifest with what its columns, and a person, say of them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use decode::{Decoders, Wanted};
use domain::{Decoded, Failure, GreyFrame, PixelArray, PixelData, Polarity};
use engine::gate::HeaderFacts;
use learn::Shift;
use learn::manifest::Case;
use workflow::frames::{About, Open, Opened, decode_path};

/// Opens the cases by their places. What is said of a case is held against its header; of a case of which nothing is
/// said the bundle was named, and what is not known is as the bundle needs it.
pub struct Stating<'a> {
    cases: &'a [Case],
    decoders: &'a Decoders,
    shift: Option<Shift>,
    abouts: BTreeMap<usize, About>,
}

impl<'a> Stating<'a> {
    /// With a shifted copy of each image in its place where a shift is given.
    ///
    /// # Errors
    /// Where a header that something is said of cannot be read.
    pub fn of(cases: &'a [Case], shift: Option<Shift>, decoders: &'a Decoders) -> Result<Self, Failure> {
        let mut abouts = BTreeMap::new();
        for (place, case) in cases.iter().enumerate().filter(|(_, case)| !case.stated.is_silent()) {
            let decoded = decode_path(&case.file, &Wanted::Header, decoders)?;
            let said = HeaderFacts {
                named: true,
                ..HeaderFacts::of_file(&decoded.header, &decoded.facts).with(&case.stated)
            };
            let said = Arc::new(said);
            abouts.insert(place, About { said, stack: None });
        }
        Ok(Self {
            cases,
            decoders,
            shift,
            abouts,
        })
    }
}

/// Its first frame, copied; what is no image stays what it is.
fn shifted(mut decoded: Decoded, shift: Shift, seed: u64) -> Decoded {
    let Ok(grey) = GreyFrame::of(&decoded, 0) else {
        return decoded;
    };
    let mut copy = shift.of(&grey, seed);
    if decoded.plane(0).polarity == Polarity::BrightIsLow {
        copy.iter_mut().for_each(|value| *value = u8::MAX - *value);
    }
    // Padding became an end of the range, and colours became grey.
    decoded.facts.padding = None;
    decoded.header.image.palette = None;
    decoded.pixels = PixelArray {
        frames: 1,
        rows: grey.rows,
        cols: grey.cols,
        samples: 1,
        data: PixelData::U8(copy),
    };
    decoded
}

impl Open<usize> for Stating<'_> {
    fn open(&mut self, place: &usize, wanted: &Wanted) -> Result<Opened, Failure> {
        let started = Instant::now();
        let mut decoded = decode_path(&self.cases[*place].file, wanted, self.decoders)?;
        if let Some(shift) = self.shift {
            decoded = shifted(decoded, shift, *place as u64);
        }
        Ok(Opened {
            decoded,
            took: started.elapsed(),
        })
    }

    fn about(&self, place: &usize) -> Option<&About> {
        self.abouts.get(place)
    }
}
