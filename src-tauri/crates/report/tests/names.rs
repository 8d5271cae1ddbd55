//! Names and notes that carry instructions or foreign scripts.

mod common;

use ::report::render;
use common::*;
use domain::ReportFormat;
use domain::ReportSnapshot;
use needs::need;

fn named(name: &str) -> Result<ReportSnapshot, Box<dyn std::error::Error>> {
    let mut study = signed_study()?;
    study.patient.patient_name = name.into();
    study.key_images.clear();
    Ok(study)
}

#[test]
fn instructions_in_a_name_are_shown_and_not_followed() -> Tested {
    for name in [
        "#panic(\"x\")",
        "#read(\"/etc/passwd\")",
        "$ sum_(i=0)^n $",
        "*bold* _it_ `raw` <label> @ref \\ // /* */ ~",
        "<script>alert(1)</script>",
        "<b style=\"x\">",
        "'; DROP TABLE study; --",
        "{{7*7}} %s ${jndi:x}",
    ] {
        let text = need!(pdf_text(&render(&named(name)?, ReportFormat::Pdf)?)?);
        // A caret divides the parts of a DICOM name, so it is the one sign that does not stand.
        let parts: Vec<&str> = name.split('^').flat_map(str::split_whitespace).collect();
        for part in parts {
            assert!(text.contains(part), "{part:?} of {name:?} is not in {text}");
        }
    }
    Ok(())
}

#[test]
fn marks_that_act_unseen_stand_as_their_code() -> Tested {
    let text = need!(pdf_text(&render(
        &named("Doe\0^Ja\u{202E}ne\u{200B}")?,
        ReportFormat::Pdf
    )?)?);
    assert!(
        text.contains("Ja⟨U+202E⟩ne⟨U+200B⟩") && text.contains("Doe⟨U+0000⟩"),
        "{text}"
    );
    assert!(!text.contains(['\0', '\u{202E}', '\u{200B}']), "{text:?}");
    Ok(())
}

#[test]
fn instructions_in_notes_and_labels_are_shown_and_not_followed() -> Tested {
    let mut study = named("Doe^Jane")?;
    let first = &mut study.analyses[1].findings[0];
    first.finding.label = "#let lesion = $1$".into();
    if let Some(review) = &mut first.review {
        review.note = Some("one\r\ntwo #set page(width: 1cm)\nthree".into());
    }
    study.prepared_by = "#eval(\"1\")".into();
    let text = need!(pdf_text(&render(&study, ReportFormat::Pdf)?)?);
    for part in ["#let", "$1$", "#set", "page(width:", "three", "#eval(\"1\")"] {
        assert!(text.contains(part), "{part:?} is not in {text}");
    }
    Ok(())
}

#[test]
fn names_of_many_scripts_are_readable_in_the_file() -> Tested {
    for (name, parts) in [
        ("Árvíztűrő^Ödön", vec!["Ödön Árvíztűrő"]),
        ("Παπαδόπουλος^Γιώργος", vec!["Γιώργος Παπαδόπουλος"]),
        ("Щербакова^Анна", vec!["Анна Щербакова"]),
        ("Nguyễn^Thị Hồng", vec!["Thị Hồng Nguyễn"]),
        (
            "Yamada^Tarou=山田^太郎=やまだ^たろう",
            vec!["Tarou Yamada", "山田", "やまだ"],
        ),
        ("Hong^Gildong=洪^吉洞=홍^길동", vec!["Gildong Hong", "홍 길동"]),
        ("Wang^XiaoDong=王^小东", vec!["王", "小东"]),
    ] {
        let text = need!(pdf_text(&render(&named(name)?, ReportFormat::Pdf)?)?);
        assert!(
            !text.contains('\u{FFFD}') && !text.contains("in no embedded font"),
            "{name} lost characters: {text}"
        );
        for part in parts {
            assert!(text.contains(part), "{part} of {name} is not in {text}");
        }
    }
    Ok(())
}

