//! Whether two files speak of the same person: never by one number alone.

use unicode_normalization::UnicodeNormalization as _;

use crate::{Header, Patient, Sex};

/// A field in which two persons differ, by its name in the standard (PS3.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Differs {
    /// (0010,0020).
    PatientId,
    /// (0010,0021): two hospitals give the same number.
    Issuer,
    /// (0010,0010).
    Name,
    /// (0010,0030).
    BirthDate,
    /// (0010,0040).
    Sex,
}

impl Differs {
    /// Name of the field.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::PatientId => "Patient ID",
            Self::Issuer => "Issuer of Patient ID",
            Self::Name => "Patient's Name",
            Self::BirthDate => "Patient's Birth Date",
            Self::Sex => "Patient's Sex",
        }
    }
}

impl Patient {
    /// Whether it says nothing of who it is: no number, and a name of nothing but delimiters.
    pub fn is_nameless(&self) -> bool {
        self.patient_id.trim().is_empty() && folded_name(&self.patient_name).is_empty()
    }
}

/// In what two numbers differ that a person may take for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NearNumber {
    /// `ab1` and `AB1`.
    Capitals,
    /// `000123` and `123`.
    Zeros,
    /// `12 34` and `1234`.
    Blanks,
}

/// `None` where they are the same, or different at sight.
pub fn near_number(one: &str, other: &str) -> Option<NearNumber> {
    let folded = |text: &str| text.trim().to_lowercase();
    let bare = |text: &str| text.trim_start_matches('0').to_owned();
    let joined = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    let (a, b) = (folded(one), folded(other));
    if a.is_empty() || b.is_empty() || one.trim() == other.trim() {
        None
    } else if a == b {
        Some(NearNumber::Capitals)
    } else if bare(&a) == bare(&b) {
        Some(NearNumber::Zeros)
    } else {
        (joined(&a) == joined(&b)).then_some(NearNumber::Blanks)
    }
}

/// The first field in which a file differs from the one that is there under its SOP Instance UID, by its name in the
/// standard; where all that is read agrees, the pixels or what is not read.
pub fn differing(there: &Header, file: &Header) -> &'static str {
    if let Some(field) = differs(&there.patient, &file.patient) {
        return field.in_words();
    }
    let (a, b) = (there, file);
    let fields = [
        (a.patient.patient_id == b.patient.patient_id, "Patient ID"),
        (a.patient.patient_name == b.patient.patient_name, "Patient's Name"),
        (a.patient.birth_date == b.patient.birth_date, "Patient's Birth Date"),
        (a.patient.sex == b.patient.sex, "Patient's Sex"),
        (
            (&a.patient.issuer, &a.patient.issuer_id) == (&b.patient.issuer, &b.patient.issuer_id),
            "Issuer of Patient ID",
        ),
        (
            a.study.study_instance_uid == b.study.study_instance_uid,
            "Study Instance UID",
        ),
        (
            a.series.series_instance_uid == b.series.series_instance_uid,
            "Series Instance UID",
        ),
        (a.study.date == b.study.date, "Study Date"),
        (a.study.time == b.study.time, "Study Time"),
        (a.study.accession_number == b.study.accession_number, "Accession Number"),
        (a.study.description == b.study.description, "Study Description"),
        (
            a.study.referring_physician == b.study.referring_physician,
            "Referring Physician's Name",
        ),
        (a.study.patient_age == b.study.patient_age, "Patient's Age"),
        (a.series.modality == b.series.modality, "Modality"),
        (a.series.number == b.series.number, "Series Number"),
        (a.series == b.series, "description of the series"),
        (a.instance.number == b.instance.number, "Instance Number"),
        (a.instance.sop_class_uid == b.instance.sop_class_uid, "SOP Class UID"),
        (
            (a.image.frames, a.image.rows, a.image.cols) == (b.image.frames, b.image.rows, b.image.cols),
            "size of the image (Number of Frames, Rows, Columns)",
        ),
        (a.image.position_mm == b.image.position_mm, "Image Position (Patient)"),
        (
            a.image.orientation == b.image.orientation,
            "Image Orientation (Patient)",
        ),
        (a.image.pixel_spacing_mm == b.image.pixel_spacing_mm, "Pixel Spacing"),
        (
            a.instance.transfer_syntax_uid == b.instance.transfer_syntax_uid,
            other_syntax(a, b),
        ),
        (a.image == b.image, "description of the image"),
    ];
    let first = fields.iter().find(|(same, _)| !same);
    first.map_or("pixel data, or in a field that is not read here", |(_, name)| name)
}

