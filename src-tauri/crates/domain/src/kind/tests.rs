use super::*;
use crate::testing::header;

/// Protocols of three makers and what a person says of them. A line is: series, protocol, scanning sequence, variant,
/// times of repetition, echo and inversion (0: not said), agent, a value of Image Type; what it is.
const PROTOCOLS: &str = r"
t2_tirm_tra_dark-fluid | Schaedel nativ | SE\IR | SK\SP\MP | 9000 120 2500 |  |  | FLAIR
FLAIR tra 4 mm | Agy nativ | SE\IR | SK | 9000 120 2500 |  |  | FLAIR
s3 | routine | SE\IR | SK | 9000 120 2500 |  |  | FLAIR
sT2W/FLAIR | sT2W/FLAIR SENSE | IR | OSP | 9000 100 2500 |  | M_IR | FLAIR
Ax T2 FLAIR | BRAIN W/O | SE\IR | SK | 8800 120 2250 |  |  | FLAIR
Sag CUBE T2 FLAIR | BRAIN W | SE\IR | SK | 6300 119 1750 |  |  | FLAIR
t2_space_dark-fluid_sag_p2 |  | SE\IR | SK\SP\MP | 5000 390 1800 |  |  | FLAIR
3D_Brain_VIEW_FLAIR |  | SE | SK | 4800 340 1660 |  | M_SE | FLAIR
FLAIR post KM | Kopf mit KM | SE\IR | SK | 9000 90 2500 | Gadovist |  | FLAIR
FLAIR axial | Craneo simple |  |  | 0 0 0 |  |  | FLAIR
Ax FLAIR |  | IR |  | 9000 120 0 |  |  | FLAIR
t2_flair_tra |  | SE | SK | 9000 120 0 |  |  | FLAIR
s4 |  |  |  | 9000 120 2500 |  |  | FLAIR
DA-FL axial |  |  |  | 0 0 0 |  |  | FLAIR
t2_tirm_tra |  | SE\IR |  | 9000 100 2500 |  |  | FLAIR
stir_tra | stir_tra | SE\IR | SK | 4500 40 160 |  |  | STIR
t2_tirm_cor |  | SE\IR | SK | 4000 50 150 |  |  | STIR
Ax T1 FLAIR |  | SE\IR | SK | 2500 10 860 |  |  | T1 FLAIR
T1W_IR_TSE |  | IR | SK | 2800 12 1100 |  |  | T1 FLAIR
FLAIR tra |  | SE\IR | SK | 4500 40 160 |  |  | contradiction
t1_tra |  | SE\IR | SK | 9000 120 2500 |  |  | contradiction
FLAIR |  | SE |  | 550 12 0 | Gadovist |  | contradiction
s5 | FLAIR | SE | SK | 4500 100 0 |  |  | contradiction
t2_tse_tra |  | SE |  | 550 12 0 |  |  | contradiction
t1_se_tra_km | Kopf mit KM | SE | NONE | 550 12 0 | Gadovist 7 ml |  | T1 + contrast
Ax T1 +C |  | SE | SK | 600 15 0 |  |  | T1 + contrast
T1 post gad |  | SE | SK | 500 14 0 |  |  | T1 + contrast
t1_mprage_sag_p2_iso KM |  | GR\IR | SP\MP | 1900 2.5 900 |  |  | T1 + contrast
3D T1 FFE GD |  | GR | SP | 25 4.6 0 |  |  | T1 + contrast
T1 tra kontraszt után | Koponya kontrasztos | SE |  | 500 12 0 |  |  | T1 + contrast
T1 ax iv. ka |  | SE |  | 500 12 0 |  |  | T1 + contrast
T1 SE AX injecté |  | SE |  | 500 12 0 |  |  | T1 + contrast
SE T1 après injection |  | SE |  | 500 12 0 |  |  | T1 + contrast
T1 axial con contraste |  | SE |  | 500 12 0 |  |  | T1 + contrast
T1 assiale dopo contrasto |  | SE |  | 500 12 0 |  |  | T1 + contrast
AX T1 con mdc |  |  |  | 0 0 0 |  |  | T1 + contrast
t1_tra |  | SE |  | 500 12 0 | Dotarem |  | T1 + contrast
s7 |  | SE |  | 500 12 0 | Dotarem 14ml |  | T1 + contrast
t1_vibe_fs_tra_Gd |  | GR | SP\OSP | 4.5 2 0 |  |  | T1 + contrast
t1_se_tra | t1_se_tra nativ | SE | NONE | 550 12 0 |  |  | T1 native
t1_tra |  | SE | NONE | 550 12 0 | NONE |  | T1 native
t1_tra |  | SE | NONE | 550 12 0 | nincs |  | T1 native
t1_tra |  | SE | NONE | 550 12 0 | kein KM |  | T1 native
Ax T1 pre |  | SE | SK | 600 15 0 |  |  | T1 native
T1 tra ohne KM |  | SE | SK | 600 15 0 |  |  | T1 native
T1 tra kontraszt nélkül |  | SE | SK | 600 15 0 |  |  | T1 native
T1 sans injection |  | SE | SK | 600 15 0 |  |  | T1 native
T1 senza mdc |  | SE | SK | 600 15 0 |  |  | T1 native
T1 non-contrast |  | SE | SK | 600 15 0 |  |  | T1 native
t1_tra |  | SE | NONE | 550 12 0 |  |  | agent?
t1_mprage_tra |  | GR\IR | SP\MP | 2530 1.6 1200 |  |  | agent?
t1_gre_fsp_3d_sag |  | GR\IR | NONE | 7.25 3.1 750 |  |  | agent?
T1 5 km |  | SE |  | 550 12 0 |  |  | agent?
T1 tra post-op |  | SE |  | 550 12 0 |  |  | agent?
T1 preop navi |  | SE |  | 550 12 0 |  |  | agent?
t1_fl2d FA 70 |  | GR | SP | 200 4 0 |  |  | agent?
T1 posterior fossa |  | SE |  | 550 12 0 |  |  | agent?
T1 C-spine pressure |  | SE |  | 550 12 0 |  |  | agent?
T1 with and without contrast |  | SE |  | 550 12 0 |  |  | agent?
t1_tra nativ |  | SE |  | 550 12 0 | Gadovist |  | agent?
t1_tra post Gd |  | SE |  | 550 12 0 | none |  | agent?
t2_tse_tra | t2_tse_tra | SE | SK | 4500 100 0 |  |  | T2
s2 |  | SE | SK | 4500 100 0 |  |  | T2
pd_tse_tra |  | SE | SK | 3000 15 0 |  |  | proton density
pd+t2_tse_sag |  | SE | SK | 4320 92 0 |  |  | T2
ep2d_diff_b1000 | ep2d_diff_b1000 | EP | SK | 6000 90 0 |  | DIFFUSION | diffusion
ep2d_bold_rest | ep2d_bold_rest | EP\GR | SK | 2000 30 0 |  |  | BOLD
dti_tra_dir16_AP |  | EP | NONE | 5865 71.5 0 |  |  | diffusion
T2W/FE-EPI |  | GR | OSP | 1200 40 0 |  |  | echo planar
EPI PE=AP |  | EP | SK | 2435 50 0 |  |  | echo planar
t2_swi3d_tra | t2_swi3d_tra | GR | SK | 28 20 0 |  |  | SWI
t2_fl2d_tra_hemo |  | GR | SP | 800 26 0 |  |  | T2*
s9 |  | GR |  | 700 22 0 |  |  | T2*
TOF_3D_multi-slab |  | GR | SP | 21 3.4 0 |  |  | angiography
CEMRA tra |  | GR | SP | 3 1 0 | Gadovist |  | angiography
localizer |  | GR |  | 20 5 0 |  |  | localizer
Survey |  | GR |  | 20 5 0 |  |  | localizer
s1 |  | SE\IR | SK | 9000 120 2500 |  | LOCALIZER | localizer
ADC map |  | SE\IR | SK | 9000 120 2500 |  | ADC | derived map
t1 MIP |  | GR | SP | 21 3.4 0 |  | MIP | MIP
t1 sub |  | GR | SP | 21 3.4 0 | Gadovist | SUBTRACTION | subtraction
s6 |  | GR | SP | 21 3.4 0 |  | PHASE MAP | phase
ep2d_perf |  | EP |  | 1500 30 0 | Gadovist |  | perfusion
 |  |  |  | 0 0 0 |  |  | ?
