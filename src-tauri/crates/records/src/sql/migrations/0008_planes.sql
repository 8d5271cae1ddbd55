-- Frozen once released: a change of the schema is a new file with the next number.

-- What a file says of its images beyond its header, by frame where frames differ: JSON of domain::ImageFacts. Empty in
-- older rows, and where the header says it all; a plane is then made from the header.
ALTER TABLE instance ADD COLUMN planes TEXT;
