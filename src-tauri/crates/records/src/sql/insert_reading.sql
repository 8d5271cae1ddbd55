INSERT INTO reading (reader, study, opened_at) VALUES (?1, ?2, ?3) ON CONFLICT (reader, study) DO NOTHING
