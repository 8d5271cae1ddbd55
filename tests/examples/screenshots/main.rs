//! Takes a screenshot of every screen of the real window, in both themes and on two sizes of screen, with the names that
//! patients really have: `cargo xtask screenshots [FOLDER]`, by default `screenshots` in the target folder.

mod places;
mod tour;

use overread_tests::Done;

use places::Place;

const SIZES: [(u32, u32); 2] = [(1366, 768), (1920, 1080)];
const THEMES: [&str; 2] = ["dark", "light"];

fn main() -> Done {
    let place = Place::from_arguments()?;
    let desk = place.desk()?;
    tour::before_a_vault(&place, &desk)?;
    tour::fill(&place, &desk)?;
    for (width, height) in SIZES {
        for theme in THEMES {
            desk.size(width, height)?;
            desk.settings(&serde_json::json!({ "theme": theme, "analyze_after_import": false }))?;
            let window = desk.open()?;
            tour::every_screen(&place, &window, &format!("{theme}-{width}x{height}"))?;
            window.close()?;
        }
    }
    println!("{} screenshots in {}", place.taken(), place.folder.display());
    Ok(())
}
