SELECT reader, opened_at, opinion, note, committed_at, revealed_at FROM reading WHERE study = ?1 ORDER BY opened_at, reader