/// What another transfer syntax means: values that are not compressed are written with or without their VR, and in either
/// order of bytes (PS3.5 A.1 to A.3).
fn other_syntax(one: &Header, other: &Header) -> &'static str {
    const PLAIN: [&str; 3] = ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"];
    let plain = |header: &Header| {
        let uid = header.instance.transfer_syntax_uid.as_ref();
        uid.is_none_or(|uid| PLAIN.contains(&uid.as_str()))
    };
    match plain(one) && plain(other) {
        true => "Transfer Syntax UID (written in another form, not compressed)",
        false => "Transfer Syntax UID (another compression)",
    }
}

/// The first field that makes two persons of two patients; `None` where they may be one. What one of them does not say
/// makes no difference, but for the number: whoever has none is somebody else unless the name says who it is.
pub fn differs(one: &Patient, other: &Patient) -> Option<Differs> {
    let (a, b) = (one.patient_id.trim(), other.patient_id.trim());
    if a != b {
        let named = |patient: &Patient| !folded_name(&patient.patient_name).is_empty();
        let same_name = named(one) && named(other) && same_name(&one.patient_name, &other.patient_name);
        if !(a.is_empty() || b.is_empty()) || !same_name {
            return Some(Differs::PatientId);
        }
    }
    if other_issuer(one, other) {
        return Some(Differs::Issuer);
    }
    let alike = same_name(&one.patient_name, &other.patient_name)
        || (a == b && !a.is_empty() && same_name(&plain_name(&one.patient_name), &plain_name(&other.patient_name)));
    if !alike {
        return Some(Differs::Name);
    }
    if both_differ(one.birth_date.as_deref(), other.birth_date.as_deref()) {
        return Some(Differs::BirthDate);
    }
    // Other values than these two say little.
    let known = |patient: &Patient| {
        let sex = patient.known_sex().filter(|sex| *sex != Sex::Other);
        sex.map(Sex::as_str)
    };
    both_differ(known(one), known(other)).then_some(Differs::Sex)
}

/// The name that no other issuer has decides, where both say it; hospitals change how they write their own.
fn other_issuer(one: &Patient, other: &Patient) -> bool {
    match (&one.issuer_id, &other.issuer_id) {
        (Some(_), Some(_)) => both_differ(one.issuer_id.as_deref(), other.issuer_id.as_deref()),
        _ => both_differ(one.issuer.as_deref(), other.issuer.as_deref()),
    }
}

fn both_differ(one: Option<&str>, other: Option<&str>) -> bool {
    let said = |text: Option<&str>| {
        text.map(|text| text.trim().to_lowercase())
            .filter(|text| !text.is_empty())
    };
    said(one).zip(said(other)).is_some_and(|(one, other)| one != other)
}

