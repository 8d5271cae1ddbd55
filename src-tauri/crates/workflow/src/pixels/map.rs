//! An anomaly map as the window takes it: `OVM1`, rows u32, columns u32, then u16 for each pixel,
//! little endian; 0..=65535 stands for 0..1 in every image.

use decode::{Source, Urgency, Wanted};
use domain::{AnomalyMap, Failure, FailureCode, PixelData, Uid, room::room_for};
use records::StoredMap;

use super::map_file;
use crate::decoders::decoders;
use crate::permit::permit;
use crate::read_first::require_opinion;
use crate::vault::OpenVault;

/// The newest map of a frame. It is the model's answer: the vault's policy may hide it until the reader has given an
/// own opinion.
pub fn map_bytes(open: &OpenVault, sop: &str, frame: u32) -> Result<Vec<u8>, Failure> {
    permit(&open.session, domain::Permission::ViewRecords)?;
    let uid = Uid::as_written(sop).map_err(|error| Failure::usage(error.to_string()))?;
    if let Some(study) = open.vault.study_of_instance(&uid)? {
        require_opinion(open, &study)?;
    }
    let stored = open.vault.map_of_frame(&uid, frame)?.ok_or_else(|| {
        let message = format!("frame {frame} of the instance {uid} has no anomaly map: it was not analysed or refused");
        Failure::new(FailureCode::NoMap, message)
    })?;
    let size = size_of_frame(open, &uid, &stored)?;
    let map = read_map(&open.vault.read_file(&stored.file)?, size, Urgency::Screen)?;
    let mut bytes = room_for(12 + 2 * map.values.len())?;
    bytes.extend_from_slice(b"OVM1");
    bytes.extend_from_slice(&map.rows.to_le_bytes());
    bytes.extend_from_slice(&map.cols.to_le_bytes());
    map.values
        .iter()
        .for_each(|v| bytes.extend_from_slice(&v.to_le_bytes()));
    Ok(bytes)
}

/// As the row says it; where its header is older than that, as the original does.
fn size_of_frame(open: &OpenVault, uid: &Uid, stored: &StoredMap) -> Result<(u32, u32), Failure> {
    if stored.rows > 0 && stored.cols > 0 {
        return Ok((stored.rows, stored.cols));
    }
    let original = open.vault.file_of_instance(uid)?.ok_or_else(|| {
        let message = format!("there is no instance {uid} in the vault");
        Failure::new(FailureCode::NotFound, message)
    })?;
    let content = open.vault.read_file(&original)?;
    let image = decoders()?.ask(Source::Bytes(&content), &Wanted::Header, Urgency::Screen)?;
    Ok((image.header.image.rows, image.header.image.cols))
}

/// A map of the vault, of a frame with so many rows and columns. Those of earlier versions are 16-bit PNG files, which
/// take the sandboxed way of all images.
///
/// # Errors
/// `vault_damaged` when it is no map or has another size.
pub(crate) fn read_map(bytes: &[u8], size: (u32, u32), urgency: Urgency) -> Result<AnomalyMap, Failure> {
    if bytes.starts_with(map_file::MAGIC) {
        return map_file::read(bytes, size);
    }
    let decoded = decoders()?.ask(Source::Bytes(bytes), &Wanted::All, urgency)?.pixels;
    let said = (decoded.rows, decoded.cols);
    match decoded.data {
        PixelData::U16(values) if decoded.samples == 1 && decoded.frames == 1 => {
            if said != size {
                return Err(map_file::wrong_size(said, size));
            }
            Ok(AnomalyMap {
                rows: decoded.rows,
                cols: decoded.cols,
                values,
            })
        }
        _ => Err(Failure::new(
            FailureCode::VaultDamaged,
            "a stored anomaly map is not a 16-bit grey image",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_of_before_and_one_of_now_are_read_and_one_of_another_size_is_not() -> Result<(), Failure> {
        let map = AnomalyMap {
            rows: 3,
            cols: 4,
            values: (0..12).map(|at| at * 5_000).collect(),
        };
        for form in [report::map_png(&map)?, map_file::write(&map)?] {
            assert_eq!(read_map(&form, (3, 4), Urgency::Work)?, map);
            let refused = read_map(&form, (4, 3), Urgency::Work).map_err(|error| error.code);
            assert_eq!(refused, Err(FailureCode::VaultDamaged));
        }
        let grey = report::grey_png(3, 4, &[0; 12])?;
        let refused = read_map(&grey, (3, 4), Urgency::Work).map_err(|error| error.code);
        assert_eq!(refused, Err(FailureCode::VaultDamaged));
        Ok(())
    }
}
