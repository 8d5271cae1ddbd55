//! Domain words as the database keeps them, and back.

use domain::{Device, InputVerdict, Patient, Precision, Timestamp, Uid};
use rusqlite::Row;

use crate::error::{Error, Result};

pub(crate) fn verdict(text: &str) -> Result<InputVerdict> {
    InputVerdict::parse(text).ok_or_else(|| unknown("input verdict", text))
}

pub(crate) fn device(text: &str) -> Result<Device> {
    if text == "cpu" {
        return Ok(Device::Cpu);
    }
    let index = text.strip_prefix("cuda:").and_then(|index| index.parse().ok());
    index.map(Device::Cuda).ok_or_else(|| unknown("device", text))
}

pub(crate) fn precision(text: &str) -> Result<Precision> {
    Precision::parse(text).ok_or_else(|| unknown("precision", text))
}

pub(crate) fn uid(text: &str) -> Result<Uid> {
    Uid::as_written(text).map_err(|_| Error::VaultDamaged("a stored UID is not one".to_owned()))
}

pub(crate) fn time(stored: i64) -> Timestamp {
    Timestamp(stored)
}

/// SQLite has no unsigned 64-bit numbers.
pub(crate) fn signed(value: u64) -> Result<i64> {
    i64::try_from(value).map_err(|_| Error::Invalid(format!("the number {value} is too large")))
}

pub(crate) fn unsigned(stored: i64) -> Result<u64> {
    u64::try_from(stored).map_err(|_| Error::VaultDamaged(format!("a stored count is {stored}")))
}

pub(crate) fn unknown(what: &str, text: &str) -> Error {
    Error::VaultDamaged(format!(
        "the stored {what} '{}' is unknown",
        text.chars().take(40).collect::<String>()
    ))
}

/// Six columns from `first` on: number, name, birth date, sex, issuer, issuer's own name.
pub(crate) fn patient(row: &Row<'_>, first: usize) -> Result<Patient> {
    Ok(Patient {
        patient_id: row.get(first)?,
        patient_name: row.get(first + 1)?,
        birth_date: row.get(first + 2)?,
        sex: row.get(first + 3)?,
        issuer: row.get(first + 4)?,
        issuer_id: row.get(first + 5)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back() -> Result<()> {
        for word in [InputVerdict::InRange, InputVerdict::OutOfRange, InputVerdict::Unknown] {
            assert_eq!(verdict(word.as_str())?, word);
        }
        for word in [Device::Cpu, Device::Cuda(0), Device::Cuda(7)] {
            assert_eq!(device(&word.to_string())?, word);
        }
        for word in [Precision::Fp32, Precision::Bf16] {
            assert_eq!(precision(word.as_str())?, word);
        }
        assert_eq!(device("cuda:x").map_err(|e| e.code().as_str()), Err("vault_damaged"));
        Ok(())
    }
}
