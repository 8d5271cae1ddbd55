-- Frozen once released: a change of the schema is a new file with the next number.

-- What the threshold did, counted in patients who did not choose it, as JSON; NULL where it was not counted so.
ALTER TABLE analysis ADD COLUMN point_by_patient TEXT;
-- The heads that spoke, each with its score and limit, as JSON; NULL in older rows.
ALTER TABLE analysis ADD COLUMN flags TEXT;
