//! The line of a card that says what the bundle may tell of an image: whether, or only where.

use std::fmt::Write;

use domain::{ByPatient, OperatingPoint, SPECIFICITY_FLOOR, Says};
use engine::Bundle;

/// Nothing of a bundle that gives no score.
pub fn line(text: &mut String, units: &str, bundle: &Bundle) -> std::fmt::Result {
    let (Some(says), Some(point)) = (bundle.metadata.says(), bundle.metadata.operating_points.first()) else {
        return Ok(());
    };
    writeln!(text, "{}\n", words(says, point, units))
}

fn words(says: Says, point: &OperatingPoint, units: &str) -> String {
    let name = &point.name;
    if let (Says::Whether, Some(counts)) = (says, &point.patients) {
        let silent = &counts.specificity;
        return format!(
            "**Says whether.** At {name} it flags. Of {units} without an anomaly it stayed silent on {} of {}, with 95 % \
             confidence on {:.3} or more.",
            silent.hits, silent.of, silent.at_least
        );
    }
    format!(
        "**Says where, not whether.** At {name} it outlines and never flags: it was not established how often it stays \
         silent on {units} without an anomaly. {}",
        why(point.patients.as_ref(), units)
    )
}

fn why(counts: Option<&ByPatient>, units: &str) -> String {
    match counts.map(|counts| counts.specificity) {
        None => format!("Its threshold was not judged on {units} whose images were not used to choose it."),
        Some(silent) if silent.of == 0 => {
            format!("Its data hold no {units} without an anomaly, so no protocol can establish that there.")
        }
        Some(silent) => format!(
            "It stayed silent on {} of {}, which makes {:.3} certain at 95 %; {SPECIFICITY_FLOOR:.2} is the least that \
             flags.",
            silent.hits, silent.of, silent.at_least
        ),
    }
}

#[cfg(test)]
mod tests {
    use domain::testing::{counted, operating_point};

    use super::*;

    #[test]
    fn a_card_says_whether_or_where_and_why() {
        let of = |counts: Option<ByPatient>| {
            let mut point = operating_point();
            point.patients = counts;
            words(point.says(), &point, "patients")
        };
        let whether = of(Some(counted(0.784)));
        assert!(
            whether.starts_with("**Says whether.**") && whether.contains("45 of 50"),
            "{whether}"
        );
        let below = of(Some(counted(0.599)));
        assert!(
            below.starts_with("**Says where, not whether.**") && below.contains("0.599"),
            "{below}"
        );
        let mut nobody = counted(0.0);
        (nobody.specificity.hits, nobody.specificity.of) = (0, 0);
        assert!(of(Some(nobody)).contains("no protocol can establish"));
        assert!(of(None).contains("was not judged on patients whose images"));
    }
}
