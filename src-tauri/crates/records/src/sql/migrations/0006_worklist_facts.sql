-- Frozen once released: a change of the schema is a new file with the next number.

-- What decides order and state of all studies, without the words of each: the list of a large vault is there after
-- reading this index alone, a fifth of the table.
CREATE INDEX worklist_facts ON worklist (
    study, revision, study_date, modality, instances, running_jobs, analyses, refused, flagged, findings,
    findings_reviewed, signed, score, imported_at, no_picture
);
