//! The result in one sentence, with what has to be said beside it.

use domain::{Decision, Head, InputVerdict, Refusal, ReportSnapshot, ReportedAnalysis, SAYS_WHERE, Says};
use serde::Serialize;

use super::FrameNames;
use crate::words::count;
use domain::analysis::score_text as score;

#[derive(Serialize)]
pub struct ResultView {
    /// `flagged`, `outlined`, `clear`, `refused` or `none`.
    tone: &'static str,
    headline: &'static str,
    sentence: String,
    notes: Vec<String>,
}

/// More frames or reasons than this are counted and not listed.
const LISTED: usize = 12;

impl ResultView {
    pub fn of(snapshot: &ReportSnapshot, names: &FrameNames) -> Self {
        if snapshot.instance_count > 0 && snapshot.picture_count == 0 {
            return Self {
                tone: "none",
                headline: "No image",
                sentence: "There was no image: no object of this study contains one, and no model was run.".into(),
                notes: Vec::new(),
            };
        }
        if snapshot.analyses.is_empty() {
            let sentence = "No image of this study has been analysed.".into();
            return Self {
                tone: "none",
                headline: "Not analysed",
                sentence,
                notes: Vec::new(),
            };
        }
        let (refused, scored): (Vec<_>, Vec<_>) = snapshot
            .analyses
            .iter()
            .partition(|reported| reported.analysis.score.is_none());
        let mut notes = Vec::new();
        notes.extend(unseen(snapshot));
        notes.extend(refusals(&refused, names));
        notes.extend(statements(&scored, names));
        notes.extend(unlocated(&scored, names));
        notes.extend(unchecked(&scored));
        if scored.is_empty() {
            return Self {
                tone: "refused",
                headline: why_no_score(&refused),
                sentence: format!(
                    "No model gave a score for {} of this study.",
                    count(refused.len(), "frame")
                ),
                notes,
            };
        }
        let (whether, where_only): (Vec<_>, Vec<_>) = scored
            .iter()
            .copied()
            .partition(|reported| reported.analysis.says() == Says::Whether);
        let flagged = whether.iter().any(|reported| reported.analysis.flagged());
        let outlined = where_only.iter().any(|reported| reported.analysis.outlined());
        if !where_only.is_empty() {
            notes.push(SAYS_WHERE.to_owned());
        }
        let (tone, headline) = match (flagged, outlined) {
            (true, _) => ("flagged", "Flagged for attention"),
            (false, true) => ("outlined", "Outlined for a decision"),
            (false, false) if snapshot.pictures_not_analysed > 0 => ("none", "Partly analysed"),
            (false, false) => ("clear", silent(&whether, &where_only, &mut notes)),
        };
        let both = [(whether, "flagged"), (where_only, "outlined")];
        let said = both.iter().filter(|(own, _)| !own.is_empty());
        let sentences: Vec<String> = said.map(|(own, word)| sentence(own, word)).collect();
        Self {
            tone,
            headline,
            sentence: sentences.join(" "),
            notes,
        }
    }
}

/// The headline where every frame was refused.
fn why_no_score(refused: &[&ReportedAnalysis]) -> &'static str {
    let all = |kind: Refusal| refused.iter().all(|one| one.analysis.input.refusal() == Some(kind));
    if all(Refusal::NotStated) {
        "No score: a fact that the model needs was not stated"
    } else if all(Refusal::TooPoor) {
        "No score: the images are too poor for the model"
    } else if all(Refusal::OtherKind) {
        "No score: not the kind of image the model was trained on"
    } else {
        "No score: every image was refused"
    }
}

/// The headline where no limit was reached, with what it does not mean.
fn silent(whether: &[&ReportedAnalysis], where_only: &[&ReportedAnalysis], notes: &mut Vec<String>) -> &'static str {
    let (headline, image) = match (whether.is_empty(), where_only.is_empty()) {
        (_, true) => ("Nothing flagged", "An image that is not flagged"),
        (true, false) => ("Nothing outlined", "An image on which nothing is outlined"),
        (false, false) => (
            "Nothing flagged or outlined",
            "An image on which nothing is flagged or outlined",
        ),
    };
    notes.push(format!("{image} is not thereby shown to be normal."));
    headline
}

