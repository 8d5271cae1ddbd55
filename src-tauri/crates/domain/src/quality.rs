//! What the figures of models and readers say: shares with their intervals, and whether a change is more than chance.

use serde::{Deserialize, Serialize};

use crate::closed_set::closed_set;
use crate::numbers::{Agreement, DayQuality, ModelQuality};
use crate::time::{day_name, day_of_name};

/// The 97.5th percentile of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;
/// Fewer scores than this in a half say nothing of a change.
pub const ENOUGH: u64 = 30;
/// Steps of a chart; more days than these are told by the week.
const MOST_STEPS: i64 = 120;

/// Holds the true value in 95 of 100 cases.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// How many of how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// Of them.
    pub count: u64,
    /// All.
    pub of: u64,
}

impl Counted {
    /// `None` where nothing was counted.
    pub fn share(self) -> Option<f64> {
        (self.of > 0 && self.count <= self.of).then(|| self.count as f64 / self.of as f64)
    }

    /// Wilson's 95 % interval of the share (Wilson 1927); `None` where nothing was counted.
    pub fn wilson(self) -> Option<Interval> {
        let (share, of) = (self.share()?, self.of as f64);
        let scale = 1.0 + Z * Z / of;
        let middle = (share + Z * Z / (2.0 * of)) / scale;
        let half = (Z / scale) * (share * (1.0 - share) / of + Z * Z / (4.0 * of * of)).sqrt();
        Some(Interval {
            low: if self.count == 0 { 0.0 } else { (middle - half).max(0.0) },
            high: if self.count == self.of {
                1.0
            } else {
                (middle + half).min(1.0)
            },
        })
    }

    /// 95 % interval of a later share less this one, by Newcombe's method 10 (1998).
    pub fn difference(self, later: Self) -> Option<Interval> {
        let (a, b) = (self.wilson()?, later.wilson()?);
        let (p, q) = (self.share()?, later.share()?);
        Some(Interval {
            low: q - p - (q - b.low).hypot(a.high - p),
            high: q - p + (b.high - q).hypot(p - a.low),
        })
    }
}

closed_set! {
    /// What became of a share.
    pub enum Verdict {
        /// No more than chance explains, or nothing was counted.
        Same = "same",
        /// Higher, by more than chance explains.
        More = "more",
        /// Lower, likewise.
        Less = "less",
    }
}

/// A share of the earlier days beside that of the later ones.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Change {
    /// Of the later share less the earlier one; `None` where one was not counted.
    pub interval: Option<Interval>,
    /// What may be said of it.
    pub verdict: Verdict,
}

impl Change {
    fn of(first: Counted, last: Counted) -> Self {
        let interval = first.difference(last);
        let verdict = match interval {
            Some(interval) if interval.low > 0.0 => Verdict::More,
            Some(interval) if interval.high < 0.0 => Verdict::Less,
            _ => Verdict::Same,
        };
        Self { interval, verdict }
    }
}

/// Days of one bundle together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct QualityStep {
    /// First day, `YYYY-MM-DD`.
    pub from: String,
    /// Last day.
    pub to: String,
    /// Frames that were analysed.
    pub analyses: u64,
    /// Of these, frames with a score.
    pub scored: u64,
    /// Of these with a score, frames of which the model says whether: of them a share is flagged.
    pub says_whether: u64,
    /// Of these with a score, frames of which it says where and not whether: of them a share is outlined.
    pub says_where: u64,
    /// Flagged frames.
    pub flagged: u64,
    /// Outlined frames.
    pub outlined: u64,
    /// Frames that the input gate refused.
    pub refused: u64,
    /// Over all scores.
    pub mean_score: Option<f64>,
    /// Scores in ten bins of 0.1.
    #[cfg_attr(feature = "typescript", ts(type = "Array<number>"))]
    pub histogram: [u64; 10],
}

/// The earlier half of the chosen days against the later one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Compared {
    /// The earlier half.
    pub first: QualityStep,
    /// The later half.
    pub last: QualityStep,
    /// Whether each has scores enough to speak of a change.
    pub enough: bool,
    /// So many are needed in each.
    pub needed: u64,
    /// Flagged of those of which the model says whether.
    pub flagged: Change,
    /// Outlined of those of which it says where.
    pub outlined: Change,
    /// Refused of all.
    pub refused: Change,
}

