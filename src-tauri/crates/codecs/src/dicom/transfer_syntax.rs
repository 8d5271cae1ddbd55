use super::data_set::Encoding;

/// How pixel data are coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Codec {
    Native,
    Rle,
    Jpeg,
    JpegLs,
    /// High-throughput streams too.
    Jpeg2000,
    JpegXl,
    /// Each frame deflated by itself.
    Deflated,
}

impl Codec {
    /// Whether it gives the words of the file, with whatever lies beside the stored bits; else the stored values.
    pub(super) fn keeps_words(self) -> bool {
        matches!(self, Codec::Native | Codec::Rle | Codec::Deflated)
    }
}

/// A transfer syntax (PS3.5 section 10, PS3.6 A.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TransferSyntax {
    pub encoding: Encoding,
    pub deflated: bool,
    /// Whether pixel data lie in fragments.
    pub encapsulated: bool,
    /// What is not decoded here, by its name.
    pub codec: Result<Codec, &'static str>,
    /// Whether the codec itself loses detail.
    pub lossy: bool,
    /// Whether pixel data are big endian in a data set that is not.
    pub big_endian_pixels: bool,
}

/// `None` when the UID is no transfer syntax known here; its data set is then not read at all.
pub(super) fn transfer_syntax(uid: &str) -> Option<TransferSyntax> {
    let native = |encoding, deflated| TransferSyntax {
        encoding,
        deflated,
        encapsulated: false,
        codec: Ok(Codec::Native),
        lossy: false,
        big_endian_pixels: false,
    };
    let coded = |codec, lossy| TransferSyntax {
        encoding: Encoding::EXPLICIT,
        deflated: false,
        encapsulated: true,
        codec,
        lossy,
        big_endian_pixels: false,
    };
    // Of GE: implicit, but for its pixel data.
    if uid == "1.2.840.113619.5.2" {
        return Some(TransferSyntax {
            big_endian_pixels: true,
            ..native(Encoding::IMPLICIT, false)
        });
    }
    Some(match uid.strip_prefix("1.2.840.10008.1.2")? {
        // And Papyrus 3 (retired), which is the same.
        "" | "0" => native(Encoding::IMPLICIT, false),
        ".1" => native(Encoding::EXPLICIT, false),
        ".1.99" => native(Encoding::EXPLICIT, true),
        ".2" => native(Encoding::EXPLICIT_BIG_ENDIAN, false),
        ".5" => coded(Ok(Codec::Rle), false),
        ".1.98" => coded(Ok(Codec::Native), false),
        ".8.1" => coded(Ok(Codec::Deflated), false),
        // Baseline and extended; retired: arithmetic, spectral selection, full progression.
        ".4.50" | ".4.51" | ".4.52" | ".4.53" | ".4.54" | ".4.55" | ".4.56" => coded(Ok(Codec::Jpeg), true),
        ".4.57" | ".4.70" => coded(Ok(Codec::Jpeg), false),
        ".4.58" => coded(Err("JPEG Lossless with arithmetic coding (retired)"), false),
        ".4.65" | ".4.66" => coded(Err("hierarchical JPEG (retired)"), false),
        ".4.80" => coded(Ok(Codec::JpegLs), false),
        ".4.81" => coded(Ok(Codec::JpegLs), true),
        ".4.90" | ".4.201" | ".4.202" => coded(Ok(Codec::Jpeg2000), false),
        ".4.91" | ".4.203" => coded(Ok(Codec::Jpeg2000), true),
        ".4.92" | ".4.93" => coded(Err("JPEG 2000 Part 2"), false),
        ".4.94" | ".4.95" | ".4.204" | ".4.205" => coded(Err("JPIP Referenced"), false),
        ".4.110" => coded(Ok(Codec::JpegXl), false),
        ".4.111" | ".4.112" => coded(Ok(Codec::JpegXl), true),
        old if matches!(old.strip_prefix(".4."), Some("59" | "60" | "61" | "62" | "63" | "64")) => {
            coded(Err("hierarchical JPEG (retired)"), true)
        }
        video if video.starts_with(".4.10") => coded(Err("MPEG video"), true),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uids_are_told_apart_by_their_whole_text() {
        let codec = |uid| transfer_syntax(uid).map(|ts| ts.codec);
        assert_eq!(codec("1.2.840.10008.1.2"), Some(Ok(Codec::Native)));
        assert_eq!(codec("1.2.840.10008.1.2.4.70"), Some(Ok(Codec::Jpeg)));
        assert_eq!(codec("1.2.840.10008.1.2.4.80"), Some(Ok(Codec::JpegLs)));
        assert_eq!(
            codec("1.2.840.10008.1.2.4.60"),
            Some(Err("hierarchical JPEG (retired)"))
        );
        assert_eq!(codec("1.2.840.10008.1.2.4.110"), Some(Ok(Codec::JpegXl)));
        assert_eq!(codec("1.2.840.10008.1.2.4.100"), Some(Err("MPEG video")));
        assert_eq!(codec("1.2.840.10008.1.2.9999"), None);
        assert_eq!(codec("1.2.3"), None);
    }
}
