SELECT study FROM reading WHERE reader = ?1 AND opinion IS NOT NULL ORDER BY study
