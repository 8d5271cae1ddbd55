SELECT read_first, changed_at, changed_by FROM policy ORDER BY id DESC LIMIT 1
