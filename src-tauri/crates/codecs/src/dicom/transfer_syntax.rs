use super::data_set::Encoding;

/// How pixel data are coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Codec {
    Native,
    Rle,
    Jpeg,
    Jpeg2000,
}

impl Codec {
    /// Whether it gives the words of the file, with whatever lies beside the stored bits; else the stored values.
    pub(super) fn keeps_words(self) -> bool {
        matches!(self, Codec::Native | Codec::Rle)
    }
}

/// A transfer syntax (PS3.5 section 10, PS3.6 A.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TransferSyntax {
    pub encoding: Encoding,
    pub deflated: bool,
    /// What is not decoded here, by its name.
    pub codec: Result<Codec, &'static str>,
    /// Whether the codec itself loses detail.
    pub lossy: bool,
}

/// `None` when the UID is no transfer syntax known here; its data set is then not read at all.
pub(super) fn transfer_syntax(uid: &str) -> Option<TransferSyntax> {
    let native = |encoding, deflated| TransferSyntax {
        encoding,
        deflated,
        codec: Ok(Codec::Native),
        lossy: false,
    };
    let coded = |codec, lossy| TransferSyntax {
        encoding: Encoding::EXPLICIT,
        deflated: false,
        codec,
        lossy,
    };
    Some(match uid.strip_prefix("1.2.840.10008.1.2")? {
        "" => native(Encoding::IMPLICIT, false),
        ".1" => native(Encoding::EXPLICIT, false),
        ".1.99" => native(Encoding::EXPLICIT, true),
        ".2" => native(Encoding::EXPLICIT_BIG_ENDIAN, false),
        ".5" => coded(Ok(Codec::Rle), false),
        ".4.50" | ".4.51" => coded(Ok(Codec::Jpeg), true),
        ".4.57" | ".4.70" => coded(Ok(Codec::Jpeg), false),
        ".4.90" => coded(Ok(Codec::Jpeg2000), false),
        ".4.91" => coded(Ok(Codec::Jpeg2000), true),
        ".1.98" => coded(Err("Encapsulated Uncompressed"), false),
        ".4.80" => coded(Err("JPEG-LS Lossless"), false),
        ".4.81" => coded(Err("JPEG-LS Near-lossless"), true),
        ".4.92" | ".4.93" => coded(Err("JPEG 2000 Part 2"), false),
        ".4.94" | ".4.95" => coded(Err("JPIP Referenced"), false),
        ".4.201" | ".4.202" => coded(Err("High-Throughput JPEG 2000 Lossless"), false),
        ".4.203" => coded(Err("High-Throughput JPEG 2000"), true),
        ".4.110" | ".4.111" | ".4.112" => coded(Err("JPEG XL"), false),
        ".8.1" => coded(Err("Deflated Image Frame"), false),
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
        assert_eq!(codec("1.2.840.10008.1.2.4.80"), Some(Err("JPEG-LS Lossless")));
        assert_eq!(codec("1.2.840.10008.1.2.4.100"), Some(Err("MPEG video")));
        assert_eq!(codec("1.2.840.10008.1.2.9999"), None);
        assert_eq!(codec("1.2.3"), None);
    }
}