/// What the models made of their frames, all of which say whether, or where: `word` is what they do.
fn sentence(own: &[&ReportedAnalysis], word: &str) -> String {
    let model = model_names(own);
    let frames = count(own.len(), "scored frame");
    let reached: Vec<_> = own
        .iter()
        .copied()
        .filter(|reported| reported.analysis.reached)
        .collect();
    let (highest, threshold) = highest(own);
    let held = format!("highest score {highest}, threshold {threshold}");
    let decisions = decisions(own);
    if reached.is_empty() {
        return format!("{model} {word} none of {frames} ({held}){decisions}.");
    }
    let spoken = spoken(&reached).unwrap_or(held);
    format!("{model} {word} {} of {frames} ({spoken}){decisions}.", reached.len())
}

/// `The model a` or `The models a, b`.
fn model_names(analyses: &[&ReportedAnalysis]) -> String {
    let mut bundles: Vec<&str> = Vec::new();
    for reported in analyses {
        if !bundles.contains(&reported.analysis.model.bundle.as_str()) {
            bundles.push(&reported.analysis.model.bundle);
        }
    }
    format!(
        "The model{} {}",
        if bundles.len() > 1 { "s" } else { "" },
        bundles.join(", ")
    )
}

/// Each head that spoke, with its highest score and its own limit; `None` of analyses that do not say.
fn spoken(reached: &[&ReportedAnalysis]) -> Option<String> {
    let of = |head: Head| {
        let heads = reached.iter().flat_map(|reported| &reported.analysis.heads);
        let own = heads.filter(|flag| flag.head == head);
        let top = own.max_by(|a, b| a.score.total_cmp(&b.score))?;
        let limit = |name: &str| {
            top.limit
                .map_or_else(String::new, |limit| format!(", {name} {}", score(limit)))
        };
        Some(match head {
            Head::Lesion => format!("highest score {}{}", score(top.score), limit("threshold")),
            Head::Unusual => format!("unusual region of unknown kind: {}{}", score(top.score), limit("limit")),
        })
    };
    let both: Vec<String> = [Head::Lesion, Head::Unusual].into_iter().filter_map(of).collect();
    (!both.is_empty()).then(|| both.join("; "))
}

/// The highest score and the threshold it was held against.
fn highest(scored: &[&ReportedAnalysis]) -> (String, String) {
    let held = |reported: &&ReportedAnalysis| {
        let analysis = &reported.analysis;
        Some((analysis.score?.value(), analysis.operating_point.threshold))
    };
    let top = scored.iter().filter_map(held).max_by(|(a, _), (b, _)| a.total_cmp(b));
    top.map(|(value, threshold)| (score(value), score(threshold)))
        .unwrap_or_default()
}

/// `, with 3 findings: 1 accepted, 1 rejected and 1 not reviewed by the reader`.
fn decisions(analyses: &[&ReportedAnalysis]) -> String {
    let findings: Vec<_> = analyses.iter().flat_map(|reported| &reported.findings).collect();
    if findings.is_empty() {
        return ", without a located finding".into();
    }
    let decided = |wanted: fn(&Decision) -> bool| {
        findings
            .iter()
            .filter(|f| f.review.as_ref().is_some_and(|review| wanted(&review.decision)))
            .count()
    };
    let counts = [
        (decided(|d| *d == Decision::Accepted), "accepted"),
        (decided(|d| matches!(d, Decision::Changed { .. })), "changed"),
        (decided(|d| *d == Decision::Rejected), "rejected"),
        (decided(|d| *d == Decision::Unsure), "left unsure"),
        (findings.iter().filter(|f| f.review.is_none()).count(), "not reviewed"),
    ];
    let parts: Vec<String> = counts
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, what)| format!("{number} {what}"))
        .collect();
    let listed = match parts.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    };
    format!(", with {}: {listed} by the reader", count(findings.len(), "finding"))
}

