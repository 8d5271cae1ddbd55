//! A header and the files beside it that hold its data, as one stream: a TAR archive (POSIX ustar) of the header and
//! then the data, in the order in which the header names them. The same files always give the same bytes.

use std::{
    collections::VecDeque,
    fs::File,
    io::{self, Cursor, Read},
    path::{Path, PathBuf},
};

use domain::FailureCode;

use crate::{
    DecodeError, Decoders, Source,
    sniff::{Kind, sniff_file},
};

const BLOCK: usize = 512;

/// A header with its data files; all lie in one folder or below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSet {
    header: PathBuf,
    /// Files that the header names.
    pub data: Vec<PathBuf>,
}

impl FileSet {
    /// `None` when the file holds its data itself, or is none of the formats that may have them elsewhere.
    ///
    /// # Errors
    /// When the header cannot be read, names a file outside of its folder, or one that is missing or a link.
    pub fn of(path: &Path, decoders: &Decoders) -> Result<Option<Self>, DecodeError> {
        // What cannot be opened says why where it is decoded; opening a named pipe would wait for its writer.
        let is_file = std::fs::metadata(path).is_ok_and(|meta| meta.is_file());
        if !is_file || !matches!(sniff_file(path), Ok((Some(Kind::Nrrd | Kind::MetaImage), _))) {
            return Ok(None);
        }
        let names = decoders.names(Source::File(path))?.files;
        if names.is_empty() {
            return Ok(None);
        }
        let folder = path.parent().unwrap_or(Path::new(""));
        let data: Vec<PathBuf> = names.iter().map(|name| folder.join(name)).collect();
        if let Some(name) = names.iter().find(|name| is_behind_a_link(folder, name)) {
            let message = format!(
                "the header's data file '{name}' is a link, or lies in a linked folder, which is not followed; put the file \
                 itself beside the header"
            );
            return Err(DecodeError::unsupported(message));
        }
        if let Some((missing, name)) = data.iter().zip(&names).find(|(path, _)| !path.is_file()) {
            let message = format!(
                "the header's data file '{name}' is missing: '{}' is not there; put both into one folder",
                missing.display()
            );
            return Err(DecodeError::new(FailureCode::FileNotFound, message));
        }
        Ok(Some(Self {
            header: path.to_owned(),
            data,
        }))
    }

    /// The stream and its length. Each file is opened when the stream comes to it, for a header may name more of them
    /// than may be open at once.
    ///
    /// # Errors
    /// When a file is not there; when one cannot be opened, the stream says it.
    pub fn open(&self) -> io::Result<(Box<dyn Read>, u64)> {
        let mut parts: Vec<Part<'static>> = vec![];
        for path in std::iter::once(&self.header).chain(&self.data) {
            let size = std::fs::metadata(path)?.len();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            parts.push((name, size, Box::new(Later::Closed(path.clone()))));
        }
        Ok(joined(parts))
    }
}

/// Whether the file of this name below a folder, or a folder on the way to it, is a link: it may lead anywhere.
pub fn is_behind_a_link(folder: &Path, name: &str) -> bool {
    let mut path = folder.to_owned();
    name.split(['/', '\\']).filter(|part| !part.is_empty()).any(|part| {
        path.push(part);
        path.is_symlink()
    })
}

/// A file that is opened when it is first read.
enum Later {
    Closed(PathBuf),
    Open(File),
}

impl Read for Later {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Self::Closed(path) = self {
            *self = Self::Open(File::open(path)?);
        }
        match self {
            Self::Open(file) => file.read(buffer),
            Self::Closed(_) => Ok(0),
        }
    }
}

/// Streams one after the other; each is let go at its end. One within another would need a stack as deep as there are.
#[derive(Default)]
pub struct InTurn<'a>(pub VecDeque<Box<dyn Read + 'a>>);

impl Read for InTurn<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(first) = self.0.front_mut() {
            let count = first.read(buffer)?;
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            self.0.pop_front();
        }
        Ok(0)
    }
}

/// Name, length and bytes of a file.
pub type Part<'a> = (String, u64, Box<dyn Read + 'a>);

