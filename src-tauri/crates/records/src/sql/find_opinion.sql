SELECT 1 FROM reading WHERE reader = ?1 AND study = ?2 AND opinion IS NOT NULL
