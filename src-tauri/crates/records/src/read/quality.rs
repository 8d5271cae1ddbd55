//! How models and readers did, counted from the rows.

use std::collections::BTreeMap;

use domain::Timestamp;
use domain::numbers::{Agreement, DayQuality, ModelQuality, ReadFirst};
use rusqlite::Row;

use crate::database::sql;
use crate::error::Result;
use crate::vault::Vault;
use crate::words;

impl Vault {
    /// The versions that made analyses since then, and each day of them, oldest first. Of one
    /// version the newest analysis of each frame counts, of a study that the policy hides from the reader none.
    pub fn quality(&self, since: Timestamp, reader: &str) -> Result<(Vec<ModelQuality>, Vec<DayQuality>)> {
        let snapshot = self.connection.unchecked_transaction()?;
        let asked = (since.0, self.policy()?.read_first.then_some(reader));
        let mut places = BTreeMap::new();
        let mut models = Vec::new();
        each(&snapshot, sql!("list_quality_of_models"), asked, |row| {
            places.insert(row.get::<_, i64>(0)?, models.len());
            models.push(ModelQuality {
                bundle: row.get(1)?,
                version: row.get(2)?,
                analyses: count(row, 3)?,
                flagged: count(row, 4)?,
                refused: count(row, 5)?,
                outlined: count(row, 7)?,
                says_where: count(row, 8)?,
                mean_seconds: row.get(6)?,
                ..ModelQuality::default()
            });
            Ok(())
        })?;
        let mut into = |row: &Row<'_>, write: &mut dyn FnMut(&mut ModelQuality) -> Result<()>| match places
            .get(&row.get::<_, i64>(0)?)
        {
            Some(place) => write(&mut models[*place]),
            None => Ok(()),
        };
        each(&snapshot, sql!("count_decisions_of_models"), asked, |row| {
            let (decision, number): (Option<String>, u64) = (row.get(1)?, count(row, 2)?);
            into(row, &mut |model| {
                let counts = &mut model.decisions;
                *match decision.as_deref() {
                    Some("accepted") => &mut counts.accepted,
                    Some("rejected") => &mut counts.rejected,
                    Some("changed") => &mut counts.changed,
                    Some("unsure") => &mut counts.unsure,
                    _ => &mut counts.undecided,
                } += number;
                Ok(())
            })
        })?;
        each(&snapshot, sql!("count_agreement_of_models"), asked, |row| {
            into(row, &mut |model| {
                model.agreement = Agreement {
                    both: count(row, 1)?,
                    model_only: count(row, 2)?,
                    reader_only: count(row, 3)?,
                    neither: count(row, 4)?,
                };
                Ok(())
            })
        })?;
        each(&snapshot, sql!("count_readings_of_models"), asked, |row| {
            into(row, &mut |model| {
                model.read_first = ReadFirst {
                    readings: count(row, 1)?,
                    agreed: count(row, 2)?,
                    mean_seconds_to_opinion: row.get(3)?,
                };
                Ok(())
            })
        })?;
        let mut days = Vec::new();
        each(&snapshot, sql!("list_quality_by_day"), asked, |row| {
            let mut histogram = [0; 10];
            for (bin, number) in histogram.iter_mut().enumerate() {
                *number = count(row, 6 + bin)?;
            }
            days.push(DayQuality {
                day: row.get(0)?,
                bundle: row.get(1)?,
                analyses: count(row, 2)?,
                flagged: count(row, 3)?,
                outlined: count(row, 16)?,
                says_where: count(row, 17)?,
                refused: count(row, 4)?,
                mean_score: row.get(5)?,
                histogram,
            });
            Ok(())
        })?;
        Ok((models, days))
    }
}

fn each(
    connection: &rusqlite::Connection,
    sql: &str,
    asked: (i64, Option<&str>),
    mut take: impl FnMut(&Row<'_>) -> Result<()>,
) -> Result<()> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(asked)?;
    while let Some(row) = rows.next()? {
        take(row)?;
    }
    Ok(())
}

fn count(row: &Row<'_>, column: usize) -> Result<u64> {
    words::unsigned(row.get(column)?)
}
