UPDATE reading SET opinion = ?3, note = ?4, committed_at = ?5, revealed_at = ?5 WHERE reader = ?1 AND study = ?2
