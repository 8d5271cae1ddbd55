//! System calls that a decoder has no use for, each made once. None does harm where it works.

use std::{
    ffi::{CString, c_long, c_void},
    io,
    ptr::{null, null_mut},
};

/// Takes a folder that holds a file `file`; fails as the kernel says.
pub type Probe = fn(&str) -> io::Result<()>;

fn ended(result: c_long) -> io::Result<()> {
    if result < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}

fn text(text: &str) -> io::Result<CString> {
    CString::new(text).map_err(io::Error::other)
}

/// A bare system call; the arguments are numbers, or pointers to what outlives the call.
macro_rules! call {
    ($number:ident $(, $argument:expr)* $(,)?) => {
        // SAFETY: each attempt passes what the call takes; pointers are to live values or null.
        ended(unsafe { libc::syscall(libc::$number $(, $argument)*) })
    };
}

/// A call with a path in the folder.
macro_rules! with_path {
    ($name:literal, $path:ident => $call:expr) => {
        |folder: &str| {
            let $path = text(&format!("{folder}/{}", $name))?;
            $call
        }
    };
}

fn parent() -> c_long {
    // SAFETY: takes nothing.
    unsafe { libc::syscall(libc::SYS_getppid) }
}

/// Groups and user 65534, so that a privilege of root is no help.
pub fn become_nobody() -> io::Result<()> {
    call!(SYS_setgroups, 0, null::<c_void>())?;
    call!(SYS_setgid, 65_534)?;
    call!(SYS_setuid, 65_534)
}

const PAGE: usize = 4096;
const ANONYMOUS: i32 = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;

