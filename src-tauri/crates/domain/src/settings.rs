//! What a person sets.

use crate::closed_set::closed_set;

closed_set! {
    /// A language of the interface.
    pub enum Language {
        /// English.
        En = "en",
        /// Hungarian.
        Hu = "hu",
        /// German.
        De = "de",
    }
}

closed_set! {
    /// Colours of the interface.
    pub enum Theme {
        /// For a dark room.
        Dark = "dark",
        /// For daylight.
        Light = "light",
    }
}

closed_set! {
    /// Whose keys the interface takes.
    pub enum ShortcutProfile {
        /// The program's own.
        Default = "default",
        /// Those of the OHIF viewer.
        Ohif = "ohif",
        /// Those of Weasis.
        Weasis = "weasis",
    }
}

closed_set! {
    /// What a person lets analyses run on.
    pub enum DeviceSetting {
        /// The first GPU where there is one, else the processor.
        Auto = "auto",
        /// The processor.
        Cpu = "cpu",
        /// The first GPU, or a failure.
        Cuda = "cuda",
    }
}

closed_set! {
    /// The file formats of a report.
    pub enum ReportFormat {
        /// PDF/A-2b (ISO 19005-2), A4.
        Pdf = "pdf",
        /// RFC 4180, UTF-8: a row for each finding and for each analysis without one.
        Csv = "csv",
        /// The key images on one sheet.
        Png = "png",
    }
}

impl From<DeviceSetting> for DeviceChoice {
    fn from(setting: DeviceSetting) -> Self {
        match setting {
            DeviceSetting::Auto => Self::Auto,
            DeviceSetting::Cpu => Self::Cpu,
            DeviceSetting::Cuda => Self::Cuda(0),
        }
    }
}

/// What analyses are to run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceChoice {
    /// The first GPU where there is one, else the processor.
    Auto,
    /// The processor.
    Cpu,
    /// The GPU of that number, or a failure.
    Cuda(u32),
}

impl std::str::FromStr for DeviceChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refuse = || format!("'{text}' is not a device: auto, cpu, cuda or cuda:N is");
        match text {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            "cuda" => Ok(Self::Cuda(0)),
            _ => {
                let index = text.strip_prefix("cuda:").ok_or_else(refuse)?;
                index.parse().map(Self::Cuda).map_err(|_| refuse())
            }
        }
    }
}

impl std::fmt::Display for DeviceChoice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Cpu => f.write_str("cpu"),
            Self::Cuda(index) => write!(f, "cuda:{index}"),
        }
    }
}
