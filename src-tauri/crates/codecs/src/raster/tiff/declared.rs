//! Stacks behind one directory: how many images programs say that there are, where the file has no directory for each.

use serde_json::Value;

use super::{directory::Directory, page::Page};

/// The number of images by ImageJ, MetaMorph or tifffile; `None` where none of them says it.
pub(super) fn images(directory: &Directory<'_>, page: &Page) -> Option<u32> {
    of_imagej(directory)
        .or_else(|| of_metamorph(directory))
        .or_else(|| of_shape(&directory.text(270), page))
}

/// A text of lines, one of them `images=N`.
fn of_imagej(directory: &Directory<'_>) -> Option<u32> {
    let text = directory.text(270);
    let lines = text.strip_prefix("ImageJ=")?.lines();
    lines
        .filter_map(|line| line.strip_prefix("images="))
        .find_map(|count| count.trim().parse().ok())
}

/// MetaMorph stacks (STK): as many planes as the tag UIC2 has values, each a fraction by its type; UIC3 where that lies
/// outside of the file ("MetaMorph Stack (STK) Image File Format", UIC2Tag).
fn of_metamorph(directory: &Directory<'_>) -> Option<u32> {
    let planes = |tag: u16| {
        u32::try_from(directory.bytes(tag).len() / 8)
            .ok()
            .filter(|planes| *planes > 0)
    };
    planes(33_629).or_else(|| planes(33_630))
}

/// tifffile: `{"shape": [5, 6, 8]}`, of which one image has the last numbers.
fn of_shape(text: &str, page: &Page) -> Option<u32> {
    if !text.starts_with('{') {
        return None;
    }
    let said: Value = serde_json::from_str(text).ok()?;
    let shape: Option<Vec<u64>> = said.get("shape")?.as_array()?.iter().map(Value::as_u64).collect();
    let all = shape?.iter().try_fold(1_u64, |all, count| all.checked_mul(*count))?;
    let one = [page.cols, page.samples, page.depth].map(u64::from);
    let one = one
        .iter()
        .try_fold(u64::from(page.rows), |one, count| one.checked_mul(*count))?;
    let whole = one > 0 && all.is_multiple_of(one);
    whole.then(|| u32::try_from(all / one).ok()).flatten()
}