/// One sentence for each reason of the input gate.
fn refusals(refused: &[&ReportedAnalysis], names: &FrameNames) -> Vec<String> {
    by_reason(refused, names, |frames, reason| {
        format!("No score for {frames}: {}", ended(reason))
    })
}

/// One sentence for each thing that a person stated of images whose files do not say it.
fn statements(scored: &[&ReportedAnalysis], names: &FrameNames) -> Vec<String> {
    let stated: Vec<&ReportedAnalysis> = scored
        .iter()
        .copied()
        .filter(|reported| reported.analysis.input.reason.is_some())
        .collect();
    by_reason(&stated, names, |frames, reason| {
        format!("Of {frames}, {}", ended(reason))
    })
}

fn by_reason(all: &[&ReportedAnalysis], names: &FrameNames, say: impl Fn(String, &str) -> String) -> Vec<String> {
    let mut reasons: Vec<(&str, Vec<String>)> = Vec::new();
    for reported in all {
        let analysis = &reported.analysis;
        let reason = analysis
            .input
            .reason
            .as_ref()
            .map_or("the input gate gave no reason", |reason| reason.words.as_str())
            .trim();
        let frame = names.name(&analysis.sop_instance_uid, reported.instance_number, analysis.frame);
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, frames)) => frames.push(frame),
            None => reasons.push((reason, vec![frame])),
        }
    }
    let mut sentences: Vec<String> = reasons
        .iter()
        .take(LISTED)
        .map(|(reason, frames)| say(listed(frames), reason))
        .collect();
    if reasons.len() > LISTED {
        sentences.push(format!(
            "{} more reasons are in the CSV export.",
            reasons.len() - LISTED
        ));
    }
    sentences
}

/// One sentence for the flagged and one for the outlined.
fn unlocated(scored: &[&ReportedAnalysis], names: &FrameNames) -> Vec<String> {
    let of = |says: Says, word: &str| {
        let own = scored.iter().filter(|reported| {
            let analysis = &reported.analysis;
            analysis.reached && analysis.says() == says && reported.findings.is_empty()
        });
        let frames: Vec<String> = own
            .map(|reported| {
                let analysis = &reported.analysis;
                let name = names.name(&analysis.sop_instance_uid, reported.instance_number, analysis.frame);
                format!("{name} ({})", score(analysis.score.map_or(f32::NAN, |s| s.value())))
            })
            .collect();
        (!frames.is_empty()).then(|| format!("{word} as a whole, without a located finding: {}.", listed(&frames)))
    };
    [(Says::Whether, "Flagged"), (Says::Where, "At or above the threshold")]
        .into_iter()
        .filter_map(|(says, word)| of(says, word))
        .collect()
}

fn unseen(snapshot: &ReportSnapshot) -> Option<String> {
    let number = snapshot.pictures_not_analysed as usize;
    let was = if number == 1 { "was" } else { "were" };
    (number > 0).then(|| {
        let images = count(number, "image");
        format!("{images} of this study {was} never analysed; this report says nothing about them.")
    })
}

fn unchecked(scored: &[&ReportedAnalysis]) -> Option<String> {
    let unknown = scored
        .iter()
        .filter(|reported| reported.analysis.input.verdict == InputVerdict::Unknown)
        .count();
    (unknown > 0).then(|| {
        let frames = count(unknown, "frame");
        format!("For {frames} the model could not tell whether the image is of the kind it was trained on.")
    })
}

fn listed(frames: &[String]) -> String {
    if frames.len() <= LISTED {
        return frames.join("; ");
    }
    format!("{}; and {} more", frames[..LISTED].join("; "), frames.len() - LISTED)
}

fn ended(sentence: &str) -> String {
    if sentence.ends_with(['.', '!', '?']) {
        sentence.to_owned()
    } else {
        format!("{sentence}.")
    }
}
