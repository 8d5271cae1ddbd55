//! Which bundle reads which images. Images that belong together, such as those of a series, go
//! the same way: a few of them vote.

use std::collections::BTreeMap;

use decode::Wanted;
use domain::{Failure, GreyFrame};
use engine::task::route;
use engine::{Answers, Backend, Bundle, ModelInput};

use crate::bundles::{Reader, Readers};
use crate::frames::{self, Open, Opened};

/// Images of a series that the router is shown.
const VOTES: usize = 5;
/// So many bytes of what was decoded for the router wait to be read; what is beyond is decoded again.
const KEPT_BYTES: usize = 64 << 20;

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

    fn take(&mut self, number: usize) -> Option<Opened> {
        let opened = self.opened.remove(&number)?;
        self.bytes -= opened.decoded.pixels.data.size_in_bytes();
        Some(opened)
    }
}

/// Opens what the router has seen without decoding it again.
pub struct FirstKept<'a, O> {
    pub kept: &'a mut Kept,
    pub open: O,
}

impl<T, O: Open<T>> Open<Numbered<T>> for FirstKept<'_, O> {
    fn open(&mut self, (number, item): &Numbered<T>, wanted: &Wanted) -> Result<Opened, Failure> {
        match self.kept.take(*number) {
            Some(opened) => Ok(opened),
            None => self.open.open(item, wanted),
        }
    }
}

/// The items by who reads them, in their order, and what was decoded for it. Without a router the only bundle reads
/// all. `go_on` is asked before each image; its error ends the routing.
pub fn share_out<T: Clone>(
    readers: &Readers,
    backend: &mut dyn Backend,
    series: Vec<Vec<Numbered<T>>>,
    mut open: impl Open<T>,
    go_on: &mut dyn FnMut() -> Result<(), Failure>,
) -> Result<(Shared<T>, Kept), Failure> {
    let mut shared: Shared<T> = BTreeMap::new();
    let mut kept = Kept::default();
    let Some(router) = readers.router() else {
        shared.insert(Reader::Bundle(0), series.into_iter().flatten().collect());
        return Ok((shared, kept));
    };
    let mut shown: Vec<(usize, ModelInput)> = Vec::new();
    for (place, items) in series.iter().enumerate() {
        let step = items.len().div_ceil(VOTES).max(1);
        // From within the steps, for a series begins and ends where there is little to see.
        let some = items.iter().skip(step / 2).step_by(step);
        for (number, item) in some {
            go_on()?;
            // What is wrong with the file is told when it is analysed.
            let Ok(opened) = open.open(item, &Wanted::Middle) else {
                continue;
            };
            shown.extend(input(&opened, router).map(|input| (place, input)));
            kept.keep(*number, opened);
        }
    }
    let mut answers: Vec<Vec<Answers>> = vec![vec![]; series.len()];
    let (places, inputs): (Vec<usize>, Vec<ModelInput>) = shown.into_iter().unzip();
    for (place, answer) in places
        .into_iter()
        .zip(frames::answers(backend, router, &inputs, go_on)?)
    {
        answers[place].push(answer);
    }
    for (items, answers) in series.into_iter().zip(answers) {
        let votes: Vec<&Answers> = answers.iter().collect();
        let reader = readers.routed(route::choose(router, &votes)?);
        shared.entry(reader).or_default().extend(items);
    }
    Ok((shared, kept))
}

/// The middle frame as the router sees it; `None` where there is nothing to see.
fn input(opened: &Opened, router: &Bundle) -> Option<ModelInput> {
    let grey = GreyFrame::of(&opened.decoded, 0).ok()?;
    let input = engine::prepare(&grey, &router.metadata.input).ok()?;
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
    fn what_the_router_saw_is_not_opened_again() -> Result<(), Failure> {
        let mut kept = Kept::default();
        kept.keep(7, opened(1, 1, 10));
        let mut again = 0;
        let mut open = FirstKept {
            kept: &mut kept,
            open: |_: &(), _: &Wanted| {
                again += 1;
                Ok(opened(1, 1, 20).decoded)
            },
        };
        let wanted = Wanted::Frames(0..1);
        let lengths = [7, 7, 8].map(|number| {
            open.open(&(number, ()), &wanted)
                .map(|one| one.decoded.pixels.data.len())
        });
        let lengths = lengths.into_iter().collect::<Result<Vec<_>, _>>()?;
        assert_eq!((lengths, again), (vec![10, 20, 20], 2));
        Ok(())
    }
}
