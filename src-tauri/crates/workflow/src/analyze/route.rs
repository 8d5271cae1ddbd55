//! Which bundle reads which images. What headers and a person say decides first, for a stack as a whole; where that
//! leaves several bundles, or says too little, images that belong together vote by their looks.

use std::collections::BTreeMap;
use std::sync::Arc;

use decode::Wanted;
use domain::{Failure, GreyFrame, Sentence, SentenceCode, Stated};
use engine::gate::{Fit, HeaderFacts, Rule, fit};
use engine::task::route;
use engine::{Answers, Backend, Bundle, Lie, ModelInput};

use super::item::Item;
use crate::bundles::{Reader, Readers};
use crate::frames::{self, About, Open, Opened};

/// Images of a series that the router is shown.
const VOTES: usize = 5;
/// So many bytes of what was decoded for the router wait to be read; what is beyond is decoded again.
const KEPT_BYTES: usize = 64 << 20;
/// Slices of a stack by which the learned gate knows it; they are read first.
pub const ENOUGH_SLICES: usize = 33;

/// An item with its number among those that are routed together.
pub type Numbered<T> = (usize, T);

/// Items by who reads them.
pub type Shared<T> = BTreeMap<Reader, Vec<Numbered<T>>>;

/// What was decoded for the router, by the item's number.
#[derive(Default)]
pub struct Kept {
    opened: BTreeMap<usize, Opened>,
    bytes: usize,
}

impl Kept {
    /// Keeps it if it is all of its item and there is room.
    fn keep(&mut self, number: usize, opened: Opened) {
        let Opened { decoded, .. } = &opened;
        let bytes = decoded.pixels.data.size_in_bytes();
        let whole = decoded.pixels.frames >= decoded.header.image.frames;
        if whole && self.bytes + bytes <= KEPT_BYTES {
            self.bytes += bytes;
            self.opened.insert(number, opened);
        }
    }

    fn has_room(&self) -> bool {
        self.bytes < KEPT_BYTES
    }

    fn take(&mut self, number: usize) -> Option<Opened> {
        let opened = self.opened.remove(&number)?;
        self.bytes -= opened.decoded.pixels.data.size_in_bytes();
        Some(opened)
    }
}

/// What was found out of each item, by its number.
#[derive(Default)]
pub struct Found {
    pub kept: Kept,
    pub abouts: BTreeMap<usize, About>,
}

/// Opens what the router has seen without decoding it again.
pub struct FirstKept<'a, O> {
    pub kept: &'a mut Kept,
    pub abouts: &'a BTreeMap<usize, About>,
    pub open: O,
}

impl<T, O: Open<Item<T>>> Open<Numbered<Item<T>>> for FirstKept<'_, O> {
    fn open(&mut self, (number, item): &Numbered<Item<T>>, wanted: &Wanted) -> Result<Opened, Failure> {
        // What was kept begins with the first frame.
        let from_first = !matches!(wanted, Wanted::Frames(frames) if frames.start > 0);
        match self.kept.take(*number).filter(|_| from_first) {
            Some(opened) => Ok(opened),
            None => self.open.open(item, wanted),
        }
    }

    fn about(&self, (number, _): &Numbered<Item<T>>) -> Option<&About> {
        self.abouts.get(number)
    }

    fn is_done(&self, (_, item): &Numbered<Item<T>>, frame: u32) -> bool {
        item.is_done(frame)
    }
}

/// Images that are given to one reader together.
struct Unit<T> {
    items: Vec<Numbered<T>>,
    said: HeaderFacts,
    is_stack: bool,
}

