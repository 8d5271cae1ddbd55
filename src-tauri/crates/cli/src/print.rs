//! Results on stdout: one JSON document, or lines for a person.

pub mod decoded;
pub mod evaluation;
mod frames;
pub mod prevalence;
mod stacks;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::PathBuf;

use contract::terminal::{
    AnalysisWire, AnalyzeWire, BundleWire, ImportWire, ModelsWire, StudyListWire, StudyWire, VaultWire,
};
use domain::analysis::score_text;
use domain::numbers::counted;
use domain::{
    AuditChain, Doubt, DoubtedField, FailedInput, FailureCode, Flag, Head, Lesion, Patient, SAYS_WHERE, Says,
    SpacingBasis, Uid,
};
use serde::Serialize;

use frames::{frame, measurement, with_several};

use crate::text::{cut, decided, one_line, person, plain, state};

/// A closed pipe (`overread list | head`) is no error; a result that cannot be written is one.
fn out(text: &str) {
    let mut stdout = std::io::stdout().lock();
    let written = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.write_all(b"\n"))
        .and_then(|()| stdout.flush());
    if let Err(error) = written
        && error.kind() != std::io::ErrorKind::BrokenPipe
    {
        unwritten(&error);
    }
}

fn unwritten(error: &dyn std::fmt::Display) -> ! {
    eprintln!("overread: the result cannot be written: {error}; what was done stays done");
    std::process::exit(i32::from(crate::FAILED));
}

pub fn json(value: &impl Serialize) {
    match serde_json::to_string_pretty(value) {
        Ok(text) => out(&text),
        Err(error) => unwritten(&error),
    }
}

pub fn line(text: impl AsRef<str>) {
    out(text.as_ref());
}

pub fn failed(inputs: &[FailedInput]) {
    for input in inputs {
        let word = match input.code {
            FailureCode::NotAnImage => "not an image",
            _ => "failed",
        };
        eprintln!("{word}: {}: {}", plain(&input.file), one_line(&input.message));
    }
}

pub fn vault(v: &VaultWire) {
    line(format!(
        "vault {} (format {}, schema {}, {})",
        v.vault.display(),
        v.versions.format_version,
        v.versions.schema_version,
        v.versions.cipher
    ));
    line(format!("user {} ({})", plain(&v.user), v.role));
    line(format!(
        "{}, {}, {} ({:.1} MB of files), {}, {}, {}",
        counted(v.counts.patients, "patient"),
        counted(v.counts.studies, "study"),
        counted(v.counts.instances, "instance"),
        v.file_bytes as f64 / 1e6,
        counted(v.counts.analyses, "analysis"),
        v.counts.findings.map_or_else(
            || "findings hidden until every study has your opinion".to_owned(),
            |findings| counted(findings, "finding")
        ),
        counted(v.counts.reviews, "review")
    ));
    line(format!(
        "audit: {}, {}",
        counted(v.counts.audit_rows, "row"),
        match v.audit {
            AuditChain::Intact => "chain intact",
            AuditChain::Broken => "CHAIN BROKEN",
            AuditChain::EndsEarly => "chain intact, but it ends before the last row that was written here",
            AuditChain::NoAnchor => "chain intact, but nothing vouches for its end",
        }
    ));
    lost(&v.lost, v.lost_bytes);
    if let Some(why) = v.read_only {
        line(format!("READING ONLY: {}", why.in_words()));
    }
}

/// Lost files that are named at the terminal; JSON has them all.
const MOST_LOST_NAMED: usize = 20;

/// Nothing is said of a vault without lost files.
pub fn lost(paths: &[PathBuf], bytes: u64) {
    let files = paths.len() as u64;
    if files > 0 {
        let mb = bytes as f64 / 1e6;
        let lie = if files == 1 { "lies" } else { "lie" };
        line(format!(
            "{} that no record names {lie} in files/lost ({mb:.1} MB); importing the same scans again takes them back",
            counted(files, "file")
        ));
        for path in paths.iter().take(MOST_LOST_NAMED) {
            line(format!("  {}", path.display()));
        }
        if let Some(more) = paths.len().checked_sub(MOST_LOST_NAMED).filter(|more| *more > 0) {
            line(format!("  and {more} more; --json names them all"));
        }
    }
}

