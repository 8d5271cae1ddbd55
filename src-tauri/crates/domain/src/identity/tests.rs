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

#[test]
fn of_one_number_titles_and_letters_that_stand_for_others_make_no_other_person() {
    for (one, other) in [
        ("M\u{fc}ller^Hans", "MUELLER^HANS"),
        ("Mu\u{308}ller^Hans", "Mueller Hans"),
        ("Gro\u{df}^J\u{f6}rg", "GROSS^JOERG"),
        ("S\u{f8}rensen^\u{c5}se", "Soerensen^Aase"),
        ("Miller^Hans^^Dr.", "Miller^Hans"),
        ("Miller^Hans^^Prof. Dr.^", "MILLER^HANS^^Dr^"),
        ("Miller^Hans^^^^MD^L", "Miller^Hans"),
        ("O'Brien^Anne-Marie", "OBRIEN^ANNE MARIE"),
        ("St. John^Ann", "ST JOHN^ANN"),
    ] {
        let of = |id: &str, name: &str| patient(id, "", name, "");
        for (a, b) in [(one, other), (other, one)] {
            assert_eq!(differs(&of("7", a), &of("7", b)), None, "{a} {b}");
            // Without a number the name alone says who it is.
            assert_eq!(differs(&of("", a), &of("", b)), Some(Differs::Name), "{a} {b}");
            assert_eq!(differs(&of("7", a), &of("", b)), Some(Differs::PatientId), "{a} {b}");
            assert_eq!(differs(&of("7", a), &of("8", b)), Some(Differs::PatientId), "{a} {b}");
        }
    }
    for (one, other) in [
        ("Miller^Hans^^^Jr.", "Miller^Hans^^^Sr."),
        ("Miller^Hans^^^Jr.", "Miller^Hans"),
        ("Miller^Hans^Peter", "Miller^Hans"),
        ("M\u{fc}ller^Hans", "Muller^Hans"),
        ("Dr^Hans", "Hans"),
        ("Obrien^Anne", "O Brien^Anne"),
    ] {
        let (a, b) = (patient("7", "", one, ""), patient("7", "", other, ""));
        assert_eq!(differs(&a, &b), Some(Differs::Name), "{one} {other}");
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
