//! Writes the types of this module as TypeScript and compares them with the committed file.

use domain::numbers::{Agreement, Copied, DecisionCounts, ModelQuality, ReadFirst};
use domain::quality::{Agreed, BundleQuality, Change, Compared, Interval, QualityStep, ShareTold, Verdict};
use domain::{
    Annotation, AnnotationKind, AuditRow, AxisUnit, Bounded, BundleDeed, BundleOrigin, BundleState, ByPatient, Coded,
    CommercialUse, Counterparts, Decision, DecisionKind, Device, DeviceSetting, Doubt, DoubtedField, Estimate,
    FailedInput, Failure, FailureCode, Finding, Flag, FormText, FrameRef, Head, ImageAttributes, InputCheck,
    InputVerdict, Instance, JobKind, JobState, Language, Lesion, LostFiles, Measured, MeasuredRegion, ModelSigner,
    ModelVersion, Noted, OperatingPoint, Opinion, Orientation, Outcome, Patient, Permission, Phase, Photometric,
    PixelBox, PixelPoint, Precision, Prevalence, ReadOnly, Reading, RecordCounts, Refusal, Region, ReportForm,
    ReportFormat, Rescale, Review, Role, SaidOfStudy, Says, Score, Sentence, SentenceCode, SentenceValue, Series,
    Session, SetRef, Sex, ShortcutProfile, Sides, SignOff, SourceFormat, SpacingBasis, StageMilliseconds,
    StatedSequence, StatedView, Study, StudyState, StudySummary, Theme, Timestamp, Uid, VaultNumbers, VaultVersions,
    VoiChoice, VoiFunction, Window, WorklistColumn, WorklistRow,
};
use ts_rs::{Config, TS};

use super::*;
use crate::BundleFacts;
use crate::terminal::{AlsoReadWire, ImportWire, NoImageWire, NoteWire, ReportWire};

use crate::written::{GENERATED, compare, config};

/// One declaration a type, in the order of the files of this module.
fn declarations(config: &Config) -> Vec<(String, String)> {
    macro_rules! of {
        ($($name:ident),+ $(,)?) => {
            vec![$((
                <$name as TS>::name(config),
                format!("{}export {}", <$name as TS>::docs().unwrap_or_default(), <$name as TS>::decl(config)),
            )),+]
        };
    }
    of![
        Uid,
        Timestamp,
        StartInfo,
        VaultPlace,
        KnownVault,
        SessionInfo,
        Role,
        Permission,
        ReadOnly,
        Settings,
        Language,
        Theme,
        ShortcutProfile,
        DeviceSetting,
        JobKind,
        JobState,
        Phase,
        JobInfo,
        JobPace,
        JobSummary,
        FailedInput,
        ImportSummary,
        ImportWire,
        NoImageWire,
        AlsoReadWire,
        NoteWire,
        AnalyzeSummary,
        BackupSummary,
        Copied,
        ReportWire,
        AppEvent,
        DropState,
        FailureCode,
        Failure,
        StudyState,
        WorklistOrder,
        WorklistColumn,
        WorklistQuery,
        WorklistView,
        WorklistRow,
        SavedFilter,
        StudyDetail,
        StudySummary,
        SaidOfStudy,
        PatientEntry,
        StatedEntry,
        StatedSequence,
        StatedView,
        Noted,
        Doubt,
        DoubtedField,
        Patient,
        Sex,
        Study,
        SeriesWire,
        Series,
        InstanceWire,
        SliceWire,
        Orientation,
        Sides,
        SpacingBasis,
        VoiFunction,
        VoiChoice,
        MeasuredRegion,
        AxisUnit,
        Counterparts,
        Instance,
        SourceFormat,
        ImageAttributes,
        Photometric,
        Rescale,
        Window,
        AnalysisWire,
        Says,
        FindingWire,
        Lesion,
        DecisionKind,
        Finding,
        Region,
        PixelBox,
        PixelPoint,
        Score,
        ModelVersion,
        ModelSigner,
        Flag,
        Head,
        InputCheck,
        Refusal,
        InputVerdict,
        Device,
        Precision,
        StageMilliseconds,
        Sentence,
        Coded,
        SentenceCode,
        SentenceValue,
        Review,
        Decision,
        ReviewedWire,
        SignOff,
        Annotation,
        AnnotationKind,
        Measured,
        FrameRef,
        ReportForm,
        FormText,
        Opinion,
        Reading,
        ReportFormat,
        OfferedFormat,
        OperatingPoint,
        ByPatient,
        Bounded,
        Estimate,
        SetRef,
        BundleOrigin,
        BundleState,
        BundleDeed,
        ModelInfo,
        BundleFacts,
        CommercialUse,
        ModelFigure,
        Prevalence,
        PrevalenceEstimate,
        SitePrevalence,
        FigureValue,
        ModelUse,
        Verification,
        Quality,
        ModelQuality,
        DecisionCounts,
        Agreement,
        ReadFirst,
        BundleQuality,
        ShareTold,
        Agreed,
        Compared,
        Change,
        Verdict,
        Interval,
        QualityStep,
        VaultStatus,
        Session,
        VaultNumbers,
        VaultVersions,
        RecordCounts,
        LostFiles,
        AuditPage,
        AuditRow,
        Outcome,
        AuditCheck,
        DeviceInfo,
    ]
}

