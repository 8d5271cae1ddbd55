UPDATE job SET state = 'queued', cuts = cuts + 1, updated_at = ?2
WHERE id = ?1
RETURNING cuts