pub const PROBES: [(&str, Probe); 54] = [
    (
        "open",
        with_path!("file", path => call!(SYS_open, path.as_ptr(), libc::O_RDONLY)),
    ),
    (
        "openat",
        with_path!("file", path => call!(SYS_openat, libc::AT_FDCWD, path.as_ptr(), libc::O_RDONLY)),
    ),
    (
        "openat2",
        with_path!("file", path => {
            let how = [0_u64; 3];
            call!(SYS_openat2, libc::AT_FDCWD, path.as_ptr(), how.as_ptr(), size_of_val(&how))
        }),
    ),
    (
        "open-after-close",
        with_path!("file", path => {
            // A limit on open files alone lets one be opened for one that is closed.
            call!(SYS_close, 2)?;
            call!(SYS_open, path.as_ptr(), libc::O_RDONLY)
        }),
    ),
    (
        "creat",
        with_path!("new", path => call!(SYS_creat, path.as_ptr(), 0o600)),
    ),
    ("unlink", with_path!("file", path => call!(SYS_unlink, path.as_ptr()))),
    ("rename", |folder| {
        let (from, to) = (text(&format!("{folder}/file"))?, text(&format!("{folder}/other"))?);
        call!(SYS_rename, from.as_ptr(), to.as_ptr())
    }),
    (
        "mkdir",
        with_path!("folder", path => call!(SYS_mkdir, path.as_ptr(), 0o700)),
    ),
    (
        "mknod",
        with_path!("pipe", path => call!(SYS_mknod, path.as_ptr(), libc::S_IFIFO | 0o600, 0)),
    ),
    (
        "symlink",
        with_path!("link", path => call!(SYS_symlink, path.as_ptr(), path.as_ptr())),
    ),
    (
        "chmod",
        with_path!("file", path => call!(SYS_chmod, path.as_ptr(), 0o600)),
    ),
    (
        "truncate",
        with_path!("file", path => call!(SYS_truncate, path.as_ptr(), 0)),
    ),
    (
        "stat",
        with_path!("file", path => {
            let mut room = [0_u8; 512];
            call!(SYS_stat, path.as_ptr(), room.as_mut_ptr())
        }),
    ),
    ("getdents", |folder| {
        let path = text(folder)?;
        // SAFETY: the path outlives the call.
        let folder = unsafe { libc::syscall(libc::SYS_open, path.as_ptr(), libc::O_RDONLY) };
        let mut room = [0_u8; 1024];
        call!(SYS_getdents64, folder, room.as_mut_ptr(), room.len())
    }),
    ("chdir", |folder| {
        let path = text(folder)?;
        call!(SYS_chdir, path.as_ptr())
    }),
    ("chroot", |folder| {
        let path = text(folder)?;
        call!(SYS_chroot, path.as_ptr())
    }),
    ("mount", |folder| {
        let path = text(folder)?;
        // Changes nothing of a folder that is no mount.
        call!(
            SYS_mount,
            null::<c_void>(),
            path.as_ptr(),
            null::<c_void>(),
            libc::MS_REMOUNT,
            null::<c_void>()
        )
    }),
    ("parents-memory", |_| {
        let path = text(&format!("/proc/{}/mem", parent()))?;
        call!(SYS_open, path.as_ptr(), libc::O_RDONLY)
    }),
    ("parents-environment", |_| {
        let path = text(&format!("/proc/{}/environ", parent()))?;
        call!(SYS_open, path.as_ptr(), libc::O_RDONLY)
    }),
    ("own-maps", |_| {
        call!(SYS_open, c"/proc/self/maps".as_ptr(), libc::O_RDONLY)
    }),
    ("socket-inet", |_| {
        call!(SYS_socket, libc::AF_INET, libc::SOCK_STREAM, 0)
    }),
    ("socket-unix", |_| {
        call!(SYS_socket, libc::AF_UNIX, libc::SOCK_STREAM, 0)
    }),
    ("socket-netlink", |_| {
        call!(SYS_socket, libc::AF_NETLINK, libc::SOCK_RAW, 0)
    }),
    ("socketpair", |_| {
        let mut pair = [0_i32; 2];
        call!(SYS_socketpair, libc::AF_UNIX, libc::SOCK_STREAM, 0, pair.as_mut_ptr())
    }),
    ("pipe", |_| {
        let mut pair = [0_i32; 2];
        call!(SYS_pipe2, pair.as_mut_ptr(), 0)
    }),
    ("fork", |_| leave_if_new(libc::SYS_fork)),
    ("vfork-like-clone", |_| {
        // SAFETY: a process of its own stack's copy, which ends at once.
        let made = unsafe { libc::syscall(libc::SYS_clone, libc::SIGCHLD, 0, 0, 0, 0) };
        end_if_zero(made)
    }),
    ("clone3", |_| {
        let mut how = [0_u64; 11];
        how[4] = u64::from(libc::SIGCHLD.cast_unsigned());
        // SAFETY: the structure outlives the call; the new process ends at once.
        let made = unsafe { libc::syscall(libc::SYS_clone3, how.as_ptr(), size_of_val(&how)) };
        end_if_zero(made)
    }),
    ("thread", |_| std::thread::Builder::new().spawn(|| ()).map(drop)),
    ("execve", |_| {
        let arguments = [c"/bin/true".as_ptr(), null()];
        call!(SYS_execve, c"/bin/true".as_ptr(), arguments.as_ptr(), null::<c_void>())
    }),
    // Seizing does not stop the parent, as attaching would.
    ("ptrace", |_| call!(SYS_ptrace, libc::PTRACE_SEIZE, parent(), 0, 0)),
    ("process-vm-readv", |_| {
        let mut byte = 0_u8;
        let to = libc::iovec {
            iov_base: (&raw mut byte).cast(),
            iov_len: 1,
        };
        let from = libc::iovec {
            iov_base: process_vm_place(),
            iov_len: 1,
        };
        call!(SYS_process_vm_readv, parent(), &raw const to, 1, &raw const from, 1, 0)
    }),
    ("kill", |_| call!(SYS_kill, parent(), 0)),
    ("kill-everyone", |_| call!(SYS_kill, -1, 0)),
    ("tgkill-parent", |_| call!(SYS_tgkill, parent(), parent(), 0)),
    ("pidfd-open", |_| call!(SYS_pidfd_open, parent(), 0)),
    ("prlimit-parent", |_| {
        let mut limit = [0_u64; 2];
        call!(
            SYS_prlimit64,
            parent(),
            libc::RLIMIT_NOFILE,
            null::<c_void>(),
            limit.as_mut_ptr()
        )
    }),
    ("executable-memory", |_| {
        call!(
            SYS_mmap,
            0,
            PAGE,
            libc::PROT_READ | libc::PROT_WRITE | libc::PROT_EXEC,
            ANONYMOUS,
            -1,
            0
        )
    }),
    ("made-executable", |_| {
        // SAFETY: a new page that nothing else uses.
        let page = unsafe { libc::mmap(null_mut(), PAGE, libc::PROT_READ | libc::PROT_WRITE, ANONYMOUS, -1, 0) };
        call!(SYS_mprotect, page, PAGE, libc::PROT_READ | libc::PROT_EXEC)
    }),
    ("memfd", |_| call!(SYS_memfd_create, c"m".as_ptr(), 0)),
    ("shared-memory", |_| call!(SYS_shmget, libc::IPC_PRIVATE, PAGE, 0o600)),
    ("message-queue", |_| call!(SYS_msgget, libc::IPC_PRIVATE, 0o600)),
    ("unshare", |_| call!(SYS_unshare, libc::CLONE_NEWUSER)),
    ("setuid", |_| call!(SYS_setuid, 65_534)),
    ("keyctl", |_| call!(SYS_keyctl, 0, -3, 0)),
    ("io-uring", |_| {
        let mut how = [0_u8; 120];
        call!(SYS_io_uring_setup, 1, how.as_mut_ptr())
    }),
    ("bpf", |_| {
        let mut how = [0_u32; 32];
        // An array of one value.
        how[..4].copy_from_slice(&[2, 4, 4, 1]);
        call!(SYS_bpf, 0, how.as_mut_ptr(), size_of_val(&how))
    }),
    ("perf-event", |_| {
        let mut how = [0_u64; 16];
        // A software event: the processor's clock of this process.
        how[0] = 1 | 128 << 32;
        call!(SYS_perf_event_open, how.as_mut_ptr(), 0, -1, -1, 0)
    }),
    ("userfaultfd", |_| call!(SYS_userfaultfd, 1)),
    ("uname", |_| {
        let mut room = [0_u8; 1024];
        call!(SYS_uname, room.as_mut_ptr())
    }),
    ("dup", |_| call!(SYS_dup2, 1, 2)),
    ("set-name-of-host", |_| call!(SYS_setdomainname, c"".as_ptr(), -1)),
    ("other-prctl", |_| call!(SYS_prctl, libc::PR_SET_DUMPABLE, 1, 0, 0, 0)),
    ("thirty-two-bits", |_| {
        let answer: i32;
        // SAFETY: getpid of the 32-bit kind takes nothing and changes nothing but its result.
        unsafe {
            std::arch::asm!("int 0x80", inlateout("eax") 20 => answer, out("r8") _, out("r9") _, out("r10") _, out("r11") _)
        };
        if answer > 0 {
            Ok(())
        } else {
            Err(io::Error::from_raw_os_error(-answer))
        }
    }),
];

/// Some place that may lie in the parent's memory too.
fn process_vm_place() -> *mut c_void {
    static HERE: u8 = 0;
    (&raw const HERE).cast_mut().cast()
}

fn leave_if_new(number: c_long) -> io::Result<()> {
    // SAFETY: the new process ends at once.
    end_if_zero(unsafe { libc::syscall(number) })
}

fn end_if_zero(made: c_long) -> io::Result<()> {
    if made == 0 {
        // SAFETY: ends this process.
        unsafe { libc::_exit(0) }
    }
    ended(made)
}
