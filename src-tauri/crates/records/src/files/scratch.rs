//! A file for what does not fit into memory for a moment: nobody else can open it, and what reaches the disk is
//! encrypted by a key that was never written down.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use chacha20::ChaCha20;
use chacha20::cipher::{KeyIvInit, StreamCipher, StreamCipherSeek};
use zeroize::Zeroizing;

use crate::error::{Result, io as failed};
use crate::layout::files_path;
use crate::vault::Vault;

const NONCE: [u8; 12] = [0; 12];
const PIECE: usize = 64 << 10;

/// Is written from its beginning, then read anywhere. It goes with the value, or with the program.
pub struct Scratch {
    file: File,
    cipher: ChaCha20,
    /// Bytes that were written.
    length: u64,
    at: u64,
}

impl Vault {
    /// # Errors
    /// `io` or `disk_full` when the file cannot be made, `no_random`.
    pub fn scratch(&self) -> Result<Scratch> {
        Scratch::in_folder(&files_path(&self.folder))
    }
}

impl Scratch {
    fn in_folder(folder: &Path) -> Result<Self> {
        let mut key = Zeroizing::new([0; 32]);
        getrandom::fill(key.as_mut_slice())?;
        let mut name = [0; 16];
        getrandom::fill(&mut name)?;
        // A name that a sweep knows, should the program end before the next line but one.
        let path = folder.join(format!("unfinished-{}", crate::hex::encode(&name)));
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let action = || "keep an unpacked file for a moment".to_owned();
        let file = options.open(&path).map_err(failed(action()))?;
        fs::remove_file(&path).map_err(failed(action()))?;
        Ok(Self {
            file,
            cipher: ChaCha20::new(key.as_slice().into(), &NONCE.into()),
            length: 0,
            at: 0,
        })
    }

    /// Bytes that were written.
    pub fn length(&self) -> u64 {
        self.length
    }
}

impl Write for Scratch {
    /// Behind what was written before, wherever it was read.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut piece: Vec<u8> = bytes.iter().copied().take(PIECE).collect();
        self.cipher
            .try_seek(self.length)
            .map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
        self.cipher.apply_keystream(&mut piece);
        self.file.seek(SeekFrom::Start(self.length))?;
        self.file.write_all(&piece)?;
        self.length += piece.len() as u64;
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Scratch {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.seek(SeekFrom::Start(self.at))?;
        let count = self.file.read(buffer)?;
        self.cipher
            .try_seek(self.at)
            .map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
        if let Some(read) = buffer.get_mut(..count) {
            self.cipher.apply_keystream(read);
        }
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Scratch {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = place.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_anywhere_and_lies_nowhere() -> std::result::Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let mut scratch = Scratch::in_folder(folder.path())?;
        assert_eq!(fs::read_dir(folder.path())?.count(), 0, "the file has a name");
        let content: Vec<u8> = (0..200_000_u32).map(|i| (i * 7 % 251) as u8).collect();
        scratch.write_all(&content)?;
        assert_eq!(scratch.length(), content.len() as u64);
        for from in [0_usize, 1, 63, 64, 65_535, 65_536, 150_001, content.len()] {
            scratch.seek(SeekFrom::Start(from as u64))?;
            let mut rest = vec![];
            scratch.read_to_end(&mut rest)?;
            assert!(rest == content[from..], "from {from}");
        }
        let mut stored = vec![];
        scratch.file.seek(SeekFrom::Start(0))?;
        scratch.file.read_to_end(&mut stored)?;
        let same = stored.iter().zip(&content).filter(|(a, b)| a == b).count();
        assert!(
            stored.len() == content.len() && same < content.len() / 100,
            "{same} bytes are as they were"
        );
        Ok(())
    }
}
