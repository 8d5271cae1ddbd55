//! The encrypted database: opening it and bringing its schema up to date.

mod connect;
mod migrate;

pub(crate) use connect::{Existing, connect};
#[cfg(test)]
pub(crate) use migrate::STEPS;
pub(crate) use migrate::{migrate, migration_error, migrations, schema_version};

/// The text of the statement `sql/<name>.sql`.
macro_rules! sql {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/sql/", $name, ".sql"))
    };
}
pub(crate) use sql;
