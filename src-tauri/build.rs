//! Takes the built interface, the list of commands and who may call them into the program.

use std::path::Path;

include!("src/commands/names.rs");

fn main() {
    let page = Path::new("../ui/dist/index.html");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=src/commands/names.rs");
    println!("cargo:rerun-if-changed={}", page.display());
    if !page.exists() {
        fail(
            "the interface is not built: ui/dist/index.html is not there; run `npm ci && npm run build` in ui/, or build with `cargo xtask run`",
        );
    }
    let attributes = tauri_build::Attributes::new()
        .app_manifest(tauri_build::AppManifest::new().commands(&NAMES))
        .codegen(tauri_build::CodegenContext::new());
    if let Err(error) = tauri_build::try_build(attributes) {
        fail(&format!("{error:#}"));
    }
}

/// One sentence, and not the backtrace of a panic.
fn fail(what: &str) -> ! {
    eprintln!("{what}");
    std::process::exit(1);
}