t2_tirm_tra |  | SE |  | 6000 90 0 |  |  | ?
series 4 | sub-01 |  |  | 0 0 0 |  |  | ?
t2_tirm_tra |  |  |  | 0 0 0 |  |  | ?
tirm fl tra |  |  |  | 0 0 0 |  |  | ?
s8 |  | SE\IR |  | 9000 0 2500 |  |  | ?
s8 |  | SE\IR |  | 9000 50 2500 |  |  | ?
s8 |  |  |  | 0 120 0 |  |  | ?
";

fn made(values: &str) -> Vec<String> {
    values
        .split('\\')
        .filter(|value| !value.is_empty())
        .map(str::to_owned)
        .collect()
}

fn mr(series: &str, protocol: &str) -> Header {
    let mut header = header();
    header.instance.format = SourceFormat::Dicom;
    header.series.modality = "MR".into();
    header.series.description = Some(series.into());
    header.series.protocol_name = Some(protocol.into());
    header
}

fn in_words(said: Option<SaidSequence>) -> String {
    match said {
        Some(SaidSequence::Is(sequence)) => sequence.to_string(),
        Some(SaidSequence::AgentUnknown) => "agent?".into(),
        Some(SaidSequence::Unknown) => "?".into(),
        Some(SaidSequence::Contradiction { .. }) => "contradiction".into(),
        Some(SaidSequence::Mixed(..)) => "mixed".into(),
        None => "no MR".into(),
    }
}

