INSERT INTO bundle_state (bundle, version, weights_sha256, state, changed_at, changed_by)
VALUES (?1, ?2, ?3, ?4, ?5, ?6)
