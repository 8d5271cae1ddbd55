//! What was measured, by transfer syntax.

use std::collections::BTreeMap;

use super::Outcome;

/// Medians of one file, in seconds.
pub struct Row {
    pub file: String,
    /// Through the pool, by a child that is kept.
    pub ours: f64,
    /// Through the pool, by a child that was started ahead and has seen no file.
    pub fresh: f64,
    pub pydicom: f64,
    /// The codec alone, of JPEG 2000.
    pub openjpeg: Option<f64>,
    pub megapixels: f64,
}

pub fn median(values: Vec<f64>) -> f64 {
    quantile(&sorted(values), 0.5)
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

/// The value below which that share of them lies; not a number where there are none.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let last = sorted.len().saturating_sub(1) as f64;
    sorted.get((last * share).round() as usize).copied().unwrap_or(f64::NAN)
}

pub fn print(rows: &BTreeMap<String, Vec<Row>>, rounds: usize) -> Outcome<()> {
    println!(
        "time of a file through the pool against pydicom in one process, medians of {rounds} turns; less is better"
    );
    println!(
        "| transfer syntax | files | median | 10 % | 90 % | with a fresh child | worst |\n|---|---:|---:|---:|---:|---:|---|"
    );
    let all: Vec<&Row> = rows.values().flatten().collect();
    for (syntax, rows) in rows {
        line(syntax, &rows.iter().collect::<Vec<_>>());
    }
    line("**all**", &all);
    println!("\nJPEG 2000 through the pool against OpenJPEG alone, one thread; more is better");
    println!("| file | Mpixel/s | OpenJPEG | share |\n|---|---:|---:|---:|");
    let mut shares = vec![];
    for row in all {
        if let Some(theirs) = row.openjpeg {
            shares.push(theirs / row.ours);
            println!(
                "| {} | {:.1} | {:.1} | {:.2} |",
                row.file,
                row.megapixels / row.ours,
                row.megapixels / theirs,
                theirs / row.ours
            );
        }
    }
    println!("median share {:.2}\n", median(shares));
    Ok(())
}

fn line(name: &str, rows: &[&Row]) {
    let ratios = sorted(rows.iter().map(|row| row.ours / row.pydicom).collect());
    let fresh = median(rows.iter().map(|row| row.fresh / row.pydicom).collect());
    let worst = rows
        .iter()
        .max_by(|a, b| (a.ours / a.pydicom).total_cmp(&(b.ours / b.pydicom)));
    let worst = worst.map(|row| {
        format!(
            "{}: {:.2} ms against {:.2}",
            row.file,
            1e3 * row.ours,
            1e3 * row.pydicom
        )
    });
    println!(
        "| {name} | {} | {:.2} | {:.2} | {:.2} | {fresh:.2} | {} |",
        rows.len(),
        quantile(&ratios, 0.5),
        quantile(&ratios, 0.1),
        quantile(&ratios, 0.9),
        worst.unwrap_or_default()
    );
}
