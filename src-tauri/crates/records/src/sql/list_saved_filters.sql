SELECT name, query FROM saved_filter WHERE user = ?1 ORDER BY name