#[test]
fn the_committed_typescript_says_what_the_rust_types_say() -> Result<(), Box<dyn std::error::Error>> {
    let text: Vec<String> = declarations(&config()).into_iter().map(|(_, text)| text).collect();
    let text = format!("{GENERATED}\n{}\n", text.join("\n\n"));
    let text: String = text.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    compare("ui/src/ipc/generated/wire.ts", &text)
}

/// What both sides compute by, as constants.
#[test]
fn the_typescript_draws_maps_on_the_scale_of_the_report() -> Result<(), Box<dyn std::error::Error>> {
    use domain::map_scale::{FIRST_DRAWN, FLOOR, OPACITY, colour_of_level};
    let colours: Vec<String> = (0..=u8::MAX)
        .map(|level| {
            let [red, green, blue] = colour_of_level(level);
            format!("0x{red:02x}{green:02x}{blue:02x},")
        })
        .collect();
    let colours: Vec<String> = colours
        .chunks(8)
        .map(|line| format!("    {}", line.join(" ")))
        .collect();
    let text = format!(
        "{GENERATED}\n/** The scale of anomaly maps, whose values are 0..65535 for 0..1. */\n\
         export const map_scale: {{\n  \
           /** nothing is drawn below, 0..1 */ floor: number;\n  \
           /** the floor as a value of a map */ first_drawn: number;\n  \
           /** as long as nobody chose another */ opacity: number;\n  \
           /** red, green, blue by the upper byte of a value */ colours: readonly number[];\n\
         }} = {{\n  floor: {FLOOR},\n  first_drawn: {FIRST_DRAWN},\n  opacity: {OPACITY},\n  colours: [\n{}\n  ],\n}};\n",
        colours.join("\n")
    );
    compare("ui/src/ipc/generated/map_scale.ts", &text)
}

#[test]
fn the_typescript_has_the_presets_of_the_program() -> Result<(), Box<dyn std::error::Error>> {
    use domain::presets::{CT, OTHERS};
    let ct = CT.map(|one| {
        let Window { center, width } = one.window;
        format!("  {{ id: '{}', center: {center}, width: {width} }},\n", one.id)
    });
    let others = OTHERS.map(|one| {
        format!(
            "  {{ id: '{}', center: {}, width: {} }},\n",
            one.id, one.center, one.width
        )
    });
    let kind = "readonly { readonly id: string; readonly center: number; readonly width: number }[]";
    let text = format!(
        "{GENERATED}\n/** Windows of CT in HU, in the order of the keys 1 to 9. */\nexport const ct_presets: {kind} = [\n{}];\n\n\
         /** Of all other modalities: where the centre lies in the frame's own window (0..1), and a share of its width; 0 \
         for every value of the frame. */\nexport const relative_presets: {kind} = [\n{}];\n",
        ct.concat(),
        others.concat()
    );
    compare("ui/src/ipc/generated/presets.ts", &text)
}

/// One wording for a state, and for a sex, in window, terminal and report.
#[test]
fn the_words_of_the_window_are_those_of_terminal_and_report() -> Result<(), Box<dyn std::error::Error>> {
    let words: serde_json::Value = serde_json::from_str(include_str!("../../../../../ui/src/words/en.json"))?;
    let said = |key: String| words[key.as_str()].as_str().unwrap_or_default().to_lowercase();
    for state in StudyState::ALL {
        assert_eq!(said(format!("state.{state}")), state.in_words());
    }
    for sex in Sex::ALL {
        assert_eq!(said(format!("sex.{sex}")), sex.in_words());
    }
    Ok(())
}

#[test]
fn every_type_that_another_one_names_is_written_too() {
    let config = config();
    let written = declarations(&config);
    let known = ["string", "number", "boolean", "null", "Array", "key", "in"];
    for (name, text) in &written {
        let body: String = text
            .split_once(" = ")
            .map(|(_, body)| body.to_owned())
            .unwrap_or_default();
        let code: String = body
            .split("/**")
            .map(|part| part.split_once("*/").map_or(part, |(_, code)| code))
            .collect();
        // A word in quotes names no type, and may hold a blank.
        let types = code
            .split('"')
            .step_by(2)
            .flat_map(|part| part.split(|c: char| !c.is_ascii_alphanumeric() && c != '_'))
            .filter(|word| word.starts_with(|c: char| c.is_ascii_uppercase()));
        for word in types {
            assert!(
                known.contains(&word) || written.iter().any(|(other, _)| other == word),
                "{name} names {word}, which is not written"
            );
        }
    }
}
