//! A manifest and the images it names, looked into before anything is computed.

use crate::phase::{Phase, Watch};
use std::path::Path;

use decode::{Decoders, Wanted};
use domain::{Failure, FailureCode, GreyFrame};
use learn::manifest::{self, Case};
use learn::{Checks, Problem, Selection};

use workflow::decoders::decoders;
use workflow::frames::decode_path;

/// The selected rows, each with an image that can be read and a mask of the same size. All problems
/// of text, files and images are told in one list.
pub fn load(
    manifest: &Path,
    selection: &Selection,
    checks: Checks,
    watch: &mut Watch<'_>,
) -> Result<Vec<Case>, Failure> {
    let (cases, mut problems) = manifest::inspect(manifest, selection, checks)?;
    let decoders = decoders()?;
    for (done, case) in cases.iter().enumerate() {
        if let Err(problem) = look_into(case, &decoders) {
            problems.push(problem);
        }
        if !watch(Phase::CheckingImages, done as u64 + 1, cases.len() as u64) {
            return Err(Failure::new(
                FailureCode::Canceled,
                "stopped while the images were checked",
            ));
        }
    }
    Ok(problems.or(cases)?)
}

fn look_into(case: &Case, decoders: &Decoders) -> Result<(), Problem> {
    let unreadable = |path: String, reason: String| Problem::Unreadable {
        line: case.line,
        path,
        reason,
    };
    let image = one_frame(&case.file, decoders).map_err(|reason| unreadable(case.name.clone(), reason))?;
    let Some(path) = &case.mask else { return Ok(()) };
    let mask = one_frame(path, decoders).map_err(|reason| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        unreadable(name.into_owned(), reason)
    })?;
    if mask == image {
        return Ok(());
    }
    let size = |(rows, cols): (u32, u32)| format!("{rows} x {cols}");
    Err(Problem::MaskSize {
        line: case.line,
        path: case.name.clone(),
        mask: size(mask),
        image: size(image),
    })
}

/// Rows and columns of a file that holds one image of grey values.
pub fn one_frame(path: &Path, decoders: &Decoders) -> Result<(u32, u32), String> {
    let decoded = decode_path(path, &Wanted::All, decoders).map_err(|error| error.message)?;
    if let Some(what) = decoded.header.no_picture() {
        return Err(format!("it is {what}"));
    }
    if decoded.pixels.frames != 1 {
        let frames = decoded.pixels.frames;
        return Err(format!("it holds {frames} frames, and a row names one image"));
    }
    let grey = GreyFrame::of(&decoded, 0).map_err(|error| error.to_string())?;
    Ok((grey.rows, grey.cols))
}