/// A share that is told with its interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ShareTold {
    /// Of them.
    pub count: u64,
    /// All.
    pub of: u64,
    /// `None` where nothing was counted.
    pub share: Option<f64>,
    /// Of the share.
    pub interval: Option<Interval>,
}

impl From<Counted> for ShareTold {
    fn from(counted: Counted) -> Self {
        Self {
            count: counted.count,
            of: counted.of,
            share: counted.share(),
            interval: counted.wilson(),
        }
    }
}

/// How often model and reader said the same of a study, over all versions of a bundle.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Agreed {
    /// By who said yes.
    pub fields: Agreement,
    /// Studies of which both said the same.
    pub agreed: u64,
    /// All studies.
    pub total: u64,
    /// `None` without a study.
    pub share: Option<f64>,
    /// Of the share.
    pub interval: Option<Interval>,
}

/// What the figures of one bundle say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct BundleQuality {
    /// Its name.
    pub bundle: String,
    /// `None` of a bundle none of whose versions is known any more.
    pub agreement: Option<Agreed>,
    /// Findings that were accepted, of those with a decision.
    pub accepted: ShareTold,
    /// Findings that were kept, under the model's label or the reader's own.
    pub kept: ShareTold,
    /// Opinions before the model's answer that agreed with it.
    pub read_first: ShareTold,
    /// From opening a study to the opinion, over all versions.
    pub mean_seconds_to_opinion: Option<f64>,
    /// Mean seconds of computing an image, over all versions.
    pub mean_seconds: Option<f64>,
    /// Whether a version of it says where and not whether.
    pub says_where: bool,
    /// `None` where no day has an analysis.
    pub compared: Option<Compared>,
    /// Every day from the first with an analysis on, empty ones too; of many days weeks, of which the last ends today.
    pub steps: Vec<QualityStep>,
}

/// What is to be said of each bundle, of the last `chosen` days of which `last` is the newest (days since 1970-01-01).
pub fn told(models: &[ModelQuality], days: &[DayQuality], chosen: u32, last: i64) -> Vec<BundleQuality> {
    let mut names: Vec<&str> = Vec::new();
    let all = models
        .iter()
        .map(|one| &one.bundle)
        .chain(days.iter().map(|one| &one.bundle));
    for name in all {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let of = |name: &str| {
        let versions: Vec<&ModelQuality> = models.iter().filter(|one| one.bundle == name).collect();
        let sum = |of: &dyn Fn(&ModelQuality) -> u64| versions.iter().map(|one| of(one)).sum::<u64>();
        let counted = |count: &dyn Fn(&ModelQuality) -> u64, of: &dyn Fn(&ModelQuality) -> u64| {
            ShareTold::from(Counted {
                count: sum(count),
                of: sum(of),
            })
        };
        let decided = |one: &ModelQuality| one.decisions.total() - one.decisions.undecided;
        let readings = |one: &ModelQuality| one.read_first.readings;
        let own: Vec<(i64, &DayQuality)> = days
            .iter()
            .filter(|one| one.bundle == name)
            .filter_map(|one| Some((day_of_name(&one.day)?, one)))
            .collect();
        BundleQuality {
            bundle: name.to_owned(),
            agreement: (!versions.is_empty()).then(|| agreed(versions.iter().map(|one| &one.agreement))),
            accepted: counted(&|one| one.decisions.accepted, &decided),
            kept: counted(&|one| one.decisions.accepted + one.decisions.changed, &decided),
            read_first: counted(&|one| one.read_first.agreed, &readings),
            mean_seconds_to_opinion: mean(
                versions
                    .iter()
                    .map(|one| (one.read_first.mean_seconds_to_opinion, readings(one))),
            ),
            mean_seconds: mean(versions.iter().map(|one| (one.mean_seconds, one.analyses))),
            says_where: versions.iter().any(|one| one.says_where > 0),
            compared: (!own.is_empty()).then(|| compare(&own, chosen, last)),
            steps: steps(&own, last),
        }
    };
    names.into_iter().map(of).collect()
}

/// Of means of versions, each with the number of what it is a mean of.
fn mean(all: impl Iterator<Item = (Option<f64>, u64)>) -> Option<f64> {
    let known = all.filter_map(|(mean, of)| Some((mean?, of as f64)));
    let (sum, weight) = known.fold((0.0, 0.0), |(sum, weight), (mean, of)| (sum + mean * of, weight + of));
    (weight > 0.0).then(|| sum / weight)
}

fn agreed<'a>(versions: impl Iterator<Item = &'a Agreement>) -> Agreed {
    let fields = versions.fold(Agreement::default(), |sum, one| Agreement {
        both: sum.both + one.both,
        model_only: sum.model_only + one.model_only,
        reader_only: sum.reader_only + one.reader_only,
        neither: sum.neither + one.neither,
    });
    let agreed = fields.both + fields.neither;
    let of = agreed + fields.model_only + fields.reader_only;
    let counted = Counted { count: agreed, of };
    Agreed {
        fields,
        agreed,
        total: of,
        share: counted.share(),
        interval: counted.wilson(),
    }
}

