//! The measures of the house: how large its rooms are, whose modules lean on each other in a circle, which structs
//! carry the same fields under two names, and whether a test can end without having checked anything.
//!
//! A bound is what was reached, not a goal. It is tightened with each change that makes the figure smaller, and
//! raised only with a reason.

#[path = "house/circles.rs"]
mod circles;
#[path = "house/shares.rs"]
mod shares;
#[path = "house/skips.rs"]
mod skips;
#[path = "house/source.rs"]
mod source;
#[path = "house/twins.rs"]
mod twins;
