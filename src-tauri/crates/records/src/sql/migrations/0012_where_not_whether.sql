-- Frozen once released: a change of the schema is a new file with the next number.

-- Whether the model may flag at the operating point that was applied (domain::SPECIFICITY_FLOOR): of the specificity by
-- patient at least .6 is certain. Without such counts it says where and not whether. `flagged` stays what it was: a limit
-- was reached.
DROP VIEW newest_analysis;
CREATE VIEW newest_analysis AS
    SELECT analysis.*, ifnull((analysis.point_by_patient ->> '$.specificity.at_least') >= 0.6, 0) AS says_whether
    FROM analysis
    WHERE NOT EXISTS (
        SELECT 1 FROM analysis AS later
        WHERE later.instance = analysis.instance AND later.frame = analysis.frame AND later.id > analysis.id
    );
DROP VIEW judged_analysis;
CREATE VIEW judged_analysis AS
    SELECT analysis.*, ifnull((analysis.point_by_patient ->> '$.specificity.at_least') >= 0.6, 0) AS says_whether,
        series.study AS study
    FROM analysis
    JOIN instance ON instance.id = analysis.instance
    JOIN series ON series.id = instance.series
    WHERE NOT EXISTS (
        SELECT 1 FROM analysis AS later
        WHERE later.instance = analysis.instance AND later.frame = analysis.frame
            AND later.model_version = analysis.model_version AND later.id > analysis.id
    );

-- Frames outlined and not flagged, and frames with a score by a model that says where and not whether.
ALTER TABLE worklist ADD COLUMN outlined INTEGER NOT NULL DEFAULT 0;
ALTER TABLE worklist ADD COLUMN says_where INTEGER NOT NULL DEFAULT 0;
UPDATE worklist SET flagged = facts.flagged, outlined = facts.outlined, says_where = facts.says_where
FROM (
    SELECT series.study AS study,
        sum(newest.flagged AND newest.says_whether) AS flagged,
        sum(newest.flagged AND NOT newest.says_whether) AS outlined,
        sum(newest.score IS NOT NULL AND NOT newest.says_whether) AS says_where
    FROM newest_analysis AS newest
    JOIN instance ON instance.id = newest.instance
    JOIN series ON series.id = instance.series
    GROUP BY series.study
) AS facts
WHERE facts.study = worklist.study;

DROP INDEX worklist_facts;
CREATE INDEX worklist_facts ON worklist (
    study, revision, study_date, modality, instances, running_jobs, analyses, refused, flagged, findings,
    findings_reviewed, signed, score, imported_at, no_picture, outlined, says_where
);
