//! Tests of the whole room. They live inside it, since some of them open the database by its raw
//! key to do what the room itself never does.

mod audit;
mod backup;
mod damage;
mod failures;
mod files;
mod jobs;
mod list;
mod migration;
mod opening;
mod order;
mod planes;
mod quality;
mod reading;
mod restored;
mod round_trip;
mod sample;
mod says_where;
mod secrecy;
mod signed;
mod stated;
mod stored;
mod worklist;

pub(super) type Outcome = std::result::Result<(), Box<dyn std::error::Error>>;
