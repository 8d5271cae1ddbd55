//! zlib (RFC 1950), read to the checksum at its end.

use std::io::{self, Read};

use flate2::{Decompress, FlushDecompress, Status};

/// What comes out of a zlib stream. Its end is told where the checksum of all that came out (Adler-32, RFC 1950 2.2)
/// was right; a stream that does not end, or ends otherwise, is an error. Bytes behind it are passed over.
pub(crate) struct Zlib<'a> {
    stored: &'a [u8],
    inflate: Decompress,
    ended: bool,
}

impl<'a> Zlib<'a> {
    pub(crate) fn new(stored: &'a [u8]) -> Self {
        Self {
            stored,
            inflate: Decompress::new(true),
            ended: false,
        }
    }
}

impl Read for Zlib<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.ended || buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let (used, made) = (self.inflate.total_in(), self.inflate.total_out());
            let status = self
                .inflate
                .decompress(self.stored, buffer, FlushDecompress::None)
                .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
            let used = usize::try_from(self.inflate.total_in() - used).map_err(io::Error::other)?;
            let made = usize::try_from(self.inflate.total_out() - made).map_err(io::Error::other)?;
            self.stored = self.stored.get(used..).unwrap_or_default();
            self.ended = status == Status::StreamEnd;
            if made > 0 || self.ended {
                return Ok(made);
            }
            if used == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn the_end_is_told_where_the_checksum_is_right() -> io::Result<()> {
        let content: Vec<u8> = (0..100_000_u32).map(|at| (at.wrapping_mul(at) >> 7) as u8).collect();
        let mut zlib = flate2::write::ZlibEncoder::new(vec![], flate2::Compression::fast());
        zlib.write_all(&content)?;
        let whole = zlib.finish()?;
        let read = |stored: &[u8], piece: usize| {
            let (mut reader, mut out) = (Zlib::new(stored), Vec::<u8>::new());
            let mut buffer = vec![0; piece];
            loop {
                match reader.read(&mut buffer)? {
                    0 => return Ok::<_, io::Error>(out),
                    count => out.extend(&buffer[..count]),
                }
            }
        };
        for piece in [1, 1000, 1 << 20] {
            assert_eq!(read(&whole, piece)?, content, "{piece}");
            assert_eq!(read(&[&whole[..], b"other"].concat(), piece)?, content);
        }
        for cut in (0..whole.len()).step_by(97).chain(whole.len() - 5..whole.len()) {
            assert!(read(&whole[..cut], 4096).is_err(), "{cut}");
        }
        for place in (0..whole.len()).step_by(31).chain(whole.len() - 4..whole.len()) {
            let mut wrong = whole.clone();
            wrong[place] ^= 1 << (place % 8);
            // Some bits of the header say nothing of the content.
            assert!(!read(&wrong, 4096).is_ok_and(|out| out != content), "byte {place}");
        }
        Ok(())
    }
}
