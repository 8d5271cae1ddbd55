//! Whether a model may be used in paid work, as the licences of its data have it.

use crate::closed_set::closed_set;

closed_set! {
    /// Whether a model may be used commercially.
    pub enum CommercialUse {
        /// Every licence allows it.
        Allowed = "allowed",
        /// A licence forbids it.
        NotAllowed = "not_allowed",
        /// Nobody said it: to be taken for not allowed until it is asked.
        NotStated = "not_stated",
    }
}

#[allow(
    clippy::derivable_impls,
    reason = "the enum is made by a macro that derives no default"
)]
impl Default for CommercialUse {
    fn default() -> Self {
        Self::NotStated
    }
}

/// Licences by their whole names, as data sets and bundles write them and as SPDX does. A name that stands in neither
/// list says nothing: facts are not read out of prose.
const ALLOW: [&str; 14] = [
    "CC0",
    "CC0 1.0",
    "CC0-1.0",
    "CC BY 3.0",
    "CC-BY-3.0",
    "CC BY 4.0",
    "CC-BY-4.0",
    "CC BY-SA 3.0",
    "CC-BY-SA-3.0",
    "CC BY-SA 4.0",
    "CC-BY-SA-4.0",
    "Apache-2.0",
    "MIT",
    "ODC-By-1.0",
];
const FORBID: [&str; 14] = [
    "CC BY-NC 3.0",
    "CC-BY-NC-3.0",
    "CC BY-NC 4.0",
    "CC-BY-NC-4.0",
    "CC BY-NC-SA 3.0",
    "CC-BY-NC-SA-3.0",
    "CC BY-NC-SA 4.0",
    "CC-BY-NC-SA-4.0",
    "CC BY-NC-ND 3.0",
    "CC-BY-NC-ND-3.0",
    "CC BY-NC-ND 4.0",
    "CC-BY-NC-ND-4.0",
    "non-commercial use",
    // Of bundles that were signed before they stated it themselves.
    "images CC BY 3.0; masks CC BY-NC-SA 4.0: non-commercial",
];

impl CommercialUse {
    /// Of a bundle that does not state it itself: by the licences of its data, the strictest counts.
    pub fn of_licences<'a>(licences: impl IntoIterator<Item = &'a str>) -> Self {
        let one = |name: &str| match name.trim() {
            name if FORBID.contains(&name) => Self::NotAllowed,
            name if ALLOW.contains(&name) => Self::Allowed,
            _ => Self::NotStated,
        };
        let all: Vec<Self> = licences.into_iter().map(one).collect();
        match all.as_slice() {
            [] => Self::NotStated,
            all if all.contains(&Self::NotAllowed) => Self::NotAllowed,
            all if all.contains(&Self::NotStated) => Self::NotStated,
            _ => Self::Allowed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strictest_licence_counts_and_an_unknown_name_says_nothing() {
        use CommercialUse::{Allowed, NotAllowed, NotStated};
        for (licences, wanted) in [
            (&[] as &[&str], NotStated),
            (&["CC BY 4.0"], Allowed),
            (&["CC0", " CC-BY-4.0 "], Allowed),
            (&["CC BY 4.0", "CC BY-NC 4.0"], NotAllowed),
            (&["words of somebody", "CC BY-NC-SA 4.0"], NotAllowed),
            (&["CC BY 4.0", "words of somebody"], NotStated),
            (&["images CC BY 3.0; masks CC BY-NC-SA 4.0: non-commercial"], NotAllowed),
            (&["ask the authors before commercial use"], NotStated),
            // As the words of one are, and not only as they sound.
            (&["not CC BY-NC at all"], NotStated),
            (&["for research"], NotStated),
            (&[""], NotStated),
        ] {
            assert_eq!(
                CommercialUse::of_licences(licences.iter().copied()),
                wanted,
                "{licences:?}"
            );
        }
        for (name, wanted) in ALLOW
            .map(|name| (name, Allowed))
            .into_iter()
            .chain(FORBID.map(|name| (name, NotAllowed)))
        {
            assert_eq!(CommercialUse::of_licences([name]), wanted, "{name}");
        }
    }
}
