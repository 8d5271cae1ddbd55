//! Whose a study is: relabelled copies, shared UIDs and numbers, values that can hardly be so, and who is named by hand.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use overread_tests::{Done, Outcome, TestVault, each, field, number, scratch, text};
use serde_json::Value;

type Fields = BTreeMap<u32, ([u8; 2], Vec<u8>)>;
type Changes = &'static [(u32, &'static str)];

const STUDY: u32 = 0x0020_000d;
const SERIES: u32 = 0x0020_000e;
const INSTANCE: u32 = 0x0008_0018;
const ID: u32 = 0x0010_0020;
const NAME: u32 = 0x0010_0010;
const STUDY_DATE: u32 = 0x0008_0020;
const ACCESSION: u32 = 0x0008_0050;
const PIXELS: u32 = 0x7fe0_0010;

/// A grey image of 4 x 4 pixels, of one person.
fn image() -> Fields {
    let text = |tag: u32, kind: &[u8; 2], text: &str| (tag, (*kind, text.as_bytes().to_vec()));
    let short = |tag: u32, value: u16| (tag, (*b"US", value.to_le_bytes().to_vec()));
    let mut fields = Fields::from([
        text(0x0008_0016, b"UI", "1.2.840.10008.5.1.4.1.1.2"),
        text(INSTANCE, b"UI", "2.25.70.3.1"),
        text(STUDY_DATE, b"DA", "20240131"),
        text(ACCESSION, b"SH", "A-1"),
        text(0x0008_0060, b"CS", "CT"),
        text(NAME, b"PN", "Test^Alpha"),
        text(ID, b"LO", "000123"),
        text(0x0010_0030, b"DA", "19800101"),
        text(0x0010_0040, b"CS", "F"),
        text(STUDY, b"UI", "2.25.70.1"),
        text(SERIES, b"UI", "2.25.70.2"),
        text(0x0020_0013, b"IS", "1"),
        text(0x0028_0004, b"CS", "MONOCHROME2"),
    ]);
    let shape = [
        (0x0002, 1),
        (0x0010, 4),
        (0x0011, 4),
        (0x0100, 8),
        (0x0101, 8),
        (0x0102, 7),
        (0x0103, 0),
    ];
    fields.extend(shape.map(|(element, value)| short(0x0028_0000 | element, value)));
    fields.insert(PIXELS, (*b"OB", (0..16).collect()));
    fields
}

fn with(changes: &[(u32, &str)]) -> Fields {
    let mut fields = image();
    for (tag, text) in changes {
        let kind = fields.get(tag).map_or(*b"LO", |(kind, _)| *kind);
        fields.insert(*tag, (kind, text.as_bytes().to_vec()));
    }
    fields
}

fn element(out: &mut Vec<u8>, tag: u32, kind: [u8; 2], value: &[u8]) -> Done {
    let padding = usize::from(!value.len().is_multiple_of(2));
    out.extend(u16::try_from(tag >> 16)?.to_le_bytes());
    out.extend(u16::try_from(tag & 0xffff)?.to_le_bytes());
    out.extend(kind);
    if matches!(&kind, b"OB" | b"SQ") {
        out.extend([0, 0]);
        out.extend(u32::try_from(value.len() + padding)?.to_le_bytes());
    } else {
        out.extend(u16::try_from(value.len() + padding)?.to_le_bytes());
    }
    out.extend(value);
    out.extend(std::iter::repeat_n(if &kind == b"UI" { 0 } else { b' ' }, padding));
    Ok(())
}

fn bytes(fields: &Fields) -> Outcome<Vec<u8>> {
    let mut out = vec![0; 128];
    out.extend(b"DICM");
    let mut meta = vec![];
    element(&mut meta, 0x0002_0010, *b"UI", b"1.2.840.10008.1.2.1")?;
    element(&mut out, 0x0002_0000, *b"UL", &u32::try_from(meta.len())?.to_le_bytes())?;
    out.extend(meta);
    for (tag, (kind, value)) in fields {
        element(&mut out, *tag, *kind, value)?;
    }
    Ok(out)
}

/// (0010,0024) with Universal Entity ID and its type.
fn issued_by(id: &str, kind: &str) -> Outcome<([u8; 2], Vec<u8>)> {
    let mut item = vec![];
    // VR UT has a length of four bytes.
    let padded = if id.len().is_multiple_of(2) {
        id.to_owned()
    } else {
        format!("{id} ")
    };
    item.extend([0x40, 0, 0x32, 0]);
    item.extend(b"UT\0\0");
    item.extend(u32::try_from(padded.len())?.to_le_bytes());
    item.extend(padded.as_bytes());
    element(&mut item, 0x0040_0033, *b"CS", kind.as_bytes())?;
    let mut sequence = vec![0xfe, 0xff, 0x00, 0xe0];
    sequence.extend(u32::try_from(item.len())?.to_le_bytes());
    sequence.extend(item);
    Ok((*b"SQ", sequence))
}

struct Place {
    vault: TestVault,
    count: usize,
}

