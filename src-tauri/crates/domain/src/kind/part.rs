//! Which part of the body an image shows, by Body Part Examined, by codes and by words.

use super::words::Words;
use crate::closed_set::closed_set;

closed_set! {
    /// A part of the body for which there may be models.
    pub enum BodyPart {
        /// With the brain.
        Head = "HEAD",
        /// With heart and lungs.
        Chest = "CHEST",
        /// The female breast.
        Breast = "BREAST",
    }
}

/// What is said of the part of the body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Part {
    /// Plainly this one.
    Is(BodyPart),
    /// Another one; the code or the word by which it is said.
    Other(String),
    /// Nobody says it.
    #[default]
    Unknown,
}

/// Tokens, folded; where two parts are named, as in `HEADNECK`, the one that stands first in this list counts.
const PARTS: [(BodyPart, &[&str]); 3] = [
    (
        BodyPart::Head,
        &[
            "head",
            "headneck",
            "brain",
            "skull",
            "cranium",
            "cranial",
            "neurocranium",
            "neuro",
            "cerebrum",
            "pituitary",
            "sella",
            "kopf",
            "kopfhals",
            "schadel",
            "schaedel",
            "neurokranium",
            "gehirn",
            "hirn",
            "cmrt",
            "ckopf",
            "hypophyse",
            "fej",
            "koponya",
            "agy",
            "agykoponya",
            "agyi",
            "agyalapi",
            "hipofizis",
            "tete",
            "crane",
            "encephale",
            "encephalique",
            "cerebral",
            "cerebrale",
            "cerveau",
            "cabeza",
            "craneo",
            "craneal",
            "cerebro",
            "encefalo",
            "cerebrales",
            "testa",
            "cranio",
            "encefalico",
            "cervello",
        ],
    ),
    (
        BodyPart::Chest,
        &[
            "chest",
            "thorax",
            "lung",
            "lungs",
            "brustkorb",
            "lunge",
            "mellkas",
            "tudo",
            "torax",
            "poitrine",
            "poumon",
            "poumons",
            "pulmon",
            "pulmones",
            "torace",
            "polmone",
            "polmoni",
        ],
    ),
    (
        BodyPart::Breast,
        &[
            "breast", "breasts", "mamma", "mammae", "mammo", "brust", "emlo", "mama", "mamas", "seno", "mammella",
            "mammelle",
        ],
    ),
];

/// Tokens of other parts, as they stand in names of series and protocols.
const OTHERS: [&str; 113] = [
    "knee",
    "knees",
    "knie",
    "terd",
    "genou",
    "genoux",
    "rodilla",
    "rodillas",
    "ginocchio",
    "ginocchia",
    "shoulder",
    "shoulders",
    "schulter",
    "epaule",
    "hombro",
    "spalla",
    "spine",
    "cspine",
    "tspine",
    "lspine",
    "wirbelsaule",
    "wirbelsaeule",
    "hws",
    "bws",
    "lws",
    "gerinc",
    "nyakigerinc",
    "agyeki",
    "rachis",
    "columna",
    "colonna",
    "lumbar",
    "lumbal",
    "lumbalis",
    "lombaire",
    "lombare",
    "cervical",
    "cervicalis",
    "cervicale",
    "thoracic",
    "sacrum",
    "abdomen",
    "abdominal",
    "bauch",
    "hasi",
    "liver",
    "leber",
    "maj",
    "foie",
    "higado",
    "fegato",
    "kidney",
    "kidneys",
    "niere",
    "vese",
    "rinon",
    "pancreas",
    "pankreas",
    "mrcp",
    "pelvis",
    "becken",
    "medence",
    "bassin",
    "bacino",
    "prostate",
    "prostata",
    "uterus",
    "hip",
    "hips",
    "hufte",
    "huefte",
    "csipo",
    "hanche",
    "cadera",
    "anca",
    "femur",
    "thigh",
    "oberschenkel",
    "cuisse",
    "tibia",
    "calf",
    "unterschenkel",
    "ankle",
    "sprunggelenk",
    "boka",
    "cheville",
    "tobillo",
    "caviglia",
    "foot",
    "feet",
    "fuss",
    "labfej",
    "pied",
    "piede",
    "hand",
    "hands",
    "kez",
    "mano",
    "wrist",
    "handgelenk",
    "csuklo",
    "poignet",
    "muneca",
    "polso",
    "elbow",
    "ellbogen",
    "konyok",
    "coude",
    "codo",
    "gomito",
    "heart",
    "cardiac",
    "herz",
];
const MORE_OTHERS: [&str; 26] = [
    "sziv",
    "coeur",
    "cardiaque",
    "corazon",
    "cuore",
    "neck",
    "hals",
    "nyak",
    "cou",
    "cuello",
    "collo",
    "aorta",
    "orbit",
    "orbita",
    "orbits",
    "tmj",
    "kiefergelenk",
    "sinus",
    "femoral",
    "carotid",
    "carotis",
    "finger",
    "clavicle",
    "humerus",
    "forearm",
    "extremity",
];

/// Codes that say no part.
const NO_PART: [&str; 14] = [
    "unknown",
    "none",
    "other",
    "any",
    "na",
    "n a",
    "undefined",
    "unspecified",
    "special",
    "body",
    "wholebody",
    "whole body",
    "anonymous",
    "test",
];

/// By the code, by the meanings of other codes, then by the texts, of which the first that names a part counts.
pub(super) fn part(code: Option<&str>, meanings: &[String], texts: &[&Words]) -> Part {
    let code = code.map(str::trim).filter(|code| !code.is_empty());
    let coded = code.map(|code| (code, Words::of(code)));
    let coded = coded.filter(|(_, words)| !words.is_empty() && !words.say(&NO_PART));
    let by_code = match &coded {
        Some((code, words)) => known(words).map_or_else(|| Part::Other((*code).to_owned()), Part::Is),
        None => meanings
            .iter()
            .map(|text| named(&Words::of(text)))
            .find(is_said)
            .unwrap_or(Part::Unknown),
    };
    let first = texts.first().map_or(Part::Unknown, |words| named(words));
    match (by_code, first) {
        // The name of the series against the code that was chosen for the whole examination.
        (Part::Is(BodyPart::Head), other @ Part::Other(_)) => other,
        (Part::Unknown, _) => texts
            .iter()
            .map(|words| named(words))
            .find(is_said)
            .unwrap_or(Part::Unknown),
        (said, _) => said,
    }
}

fn is_said(part: &Part) -> bool {
    *part != Part::Unknown
}

fn known(words: &Words) -> Option<BodyPart> {
    PARTS.iter().find(|(_, names)| words.say(names)).map(|(part, _)| *part)
}

fn named(words: &Words) -> Part {
    let other = || OTHERS.iter().chain(&MORE_OTHERS).find(|word| words.say(&[word]));
    match (known(words), other()) {
        (Some(part), _) => Part::Is(part),
        (None, Some(word)) => Part::Other((*word).to_owned()),
        (None, None) => Part::Unknown,
    }
}

impl BodyPart {
    /// The part that a code names, such as those that a bundle accepts.
    pub fn of_code(code: &str) -> Option<Self> {
        known(&Words::of(code))
    }
}
