SELECT id FROM model_version WHERE bundle = ?1 AND version = ?2 AND weights_sha256 = ?3
