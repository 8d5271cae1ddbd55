UPDATE job SET working_on = ?2, updated_at = ?3
WHERE id = ?1
