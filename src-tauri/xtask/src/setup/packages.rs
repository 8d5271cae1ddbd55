//! What comes from the operating system.

use std::fs;
use std::process::Command;

use super::Purpose;
use crate::call;
use crate::failure::Failure;

/// cmake and nasm build libjpeg-turbo and CharLS.
const BUILD: [&str; 8] = [
    "build-essential",
    "cmake",
    "nasm",
    "pkg-config",
    "libssl-dev",
    "ca-certificates",
    "libgtk-3-dev",
    "libwebkit2gtk-4.1-dev",
];
/// Reports are read back with poppler, sockets are watched for with strace. The window is tested on a screen in
/// memory, by WebKit's driver and a program that types; its pages in Chromium too.
const TEST: [&str; 8] = [
    "poppler-utils",
    "strace",
    "xvfb",
    "webkit2gtk-driver",
    "xdotool",
    "chromium",
    "fonts-dejavu-core",
    "libgl1-mesa-dri",
];

/// What the benchmarks are set beside, and what writes a disc for them.
const BENCH: [&str; 2] = ["dcmtk", "genisoimage"];

fn wanted(purpose: Purpose) -> Vec<&'static str> {
    match purpose {
        Purpose::Build => BUILD.to_vec(),
        Purpose::Test => [&BUILD[..], &TEST[..]].concat(),
        Purpose::Bench => [&BUILD[..], &BENCH[..]].concat(),
    }
}

/// # Errors
/// When something is missing and cannot be installed from here: the command to do it by hand.
pub fn install(purpose: Purpose) -> Result<(), Failure> {
    let wanted = wanted(purpose);
    let os_release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    if !is_debian(&os_release) {
        return look_elsewhere(purpose);
    }
    let mut query = Command::new("dpkg-query");
    query
        .args(["-W", "-f", "${Package} ${db:Status-Abbrev}\n"])
        .args(&wanted);
    let Some((_, listing)) = call::probe(&mut query) else {
        return look_elsewhere(purpose);
    };
    let missing = missing(&wanted, &listing);
    if missing.is_empty() {
        return Ok(());
    }
    apt(&missing)
}

fn apt(missing: &[&str]) -> Result<(), Failure> {
    let by_hand = format!(
        "sudo apt-get update && sudo apt-get install -y --no-install-recommends {}",
        missing.join(" ")
    );
    let advice = format!("run this, then start again: {by_hand}");
    let root = call::probe(Command::new("id").arg("-u")).is_some_and(|(_, id)| id.trim() == "0");
    if !root && !call::probe(Command::new("sudo").args(["-n", "true"])).is_some_and(|(done, _)| done) {
        let what = format!(
            "{} not installed, and installing needs an administrator",
            missing.join(", ")
        );
        return Err(Failure::new(what, advice));
    }
    eprintln!("installing Debian packages: {}", missing.join(" "));
    let apt_get = || {
        let mut command = Command::new(if root { "env" } else { "sudo" });
        command.args(if root { &[][..] } else { &["-n", "env"][..] });
        command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        command
    };
    // apt's progress belongs to stderr: stdout is the program's.
    let quietly = |command: &mut Command| -> Result<(), Failure> {
        command.stdout(std::io::stderr());
        call::run(command, &advice)
    };
    quietly(apt_get().args(["-q", "update"]))?;
    quietly(
        apt_get()
            .args(["-q", "install", "-y", "--no-install-recommends"])
            .args(missing),
    )
}

fn is_debian(os_release: &str) -> bool {
    os_release
        .lines()
        .filter_map(|line| line.strip_prefix("ID=").or_else(|| line.strip_prefix("ID_LIKE=")))
        .flat_map(|ids| ids.trim_matches('"').split_whitespace())
        .any(|id| id == "debian")
}

/// What of `wanted` is not fully installed by the word of `dpkg-query` (lines of `name status`).
fn missing<'a>(wanted: &[&'a str], listing: &str) -> Vec<&'a str> {
    let installed = |name: &str| {
        listing
            .lines()
            .filter_map(|line| line.split_once(' '))
            .any(|(n, status)| n == name && status.trim() == "ii")
    };
    wanted.iter().copied().filter(|name| !installed(name)).collect()
}

/// Not Debian: packages have other names there, so the programs and libraries themselves are looked for.
fn look_elsewhere(purpose: Purpose) -> Result<(), Failure> {
    let works =
        |program: &str, args: &[&str]| call::probe(Command::new(program).args(args)).is_some_and(|(done, _)| done);
    let there = |program: &str| works("sh", &["-c", &format!("command -v {program}")]);
    let mut lacking = Vec::new();
    for (found, name) in [
        (works("cc", &["--version"]), "a C compiler and make"),
        (works("pkg-config", &["--version"]), "pkg-config"),
        (
            works("pkg-config", &["--exists", "openssl"]),
            "OpenSSL 3 with its headers",
        ),
        (
            works("pkg-config", &["--exists", "gtk+-3.0", "webkit2gtk-4.1"]),
            "GTK 3 and WebKitGTK 4.1 with their headers",
        ),
        (purpose != Purpose::Test || works("strace", &["-V"]), "strace"),
        (
            purpose != Purpose::Test || works("pdftotext", &["-v"]),
            "poppler's command-line programs",
        ),
        (purpose != Purpose::Test || there("Xvfb"), "Xvfb"),
        (purpose != Purpose::Test || there("WebKitWebDriver"), "WebKitWebDriver"),
        (purpose != Purpose::Test || there("xdotool"), "xdotool"),
        (purpose != Purpose::Test || there("chromium"), "Chromium"),
        (purpose != Purpose::Bench || there("dcmdjpeg"), "dcmtk"),
        (purpose != Purpose::Bench || there("genisoimage"), "genisoimage"),
    ] {
        if !found {
            lacking.push(name);
        }
    }
    if lacking.is_empty() {
        return Ok(());
    }
    Err(Failure::new(
        format!("this is not Debian, and these are not there: {}", lacking.join(", ")),
        "install them with this system's own package program, then start again",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_fully_installed_package_counts() {
        let listing = "build-essential ii \npkg-config rc \nlibssl-dev iU \ndcmtk-doc ii \n";
        assert_eq!(
            missing(&["build-essential", "pkg-config", "libssl-dev", "dcmtk"], listing),
            ["pkg-config", "libssl-dev", "dcmtk"]
        );
        assert!(missing(&["build-essential"], listing).is_empty());
    }

    #[test]
    fn the_tests_need_all_that_the_build_needs() {
        let test = wanted(Purpose::Test);
        assert!(wanted(Purpose::Build).iter().all(|name| test.contains(name)));
        assert!(wanted(Purpose::Bench).contains(&"dcmtk") && !test.contains(&"dcmtk"));
        assert!(test.contains(&"strace") && !wanted(Purpose::Build).contains(&"strace"));
    }

    #[test]
    fn debian_and_its_children_are_known() {
        assert!(is_debian("NAME=x\nID=debian\n"));
        assert!(is_debian("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n"));
        assert!(!is_debian("ID=fedora\nID_LIKE=\"rhel\"\nHOME=debian\n"));
    }
}
