//! Headers in archives whose data are members beside them: both are kept until the archive was read.

use std::cell::RefCell;
use std::io::Seek;
use std::rc::Rc;

use decode::set::{Part, joined};
use decode::{Source, other::describe, sniff::Kind};
use domain::{Failure, FailureCode};
use records::Scratch;

use super::read::{Held, Stored};
use super::{Import, archive::Level, data_of_a_header, disc::folded, stops_all};
use crate::files::io_failure;

/// Bytes of data that are kept in memory for headers that may come.
const IN_MEMORY: u64 = 32 << 20;

/// A member that is kept.
struct Kept {
    path: String,
    shown: String,
    held: Held,
    /// Of a header, the paths of its data within the archive; of data, empty.
    names: Vec<String>,
}

#[derive(Default)]
pub(super) struct Sets {
    headers: Vec<Kept>,
    data: Vec<Kept>,
    /// Of data, in memory.
    bytes: u64,
    /// Where the rest of the data lies.
    file: Option<Rc<RefCell<Scratch>>>,
}

impl Level<'_> {
    /// Whether the member may be the data of a header of the archive, by the names of all members. What is an image
    /// or a document by itself is none; a file that is compressed by itself may be.
    pub(super) fn may_be_data(&self, path: &str, kind: Option<Kind>) -> bool {
        let is_header = |name: &String| {
            let lower = name.to_lowercase();
            lower.ends_with(".mhd") || lower.ends_with(".nhdr")
        };
        let folder = |path: &str| {
            path.rsplit_once('/')
                .map(|(folder, _)| folder.to_owned())
                .unwrap_or_default()
        };
        matches!(kind, None | Some(Kind::Gzip))
            && self
                .names
                .iter()
                .any(|name| is_header(name) && path.starts_with(&folder(name)))
    }
}

fn taken(held: &mut Held) -> Held {
    std::mem::replace(held, Held::Memory(std::io::Cursor::new(vec![])))
}

impl Import<'_, '_> {
    /// Keeps a header whose data are other members; `false` where it holds them itself.
    pub(super) fn is_header(
        &mut self,
        path: &str,
        shown: &str,
        held: &mut Held,
        level: &mut Level<'_>,
    ) -> Result<bool, Failure> {
        let length = held.length();
        let unreadable = |error: std::io::Error| io_failure(std::path::Path::new(shown), "read", &error);
        held.rewind().map_err(unreadable)?;
        let named = self
            .decoders
            .names(Source::Stream(held, length, "the header".to_owned()));
        let names = match named.map(|named| named.files).map_err(Failure::from) {
            Ok(names) if names.is_empty() => return Ok(false),
            Ok(names) => names,
            Err(failure) if stops_all(&failure) => return Err(failure),
            Err(failure) => {
                self.failed(shown.to_owned(), failure);
                return Ok(true);
            }
        };
        let folder = path
            .rsplit_once('/')
            .map(|(folder, _)| format!("{folder}/"))
            .unwrap_or_default();
        level.sets.headers.push(Kept {
            path: path.to_owned(),
            shown: shown.to_owned(),
            held: taken(held),
            names: names.iter().map(|name| format!("{folder}{name}")).collect(),
        });
        Ok(true)
    }

    pub(super) fn keep_data(
        &mut self,
        path: &str,
        shown: &str,
        held: &mut Held,
        level: &mut Level<'_>,
    ) -> Result<(), Failure> {
        let mut kept = taken(held);
        let bytes = level.sets.bytes + kept.length();
        if bytes <= IN_MEMORY && matches!(kept, Held::Memory(_)) {
            level.sets.bytes = bytes;
        } else {
            // All in one file: a header may name more of them than may be open at once.
            let file = match &level.sets.file {
                Some(file) => file.clone(),
                None => Rc::new(RefCell::new(self.open.vault.scratch()?)),
            };
            let folder = self.open.vault.folder();
            let stored = kept.rewind().and_then(|()| Stored::append(&file, &mut kept));
            kept = Held::Stored(stored.map_err(|error| io_failure(folder, "write", &error))?);
            level.sets.file = Some(file);
        }
        level.sets.data.push(Kept {
            path: path.to_owned(),
            shown: shown.to_owned(),
            held: kept,
            names: vec![],
        });
        Ok(())
    }

