//! What the whole-flow tests share: running the built programs, reading what they print, and
//! places to work in. The tests see the programs from outside only, as a script would.

mod support;

pub use needs::{Found, Lack, data, need, program};

pub use support::bundle::{
    SIGNATURE, copy_bundle, edit_json, hash_again, manifest_sha256, set_threshold, sign, sign_with,
};
pub use support::data::{csv_rows, repository};
pub use support::installed::{Installed, flip_byte};
pub use support::json::{Shape, assert_keys, each, field, not_kept, number, promised_shapes, text, texts};
pub use support::process::{all_gone, children, interrupt, is_running, kill, processor_time};
pub use support::program::{Call, Ran, Running, overread, programs};
pub use support::vault::{BUNDLE, PASSPHRASE, TestVault, scratch, whole};
pub use support::window::{Area, Desk, DicomFile, Element, Picture, SECONDARY_CAPTURE, Window};

pub type Outcome<T> = Result<T, Box<dyn std::error::Error>>;
pub type Done = Outcome<()>;

/// A result kept for all tests of a file; errors are kept as their text.
pub fn once<T>(
    cell: &'static std::sync::OnceLock<Result<T, String>>,
    make: impl FnOnce() -> Outcome<T>,
) -> Outcome<&'static T> {
    let kept = cell.get_or_init(|| make().map_err(|error| error.to_string()));
    kept.as_ref().map_err(|text| text.as_str().into())
}
