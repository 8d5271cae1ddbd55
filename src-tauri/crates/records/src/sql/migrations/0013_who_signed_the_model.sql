-- Frozen once released: a change of the schema is a new file with the next number.

-- Who signed the bundle that answered; NULL where it was not kept.
ALTER TABLE analysis ADD COLUMN model_signer TEXT CHECK (model_signer IN ('nobody', 'development', 'release'));
CREATE INDEX analysis_by_nobody ON analysis (instance, frame) WHERE model_signer = 'nobody';
