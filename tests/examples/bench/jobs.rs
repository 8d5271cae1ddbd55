//! What a day's work costs through the terminal: 1,000 uncompressed slices of 512 x 512 imported, 100 studies of 9 slices analysed.
//! A second program (`--beside PATH`) does the same in turns: a build of another day, or of another level.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use decode::{Decoders, Limits, Source, Urgency, Wanted};

use super::{Outcome, median};

const SLICES: usize = 1000;
const STUDIES: usize = 100;
const SLICES_OF_A_STUDY: usize = 9;
const ROUNDS: usize = 3;
/// The end of a UID that is overwritten, so that it stays as long as it is.
const COUNTER_DIGITS: usize = 7;

pub fn jobs(programs: &[PathBuf], series: &Path) -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let (one, many) = (folder.path().join("one"), folder.path().join("many"));
    Slices::read(series)?.of_512()?.write(&one, 1, SLICES)?;
    Slices::read(series)?.write(&many, STUDIES, SLICES_OF_A_STUDY)?;
    let mut times = vec![(vec![], vec![]); programs.len()];
    for round in 0..ROUNDS {
        for (program, (import, analysis)) in programs.iter().zip(&mut times) {
            let vault = folder.path().join(format!("import-{round}-{}", import.len()));
            let run = Run { program, vault: &vault };
            run.seconds(&["vault", "create"])?;
            import.push(run.seconds(&["import", text(&one)?])?);
            fs::remove_dir_all(&vault)?;
            run.seconds(&["vault", "create"])?;
            run.seconds(&["import", text(&many)?])?;
            analysis.push(run.seconds(&["analyze", "--new"])?);
            fs::remove_dir_all(&vault)?;
        }
    }
    for (program, (import, analysis)) in programs.iter().zip(times) {
        let (import, analysis) = (median(import), median(analysis));
        println!(
            "{}: import of {SLICES} slices of 512 x 512 {import:.2} s ({:.0} a second); analysis of {STUDIES} studies of \
             {SLICES_OF_A_STUDY} slices {analysis:.1} s ({:.1} slices a second); median of {ROUNDS}",
            program.display(),
            SLICES as f64 / import,
            (STUDIES * SLICES_OF_A_STUDY) as f64 / analysis,
        );
    }
    Ok(())
}

/// One vault of one program.
struct Run<'a> {
    program: &'a Path,
    vault: &'a Path,
}

impl Run<'_> {
    fn seconds(&self, args: &[&str]) -> Outcome<f64> {
        let start = Instant::now();
        let out = Command::new(self.program)
            .args(["--json", "--vault", text(self.vault)?])
            .args(args)
            .env("OVERREAD_PASSPHRASE", "a passphrase for measuring")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .output()?;
        if out.status.success() {
            Ok(start.elapsed().as_secs_f64())
        } else {
            let said = String::from_utf8_lossy(&out.stderr);
            Err(format!("{} {args:?} ended by {}: {said}", self.program.display(), out.status).into())
        }
    }
}

/// The files of one series, and the texts in them that tell one slice, series, study and person from another.
pub struct Slices {
    files: Vec<Slice>,
}

struct Slice {
    bytes: Vec<u8>,
    person: String,
    study: String,
    series: String,
    instance: String,
}

impl Slices {
    pub fn read(series: &Path) -> Outcome<Self> {
        let decoders = Decoders::beside_executable(Limits::default())?;
        let mut files = vec![];
        let mut paths: Vec<_> = fs::read_dir(series)?.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths {
            let header = decoders
                .ask(Source::File(&path), &Wanted::Header, Urgency::Work)?
                .header;
            files.push(Slice {
                bytes: fs::read(&path)?,
                person: header.patient.patient_id,
                study: header.study.study_instance_uid.to_string(),
                series: header.series.series_instance_uid.to_string(),
                instance: header.instance.sop_instance_uid.to_string(),
            });
        }
        Ok(Self { files })
    }

    /// Each slice of 512 x 512: the same four times, for who stores it looks at no tissue.
    pub fn of_512(mut self) -> Outcome<Self> {
        for slice in &mut self.files {
            for tag in [b"\x28\x00\x10\x00US", b"\x28\x00\x11\x00US"] {
                let at = place(&slice.bytes, tag)? + 8;
                slice.bytes[at..at + 2].copy_from_slice(&512u16.to_le_bytes());
            }
            let at = place(&slice.bytes, b"\xe0\x7f\x10\x00OW")? + 12;
            let pixels = slice.bytes.split_off(at).repeat(4);
            let length = u32::try_from(pixels.len())?;
            slice.bytes[at - 4..].copy_from_slice(&length.to_le_bytes());
            slice.bytes.extend(pixels);
        }
        Ok(self)
    }

    /// `studies` folders of `slices` files each; no two files, studies or persons are the same.
    pub fn write(&self, folder: &Path, studies: usize, slices: usize) -> Outcome<()> {
        for study in 0..studies {
            let folder = folder.join(format!("{study:03}"));
            fs::create_dir_all(&folder)?;
            for (index, slice) in self.files.iter().cycle().take(slices).enumerate() {
                let mut bytes = slice.bytes.clone();
                renumber(&mut bytes, &slice.person, study, 3)?;
                renumber(&mut bytes, &slice.study, study, COUNTER_DIGITS)?;
                renumber(&mut bytes, &slice.series, study, COUNTER_DIGITS)?;
                renumber(&mut bytes, &slice.instance, study * slices + index, COUNTER_DIGITS)?;
                fs::write(folder.join(format!("{index:04}.dcm")), bytes)?;
            }
        }
        Ok(())
    }
}

fn place(bytes: &[u8], what: &[u8]) -> Outcome<usize> {
    let found = bytes.windows(what.len()).position(|window| window == what);
    found.ok_or_else(|| "a sample scan lacks an element".into())
}

/// Each place of `text` in `bytes` ends in `number`, with as many characters as before.
fn renumber(bytes: &mut [u8], text: &str, number: usize, digits: usize) -> Outcome<()> {
    let end = format!("{number:0digits$}");
    let keep = text
        .len()
        .checked_sub(end.len())
        .ok_or("a text is too short for its number")?;
    let mut found = false;
    for at in 0..=bytes.len().saturating_sub(text.len()) {
        if let Some(place) = bytes.get_mut(at..at + text.len())
            && place == text.as_bytes()
        {
            place[keep..].copy_from_slice(end.as_bytes());
            found = true;
        }
    }
    if found {
        Ok(())
    } else {
        Err(format!("{text} does not stand in the file").into())
    }
}

fn text(path: &Path) -> Outcome<&str> {
    path.to_str()
        .ok_or_else(|| format!("{} is not UTF-8", path.display()).into())
}