    /// Takes the headers that were kept, each with its data, and tells what no header named.
    pub(super) fn sets(&mut self, level: &mut Level<'_>) -> Result<(), Failure> {
        let Sets { headers, mut data, .. } = std::mem::take(&mut level.sets);
        let mut used = vec![false; data.len()];
        for mut header in headers {
            let place = |name: &String| data.iter().position(|kept| folded(&kept.path) == folded(name));
            let places: Vec<Option<usize>> = header.names.iter().map(place).collect();
            let Some(places) = places.iter().copied().collect::<Option<Vec<usize>>>() else {
                let missing = header.names.iter().zip(&places).find(|(_, place)| place.is_none());
                let missing = missing.map_or("", |(name, _)| name.as_str());
                let message = format!("the header's data file '{missing}' is missing in the archive");
                self.failed(header.shown, Failure::new(FailureCode::FileNotFound, message));
                continue;
            };
            let read = self.read_joined(&mut header, &mut data, &places);
            for place in &places {
                if let Some(used) = used.get_mut(*place) {
                    *used = true;
                }
            }
            self.take(header.shown, read)?;
        }
        for (kept, used) in data.iter_mut().zip(used) {
            if used {
                self.also_read(kept.shown.clone(), data_of_a_header());
            } else {
                self.left_over(kept)?;
            }
        }
        Ok(())
    }

    fn left_over(&mut self, kept: &mut Kept) -> Result<(), Failure> {
        let unreadable = |error: std::io::Error| io_failure(std::path::Path::new(&kept.shown), "read", &error);
        kept.held.rewind().map_err(unreadable)?;
        let (_, head) = decode::sniff::sniff_in(&mut kept.held).map_err(unreadable)?;
        let name = kept.path.rsplit('/').next().unwrap_or_default();
        let message = format!("the file '{name}' is not taken: {}", describe(name, &head));
        self.failed(kept.shown.clone(), Failure::new(FailureCode::NotAnImage, message));
        Ok(())
    }

    fn read_joined(
        &mut self,
        header: &mut Kept,
        data: &mut [Kept],
        places: &[usize],
    ) -> Result<Option<(super::batch::ReadFile, super::sealer::Sealed)>, Failure> {
        let name = header.path.rsplit('/').next().unwrap_or_default().to_owned();
        let shown = header.shown.clone();
        let mut whole = self.open.vault.scratch()?;
        let unreadable = |error: std::io::Error| io_failure(std::path::Path::new(&shown), "read", &error);
        header.held.rewind().map_err(unreadable)?;
        for kept in data.iter_mut() {
            kept.held.rewind().map_err(unreadable)?;
        }
        {
            let mut parts: Vec<Part<'_>> = vec![(name.clone(), header.held.length(), Box::new(&mut header.held))];
            let mut rest: Vec<Option<&mut Kept>> = data.iter_mut().map(Some).collect();
            for place in places {
                let Some(kept) = rest.get_mut(*place).and_then(Option::take) else {
                    let message = "the header names one data file twice";
                    return Err(Failure::new(FailureCode::Corrupt, message));
                };
                let last = kept.path.rsplit('/').next().unwrap_or_default().to_owned();
                parts.push((last, kept.held.length(), Box::new(&mut kept.held)));
            }
            let (mut stream, _) = joined(parts);
            std::io::copy(&mut stream, &mut whole).map_err(unreadable)?;
        }
        self.read_held(&mut Held::Disk(Box::new(whole)), &shown, &name)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read, SeekFrom};

    use super::*;
    use crate::opening::create_vault;
    use crate::vault::Passphrase;

    #[test]
    fn pieces_of_one_file_are_read_in_any_order_and_to_their_own_end() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let open = create_vault(&folder.path().join("vault"), "admin", &Passphrase::new("a passphrase"))?;
        let file = Rc::new(RefCell::new(open.vault.scratch()?));
        let content = |number: usize| -> Vec<u8> { (0..number * 700).map(|at| ((at + number) % 251) as u8).collect() };
        let mut all = vec![];
        for number in 0..20 {
            let stored = Stored::append(&file, &mut Cursor::new(content(number)))?;
            all.push(Held::Stored(stored));
        }
        for step in [1, 3, 7] {
            for place in 0..20 {
                let number = place * step % 20;
                let mut bytes = vec![];
                all[number].rewind()?;
                all[number].read_to_end(&mut bytes)?;
                assert!(bytes == content(number), "{number}");
                assert_eq!(all[number].length(), bytes.len() as u64);
            }
        }
        let mut rest = vec![];
        all[9].seek(SeekFrom::End(-5))?;
        all[9].read_to_end(&mut rest)?;
        assert_eq!(rest, content(9)[9 * 700 - 5..]);
        Ok(())
    }
}
