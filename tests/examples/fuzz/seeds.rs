//! Whole files to begin with, by target.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use decode::{Decoders, Source, Urgency, Wanted};

use super::Outcome;

/// Larger files cost time and hold nothing that smaller ones lack.
const LARGEST: u64 = 256 << 10;
/// Of one target; the smallest ones, which are decoded most often in a minute.
const MOST: usize = 40;

/// How files of a target are handed in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// As images: the header alone, some frames, all of it.
    Image,
    /// As the index of a disc or the header of a volume, for the files that it names.
    Names,
    /// As archives, to the last byte of each member.
    Unpack,
}

pub struct Target {
    pub way: Way,
    pub seeds: Vec<Vec<u8>>,
}

/// The seeds by format, of DICOM by transfer syntax; code streams by themselves too, as they lie in DICOM files.
pub fn targets(decoders: &Decoders) -> Outcome<BTreeMap<String, Target>> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = vec![];
    walk(&repository.join("sample-data"), &mut files);
    match needs::data("") {
        Ok(packs) => ["dicom/files", "formats/files", "cases/files"]
            .iter()
            .for_each(|pack| walk(&packs.join(pack), &mut files)),
        Err(lack) => lack.end::<String>()?,
    }
    files.sort_by_key(|(length, path)| (*length, path.clone()));
    let mut targets = BTreeMap::<String, Target>::new();
    let mut add = |name: String, way, seed: Vec<u8>| {
        let target = targets.entry(name).or_insert(Target { way, seeds: vec![] });
        if target.seeds.len() < MOST {
            target.seeds.push(seed);
        }
    };
    for (_, path) in files {
        let bytes = fs::read(&path)?;
        if let Some(kind) = archive(&bytes) {
            add(format!("archive {kind}"), Way::Unpack, bytes);
            continue;
        }
        if decoders
            .names(Source::Bytes(&bytes))
            .is_ok_and(|named| !named.files.is_empty())
        {
            add("names".to_owned(), Way::Names, bytes.clone());
        }
        let Some(name) = kind_of(decoders, &bytes) else {
            continue;
        };
        for stream in streams(&bytes) {
            if let Some(name) = kind_of(decoders, stream) {
                add(format!("stream {name}"), Way::Image, stream.to_vec());
            }
        }
        add(name, Way::Image, bytes);
    }
    Ok(targets)
}

/// Format, and of DICOM the transfer syntax; `None` of what is no image.
fn kind_of(decoders: &Decoders, bytes: &[u8]) -> Option<String> {
    let decoded = decoders
        .ask(Source::Bytes(bytes), &Wanted::Header, Urgency::Work)
        .ok()?;
    let instance = decoded.header.instance;
    let format = instance.format.as_str();
    Some(match &instance.transfer_syntax_uid {
        Some(syntax) => format!("{format} {syntax}"),
        None => format.to_owned(),
    })
}

fn archive(bytes: &[u8]) -> Option<&'static str> {
    let at = |offset: usize, magic: &[u8]| bytes.get(offset..).is_some_and(|rest| rest.starts_with(magic));
    match () {
        () if at(0, b"PK\x03\x04") => Some("zip"),
        () if at(257, b"ustar") => Some("tar"),
        () if at(0x8001, b"CD001") => Some("iso"),
        () if at(0, b"7z\xbc\xaf") => Some("7z"),
        () if at(0, b"\x1f\x8b") => Some("gz"),
        () => None,
    }
}

/// The first code stream within a file: JPEG and JPEG-LS, JPEG 2000, JPEG XL.
fn streams(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let starts: [&[u8]; 4] = [b"\xff\xd8\xff", b"\xff\x4f\xff\x51", b"\0\0\0\x0cJXL ", b"\xe0\xff\x0a"];
    starts.into_iter().filter_map(move |start| {
        let at = bytes.windows(start.len()).position(|window| window == start)?;
        bytes.get(at..).filter(|_| at > 0)
    })
}

fn walk(folder: &Path, files: &mut Vec<(u64, PathBuf)>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match entry.metadata() {
            Ok(meta) if meta.is_dir() => walk(&path, files),
            Ok(meta) if meta.is_file() && meta.len() <= LARGEST => files.push((meta.len(), path)),
            _ => {}
        }
    }
}
