//! A file in work, and how many of its frames were told.

use std::collections::{BTreeMap, BTreeSet};

use domain::{InputCheck, ModelVersion};

use crate::frames::Lost;

/// A file with its frames.
#[derive(Debug, Clone)]
pub struct Item<T> {
    pub of: T,
    /// By its header; at least 1, for a file without an image is told once too.
    frames: u32,
    before: Before,
}

/// What earlier runs by the same models left of a file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Before {
    /// Frames that are not analysed again.
    pub frames: BTreeSet<u32>,
    /// The verdict that the learned gate gave on them, by the model that gave it.
    pub verdict: Option<(ModelVersion, InputCheck)>,
}

impl<T> Item<T> {
    /// Of which nothing was analysed.
    pub fn new(of: T, frames: u32) -> Self {
        Self::after(of, frames, Before::default())
    }

    pub fn after(of: T, frames: u32, mut before: Before) -> Self {
        let frames = frames.max(1);
        before.frames.retain(|frame| *frame < frames);
        Self { of, frames, before }
    }

    pub fn is_done(&self, frame: u32) -> bool {
        self.before.frames.contains(&frame)
    }

    pub fn frames(&self) -> u64 {
        self.frames.into()
    }

    /// Frames that are to be analysed.
    pub fn left(&self) -> u64 {
        self.frames().saturating_sub(self.before.frames.len() as u64)
    }

    /// The verdict that a model gave on its other frames.
    pub fn verdict_by(&self, model: &ModelVersion) -> Option<&InputCheck> {
        let (by, check) = self.before.verdict.as_ref()?;
        (by.bundle == model.bundle && by.version == model.version).then_some(check)
    }
}

/// Frames that are to be analysed of all of these.
pub fn left<'a, T: 'a>(items: impl IntoIterator<Item = &'a Item<T>>) -> u64 {
    items.into_iter().map(Item::left).sum()
}

/// Counts frames, each once, in whatever order they are told.
#[derive(Default)]
pub struct Counted {
    of_items: BTreeMap<usize, u64>,
    sum: u64,
}

impl Counted {
    /// One more frame of the item with this number.
    pub fn frame<T>(&mut self, number: usize, item: &Item<T>) {
        let counted = self.of_items.get(&number).copied().unwrap_or_default();
        self.up_to(number, (counted + 1).min(item.left()));
    }

    /// What a failure takes of it.
    pub fn lost<T>(&mut self, number: usize, item: &Item<T>, lost: Lost) {
        match lost {
            Lost::Frame => self.frame(number, item),
            Lost::Rest => self.up_to(number, item.left()),
        }
    }

    pub fn sum(&self) -> u64 {
        self.sum
    }

    fn up_to(&mut self, number: usize, frames: u64) {
        let counted = self.of_items.entry(number).or_default();
        self.sum += frames.saturating_sub(*counted);
        *counted = frames.max(*counted);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_counted_each_once_in_whatever_order_they_are_told() {
        let mut counted = Counted::default();
        counted.frame(4, &Item::new((), 1));
        assert_eq!(counted.sum(), 1);
        let three = Item::new((), 3);
        counted.frame(5, &three);
        counted.frame(5, &three);
        assert_eq!(counted.sum(), 3);
        // The last one cannot be read, and the one that the network still had comes after that is known.
        counted.lost(5, &three, Lost::Rest);
        counted.frame(5, &three);
        assert_eq!(counted.sum(), 4);
        counted.lost(6, &three, Lost::Frame);
        assert_eq!(counted.sum(), 5);
        // Nothing is wanted of two of its frames.
        let before = Before {
            frames: [0, 1, 7].into(),
            verdict: None,
        };
        let rest = Item::after((), 3, before);
        assert_eq!((rest.left(), rest.frames()), (1, 3));
        counted.lost(7, &rest, Lost::Rest);
        assert_eq!(counted.sum(), 6);
        assert_eq!(Item::new((), 0).left(), 1, "a file without an image is told once");
        assert_eq!(left(&[three, rest]), 4);
    }
}
