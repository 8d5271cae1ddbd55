//! Who may have a child: so many at once, the most urgent first.

use std::collections::BTreeSet;

/// Children of a program at once.
pub const MOST_CHILDREN: usize = 3;

/// How urgent a file is; the first is the most urgent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// Somebody waits at a screen. All children may be at work for these.
    Screen,
    /// An import, an analysis, an export, what is decoded ahead. One child is left for the screen.
    Work,
    /// Small images beside a list. One child at most.
    Thumbnail,
}

impl Urgency {
    const ALL: [Self; 3] = [Self::Screen, Self::Work, Self::Thumbnail];

    /// So many children may be at work for this urgency and for less.
    fn share(self) -> usize {
        match self {
            Self::Screen => MOST_CHILDREN,
            Self::Work => MOST_CHILDREN - 1,
            Self::Thumbnail => 1,
        }
    }
}

/// A place in the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket {
    urgency: Urgency,
    number: u64,
}

#[derive(Debug, Default)]
pub struct Slots {
    taken: Vec<Urgency>,
    waiting: BTreeSet<Ticket>,
    next: u64,
}

impl Slots {
    pub fn line_up(&mut self, urgency: Urgency) -> Ticket {
        self.next += 1;
        let ticket = Ticket {
            urgency,
            number: self.next,
        };
        self.waiting.insert(ticket);
        ticket
    }

    /// Takes a slot if it is this one's turn.
    pub fn take(&mut self, ticket: Ticket) -> bool {
        let first = self.waiting.iter().find(|one| self.has_room(one.urgency));
        if first != Some(&ticket) {
            return false;
        }
        self.waiting.remove(&ticket);
        self.taken.push(ticket.urgency);
        true
    }

    pub fn give_back(&mut self, urgency: Urgency) {
        if let Some(place) = self.taken.iter().position(|taken| *taken == urgency) {
            self.taken.swap_remove(place);
        }
    }

    fn has_room(&self, urgency: Urgency) -> bool {
        let as_urgent = Urgency::ALL.into_iter().filter(|other| *other <= urgency);
        as_urgent
            .map(|other| {
                (
                    other.share(),
                    self.taken.iter().filter(|taken| **taken >= other).count(),
                )
            })
            .all(|(share, taken)| taken < share)
    }
}

#[cfg(test)]
mod tests {
    use super::Urgency::{Screen, Thumbnail, Work};
    use super::*;

    /// Lines up and takes a slot at once, if it can.
    fn takes(slots: &mut Slots, urgency: Urgency) -> bool {
        let ticket = slots.line_up(urgency);
        slots.take(ticket) || {
            slots.waiting.remove(&ticket);
            false
        }
    }

    #[test]
    fn the_screen_may_have_all_and_leaves_nothing_to_others() {
        let mut slots = Slots::default();
        assert!(takes(&mut slots, Screen) && takes(&mut slots, Screen) && takes(&mut slots, Screen));
        assert!(!takes(&mut slots, Screen) && !takes(&mut slots, Work) && !takes(&mut slots, Thumbnail));
    }

    #[test]
    fn work_leaves_one_for_the_screen_and_thumbnails_two_for_others() {
        let mut slots = Slots::default();
        assert!(takes(&mut slots, Thumbnail) && !takes(&mut slots, Thumbnail));
        assert!(takes(&mut slots, Work) && !takes(&mut slots, Work));
        assert!(takes(&mut slots, Screen) && slots.taken.len() == MOST_CHILDREN);
        slots.give_back(Thumbnail);
        assert!(takes(&mut slots, Work) && !takes(&mut slots, Thumbnail));
    }

    #[test]
    fn the_most_urgent_goes_first_and_among_equals_who_came_first() {
        let mut slots = Slots::default();
        assert!(takes(&mut slots, Screen) && takes(&mut slots, Screen) && takes(&mut slots, Screen));
        let line = [Thumbnail, Work, Work, Screen].map(|urgency| slots.line_up(urgency));
        let [thumbnail, first, second, screen] = line;
        assert!(line.iter().all(|ticket| !slots.take(*ticket)));
        slots.give_back(Screen);
        assert!([thumbnail, first, second].iter().all(|ticket| !slots.take(*ticket)));
        assert!(slots.take(screen));
        slots.give_back(Screen);
        assert!(!slots.take(second) && slots.take(first));
        slots.give_back(Screen);
        assert!(slots.take(second) && !slots.take(thumbnail));
        slots.give_back(Work);
        assert!(slots.take(thumbnail));
    }

    #[test]
    fn who_has_no_room_does_not_keep_the_next_from_going() {
        let mut slots = Slots::default();
        assert!(takes(&mut slots, Work) && takes(&mut slots, Work));
        let (work, screen) = (slots.line_up(Work), slots.line_up(Screen));
        assert!(!slots.take(work) && slots.take(screen));
    }
}
