INSERT INTO report_form (
    study, indication, technique, findings, conclusion, recommendation, key_images, updated_at, updated_by
) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
ON CONFLICT (study) DO UPDATE SET
    indication = excluded.indication, technique = excluded.technique, findings = excluded.findings,
    conclusion = excluded.conclusion, recommendation = excluded.recommendation, key_images = excluded.key_images,
    updated_at = excluded.updated_at, updated_by = excluded.updated_by
