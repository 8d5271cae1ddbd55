//! Floats as bytes and back. The one place that turns the one into the other.

/// Appends the values, little endian; in one stride, since a batch holds millions of them.
pub fn put_f32(values: &[f32], block: &mut Vec<u8>) {
    let start = block.len();
    block.resize(start + 4 * values.len(), 0);
    for (place, value) in block[start..].as_chunks_mut::<4>().0.iter_mut().zip(values) {
        *place = value.to_le_bytes();
    }
}

pub fn f32_to_bytes(values: &[f32]) -> Vec<u8> {
    let mut block = Vec::new();
    put_f32(values, &mut block);
    block
}

pub fn f32_from_bytes(bytes: &[u8]) -> Vec<f32> {
    bytes
        .as_chunks::<4>()
        .0
        .iter()
        .map(|b| f32::from_le_bytes(*b))
        .collect()
}
