//! The terminal's words for a prevalence.

use contract::terminal::PrevalenceWire;

use super::line;
use crate::text::plain;

/// At which prevalence scores are told, and what the vault's scores speak for.
pub fn told(p: &PrevalenceWire) {
    let bundle = format!("{} {}", plain(&p.bundle), plain(&p.version));
    match p.calibrated_at {
        Some(share) => line(format!(
            "{bundle} was calibrated on images of which {share} have an anomaly"
        )),
        None => line(format!("the scores of {bundle} are no probabilities")),
    }
    let by = match (&p.changed_by, &p.changed_at) {
        (Some(user), Some(at)) => format!("{}, {at}", plain(user)),
        _ => "nobody".to_owned(),
    };
    match p.stated {
        Some(share) => line(format!("scores are told for {share} (stated by {by})")),
        None => line(format!(
            "scores are told as they were calibrated (a prevalence of this site was stated by {by})"
        )),
    }
    if let Some(e) = &p.estimate {
        line(format!(
            "the scores in this vault speak for {} ({} to {}), by {} images of {} studies; 'models prevalence {} --state {:.3}' \
             states it",
            e.value,
            e.low,
            e.high,
            e.images,
            e.studies,
            plain(&p.bundle),
            e.value.share()
        ));
    }
}
