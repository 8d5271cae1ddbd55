//! How frequent what a bundle looks for is among the images of this site: stated by a person, who may ask for an estimate
//! first. It moves the scores and thresholds that are told, and never what is flagged.

use std::collections::BTreeMap;

use domain::prevalence::estimate;
use domain::{Failure, FailureCode, Permission, Prevalence, PriorShift};
use engine::Bundle;
use records::{Op, SitePrevalenceRow};

use super::known::known;
use super::{active, describe, installed_folder};
use crate::permit::permit;
use crate::time::now;
use crate::vault::OpenVault;
use contract::rfc3339;
use contract::terminal::PrevalenceWire;
use contract::window::{PrevalenceEstimate, SitePrevalence};

/// Fewer studies say too little of how frequent anything is.
const LEAST_STUDIES: usize = 30;
/// The newest ones count, so that what the site was years ago does not.
const MOST_STUDIES: usize = 1_000;
/// Of studies, that are left out in turn.
const BLOCKS: usize = 50;

/// At which prevalence the scores of the version in use are told; with `estimate` also what this vault's scores speak for.
///
/// # Errors
/// `bundle_not_found`; for an estimate `usage` where there are too few studies or the scores are no probabilities.
pub fn prevalence(open: &OpenVault, name: &str, estimate: bool) -> Result<PrevalenceWire, Failure> {
    let bundle = in_use(open, name)?;
    let stated = open.vault.site_prevalences()?;
    let newest = newest(&stated, name);
    Ok(PrevalenceWire {
        bundle: bundle.model.bundle.clone(),
        version: bundle.model.version.clone(),
        calibrated_at: calibrated_at(&bundle),
        stated: newest.and_then(|row| row.prevalence),
        changed_at: newest.map(|row| rfc3339(row.changed_at)),
        changed_by: newest.map(|row| row.changed_by.clone()),
        estimate: estimate.then(|| estimate_of(open, &bundle)).transpose()?,
    })
}

/// States how frequent it is, or takes that back; it holds for analyses from then on, and for those that were made it is
/// kept at which prevalence they were told.
///
/// # Errors
/// `bundle_not_found`; `usage` where the bundle's scores are no probabilities.
pub fn state_prevalence(
    open: &mut OpenVault,
    name: &str,
    stated: Option<Prevalence>,
) -> Result<PrevalenceWire, Failure> {
    permit(&open.session, Permission::ManageModels)?;
    let bundle = in_use(open, name)?;
    if stated.is_some() {
        probabilities(&bundle)?;
    }
    let op = Op::ModelChange {
        bundle: name.to_owned(),
    };
    open.vault
        .transact(&open.session, op, now(), |tx| tx.state_prevalence(name, stated))?;
    prevalence(open, name, false)
}

/// What this vault's scores of the version in use speak for.
///
/// # Errors
/// As [`prevalence`] with an estimate.
pub fn estimated(open: &OpenVault, name: &str) -> Result<PrevalenceEstimate, Failure> {
    estimate_of(open, &in_use(open, name)?)
}

/// For the window; `None` where scores are no probabilities.
pub(super) fn of_bundle(bundle: &Bundle, stated: &[SitePrevalenceRow]) -> Option<SitePrevalence> {
    let newest = newest(stated, &bundle.model.bundle);
    Some(SitePrevalence {
        calibrated_at: calibrated_at(bundle)?,
        stated: newest.and_then(|row| row.prevalence),
        changed_at: newest.map(|row| row.changed_at),
        changed_by: newest.map(|row| row.changed_by.clone()),
    })
}

fn newest<'a>(stated: &'a [SitePrevalenceRow], name: &str) -> Option<&'a SitePrevalenceRow> {
    stated.iter().rev().find(|row| row.bundle == name)
}

fn calibrated_at(bundle: &Bundle) -> Option<Prevalence> {
    Some(bundle.metadata.calibration.made_on?.prevalence())
}

fn probabilities(bundle: &Bundle) -> Result<Prevalence, Failure> {
    calibrated_at(bundle).ok_or_else(|| {
        let title = &bundle.metadata.title;
        Failure::usage(format!(
            "the scores of '{}' ({title}) are no probabilities: it was calibrated on no images without an anomaly, so a \
             prevalence says nothing of them",
            bundle.model.bundle
        ))
    })
}

fn in_use(open: &OpenVault, name: &str) -> Result<Bundle, Failure> {
    describe::may_read(open)?;
    let told = active::told(open)?;
    let all = known(&installed_folder())?;
    let found = all.into_iter().filter(|one| told.is_active(one));
    let mut found = found.filter_map(|one| one.bundle.ok());
    found.find(|bundle| bundle.model.bundle == name).ok_or_else(|| {
        let message = format!("no bundle '{name}' is in use; 'overread models list' prints those that are");
        Failure::new(FailureCode::BundleNotFound, message)
    })
}

/// By expectation and maximisation over what nothing hides from the person who asks; the interval by leaving out blocks of
/// studies in turn (the jackknife of Efron and Tibshirani, An Introduction to the Bootstrap, chapter 11), in log odds, for
/// images of one study are alike.
fn estimate_of(open: &OpenVault, bundle: &Bundle) -> Result<PrevalenceEstimate, Failure> {
    permit(&open.session, Permission::ManageModels)?;
    permit(&open.session, Permission::ViewRecords)?;
    let made_at = probabilities(bundle)?;
    let model = &bundle.model;
    let mut by_study: BTreeMap<i64, Vec<(f32, f64)>> = BTreeMap::new();
    for told in open
        .vault
        .scores_of(&model.bundle, &model.weights_sha256, &open.session.user)?
    {
        if by_study.len() == MOST_STUDIES && !by_study.contains_key(&told.study) {
            continue;
        }
        let own = told.prevalence.map(|site| PriorShift::between(site, made_at));
        let score = own.map_or(told.score, |shift| shift.of(told.score));
        by_study.entry(told.study).or_default().push((score, 1.0));
    }
    let studies = by_study.len();
    if studies < LEAST_STUDIES {
        return Err(Failure::usage(format!(
            "an estimate needs {LEAST_STUDIES} studies with a score of '{}' {}, and this vault holds {studies}; state the \
             prevalence as you know it",
            model.bundle, model.version
        )));
    }
    let all = |without: Option<usize>| -> Vec<(f32, f64)> {
        let kept = by_study
            .values()
            .enumerate()
            .filter(|(place, _)| Some(place % BLOCKS) != without);
        kept.flat_map(|(_, scores)| scores.iter().copied()).collect()
    };
    let log_odds = |share: Prevalence| (share.share() / (1.0 - share.share())).ln();
    let whole = all(None);
    let value = estimate(&whole, made_at).unwrap_or(made_at);
    let left_out = (0..BLOCKS.min(studies)).filter_map(|block| estimate(&all(Some(block)), made_at));
    let left_out: Vec<f64> = left_out.map(log_odds).collect();
    let count = left_out.len() as f64;
    let mean = left_out.iter().sum::<f64>() / count;
    let squares: f64 = left_out.iter().map(|one| (one - mean).powi(2)).sum();
    let reach = 1.96 * (squares * (count - 1.0) / count).sqrt();
    let at = |log_odds: f64| Prevalence::clamped(1.0 / (1.0 + (-log_odds).exp()));
    Ok(PrevalenceEstimate {
        value,
        low: at(log_odds(value) - reach),
        high: at(log_odds(value) + reach),
        images: whole.len() as u64,
        studies: studies as u64,
    })
}
