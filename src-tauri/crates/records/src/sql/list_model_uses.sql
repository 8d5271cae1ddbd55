SELECT model_version.bundle, model_version.version, model_version.weights_sha256, model_version.first_used_at,
    (SELECT count(*) FROM analysis WHERE analysis.model_version = model_version.id)
FROM model_version
ORDER BY model_version.bundle, model_version.first_used_at, model_version.id
