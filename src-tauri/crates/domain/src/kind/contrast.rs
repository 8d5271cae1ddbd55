//! Whether a contrast agent was given, by what the header says of it.

use super::Acquisition;
use super::words::Words;

/// What is known of a contrast agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Agent {
    Given,
    NotGiven,
    Unknown,
}

/// What is written where no agent was given (folded, whole).
const DENIALS: [&[&str]; 1] = [&[
    "no",
    "non",
    "none",
    "nil",
    "null",
    "n",
    "na",
    "0",
    "false",
    "without",
    "ohne",
    "kein",
    "keine",
    "keines",
    "nein",
    "nativ",
    "nincs",
    "nem",
    "nelkul",
    "sans",
    "aucun",
    "aucune",
    "sin",
    "ninguno",
    "ninguna",
    "senza",
    "nessuno",
    "nessun",
    "unknown",
    "unbekannt",
    "ismeretlen",
]];

/// Both before and after: which of the two an image is, they do not say.
const BOTH: [&str; 14] = [
    "with and without",
    "without and with",
    "w wo",
    "w w o",
    "wo w",
    "w o w",
    "mit und ohne",
    "ohne und mit",
    "avec et sans",
    "sans et avec",
    "con y sin",
    "sin y con",
    "con e senza",
    "pre post",
];

const NATIVE: [&str; 44] = [
    "without contrast",
    "without gad",
    "without gd",
    "without",
    "wo contrast",
    "w o contrast",
    "w o",
    "wo",
    "no contrast",
    "non contrast",
    "noncontrast",
    "non enhanced",
    "unenhanced",
    "plain",
    "precontrast",
    "pre contrast",
    "pre gd",
    "pre gad",
    "pre",
    "nativ",
    "native",
    "nativaufnahme",
    "ohne km",
    "ohne kontrastmittel",
    "ohne kontrast",
    "vor km",
    "vor kontrastmittel",
    "kein km",
    "keine km",
    "kontraszt nelkul",
    "kontrasztanyag nelkul",
    "ka nelkul",
    "km nelkul",
    "kontrasztmentes",
    "sans injection",
    "sans gado",
    "sans contraste",
    "avant injection",
    "sin contraste",
    "sin civ",
    "simple",
    "senza mdc",
    "senza contrasto",
    "basale",
];

const CONTRAST: [&str; 41] = [
    "post",
    "postcontrast",
    "+c",
    "gd",
    "gad",
    "gado",
    "gadolinium",
    "gadovist",
    "dotarem",
    "gadobutrol",
    "gadoterate",
    "omniscan",
    "magnevist",
    "prohance",
    "multihance",
    "clariscan",
    "contrast",
    "enhanced",
    "ce",
    "t1c",
    "t1ce",
    "t1gd",
    "t1post",
    "kontrastmittel",
    "kontrast",
    "kontraszt",
    "kontrasztos",
    "kontrasztanyag",
    "kontrasztanyaggal",
    "ka utan",
    "iv ka",
    "i v ka",
    "ka val",
    "injecte",
    "injectee",
    "avec injection",
    "apres injection",
    "contraste",
    "civ",
    "mdc",
    "contrasto",
];

impl Agent {
    /// By Contrast/Bolus Agent, the name of the series and that of the protocol. What they do not say together is
    /// unknown.
    pub fn of(made: &Acquisition, series: &Words, protocol: &Words) -> Self {
        let written = made.agent.as_deref().map(Words::of).filter(|words| !words.is_empty());
        let denied = written.as_ref().map(|words| DENIALS.iter().any(|list| words.say(list)));
        let ([of_series, of_protocol], any) = ([said(series), said(protocol)], |wanted: Self| {
            said(series) == Some(wanted) || said(protocol) == Some(wanted)
        });
        let both = [of_series, of_protocol].contains(&Some(Self::Unknown));
        match denied {
            // The agent of the examination stands in the headers of what was made before it too.
            Some(false) if of_series == Some(Self::NotGiven) || of_series == Some(Self::Unknown) => Self::Unknown,
            Some(false) => Self::Given,
            Some(true) if any(Self::Given) || both => Self::Unknown,
            Some(true) => Self::NotGiven,
            None if both || (any(Self::Given) && any(Self::NotGiven)) => Self::Unknown,
            None if any(Self::Given) => Self::Given,
            None if any(Self::NotGiven) => Self::NotGiven,
            None => Self::Unknown,
        }
    }
}

/// What was before or after an operation or a treatment, and no agent.
const NO_AGENT: [&str; 14] = [
    "post op",
    "postop",
    "post operative",
    "post surgery",
    "post surgical",
    "post rt",
    "post radiation",
    "post treatment",
    "post therapy",
    "post trauma",
    "post fossa",
    "pre op",
    "preop",
    "pre operative",
];

/// `None` where the words do not speak of it.
fn said(words: &Words) -> Option<Agent> {
    let (words, _) = words.without(&NO_AGENT);
    let (words, both) = words.without(&BOTH);
    let (rest, native) = words.without(&NATIVE);
    let contrast = rest.say(&CONTRAST) || rest.say_unless_unit("km");
    match (both || (native && contrast), native, contrast) {
        (true, ..) => Some(Agent::Unknown),
        (_, true, _) => Some(Agent::NotGiven),
        (_, _, true) => Some(Agent::Given),
        _ => None,
    }
}
