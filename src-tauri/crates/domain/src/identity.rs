//! Whether two files speak of the same person: never by one number alone.

use unicode_normalization::UnicodeNormalization as _;

use crate::{Header, Patient};

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
    if !same_name(&one.patient_name, &other.patient_name) {
        return Some(Differs::Name);
    }
    if both_differ(one.birth_date.as_deref(), other.birth_date.as_deref()) {
        return Some(Differs::BirthDate);
    }
    // Other values than these two say little.
    let known = |patient: &Patient| patient.sex.clone().filter(|sex| matches!(sex.as_str(), "M" | "F"));
    both_differ(known(one).as_deref(), known(other).as_deref()).then_some(Differs::Sex)
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
mod tests {
    use super::*;

    fn patient(id: &str, issuer: &str, name: &str, birth: &str) -> Patient {
        let said = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Patient {
            patient_id: id.to_owned(),
            issuer: said(issuer),
            issuer_id: None,
            patient_name: name.to_owned(),
            birth_date: said(birth),
            sex: None,
        }
    }

    #[test]
    fn two_persons_are_told_apart_by_the_field_in_which_they_differ() {
        let anna = patient("0012", "A", "Doe^Anna", "19800101");
        for (other, field) in [
            (patient("12", "A", "Doe^Anna", "19800101"), Some(Differs::PatientId)),
            (patient("0012", "B", "Doe^Anna", "19800101"), Some(Differs::Issuer)),
            (patient("0012", "A", "Roe^Anna", "19800101"), Some(Differs::Name)),
            (patient("0012", "A", "Doe^Anna", "19800102"), Some(Differs::BirthDate)),
            (patient("", "A", "", "19800101"), Some(Differs::PatientId)),
            (patient("0012", "", "", ""), None),
            (patient("0012", "a", "DOE^ANNA^^", ""), None),
            (patient("0012", "A", "Anna Doe", "19800101"), None),
            (patient("0012", "A", "DOE^ANNA=\u{5c71}^\u{7530}", ""), None),
            (patient("", "", "Doe^Anna", ""), None),
        ] {
            assert_eq!(differs(&anna, &other), field, "{other:?}");
            assert_eq!(differs(&other, &anna), field, "{other:?}, the other way");
        }
        let of_sex = |sex: &str| Patient {
            sex: Some(sex.to_owned()),
            ..anna.clone()
        };
        assert_eq!(differs(&of_sex("F"), &of_sex("M")), Some(Differs::Sex));
        assert_eq!(differs(&of_sex("F"), &of_sex("O")), None);
        let nobody = patient("", "", "", "");
        assert_eq!(differs(&nobody, &nobody), None);
    }

    #[test]
    fn one_name_in_two_ways_of_writing_its_letters_is_one_person() {
        for (one, other) in [
            ("Mu\u{308}ller^Jo", "M\u{fc}ller^Jo"),
            ("MU\u{308}LLER^JO", "m\u{fc}ller^jo"),
            ("Ko\u{30b}va\u{301}ri", "K\u{151}v\u{e1}ri"),
            (
                "\u{ff94}\u{ff8f}\u{ff80}\u{ff9e}^\u{ff80}\u{ff9b}\u{ff73}",
                "\u{30e4}\u{30de}\u{30c0}^\u{30bf}\u{30ed}\u{30a6}",
            ),
            ("\u{ff39}\u{ff21}\u{ff2d}\u{ff21}^\u{ff34}", "YAMA^T"),
            ("\u{1112}\u{1169}\u{11bc}^\u{1100}\u{1175}\u{11af}", "\u{d64d}^\u{ae38}"),
            ("\u{fb01}nn", "finn"),
            ("\u{130}nan", "I\u{307}nan"),
            ("\u{212b}se", "\u{e5}se"),
        ] {
            let (a, b) = (patient("1", "", one, ""), patient("1", "", other, ""));
            assert_eq!((differs(&a, &b), differs(&b, &a)), (None, None), "{one} {other}");
            assert_eq!(folded_name(&folded_name(one)), folded_name(other));
        }
        for (one, other) in [
            ("Mu\u{308}ller", "Muller"),
            ("\u{30cf}", "\u{30d0}"),
            ("Inan", "\u{130}nan"),
        ] {
            assert_eq!(
                differs(&patient("1", "", one, ""), &patient("1", "", other, "")),
                Some(Differs::Name)
            );
        }
    }

