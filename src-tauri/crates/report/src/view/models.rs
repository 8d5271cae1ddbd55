//! Under which conditions the findings were made.

use domain::{Analysis, Bounded, ModelSigner, OperatingPoint, ReportSnapshot, ReportedAnalysis, Says, SetRef};

use super::fields::{Field, field};
use crate::words::{count, percent, utc};
use domain::analysis::score_text as score;

/// One block of fields for each model version, operating point, device, precision and application
/// version that took part, in the order of the analyses.
pub fn models(snapshot: &ReportSnapshot) -> Vec<Vec<Field>> {
    let mut groups: Vec<Vec<&ReportedAnalysis>> = Vec::new();
    for reported in &snapshot.analyses {
        match groups
            .iter_mut()
            .find(|group| same_conditions(&group[0].analysis, &reported.analysis))
        {
            Some(group) => group.push(reported),
            None => groups.push(vec![reported]),
        }
    }
    groups.iter().map(|group| block(group)).collect()
}

fn same_conditions(a: &Analysis, b: &Analysis) -> bool {
    a.model == b.model
        && a.signer == b.signer
        && a.operating_point == b.operating_point
        && a.prevalence == b.prevalence
        && a.device == b.device
        && a.precision == b.precision
        && a.app_version == b.app_version
}

fn block(group: &[&ReportedAnalysis]) -> Vec<Field> {
    let analysis = &group[0].analysis;
    let point = &analysis.operating_point;
    let times = || group.iter().map(|reported| reported.analysed_at);
    let when = match (times().min(), times().max()) {
        (Some(first), Some(last)) if utc(first) != utc(last) => format!("{} to {}", utc(first), utc(last)),
        (Some(first), _) => utc(first),
        (None, _) => String::new(),
    };
    let mut fields = vec![
        field(
            "Model",
            format!("{}, version {}", analysis.model.bundle, analysis.model.version),
        ),
        field("Signed by", signed_by(analysis.signer)),
        field("Weights sha256", analysis.model.weights_sha256.as_str()),
        field(
            "Operating point",
            format!(
                "{}: {} at a score of {} or more",
                point.name,
                match point.says() {
                    Says::Whether => "flagged",
                    Says::Where => "outlined",
                },
                score(point.threshold)
            ),
        ),
        field(
            "Measured there",
            format!("{}, on {}", shares(point), measured_on(point)),
        ),
        field(
            "Run on",
            format!(
                "{}, {}, by Overread {}",
                analysis.device,
                analysis.precision.as_str(),
                analysis.app_version
            ),
        ),
        field("Analysed", format!("{}, {when}", count(group.len(), "frame"))),
    ];
    if let Some(prevalence) = analysis.prevalence {
        let words =
            format!("scores and threshold are told for {prevalence} of the images with an anomaly, as stated here");
        fields.insert(4, field("Prevalence", words));
    }
    fields
}

fn signed_by(signer: Option<ModelSigner>) -> &'static str {
    match signer {
        Some(ModelSigner::Nobody) => "nobody",
        Some(ModelSigner::Development) => "the published development key, which anybody can use",
        Some(ModelSigner::Release) => "the release key",
        None => "not kept",
    }
}

/// By patient where it was counted so, with what is certain; else by image.
fn shares(point: &OperatingPoint) -> String {
    let Some(patients) = &point.patients else {
        let specificity = point.specificity;
        return format!(
            "sensitivity {}, specificity {}",
            percent(point.sensitivity.value),
            specificity.map_or_else(|| "not measured".into(), |estimate| percent(estimate.value)),
        );
    };
    let counted = |of: &Bounded| {
        let share = percent(f64::from(of.hits) / f64::from(of.of.max(1)));
        let patients = count(of.of as usize, "patient");
        format!("{share} ({} of {patients}, at least {})", of.hits, percent(of.at_least))
    };
    let specificity = match (patients.specificity.of, patients.established) {
        (0, _) => "not established (no patient without a lesion)".to_owned(),
        (_, true) => counted(&patients.specificity),
        (_, false) => format!("not established, {}", counted(&patients.specificity)),
    };
    format!(
        "sensitivity {}, specificity {specificity}",
        counted(&patients.sensitivity)
    )
}

/// `brain-mri/lgg-flair val, 367 images of 12 patients, on which the threshold was chosen`.
fn measured_on(point: &OperatingPoint) -> String {
    let SetRef { images, patients, .. } = &point.set;
    let counted = |many: &Option<u32>, what| many.map(|many| count(many as usize, what));
    let counts = [counted(images, "image"), counted(patients, "patient")];
    let mut words = point.set.to_string();
    let counts: Vec<String> = counts.into_iter().flatten().collect();
    if !counts.is_empty() {
        words += &format!(", {}", counts.join(" of "));
    }
    if point.chosen_on_it {
        words += ", on which the threshold was chosen";
    } else if point.patients.is_some() {
        words += ", whose images were not used to choose the threshold";
    }
    words
}
