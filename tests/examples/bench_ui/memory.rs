//! Memory as the kernel divides it: what several processes share is counted once.

use std::collections::BTreeMap;
use std::fs;

pub struct Memory {
    /// Without the worker, whose size is the model's.
    pub total: f64,
    pub programs: Vec<(String, f64)>,
}

pub fn pss_mib(processes: &[(u32, String)]) -> Memory {
    let mut programs: BTreeMap<String, f64> = BTreeMap::new();
    let without_worker = processes.iter().filter(|(_, program)| program != "overread-worker");
    for (id, program) in without_worker {
        // A process that has just ended holds nothing.
        *programs.entry(program.clone()).or_default() += pss_kib(*id).unwrap_or_default() / 1024.0;
    }
    Memory {
        total: programs.values().sum(),
        programs: programs.into_iter().collect(),
    }
}

fn pss_kib(id: u32) -> Option<f64> {
    let rollup = fs::read_to_string(format!("/proc/{id}/smaps_rollup")).ok()?;
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}
