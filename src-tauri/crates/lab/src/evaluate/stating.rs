//! The cases of a manifest with what its columns, and a person, say of them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use decode::{Decoders, Wanted};
use domain::Failure;
use engine::gate::HeaderFacts;
use learn::manifest::Case;
use workflow::frames::{About, Open, Opened, decode_path};

/// Opens the cases by their places. What is said of a case is held against its header; of a case of which nothing is
/// said the bundle was named, and what is not known is as the bundle needs it.
pub struct Stating<'a> {
    cases: &'a [Case],
    decoders: &'a Decoders,
    abouts: BTreeMap<usize, About>,
}

impl<'a> Stating<'a> {
    /// # Errors
    /// Where a header that something is said of cannot be read.
    pub fn of(cases: &'a [Case], decoders: &'a Decoders) -> Result<Self, Failure> {
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
            abouts,
        })
    }
}

impl Open<usize> for Stating<'_> {
    fn open(&mut self, place: &usize, wanted: &Wanted) -> Result<Opened, Failure> {
        let started = Instant::now();
        let decoded = decode_path(&self.cases[*place].file, wanted, self.decoders)?;
        Ok(Opened {
            decoded,
            took: started.elapsed(),
        })
    }

    fn about(&self, place: &usize) -> Option<&About> {
        self.abouts.get(place)
    }
}
