INSERT INTO job (kind, study, parameters, state, done, total, created_by, created_at, updated_at)
VALUES (?1, ?2, ?3, 'queued', 0, ?4, ?5, ?6, ?6)
