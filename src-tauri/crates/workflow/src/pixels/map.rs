//! An anomaly map as the window takes it: `OVM1`, rows u32, columns u32, then u16 for each pixel,
//! little endian; 0..=65535 stands for 0..1 in every picture.

use decode::{Decoder, Limits};
use domain::{Failure, FailureCode, Uid, room::room_for};

use crate::export::read_map;
use crate::permit::permit;
use crate::read_first::require_opinion;
use crate::vault::OpenVault;

/// The newest map of a frame. Maps are our own pictures; they take the same sandboxed way as others.
/// It is the model's answer: the vault's policy may hide it until the reader has given an own opinion.
pub fn map_bytes(open: &OpenVault, sop: &str, frame: u32) -> Result<Vec<u8>, Failure> {
    permit(&open.session, domain::Permission::ViewRecords)?;
    let uid = Uid::parse(sop).map_err(|error| Failure::usage(error.to_string()))?;
    if let Some(study) = open.vault.study_of_instance(&uid)? {
        require_opinion(open, &study)?;
    }
    let file = open.vault.map_of_frame(&uid, frame)?.ok_or_else(|| {
        let message = format!("frame {frame} of the instance {uid} has no anomaly map: it was not analysed or refused");
        Failure::new(FailureCode::NoMap, message)
    })?;
    let mut decoder = Decoder::beside_executable(Limits::default())?;
    let map = read_map(&open.vault.read_file(&file)?, &mut decoder)?;
    let mut bytes = room_for(12 + 2 * map.values.len())?;
    bytes.extend_from_slice(b"OVM1");
    bytes.extend_from_slice(&map.rows.to_le_bytes());
    bytes.extend_from_slice(&map.cols.to_le_bytes());
    map.values
        .iter()
        .for_each(|v| bytes.extend_from_slice(&v.to_le_bytes()));
    Ok(bytes)
}
