//! gzip (RFC 1952) as gzip(1) reads it: all members one after the other, and zeros behind them are padding.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::GzDecoder;

/// What comes out of a file that is compressed by gzip. Bytes behind the last member that are no zeros are an error.
pub struct Gunzip<R> {
    /// `None` at the end.
    member: Option<GzDecoder<BufReader<R>>>,
}

impl<R: Read> Gunzip<R> {
    /// Reads what is compressed as it is asked for.
    pub fn new(compressed: R) -> Self {
        Self {
            member: Some(GzDecoder::new(BufReader::new(compressed))),
        }
    }
}

impl<R: Read> Read for Gunzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        while let Some(mut member) = self.member.take() {
            let count = member.read(buffer)?;
            if count > 0 {
                self.member = Some(member);
                return Ok(count);
            }
            let mut rest = member.into_inner();
            if more(&mut rest)? {
                self.member = Some(GzDecoder::new(rest));
            }
        }
        Ok(0)
    }
}

/// Whether anything but zeros follows; the zeros are passed over.
fn more(rest: &mut impl BufRead) -> io::Result<bool> {
    loop {
        let piece = rest.fill_buf()?;
        if piece.is_empty() {
            return Ok(false);
        }
        let zeros = piece.iter().take_while(|byte| **byte == 0).count();
        let found = zeros < piece.len();
        rest.consume(zeros);
        if found {
            return Ok(true);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn packed(content: &[u8]) -> io::Result<Vec<u8>> {
        let mut gzip = flate2::write::GzEncoder::new(vec![], flate2::Compression::fast());
        gzip.write_all(content)?;
        gzip.finish()
    }

    #[test]
    fn members_and_padding_are_read_and_garbage_is_not() -> io::Result<()> {
        let (one, two) = (packed(&[7; 100_000])?, packed(b"two")?);
        let whole = [vec![7; 100_000], b"two".to_vec()].concat();
        for zeros in [0, 1, 511, 8192, 100_000] {
            let padding = vec![0; zeros];
            let mut out = vec![];
            Gunzip::new(&[&one[..], &two, &padding].concat()[..]).read_to_end(&mut out)?;
            assert_eq!(out, whole, "{zeros}");
            out.clear();
            Gunzip::new(&[&one[..], &padding, &two].concat()[..]).read_to_end(&mut out)?;
            assert_eq!(out, whole, "{zeros} between");
            let garbage = [&one[..], &padding, b"garbage"].concat();
            assert!(Gunzip::new(&garbage[..]).read_to_end(&mut vec![]).is_err(), "{zeros}");
        }
        for cut in 0..two.len() {
            let cut = two.get(..cut).unwrap_or_default();
            assert!(Gunzip::new(cut).read_to_end(&mut vec![]).is_err());
        }
        Ok(())
    }
}
