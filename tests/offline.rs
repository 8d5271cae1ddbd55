//! Nothing talks to a network: not one socket is opened by any process of the main job.

use std::fs;

use overread_tests::{BUNDLE, Done, Lack, TestVault, each, need, program, scratch, text};

/// `strace` sees the calls of the program and of both its children.
#[test]
fn the_main_job_opens_no_socket() -> Done {
    need!(program("strace"));
    let place = TestVault::create(scratch(env!("CARGO_TARGET_TMPDIR"), "offline")?)?;
    let log = place.folder.join("calls");
    let log_name = log.display().to_string();
    // Of all calls only those that make a process or a socket.
    let watch = [
        "strace",
        "-f",
        "-qq",
        "-e",
        "trace=execve,%network",
        "-e",
        "signal=none",
        "-o",
        log_name.as_str(),
    ];
    let probe = place.call("vault status").under(watch).run()?;
    if probe.code != Some(0) || !log.exists() {
        return Lack::of(format!("this system does not let strace watch: {}", probe.stderr)).end();
    }
    let mut calls = fs::read_to_string(&log)?;
    let mut watched = |call: overread_tests::Call| -> overread_tests::Outcome<serde_json::Value> {
        let json = call.under(watch).run()?.ended(0).json()?;
        calls += &fs::read_to_string(&log)?;
        Ok(json)
    };
    let picture = place.samples.join("dicom/lesion-1");
    let imported = watched(place.call("import").arg(&picture))?;
    let study = each(&imported, "studies")
        .first()
        .and_then(|s| s.as_str())
        .ok_or("nothing was imported")?
        .to_owned();
    let analyzed = watched(place.call("analyze --new --bundle").arg(BUNDLE))?;
    assert_eq!(each(&analyzed, "analyses").len(), 9);
    watched(
        place
            .call("analyze --bundle")
            .arg(BUNDLE)
            .arg(place.samples.join("png/lesion-01.png")),
    )?;
    watched(place.call("list"))?;
    for format in ["pdf", "csv", "png"] {
        let out = place.folder.join(format!("report.{format}"));
        let report = watched(
            place
                .call("report --format")
                .arg(format)
                .arg("--out")
                .arg(&out)
                .arg(&study),
        )?;
        assert_eq!(text(&report, "format"), format);
    }
    for program in ["overread", "overread-decoder", "overread-worker"] {
        let started = calls
            .lines()
            .any(|line| line.contains("execve(") && line.contains(&format!("/{program}\"")));
        assert!(started, "{program} was not seen: {calls}");
    }
    let sockets: Vec<&str> = calls.lines().filter(|line| !line.contains("execve")).collect();
    assert!(sockets.is_empty(), "\n{}", sockets.join("\n"));
    Ok(())
}
