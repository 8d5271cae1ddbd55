-- Frozen once released: a change of the schema is a new file with the next number.

-- Studies of which no instance holds a picture; headers of the first versions say nothing of frames and hold one.
ALTER TABLE worklist ADD COLUMN no_picture INTEGER NOT NULL DEFAULT 0 CHECK (no_picture IN (0, 1));
UPDATE worklist SET no_picture = NOT EXISTS (
    SELECT 1 FROM series
    CROSS JOIN instance ON instance.series = series.id
    WHERE series.study = worklist.study AND ifnull(instance.header ->> '$.image.frames', 1) > 0
);
