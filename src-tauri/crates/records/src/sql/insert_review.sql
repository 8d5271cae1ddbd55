INSERT INTO review (finding_id, study, decision, label, note, reader, decided_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
