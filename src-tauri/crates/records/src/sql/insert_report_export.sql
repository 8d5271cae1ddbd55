INSERT INTO report_export (study, format, sha256, exported_at, exported_by) VALUES (?1, ?2, ?3, ?4, ?5)
