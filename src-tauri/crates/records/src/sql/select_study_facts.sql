SELECT worklist.running_jobs, worklist.analyses, worklist.refused, worklist.flagged, worklist.findings,
    worklist.findings_reviewed, worklist.signed, worklist.no_picture, worklist.outlined, worklist.says_where,
    worklist.frames, worklist.waiting, study.id
FROM study
JOIN worklist ON worklist.study = study.id
WHERE study.study_instance_uid = ?1
