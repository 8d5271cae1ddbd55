UPDATE job SET state = ?2, cuts = ?3, message = NULL, failure_code = NULL, working_on = NULL, updated_at = ?4
WHERE id = ?1
