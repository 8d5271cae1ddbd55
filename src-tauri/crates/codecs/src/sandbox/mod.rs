//! How the child shuts itself in before the first byte of any file is read. It outlives any mistake of a codec.
//!
//! The list of system calls is the wall, Landlock the second one, and limits bound what is used (record 31). The order
//! matters: Landlock needs a free file number, and nothing can be opened or set after the filter.

mod filter;

use std::io;

use landlock::{ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr, Scope};
use rustix::{
    process::{Resource, Rlimit, Signal, set_parent_process_death_signal, setrlimit},
    thread::set_no_new_privs,
    time::{ClockId, clock_gettime},
};

use decode::Limits;

/// Standard input, output and error.
const STANDARD_STREAMS: u32 = 3;
/// Those, and the unbuffered copy of the output.
const OPEN_FILES: u32 = STANDARD_STREAMS + 1;

/// Called before the first byte of any file is read. From here on this process cannot open a file or a socket, start a
/// process or a thread, touch another one, write to a disk, run code that it wrote itself, leave a core dump, gain
/// rights, or outlive its parent: the kernel ends it at the first system call that decoding does not need.
///
/// # Errors
/// When a limit or the filter cannot be set; the child must not go on then. A kernel without Landlock is no error.
pub fn enter(limits: &Limits) -> io::Result<()> {
    without_filter(limits)?;
    filter::set()
}

/// [`enter`] without the filter of system calls, for tests that show what the filter alone holds back.
///
/// # Errors
/// When a limit cannot be set.
pub fn without_filter(limits: &Limits) -> io::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    set_no_new_privs(true)?;
    // The second wall, where the kernel has it.
    let _ = no_files_no_network();
    let fixed = |value| Rlimit {
        current: Some(value),
        maximum: Some(value),
    };
    setrlimit(Resource::Core, fixed(0))?;
    setrlimit(Resource::Fsize, fixed(0))?;
    setrlimit(Resource::Nproc, fixed(0))?;
    setrlimit(Resource::Nofile, fixed(u64::from(OPEN_FILES)))?;
    allow(limits, 0, 0)
}

/// Closes what the parent left open, or whoever started the parent: all but the standard streams. It comes before
/// anything of this process is opened.
#[allow(
    unsafe_code,
    reason = "no crate of the tree gives this call a safe form; it takes two numbers"
)]
pub(crate) fn close_inherited() {
    // SAFETY: the process has just begun, and nothing in it owns a file but the standard streams. A kernel that does not
    // know the call answers with an error.
    let _ = unsafe { libc::syscall(libc::SYS_close_range, STANDARD_STREAMS, u32::MAX, 0) };
}

/// Denies every path, every port, and signals and sockets to processes outside, as far as the kernel can.
fn no_files_no_network() -> Result<(), landlock::RulesetError> {
    let newest = ABI::V6;
    Ruleset::default()
        .handle_access(AccessFs::from_all(newest))?
        .handle_access(AccessNet::from_all(newest))?
        .scope(Scope::from_all(newest))?
        .create()?
        .restrict_self()?;
    Ok(())
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
