//! Which programs are linked with what reads foreign files.

use std::collections::BTreeSet;
use std::error::Error;
use std::process::Command;

use super::{Done, Manifest, ROOT, manifests};

/// What reads foreign files, and what links libtorch: in a child's program alone.
const IN_A_CHILD_ONLY: [&str; 14] = [
    "archives",
    "codecs",
    "encoding_rs",
    "charls",
    "jpeg2k",
    "jxl",
    "openjp2",
    "sevenz-rust2",
    "tar",
    "torch",
    "tch",
    "torch-sys",
    "turbojpeg-sys",
    "zip",
];

/// Names of all crates that a package is linked with.
fn linked_with(package: &str) -> Result<BTreeSet<String>, Box<dyn Error>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["tree", "--offline", "--locked", "--edges", "normal"])
        .args(["--prefix", "none", "--format", "{p}", "--package", package])
        .current_dir(ROOT)
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let first_word = |line: &str| line.split_whitespace().next().map(str::to_owned);
    Ok(String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(first_word)
        .collect())
}

/// `png` and `image` are there, for reports, thumbnails and demo scans are written; so is `dicom-object`, which
/// `samples` writes them with. Record 31 names the readers that typst brings along, and why no file reaches them.
/// Features of `image` that one package asks for are there in the programs of all, for all are built together.
#[test]
fn no_package_gives_image_another_reader() -> Done {
    for Manifest { name, folder, .. } in manifests()? {
        let text = std::fs::read_to_string(folder.join("Cargo.toml"))?;
        for line in text.lines().filter(|line| line.starts_with("image = ")) {
            let asked = line.split_once("features").map_or("", |(_, asked)| asked);
            let known = ["png", "bmp", "jpeg"];
            let words = asked.split('"').skip(1).step_by(2);
            let other: Vec<&str> = words.filter(|word| !known.contains(word)).collect();
            assert!(other.is_empty(), "{name} asks image for {other:?}");
        }
    }
    Ok(())
}

#[test]
fn the_programs_that_ask_the_children_carry_no_codec_and_no_libtorch() -> Done {
    for program in ["desktop", "cli"] {
        let linked = linked_with(program)?;
        for name in IN_A_CHILD_ONLY {
            assert!(!linked.contains(name), "{program} is linked with {name}");
        }
    }
    // Models are made off the clinical path.
    let window = linked_with("desktop")?;
    assert!(
        !window.contains("lab") && !window.contains("learn"),
        "the window is linked with what makes models"
    );
    // The names are those that cargo knows them by.
    let children: BTreeSet<String> = [linked_with("codecs")?, linked_with("torch")?]
        .into_iter()
        .flatten()
        .collect();
    for name in IN_A_CHILD_ONLY {
        assert!(children.contains(name), "no child is linked with {name}");
    }
    Ok(())
}
