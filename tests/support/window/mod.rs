//! The real window, used as a person uses it: on a screen in memory, through WebDriver.

mod dicom_file;
mod http;
mod look;
mod page;
mod screen;
mod steps;
mod webdriver;

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::process::{children, is_running, kill};
use super::program::programs;
use crate::{Found, Lack, Outcome, program};
pub use dicom_file::{DicomFile, SECONDARY_CAPTURE};
pub use look::{Area, Picture};
use screen::Screen;
pub use webdriver::Element;
use webdriver::Session;

/// One window at a time: two of them would share the processor and neither would be in time.
static TURN: Mutex<()> = Mutex::new(());

/// A workplace of its own: settings folder, answers for the dialogs, log. It stays when its window is closed or killed.
pub struct Desk {
    pub folder: PathBuf,
    screen: Screen,
    driver: PathBuf,
    program: PathBuf,
    real_dialogs: bool,
    _turn: MutexGuard<'static, ()>,
}

impl Desk {
    /// Needs the programs that drive a window.
    pub fn laid_out(below: &str, name: &str) -> Outcome<Found<Self>> {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let (driver, program) = match parts() {
            Ok(parts) => parts,
            Err(lack) => return Ok(Err(lack)),
        };
        let folder = super::vault::scratch(below, name)?;
        for part in ["config", "home", "run"] {
            fs::create_dir(folder.join(part))?;
        }
        File::create(folder.join("answers"))?;
        let desk = Self {
            screen: Screen::start(&folder.join("log"))?,
            folder,
            driver,
            program,
            real_dialogs: false,
            _turn: turn,
        };
        desk.size(1366, 768)?;
        Ok(Ok(desk))
    }

    /// How large the window opens the next time.
    pub fn size(&self, width: u32, height: u32) -> Outcome<()> {
        let placement = serde_json::json!({ "width": width, "height": height, "maximized": false });
        Ok(fs::write(
            self.folder.join("config/window.json"),
            placement.to_string(),
        )?)
    }

    /// What a person set earlier; the rest stays as it comes.
    pub fn settings(&self, changed: &serde_json::Value) -> Outcome<()> {
        Ok(fs::write(
            self.folder.join("config/settings.json"),
            changed.to_string(),
        )?)
    }

    /// Dialogs open as they do for a person, instead of taking answers.
    pub fn with_real_dialogs(mut self) -> Self {
        self.real_dialogs = true;
        self
    }

    pub fn display(&self) -> &str {
        self.screen.display()
    }

    /// What the next dialog is answered with; several files stand side by side.
    pub fn answer(&self, paths: &[&Path]) -> Outcome<()> {
        let paths: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        let mut answers = File::options().append(true).open(self.folder.join("answers"))?;
        Ok(writeln!(answers, "{}", paths.join("\t"))?)
    }

    /// What the program and its drivers said.
    pub fn log(&self) -> Outcome<String> {
        let mut said = fs::read(self.folder.join("log"))?;
        said.extend(fs::read(self.folder.join("config/overread.log")).unwrap_or_default());
        Ok(String::from_utf8_lossy(&said).into_owned())
    }

    pub fn open(&self) -> Outcome<Window<'_>> {
        self.open_with(&[])
    }

    /// Starts the program with these paths on its command line and waits until its page is there.
    pub fn open_with(&self, paths: &[&Path]) -> Outcome<Window<'_>> {
        // The program takes one answer after the other, from the first line on.
        File::create(self.folder.join("answers"))?;
        let (driver, ports) = self.drivers()?;
        let program = self.program.display().to_string();
        let arguments: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        let session = Session::open(ports, &program, &arguments).map_err(|error| self.not_open(&*error))?;
        let id = of_program(driver.0.id(), "overread-deskto").ok_or("the window's program was not found")?;
        let window = Window {
            desk: self,
            session,
            driver,
            id,
        };
        window.wait_until(
            "the page",
            "return document.body !== null && document.body.innerText.trim() !== ''",
        )?;
        Ok(window)
    }

    /// Starts both drivers; again at other ports when another program took one of theirs first.
    fn drivers(&self) -> Outcome<(Driver, [u16; 2])> {
        let mut tries = 3;
        loop {
            let ports = http::free_ports()?;
            let [port, native_port] = ports.map(|port| port.to_string());
            let mut command = self.surroundings(&self.driver)?;
            command.args(["--port", &port, "--native-port", &native_port]);
            let driver = Driver(command.spawn()?);
            tries -= 1;
            match webdriver::wait_for_both(ports) {
                Err(error) if tries == 0 => return Err(self.not_open(&*error).into()),
                Err(_) => {}
                Ok(()) => return Ok((driver, ports)),
            }
        }
    }

    fn not_open(&self, error: &dyn std::error::Error) -> String {
        let log = self.folder.join("log");
        format!("the window did not open ({error}); see {}", log.display())
    }

    /// A second start of the program, as from a terminal.
    pub fn start_again_with(&self, paths: &[&Path]) -> Outcome<std::process::ExitStatus> {
        Ok(self.surroundings(&self.program)?.args(paths).status()?)
    }

    /// `program` with the environment of this workplace and nothing of the person's who runs the tests.
    fn surroundings(&self, program: &Path) -> Outcome<Command> {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.folder.join("log"))?;
        let mut command = Command::new(program);
        for name in ["VAULT", "USER", "PASSPHRASE", "LOG", "DIALOG_ANSWERS"] {
            command.env_remove(format!("OVERREAD_{name}"));
        }
        for name in ["WAYLAND_DISPLAY", "XAUTHORITY"] {
            command.env_remove(name);
        }
        command
            .env("DISPLAY", self.screen.display())
            .env("GDK_BACKEND", "x11")
            .env("OVERREAD_CONFIG", self.folder.join("config"))
            .env("HOME", self.folder.join("home"))
            .env("XDG_RUNTIME_DIR", self.folder.join("run"))
            .env("XDG_CACHE_HOME", self.folder.join("home/cache"))
            .env("XDG_DATA_HOME", self.folder.join("home/data"))
            .env("XDG_CONFIG_HOME", self.folder.join("home/config"))
            .env("LANG", "C.UTF-8")
            .env("TZ", "UTC")
            // No bus: GTK would start one for itself, and it would stay.
            .env("DBUS_SESSION_BUS_ADDRESS", "disabled:")
            .env("GSETTINGS_BACKEND", "memory")
            .env("NO_AT_BRIDGE", "1")
            .env("GTK_USE_PORTAL", "0");
        if !self.real_dialogs {
            command.env("OVERREAD_DIALOG_ANSWERS", self.folder.join("answers"));
        }
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        Ok(command)
    }
}

