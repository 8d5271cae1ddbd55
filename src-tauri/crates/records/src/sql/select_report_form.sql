SELECT indication, technique, findings, conclusion, recommendation, key_images, updated_at, updated_by
FROM report_form
WHERE study = ?1
