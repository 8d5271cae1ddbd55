//! Whether two files speak of the same person: never by one number alone.

use crate::Patient;

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
    if both_differ(one.issuer.as_deref(), other.issuer.as_deref()) {
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

fn both_differ(one: Option<&str>, other: Option<&str>) -> bool {
    let said = |text: Option<&str>| {
        text.map(|text| text.trim().to_lowercase())
            .filter(|text| !text.is_empty())
    };
    said(one).zip(said(other)).is_some_and(|(one, other)| one != other)
}

/// Names are written with capitals or without, with `^` or blanks, by letters, ideograms or sounds (PS3.5 6.2.1.2):
/// one group in common is enough. An empty name is any.
fn same_name(one: &str, other: &str) -> bool {
    let groups = |name: &str| -> Vec<String> {
        name.split('=')
            .map(folded_name)
            .filter(|group| !group.is_empty())
            .collect()
    };
    let (one, other) = (groups(one), groups(other));
    one.is_empty() || other.is_empty() || one.iter().any(|group| other.contains(group))
}

/// A name in which the order of its parts, capitals and what divides the parts make no difference.
pub fn folded_name(name: &str) -> String {
    let lower = name.to_lowercase();
    let mut words: Vec<&str> = lower
        .split(|c: char| c == '^' || c == ',' || c == '=' || c.is_whitespace())
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
}