/// The items by who reads them, in their order but for long stacks, and what was found out for it. `stated` is what a
/// person said of an item. `go_on` is asked before each image; its error ends the routing.
pub fn share_out<T: Clone>(
    readers: &Readers,
    backend: &mut dyn Backend,
    series: Vec<Vec<Numbered<T>>>,
    mut open: impl Open<T>,
    stated: &dyn Fn(&T) -> Stated,
    go_on: &mut dyn FnMut() -> Result<(), Failure>,
) -> Result<(Shared<T>, Found), Failure> {
    let mut found = Found::default();
    let mut shared: Shared<T> = BTreeMap::new();
    // Those that headers leave open wait for the router's answer, with the bundles that may read them.
    let mut open_ones: Vec<(Unit<T>, Vec<usize>)> = Vec::new();
    let mut stacks = 0..;
    let mut give = |unit: Unit<T>, reader: Reader, refused: Option<Sentence>, abouts: &mut BTreeMap<usize, About>| {
        let stack = unit.is_stack.then(|| stacks.next()).flatten();
        let said = Arc::new(HeaderFacts {
            refused,
            named: readers.named(),
            ..unit.said
        });
        let about = |(number, _): &Numbered<T>| {
            let said = said.clone();
            (*number, About { said, stack })
        };
        abouts.extend(unit.items.iter().map(about));
        shared.entry(reader).or_default().extend(unit.items);
    };
    for items in series {
        for unit in units(items, &mut open, stated, &mut found.kept, go_on)? {
            match by_header(readers, &unit.said) {
                Decided::Reader(reader, refused) => give(unit, reader, refused, &mut found.abouts),
                Decided::Open(may) => open_ones.push((unit, may)),
            }
        }
    }
    let votes = votes(readers, backend, &open_ones, &mut open, &mut found.kept, go_on)?;
    for ((unit, may), chosen) in open_ones.into_iter().zip(votes) {
        let (reader, refused) = by_looks(readers, &unit.said, &may, chosen);
        give(unit, reader, refused, &mut found.abouts);
    }
    Ok((shared, found))
}

/// The images of a series that one reader is chosen for: slices together, others each by itself.
fn units<T: Clone>(
    items: Vec<Numbered<T>>,
    open: &mut impl Open<T>,
    stated: &dyn Fn(&T) -> Stated,
    kept: &mut Kept,
    go_on: &mut dyn FnMut() -> Result<(), Failure>,
) -> Result<Vec<Unit<T>>, Failure> {
    let mut said = Vec::with_capacity(items.len());
    for (number, item) in &items {
        go_on()?;
        // Decoded at once what is read next, as long as there is room for it.
        let wanted = if kept.has_room() {
            &Wanted::Middle
        } else {
            &Wanted::Header
        };
        // What is wrong with the file is told when it is analysed.
        said.push(match open.open(item, wanted) {
            Ok(opened) => {
                let of_file = HeaderFacts::of_file(&opened.decoded.header, &opened.decoded.facts).with(&stated(item));
                kept.keep(*number, opened);
                Some(of_file)
            }
            Err(_) => None,
        });
    }
    let mut units: Vec<Unit<T>> = vec![];
    let mut stacks: Vec<(Vec<Numbered<T>>, Vec<HeaderFacts>)> = vec![];
    for (item, said) in items.into_iter().zip(said) {
        let said = said.unwrap_or_default();
        if !is_slice(&said) {
            units.push(Unit {
                items: vec![item],
                said,
                is_stack: false,
            });
            continue;
        }
        // A capture in colours is no slice of the grey images beside it.
        match stacks
            .iter_mut()
            .find(|(_, of)| of.first().map(in_colours) == Some(in_colours(&said)))
        {
            Some((items, of)) => {
                items.push(item);
                of.push(said);
            }
            None => stacks.push((vec![item], vec![said])),
        }
    }
    units.extend(stacks.into_iter().map(|(items, said)| Unit {
        items: spread(items),
        said: HeaderFacts::of_stack(&said),
        is_stack: true,
    }));
    Ok(units)
}

fn is_slice(said: &HeaderFacts) -> bool {
    matches!(said.modality.as_deref(), Some("MR" | "CT" | "PT"))
}

fn in_colours(said: &HeaderFacts) -> bool {
    said.photometric
        .as_deref()
        .is_some_and(|found| !found.starts_with("MONOCHROME"))
}

