//! Codes that a header keeps as its file wrote them, and what the standard knows of them. What is stored stays the
//! file's text: a code that the standard does not have is told as it stands.

use crate::closed_set::closed_set;

closed_set! {
    /// Patient's Sex (0010,0040), PS3.3 C.7.1.1.
    pub enum Sex {
        /// Female.
        Female = "F",
        /// Male.
        Male = "M",
        /// Other.
        Other = "O",
    }
}

impl Sex {
    /// As a report and a terminal say it.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Female => "female",
            Self::Male => "male",
            Self::Other => "other",
        }
    }
}

closed_set! {
    /// Photometric Interpretation (0028,0004): what samples mean, PS3.3 C.7.6.3.1.2.
    pub enum Photometric {
        /// Grey, low values white.
        Monochrome1 = "MONOCHROME1",
        /// Grey, low values black.
        Monochrome2 = "MONOCHROME2",
        /// Each value names a colour of a table.
        PaletteColor = "PALETTE COLOR",
        /// Red, green, blue.
        Rgb = "RGB",
        /// Hue, saturation, value; retired.
        Hsv = "HSV",
        /// RGB with an overlay; retired.
        Argb = "ARGB",
        /// Cyan, magenta, yellow, black; retired.
        Cmyk = "CMYK",
        /// Luminance and two chrominances over the full range.
        YbrFull = "YBR_FULL",
        /// The same with half as many chrominances across.
        YbrFull422 = "YBR_FULL_422",
        /// Over a part of the range; retired.
        YbrPartial422 = "YBR_PARTIAL_422",
        /// Over a part of the range, half as many chrominances both ways.
        YbrPartial420 = "YBR_PARTIAL_420",
        /// The irreversible transform of JPEG 2000.
        YbrIct = "YBR_ICT",
        /// The reversible transform of JPEG 2000.
        YbrRct = "YBR_RCT",
        /// The transform of JPEG XL.
        Xyb = "XYB",
    }
}
