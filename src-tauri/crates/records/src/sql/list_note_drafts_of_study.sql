SELECT note_draft.finding_id, note_draft.note FROM note_draft
JOIN study ON study.id = note_draft.study
WHERE note_draft.reader = ?1 AND study.study_instance_uid = ?2