impl Place {
    fn of(name: &str) -> Outcome<Self> {
        let folder = scratch(env!("CARGO_TARGET_TMPDIR"), &format!("identity_{name}"))?;
        let vault = TestVault {
            samples: folder.join("samples"),
            vault: folder.join("vault"),
            folder,
        };
        vault.call("vault create").run()?.ended(0);
        Ok(Self { vault, count: 0 })
    }

    fn file(&mut self, bytes: &[u8], ending: &str) -> Outcome<PathBuf> {
        self.count += 1;
        let path = self.vault.folder.join(format!("{}.{ending}", self.count));
        fs::write(&path, bytes)?;
        Ok(path)
    }

    /// The answer of an import of this one image.
    fn import(&mut self, fields: &Fields) -> Outcome<Value> {
        let file = self.file(&bytes(fields)?, "dcm")?;
        self.vault.call("import").arg(file).run()?.json()
    }

    fn counts(&self) -> Outcome<[f64; 3]> {
        let status = self.vault.json("vault status")?;
        Ok(["studies", "patients", "instances"].map(|name| number(&status, name)))
    }
}

fn notes(answer: &Value) -> String {
    let all: Vec<&str> = each(answer, "notes").iter().map(|note| text(note, "message")).collect();
    all.join("\n")
}

#[test]
fn what_bears_a_uid_that_is_there_is_kept_apart_or_refused_by_its_field() -> Done {
    // Of another person: a study of its own. Of the same: a series of its own, or no second instance.
    let cases: [(&str, Changes, [f64; 3], &str); 9] = [
        ("other-id", &[(ID, "000124")], [2.0, 2.0, 2.0], "another Patient ID"),
        ("zeros", &[(ID, "123")], [2.0, 2.0, 2.0], "in leading zeros only"),
        (
            "other-name",
            &[(NAME, "Test^Beta")],
            [2.0, 2.0, 2.0],
            "another Patient's Name",
        ),
        (
            "other-birth",
            &[(0x0010_0030, "19800102")],
            [2.0, 2.0, 2.0],
            "another Patient's Birth Date",
        ),
        (
            "other-sex",
            &[(0x0010_0040, "M")],
            [2.0, 2.0, 2.0],
            "another Patient's Sex",
        ),
        (
            "series",
            &[(STUDY, "2.25.70.9"), (INSTANCE, "2.25.70.3.9")],
            [2.0, 1.0, 2.0],
            "Series Instance UID 2.25.70.2 is there with another Study Instance UID",
        ),
        (
            "order",
            &[
                (STUDY, "2.25.70.9"),
                (SERIES, "2.25.70.8"),
                (INSTANCE, "2.25.70.3.9"),
                (NAME, "Test^Beta"),
            ],
            [2.0, 2.0, 2.0],
            "the same Accession Number and another Patient's Name",
        ),
        (
            "number",
            &[(0x0020_0013, "7")],
            [1.0, 1.0, 1.0],
            "differs in its Instance Number",
        ),
        ("pixels", &[], [1.0, 1.0, 1.0], "differs in its pixel data"),
    ];
    for (name, changes, counts, words) in cases {
        let mut place = Place::of(name)?;
        assert_eq!(field(&place.import(&image())?, "imported"), 1);
        let mut other = with(changes);
        other.insert(PIXELS, (*b"OB", (16..32).collect()));
        let answer = place.import(&other)?;
        let refused: Vec<&str> = each(&answer, "failed").iter().map(|one| text(one, "message")).collect();
        let told = format!("{}\n{}", notes(&answer), refused.join("\n"));
        assert!(told.contains(words), "{name}: {told}");
        assert_eq!(place.counts()?, counts, "{name}: {told}");
        // The same file again is the same file.
        let again = place.import(&other)?;
        let expected = u64::from(counts[2] > 1.0);
        assert_eq!(field(&again, "already_there"), expected, "{name}: {again}");
    }
    Ok(())
}

#[test]
fn a_series_of_two_modalities_becomes_two_and_says_so() -> Done {
    let mut place = Place::of("modalities")?;
    let files = [
        ("MR", "2.25.80.1"),
        ("CT", "2.25.80.2"),
        ("CT", "2.25.80.3"),
        ("MR", "2.25.80.4"),
    ];
    for (modality, instance) in files {
        let answer = place.import(&with(&[(INSTANCE, instance), (0x0008_0060, modality)]))?;
        let told = answer.to_string().contains("there with another Modality");
        assert_eq!(told, modality == "CT", "{modality}: {answer}");
    }
    assert_eq!(place.counts()?, [1.0, 1.0, 4.0]);
    let shown = place.vault.json("show 2.25.70.1")?;
    let mut series: Vec<&str> = each(&shown, "series").iter().map(|one| text(one, "modality")).collect();
    series.sort_unstable();
    assert_eq!(series, ["CT", "MR"], "{shown}");
    Ok(())
}

