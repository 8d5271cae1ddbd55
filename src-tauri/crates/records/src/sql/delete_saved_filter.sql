DELETE FROM saved_filter WHERE user = ?1 AND name = ?2
