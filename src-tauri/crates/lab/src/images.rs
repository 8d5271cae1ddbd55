//! Images and masks of a labelled set as the model sees them.

use std::path::Path;

use decode::{Decoders, Wanted};
use domain::{Failure, FailureCode, GreyFrame};

use workflow::frames::decode_path;

/// The first frame of a file as grey values.
pub fn grey(path: &Path, decoders: &Decoders) -> Result<GreyFrame, Failure> {
    let decoded = decode_path(path, &Wanted::All, decoders).map_err(|error| named(path, &error.into()))?;
    GreyFrame::of(&decoded, 0).map_err(|error| named(path, &error.into()))
}

/// The lesion mask of an image: true where the mask file is not black. Same size as the image.
pub fn mask_of(path: &Path, picture: &GreyFrame, decoders: &Decoders) -> Result<Vec<bool>, Failure> {
    let mask = grey(path, decoders)?;
    if (mask.rows, mask.cols) != (picture.rows, picture.cols) {
        return Err(Failure::new(
            FailureCode::BadData,
            format!(
                "the mask {} has {} x {} pixels and its image {} x {}; they must be alike",
                path.display(),
                mask.rows,
                mask.cols,
                picture.rows,
                picture.cols
            ),
        ));
    }
    Ok(mask.values.iter().map(|v| *v > 0.0).collect())
}

fn named(path: &Path, failure: &Failure) -> Failure {
    failure.clone().of(path.display())
}
