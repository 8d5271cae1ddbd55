INSERT INTO bundle_state (bundle, version, weights_sha256, state, changed_at, changed_by, manifest_sha256)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
