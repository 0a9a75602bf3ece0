-- Version 3. How often the places and value tables of the profile were used, as JSON: counts, which later runs are compared with.
ALTER TABLE run ADD COLUMN usage TEXT;
