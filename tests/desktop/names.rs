//! Names as patients and attackers have them are shown letter by letter and break nothing.

use overread_tests::{DicomFile, Done, need};
use serde_json::json;

use crate::steps::{create_vault, desk};

fn names() -> Vec<String> {
    vec![
        "<script>alert(1)</script>".into(),
        "<b>Bold</b> & \"quoted\" 'single'".into(),
        "{{7*7}} ${7*7} %s".into(),
        "محمد بن عبد الله".into(),
        "דוד בן־גוריון".into(),
        // A mark that turns the rest of the line around, left open.
        "Smith \u{202e}exe.nhoj".into(),
        "Ő".repeat(200),
        "W".repeat(200),
        "山田 太郎".into(),
    ]
}

#[test]
fn names_are_shown_literally_and_do_not_break_the_layout() -> Done {
    let desk = need!(desk("names")?);
    desk.settings(&json!({ "analyze_after_import": false }))?;
    let scans = desk.folder.join("scans");
    std::fs::create_dir(&scans)?;
    for (number, name) in names().iter().enumerate() {
        let mut file = DicomFile::grey(32, 32, |x, y| (x * y) as u16);
        file.patient_name.clone_from(name);
        file.patient_id = format!("NAME-{number}");
        file.uid_root = format!("2.25.{}", 700 + number);
        file.write(&scans.join(format!("{number}.dcm")))?;
    }
    let window = desk.open()?;
    create_vault(&window)?;
    window.import_folder(&scans)?;
    window.see(&format!("{} images imported", names().len()))?;
    for (number, name) in names().iter().enumerate() {
        // In the list …
        window.select_study(&format!("NAME-{number}"))?;
        is_shown_once(&window, name)?;
        fits(&window, name)?;
        // … over the image, and on the report.
        window.press("Enter")?;
        window.picture_shows()?;
        is_shown_once(&window, name)?;
        fits(&window, name)?;
        window.press("Ctrl+3")?;
        window.find("button", "Sign…")?;
        is_shown_once(&window, name)?;
        fits(&window, name)?;
    }
    window.press("Ctrl+1")?;
    window.click("button", "Clear the search")?;
    window.keep_picture("worklist")?;
    window.close()
}

/// As text and as nothing else: no element came out of it.
fn is_shown_once(window: &overread_tests::Window, name: &str) -> Done {
    let script = "return [...document.querySelectorAll('.theirs')].some((e) => e.textContent.includes(arguments[0]))";
    window.wait_until_with(&format!("the name {name:?}"), script, &[json!(name)])?;
    let strangers = window.run("return document.querySelectorAll('body script, b').length", &[])?;
    assert_eq!(strangers, 0, "{name:?} became markup");
    Ok(())
}

/// Nothing reaches beyond the window, and a row of the list stays one line high.
fn fits(window: &overread_tests::Window, name: &str) -> Done {
    let script = "const page = document.scrollingElement;
        const rows = [...document.querySelectorAll('[role=row]')].map((row) => row.getBoundingClientRect().height);
        return { wide: page.scrollWidth - innerWidth, high: page.scrollHeight - innerHeight, row: Math.max(0, ...rows) }";
    let over = window.run(script, &[])?;
    let number = |part: &str| over[part].as_f64().unwrap_or(f64::NAN);
    assert!(
        number("wide") <= 0.0 && number("high") <= 0.0,
        "{name:?} makes the page scroll: {over}"
    );
    assert!(
        number("row") <= 60.0,
        "{name:?} makes a row {} pixels high",
        number("row")
    );
    Ok(())
}
