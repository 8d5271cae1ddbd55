//! How fast the window is, measured in the real window on this machine; prints a table with the bounds that the design
//! sets. It never fails on time: a busy machine is slow, and the table says how busy it was.
//!
//! `cargo xtask bench ui [FOLDER]`; the work is done in FOLDER, by default in the target folder. A vault with 100,000
//! studies is made there once and used again.

mod measure;
mod memory;
mod places;
mod table;

use overread_tests::{Done, Outcome, Window};

use places::Place;
use table::Table;

fn main() -> Done {
    let place = Place::from_arguments()?;
    let mut table = Table::default();
    cold_start(&place, &mut table)?;
    worklist(&place, &mut table)?;
    large_picture(&place, &mut table)?;
    series(&place, &mut table)?;
    window_level(&place, &mut table)?;
    print!("{table}");
    println!("{}", table::machine());
    Ok(())
}

/// From the start of the process to the first paint of the unlock screen: the page paints nothing before it.
fn cold_start(place: &Place, table: &mut Table) -> Done {
    let desk = place.desk("bench_start")?;
    let mut taken = Vec::new();
    for _ in 0..5 {
        let window = desk.open()?;
        window.find("button", "Try it with sample scans")?;
        taken.push(measure::first_paint_ms(&window)? - measure::process_start_ms(window.id())?);
        window.close()?;
    }
    table.row("cold start to the unlock screen", &taken, "ms", 1500.0);
    Ok(())
}

fn worklist(place: &Place, table: &mut Table) -> Done {
    let desk = place.desk("bench_worklist")?;
    let vault = place.large_vault()?;
    place.open_once(&desk, &vault)?;
    let mut taken = Vec::new();
    for _ in 0..5 {
        let window = desk.open()?;
        window.write("Passphrase", places::LARGE_PASSPHRASE)?;
        measure::begin(
            &window,
            "keydown",
            "document.querySelectorAll('[role=row] [role=gridcell]').length > 20",
        )?;
        window.press("Enter")?;
        taken.push(measure::end(&window)?);
        window.see("100,000 studies")?;
        window.close()?;
    }
    table.row("unlock to the worklist of 100,000 studies", &taken, "ms", 500.0);
    Ok(())
}

fn large_picture(place: &Place, table: &mut Table) -> Done {
    let desk = place.desk("bench_large")?;
    let scan = place.large_scan()?;
    place.import(&desk, &scan)?;
    let mut taken = Vec::new();
    for _ in 0..5 {
        let window = place.unlocked(&desk)?;
        taken.push(first_picture(&window)?);
        window.close()?;
    }
    table.row("click to the first picture, 2048 x 2048, 16 bits", &taken, "ms", 300.0);
    Ok(())
}

/// Opens the only study of the worklist; from the key to its first image.
fn first_picture(window: &Window) -> Outcome<f64> {
    window.first_study()?;
    window.settle()?;
    measure::begin(
        window,
        "keydown",
        "Number(document.querySelector('[data-tile=\"0\"]')?.dataset.drawn) > 0",
    )?;
    window.press("Enter")?;
    measure::end(window)
}

fn series(place: &Place, table: &mut Table) -> Done {
    let desk = place.desk("bench_series")?;
    let slices = place.series_of_slices()?;
    place.import(&desk, &slices)?;
    let mut taken = Vec::new();
    for last in [false, false, true] {
        let window = place.unlocked(&desk)?;
        taken.push(first_picture(&window)?);
        if last {
            // All 500 are fetched before scrolling is measured and memory counted.
            let fetched = measure::walk_through(&window, places::SLICES)?;
            let (script, drawn) = measure::scrolling(&window, 120)?;
            let memory = memory::pss_mib(&window.processes());
            table.row("click to the first picture, series of 500 slices", &taken, "ms", 500.0);
            table.row("scroll between cached slices: script", &script, "ms", 16.0);
            table.note("scroll between cached slices: key to drawn", &drawn, "ms");
            table.note("walk through all 500 slices", &[fetched], "s");
            table.row("memory of all processes but the worker", &[memory.total], "MiB", 700.0);
            for (program, mib) in memory.programs {
                table.note(&format!("  of which {program}"), &[mib], "MiB");
            }
        }
        window.close()?;
    }
    Ok(())
}

fn window_level(place: &Place, table: &mut Table) -> Done {
    let desk = place.desk("bench_window")?;
    desk.size(1900, 1040)?;
    place.import(&desk, &place.square_scan()?)?;
    let window = place.unlocked(&desk)?;
    first_picture(&window)?;
    let tile = window.area("[data-tile=\"0\"] canvas")?;
    let rates: Vec<f64> = (0..3)
        .map(|_| measure::window_level_rate(&window))
        .collect::<Result<_, _>>()?;
    let what = format!(
        "window/level, 1024 x 1024 in {:.0} x {:.0} on the screen",
        tile.width, tile.height
    );
    table.least(&what, &rates, "frames/s", 15.0);
    window.close()
}
