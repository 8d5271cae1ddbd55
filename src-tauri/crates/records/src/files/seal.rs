//! Encryption of a vault file: the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár, 2015)
//! over XChaCha20-Poly1305, so that chunks cannot be reordered, cut off or taken from another file.
//!
//! ```text
//! "OVRF" 1 | nonce, 19 bytes | chunks of 65,536 bytes and a tag of 16, the last one shorter or equal
//! ```

use std::io::{Read, Write};

use chacha20poly1305::aead::stream::{DecryptorBE32, EncryptorBE32};
use chacha20poly1305::aead::{KeyInit, generic_array::GenericArray};
use chacha20poly1305::{XChaCha20Poly1305, aead::Payload};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

use crate::error::{Error, Result, io};

const MAGIC: &[u8; 5] = b"OVRF\x01";
const NONCE_BYTES: usize = 19;
const HEADER_BYTES: usize = MAGIC.len() + NONCE_BYTES;
const CHUNK_BYTES: usize = 64 * 1024;
const TAG_BYTES: usize = 16;

/// Size on disk of a file with `bytes` of content; an empty one still has its last chunk.
pub(super) fn sealed_bytes(bytes: u64) -> u64 {
    let chunks = bytes.div_ceil(CHUNK_BYTES as u64).max(1);
    HEADER_BYTES as u64 + bytes + chunks * TAG_BYTES as u64
}

/// Encrypts all of `content` into `file`; gives the sha256 and the length of the content.
pub(crate) fn seal(key: &[u8; 32], content: &mut dyn Read, file: &mut dyn Write) -> Result<([u8; 32], u64)> {
    let mut stream = begin(key, file)?;
    let mut hash = Sha256::new();
    let mut bytes = 0;
    let mut chunk = Zeroizing::new(vec![0; CHUNK_BYTES]);
    let mut next = Zeroizing::new(vec![0; CHUNK_BYTES]);
    let mut filled = fill(content, &mut chunk)?;
    // A chunk is known to be the last one when nothing comes after it.
    loop {
        let following = if filled == CHUNK_BYTES {
            fill(content, &mut next)?
        } else {
            0
        };
        hash.update(&chunk[..filled]);
        bytes += filled as u64;
        let payload = Payload::from(&chunk[..filled]);
        if following == 0 {
            let sealed = stream.encrypt_last(payload).map_err(|_| too_large())?;
            write(file, &sealed)?;
            return Ok((hash.finalize().into(), bytes));
        }
        let sealed = stream.encrypt_next(payload).map_err(|_| too_large())?;
        write(file, &sealed)?;
        std::mem::swap(&mut chunk, &mut next);
        filled = following;
    }
}

/// The same of content that lies in memory and whose hash is known.
pub(super) fn seal_held(key: &[u8; 32], content: &[u8], file: &mut dyn Write) -> Result<()> {
    let mut stream = begin(key, file)?;
    let mut rest = content;
    while let Some((chunk, after)) = rest
        .split_at_checked(CHUNK_BYTES)
        .filter(|(_, after)| !after.is_empty())
    {
        let sealed = stream.encrypt_next(Payload::from(chunk)).map_err(|_| too_large())?;
        write(file, &sealed)?;
        rest = after;
    }
    let sealed = stream.encrypt_last(Payload::from(rest)).map_err(|_| too_large())?;
    write(file, &sealed)
}

/// Writes what stands before the chunks.
fn begin(key: &[u8; 32], file: &mut dyn Write) -> Result<EncryptorBE32<XChaCha20Poly1305>> {
    let mut nonce = [0; NONCE_BYTES];
    getrandom::fill(&mut nonce)?;
    write(file, MAGIC)?;
    write(file, &nonce)?;
    let cipher = XChaCha20Poly1305::new(key.into());
    Ok(EncryptorBE32::from_aead(cipher, GenericArray::from_slice(&nonce)))
}

