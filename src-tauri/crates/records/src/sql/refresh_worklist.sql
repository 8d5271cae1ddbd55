INSERT INTO worklist (
    study, study_instance_uid, patient_id, patient_name, study_date, modality, instances, running_jobs, analyses,
    refused, flagged, findings, findings_reviewed, signed, any_flagged, score, sort_name, search,
    description, birth_date, sex, imported_at, revision, no_picture, outlined, says_where,
    frames, waiting
)
SELECT
    study.id, study.study_instance_uid, patient.patient_id, patient.patient_name, study.study_date,
    ifnull((
        SELECT group_concat(modality, '/') FROM (
            SELECT DISTINCT modality FROM series WHERE series.study = study.id ORDER BY modality
        )
    ), ''),
    (SELECT count(*) FROM instance JOIN series ON series.id = instance.series WHERE series.study = study.id),
    (SELECT count(*) FROM job WHERE job.study = study.id AND job.state IN ('queued', 'running')),
    facts.analyses, facts.refused, facts.flagged, facts.findings, facts.findings_reviewed,
    EXISTS (SELECT 1 FROM sign_off WHERE sign_off.study = study.id),
    facts.flagged > 0 OR facts.outlined > 0,
    facts.score, ?2, ?3, study.description, patient.birth_date, patient.sex,
    ifnull((
        SELECT max(instance.imported_at) FROM series
        CROSS JOIN instance ON instance.series = series.id
        WHERE series.study = study.id
    ), 0),
    (SELECT ifnull(max(revision), 0) + 1 FROM worklist),
    NOT EXISTS (
        SELECT 1 FROM series
        CROSS JOIN instance ON instance.series = series.id
        WHERE series.study = study.id AND ifnull(instance.header ->> '$.image.frames', 1) > 0
    ),
    facts.outlined, facts.says_where,
    ifnull((
        SELECT sum(ifnull(instance.header ->> '$.image.frames', 1)) FROM series
        CROSS JOIN instance ON instance.series = series.id
        WHERE series.study = study.id
    ), 0),
    facts.waiting
FROM study
JOIN patient ON patient.id = study.patient
JOIN (
    SELECT
        count(*) AS analyses,
        ifnull(sum(newest.input_verdict = 'out_of_range'), 0) AS refused,
        ifnull(sum(newest.input_reason_coded ->> '$.code' GLOB 'gate.ask_*'), 0) AS waiting,
        ifnull(sum(newest.flagged AND newest.says_whether), 0) AS flagged,
        ifnull(sum(newest.flagged AND NOT newest.says_whether), 0) AS outlined,
        ifnull(sum(newest.score IS NOT NULL AND NOT newest.says_whether), 0) AS says_where,
        ifnull(sum((SELECT count(*) FROM finding WHERE finding.analysis = newest.id)), 0) AS findings,
        ifnull(sum((
            SELECT count(*) FROM finding
            WHERE finding.analysis = newest.id
                AND EXISTS (SELECT 1 FROM review WHERE review.finding_id = finding.finding_id)
        )), 0) AS findings_reviewed,
        max(newest.score) AS score
    FROM series
    CROSS JOIN instance ON instance.series = series.id
    CROSS JOIN newest_analysis AS newest ON newest.instance = instance.id
    WHERE series.study = ?1
        -- Refused before a person stated what the file does not say: it waits to be analysed again.
        AND NOT (
            newest.input_verdict = 'out_of_range'
            AND ifnull(newest.input_reason_coded ->> '$.code', '') NOT IN (
                'gate.blank', 'gate.noise', 'gate.not_finite', 'gate.no_such_frame', 'gate.samples'
            )
            AND newest.id <= ifnull(instance.planes ->> '$.stated.after', 0)
        )
) AS facts
WHERE study.id = ?1
ON CONFLICT (study) DO UPDATE SET
    study_instance_uid = excluded.study_instance_uid, patient_id = excluded.patient_id,
    patient_name = excluded.patient_name, study_date = excluded.study_date, modality = excluded.modality,
    instances = excluded.instances, running_jobs = excluded.running_jobs, analyses = excluded.analyses,
    refused = excluded.refused, flagged = excluded.flagged, findings = excluded.findings,
    findings_reviewed = excluded.findings_reviewed, signed = excluded.signed, any_flagged = excluded.any_flagged,
    score = excluded.score, sort_name = excluded.sort_name, search = excluded.search,
    description = excluded.description, birth_date = excluded.birth_date, sex = excluded.sex,
    imported_at = excluded.imported_at, revision = excluded.revision, no_picture = excluded.no_picture,
    outlined = excluded.outlined, says_where = excluded.says_where, frames = excluded.frames,
    waiting = excluded.waiting
