//! Limits that the child sets on itself. They outlive any mistake of a codec.

use std::io;

use rustix::{
    process::{Resource, Rlimit, Signal, set_parent_process_death_signal, setrlimit},
    thread::set_no_new_privs,
    time::{ClockId, clock_gettime},
};

use decode::Limits;

/// Standard input, output, error, and the unbuffered copy of the output.
const OPEN_FILES: u64 = 4;

/// Called before the first byte of any file is read. From here on this process cannot open a file or
/// a socket, write to a disk, leave a core dump, gain rights, or outlive its parent.
pub(crate) fn enter(limits: &Limits) -> io::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    set_no_new_privs(true)?;
    let fixed = |value| Rlimit {
        current: Some(value),
        maximum: Some(value),
    };
    setrlimit(Resource::Core, fixed(0))?;
    setrlimit(Resource::Fsize, fixed(0))?;
    setrlimit(Resource::Nofile, fixed(OPEN_FILES))?;
    allow(limits, 0, 0)
}

/// Sets what one file may use from now on: `file` and `declared` are bytes of the file and of the
/// image it declares. Only soft limits move, below a ceiling that `limits` sets for good.
pub(crate) fn allow(limits: &Limits, file: u64, declared: u64) -> io::Result<()> {
    let ceiling = limits.memory_bytes + limits.max_file_bytes + limits.max_pixels_bytes;
    let memory = (limits.memory_bytes + file + declared).min(ceiling);
    setrlimit(
        Resource::As,
        Rlimit {
            current: Some(memory),
            maximum: Some(ceiling),
        },
    )?;
    // One second more: the time used so far is rounded down.
    let used = u64::try_from(clock_gettime(ClockId::ProcessCPUTime).tv_sec).unwrap_or(0) + 1;
    let seconds = used + limits.cpu_seconds + limits.extra_seconds(file + declared);
    setrlimit(
        Resource::Cpu,
        Rlimit {
            current: Some(seconds),
            maximum: None,
        },
    )?;
    Ok(())
}