/// Of a long stack first some from everywhere.
fn spread<T>(items: Vec<T>) -> Vec<T> {
    let step = items.len().div_ceil(ENOUGH_SLICES).max(1);
    if step == 1 {
        return items;
    }
    let numbered = items.into_iter().enumerate();
    let (first, rest): (Vec<_>, Vec<_>) = numbered.partition(|(place, _)| place % step == step / 2);
    first.into_iter().chain(rest).map(|(_, item)| item).collect()
}

enum Decided {
    /// Who reads it, and where none does, why.
    Reader(Reader, Option<Sentence>),
    /// One of these may, by their looks.
    Open(Vec<usize>),
}

/// What headers and a person say of who reads it; their plain word is not asked about again.
fn by_header(readers: &Readers, said: &HeaderFacts) -> Decided {
    if readers.router().is_none() {
        return Decided::Reader(Reader::Bundle(0), None);
    }
    let fits: Vec<Fit> = readers
        .bundles()
        .iter()
        .map(|bundle| fit(said, &bundle.metadata.input))
        .collect();
    let may: Vec<usize> = (0..fits.len())
        .filter(|place| !matches!(fits[*place], Fit::Refused { .. }))
        .collect();
    if may.is_empty() {
        return Decided::Reader(Reader::None, refusal(said, fits));
    }
    let plainly = may.iter().find(|place| match &fits[**place] {
        Fit::Fits { plainly } | Fit::Asks { plainly, .. } => *plainly,
        Fit::Refused { .. } => false,
    });
    if let Some(place) = plainly {
        return Decided::Reader(Reader::Bundle(*place), None);
    }
    let questions: Vec<Option<Sentence>> = may
        .iter()
        .map(|place| match &fits[*place] {
            Fit::Asks { question, .. } => Some(question.clone()),
            _ => None,
        })
        .collect();
    // Of an object that says its device, a head for instance: looks do not answer what has to be asked.
    let slices = said.sequence.is_some();
    match questions.into_iter().collect::<Option<Vec<Sentence>>>() {
        Some(questions) if slices => Decided::Reader(Reader::None, questions.into_iter().next()),
        _ => Decided::Open(may),
    }
}

/// Why none reads it, by the bundle that it is nearest to. Another device is no model's in particular.
fn refusal(said: &HeaderFacts, fits: Vec<Fit>) -> Option<Sentence> {
    let refused = fits.into_iter().filter_map(|fit| match fit {
        Fit::Refused { rule, reason } if rule > Rule::Modality => Some((rule, reason)),
        _ => None,
    });
    let (rule, reason) = refused.max_by_key(|(rule, _)| *rule)?;
    Some(match (rule, said.part_in_words()) {
        (Rule::Part, Some(name)) => {
            let words = format!("by the header the body part is {name}, for which no model in use was made");
            Sentence::new(SentenceCode::GateNoModelPart, [("found", name.into())], words)
        }
        _ => reason,
    })
}

/// By the router's choice, where it is one of those that may read it.
fn by_looks(readers: &Readers, said: &HeaderFacts, may: &[usize], chosen: Reader) -> (Reader, Option<Sentence>) {
    let Reader::Bundle(place) = chosen else {
        return (Reader::None, None);
    };
    if may.contains(&place) {
        return (chosen, None);
    }
    // The header forbids what it looks like: that is the reason.
    let reason = match fit(said, &readers.bundles()[place].metadata.input) {
        Fit::Refused { rule, reason } if rule > Rule::Modality => Some(reason),
        _ => None,
    };
    (Reader::None, reason)
}

