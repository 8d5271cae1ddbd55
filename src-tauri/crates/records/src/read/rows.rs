//! Database rows as domain values.

use domain::{
    Analysis, Annotation, AnnotationKind, ByPatient, Decision, Estimate, Finding, Flag, FormText, Head, InputCheck,
    ModelSigner, ModelVersion, OperatingPoint, Opinion, PixelBox, PixelPoint, Prevalence, Reading, Region, ReportForm,
    Review, Score, Sentence, Series, SetRef, Split, StageMilliseconds,
};
use rusqlite::Row;

use crate::error::{Error, Result};
use crate::words;

/// `list_series_of_study.sql`
pub(super) fn series(row: &Row<'_>) -> Result<Series> {
    Ok(Series {
        series_instance_uid: words::uid(&row.get::<_, String>(0)?)?,
        modality: row.get(1)?,
        number: row.get(2)?,
        description: row.get(3)?,
        protocol_name: row.get(4)?,
        body_part_examined: row.get(5)?,
        view_position: row.get(6)?,
        manufacturer: row.get(7)?,
    })
}

/// Of a row of before they were kept: the score where it reached the threshold, else the finding of the head for unknown
/// anomalies.
fn heads(row: &Row<'_>, findings: &[Finding]) -> Result<Vec<Flag>> {
    if let Some(stored) = row.get::<_, Option<String>>(40)? {
        return serde_json::from_str(&stored).map_err(|_| words::unknown("list of flags", &stored));
    }
    if !row.get::<_, bool>(10)? {
        return Ok(vec![]);
    }
    let (score, threshold): (Option<f32>, f32) = (row.get(9)?, row.get(12)?);
    let lesion = score.filter(|score| *score >= threshold).map(|score| Flag {
        head: Head::Lesion,
        score,
        limit: Some(threshold),
    });
    let unusual = || {
        findings.first().map(|finding| Flag {
            head: Head::Unusual,
            score: finding.score.value(),
            limit: None,
        })
    };
    Ok(lesion.or_else(unusual).into_iter().collect())
}

fn prevalence(row: &Row<'_>) -> Result<Option<Prevalence>> {
    let stored: Option<f64> = row.get(42)?;
    let read = |share: f64| Prevalence::try_from(share).map_err(|error| Error::VaultDamaged(error.to_string()));
    stored.map(read).transpose()
}

fn signer(row: &Row<'_>) -> Result<Option<ModelSigner>> {
    let stored: Option<String> = row.get(41)?;
    let read = |word: String| ModelSigner::parse(&word).ok_or_else(|| words::unknown("signer of a model", &word));
    stored.map(read).transpose()
}

fn by_patient(row: &Row<'_>) -> Result<Option<ByPatient>> {
    let stored: Option<String> = row.get(39)?;
    let read = stored.as_deref().map(serde_json::from_str).transpose();
    read.map_err(|_| words::unknown("count of an operating point", stored.as_deref().unwrap_or_default()))
}

/// `list_analyses_of_study.sql`; the findings come from their own rows.
pub(super) fn analysis(row: &Row<'_>, findings: Vec<Finding>) -> Result<Analysis> {
    Ok(Analysis {
        sop_instance_uid: words::uid(&row.get::<_, String>(1)?)?,
        frame: row.get(2)?,
        model: ModelVersion {
            bundle: row.get(3)?,
            version: row.get(4)?,
            weights_sha256: row.get(5)?,
        },
        signer: signer(row)?,
        input: InputCheck {
            verdict: words::verdict(&row.get::<_, String>(6)?)?,
            reason: reason(row)?,
            score: row.get(8)?,
        },
        score: row.get::<_, Option<f32>>(9)?.map(score).transpose()?,
        reached: row.get(10)?,
        heads: heads(row, &findings)?,
        operating_point: OperatingPoint {
            name: row.get(11)?,
            threshold: row.get(12)?,
            sensitivity: Estimate {
                value: row.get(13)?,
                low: row.get(29)?,
                high: row.get(30)?,
            },
            specificity: specificity(row)?,
            set: SetRef {
                pack: row.get(33)?,
                subset: row.get(34)?,
                split: row.get::<_, Option<String>>(35)?.map(Split::from),
                images: row.get(36)?,
                patients: row.get(37)?,
            },
            chosen_on_it: row.get(38)?,
            patients: by_patient(row)?,
        },
        prevalence: prevalence(row)?,
        findings,
        device: words::device(&row.get::<_, String>(16)?)?,
        precision: words::precision(&row.get::<_, String>(17)?)?,
        milliseconds: StageMilliseconds {
            decode: row.get(18)?,
            preprocess: row.get(19)?,
            infer: row.get(20)?,
            post: row.get(21)?,
            total: row.get(22)?,
        },
        app_version: row.get(23)?,
    })
}

