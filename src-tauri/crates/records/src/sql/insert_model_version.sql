INSERT INTO model_version (bundle, version, weights_sha256, first_used_at) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (bundle, version, weights_sha256) DO NOTHING
