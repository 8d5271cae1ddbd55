//! The one pool of decoders of the program. Whoever wants a file decoded asks it, and says how urgent it is.

use std::sync::{Mutex, MutexGuard, PoisonError};

use decode::{Decoders, Limits};
use domain::Failure;

/// For the whole program, so that however many verbs run, no more children do than one pool may have.
static POOL: Mutex<Option<Decoders>> = Mutex::new(None);

fn pool() -> MutexGuard<'static, Option<Decoders>> {
    // No code that can panic runs under this lock.
    POOL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The pool. Nothing is started before the first file.
///
/// # Errors
/// `decoder_missing` when the program of the children is not there.
pub fn decoders() -> Result<Decoders, Failure> {
    let mut pool = pool();
    if let Some(decoders) = &*pool {
        return Ok(decoders.clone());
    }
    let decoders = Decoders::beside_executable(Limits::default())?;
    *pool = Some(decoders.clone());
    Ok(decoders)
}

/// Ends the children, so that nothing of what they decoded stays in memory; the next file has one started.
pub fn let_go() {
    let decoders = pool().clone();
    if let Some(decoders) = decoders {
        decoders.let_go();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use decode::{Source, Urgency, Wanted};

    #[test]
    fn whoever_asks_asks_the_same_pool() -> Result<(), Failure> {
        let decoders = decoders()?;
        let refused = decoders.ask(Source::Bytes(b"no image"), &Wanted::All, Urgency::Work);
        assert_eq!(
            refused.map_err(|e| e.code).err(),
            Some(domain::FailureCode::UnknownFormat)
        );
        assert!(self::decoders()?.started() > 0, "another pool was asked");
        Ok(())
    }
}
