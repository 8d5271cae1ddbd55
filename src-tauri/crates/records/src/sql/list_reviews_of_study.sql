SELECT finding_id, decision, label, note, reader, decided_at FROM review WHERE study = ?1 ORDER BY id
