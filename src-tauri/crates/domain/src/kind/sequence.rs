//! The sequence of an MR image, by Image Type, by its times, and by its name.
//!
//! Bounds in milliseconds: the NILS documentation (which parts T2 from T1 FLAIR at an echo of 40) and the physics of the
//! sequences.

use super::contrast::Agent;
use super::words::Words;
use super::{Acquisition, SaidSequence, Sequence};

/// Values of Image Type that say what an image was computed to, and the sequence that it is then.
const IMAGE_TYPES: [(Sequence, &[&str]); 9] = [
    (Sequence::Localizer, &["localizer", "localiser", "scout", "survey"]),
    (
        Sequence::Map,
        &[
            "adc",
            "eadc",
            "exponential",
            "fa",
            "fractional anisotropy",
            "relcbf",
            "cbf",
            "relcbv",
            "cbv",
            "relmtt",
            "mtt",
            "ttp",
            "tmax",
            "gbp",
            "pbp",
            "t1 map",
            "t2 map",
            "t2star map",
            "r2 map",
            "r2star map",
            "b0 map",
            "fieldmap",
            "field map",
            "t test",
            "ttest",
            "zmap",
            "tensor",
            "colour fa",
            "color fa",
            "dixon map",
            "fat fraction",
        ],
    ),
    (
        Sequence::Projection,
        &[
            "mip",
            "minip",
            "mnip",
            "projection image",
            "max ip",
            "min ip",
            "volume intensity projection",
            "csa mip",
        ],
    ),
    (Sequence::Subtraction, &["sub", "subtraction", "subtract"]),
    (
        Sequence::Phase,
        &[
            "p",
            "phase",
            "phase map",
            "phase contrast",
            "velocity",
            "velocity map",
            "imaginary",
            "real",
        ],
    ),
    (
        Sequence::Diffusion,
        &["diffusion", "tracew", "trace", "isotropic", "dwi", "dti"],
    ),
    (Sequence::Susceptibility, &["swi"]),
    (Sequence::Bold, &["fmri", "bold", "mosaic"]),
    (Sequence::Spectroscopy, &["spectroscopy"]),
];

/// Words of a name that say what else it is than an anatomical image; the first that fits counts.
const OTHERS: [(Sequence, &[&str]); 11] = [
    (
        Sequence::Localizer,
        &[
            "localizer",
            "localiser",
            "localizador",
            "localisateur",
            "lokalisator",
            "lokalizer",
            "loc",
            "scout",
            "survey",
            "surview",
            "topogram",
            "ubersicht",
            "uebersicht",
            "reperage",
            "3 plane",
            "3plane",
            "3pl",
            "smartbrain",
            "aahead",
            "aascout",
        ],
    ),
    (
        Sequence::Map,
        &[
            "adc",
            "eadc",
            "dadc",
            "fa map",
            "colfa",
            "cbf",
            "cbv",
            "mtt",
            "ttp",
            "tmax",
            "rcbf",
            "rcbv",
            "fieldmap",
            "field map",
            "b0map",
            "b0 map",
            "b1map",
            "b1 map",
            "t1 map",
            "t1map",
            "t2 map",
            "t2map",
            "r2 map",
            "tensor",
        ],
    ),
    (Sequence::Projection, &["mip", "minip", "mnip"]),
    (Sequence::Subtraction, &["subtraction", "subtraktion", "soustraction"]),
    (Sequence::Phase, &["pha", "phase", "phases"]),
    (
        Sequence::Spectroscopy,
        &["mrs", "csi", "svs", "spectro", "spectroscopy", "spektroskopie", "press"],
    ),
    (
        Sequence::Perfusion,
        &["perf", "perfusion", "perfusio", "dsc", "dce", "asl", "pasl", "pcasl"],
    ),
    (
        Sequence::Diffusion,
        &[
            "dwi",
            "dti",
            "diff",
            "diffusion",
            "diffusio",
            "diffuzio",
            "diffuzios",
            "difusion",
            "diffusione",
            "trace",
            "tracew",
            "resolve",
            "b1000",
            "b800",
            "b500",
            "b0",
            "hardi",
            "dki",
            "dsi",
        ],
    ),
    (Sequence::Bold, &["bold", "fmri", "rest", "resting"]),
    (
        Sequence::Susceptibility,
        &["swi", "swi3d", "swan", "swip", "venobold", "svenbold", "sweep", "qsm"],
    ),
    (
        Sequence::Angiography,
        &[
            "tof",
            "3dtof",
            "2dtof",
            "mra",
            "mrv",
            "angio",
            "angiography",
            "angiographie",
            "angiografia",
            "angiogram",
            "cemra",
            "cemrv",
            "pca",
            "inhance",
            "trancea",
            "twist",
            "tricks",
            "venography",
        ],
    ),
];

