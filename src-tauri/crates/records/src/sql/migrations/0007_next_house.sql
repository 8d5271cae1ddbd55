-- Frozen once released: a change of the schema is a new file with the next number.

-- The code of a failed job's failure, by which the window says it in its language; empty for older rows.
ALTER TABLE job ADD COLUMN failure_code TEXT;

