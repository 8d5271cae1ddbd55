SELECT seq, at, user, role, event, op, action, outcome, subject, detail, previous, hash
FROM audit
WHERE seq < ?1
ORDER BY seq DESC
