//! Decoded instances within a budget of bytes, the longest unused going first.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::Decoded;

pub struct Cache {
    budget: u64,
    bytes: u64,
    clock: u64,
    entries: BTreeMap<String, Entry>,
}

struct Entry {
    decoded: Arc<Decoded>,
    bytes: u64,
    used: u64,
    /// Decoded ahead and not asked for so far.
    ahead: bool,
}

impl Cache {
    pub fn new(budget: u64) -> Self {
        Self {
            budget,
            bytes: 0,
            clock: 0,
            entries: BTreeMap::new(),
        }
    }

    /// The instance, which is from here on the one used last.
    pub fn take_up(&mut self, sop: &str) -> Option<Arc<Decoded>> {
        self.clock += 1;
        let entry = self.entries.get_mut(sop)?;
        entry.used = self.clock;
        entry.ahead = false;
        Some(entry.decoded.clone())
    }

    /// Like [`Self::take_up`], without counting as a use.
    pub fn look(&self, sop: &str) -> Option<Arc<Decoded>> {
        self.entries.get(sop).map(|entry| entry.decoded.clone())
    }

    pub fn holds(&self, sop: &str) -> bool {
        self.entries.contains_key(sop)
    }

    /// Keeps the instance. One that is larger than the budget stays as long as it is the newest, so
    /// that its hundreds of frames are not decoded hundreds of times.
    pub fn keep(&mut self, sop: String, decoded: Arc<Decoded>, ahead: bool) {
        self.clock += 1;
        let bytes = decoded.pixels.data.size_in_bytes() as u64;
        let entry = Entry {
            decoded,
            bytes,
            used: self.clock,
            ahead,
        };
        self.bytes += bytes;
        if let Some(before) = self.entries.insert(sop, entry) {
            self.bytes -= before.bytes;
        }
        while self.bytes > self.budget && self.entries.len() > 1 {
            let oldest = self.entries.iter().min_by_key(|(_, entry)| entry.used);
            let Some(oldest) = oldest.map(|(sop, _)| sop.clone()) else {
                return;
            };
            if let Some(gone) = self.entries.remove(&oldest) {
                self.bytes -= gone.bytes;
            }
        }
    }

    /// Whether more may be decoded ahead: it must not push out what was decoded ahead before it.
    pub fn has_room_ahead(&self) -> bool {
        let ahead: u64 = self.entries.values().filter(|e| e.ahead).map(|e| e.bytes).sum();
        ahead < self.budget / 2
    }

    /// What was decoded ahead by an older hint is no longer kept back for it.
    pub fn forget_hints(&mut self) {
        self.entries.values_mut().for_each(|entry| entry.ahead = false);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::grey;
    use super::*;

    fn of(bytes: usize) -> Arc<Decoded> {
        Arc::new(grey(1, bytes as u32, domain::PixelData::U8(vec![0; bytes])))
    }

    #[test]
    fn the_longest_unused_goes_first_and_a_giant_stays_while_it_is_the_newest() {
        let mut cache = Cache::new(100);
        for sop in ["a", "b", "c"] {
            cache.keep(sop.into(), of(30), false);
        }
        assert!(cache.take_up("a").is_some());
        cache.keep("d".into(), of(30), false);
        assert!(cache.holds("a") && !cache.holds("b"));
        cache.keep("giant".into(), of(1000), false);
        assert!(cache.holds("giant") && !cache.holds("a") && !cache.holds("d"));
        cache.keep("e".into(), of(30), false);
        assert!(cache.holds("e") && !cache.holds("giant"));
    }

    #[test]
    fn hints_take_half_of_the_budget_until_they_are_asked_for() {
        let mut cache = Cache::new(100);
        assert!(cache.has_room_ahead());
        cache.keep("a".into(), of(50), true);
        assert!(!cache.has_room_ahead());
        assert!(cache.take_up("a").is_some());
        assert!(cache.has_room_ahead());
    }
}