#[test]
fn the_issuer_s_own_name_belongs_to_the_number() -> Done {
    for (one, other, studies) in [("1.2.3", "1.2.4", 2.0), ("1.2.3", "1.2.3", 1.0)] {
        let mut place = Place::of(&format!("issuer_{other}"))?;
        for (id, instance) in [(one, "2.25.70.3.1"), (other, "2.25.70.3.2")] {
            let mut fields = with(&[(INSTANCE, instance)]);
            fields.insert(0x0010_0024, issued_by(id, "ISO")?);
            place.import(&fields)?;
        }
        assert_eq!(place.counts()?[0], studies, "{one} {other}");
        let shown = place.vault.json("show 2.25.70.1")?;
        assert_eq!(text(&shown, "patient/issuer_id"), "1.2.3 (ISO)");
    }
    Ok(())
}

#[test]
fn values_that_can_hardly_be_so_are_marked_and_told() -> Done {
    let cases: [(Changes, &str, &str); 9] = [
        (&[(STUDY_DATE, "29991231")], "study_date", "lies in the future"),
        (&[(0x0010_0030, "20240201")], "birth_date", "later than the Study Date"),
        (&[(0x0010_0030, "18500101")], "birth_date", "older than 130 years"),
        (&[(0x0010_1010, "200Y")], "age", "more than 130 years"),
        (&[(0x0010_1010, "020Y")], "age", "not that of the dates"),
        (&[(0x0010_0040, "X")], "sex", "not one of M, F and O"),
        (
            &[(0x0008_0030, "late")],
            "",
            "the Study Time 'late' is not a valid time",
        ),
        (
            &[(0x0008_0031, "2561")],
            "",
            "the Series Time '2561' is not a valid time",
        ),
        (
            &[(NAME, "Test\u{1}^Al\u{7}pha")],
            "",
            "the Patient's Name holds control characters",
        ),
    ];
    for (at, (changes, doubted, words)) in cases.into_iter().enumerate() {
        let mut place = Place::of(&format!("doubt_{at}"))?;
        let answer = place.import(&with(changes))?;
        assert!(notes(&answer).contains(words), "{answer}");
        let shown = place.vault.json("show 2.25.70.1")?;
        let doubts: Vec<&str> = each(&shown, "doubts").iter().map(|one| text(one, "field")).collect();
        let kept: Vec<&str> = each(&shown, "notes")
            .iter()
            .map(|one| text(one, "told/words"))
            .collect();
        if doubted.is_empty() {
            assert!(kept.iter().any(|kept| kept.contains(words)), "{kept:?}");
            assert_eq!(doubts, Vec::<&str>::new());
        } else {
            assert_eq!(doubts, [doubted], "{shown}");
        }
        assert_eq!(text(&shown, "patient/patient_name"), "Test^Alpha");
    }
    let mut place = Place::of("plain")?;
    let answer = place.import(&image())?;
    assert_eq!(notes(&answer), "");
    Ok(())
}

#[test]
fn who_the_patient_is_is_said_where_no_file_says_it_and_only_there() -> Done {
    let mut place = Place::of("nameless")?;
    let nameless = |instance: &str| with(&[(INSTANCE, instance), (NAME, "^^"), (ID, "   ")]);
    let answer = place.import(&nameless("2.25.70.3.1"))?;
    assert_eq!(
        (field(&answer, "imported"), field(&answer, "nameless")),
        (&1.into(), &1.into())
    );
    let say = |words: &[&str]| place.vault.call("patient 2.25.70.1").args(words).run();
    say(&["--id", "7", "--birth-date", "2024-02-30"])?
        .ended(2)
        .error_is("wrong_usage", "2024-02-30")?;
    say(&["--id", "7", "--birth-date", "2024-02-01"])?
        .ended(2)
        .error_is("wrong_usage", "later than the date of the study")?;
    say(&["--id", "  "])?
        .ended(2)
        .error_is("wrong_usage", "neither a patient ID nor a name")?;
    say(&["--id", "7", "--sex", "X"])?
        .ended(2)
        .error_is("wrong_usage", "not one of M, F and O")?;
    say(&["--id", "7", "--name", "Test^Gamma", "--birth-date", "1980-12-31"])?.ended(0);
    // It is corrected as it was said.
    say(&["--id", "8", "--name", "Test^Delta", "--sex", "F"])?.ended(0);
    let more = place.import(&nameless("2.25.70.3.2"))?;
    assert_eq!(notes(&more), "", "{more}");
    assert_eq!(place.counts()?, [1.0, 1.0, 2.0]);
    let shown = place.vault.json("show 2.25.70.1")?;
    assert_eq!(text(&shown, "patient/patient_id"), "8");
    assert_eq!(text(&shown, "patient/patient_name"), "Test^Delta");

    let mut named = Place::of("named")?;
    let file = named.file(&bytes(&image())?, "dcm")?;
    let answer = named
        .vault
        .call("import --patient 7")
        .arg(&file)
        .run()?
        .ended(0)
        .json()?;
    assert_eq!(field(&answer, "patient_not_used"), 1);
    let refused = named.vault.call("patient 2.25.70.1 --id 7").run()?;
    refused.ended(2).error_is("wrong_usage", "name their patient")
}