/// The header and then its data as one stream, and its length.
pub fn joined<'a>(parts: Vec<Part<'a>>) -> (Box<dyn Read + 'a>, u64) {
    let mut streams = InTurn::default();
    let mut length = 0;
    for (name, size, bytes) in parts {
        let padding = size.next_multiple_of(BLOCK as u64) - size;
        streams.0.push_back(Box::new(Cursor::new(entry(&name, size))));
        streams.0.push_back(Box::new(bytes.take(size)));
        streams.0.push_back(Box::new(io::repeat(0).take(padding)));
        length += BLOCK as u64 + size + padding;
    }
    let end = 2 * BLOCK as u64;
    streams.0.push_back(Box::new(io::repeat(0).take(end)));
    (Box::new(streams), length + end)
}

/// Of a regular file of so many bytes, without owner and time.
fn entry(name: &str, size: u64) -> Vec<u8> {
    let mut head = vec![0; BLOCK];
    let mut put = |at: usize, bytes: &[u8]| {
        let place = head.iter_mut().skip(at);
        place.zip(bytes).for_each(|(to, from)| *to = *from);
    };
    put(0, name.as_bytes().get(..name.len().min(99)).unwrap_or_default());
    put(100, b"0000600\0");
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    put(124, format!("{size:011o}\0").as_bytes());
    put(136, b"00000000000\0");
    put(148, b"        ");
    put(156, b"0");
    put(257, b"ustar\x0000");
    let sum: u32 = head.iter().map(|byte| u32::from(*byte)).sum();
    let sum = format!("{sum:06o}\0 ");
    head.iter_mut()
        .skip(148)
        .zip(sum.bytes())
        .for_each(|(to, from)| *to = from);
    head
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_has_the_length_that_it_says() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = |name: &str| folder.path().join(name);
        for (name, size) in [("a.mhd", 100), ("a.raw", 512), ("b.raw", 0), ("c.raw", 1025)] {
            std::fs::write(path(name), vec![7; size])?;
        }
        let set = FileSet {
            header: path("a.mhd"),
            data: ["a.raw", "b.raw", "c.raw"].map(path).to_vec(),
        };
        let (mut stream, length) = set.open()?;
        let mut bytes = vec![];
        stream.read_to_end(&mut bytes)?;
        assert_eq!(bytes.len() as u64, length);
        assert_eq!(length, 4 * 512 + 512 + 512 + 1536 + 1024);
        assert_eq!(bytes.get(257..262), Some(&b"ustar"[..]));
        assert_eq!(bytes.get(512 + 512 + 124..512 + 512 + 135), Some(&b"00000001000"[..]));
        Ok(())
    }

    /// More files than any process may have open, and far more than a stream within a stream could stand.
    #[test]
    fn files_are_opened_one_after_the_other() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("slice.raw");
        std::fs::write(&path, [1; 3])?;
        let set = FileSet {
            header: path.clone(),
            data: vec![path; 70_000],
        };
        let (mut stream, length) = set.open()?;
        assert_eq!(io::copy(&mut stream, &mut io::sink())?, length);
        Ok(())
    }

    #[test]
    fn a_link_on_the_way_to_a_file_is_seen() -> io::Result<()> {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir()?;
        let (inside, outside) = (folder.path().join("a"), folder.path().join("b"));
        std::fs::create_dir_all(inside.join("deep/er"))?;
        std::fs::create_dir_all(&outside)?;
        for file in [
            inside.join("x.raw"),
            inside.join("deep/er/x.raw"),
            outside.join("x.raw"),
        ] {
            std::fs::write(file, "x")?;
        }
        symlink(outside.join("x.raw"), inside.join("link.raw"))?;
        symlink("x.raw", inside.join("near.raw"))?;
        symlink(&outside, inside.join("sub"))?;
        symlink("../..", inside.join("deep/up"))?;
        symlink("nowhere", inside.join("broken"))?;
        for (name, is) in [
            ("x.raw", false),
            ("./x.raw", false),
            ("deep/er/x.raw", false),
            ("deep\\er\\x.raw", false),
            ("missing", false),
            ("link.raw", true),
            ("near.raw", true),
            ("sub/x.raw", true),
            ("deep/up/a/x.raw", true),
            ("broken", true),
        ] {
            assert_eq!(is_behind_a_link(&inside, name), is, "{name}");
        }
        // The folder itself may be reached by a link, as the one that a person names.
        symlink(&inside, folder.path().join("named"))?;
        assert!(!is_behind_a_link(&folder.path().join("named"), "x.raw"));
        Ok(())
    }
}
