//! What a file says of the way from modality values to brightness (PS3.3 C.11.2), and lookup tables (C.11.1, C.11.2).

use serde::{Deserialize, Serialize};

use crate::Window;
use crate::closed_set::closed_set;

closed_set! {
    /// VOI LUT Function (0028,1056).
    pub enum VoiFunction {
        /// Centre and width count whole values (PS3.3 C.11.2.1.2.1).
        Linear = "linear",
        /// Centre and width measure on a continuous scale (C.11.2.1.3.2).
        LinearExact = "linear_exact",
        /// An S curve (C.11.2.1.3.1).
        Sigmoid = "sigmoid",
    }
}

/// One way to see a frame that the file offers: a window, or a table that stands for one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct VoiChoice {
    /// Window Center, in modality values; of a table the middle of its entries.
    pub center: f64,
    /// Window Width, above 0; of a table the number of its entries.
    pub width: f64,
    /// `None` where the file names none.
    #[serde(default)]
    pub function: Option<VoiFunction>,
    /// Window Center & Width Explanation, or LUT Explanation.
    #[serde(default)]
    pub name: Option<String>,
    /// Of a VOI LUT.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(skip))]
    pub table: Option<LookupTable>,
}

impl VoiChoice {
    /// A window of which nothing else is said.
    pub fn plain(window: Window) -> Self {
        Self {
            center: window.center,
            width: window.width,
            function: None,
            name: None,
            table: None,
        }
    }

    /// What a table does.
    pub fn of_table(name: Option<String>, table: LookupTable) -> Self {
        let entries = table.values.len() as f64;
        Self {
            center: f64::from(table.first) + entries / 2.0,
            width: entries.max(1.0),
            function: None,
            name,
            table: Some(table),
        }
    }

    /// Its centre and width.
    pub fn window(&self) -> Window {
        Window {
            center: self.center,
            width: self.width,
        }
    }
}

/// A table from whole values to whole values of at most 16 bits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookupTable {
    /// The value that the first entry belongs to.
    pub first: i32,
    /// Of an entry; the greatest is `2^bits - 1`.
    pub bits: u16,
    /// One for each value from `first` on.
    pub values: Vec<u16>,
}

impl LookupTable {
    /// Values before the first entry take the first, values past the last take the last, fractions the entry below.
    /// 0 where there is no entry.
    pub fn at(&self, value: f64) -> u16 {
        let last = self.values.len().saturating_sub(1) as f64;
        // As a cast goes: not-a-number is 0.
        let index = (value - f64::from(self.first)).clamp(0.0, last) as usize;
        self.values.get(index).copied().unwrap_or_default()
    }

    /// The greatest value that an entry may have.
    pub fn greatest(&self) -> f64 {
        f64::from((1u32 << self.bits.clamp(1, 16)) - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_holds_its_ends() {
        let table = LookupTable {
            first: -2,
            bits: 12,
            values: vec![10, 20, 4095],
        };
        let seen = [-1e9, -3.0, -2.0, -1.0, -0.5, 0.0, 1.0, 1e9].map(|value| table.at(value));
        assert_eq!(seen, [10, 10, 10, 20, 20, 4095, 4095, 4095]);
        assert_eq!((table.greatest(), LookupTable::default().at(3.0)), (4095.0, 0));
    }
}
