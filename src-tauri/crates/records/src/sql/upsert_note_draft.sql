INSERT INTO note_draft (reader, finding_id, study, note, updated_at) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (reader, finding_id) DO UPDATE SET study = excluded.study, note = excluded.note, updated_at = excluded.updated_at
