//! UIDs derived from what they name, so that a set made again has the same ones.

use domain::Uid;
use sha2::{Digest, Sha256};

/// A UID under 2.25 (PS3.5 section B.2) from the hash of `parts`, marked as a UUID of version 8 (RFC 9562).
pub fn derived_uid(parts: &[&str]) -> Uid {
    let mut hash = Sha256::new();
    hash.update("overread sample");
    for part in parts {
        hash.update([0]);
        hash.update(part);
    }
    let digest = hash.finalize();
    let mut bits = [0_u8; 16];
    bits.copy_from_slice(&digest[..16]);
    bits[6] = bits[6] & 0x0f | 0x80;
    bits[8] = bits[8] & 0x3f | 0x80;
    Uid::from_bits(bits)
}

/// sha256 of a file's bytes as 64 hex digits.
pub fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_kept_apart() {
        assert_eq!(derived_uid(&["study", "1"]), derived_uid(&["study", "1"]));
        assert_ne!(derived_uid(&["study", "1"]), derived_uid(&["study1"]));
    }

    #[test]
    fn the_hash_is_sha256() {
        assert_eq!(
            sha256_hex(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
