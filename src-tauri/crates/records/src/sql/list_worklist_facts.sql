SELECT study, revision, study_date, modality, instances, running_jobs, analyses, refused, flagged, findings,
    findings_reviewed, signed, score, imported_at, no_picture, outlined, says_where, frames, waiting
FROM worklist INDEXED BY worklist_facts
ORDER BY study
