SELECT count(*) FROM worklist
WHERE NOT worklist.signed AND NOT worklist.no_picture
    AND NOT EXISTS (
        SELECT 1 FROM reading
        WHERE reading.study = worklist.study AND reading.reader = ?1 AND reading.opinion IS NOT NULL
    )
