-- Frozen once released: a change of the schema is a new file with the next number.

-- How frequent what a bundle looks for is among the images of this site, as a person stated it; NULL where that was taken
-- back. The newest row of a bundle stands.
CREATE TABLE site_prevalence (
    id INTEGER PRIMARY KEY,
    bundle TEXT NOT NULL,
    share REAL CHECK (share > 0 AND share < 1),
    changed_at INTEGER NOT NULL,
    changed_by TEXT NOT NULL
) STRICT;
CREATE INDEX site_prevalence_of_bundle ON site_prevalence (bundle, id);
CREATE TRIGGER site_prevalence_no_update BEFORE UPDATE ON site_prevalence
BEGIN SELECT raise(ABORT, 'append_only: site_prevalence'); END;
CREATE TRIGGER site_prevalence_no_delete BEFORE DELETE ON site_prevalence
BEGIN SELECT raise(ABORT, 'append_only: site_prevalence'); END;

-- At which score and threshold hold; NULL: at that of the images that the model was calibrated on.
ALTER TABLE analysis ADD COLUMN prevalence REAL;
