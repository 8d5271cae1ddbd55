/// Samples of 1, 2 or 4 bits, packed from the highest bit in rows of whole bytes, to one byte each.
/// `row` is the number of samples in a row.
pub(super) fn unpack(packed: &[u8], bits: u8, row: usize) -> Vec<u8> {
    let per_byte = usize::from(8 / bits);
    let mask = u8::MAX >> (8 - bits);
    let rows = packed.chunks_exact(row.div_ceil(per_byte).max(1));
    let sample =
        |line: &[u8], at: usize| line[at / per_byte] >> ((per_byte - 1 - at % per_byte) * usize::from(bits)) & mask;
    rows.flat_map(|line| (0..row).map(move |at| sample(line, at))).collect()
}

#[cfg(test)]
mod tests {
    use super::unpack;

    #[test]
    fn rows_begin_at_whole_bytes() {
        assert_eq!(unpack(&[0b1010_0000, 0b0110_0000], 1, 3), [1, 0, 1, 0, 1, 1]);
        assert_eq!(unpack(&[0b11_10_01_00], 2, 4), [3, 2, 1, 0]);
        assert_eq!(unpack(&[0xab, 0xc0, 0x12, 0x30], 4, 3), [0xa, 0xb, 0xc, 1, 2, 3]);
    }
}
