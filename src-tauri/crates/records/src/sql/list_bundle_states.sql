SELECT bundle, version, weights_sha256, state, changed_at, changed_by, manifest_sha256 FROM bundle_state ORDER BY id
