INSERT INTO policy (read_first, changed_at, changed_by) VALUES (?1, ?2, ?3)
