//! gzip (RFC 1952) as gzip(1) reads it: all members one after the other, and zeros behind them are padding.

use std::io::{self, BufRead, BufReader, Read};

use bzip2::Error as Bzip2;
use flate2::bufread::GzDecoder;

/// What comes out of a file that is compressed by gzip, read to the checksum of each member. Bytes behind the last member
/// that are no zeros are an error, [`is_other_data`].
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
            match more(&mut rest)? {
                Some(MEMBER) => self.member = Some(GzDecoder::new(rest)),
                Some(_) => return Err(io::Error::new(io::ErrorKind::InvalidData, OtherData)),
                None => {}
            }
        }
        Ok(0)
    }
}

/// The first byte of a member (RFC 1952 2.3.1).
const MEMBER: u8 = 0x1f;

/// What follows whole members is no member.
#[derive(Debug)]
pub(crate) struct OtherData;

impl std::fmt::Display for OtherData {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("other data follow what is compressed")
    }
}

impl std::error::Error for OtherData {}

/// Whether reading compressed data ended because other data follow them: all that came before had its right checksum.
/// Of gzip by [`Gunzip`], of bzip2 and of xz.
pub fn is_other_data(error: &io::Error) -> bool {
    error
        .get_ref()
        .is_some_and(|why| why.is::<OtherData>() || matches!(why.downcast_ref(), Some(Bzip2::DataMagic)))
}

/// The first byte but zeros that follows; the zeros are passed over.
fn more(rest: &mut impl BufRead) -> io::Result<Option<u8>> {
    loop {
        let piece = rest.fill_buf()?;
        if piece.is_empty() {
            return Ok(None);
        }
        let zeros = piece.iter().take_while(|byte| **byte == 0).count();
        let found = piece.get(zeros).copied();
        rest.consume(zeros);
        if found.is_some() {
            return Ok(found);
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
            let told = Gunzip::new(&garbage[..]).read_to_end(&mut vec![]);
            assert!(told.is_err_and(|error| is_other_data(&error)), "{zeros}");
            // A member that is damaged is no other data.
            let mut wrong = [&one[..], &padding, &two].concat();
            let checksum = wrong.len() - 8;
            wrong[checksum] ^= 1;
            let told = Gunzip::new(&wrong[..]).read_to_end(&mut vec![]);
            assert!(told.is_err_and(|error| !is_other_data(&error)), "{zeros}");
        }
        for cut in 0..two.len() {
            let cut = two.get(..cut).unwrap_or_default();
            assert!(Gunzip::new(cut).read_to_end(&mut vec![]).is_err());
        }
        Ok(())
    }
}
