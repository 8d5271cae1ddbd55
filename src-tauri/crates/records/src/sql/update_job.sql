UPDATE job SET state = ?2, phase = ?3, done = ?4, total = ?5, message = ?6, updated_at = ?7,
    failure_code = ?8
WHERE id = ?1
