//! The figures beside their bounds.

use std::fmt;
use std::fs;

#[derive(Default)]
pub struct Table {
    lines: Vec<String>,
}

impl Table {
    /// The median must not be above `bound`.
    pub fn row(&mut self, what: &str, values: &[f64], unit: &str, bound: f64) {
        let within = if median(values) <= bound { "within" } else { "MISSED" };
        self.add(what, values, unit, &format!("< {bound:.0}  {within}"));
    }

    /// The median must not be below `bound`.
    pub fn least(&mut self, what: &str, values: &[f64], unit: &str, bound: f64) {
        let within = if median(values) >= bound { "within" } else { "MISSED" };
        self.add(what, values, unit, &format!("> {bound:.0}  {within}"));
    }

    /// A figure without a bound.
    pub fn note(&mut self, what: &str, values: &[f64], unit: &str) {
        self.add(what, values, unit, "");
    }

    fn add(&mut self, what: &str, values: &[f64], unit: &str, bound: &str) {
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let greatest = values.iter().copied().fold(0.0, f64::max);
        let line = format!(
            "{what:<56} {:>8.1} {unit:<8} {:>8.1} to {:<8.1} {:>4}  {bound}",
            median(values),
            least,
            greatest,
            values.len()
        );
        // At once too: a long measuring that is broken off has said something.
        eprintln!("{line}");
        self.lines.push(line);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (measured, range) = ("measured", "least to greatest");
        writeln!(
            f,
            "{measured:<56} {:>8} {:<8} {range:<20} {:>4}  bound",
            "median", "", "n"
        )?;
        for line in &self.lines {
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Processor, cores, memory and how much else was running.
pub fn machine() -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let field = |text: &str, name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.split_once(':'));
        line.map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let load: Vec<String> = read("/proc/loadavg").split(' ').take(2).map(str::to_owned).collect();
    format!(
        "machine: {}, {cores} cores, memory {}, load {} over one and five minutes",
        field(&read("/proc/cpuinfo"), "model name"),
        field(&read("/proc/meminfo"), "MemTotal"),
        load.join(" and ")
    )
}
