INSERT INTO sign_off (study, reader, signed_at, content_sha256) VALUES (?1, ?2, ?3, ?4)
