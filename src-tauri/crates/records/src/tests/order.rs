//! One order of a study, whatever the order of its import.

use domain::{Header, OrderRule, Uid};

use super::Outcome;
use super::sample::{analyse, analysis, header, import, new_vault, uid};

/// An axial slice of series 1.2.1.`series`.
fn slice(series: u32, instance: u32, height: f64) -> Header {
    let mut header = header(1, instance);
    header.series.series_instance_uid = uid(&format!("1.2.1.{series}"));
    header.series.number = i32::try_from(series).ok();
    header.instance.sop_instance_uid = uid(&format!("1.2.1.{series}.{instance}"));
    header.image.position_mm = Some([0.0, 0.0, height]);
    header.image.orientation = Some([1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
    header
}

/// Series and instance of a UID.
fn tail(uid: &Uid) -> &str {
    uid.as_str().trim_start_matches("1.2.1.")
}

#[test]
fn a_study_is_read_in_the_order_of_its_stacks() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut vault, admin) = new_vault(folder.path())?;
    let mut document = slice(3, 1, 7.0);
    document.image.frames = 0;
    let mut film = slice(11, 1, 0.0);
    film.image.frames = 2;
    // Acquired in two passes; numbers do not follow the body.
    let passes = [(2, 0.0), (3, 10.0), (4, 5.0), (5, 15.0)].map(|(instance, height)| slice(3, instance, height));
    let mut headers = vec![film.clone(), document];
    headers.extend(passes.iter().rev().cloned());
    for header in &headers {
        import(&mut vault, &admin, header)?;
    }
    let mut second_frame = analysis(&film, Vec::new());
    second_frame.frame = 1;
    analyse(&mut vault, &admin, 1, &second_frame)?;
    for header in [&film, &passes[3], &passes[1], &passes[2], &passes[0], &passes[1]] {
        analyse(&mut vault, &admin, 1, &analysis(header, Vec::new()))?;
    }
    let study = vault.study(&uid("1.2.1"))?.ok_or("no study")?;
    let rules: Vec<_> = study.stacks.iter().map(|stack| stack.order.rule).collect();
    assert_eq!(rules, [OrderRule::AlongNormal, OrderRule::InstanceNumber]);
    let instances = study.instances.iter();
    let instances: Vec<&str> = instances
        .map(|one| tail(&one.header.instance.sop_instance_uid))
        .collect();
    assert_eq!(instances, ["3.2", "3.4", "3.3", "3.5", "3.1", "11.1"]);
    let analyses = study.analyses.iter();
    let analyses: Vec<(&str, u32, bool)> = analyses
        .map(|one| (tail(&one.analysis.sop_instance_uid), one.analysis.frame, one.newest))
        .collect();
    let expected = [
        ("3.2", 0, true),
        ("3.4", 0, true),
        ("3.3", 0, false),
        ("3.3", 0, true),
        ("3.5", 0, true),
        ("11.1", 0, true),
        ("11.1", 1, true),
    ];
    assert_eq!(analyses, expected);
    // Six slices: the fourth stands for the study.
    assert_eq!(vault.middle_instance(&uid("1.2.1"))?, Some(uid("1.2.1.3.5")));
    assert_eq!(vault.middle_instance(&uid("1.2.2"))?, None);
    Ok(())
}

#[test]
fn slices_of_two_series_meet_by_place_in_a_study_and_by_share_across_studies() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut vault, admin) = new_vault(folder.path())?;
    for instance in 1..=3 {
        import(&mut vault, &admin, &slice(3, instance, f64::from(instance)))?;
        import(&mut vault, &admin, &slice(4, instance, -f64::from(instance)))?;
        let mut other = header(2, instance);
        other.image.position_mm = Some([0.0, 0.0, f64::from(instance)]);
        other.image.orientation = Some([1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
        import(&mut vault, &admin, &other)?;
    }
    let told = |from: &str, to: &str| vault.counterparts(&uid(from), &uid(to));
    let within = told("1.2.1.3", "1.2.1.4")?.ok_or("nothing")?;
    assert_eq!((within.places, within.by_place), (vec![0; 3], vec![true; 3]));
    let across = told("1.2.1.3", "1.2.2.1")?.ok_or("nothing")?;
    assert_eq!((across.places, across.by_place), (vec![0, 1, 2], vec![false; 3]));
    assert_eq!(told("1.2.1.3", "1.2.9")?, None);
    assert_eq!(told("1.2.9", "1.2.1.3")?, None);
    Ok(())
}

#[test]
fn a_study_without_an_image_has_no_middle() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut vault, admin) = new_vault(folder.path())?;
    let mut document = slice(3, 1, 7.0);
    document.image.frames = 0;
    import(&mut vault, &admin, &document)?;
    assert_eq!(vault.middle_instance(&uid("1.2.1"))?, None);
    let study = vault.study(&uid("1.2.1"))?.ok_or("no study")?;
    assert_eq!((study.stacks.len(), study.instances.len()), (1, 1));
    Ok(())
}
