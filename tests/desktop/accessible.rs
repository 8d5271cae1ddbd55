//! axe looks at every screen in both themes.

use overread_tests::{Done, Outcome, Window, each, need, repository, text};
use serde_json::Value;

use crate::steps::{create_vault, desk, samples};

#[test]
fn axe_finds_nothing_serious_on_any_screen_in_either_theme() -> Done {
    let axe = repository().join("ui/node_modules/axe-core/axe.min.js");
    if !axe.is_file() {
        return Err(format!("{} is missing; 'cargo xtask setup' brings it", axe.display()).into());
    }
    let axe = std::fs::read_to_string(axe)?;
    let desk = need!(desk("accessible")?);
    let window = desk.open()?;
    window.see("Try it with sample scans")?;
    let mut all = Vec::new();
    all.extend(serious(&window, &axe, "first start")?);
    window.click("button", "Create a vault")?;
    all.extend(serious(&window, &axe, "create a vault")?);
    window.click("button", "Back")?;
    create_vault(&window)?;
    all.extend(serious(&window, &axe, "empty worklist")?);
    window.import_folder(&samples())?;
    window.see("images analysed")?;
    for theme in ["dark", "light"] {
        in_theme(&window, theme)?;
        for (keys, screen) in [
            ("Ctrl+1", "Worklist"),
            ("Ctrl+4", "Models"),
            ("Ctrl+5", "Quality"),
            ("Ctrl+6", "Administration"),
            ("Ctrl+,", "Settings"),
        ] {
            window.press(keys)?;
            window.find("main", screen)?;
            all.extend(serious(&window, &axe, &format!("{screen}, {theme}"))?);
        }
        window.open_study("SYN-0001")?;
        window.press("n")?;
        all.extend(serious(&window, &axe, &format!("Reading, {theme}"))?);
        window.press("Ctrl+3")?;
        window.find("button", "Sign…")?;
        all.extend(serious(&window, &axe, &format!("Report, {theme}"))?);
        window.click("button", "Sign…")?;
        all.extend(serious(&window, &axe, &format!("Sign, {theme}"))?);
        window.press("Escape")?;
        window.press("Ctrl+k")?;
        all.extend(serious(&window, &axe, &format!("Command list, {theme}"))?);
        window.press("Escape")?;
        window.press("Ctrl+l")?;
        window.find_field("Passphrase")?;
        all.extend(serious(&window, &axe, &format!("Unlock, {theme}"))?);
        window.unlock()?;
    }
    assert!(all.is_empty(), "\n{}", all.join("\n"));
    window.close()
}

fn in_theme(window: &Window, theme: &str) -> Done {
    let script = "return document.documentElement.dataset.theme === arguments[0]";
    let theme = [Value::from(theme)];
    if window.run(script, &theme)? != Value::Bool(true) {
        window.press("Ctrl+k")?;
        window.type_text("Switch between dark and light")?;
        window.press("Enter")?;
    }
    window.wait_until_with("the theme", script, &theme).map(drop)
}

/// "screen: rule: where", for each serious or critical violation.
fn serious(window: &Window, axe: &str, screen: &str) -> Outcome<Vec<String>> {
    // What comes to rest is judged, not what fades in or is waited for.
    let at_rest = "const turns = (one) => one.effect.getTiming().iterations === Infinity;
        return !document.querySelector('.loading')
          && document.getAnimations().every((one) => one.playState !== 'running' || turns(one))";
    window.wait_until("a page at rest", at_rest)?;
    window.settle()?;
    let there = "return typeof window.axe === 'object'";
    if window.run(there, &[])? != Value::Bool(true) {
        window.run(axe, &[])?;
        assert_eq!(window.run(there, &[])?, Value::Bool(true), "axe did not come up");
    }
    let script = "const done = arguments[0];
        axe.run(document, { resultTypes: ['violations'] }).then(
          (found) => done({ violations: found.violations, passes: found.passes.length }),
          (error) => done({ error: String(error) }));";
    let found = window.run_until_called(script, &[])?;
    assert!(found["error"].is_null(), "{screen}: {found}");
    assert!(
        found["passes"].as_u64() > Some(5),
        "{screen}: axe looked at next to nothing: {found}"
    );
    let violations = each(&found, "violations").iter();
    let serious =
        violations.filter(|one| ["serious", "critical"].contains(&one["impact"].as_str().unwrap_or_default()));
    Ok(serious
        .flat_map(|one| each(one, "nodes").iter().map(move |node| (one, node)))
        .map(|(one, node)| {
            format!(
                "{screen}: {}: {} {}",
                text(one, "id"),
                node["target"],
                node["failureSummary"]
            )
        })
        .collect())
}
