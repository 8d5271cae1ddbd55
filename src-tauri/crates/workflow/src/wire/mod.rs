//! The shapes that leave this room: [`cli`] for the terminal and scripts, [`window`] for the
//! interface. The terminal's stand here under their own names; the window's types of the same name
//! say more and stay in their module.

mod cli;
pub mod window;

use domain::Timestamp;

pub use cli::*;

use crate::time::rfc3339;

pub(crate) fn instant(at: Timestamp) -> String {
    rfc3339(at)
}
