//! Downloads pinned wheels and takes what is wanted out of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::wheels::{PLATFORMS, Take, Wheel, requirements};
use crate::call;
use crate::failure::Failure;

const UNPACK: &str = include_str!("unpack.py");

/// Puts what the wheels give below `into`; the archives go to `archives` and are deleted one by one.
///
/// # Errors
/// When pip cannot download, a hash is wrong, an archive lacks a member, or the disk is full.
pub fn fetch(wheels: &[Wheel], archives: &Path, into: &Path) -> Result<(), Failure> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return Err(Failure::new(
            format!(
                "libtorch is pinned for Linux on x86-64, and this is {}",
                std::env::consts::ARCH
            ),
            "build on such a machine",
        ));
    }
    download(wheels, archives)?;
    for wheel in wheels {
        let archive = find(archives, wheel)?;
        let mut python = Command::new("python3");
        python
            .args(["-c", UNPACK, "take"])
            .arg(&archive)
            .arg(wheel.sha256)
            .arg(into);
        python.args(wheel.take.iter().map(rule));
        call::run(
            &mut python,
            "see that the disk has room, then run it again: a half-done set-up is redone",
        )?;
        fs::remove_file(&archive).map_err(|e| disk(&archive, &e))?;
    }
    Ok(())
}

/// "SHA256 BYTES NAME" of every library in `folder`, sorted by name.
///
/// # Errors
/// When the folder cannot be read.
pub fn list_libraries(folder: &Path) -> Result<String, Failure> {
    let mut python = Command::new("python3");
    python.args(["-c", UNPACK, "list"]).arg(folder);
    call::stdout(&mut python, "run it again: a half-done set-up is redone")
}

pub fn disk(path: &Path, error: &std::io::Error) -> Failure {
    let what = format!("{} cannot be written: {error}", path.display());
    Failure::new(
        what,
        "see that the disk has room and the folder is yours, then run it again",
    )
}

fn download(wheels: &[Wheel], archives: &Path) -> Result<(), Failure> {
    if !call::probe(Command::new("python3").args(["-m", "pip", "--version"])).is_some_and(|(there, _)| there) {
        let advice = "install Python 3.8 or newer with pip (Debian: sudo apt-get install python3-pip)";
        return Err(Failure::new("'python3 -m pip' does not run", advice));
    }
    fs::create_dir_all(archives).map_err(|e| disk(archives, &e))?;
    let list = archives.join("wheels.txt");
    fs::write(&list, requirements(wheels)).map_err(|e| disk(&list, &e))?;
    // The wheels are archives to us, so they are asked for by their own Python, whatever this machine has.
    let mut pip = Command::new("python3");
    pip.args([
        "-m",
        "pip",
        "download",
        "--disable-pip-version-check",
        "--no-deps",
        "--only-binary=:all:",
    ]);
    pip.args(["--python-version", "3.11", "--implementation", "cp", "--abi", "cp311"]);
    for platform in PLATFORMS {
        pip.args(["--platform", platform]);
    }
    pip.arg("--require-hashes").arg("-r").arg(&list).arg("-d").arg(archives);
    pip.stdout(std::io::stderr());
    call::run(
        &mut pip,
        "see that the network and the disk have room for it, then run it again",
    )
}

fn rule(take: &Take) -> String {
    match take {
        Take::Flat { pattern, to } => format!("flat:{pattern}:{to}"),
        Take::Tree { prefix, to } => format!("tree:{prefix}:{to}"),
    }
}

fn find(archives: &Path, wheel: &Wheel) -> Result<PathBuf, Failure> {
    let start = format!("{}-{}-", wheel.name.replace('-', "_"), wheel.version);
    let found = fs::read_dir(archives).ok().and_then(|entries| {
        let named = |path: &PathBuf| {
            path.file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with(&start))
        };
        entries.flatten().map(|entry| entry.path()).find(named)
    });
    found.ok_or_else(|| {
        let what = format!("pip downloaded no file whose name begins with {start}");
        Failure::new(
            what,
            "update pip (python3 -m pip install --upgrade pip) and run it again",
        )
    })
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use super::*;

    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str) -> Result<Self, std::io::Error> {
            let dir = std::env::temp_dir().join(format!("xtask-{name}-{}", std::process::id()));
            fs::create_dir_all(&dir)?;
            Ok(Self(dir))
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            if let Err(error) = fs::remove_dir_all(&self.0) {
                eprintln!("{} is left behind: {error}", self.0.display());
            }
        }
    }

    fn python(args: &[&str]) -> Result<std::process::Output, std::io::Error> {
        Command::new("python3").args(args).output()
    }

    /// A wheel is a zip file: one library, one that is not wanted, one header.
    fn make_wheel(path: &str) -> Result<String, Box<dyn Error>> {
        let script = "import hashlib, sys, zipfile\n\
            with zipfile.ZipFile(sys.argv[1], 'w') as z:\n\
            \x20   z.writestr('nvidia/cu13/lib/libone.so.13', b'\\x7fELF one')\n\
            \x20   z.writestr('nvidia/cu13/lib/libone.alt.so.13', b'\\x7fELF alt')\n\
            \x20   z.writestr('nvidia/cu13/lib/libone_static.a', b'static')\n\
            \x20   z.writestr('torch/include/a/b.h', b'header')\n\
            print(hashlib.sha256(open(sys.argv[1], 'rb').read()).hexdigest(), end='')";
        Ok(String::from_utf8(python(&["-c", script, path])?.stdout)?)
    }

    #[test]
    fn a_wheel_gives_what_the_rules_name_and_nothing_else() -> Result<(), Box<dyn Error>> {
        let scratch = Scratch::new("take")?;
        let wheel = scratch.0.join("w.whl").display().to_string();
        let out = scratch.0.join("out");
        let to = out.display().to_string();
        let sha256 = make_wheel(&wheel)?;
        let rules = ["flat:nvidia/*/lib/lib*.so*:lib", "tree:torch/include/:include"];
        let done = python(&["-c", UNPACK, "take", &wheel, &sha256, &to, rules[0], rules[1]])?;
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        assert_eq!(fs::read(out.join("include/a/b.h"))?, b"header");
        assert_eq!(fs::read_dir(out.join("lib"))?.count(), 1);
        let listed = list_libraries(&out.join("lib")).map_err(|f| f.to_string())?;
        // By coreutils: printf '\x7fELF one' | sha256sum
        let sha256 = "1ab54e74eb57f190ffbb847ac39ad1b20f45065bfe78ec25e1646599c14ccc2a";
        assert_eq!(listed, format!("{sha256} 8 libone.so.13\n"));
        Ok(())
    }

    #[test]
    fn a_changed_wheel_or_an_unmet_rule_stops_before_anything_is_written() -> Result<(), Box<dyn Error>> {
        let scratch = Scratch::new("refuse")?;
        let wheel = scratch.0.join("w.whl").display().to_string();
        let out = scratch.0.join("out");
        let to = out.display().to_string();
        let sha256 = make_wheel(&wheel)?;
        let wrong = python(&[
            "-c",
            UNPACK,
            "take",
            &wheel,
            &"0".repeat(64),
            &to,
            "tree:torch/include/:include",
        ])?;
        assert!(!wrong.status.success() && !out.exists());
        assert!(String::from_utf8_lossy(&wrong.stderr).contains(&sha256));
        let unmet = python(&["-c", UNPACK, "take", &wheel, &sha256, &to, "flat:torch/lib/*.so:lib"])?;
        assert!(!unmet.status.success());
        assert!(String::from_utf8_lossy(&unmet.stderr).contains("torch/lib/*.so"));
        Ok(())
    }
}