fn write(file: &mut dyn Write, bytes: &[u8]) -> Result<()> {
    file.write_all(bytes).map_err(io("write a file of the vault"))
}

/// Decrypts a whole file; `None` when a byte of it is not as it was written.
pub(super) fn unseal(key: &[u8; 32], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let body = sealed.strip_prefix(MAGIC)?;
    let (nonce, body) = body.split_at_checked(NONCE_BYTES)?;
    let cipher = XChaCha20Poly1305::new(key.into());
    let mut stream = DecryptorBE32::from_aead(cipher, GenericArray::from_slice(nonce));
    // Full size at once: a growing vector would leave copies of the content behind.
    let mut content = Zeroizing::new(Vec::with_capacity(body.len()));
    let mut rest = body;
    while rest.len() > CHUNK_BYTES + TAG_BYTES {
        let (chunk, after) = rest.split_at(CHUNK_BYTES + TAG_BYTES);
        let mut opened = stream.decrypt_next(chunk).ok()?;
        content.extend_from_slice(&opened);
        opened.zeroize();
        rest = after;
    }
    let mut opened = stream.decrypt_last(rest).ok()?;
    content.extend_from_slice(&opened);
    opened.zeroize();
    Some(content)
}

/// Reads until the buffer is full or the content ends.
fn fill(content: &mut dyn Read, buffer: &mut [u8]) -> Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match content.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(io("read the content to store")(error)),
        }
    }
    Ok(filled)
}

fn too_large() -> Error {
    Error::Invalid("a file of more than 256 TiB".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [9; 32];

    fn sealed(content: &[u8]) -> Result<Vec<u8>> {
        let mut file = Vec::new();
        let (hash, bytes) = seal(&KEY, &mut &content[..], &mut file)?;
        assert_eq!(hash, <[u8; 32]>::from(Sha256::digest(content)));
        assert_eq!(bytes, content.len() as u64);
        assert_eq!(file.len() as u64, sealed_bytes(bytes));
        Ok(file)
    }

    #[test]
    fn content_of_every_length_around_a_chunk_comes_back() -> Result<()> {
        for length in [
            0,
            1,
            CHUNK_BYTES - 1,
            CHUNK_BYTES,
            CHUNK_BYTES + 1,
            2 * CHUNK_BYTES,
            3 * CHUNK_BYTES + 5,
        ] {
            let content: Vec<u8> = (0..length).map(|i| (i * 7 % 251) as u8).collect();
            let opened = unseal(&KEY, &sealed(&content)?);
            assert_eq!(opened.as_deref(), Some(&content), "{length} bytes");
        }
        Ok(())
    }

    #[test]
    fn a_flipped_cut_swapped_or_foreign_chunk_is_refused() -> Result<()> {
        let content = vec![5; 3 * CHUNK_BYTES];
        let file = sealed(&content)?;
        let whole = CHUNK_BYTES + TAG_BYTES;
        for place in [0, 4, 5, 23, 24, whole, file.len() - 1] {
            let mut flipped = file.clone();
            flipped[place] ^= 1;
            assert!(unseal(&KEY, &flipped).is_none(), "byte {place}");
        }
        for length in [
            0,
            10,
            HEADER_BYTES,
            HEADER_BYTES + whole,
            HEADER_BYTES + 2 * whole,
            file.len() - 1,
        ] {
            assert!(unseal(&KEY, &file[..length]).is_none(), "cut to {length}");
        }
        let mut swapped = file.clone();
        swapped[HEADER_BYTES..HEADER_BYTES + 2 * whole].rotate_left(whole);
        assert!(unseal(&KEY, &swapped).is_none());
        let other = sealed(&content)?;
        let mixed = [&file[..HEADER_BYTES + whole], &other[HEADER_BYTES + whole..]].concat();
        assert!(unseal(&KEY, &mixed).is_none());
        assert!(unseal(&[8; 32], &file).is_none());
        Ok(())
    }
}