#[test]
fn headers_of_protocols_mean_what_a_person_says_of_them() {
    let lines: Vec<&str> = PROTOCOLS.lines().filter(|line| !line.is_empty()).collect();
    assert!(lines.len() >= 60, "{}", lines.len());
    let mut wrong = vec![];
    for line in lines {
        let fields: Vec<&str> = line.split(" | ").map(str::trim).collect();
        let [series, protocol, scanning, variant, times, agent, kind, right] = fields[..] else {
            wrong.push(format!("{line}: {} fields", fields.len()));
            continue;
        };
        let times: Vec<Option<f64>> = times.split(' ').map(|time| time.parse().ok()).collect();
        let facts = ImageFacts {
            acquisition: Acquisition {
                image_type: made(&format!("ORIGINAL\\PRIMARY\\{kind}")),
                scanning: made(scanning),
                variant: made(variant),
                repetition_ms: times[0],
                echo_ms: times[1],
                inversion_ms: times[2],
                agent: (!agent.is_empty()).then(|| agent.to_owned()),
                ..Acquisition::default()
            },
            ..ImageFacts::default()
        };
        let said = in_words(SaidKind::of(&mr(series, protocol), &facts, 0).sequence);
        if said != right {
            wrong.push(format!("{line}: {said}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn parts_of_the_body_are_known_by_code_and_by_word() {
    let part = |code: &str, series: &str, study: &str| {
        let mut header = mr(series, "");
        header.series.body_part_examined = Some(code.to_owned());
        header.study.description = Some(study.to_owned());
        SaidKind::of(&header, &ImageFacts::default(), 0).part
    };
    for head in [
        "HEAD",
        "BRAIN",
        "SKULL",
        "HEADNECK",
        "KOPF",
        "KOPONYA",
        "CABEZA",
        "CRANE",
        "TETE",
        "TESTA",
        "AGY",
        "Schädel",
        "Encéphale",
        "CEREBRO",
        "koponya natív",
    ] {
        assert_eq!(part(head, "", ""), Part::Is(BodyPart::Head), "{head}");
    }
    for other in ["KNEE", "TERD", "BRZUCH", "NECK", "HEART", "L_SPINE"] {
        assert_eq!(part(other, "", ""), Part::Other(other.to_owned()), "{other}");
    }
    let other = |word: &str| Part::Other(word.to_owned());
    assert_eq!(part("", "Knee left axial", "Knee left axial"), other("knee"));
    assert_eq!(part("", "s1", "Térd jobb"), other("terd"));
    assert_eq!(part("HEAD", "C-spine sag", "MR brain"), other("spine"));
    assert_eq!(part("", "FLAIR tra", "MR agy"), Part::Is(BodyPart::Head));
    assert_eq!(part("", "agyalapi mirigy", ""), Part::Is(BodyPart::Head));
    assert_eq!(part("UNKNOWN", "FLAIR", ""), Part::Unknown);
    assert_eq!(
        (part("CHEST", "", ""), part("", "s1", "s2")),
        (Part::Is(BodyPart::Chest), Part::Unknown)
    );
    assert_eq!(part("THORAX", "", ""), Part::Is(BodyPart::Chest));
    assert_eq!(BodyPart::of_code("BREAST"), Some(BodyPart::Breast));
}

#[test]
fn planes_are_those_of_the_orientation_and_else_of_the_words() {
    let plane = |orientation: Option<[f64; 6]>, series: &str| {
        let mut header = mr(series, "");
        header.image.orientation = orientation;
        SaidKind::of(&header, &ImageFacts::default(), 0).plane
    };
    let tilted = |degrees: f64| {
        let (sin, cos) = degrees.to_radians().sin_cos();
        Some([1.0, 0.0, 0.0, 0.0, cos, -sin])
    };
    assert_eq!(plane(tilted(0.0), "sag"), Some(SlicePlane::Axial));
    assert_eq!(plane(tilted(29.0), ""), Some(SlicePlane::Axial));
    assert_eq!(plane(tilted(45.0), ""), Some(SlicePlane::Oblique));
    assert_eq!(plane(tilted(61.0), ""), Some(SlicePlane::Coronal));
    assert_eq!(
        plane(Some([0.0, 1.0, 0.0, 0.0, 0.0, -1.0]), ""),
        Some(SlicePlane::Sagittal)
    );
    assert_eq!(plane(None, "t2_tra"), Some(SlicePlane::Axial));
    assert_eq!(plane(None, "T2 COR"), Some(SlicePlane::Coronal));
    assert_eq!((plane(None, "trace"), plane(None, "ax sag")), (None, None));
}

#[test]
fn a_phantom_of_the_program_is_a_flair_head_without_an_age() {
    let facts = ImageFacts {
        acquisition: Acquisition {
            phantom: true,
            ..Acquisition::default()
        },
        ..ImageFacts::default()
    };
    let said = SaidKind::of(&header(), &facts, 0);
    assert_eq!(said.sequence, Some(SaidSequence::Is(Sequence::Flair)));
    assert_eq!(said.part, Part::Is(BodyPart::Head));
    let file = SaidKind::of(&header(), &ImageFacts::default(), 0);
    assert_eq!((file.sequence, file.part), (None, Part::Unknown));
}
