//! Late loading of CUDA: the worker links only the CPU half of libtorch, so that it starts on every
//! machine. The CUDA half is opened here, before the first question about CUDA, for libtorch keeps
//! a "no" for the life of the process.

use std::ffi::{CStr, c_char, c_int};
use std::path::{Path, PathBuf};

use domain::{Sentence, SentenceCode};
use libloading::os::unix::{Library, RTLD_GLOBAL, RTLD_NOW};

const LEAST_DRIVER: c_int = 13_000;
/// The library that pulls in the others of the folder.
const MAIN_LIBRARY: &str = "libtorch_cuda.so";

/// A GPU that the driver knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gpu {
    pub index: u32,
    pub name: String,
    /// MiB; a driver that does not say is no reason to do without its GPU.
    pub memory_mb: Option<u64>,
}

/// `OVERREAD_CUDA`, or the folder `cuda` beside the folder that holds the CPU libraries.
pub fn folder() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("OVERREAD_CUDA") {
        return Some(folder.into());
    }
    let libraries = engine::libtorch::folder_beside(&std::env::current_exe().ok()?)?;
    let folder = libraries.parent()?.join("cuda");
    folder.is_dir().then_some(folder)
}

/// The GPU of that index, with CUDA loaded. The error is a sentence for the user.
pub fn open(index: u32, folder: Option<&Path>) -> Result<Gpu, Sentence> {
    let gpus = probe_driver()?;
    let count = gpus.len();
    let gpu = gpus.into_iter().nth(index as usize).ok_or_else(|| {
        let values = [("index", index.into()), ("count", (count as i64).into())];
        let words = format!("there is no GPU {index}: the NVIDIA driver lists {count}, counted from 0");
        Sentence::new(SentenceCode::NoGpuNumber, values, words)
    })?;
    let folder = folder.ok_or_else(|| {
        let words = "the CUDA libraries are not installed; 'cargo xtask setup --cuda' fetches them";
        Sentence::new(SentenceCode::NoGpuNotInstalled, [], words)
    })?;
    let library = folder.join(MAIN_LIBRARY);
    if !library.is_file() {
        let words = format!(
            "the CUDA libraries are not installed in {}; 'cargo xtask setup --cuda' fetches them",
            folder.display()
        );
        return Err(Sentence::new(SentenceCode::NoGpuNotInstalled, [], words));
    }
    engine::libtorch::check_folder(folder).map_err(|error| {
        Sentence::new(
            SentenceCode::NoGpuDamaged,
            [("why", error.message.as_str().into())],
            error.message,
        )
    })?;
    load_global(&library)?;
    if !tch::Cuda::is_available() || tch::Cuda::device_count() <= i64::from(index) {
        let words = "libtorch does not see the GPU although the driver does; check the driver's installation";
        return Err(Sentence::new(SentenceCode::NoGpuUnseen, [], words));
    }
    Ok(gpu)
}

#[allow(
    unsafe_code,
    reason = "loading a library runs its initialisers; sizes were checked against the manifest"
)]
fn load_global(library: &Path) -> Result<(), Sentence> {
    let loaded = unsafe { Library::open(Some(library), RTLD_NOW | RTLD_GLOBAL) };
    match loaded {
        Ok(library) => {
            // Never unloaded: libtorch keeps pointers into it.
            std::mem::forget(library);
            Ok(())
        }
        Err(error) => {
            let words = format!("the CUDA libraries cannot be loaded: {error}");
            Err(Sentence::new(
                SentenceCode::NoGpuNotLoaded,
                [("why", error.to_string().into())],
                words,
            ))
        }
    }
}

/// Asks the NVIDIA driver alone (CUDA Driver API): cheap, and safe where there is none.
#[allow(
    unsafe_code,
    reason = "the driver is a C library; signatures are those of the CUDA Driver API"
)]
fn probe_driver() -> Result<Vec<Gpu>, Sentence> {
    type Init = unsafe extern "C" fn(u32) -> c_int;
    type Ask = unsafe extern "C" fn(*mut c_int) -> c_int;
    type Name = unsafe extern "C" fn(*mut c_char, c_int, c_int) -> c_int;
    type Memory = unsafe extern "C" fn(*mut usize, c_int) -> c_int;
    let none = "this machine has no NVIDIA driver (libcuda.so.1), so there is no GPU to use";
    unsafe {
        let driver = Library::open(Some("libcuda.so.1"), RTLD_NOW)
            .map_err(|_| Sentence::new(SentenceCode::NoGpuNoDriver, [], none))?;
        let broken = |error: libloading::Error| {
            let words = format!("the NVIDIA driver is damaged: {error}");
            Sentence::new(
                SentenceCode::NoGpuDriverDamaged,
                [("why", error.to_string().into())],
                words,
            )
        };
        let init = driver.get::<Init>(b"cuInit\0").map_err(broken)?;
        let version = driver.get::<Ask>(b"cuDriverGetVersion\0").map_err(broken)?;
        let device_count = driver.get::<Ask>(b"cuDeviceGetCount\0").map_err(broken)?;
        let device_name = driver.get::<Name>(b"cuDeviceGetName\0").map_err(broken)?;
        let device_memory = driver.get::<Memory>(b"cuDeviceTotalMem_v2\0").ok();
        let status = init(0);
        if status != 0 {
            let words = format!("the NVIDIA driver finds no usable GPU (cuInit returned {status})");
            return Err(Sentence::new(
                SentenceCode::NoGpuUnusable,
                [("status", status.to_string().into())],
                words,
            ));
        }
        let (mut found, mut count) = (0, 0);
        if version(&raw mut found) != 0 || found < LEAST_DRIVER {
            let found = format!("{}.{}", found / 1000, found % 1000 / 10);
            let words = format!("the NVIDIA driver supports CUDA {found}, and 13.0 is needed; update the driver");
            return Err(Sentence::new(
                SentenceCode::NoGpuOldDriver,
                [("found", found.into())],
                words,
            ));
        }
        if device_count(&raw mut count) != 0 || count < 1 {
            let words = "the NVIDIA driver is installed, but finds no GPU";
            return Err(Sentence::new(SentenceCode::NoGpuNone, [], words));
        }
        let gpus = (0..count)
            .map(|device| {
                let mut text = [0 as c_char; 128];
                let named = device_name(text.as_mut_ptr(), 127, device) == 0;
                let name = if named {
                    CStr::from_ptr(text.as_ptr()).to_string_lossy().into_owned()
                } else {
                    "GPU".into()
                };
                let mut bytes = 0usize;
                let known = device_memory
                    .as_ref()
                    .is_some_and(|ask| ask(&raw mut bytes, device) == 0);
                Gpu {
                    index: device as u32,
                    name,
                    memory_mb: known.then_some((bytes >> 20) as u64),
                }
            })
            .collect();
        // The driver stays loaded: closing it after cuInit is not supported everywhere.
        std::mem::forget(driver);
        Ok(gpus)
    }
}