fn specificity(row: &Row<'_>) -> Result<Option<Estimate>> {
    let Some(value) = row.get(14)? else { return Ok(None) };
    Ok(Some(Estimate {
        value,
        low: row.get(31)?,
        high: row.get(32)?,
    }))
}

/// A code that this version cannot read leaves the words, which say the same.
fn reason(row: &Row<'_>) -> Result<Option<Sentence>> {
    let words: Option<String> = row.get(7)?;
    let coded: Option<String> = row.get(28)?;
    Ok(words.map(|words| Sentence {
        words,
        coded: coded.and_then(|text| serde_json::from_str(&text).ok()),
    }))
}

/// `list_findings_of_study.sql`, from column 1.
pub(super) fn finding(row: &Row<'_>) -> Result<Finding> {
    let id: String = row.get(1)?;
    let outlines = serde_json::from_str(&row.get::<_, String>(12)?)
        .map_err(|_| Error::VaultDamaged(format!("the outlines of finding {id} are malformed")))?;
    Ok(Finding {
        id,
        label: row.get(2)?,
        score: score(row.get(3)?)?,
        region: Region {
            bounds: PixelBox {
                x: row.get(4)?,
                y: row.get(5)?,
                width: row.get(6)?,
                height: row.get(7)?,
            },
            peak: PixelPoint {
                x: row.get(8)?,
                y: row.get(9)?,
            },
            area_px: row.get(10)?,
            area_mm2: row.get(11)?,
            outlines,
        },
    })
}

/// `list_reviews_of_study.sql`
pub(super) fn review(row: &Row<'_>) -> Result<Review> {
    let (word, label): (String, Option<String>) = (row.get(1)?, row.get(2)?);
    let decision = match (word.as_str(), label) {
        ("accepted", None) => Decision::Accepted,
        ("rejected", None) => Decision::Rejected,
        ("unsure", None) => Decision::Unsure,
        ("changed", Some(label)) => Decision::Changed { label },
        _ => return Err(Error::VaultDamaged(format!("a stored review says '{word}'"))),
    };
    Ok(Review {
        finding_id: row.get(0)?,
        decision,
        note: row.get(3)?,
        reader: row.get(4)?,
        decided_at: words::time(row.get(5)?),
    })
}

/// `list_annotations_of_study.sql`
pub(super) fn annotation(row: &Row<'_>) -> Result<Annotation> {
    let id: String = row.get(0)?;
    let damaged = || Error::VaultDamaged(format!("the stored annotation {id} is malformed"));
    Ok(Annotation {
        sop_instance_uid: words::uid(&row.get::<_, String>(1)?)?,
        frame: row.get(2)?,
        kind: AnnotationKind::parse(&row.get::<_, String>(3)?).ok_or_else(damaged)?,
        points: serde_json::from_str(&row.get::<_, String>(4)?).map_err(|_| damaged())?,
        text: row.get(5)?,
        measured: serde_json::from_str(&row.get::<_, String>(6)?).map_err(|_| damaged())?,
        created_by: row.get(7)?,
        updated_at: words::time(row.get(8)?),
        id,
    })
}

/// `select_report_form.sql`
pub(super) fn form(row: &Row<'_>) -> Result<ReportForm> {
    let key_images = serde_json::from_str(&row.get::<_, String>(5)?)
        .map_err(|_| Error::VaultDamaged("the key images of a stored report are malformed".to_owned()))?;
    Ok(ReportForm {
        text: FormText {
            indication: row.get(0)?,
            technique: row.get(1)?,
            findings: row.get(2)?,
            conclusion: row.get(3)?,
            recommendation: row.get(4)?,
            key_images,
        },
        updated_at: words::time(row.get(6)?),
        updated_by: row.get(7)?,
    })
}

/// `list_readings_of_study.sql`
pub(super) fn reading(row: &Row<'_>) -> Result<Reading> {
    let opinion: Option<String> = row.get(2)?;
    let parse = |word: String| {
        Opinion::parse(&word).ok_or_else(|| Error::VaultDamaged(format!("a stored opinion says '{word}'")))
    };
    Ok(Reading {
        reader: row.get(0)?,
        opened_at: words::time(row.get(1)?),
        opinion: opinion.map(parse).transpose()?,
        note: row.get(3)?,
        committed_at: row.get::<_, Option<i64>>(4)?.map(words::time),
        revealed_at: row.get::<_, Option<i64>>(5)?.map(words::time),
    })
}

fn score(stored: f32) -> Result<Score> {
    Score::try_from(stored).map_err(|_| Error::VaultDamaged(format!("a stored score is {stored}")))
}
