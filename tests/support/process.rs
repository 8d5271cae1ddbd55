//! Looking at processes through `/proc`.

use std::fs;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use crate::Outcome;

/// Processes that `parent` started and that still run, with the name of their program.
pub fn children(parent: u32) -> Vec<(u32, String)> {
    let Ok(all) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    let ids = all
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let mut found: Vec<(u32, String)> = ids
        .filter_map(|id: u32| {
            let stat = Stat::of(id)?;
            (stat.parent == parent && stat.state != 'Z').then_some((id, stat.program))
        })
        .collect();
    found.sort();
    found
}

/// Whether the process is there and not merely waiting to be buried by a parent that is gone.
pub fn is_running(id: u32) -> bool {
    Stat::of(id).is_some_and(|stat| stat.state != 'Z')
}

/// Children that were seen before, none of which outlives its parent. Panics after a minute, which tells a hang.
pub fn all_gone(left: &[(u32, String)]) {
    let until = Instant::now() + Duration::from_secs(60);
    while left.iter().any(|(id, _)| is_running(*id)) && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(20));
    }
    for (id, program) in left {
        assert!(!is_running(*id), "{program} outlived its parent");
    }
}

/// Ends exactly this process, without a chance to clean up.
pub fn kill(id: u32) -> Outcome<()> {
    send(id, Signal::KILL)
}

/// Asks exactly this process to stop.
pub fn interrupt(id: u32) -> Outcome<()> {
    send(id, Signal::INT)
}

/// What Ctrl+C sends, to all processes of the group that `id` leads.
pub fn interrupt_group(id: u32) -> Outcome<()> {
    let pid = Pid::from_raw(i32::try_from(id)?).ok_or("0 is no process")?;
    Ok(kill_process_group(pid, Signal::INT)?)
}

fn send(id: u32, signal: Signal) -> Outcome<()> {
    let pid = Pid::from_raw(i32::try_from(id)?).ok_or("0 is no process")?;
    Ok(kill_process(pid, signal)?)
}

/// Highest resident memory so far in KiB; `None` once the process has ended.
pub fn peak_rss_kib(id: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}

/// Processor time of the process and of the children that it has waited for; `None` once it has been waited for itself.
pub fn processor_time(id: u32) -> Option<Duration> {
    let line = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let fields = line.rsplit_once(')')?.1.split_whitespace().skip(11).take(4);
    let ticks: u64 = fields.map(|field| field.parse::<u64>().ok()).sum::<Option<u64>>()?;
    // Linux counts in hundredths of a second for programs, whatever its own clock does.
    Some(Duration::from_millis(ticks * 10))
}

struct Stat {
    program: String,
    state: char,
    parent: u32,
}

impl Stat {
    /// The first fields of `/proc/ID/stat`; the name stands in parentheses and may hold any letter.
    fn of(id: u32) -> Option<Self> {
        let line = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        let (name, rest) = line.split_once('(')?.1.rsplit_once(')')?;
        let mut rest = rest.split_whitespace();
        Some(Self {
            program: name.to_owned(),
            state: rest.next()?.chars().next()?,
            parent: rest.next()?.parse().ok()?,
        })
    }
}