const FLAIR: [&str; 8] = [
    "flair",
    "flairs",
    "dark fluid",
    "darkfluid",
    "da fl",
    "dafl",
    "t2flair",
    "3dflair",
];
const T1: [&str; 17] = [
    "t1", "t1w", "t1wi", "st1", "st1w", "t1c", "t1ce", "t1gd", "t1post", "mprage", "mp rage", "memprage", "mpr",
    "bravo", "spgr", "fspgr", "vibe",
];
const T2: [&str; 7] = ["t2", "t2w", "t2wi", "st2", "st2w", "ciss", "fiesta"];
const T2_STAR: [&str; 8] = ["t2*", "t2star", "t2 star", "t2stern", "hemo", "haem", "heme", "gre t2"];
const PROTON_DENSITY: [&str; 5] = ["pd", "pdw", "proton", "protondensity", "dp"];
const STIR: [&str; 2] = ["stir", "ir stir"];
const ECHO_PLANAR: [&str; 3] = ["ep2d", "epi", "ep3d"];
/// Of `T1 FLAIR`.
const T1_BESIDE_FLAIR: [&str; 5] = ["t1", "t1w", "t1flair", "t1 flair", "t1wi"];

/// What the header of an MR image says, by the names of its series and its protocol and how it was made.
pub(super) fn sequence(made: &Acquisition, series: &Words, protocol: &Words) -> SaidSequence {
    if let Some(computed) = by_image_type(made) {
        return SaidSequence::Is(computed);
    }
    let own = made.sequence_name.as_deref().map(Words::of).unwrap_or_default();
    let names = [series, protocol];
    let times = by_times(made);
    let name = names.iter().find_map(|words| by_name(words));
    if let Some(other) = [series, protocol, &own].iter().find_map(|words| other_by_name(words)) {
        return match (times, name) {
            // The protocol is that of the whole examination, or the name belongs to another series.
            (Some(Sequence::Flair), _) => contradiction(other, Sequence::Flair),
            _ => SaidSequence::Is(other),
        };
    }
    if echo_planar(made, &names) {
        return match name {
            Some(Sequence::Flair) => contradiction(Sequence::Flair, Sequence::EchoPlanar),
            _ => SaidSequence::Is(match made.b_value {
                Some(_) => Sequence::Diffusion,
                None => Sequence::EchoPlanar,
            }),
        };
    }
    if made.b_value.is_some_and(|b| b > 0.0) {
        return SaidSequence::Is(Sequence::Diffusion);
    }
    // TIRM is in use for STIR and for FLAIR alike: without the inversion nobody knows which.
    let tirm = names.iter().any(|words| words.say(&["tirm"])) && known(made.inversion_ms).is_none();
    let (name, times) = match (tirm, name) {
        (true, None | Some(Sequence::T2)) => (None, None),
        _ => (name, times),
    };
    match together(made, name, times, series) {
        Ok(Some(Sequence::T1)) => with_agent(Agent::of(made, series, protocol)),
        Ok(Some(sequence)) => SaidSequence::Is(sequence),
        Ok(None) => SaidSequence::Unknown,
        Err(contradiction) => contradiction,
    }
}

fn contradiction(name: Sequence, times: Sequence) -> SaidSequence {
    SaidSequence::Contradiction { name, times }
}

fn with_agent(agent: Agent) -> SaidSequence {
    match agent {
        Agent::Given => SaidSequence::Is(Sequence::T1Contrast),
        Agent::NotGiven => SaidSequence::Is(Sequence::T1),
        Agent::Unknown => SaidSequence::AgentUnknown,
    }
}

/// Name and times; an error where they cannot both be so.
fn together(
    made: &Acquisition,
    name: Option<Sequence>,
    times: Option<Sequence>,
    series: &Words,
) -> Result<Option<Sequence>, SaidSequence> {
    use Sequence::{Flair, ProtonDensity, Stir, T1, T1Flair, T2, T2Star};
    let (Some(name), Some(times)) = (name, times) else {
        return Ok(name.or(times));
    };
    match (name, times) {
        (a, b) if a == b => Ok(Some(a)),
        // FLAIR is T2-weighted, and TIRM is no name: the inversion decides.
        (T2, Flair | T2Star | Stir | ProtonDensity) | (ProtonDensity, T2) => Ok(Some(times)),
        // An inversion that the header leaves out: what the scanner calls inverted, or the series itself FLAIR.
        (Flair, T2) if known(made.inversion_ms).is_none() => {
            let inverted = made.scanning.is_empty() || said(&made.scanning, "IR");
            if inverted || by_name(series) == Some(Flair) {
                Ok(Some(Flair))
            } else {
                Err(contradiction(Flair, T2))
            }
        }
        // Of a name that says T1 FLAIR, or T1 alone, the times tell which.
        (T1Flair, T1) | (T1, T1Flair) => Ok(Some(times)),
        (T2Star, T2) => Ok(Some(T2Star)),
        _ => Err(contradiction(name, times)),
    }
}

