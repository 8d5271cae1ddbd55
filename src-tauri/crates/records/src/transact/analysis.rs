//! One run of a model with its findings.

use domain::{Analysis, Finding, ModelSigner, Prevalence, Split, Uid};
use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};

use super::{Tx, or_signed};
use crate::database::sql;
use crate::error::{Error, Result};
use crate::files::FileId;
use crate::words;

/// Number of an analysis; a later one has a higher number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AnalysisId(pub i64);

impl Tx<'_> {
    /// Adds an analysis of a stored instance, its findings and, where new, its model version. The
    /// same analysis made again is a further row; its findings keep their ids and so their reviews.
    ///
    /// # Errors
    /// `not_found` when the instance is not stored, `study_signed`, `invalid_record` when a number
    /// is not finite.
    pub fn insert_analysis(&mut self, analysis: &Analysis, map_file: Option<&FileId>) -> Result<AnalysisId> {
        require_finite(analysis)?;
        let (instance, study, study_uid) = self.place_of(&analysis.sop_instance_uid)?;
        let model = self.model_version_of(analysis)?;
        let (point, ms) = (&analysis.operating_point, &analysis.milliseconds);
        let coded = analysis.input.reason.as_ref().and_then(|reason| reason.coded.as_ref());
        let coded = coded
            .map(serde_json::to_string)
            .transpose()
            .map_err(|_| Error::Invalid("the reason of the input gate cannot be written as JSON".to_owned()))?;
        let by_patient = point.patients.as_ref().map(serde_json::to_string).transpose();
        let by_patient =
            by_patient.map_err(|_| Error::Invalid("the operating point cannot be written as JSON".to_owned()))?;
        let heads = serde_json::to_string(&analysis.heads)
            .map_err(|_| Error::Invalid("the heads of an analysis cannot be written as JSON".to_owned()))?;
        let inserted = self
            .connection
            .prepare_cached(sql!("insert_analysis"))?
            .execute(params![
                instance,
                analysis.frame,
                model,
                analysis.input.verdict.as_str(),
                analysis.input.reason.as_ref().map(|reason| &reason.words),
                analysis.input.score,
                analysis.score.map(|score| score.value()),
                analysis.reached,
                point.name,
                point.threshold,
                point.sensitivity.value,
                point.specificity.map(|estimate| estimate.value),
                point.set_sentence(),
                analysis.device.to_string(),
                analysis.precision.as_str(),
                ms.decode,
                ms.preprocess,
                ms.infer,
                ms.post,
                ms.total,
                analysis.app_version,
                map_file.map(FileId::as_str),
                self.now.0,
                self.actor.user,
                coded,
                point.sensitivity.low,
                point.sensitivity.high,
                point.specificity.and_then(|estimate| estimate.low),
                point.specificity.and_then(|estimate| estimate.high),
                point.set.pack,
                point.set.subset,
                point.set.split.as_ref().map(Split::as_str),
                point.set.images,
                point.set.patients,
                point.chosen_on_it,
                by_patient,
                heads,
                analysis.signer.map(ModelSigner::as_str),
                analysis.prevalence.map(Prevalence::share),
            ]);
        or_signed(inserted, &study_uid)?;
        let id = AnalysisId(self.connection.last_insert_rowid());
        for (position, finding) in analysis.findings.iter().enumerate() {
            self.insert_finding(id, position, finding)?;
        }
        self.changed(study, &study_uid);
        self.count("analyses");
        self.note("model", format!("{} {}", analysis.model.bundle, analysis.model.version));
        self.note("weights_sha256", analysis.model.weights_sha256.as_str());
        Ok(id)
    }

    fn insert_finding(&mut self, analysis: AnalysisId, position: usize, finding: &Finding) -> Result<()> {
        let Finding {
            id,
            label,
            score,
            region,
        } = finding;
        let outlines = serde_json::to_string(&region.outlines)
            .map_err(|_| Error::Invalid(format!("the outlines of finding {id} cannot be written as JSON")))?;
        self.connection
            .prepare_cached(sql!("insert_finding"))?
            .execute(params![
                analysis.0,
                id,
                words::signed(position as u64)?,
                label,
                score.value(),
                region.bounds.x,
                region.bounds.y,
                region.bounds.width,
                region.bounds.height,
                region.peak.x,
                region.peak.y,
                region.area_px,
                region.area_mm2,
                outlines,
            ])?;
        self.count("findings");
        Ok(())
    }

    /// Row of the instance, row and UID of its study.
    pub(super) fn place_of(&self, sop_instance_uid: &Uid) -> Result<(i64, i64, Uid)> {
        let mut statement = self.connection.prepare_cached(sql!("find_instance_by_uid"))?;
        let found: Option<(i64, i64, String)> = statement
            .query_row([sop_instance_uid.as_str()], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
            .optional()?;
        let (instance, study, uid) = found.ok_or_else(|| Error::not_found("instance", sop_instance_uid))?;
        Ok((instance, study, words::uid(&uid)?))
    }

    fn model_version_of(&self, analysis: &Analysis) -> Result<i64> {
        let model = &analysis.model;
        let mut insert = self.connection.prepare_cached(sql!("insert_model_version"))?;
        insert.execute(params![model.bundle, model.version, model.weights_sha256, self.now.0])?;
        let mut find = self.connection.prepare_cached(sql!("find_model_version"))?;
        Ok(find.query_row([&model.bundle, &model.version, &model.weights_sha256], |row| row.get(0))?)
    }
}

/// SQLite keeps a NaN as NULL, which would read back as something never said.
fn require_finite(analysis: &Analysis) -> Result<()> {
    let (point, ms) = (&analysis.operating_point, &analysis.milliseconds);
    let numbers = [
        f64::from(analysis.input.score.unwrap_or(0.0)),
        f64::from(point.threshold),
        ms.decode,
        ms.preprocess,
        ms.infer,
        ms.post,
        ms.total,
    ];
    let spoken = analysis.heads.iter().map(|flag| f64::from(flag.score));
    let areas = analysis.findings.iter().filter_map(|finding| finding.region.area_mm2);
    let measured = [Some(point.sensitivity), point.specificity];
    let measured = measured.into_iter().flatten();
    let figures = measured.flat_map(|estimate| {
        [Some(estimate.value), estimate.low, estimate.high]
            .into_iter()
            .flatten()
    });
    if numbers
        .into_iter()
        .chain(spoken)
        .chain(areas)
        .chain(figures)
        .all(f64::is_finite)
    {
        return Ok(());
    }
    Err(Error::Invalid(format!(
        "an analysis of instance {} with a number that is not finite",
        analysis.sop_instance_uid
    )))
}
