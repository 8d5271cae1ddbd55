INSERT INTO site_prevalence (bundle, share, changed_at, changed_by) VALUES (?1, ?2, ?3, ?4)
