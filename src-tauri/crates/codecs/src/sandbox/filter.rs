//! The list of system calls that decoding needs; the kernel ends the process at any other.

use std::{collections::BTreeMap, io};

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch, apply_filter,
};

/// Reading, writing, memory, the clock, signals to handle, and the end.
const ALWAYS: [i64; 26] = [
    libc::SYS_read,
    libc::SYS_write,
    libc::SYS_readv,
    libc::SYS_writev,
    libc::SYS_close,
    libc::SYS_fstat,
    libc::SYS_lseek,
    libc::SYS_poll,
    libc::SYS_munmap,
    libc::SYS_brk,
    libc::SYS_madvise,
    libc::SYS_mremap,
    libc::SYS_futex,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_getrandom,
    libc::SYS_clock_gettime,
    libc::SYS_gettid,
    libc::SYS_getpid,
    libc::SYS_restart_syscall,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_exit,
    libc::SYS_exit_group,
];

/// `PR_GET_AUXV`, by which the runtime finds the vDSO; libc has no name for it.
const GET_AUXV: i32 = 0x4155_5856;

/// Loads the filter. There is no way back.
pub(super) fn set() -> io::Result<()> {
    let program = program(std::process::id()).map_err(io::Error::other)?;
    apply_filter(&program).map_err(|error| io::Error::other(format!("the system-call filter cannot be set: {error}")))
}

/// Also refuses 32-bit calls, for the filter knows one architecture, and calls of the x32 kind, whose numbers are in no
/// list.
fn program(own_process: u32) -> Result<BpfProgram, seccompiler::BackendError> {
    let equals = |argument: u8, value: u64| condition(argument, SeccompCmpOp::Eq, value);
    let one_of = |argument: u8, values: &[i32]| -> Result<Vec<SeccompRule>, _> {
        let rules = values
            .iter()
            .map(|value| SeccompRule::new(vec![equals(argument, u64::from(value.cast_unsigned()))?]));
        rules.collect()
    };
    // Memory is never both written and run.
    let not_executable = || {
        let none = SeccompCmpOp::MaskedEq(u64::from(libc::PROT_EXEC.cast_unsigned()));
        Ok::<_, seccompiler::BackendError>(vec![SeccompRule::new(vec![condition(2, none, 0)?])?])
    };
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = ALWAYS.iter().map(|call| (*call, vec![])).collect();
    rules.insert(libc::SYS_mmap, not_executable()?);
    rules.insert(libc::SYS_mprotect, not_executable()?);
    let flags = [libc::F_GETFD, libc::F_GETFL, libc::F_SETFL, libc::F_DUPFD_CLOEXEC];
    rules.insert(libc::SYS_fcntl, one_of(1, &flags)?);
    // Its own limits, which move for each file.
    rules.insert(libc::SYS_prlimit64, one_of(0, &[0])?);
    let about_itself = [
        libc::PR_SET_PDEATHSIG,
        libc::PR_SET_NO_NEW_PRIVS,
        libc::PR_SET_NAME,
        GET_AUXV,
    ];
    rules.insert(libc::SYS_prctl, one_of(0, &about_itself)?);
    // An abort still ends by its own signal.
    let to_itself = vec![SeccompRule::new(vec![equals(0, u64::from(own_process))?])?];
    rules.insert(libc::SYS_tgkill, to_itself);
    SeccompFilter::new(
        rules,
        SeccompAction::KillProcess,
        SeccompAction::Allow,
        TargetArch::x86_64,
    )?
    .try_into()
}

fn condition(argument: u8, operator: SeccompCmpOp, value: u64) -> Result<SeccompCondition, seccompiler::BackendError> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operator, value)
}
