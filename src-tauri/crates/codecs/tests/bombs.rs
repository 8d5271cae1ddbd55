//! Small files that would grow: each is refused by its declared size, in every format.

mod common;

use std::path::PathBuf;

use common::{Done, bombs, decoder, dicom, rows};
use decode::{Source, Wanted};
use domain::FailureCode;
use needs::{data, need};

#[test]
fn every_bomb_is_refused_by_what_it_declares() -> Done {
    let mut decoder = decoder();
    for bombs::Bomb { name, file, .. } in bombs::all() {
        assert!(file.len() < 16 << 20, "{name} has {} bytes", file.len());
        for wanted in [Wanted::All, Wanted::Middle, Wanted::Checked, Wanted::Header] {
            let refused = decoder.ask(Source::Bytes(&file), &wanted).err();
            let refused = refused.ok_or(format!("{name} was decoded"))?;
            assert_eq!(refused.code, FailureCode::LimitExceeded, "{name}: {refused}");
        }
    }
    let whole = decoder.decode(Source::Bytes(&dicom(2, 2, &[0; 8])))?;
    assert_eq!(whole.pixels.shape(), "2x2");
    Ok(())
}

/// So that it is the size that is refused, and nothing else.
#[test]
fn small_files_made_the_same_way_are_decoded() -> Done {
    let mut decoder = decoder();
    for bombs::Bomb { name, file, .. } in bombs::harmless().into_iter().filter(|bomb| bomb.whole) {
        let decoded = decoder
            .decode(Source::Bytes(&file))
            .map_err(|e| format!("{name}: {e}"))?;
        let (_, high, _) = decoded.pixels.data.range_and_mean();
        assert!(
            high <= 128.0 || name.contains("jpeg2000"),
            "{name} is not blank: {high}"
        );
    }
    Ok(())
}

/// The limits are not met by any image of the packs.
#[test]
fn no_image_of_the_packs_meets_a_limit() -> Done {
    let mut decoder = decoder();
    let mut seen = 0;
    for (name, manifests) in [
        ("dicom", ["manifest.csv", "series_manifest.csv"].as_slice()),
        ("formats", &["manifest.csv"]),
    ] {
        let folder = need!(data(name));
        for manifest in manifests {
            for row in rows(&folder.join(manifest))? {
                let file: PathBuf = folder.join(&row["file"]);
                let code = decoder.decode(Source::File(&file)).err().map(|error| error.code);
                assert_ne!(code, Some(FailureCode::LimitExceeded), "{}", file.display());
                seen += 1;
            }
        }
    }
    assert!(seen > 180, "only {seen} files were looked at");
    Ok(())
}
