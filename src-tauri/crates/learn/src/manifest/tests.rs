use domain::Split;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use needs::{data, need};
use tempfile::TempDir;

use super::*;

type Outcome = Result<(), Box<dyn Error>>;

const HEADER: &str = "file,mask,label,anomaly,split,patient_id,subset,core,adjacent_to_lesion,sha256,lesion_px";
/// sha256 of the three bytes `abc` (FIPS 180-2, B.1).
const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

fn manifest(header: &str, rows: &[&str], files: &[&str]) -> Result<(TempDir, PathBuf), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    for file in files {
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().ok_or("a file has a folder")?)?;
        fs::write(path, "abc")?;
    }
    let path = folder.path().join("manifest.csv");
    fs::write(&path, format!("{header}\n{}\n", rows.join("\n")))?;
    Ok((folder, path))
}

fn problems<T>(result: Result<T, LearnError>) -> Result<Problems, Box<dyn Error>> {
    match result {
        Err(LearnError::Problems(problems)) => Ok(problems),
        Err(other) => Err(other.into()),
        Ok(_) => Err("the manifest was accepted".into()),
    }
}

#[test]
fn a_sound_manifest_gives_its_cases() -> Outcome {
    let with_hash = format!("a/1.png,a/1_mask.png,LESION,1,val,P1,flair,1,0,{ABC},12");
    let rows = [
        with_hash.as_str(),
        "./a/2.png,,NO_LESION,0,val,P1,flair,0,1,,",
        "a/3.png,,NO_LESION,0,train,,,,,,",
    ];
    let (folder, path) = manifest(HEADER, &rows, &["a/1.png", "a/1_mask.png", "a/2.png", "a/3.png"])?;
    let checks = Checks {
        sha256: true,
        masks: true,
        both_classes: false,
    };
    let cases = load(&path, &Selection::default(), checks)?;
    let root = folder.path().canonicalize()?;
    assert_eq!(cases.len(), 3);
    assert_eq!(cases[0].file, root.join("a/1.png"));
    assert_eq!(cases[0].mask, Some(root.join("a/1_mask.png")));
    assert_eq!(
        (cases[0].core, cases[0].adjacent_to_lesion, cases[0].lesion_px),
        (Some(true), false, Some(12))
    );
    assert_eq!(
        (cases[1].core, cases[1].adjacent_to_lesion, cases[1].line),
        (Some(false), true, 3)
    );
    assert_eq!(cases[1].file, root.join("a/2.png"));
    // Neither patient nor group: the image stands for itself.
    assert_eq!(
        (cases[2].patient.as_str(), cases[2].core, cases[2].subset.as_deref()),
        ("a/3.png", None, None)
    );
    assert_eq!(select(&cases, Some(Split::Val), Some("flair"))?.len(), 2);
    assert_eq!(select(&cases, None, None)?.len(), 3);
    Ok(())
}

#[test]
fn columns_of_another_pack_and_any_split_name_work() -> Outcome {
    let header = "split,group_id,patient_id,file,label,anomaly,institution,subtype";
    let rows = [
        "sealed,dup1,,1.png,BENIGN,1,DU,",
        "sealed,dup1,,2.png,MALIGNANT,1,CS,a b",
    ];
    let (_folder, path) = manifest(header, &rows, &["1.png", "2.png"])?;
    let cases = load(&path, &Selection::default(), Checks::default())?;
    assert_eq!((cases[0].patient.as_str(), cases[1].patient.as_str()), ("dup1", "dup1"));
    assert_eq!(cases[1].groups, ["institution=CS", "subtype=a b"]);
    let refused = load(&path, &Selection::split(Split::Val, Some("flair")), Checks::default());
    let message = refused.err().map(|e| e.to_string()).unwrap_or_default();
    assert_eq!(
        message,
        "no row of the manifest fits the split val and the subset flair; it has the splits sealed and no subsets"
    );
    assert!(select(&cases, Some(Split::Val), None).is_err());
    Ok(())
}

