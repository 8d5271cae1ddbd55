-- Frozen once released: a change of the schema is a new file with the next number.

-- Why the input gate refused, without a language: JSON, {"code": …, "values": {…}}. input_reason keeps the English words;
-- analyses of earlier versions have those alone.
ALTER TABLE analysis ADD COLUMN input_reason_coded TEXT;
