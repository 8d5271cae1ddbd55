SELECT bundle, version, weights_sha256, state, changed_at, changed_by FROM bundle_state ORDER BY id