#[test]
fn every_problem_is_told_at_once() -> Outcome {
    let wrong_hash = format!("a/1.png,,LESION,1,val,P1,,,,{},", ABC.replace('b', "c"));
    let rows = [
        wrong_hash.as_str(),
        "a/2.png,a/none.png,NO_LESION,0,train,P1,,,,,",
        "a/1.png,,LESION,1,val,P2,,,,,",
        "../out.png,,LESION,1,val,P3,,,,,",
        "/etc/passwd,,LESION,1,val,P4,,,,,",
        "a/3.png,,,1,val,P5,,,,,",
        "a/4.png,,LESION,maybe,val,P6,,2,,zz,x",
        "a/5.png,,LESION,1,val",
        "a/6.png,,LESION,1,val,P8,,,,,",
    ];
    let (_folder, path) = manifest(HEADER, &rows, &["a/1.png", "a/2.png"])?;
    let checks = Checks {
        sha256: true,
        masks: true,
        both_classes: true,
    };
    let found = problems(load(&path, &Selection::default(), checks))?;
    let text = found.to_string();
    for expected in [
        "the sha256 of 'a/1.png' is ba78",
        "line 3: the mask 'a/none.png' is not there",
        "lines 2 and 4 name the same file 'a/1.png'",
        "leakage: lines 2 and 3 belong to one patient in the splits 'val' and 'train'",
        "line 5: '../out.png' leaves the manifest's folder",
        "line 6: '/etc/passwd' leaves the manifest's folder",
        "line 7: the column 'label' is empty",
        "line 8: 'maybe' in the column 'anomaly' is not 0 or 1",
        "line 8: '2' in the column 'core' is not 0 or 1",
        "line 8: 'zz' in the column 'sha256' is not 64 hex digits",
        "line 8: 'x' in the column 'lesion_px' is not a count",
        "line 9 has 5 cells where 11 belong",
        "line 10: the image 'a/6.png' is not there",
        "line 2: the anomaly 'a/1.png' has no mask",
        "the split 'train' has no case with an anomaly",
        "the split 'val' has no case without an anomaly",
    ] {
        assert!(text.contains(expected), "{expected:?} is not in:\n{text}");
    }
    assert!(!text.contains("P1"), "a patient is named:\n{text}");
    Ok(())
}

#[test]
fn leakage_by_group_or_by_content_is_refused() -> Outcome {
    let header = "file,label,anomaly,split,patient_id,group_id,sha256";
    let first = format!("1.png,A,1,train,P1,g1,{ABC}");
    let same_group = "2.png,A,1,val,P2,g1,".to_owned();
    let same_bytes = format!("3.png,A,0,test,P3,g3,{}", ABC.to_uppercase());
    let (_folder, path) = manifest(header, &[&first, &same_group, &same_bytes], &[])?;
    let found = problems(read(&path))?;
    let same_content = Problem::SameContent {
        first: 2,
        second: 4,
        first_split: "train".to_owned(),
        second_split: "test".to_owned(),
    };
    let near_duplicate = Problem::PatientInTwoSplits {
        first: 2,
        second: 3,
        first_split: "train".to_owned(),
        second_split: "val".to_owned(),
    };
    assert_eq!(found.first(), [same_content, near_duplicate]);
    Ok(())
}

#[test]
fn missing_columns_stand_in_one_list() -> Outcome {
    let (_folder, path) = manifest("file,mask", &["1.png,"], &["1.png"])?;
    let found = problems(load(&path, &Selection::default(), Checks::default()))?;
    assert_eq!(found.count(), 4);
    assert!(
        found
            .to_string()
            .contains("the column 'patient_id' or 'group_id' is missing"),
        "{found}"
    );
    let (_folder, path) = manifest(HEADER, &[], &[])?;
    assert_eq!(problems(read(&path))?.first(), [Problem::NoRows]);
    Ok(())
}

