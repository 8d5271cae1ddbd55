INSERT INTO user_account (name, role, created_at, created_by) VALUES (?1, ?2, ?3, ?4)