/// What the router makes of each.
fn votes<T: Clone>(
    readers: &Readers,
    backend: &mut dyn Backend,
    units: &[(Unit<T>, Vec<usize>)],
    open: &mut impl Open<T>,
    kept: &mut Kept,
    go_on: &mut dyn FnMut() -> Result<(), Failure>,
) -> Result<Vec<Reader>, Failure> {
    let Some(router) = readers.router() else {
        return Ok(vec![]);
    };
    let mut shown: Vec<(usize, ModelInput)> = Vec::new();
    for (place, (unit, _)) in units.iter().enumerate() {
        let step = unit.items.len().div_ceil(VOTES).max(1);
        // From within the steps, for a series begins and ends where there is little to see.
        for (number, item) in unit.items.iter().skip(step / 2).step_by(step) {
            go_on()?;
            if let Some(opened) = kept.opened.get(number) {
                shown.extend(input(opened, router).map(|input| (place, input)));
                continue;
            }
            let Ok(opened) = open.open(item, &Wanted::Middle) else {
                continue;
            };
            shown.extend(input(&opened, router).map(|input| (place, input)));
            kept.keep(*number, opened);
        }
    }
    let mut answers: Vec<Vec<Answers>> = vec![vec![]; units.len()];
    let (places, inputs): (Vec<usize>, Vec<ModelInput>) = shown.into_iter().unzip();
    for (place, answer) in places
        .into_iter()
        .zip(frames::answers(backend, router, &inputs, go_on)?)
    {
        answers[place].push(answer);
    }
    let reader = |answers: Vec<Answers>| {
        let votes: Vec<&Answers> = answers.iter().collect();
        Ok(readers.routed(route::choose(router, &votes)?))
    };
    answers.into_iter().map(reader).collect()
}

/// The middle frame as the router sees it; `None` where there is nothing to see.
fn input(opened: &Opened, router: &Bundle) -> Option<ModelInput> {
    let grey = GreyFrame::of(&opened.decoded, 0).ok()?;
    let lie = Lie::of(&opened.decoded, 0);
    let input = engine::prepare_lying(&grey, lie, &router.metadata.input).ok()?;
    (!input.blank).then_some(input)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use domain::PixelData;

    use super::*;
    use crate::pixels::tests::picture;

    fn opened(frames: u32, of: u32, bytes: usize) -> Opened {
        let data = PixelData::U8(vec![0; bytes]);
        let mut decoded = picture(1, [frames, 1, bytes as u32 / frames], data, "MONOCHROME2");
        decoded.header.image.frames = of;
        Opened {
            decoded,
            took: Duration::ZERO,
        }
    }

    #[test]
    fn what_is_kept_is_all_of_its_item_and_within_the_bound() {
        let mut kept = Kept::default();
        kept.keep(0, opened(1, 9, 10));
        assert!(kept.take(0).is_none(), "one frame of nine was kept");
        kept.keep(1, opened(1, 1, KEPT_BYTES - 5));
        kept.keep(2, opened(1, 1, 6));
        kept.keep(3, opened(1, 1, 5));
        assert!(kept.take(2).is_none() && kept.take(3).is_some());
        assert!(kept.take(1).is_some() && kept.take(1).is_none());
        kept.keep(4, opened(1, 1, KEPT_BYTES));
        assert!(kept.take(4).is_some());
    }

    #[test]
    fn of_a_long_stack_some_from_everywhere_come_first() {
        assert_eq!(spread((0..33).collect()), (0..33).collect::<Vec<_>>());
        let long = spread((0..100).collect::<Vec<usize>>());
        assert_eq!(long[..3], [2, 6, 10]);
        assert_eq!((long.len(), long[24], long[25]), (100, 98, 0));
        let mut sorted = long;
        sorted.sort_unstable();
        assert_eq!(sorted, (0..100).collect::<Vec<_>>());
    }

    #[test]
    fn what_the_router_saw_is_not_opened_again() -> Result<(), Failure> {
        let mut kept = Kept::default();
        kept.keep(7, opened(1, 1, 10));
        let mut again = 0;
        let abouts = BTreeMap::new();
        let mut open = FirstKept {
            kept: &mut kept,
            abouts: &abouts,
            open: |_: &Item<()>, _: &Wanted| {
                again += 1;
                Ok(opened(1, 1, 20).decoded)
            },
        };
        let wanted = Wanted::Frames(0..1);
        let lengths = [7, 7, 8].map(|number| {
            open.open(&(number, Item::new((), 1)), &wanted)
                .map(|one| one.decoded.pixels.data.len())
        });
        let lengths = lengths.into_iter().collect::<Result<Vec<_>, _>>()?;
        assert_eq!((lengths, again), (vec![10, 20, 20], 2));
        Ok(())
    }
}
