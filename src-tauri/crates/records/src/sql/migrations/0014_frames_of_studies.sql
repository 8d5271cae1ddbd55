-- Frozen once released: a change of the schema is a new file with the next number.

-- Frames of a study that hold an image, so that a study of which only some were analysed says so; headers of the first
-- versions say nothing of frames and hold one. And frames that wait for a fact which nobody has stated: beside one that
-- was scored they are not analysed.
ALTER TABLE worklist ADD COLUMN frames INTEGER NOT NULL DEFAULT 0;
ALTER TABLE worklist ADD COLUMN waiting INTEGER NOT NULL DEFAULT 0;
UPDATE worklist SET frames = held.frames
FROM (
    SELECT series.study AS study, sum(ifnull(instance.header ->> '$.image.frames', 1)) AS frames
    FROM instance
    JOIN series ON series.id = instance.series
    GROUP BY series.study
) AS held
WHERE held.study = worklist.study;
UPDATE worklist SET waiting = facts.waiting
FROM (
    SELECT series.study AS study, ifnull(sum(newest.input_reason_coded ->> '$.code' GLOB 'gate.ask_*'), 0) AS waiting
    FROM newest_analysis AS newest
    JOIN instance ON instance.id = newest.instance
    JOIN series ON series.id = instance.series
    GROUP BY series.study
) AS facts
WHERE facts.study = worklist.study;

DROP INDEX worklist_facts;
CREATE INDEX worklist_facts ON worklist (
    study, revision, study_date, modality, instances, running_jobs, analyses, refused, flagged, findings,
    findings_reviewed, signed, score, imported_at, no_picture, outlined, says_where, frames,
    waiting
);
