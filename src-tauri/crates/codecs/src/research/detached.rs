//! A header whose data lie in other files. The parent hands both over as one: a TAR archive (POSIX ustar) of the
//! header and the data files in the order in which the header names them.

use decode::{
    DecodeError, Limits,
    limits::OnDeclared,
    protocol::Wanted,
    sniff::{Kind, sniff},
};
use domain::Decoded;

use super::{meta_image, nrrd, voxels};

const BLOCK: usize = 512;

/// Paths of the data files that a header names, below its own folder; none where the data lie in the file itself.
pub(crate) fn names(bytes: &[u8], kind: Kind) -> Result<Vec<String>, DecodeError> {
    let names = match kind {
        Kind::Nrrd => nrrd::data_files(bytes)?,
        Kind::MetaImage => meta_image::data_files(bytes)?,
        _ => vec![],
    };
    for name in &names {
        let outside = name.starts_with(['/', '\\']) || name.split(['/', '\\']).any(|part| part == "..");
        if outside || name.is_empty() || name.contains('\0') || name.get(1..2) == Some(":") {
            let shown: String = name.chars().filter(|c| !c.is_control()).take(80).collect();
            return Err(DecodeError::corrupt(format!(
                "the header names its data file '{shown}', which does not lie beside it; put both into one folder"
            )));
        }
    }
    Ok(names)
}

/// Decodes a header with its data files; `None` when the archive is no such set.
pub(crate) fn decode_set(
    bytes: &[u8],
    limits: &Limits,
    wanted: &Wanted,
    on_declared: OnDeclared<'_>,
) -> Option<Result<Decoded, DecodeError>> {
    let (header, mut rest) = member(bytes)?;
    let kind = sniff(header).filter(|kind| matches!(kind, Kind::Nrrd | Kind::MetaImage))?;
    let mut data = vec![];
    while let Some((content, after)) = member(rest) {
        data.push(content);
        rest = after;
    }
    let opened = match kind {
        Kind::Nrrd => nrrd::open(header, &data),
        _ => meta_image::open(header, &data),
    };
    Some(opened.and_then(|(volume, content)| voxels(volume, content, bytes, limits, wanted, on_declared)))
}

/// The first member of an archive and what follows it.
fn member(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (head, rest) = bytes.split_at_checked(BLOCK)?;
    if head.get(257..262) != Some(b"ustar") {
        return None;
    }
    let digits = head.get(124..135)?;
    let size = std::str::from_utf8(digits).ok()?.trim_matches(['\0', ' ']);
    let size = usize::from_str_radix(size, 8).ok()?;
    let content = rest.get(..size)?;
    let after = rest.get(size.checked_next_multiple_of(BLOCK)?..).unwrap_or_default();
    Some((content, after))
}