/// What was computed, or is no image of the anatomy.
fn by_image_type(made: &Acquisition) -> Option<Sequence> {
    let values: Vec<String> = made
        .image_type
        .iter()
        .map(|value| joined(&value.to_lowercase()))
        .collect();
    IMAGE_TYPES
        .iter()
        .find(|(_, names)| values.iter().any(|value| names.contains(&value.as_str())))
        .map(|(sequence, _)| *sequence)
}

fn joined(value: &str) -> String {
    value.replace(['_', '-'], " ").trim().to_owned()
}

fn other_by_name(words: &Words) -> Option<Sequence> {
    OTHERS
        .iter()
        .find(|(_, names)| words.say(names))
        .map(|(sequence, _)| *sequence)
}

fn echo_planar(made: &Acquisition, names: &[&Words]) -> bool {
    said(&made.scanning, "EP") || names.iter().any(|words| words.say(&ECHO_PLANAR))
}

fn by_name(words: &Words) -> Option<Sequence> {
    if words.say(&FLAIR) || words.say(&["t1flair"]) {
        let t1 = words.say(&T1_BESIDE_FLAIR) && !words.say(&T2);
        return Some(if t1 { Sequence::T1Flair } else { Sequence::Flair });
    }
    [
        (Sequence::Stir, &STIR[..]),
        (Sequence::T2Star, &T2_STAR[..]),
        (Sequence::T1, &T1[..]),
        (Sequence::T2, &T2[..]),
        (Sequence::ProtonDensity, &PROTON_DENSITY[..]),
    ]
    .into_iter()
    .find(|(_, names)| words.say(names))
    .map(|(sequence, _)| sequence)
}

fn said(values: &[String], wanted: &str) -> bool {
    values.iter().any(|value| value.trim().eq_ignore_ascii_case(wanted))
}

/// A time of nothing is one that is not known.
fn known(time: Option<f64>) -> Option<f64> {
    time.filter(|time| time.is_finite() && *time > 0.0)
}

/// `None` where the times fit nothing, or too few of them are known.
fn by_times(made: &Acquisition) -> Option<Sequence> {
    let (inversion, echo) = (known(made.inversion_ms), known(made.echo_ms)?);
    let repetition = known(made.repetition_ms);
    let [planar, gradient, spin] = ["EP", "GR", "SE"].map(|scanning| said(&made.scanning, scanning));
    let prepared = said(&made.variant, "MP") || gradient;
    if planar {
        return Some(Sequence::EchoPlanar);
    }
    match inversion {
        Some(time) if (60.0..300.0).contains(&time) => return Some(Sequence::Stir),
        // Inversion recovery with a short echo.
        Some(time) if (300.0..=1500.0).contains(&time) && prepared && echo <= 10.0 => return Some(Sequence::T1),
        Some(time) if time >= 300.0 && echo < 40.0 && !gradient => return Some(Sequence::T1Flair),
        Some(time) if (1500.0..=3000.0).contains(&time) && echo >= 60.0 && !gradient => {
            return (repetition? >= 4000.0).then_some(Sequence::Flair);
        }
        Some(_) => return None,
        None => {}
    }
    let repetition = repetition?;
    let spoiled = said(&made.variant, "SP") || said(&made.variant, "MP");
    if gradient && !spin {
        return match echo {
            echo if echo <= 10.0 && spoiled => Some(Sequence::T1),
            echo if echo >= 15.0 => Some(Sequence::T2Star),
            _ => None,
        };
    }
    match (echo, repetition) {
        (echo, repetition) if echo <= 30.0 && repetition <= 1200.0 => {
            // Of a scanner that does not say which echo, only what no gradient echo has.
            (spin || (echo <= 20.0 && repetition >= 300.0)).then_some(Sequence::T1)
        }
        (echo, repetition) if repetition > 2000.0 && echo < 30.0 => Some(Sequence::ProtonDensity),
        (echo, repetition) if repetition > 2000.0 && echo > 50.0 => Some(Sequence::T2),
        _ => None,
    }
}