/// tauri-driver and the window's program, when all is there that they need.
/// The driver and the window's program.
fn parts() -> Found<(PathBuf, PathBuf)> {
    let programs = programs().map_err(|error| Lack::of(error.to_string()))?;
    let window = programs.join("overread-desktop");
    if !window.is_file() {
        return Err(Lack::of("overread-desktop is not built; 'cargo xtask test' does"));
    }
    for name in ["Xvfb", "WebKitWebDriver"] {
        program(name)?;
    }
    let ours = programs.join("../tools/bin/tauri-driver");
    let driver = if ours.is_file() { ours } else { program("tauri-driver")? };
    Ok((driver, window))
}

/// The process of this name among all that `parent` started, directly or not.
fn of_program(parent: u32, name: &str) -> Option<u32> {
    children(parent).into_iter().find_map(|(id, program)| {
        if program == name {
            Some(id)
        } else {
            of_program(id, name)
        }
    })
}

/// All processes that `parent` started, directly or not, with the names of their programs.
fn descendants(parent: u32) -> Vec<(u32, String)> {
    let own = children(parent);
    let theirs: Vec<(u32, String)> = own.iter().flat_map(|(id, _)| descendants(*id)).collect();
    [own, theirs].concat()
}

/// tauri-driver and WebKit's driver below it; both end with this.
struct Driver(Child);

impl Drop for Driver {
    fn drop(&mut self) {
        let below = children(self.0.id());
        let _ = self.0.kill();
        let _ = self.0.wait();
        for (id, _) in below {
            let _ = kill(id);
        }
    }
}

/// The open window. What a person does in it stands in `page.rs`, what they look at in `look.rs`.
pub struct Window<'a> {
    pub desk: &'a Desk,
    session: Session,
    driver: Driver,
    id: u32,
}

impl Window<'_> {
    /// The window's program.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// The program and all that it started: the pages, the decoder, the worker.
    pub fn processes(&self) -> Vec<(u32, String)> {
        let own = (self.id, "overread-desktop".to_owned());
        [vec![own], descendants(self.id)].concat()
    }

    /// Ends the program at once, as a failing power supply would.
    pub fn kill(self) -> Outcome<()> {
        kill(self.id)?;
        self.is_gone()
    }

    /// Ends the program as the end of a desktop session does.
    pub fn close(self) -> Outcome<()> {
        let pid = Pid::from_raw(i32::try_from(self.id)?).ok_or("0 is no process")?;
        kill_process(pid, Signal::TERM)?;
        self.is_gone()?;
        let log = self.desk.log()?;
        assert!(!log.contains("panicked at"), "a panic: {log}");
        Ok(())
    }

    /// Waits until the program has ended by itself.
    pub fn is_gone(&self) -> Outcome<()> {
        let until = Instant::now() + Duration::from_secs(120);
        while is_running(self.id) {
            if Instant::now() > until {
                return Err("the window's program does not end".into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

impl Drop for Window<'_> {
    fn drop(&mut self) {
        let _ = self.session.close();
        let left = descendants(self.driver.0.id());
        for (id, _) in left.iter().filter(|(_, program)| program == "overread-deskto") {
            let _ = kill(*id);
        }
    }
}