fn gather(days: &[&DayQuality], from: i64, to: i64) -> QualityStep {
    let sum = |of: fn(&DayQuality) -> u64| -> u64 { days.iter().map(|day| of(day)).sum() };
    let scores = |day: &DayQuality| day.histogram.iter().sum::<u64>();
    let histogram = std::array::from_fn(|bin| days.iter().filter_map(|day| day.histogram.get(bin)).sum());
    let with_mean = || {
        days.iter()
            .filter_map(|day| Some((day.mean_score?, scores(day) as f64)))
    };
    let weight: f64 = with_mean().map(|(_, count)| count).sum();
    let weighed: f64 = with_mean().map(|(mean, count)| mean * count).sum();
    let scored = days.iter().map(|day| scores(day)).sum::<u64>();
    let says_where = sum(|day| day.says_where);
    QualityStep {
        from: day_name(from),
        to: day_name(to),
        analyses: sum(|day| day.analyses),
        scored,
        says_whether: scored.saturating_sub(says_where),
        says_where,
        flagged: sum(|day| day.flagged),
        outlined: sum(|day| day.outlined),
        refused: sum(|day| day.refused),
        mean_score: (weight > 0.0).then(|| weighed / weight),
        histogram,
    }
}

/// The days from `from` to `to`.
fn between(days: &[(i64, &DayQuality)], from: i64, to: i64) -> QualityStep {
    let inside: Vec<&DayQuality> = days
        .iter()
        .filter(|(day, _)| (from..=to).contains(day))
        .map(|(_, one)| *one)
        .collect();
    gather(&inside, from, to)
}

fn steps(days: &[(i64, &DayQuality)], last: i64) -> Vec<QualityStep> {
    let numbers = || days.iter().map(|(day, _)| *day);
    let (Some(begin), Some(newest)) = (numbers().min(), numbers().max()) else {
        return vec![];
    };
    let end = last.max(newest);
    let span = end - begin + 1;
    let width = if span > MOST_STEPS { 7 } else { 1 };
    let count = (span + width - 1) / width;
    // Weeks end today, so that only the oldest may be short.
    let start = end - count * width + 1;
    let step = |at: i64| {
        let from = start + at * width;
        between(days, from.max(begin), from + width - 1)
    };
    (0..count).map(step).collect()
}

/// The chosen days cut in two at their middle; what is older than they are is in the earlier half.
fn compare(days: &[(i64, &DayQuality)], chosen: u32, last: i64) -> Compared {
    let begin = last - i64::from(chosen.max(1)) + 1;
    let middle = begin + i64::from(chosen / 2);
    let half = |keep: &dyn Fn(i64) -> bool, from, to| {
        let own: Vec<&DayQuality> = days.iter().filter(|(day, _)| keep(*day)).map(|(_, one)| *one).collect();
        gather(&own, from, to)
    };
    let first = half(&|day| day < middle, begin, middle - 1);
    let last = half(&|day| day >= middle, middle, last);
    let change = |count: fn(&QualityStep) -> u64, of: fn(&QualityStep) -> u64| {
        let [first, last] = [&first, &last].map(|step| Counted {
            count: count(step),
            of: of(step),
        });
        Change::of(first, last)
    };
    Compared {
        enough: first.scored >= ENOUGH && last.scored >= ENOUGH,
        needed: ENOUGH,
        flagged: change(|step| step.flagged, |step| step.says_whether),
        outlined: change(|step| step.outlined, |step| step.says_where),
        refused: change(|step| step.refused, |step| step.analyses),
        first,
        last,
    }
}

#[cfg(test)]
mod tests;
