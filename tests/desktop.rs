//! The real window, end to end: the program that a person starts, on a screen in memory, used by its words, its keys
//! and its pixels. Each test is one stay at the workstation.

#[path = "desktop/accessible.rs"]
mod accessible;
#[path = "desktop/file_dialog.rs"]
mod file_dialog;
#[path = "desktop/first_start.rs"]
mod first_start;
#[path = "desktop/import.rs"]
mod import;
#[path = "desktop/interrupted.rs"]
mod interrupted;
#[path = "desktop/keyboard.rs"]
mod keyboard;
#[path = "desktop/main_job.rs"]
mod main_job;
#[path = "desktop/names.rs"]
mod names;
#[path = "desktop/odd_pictures.rs"]
mod odd_pictures;
#[path = "desktop/starts.rs"]
mod starts;
#[path = "desktop/steps.rs"]
mod steps;