#[test]
fn arabic_and_hebrew_names_are_set_from_right_to_left() -> Tested {
    for (name, letters) in [("قباني^لنزار", "قباني"), ("כהן^דוד", "כהן")] {
        let text = need!(pdf_text(&render(&named(name)?, ReportFormat::Pdf)?)?);
        assert!(!text.contains("in no embedded font"), "{name} lost characters");
        // Readers give right-to-left text in either order, and joined letters as their own forms.
        let backwards: String = letters.chars().rev().collect();
        let found = text.contains(letters) || text.contains(&backwards) || text.chars().any(is_presentation_form);
        assert!(found, "{letters} is not in {text}");
    }
    Ok(())
}

fn is_presentation_form(c: char) -> bool {
    matches!(u32::from(c), 0xFB50..=0xFDFF | 0xFE70..=0xFEFE)
}

#[test]
fn characters_of_no_font_are_replaced_and_the_report_says_so() -> Tested {
    let text = need!(pdf_text(&render(&named("शर्मा^अनिल")?, ReportFormat::Pdf)?)?);
    assert!(text.contains('\u{FFFD}'), "{text}");
    assert!(text.contains("of this report are in no embedded font"), "{text}");
    assert!(text.contains("SYN-004711"));
    Ok(())
}

#[test]
fn letters_that_no_font_can_combine_do_not_stop_the_report() -> Tested {
    for name in [
        "山\u{301}\u{489}田",
        "홍\u{5b0}\u{64b}",
        "\u{0301}\u{0302}",
        "a\u{200D}\u{200C}b",
        "👩‍⚕️^🩻",
    ] {
        let pdf = render(&named(name)?, ReportFormat::Pdf)?;
        let text = need!(pdf_text(&pdf)?);
        assert!(text.contains("SYN-004711"), "{name:?}: {text}");
        render(&named(name)?, ReportFormat::Png)?;
    }
    Ok(())
}

#[test]
fn no_text_whatever_stops_the_report() -> Tested {
    let mut study = named("")?;
    let every: Vec<char> = (0x20..0x2FA20).filter_map(char::from_u32).collect();
    let marks: Vec<char> = ('\u{300}'..='\u{36F}')
        .chain('\u{591}'..='\u{5C7}')
        .chain('\u{20D0}'..='\u{20F0}')
        .collect();
    // Runs of neighbours, then letters of far scripts with marks of another one on them.
    let runs = every.chunks(4000).map(String::from_iter);
    let mixed = (1..5_usize).map(|step| {
        let pick = |i: usize| {
            if i % 3 == 1 {
                marks[i * step % marks.len()]
            } else {
                every[i * step * 97 % 63_000]
            }
        };
        (0..800).map(pick).collect::<String>()
    });
    for text in runs.chain(mixed) {
        study.patient.patient_name = text.clone();
        study.analyses[1].findings[0].finding.label = text;
        for format in ReportFormat::ALL.iter().copied() {
            render(&study, format)?;
        }
    }
    Ok(())
}

#[test]
fn a_name_of_two_hundred_characters_stays_on_the_page() -> Tested {
    let name: String = ('a'..='z').cycle().take(200).collect();
    let pdf = render(&named(&name)?, ReportFormat::Pdf)?;
    let boxes = need!(poppler("pdftotext", &["-bbox"], &pdf)?);
    let edges = boxes
        .lines()
        .filter_map(|line| line.split("xMax=\"").nth(1)?.split('"').next()?.parse::<f64>().ok());
    let widest = edges.fold(0.0, f64::max);
    assert!(
        widest > 400.0 && widest < 595.0 - 40.0,
        "text reaches to {widest} pt of 595"
    );
    let text = need!(poppler("pdftotext", &["-raw"], &pdf)?);
    let joined: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    assert!(joined.contains(&name), "{text}");
    Ok(())
}
