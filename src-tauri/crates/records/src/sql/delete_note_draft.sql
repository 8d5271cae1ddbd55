DELETE FROM note_draft WHERE reader = ?1 AND finding_id = ?2