/// First what became of all files, then a line for each that is not simply an image.
pub fn import(i: &ImportWire) {
    let beside = i.failed.len() - i.unread().len();
    let more = |count: usize, what: String| match count {
        0 => String::new(),
        _ => format!(", {what}"),
    };
    line(format!(
        "{} imported, {} already there{}, {} failed{}; {} changed",
        counted(i.imported, "image"),
        i.already_there,
        more(i.no_image.len(), format!("{} without an image", i.no_image.len())),
        i.failed.len() - beside,
        more(beside, format!("{beside} not scans")),
        counted(i.studies.len(), "study")
    ));
    if i.nameless > 0 {
        line(format!(
            "{} of them {} no patient; 'overread patient STUDY_UID --id ID' says who it is, or import with --patient ID",
            i.nameless,
            names(i.nameless)
        ));
    }
    if i.patient_not_used > 0 {
        line(format!(
            "{} of them {} a patient, who stays; --patient was not used for {}",
            i.patient_not_used,
            names(i.patient_not_used),
            if i.patient_not_used == 1 { "it" } else { "them" }
        ));
    }
    for one in &i.no_image {
        line(format!("no image: {}: {}", plain(&one.file), one_line(&one.what)));
    }
    for one in &i.also_read {
        line(format!("read: {}: {}", plain(&one.file), one_line(&one.what)));
    }
    for one in &i.notes {
        line(format!("note: {}: {}", plain(&one.file), one_line(&one.message)));
    }
    failed(&i.failed);
}

fn names(count: u64) -> &'static str {
    if count == 1 { "names" } else { "name" }
}

pub fn studies(list: &StudyListWire) {
    if list.studies.is_empty() {
        line("no studies; 'overread import PATH' imports some");
        return;
    }
    line(format!(
        "{:<16} {:>6}  {:<24} {:<14} {:<8} {:<8} study",
        "state", "score", "patient", "id", "date", "modality"
    ));
    for s in &list.studies {
        let score = s.standing.score.map_or("–".into(), score_text);
        line(format!(
            "{:<16} {:>6}  {:<24} {:<14} {:<8} {:<8} {}{}",
            state(s.standing.state),
            score,
            cut(&person(&s.patient_name), 24),
            cut(&plain(&s.patient_id), 14),
            plain(s.date.as_deref().unwrap_or("–")),
            cut(&plain(&s.modality), 8),
            s.study_instance_uid,
            match s.standing.images_not_analysed {
                None | Some(0) => String::new(),
                Some(some) => format!(" ({} not analysed)", counted(some, "image")),
            } + unsigned(s.unsigned)
        ));
    }
}

pub fn study(s: &StudyWire) {
    line(format!("study {} ({})", s.study_instance_uid, state(s.state)));
    patient(&s.patient, &s.doubts);
    line(format!(
        "date {}, {}, {} in {} series",
        marked(&s.doubts, DoubtedField::StudyDate, or_dash(s.study.date.as_deref())),
        or_dash(s.study.description.as_deref()),
        counted(s.instances.len(), "instance"),
        s.series.len()
    ));
    for noted in &s.notes {
        let of = match s.instances.len() {
            1 => String::new(),
            all => format!(" ({} of {all} images)", noted.images),
        };
        line(format!("note: {}{of}", one_line(&noted.told.words)));
    }
    s.stacks
        .iter()
        .filter(|one| one.slices.len() > 1)
        .for_each(stacks::stack);
    if s.hidden {
        line(format!(
            "the model's answer is hidden until you give your own opinion: 'overread opinion {} --normal', --suspicious or --unsure",
            s.study_instance_uid
        ));
    }
    if let Some(some @ 1..) = s.images_not_analysed {
        line(format!("{some} of {} not analysed", counted(s.images, "image")));
    }
    let measured = s.measurements.iter().map(|one| &one.at);
    let several = with_several(s.analyses.iter().map(|stored| &stored.analysis.at).chain(measured));
    for stored in &s.analyses {
        analysis(&stored.analysis, &several);
        for review in &stored.reviews {
            let label = review
                .label
                .as_ref()
                .map(|l| format!(" to '{}'", plain(l)))
                .unwrap_or_default();
            let note = review
                .note
                .as_ref()
                .map(|n| format!(": {}", one_line(n)))
                .unwrap_or_default();
            let (reader, id) = (plain(&review.reader), &review.finding_id);
            line(format!(
                "    {id} {}{label} by {reader}, {}{note}",
                review.decision, review.decided_at
            ));
        }
    }
    statements(s.analyses.iter().map(|stored| &stored.analysis));
    where_not_whether(s.analyses.iter().map(|stored| &stored.analysis));
    s.lesions.iter().filter(|one| one.findings.len() > 1).for_each(lesion);
    s.measurements.iter().for_each(|one| measurement(one, &several));
    match &s.sign_off {
        Some(sign_off) => line(format!("signed by {}, {}", plain(&sign_off.reader), sign_off.signed_at)),
        None => line("not signed"),
    }
}

