SELECT reader, signed_at, content_sha256 FROM sign_off WHERE study = ?1
