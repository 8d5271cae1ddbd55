INSERT INTO saved_filter (user, name, query, saved_at) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (user, name) DO UPDATE SET query = excluded.query, saved_at = excluded.saved_at