    /// Letters, ideograms and sounds of two names: there or not, alike or not, beside each other.
    #[test]
    fn names_agree_in_every_script_that_both_write() {
        let scripts = [
            ["", "Yamada^Taro", "Yamada^Jiro"],
            [
                "",
                "\u{5c71}\u{7530}^\u{592a}\u{90ce}",
                "\u{5c71}\u{7530}^\u{6b21}\u{90ce}",
            ],
            ["", "\u{3084}\u{307e}\u{3060}", "\u{3059}\u{305a}\u{304d}"],
        ];
        let all = || (0..27_usize).map(|n| [n % 3, n / 3 % 3, n / 9]);
        let name = |which: [usize; 3]| -> String {
            let groups = scripts
                .iter()
                .zip(which)
                .filter_map(|(names, at)| names.get(at).copied());
            groups.collect::<Vec<_>>().join("=")
        };
        for one in all() {
            for other in all() {
                let pairs = || one.iter().zip(&other).filter(|(a, b)| **a > 0 && **b > 0);
                let silent = one == [0; 3] || other == [0; 3];
                let same = silent || (pairs().count() > 0 && pairs().all(|(a, b)| a == b));
                let seen = differs(&patient("1", "", &name(one), ""), &patient("1", "", &name(other), ""));
                assert_eq!(seen, (!same).then_some(Differs::Name), "{} {}", name(one), name(other));
            }
        }
        // In whatever group they stand; sounds in either kana.
        let (ideograms, sounds) = (scripts[1][1], "\u{30e4}\u{30de}\u{30c0}");
        for other in [
            ideograms.to_owned(),
            format!("={ideograms}"),
            format!("Yamada^Taro=={sounds}"),
        ] {
            let full = name([1, 1, 1]);
            assert_eq!(
                differs(&patient("1", "", &full, ""), &patient("1", "", &other, "")),
                None,
                "{other}"
            );
        }
    }

    #[test]
    fn another_form_is_not_called_another_compression() -> Result<(), crate::InvalidUid> {
        let plain = ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"];
        let packed = [
            "1.2.840.10008.1.2.1.99",
            "1.2.840.10008.1.2.4.50",
            "1.2.840.10008.1.2.5",
        ];
        let of = |uid: &str| -> Result<Header, crate::InvalidUid> {
            let mut header = crate::testing::header();
            header.instance.transfer_syntax_uid = Some(crate::Uid::parse(uid)?);
            Ok(header)
        };
        for one in plain.iter().chain(&packed) {
            for other in plain.iter().chain(&packed).filter(|other| *other != one) {
                let told = differing(&of(one)?, &of(other)?);
                let form = plain.contains(one) && plain.contains(other);
                assert_eq!(told.contains("not compressed"), form, "{one} {other}: {told}");
                assert_eq!(told.contains("another compression"), !form, "{one} {other}: {told}");
            }
        }
        Ok(())
    }

    #[test]
    fn the_issuer_s_own_name_decides_where_both_say_it() {
        let of = |name: &str, id: &str| Patient {
            issuer_id: (!id.is_empty()).then(|| id.to_owned()),
            ..patient("0012", name, "Doe^Anna", "19800101")
        };
        for (one, other, field) in [
            (of("A", "1.2 (ISO)"), of("B", "1.2 (ISO)"), None),
            (of("", "1.2 (ISO)"), of("", "1.3 (ISO)"), Some(Differs::Issuer)),
            (of("A", "1.2 (ISO)"), of("A", "1.3 (ISO)"), Some(Differs::Issuer)),
            (of("A", "1.2 (ISO)"), of("A", "1.2 (DNS)"), Some(Differs::Issuer)),
            (of("A", "1.2 (ISO)"), of("A", ""), None),
            (of("A", "1.2 (ISO)"), of("B", ""), Some(Differs::Issuer)),
            (of("", "1.2 (ISO)"), of("B", ""), None),
        ] {
            assert_eq!(differs(&one, &other), field, "{one:?} {other:?}");
            assert_eq!(differs(&other, &one), field, "{other:?} {one:?}");
        }
    }