/// Who it is, with what is doubted of it and of the study.
pub fn patient(p: &Patient, doubts: &[Doubt]) {
    let issuer = p.issuer.as_deref().or(p.issuer_id.as_deref());
    let issuer = issuer.map(|issuer| format!(" (issued by {})", one_line(issuer)));
    let id = or_dash(Some(p.patient_id.as_str()));
    let sex = p.known_sex().map(|sex| sex.in_words()).or(p.sex.as_deref());
    line(format!(
        "patient {}, id {}{}, born {}, sex {}",
        person(&p.patient_name),
        marked(doubts, DoubtedField::PatientId, id),
        issuer.unwrap_or_default(),
        marked(doubts, DoubtedField::BirthDate, or_dash(p.birth_date.as_deref())),
        marked(doubts, DoubtedField::Sex, or_dash(sex))
    ));
    if p.is_nameless() {
        line("no file names the patient; 'overread patient STUDY_UID --id ID' says who it is");
    }
    for doubt in doubts {
        line(format!("in doubt: {}", one_line(&doubt.told.words)));
    }
}

/// A value that can hardly be so is never told as a plain fact.
fn marked(doubts: &[Doubt], field: DoubtedField, text: String) -> String {
    match doubts.iter().any(|doubt| doubt.field == field) {
        true => format!("{text} (in doubt)"),
        false => text,
    }
}

/// Of one that goes through several slices; another is told by its finding.
fn lesion(l: &Lesion) {
    let [width, height] = l.extent_px;
    let size = match l.diameter_mm {
        Some(mm) => format!("{mm:.1} mm"),
        None => format!("{width} x {height} px"),
    };
    let decision = decided(&l.decisions);
    line(format!(
        "one lesion: {}, slices {} to {}, {size}, score {}, {decision}",
        plain(&l.label),
        l.first_slice,
        l.last_slice,
        score_text(l.score.value())
    ));
}

pub fn analyses(a: &AnalyzeWire) {
    let several = with_several(a.analyses.iter().map(|one| &one.at));
    a.analyses.iter().for_each(|one| analysis(one, &several));
    let refused = a.analyses.iter().filter(|one| one.score.is_none()).count();
    let says = |says: Says| a.analyses.iter().any(|one| one.score.is_some() && one.says == says);
    let mut told = Vec::new();
    if says(Says::Whether) {
        let flagged = a.analyses.iter().filter(|one| one.flagged).count();
        told.push(format!("{flagged} flagged"));
    }
    if says(Says::Where) {
        let outlined = a.analyses.iter().filter(|one| one.outlined).count();
        told.push(format!("{outlined} outlined"));
    }
    told.push(format!("{refused} refused by the input gate"));
    line(format!(
        "{} analysed: {}; {} failed",
        a.analyses.len(),
        told.join(", "),
        counted(a.failed.len(), "input")
    ));
    statements(a.analyses.iter());
    where_not_whether(a.analyses.iter());
    if a.hidden > 0 {
        line(format!(
            "{} more analysed; their answers are hidden until you give your own opinion on their studies",
            a.hidden
        ));
    }
    failed(&a.failed);
}

/// Once for all of them.
fn where_not_whether<'a>(mut analyses: impl Iterator<Item = &'a AnalysisWire>) {
    if analyses.any(|one| one.score.is_some() && one.says == Says::Where) {
        line(SAYS_WHERE);
    }
}

/// What a person stated of images with a score, each sentence once for all of them.
fn statements<'a>(analyses: impl Iterator<Item = &'a AnalysisWire>) {
    let mut told: BTreeMap<&str, usize> = BTreeMap::new();
    let scored = analyses.filter(|one| one.score.is_some());
    scored
        .filter_map(|one| one.input.reason.as_deref())
        .for_each(|stated| *told.entry(stated).or_default() += 1);
    for (stated, images) in told {
        line(format!("{} ({})", one_line(stated), counted(images, "image")));
    }
}

/// What stands behind all that an unsigned bundle says.
fn unsigned(it_is: bool) -> &'static str {
    if it_is { " [UNSIGNED BUNDLE]" } else { "" }
}