#[test]
fn the_first_fifty_are_shown_and_the_rest_counted() -> Outcome {
    let rows: Vec<String> = (0..70)
        .map(|index| format!("{index}.png,,L,1,val,P{index},,,,,"))
        .collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let (_folder, path) = manifest(HEADER, &rows, &[])?;
    let found = problems(load(&path, &Selection::default(), Checks::default()))?;
    assert_eq!((found.count(), found.first().len()), (70, 50));
    let text = found.to_string();
    assert!(
        text.starts_with("the manifest has 70 problems:\n- ") && text.ends_with("\n… and 20 more"),
        "{text}"
    );
    Ok(())
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_folder_and_a_folder_in_place_of_a_file_are_refused() -> Outcome {
    let outside = tempfile::tempdir()?;
    fs::write(outside.path().join("secret.png"), "abc")?;
    let (folder, path) = manifest(
        HEADER,
        &["link.png,,L,1,val,P1,,,,,", "sub,,L,1,val,P2,,,,,"],
        &["sub/1.png"],
    )?;
    std::os::unix::fs::symlink(outside.path().join("secret.png"), folder.path().join("link.png"))?;
    let text = problems(load(&path, &Selection::default(), Checks::default()))?.to_string();
    assert!(
        text.contains("line 2: 'link.png' leaves the manifest's folder"),
        "{text}"
    );
    assert!(
        text.contains("line 3: 'sub' cannot be read: it is not a file"),
        "{text}"
    );
    Ok(())
}

#[test]
fn files_outside_the_selection_are_not_asked_for() -> Outcome {
    let rows = ["1.png,,L,1,val,P1,,,,,", "absent.png,,L,1,train,P2,,,,,"];
    let (_folder, path) = manifest(HEADER, &rows, &["1.png"])?;
    assert_eq!(
        load(&path, &Selection::split(Split::Val, None), Checks::default())?.len(),
        1
    );
    Ok(())
}

#[test]
fn an_absent_or_binary_manifest_is_one_clear_error() -> Outcome {
    let absent = read(Path::new("no-such-folder/manifest.csv"));
    assert!(matches!(absent, Err(LearnError::ManifestUnreadable { .. })));
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("manifest.csv");
    fs::write(&path, [0xff, 0xfe, 0x00])?;
    let message = read(&path).err().map(|e| e.to_string()).unwrap_or_default();
    assert!(message.ends_with("it is not UTF-8 text"), "{message}");
    fs::write(&path, format!("\u{feff}{HEADER}\n1.png,,L,1,val,P1,,,,,\n"))?;
    assert_eq!(read(&path)?.len(), 1);
    Ok(())
}

/// The packs as they are: counts from their own tables, every val image's sha256.
#[test]
fn the_real_packs_read_without_a_problem() -> Outcome {
    let data = need!(data(""));
    let checks = Checks {
        sha256: true,
        masks: true,
        both_classes: true,
    };
    let flair = load(
        &data.join("brain-mri/manifest.csv"),
        &Selection::split(Split::Val, Some("lgg-flair")),
        checks,
    )?;
    assert_eq!(
        (flair.len(), flair.iter().filter(|case| case.anomaly).count()),
        (413, 150)
    );
    assert_eq!(flair.iter().filter(|case| case.adjacent_to_lesion).count(), 46);
    let breast = load(&data.join("breast-us/manifest.csv"), &Selection::default(), checks)?;
    assert_eq!(
        (breast.len(), select(&breast, Some(Split::Val), None)?.len()),
        (567, 89)
    );
    let chest = Checks { masks: false, ..checks };
    assert_eq!(
        load(
            &data.join("chest-xray/manifest.csv"),
            &Selection::split(Split::Val, None),
            chest
        )?
        .len(),
        698
    );
    Ok(())
}