    #[test]
    fn a_name_of_delimiters_is_no_name() {
        for name in ["", " ", "^", "^^^^", " ^ ^ ", "=", "^=^", "\u{0}", "\t^\n"] {
            for id in ["", "   "] {
                assert!(patient(id, "A", name, "19800101").is_nameless(), "{name:?} {id:?}");
            }
            assert!(!patient("0", "", name, "").is_nameless(), "{name:?}");
        }
        for name in ["X", "^A", "=\u{5c71}", "."] {
            assert!(!patient("", "", name, "").is_nameless(), "{name:?}");
        }
    }

    #[test]
    fn numbers_that_look_alike_are_two_and_it_is_said_how_they_differ() {
        for (one, other, how) in [
            ("ab12", "AB12", Some(NearNumber::Capitals)),
            ("000123", "123", Some(NearNumber::Zeros)),
            ("0ab", "AB", Some(NearNumber::Zeros)),
            ("12 34", "1234", Some(NearNumber::Blanks)),
            ("12", "12", None),
            (" 12", "12 ", None),
            ("12", "13", None),
            ("", "0", None),
            ("0", "00", Some(NearNumber::Zeros)),
        ] {
            assert_eq!(near_number(one, other), how, "{one:?} {other:?}");
            let persons = differs(&patient(one, "", "", ""), &patient(other, "", "", ""));
            assert_eq!(persons.is_some(), one.trim() != other.trim(), "{one:?} {other:?}");
        }
    }

    #[test]
    fn a_copy_is_told_by_the_first_field_in_which_it_differs() -> Result<(), crate::InvalidUid> {
        type Change = fn(&mut Header);
        let there = crate::testing::header();
        let other = crate::Uid::parse("1.2.3.99")?;
        assert!(differing(&there, &there).starts_with("pixel data"));
        let changes: [(&str, Change); 12] = [
            ("Patient ID", |h| h.patient.patient_id = "other".into()),
            ("Patient's Name", |h| h.patient.patient_name.push_str("^Other")),
            ("Patient's Birth Date", |h| {
                h.patient.birth_date = Some("19010101".into())
            }),
            ("Patient's Sex", |h| h.patient.sex = Some("X".into())),
            ("Study Date", |h| h.study.date = Some("19990101".into())),
            ("Accession Number", |h| h.study.accession_number = Some("A-7".into())),
            ("Modality", |h| h.series.modality = "XX".into()),
            ("Instance Number", |h| h.instance.number = Some(4711)),
            ("size of the image", |h| h.image.rows += 1),
            ("Image Position", |h| h.image.position_mm = Some([1.0, 2.0, 9999.0])),
            ("Transfer Syntax", |h| h.instance.transfer_syntax_uid = None),
            ("description of the image", |h| h.image.bits_stored += 1),
        ];
        for (field, change) in changes {
            let mut file = there.clone();
            file.instance.transfer_syntax_uid = Some(other.clone());
            let mut before = there.clone();
            before.instance.transfer_syntax_uid = Some(other.clone());
            change(&mut file);
            let told = differing(&before, &file);
            assert!(told.starts_with(field), "{field}: {told}");
        }
        let of_series = |uid: &crate::Uid| {
            let mut header = there.clone();
            header.series.series_instance_uid = uid.clone();
            header
        };
        assert_eq!(differing(&there, &of_series(&other)), "Series Instance UID");
        Ok(())
    }
}
