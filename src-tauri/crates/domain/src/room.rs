//! Memory for as much as a file declares. It is asked for, so that too much of it is a failure and not the end of
//! the program.

use std::collections::TryReserveError;

/// There is not as much free memory as was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{mebibytes} MiB of memory are needed at once and are not free; close other programs and try again")]
pub struct NoRoom {
    /// As many as were asked for, rounded up.
    pub mebibytes: u64,
}

/// An empty list with room for `count` values.
///
/// # Errors
/// [`NoRoom`], and nothing was allocated.
pub fn room_for<T>(count: usize) -> Result<Vec<T>, NoRoom> {
    let mut values = Vec::new();
    let no_room = |_: TryReserveError| NoRoom {
        mebibytes: ((count as u64).saturating_mul(size_of::<T>() as u64)).div_ceil(1 << 20),
    };
    values.try_reserve_exact(count).map_err(no_room)?;
    Ok(values)
}

/// Collects values whose number is known.
///
/// # Errors
/// [`NoRoom`], before the first value is made.
pub fn gathered<T>(values: impl ExactSizeIterator<Item = T>) -> Result<Vec<T>, NoRoom> {
    let mut all = room_for(values.len())?;
    all.extend(values);
    Ok(all)
}

/// `count` times the same value.
///
/// # Errors
/// [`NoRoom`].
pub fn filled<T: Clone>(value: T, count: usize) -> Result<Vec<T>, NoRoom> {
    let mut all = room_for(count)?;
    all.resize(count, value);
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_machine_has_is_refused_and_the_rest_is_there() {
        let none = room_for::<u32>(usize::MAX / 8).map(drop);
        assert_eq!(
            none,
            Err(NoRoom {
                mebibytes: (usize::MAX as u64 / 2).div_ceil(1 << 20)
            })
        );
        assert!(room_for::<u8>(1 << 60).is_err());
        assert_eq!(gathered((0..4).map(|v| v * v)), Ok(vec![0, 1, 4, 9]));
        assert_eq!(filled(7_u8, 3), Ok(vec![7, 7, 7]));
    }
}
