pub mod bundle;
pub mod data;
pub mod installed;
pub mod json;
pub mod process;
pub mod program;
pub mod vault;
pub mod window;
