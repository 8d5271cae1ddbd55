//! The archive, which the parent holds and hands over piece by piece.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
};

use decode::unpack::{Frame, write_frame};

const PIECE: u32 = 256 << 10;

/// Reads what it asks the parent for; one piece is kept.
pub(super) struct Pipe<'a, R> {
    input: &'a mut R,
    output: &'a File,
    length: u64,
    at: u64,
    piece: Vec<u8>,
    /// Where the piece begins.
    from: u64,
}

impl<'a, R: Read> Pipe<'a, R> {
    pub(super) fn new(input: &'a mut R, output: &'a File, length: u64) -> Self {
        Self {
            input,
            output,
            length,
            at: 0,
            piece: vec![],
            from: 0,
        }
    }

    fn fetch(&mut self) -> io::Result<()> {
        self.from = self.at;
        self.piece.clear();
        write_frame(&mut &*self.output, &Frame::Need(self.at, PIECE))?;
        let mut count = [0; 4];
        self.input.read_exact(&mut count)?;
        let count = u32::from_le_bytes(count);
        if count > PIECE {
            return Err(io::ErrorKind::InvalidData.into());
        }
        self.piece.resize(usize::try_from(count).map_err(io::Error::other)?, 0);
        self.input.read_exact(&mut self.piece)
    }

    /// What of the piece lies at the present place.
    fn rest(&self) -> &[u8] {
        let skip = self
            .at
            .checked_sub(self.from)
            .and_then(|skip| usize::try_from(skip).ok());
        skip.and_then(|skip| self.piece.get(skip..)).unwrap_or_default()
    }
}

impl<R: Read> Read for Pipe<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.length || buffer.is_empty() {
            return Ok(0);
        }
        if self.rest().is_empty() {
            self.fetch()?;
        }
        let rest = self.rest();
        let count = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(from);
        }
        self.at += count as u64;
        Ok(count)
    }
}

impl<R> Seek for Pipe<'_, R> {
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