/// Names are written with capitals or without, with `^` or blanks, by letters, ideograms or sounds (PS3.5 6.2.1.2). What
/// both write in one script must agree in it, and something must: who has the same letters and other ideograms is
/// somebody else. An empty name is any.
fn same_name(one: &str, other: &str) -> bool {
    let groups = |name: &str| -> Vec<(Script, String)> {
        let folded = name.split('=').map(folded_name).filter(|group| !group.is_empty());
        folded.map(|group| script_of(&group)).collect()
    };
    let (one, other) = (groups(one), groups(other));
    let in_script = |groups: &[(Script, String)], script: Script| -> Vec<String> {
        let of = groups.iter().filter(|(own, _)| *own == script);
        of.map(|(_, group)| group.clone()).collect()
    };
    let agree = [Script::Letters, Script::Ideograms, Script::Sounds].map(|script| {
        let (a, b) = (in_script(&one, script), in_script(&other, script));
        (!a.is_empty() && !b.is_empty()).then(|| a.iter().any(|group| b.contains(group)))
    });
    one.is_empty() || other.is_empty() || (agree.contains(&Some(true)) && !agree.contains(&Some(false)))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Script {
    Letters,
    Ideograms,
    /// Kana and Hangul.
    Sounds,
}

/// What a folded group of a name is written in, wherever it stands; sounds in Katakana.
fn script_of(group: &str) -> (Script, String) {
    let is = |ranges: &[std::ops::RangeInclusive<char>]| {
        group.chars().any(|c| ranges.iter().any(|range| range.contains(&c)))
    };
    if is(&[
        '\u{3400}'..='\u{9fff}',
        '\u{f900}'..='\u{faff}',
        '\u{20000}'..='\u{3ffff}',
        '\u{3005}'..='\u{3005}',
    ]) {
        (Script::Ideograms, group.to_owned())
    } else if is(&[
        '\u{3040}'..='\u{312f}',
        '\u{ac00}'..='\u{d7a3}',
        '\u{1100}'..='\u{11ff}',
    ]) {
        let katakana = |c: char| match c {
            'ぁ'..='ゖ' => char::from_u32(u32::from(c) + 0x60).unwrap_or(c),
            other => other,
        };
        (Script::Sounds, group.chars().map(katakana).collect())
    } else {
        (Script::Letters, group.to_owned())
    }
}

/// A name as it is written where there are neither letters with marks nor titles: without its prefix, the fourth part
/// (PS3.5 6.2.1.1), and what HL7 adds behind the fifth; with the letters that stand for others (DIN 5007-2, ICAO 9303),
/// and without hyphens, dots and apostrophes. Of one number it is one person.
fn plain_name(name: &str) -> String {
    let group = |group: &str| {
        let parts = group
            .split('^')
            .enumerate()
            .filter(|(at, _)| *at != PREFIX && *at < MOST_PARTS);
        parts.map(|(_, part)| part).collect::<Vec<_>>().join("^")
    };
    let whole: Vec<String> = name.split('=').map(group).collect();
    let composed: String = whole.join("=").nfkc().collect();
    let mut plain = String::new();
    for letter in composed.to_lowercase().chars() {
        match letter {
            'ä' | 'æ' => plain.push_str("ae"),
            'ö' | 'ø' | 'œ' => plain.push_str("oe"),
            'ü' => plain.push_str("ue"),
            'ß' => plain.push_str("ss"),
            'å' => plain.push_str("aa"),
            '-' | '\u{2010}' | '\u{2011}' => plain.push(' '),
            '.' | '\'' | '\u{2019}' | '`' => {}
            other => plain.push(other),
        }
    }
    plain
}

/// Where the prefix stands among the parts of a name.
const PREFIX: usize = 3;
/// Parts of a name.
const MOST_PARTS: usize = 5;

/// A name in which the order of its parts, capitals, what divides the parts, and the ways to write one letter (composed or
/// not, of half or full width: NFKC of Unicode's annex 15) make no difference.
pub fn folded_name(name: &str) -> String {
    let alike = name.nfkc().collect::<String>().to_lowercase();
    // Small letters may stand apart from their marks.
    let lower: String = alike.nfkc().collect();
    let mut words: Vec<&str> = lower
        .split(|c: char| matches!(c, '^' | ',' | '=') || c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    words.sort_unstable();
    words.join(" ")
}

#[cfg(test)]
mod tests;
