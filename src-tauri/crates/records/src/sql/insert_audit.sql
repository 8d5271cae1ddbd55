INSERT INTO audit (seq, at, user, role, event, op, action, outcome, subject, detail, previous, hash)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
