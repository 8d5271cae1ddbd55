use std::time::Instant;

use overread_tests::{Done, need};

use crate::steps::desk;

/// The promise to a newcomer: an outlined lesion soon after the first start. How soon is printed, for it
/// depends on the machine.
#[test]
fn a_newcomer_sees_an_outlined_lesion() -> Done {
    let desk = need!(desk("first_start")?);
    let begun = Instant::now();
    let window = desk.open()?;
    window.see("Not a medical device")?;
    window.click("button", "Try it with sample scans")?;
    window.find("navigation", "Screens")?;
    window.wait_until(
        "an outlined study at the top of the worklist",
        "return page.all('row', null).some((row) => row.innerText.includes('Outlined'))",
    )?;
    println!("the first outlined study after {:?}", begun.elapsed());

    window.see("images analysed")?;
    // The most suspicious study stands first: open it and look.
    window.first_study()?;
    window.press("Enter")?;
    window.picture_shows()?;
    window.press("n")?;
    window.wait_until(
        "an outline on the picture",
        "return [...document.querySelectorAll('path[data-finding]')].some((path) => path.getBoundingClientRect().width > 4)",
    )?;
    window.keep_picture("lesion")?;
    window.close()
}