fn analysis(a: &AnalysisWire, several: &BTreeSet<&Uid>) {
    let frame = frame(&a.at, several);
    let verdict = match (a.score, a.says) {
        (None, _) => format!(
            "refused: {}",
            one_line(
                a.input
                    .reason
                    .as_deref()
                    .unwrap_or("not the kind of image this model was trained on")
            )
        ),
        (Some(_), Says::Whether) if a.flagged => format!("FLAGGED      {}", heads(&a.heads)),
        (Some(_), Says::Where) if a.outlined => {
            let regions = counted(a.findings.len(), "region");
            format!("outlined     {regions}, {}", heads(&a.heads))
        }
        (Some(score), says) => format!(
            "{}  score {} (threshold {})",
            match says {
                Says::Whether => "not flagged",
                Says::Where => "nothing outlined",
            },
            score_text(score),
            score_text(a.operating_point.threshold)
        ),
    };
    let unsigned = unsigned(a.unsigned);
    line(format!("{}{frame}: {verdict}{unsigned}", plain(&a.file)));
    for f in &a.findings {
        let basis = f.size_rests_on.filter(|basis| *basis != SpacingBasis::Patient);
        let basis = basis.map_or_else(String::new, |basis| format!(" ({})", basis.in_words()));
        let size = match (f.diameter_mm, f.area_mm2) {
            (Some(longest), Some(mm2)) => format!("longest {longest:.1} mm, {mm2:.0} mm²{basis}"),
            (None, Some(mm2)) => format!("{mm2:.0} mm²{basis}"),
            (_, None) => format!("{} px", f.area_px),
        };
        let [x, y, width, height] = f.bounds;
        line(format!(
            "    {} {} score {}, {width} x {height} px at ({x}, {y}), {size}{unsigned}",
            f.id,
            plain(&f.label),
            score_text(f.score)
        ));
    }
}

pub fn models(m: &ModelsWire) {
    if m.bundles.is_empty() {
        line(format!("no bundles in {}", m.folder.display()));
    }
    for b in &m.bundles {
        match &b.problem {
            None => line(format!(
                "{} {} ok, {}{}{}: {} (weights {}, manifest {})",
                plain(&b.bundle.name),
                plain(b.bundle.version.as_deref().unwrap_or_default()),
                if b.bundle.signed { "signed" } else { "unsigned" },
                match b.in_use {
                    Some(true) => ", in use",
                    Some(false) => ", not in use",
                    None => "",
                },
                match b.bundle.says {
                    Some(Says::Whether) => ", says whether",
                    Some(Says::Where) => ", says where and not whether",
                    None => "",
                },
                one_line(b.bundle.title.as_deref().unwrap_or_default()),
                start_of(b.bundle.weights_sha256.as_deref()),
                start_of(b.bundle.manifest_sha256.as_deref()),
            )),
            Some(problem) => line(format!("{} DOES NOT RUN: {}", plain(&b.bundle.name), one_line(problem))),
        }
    }
    if m.trusted_key == domain::SigningKey::Development {
        line(
            "this program trusts the published DEVELOPMENT key only: anybody can sign with it, so a signature proves nothing",
        );
    }
    if let Some(version) = &m.libtorch {
        line(format!("libtorch {version} ok"));
    }
}

/// Nobody vouches for the bundle that was put to use.
pub fn activated(m: &ModelsWire, name: &str, version: &str) {
    let is_it = |b: &&BundleWire| b.bundle.name == name && b.bundle.version.as_deref() == Some(version);
    if m.bundles
        .iter()
        .filter(is_it)
        .any(|b| b.in_use == Some(true) && !b.bundle.signed)
    {
        eprintln!(
            "warning: the bundle '{}' {} is not signed, so nobody vouches for it; its answers say so",
            plain(name),
            plain(version)
        );
    }
}

/// Enough of a hash to tell it from others.
fn start_of(sha256: Option<&str>) -> &str {
    sha256.map_or("–", |text| text.get(..16).unwrap_or(text))
}

fn or_dash(text: Option<&str>) -> String {
    text.filter(|t| !t.trim().is_empty()).map_or("–".into(), one_line)
}

/// Each head that spoke, by its own score and limit.
fn heads(heads: &[Flag]) -> String {
    let words = |flag: &Flag| {
        let limit = flag.limit.map_or_else(String::new, |limit| {
            let name = if flag.head == Head::Lesion {
                "threshold"
            } else {
                "limit"
            };
            format!(" ({name} {})", score_text(limit))
        });
        match flag.head {
            Head::Lesion => format!("score {}{limit}", score_text(flag.score)),
            Head::Unusual => format!("unusual region of unknown kind {}{limit}", score_text(flag.score)),
        }
    };
    heads.iter().map(words).collect::<Vec<_>>().join("; ")
}
