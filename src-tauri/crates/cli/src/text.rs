//! Foreign text on a terminal: names and notes may hold anything, also control sequences.

use domain::numbers::DecisionCounts;
use domain::{DecisionKind, StudyState};

/// Control characters and marks that turn the direction of writing are shown as `?`.
pub fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() || is_direction_mark(c) { '?' } else { c })
        .collect()
}

/// Like [`plain`], but line breaks become spaces.
pub fn one_line(text: &str) -> String {
    plain(&text.replace(['\n', '\r'], " "))
}

fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Where a study stands, in words; scripts read the code by `--json`.
pub fn state(state: StudyState) -> &'static str {
    state.in_words()
}

/// `Family^Given` of DICOM as `Family, Given`; `–` when there is no name.
pub fn person(name: &str) -> String {
    let family_first: Vec<&str> = name.split('=').next().unwrap_or_default().split('^').collect();
    let parts: Vec<String> = family_first
        .iter()
        .map(|p| plain(p.trim()))
        .filter(|p| !p.is_empty())
        .collect();
    match parts.split_first() {
        Some((family, [])) => family.clone(),
        Some((family, given)) => format!("{family}, {}", given.join(" ")),
        None => "–".into(),
    }
}

/// At most `width` characters, the last one `…` when something was cut off.
pub fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

/// `accepted`, or `accepted (1 of 6 findings), not reviewed (5 of 6 findings)` where the decisions differ.
pub fn decided(counts: &DecisionCounts) -> String {
    let all = counts.total();
    let each = [
        (counts.accepted, DecisionKind::Accepted.as_str()),
        (counts.changed, DecisionKind::Changed.as_str()),
        (counts.unsure, DecisionKind::Unsure.as_str()),
        (counts.undecided, "not reviewed"),
    ];
    let told = each.into_iter().filter(|(count, _)| *count > 0);
    let told = told.map(|(count, word)| match count == all {
        true => word.to_owned(),
        false => format!("{word} ({count} of {all} findings)"),
    });
    told.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_steer_the_terminal() {
        assert_eq!(person("Evil\u{1b}[2J^\u{202e}Name"), "Evil?[2J, ?Name");
        assert_eq!(one_line("a\nb\r\nc"), "a b  c");
    }

    #[test]
    fn a_study_that_was_not_flagged_is_not_called_clear() {
        assert_eq!(
            (state(StudyState::Clear), state(StudyState::NoPicture)),
            ("not flagged", "no image")
        );
        assert_eq!(
            (state(StudyState::Outlined), state(StudyState::NotOutlined)),
            ("outlined", "nothing outlined")
        );
        assert_eq!(
            (state(StudyState::Flagged), state(StudyState::Refused)),
            ("flagged", "refused")
        );
    }

    #[test]
    fn names_are_shown_in_reading_order() {
        assert_eq!(person("Kovács^Anna^Mária"), "Kovács, Anna Mária");
        assert_eq!(person("Yamada^Tarou=山田^太郎"), "Yamada, Tarou");
        assert_eq!(person(""), "–");
        assert_eq!(cut("abcdef", 4), "abc…");
        assert_eq!(cut("abcd", 4), "abcd");
    }

    #[test]
    fn decisions_that_differ_are_told_with_their_counts() {
        let of = |accepted, changed, unsure, undecided| {
            decided(&DecisionCounts {
                accepted,
                rejected: 0,
                changed,
                unsure,
                undecided,
            })
        };
        assert_eq!(of(2, 0, 0, 0), "accepted");
        assert_eq!(of(0, 0, 0, 7), "not reviewed");
        let mixed = "accepted (1 of 6 findings), unsure (2 of 6 findings), not reviewed (3 of 6 findings)";
        assert_eq!(of(1, 0, 2, 3), mixed);
        assert_eq!(of(0, 1, 1, 0), "changed (1 of 2 findings), unsure (1 of 2 findings)");
    }
}
